"""Find which names of the call are surely set at each block: forward data flow over the graph, one bit for each name.

The questions that were surely asked are found with them.

A condition is a proof: after `if defined(x)` the name is set. What is read counts as set from there on, so a name that some
path has not set is found where a call reads it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import TypeAlias, assert_never

from ncco_lang.blocks.edges import edges, step_of
from ncco_lang.blocks.reads import path_of
from ncco_lang.bundle import (
    Action,
    Again,
    Arm,
    Arms,
    Ask,
    BlockId,
    Branch,
    Call,
    Dial,
    End,
    Enter,
    Expression,
    Fetch,
    Goto,
    Graph,
    IfArms,
    Jump,
    Leave,
    Outcome,
    Question,
    QuestionId,
    Say,
    SlotId,
    StepId,
    Valued,
)
from ncco_lang.program.bindings import Scopes
from ncco_lang.syntax import ast

Bits: TypeAlias = int
_Texts: TypeAlias = Mapping[str, Mapping[str, Expression]]
_Node: TypeAlias = "tuple[BlockId, bool]"
"""The start of a block, or its exit."""


class SetNames:
    """Which names are set, and which questions were asked, as bits.

    Attributes:
        names: the names of the call and its arguments, and all questions; the names of a step are always set.
        given: those that are set when a call begins.
        trusts_reads: whether what is read counts as set from there on.
    """

    def __init__(
        self,
        graph: Graph,
        given: Iterable[SlotId] = (),
        texts: _Texts | None = None,
        *,
        trusts_reads: bool = True,
    ) -> None:
        self.graph, self._texts, self.trusts_reads = graph, texts or {}, trusts_reads
        slots = [slot for slot, name in enumerate(graph.names) if name.scope != "frame"]
        self.names = _all(1 << slot for slot in slots) | _all(map(self.asked, range(len(graph.questions))))
        self.given = _all(1 << slot for slot in given)
        self._collections: dict[tuple[int, bool], Bits] = {}
        self._reads = [[self.read(_values(action)) for action in block.actions] for block in graph.blocks]
        self._found: dict[_Node, Bits] | None = None
        self._returns: dict[StepId, tuple[Bits, Bits] | None] = {}

    # ── What is asked of it ───────────────────────────────────────────────────────────────────────────

    def at(self, at: BlockId, *, is_exit: bool = False) -> Bits:
        """Return the names that every path to a block has set; all of them for one that no call reaches."""
        if self._found is None:
            self._find_returns()
            entries = [self.graph.entry]
            if self.graph.fallback is not None:
                entries.append(self.graph.steps[self.graph.fallback].entry)
            self._found = self._solve({(entry, False): self.given for entry in entries}, is_whole=True)
        return self._found.get((at, is_exit), self.names)

    def before(self, at: BlockId, index: int) -> Bits:
        """Return the names that every path to an action of a block has set; -1 is the exit."""
        return self.at(at, is_exit=True) if index < 0 else self._through(at, self.at(at), index)

    def asked(self, question: QuestionId) -> Bits:
        """Return the bit that is set when a question was asked."""
        return 1 << len(self.graph.names) + question

    def unset_reads(self, at: BlockId) -> Iterator[tuple[int, SlotId]]:
        """Yield each action of a block by its index, and -1 for the exit, that reads a name which some path has not set."""
        known = self.at(at)
        for index, action in enumerate(self.graph.blocks[at].actions):
            reads = self._reads[at][index]
            yield from ((index, slot) for slot in _slots(reads & ~known))
            known = self._acted(known | reads, action)
        yield from ((-1, slot) for slot in _slots(self._exit_reads(at) & ~self.at(at, is_exit=True)))

    def exit_of(self, at: BlockId, known: Bits) -> Bits:
        """Return the names that are set at the exit of a block, from those at its start."""
        return self._through(at, known, len(self._reads[at]))

    def _through(self, at: BlockId, known: Bits, count: int) -> Bits:
        """Return the names that are set after some of the first actions of a block."""
        for action, reads in zip(self.graph.blocks[at].actions[:count], self._reads[at], strict=False):
            known = self._acted(known | reads, action)
        return known

    def after(self, at: BlockId, known: Bits) -> list[Bits]:
        """Return the names that are set after the exit of a block, for each of its `edges`."""
        exit, questions = self.graph.blocks[at].exit, self.graph.questions
        known |= 0 if isinstance(exit, (Branch, Again)) else self._exit_reads(at)
        match exit:
            case Goto() | Jump() | Call():
                return [known]
            case Branch(cases):
                return list(self._branched(known, [condition for condition, _ in cases]))
            case Enter(question):
                return [known & ~_bit(questions[question].name) | self.asked(question)]
            case Again():
                return self._asked_again(exit, known)
            case Ask(question) | Dial(question):
                asked = questions[question]
                heard = known | _bit(asked.name)
                found = list(self._armed(asked.arms, known, heard if _has_silence(asked) else known))
                return found if isinstance(exit, Ask) and exit.listen.form == "menu" else [*found, heard]
            case Fetch():
                return [*(known for arm in exit.arms for _ in arm.patterns), known | _bit(exit.into)]
            case Leave() | End():
                return []
            case _:
                assert_never(exit)

    def _exit_reads(self, at: BlockId) -> Bits:
        """Return the names that an exit reads without a proof."""
        exit = self.graph.blocks[at].exit
        match exit:
            case Branch(cases):
                known = reads = 0
                for condition, _ in cases:
                    reads |= self.read([condition]) & ~known
                    known |= self.proven(condition, truth=False)
                return reads
            case Jump() | Call():
                return self.read(exit.arguments)
            case Again(question):
                retries = [self.graph.questions[question].retries] if exit.counts else []
                return self.read([*retries, *exit.texts, exit.after])
            case Ask(question):
                options = [value for _, value in exit.listen.options]
                return self.read([exit.listen.of, *options]) | self._read_by(self.graph.questions[question].arms)
            case Dial(question):
                fields = [value for say in exit.endpoints for _, value in say.fields]
                arguments = () if exit.on_answer is None else exit.on_answer[1]
                return self.read([*fields, *arguments]) | self._read_by(self.graph.questions[question].arms)
            case Fetch():
                return self.read([exit.url, exit.headers, exit.json, exit.timeout])
            case _:
                return 0

    # ── The flow ──────────────────────────────────────────────────────────────────────────────────────

    def _solve(self, begun: Mapping[_Node, Bits], *, is_whole: bool) -> dict[_Node, Bits]:
        """Return the names at each node that is reached.

        Args:
            begun: where it begins.
            is_whole: follow jumps, and calls into their steps; else only what comes back to the same step.
        """
        found: dict[_Node, Bits] = {}
        waiting = list(begun.items())
        while waiting:
            node, known = waiting.pop()
            met = found.get(node, self.names) & known
            if node in found and met == found[node]:
                continue
            found[node] = met
            waiting += self._following(node, met, is_whole=is_whole)
        return found

    def _following(self, node: _Node, known: Bits, *, is_whole: bool) -> Iterator[tuple[_Node, Bits]]:
        at, is_exit = node
        if not is_exit:
            yield (at, True), self.exit_of(at, known)
            return
        graph, exit = self.graph, self.graph.blocks[at].exit
        after = self.after(at, known)
        match exit:
            case Call(step, _, back):
                if is_whole:
                    yield (graph.steps[step].entry, False), after[0]
                returned = self._returns.get(step)
                if returned is not None:
                    yield (back, False), returned[0] | (after[0] & returned[1])
            case Again(question) if graph.questions[question].marked and not is_whole:
                yield from zip(list(_targets(graph, at))[1:], after[1:], strict=True)
            case Jump() if not is_whole:
                pass
            case _:
                yield from zip(_targets(graph, at), after, strict=True)

    def _find_returns(self) -> None:
        """Find for each step that `do` runs what is set when it comes back: surely, and if it was set before; None if it
        does not come back.
        """
        graph = self.graph
        numbers = {step.name: number for number, step in enumerate(graph.steps)}
        callers: dict[StepId, set[StepId]] = {}
        for block in graph.blocks:
            if isinstance(block.exit, Call):
                caller = numbers.get(step_of(block))
                callers.setdefault(block.exit.step, set()).update(() if caller is None else (caller,))
        waiting = sorted(callers)
        while waiting:
            step = waiting.pop()
            entry = (graph.steps[step].entry, False)
            ends = [self._left(self._solve({entry: begun}, is_whole=False)) for begun in (0, self.names)]
            returned = None if ends[0] is None or ends[1] is None else (ends[0], ends[1])
            if returned != self._returns.get(step):
                self._returns[step] = returned
                waiting += callers[step] & callers.keys()

    def _left(self, found: Mapping[_Node, Bits]) -> Bits | None:
        """Return the names that are set at every end of a step; None if it has no end."""
        ends = [
            known for (at, is_exit), known in found.items() if is_exit and isinstance(self.graph.blocks[at].exit, Leave)
        ]
        return reduce(and_, ends) if ends else None

    def _acted(self, known: Bits, action: Action) -> Bits:
        if isinstance(action, Say):
            return known
        return known & ~_bit(action.slot) if action.value == ["undefined"] else known | _bit(action.slot)

    def _branched(self, known: Bits, conditions: Sequence[Expression]) -> Iterator[Bits]:
        for condition in conditions:
            known |= self.read([condition])
            yield known | self.proven(condition, truth=True)
            known |= self.proven(condition, truth=False)
        yield known

    def _asked_again(self, exit: Again, known: Bits) -> list[Bits]:
        question = self.graph.questions[exit.question]
        known |= self.read([question.retries]) if exit.counts else 0
        read = known | self.read([*exit.texts, exit.after])
        asked = read & ~_bit(question.name) | self.asked(exit.question)
        return [asked, known] if exit.counts and question.give_up is not None else [asked]

    def _armed(self, arms: Sequence[Arms], known: Bits, heard: Bits) -> Iterator[Bits]:
        """Yield what is set in each arm, for each of its patterns; `heard` is for `otherwise`."""
        for each in arms:
            if isinstance(each, Arm):
                yield from (heard if pattern == Outcome("otherwise") else known for pattern in each.patterns)
            else:
                proof = self.proven(each.condition, truth=True) if isinstance(each, IfArms) else 0
                yield from self._armed(each.arms, known | proof, heard | proof)

    def _read_by(self, arms: Sequence[Arms]) -> Bits:
        reads = 0
        for each in arms:
            if isinstance(each, Arm):
                reads |= self.read(pattern.value for pattern in each.patterns if isinstance(pattern, Valued))
            elif isinstance(each, IfArms):
                inside = self._read_by(each.arms) & ~self.proven(each.condition, truth=True)
                reads |= self.read([each.condition]) | inside
            else:
                reads |= self.read([each.values]) | self._read_by(each.arms)
        return reads

    # ── Expressions ───────────────────────────────────────────────────────────────────────────────────

    def read(self, expressions: Iterable[Expression], *, are_members: bool = False) -> Bits:
        """Return the names that expressions read without a proof in them; `are_members` for those of an object.

        `defined`, the first value of `default` and a member of an object may read a name that is not set.
        """
        if not self.trusts_reads:
            return 0
        reads, said = 0, set[str]()
        waiting: list[tuple[Expression, Bits, bool]] = [(each, 0, are_members) for each in expressions]
        while waiting:
            expression, known, is_member = waiting.pop()
            if not isinstance(expression, list):
                continue
            match expression:
                case ["slot", int(slot)]:
                    reads |= 0 if is_member else _bit(slot) & ~known
                case ["member", _, str()] if is_member and path_of(expression) is not None:
                    pass
                case ["defined", _]:
                    pass
                case ["default", _, other]:
                    waiting.append((other, known, is_member))
                case ["and" | "or" as word, *operands]:
                    for operand in operands:
                        waiting.append((operand, known, False))
                        known |= self.proven(operand, truth=word == "and")
                case ["object" | "list", *_]:
                    reads |= self._read_collection(expression, is_member=is_member) & ~known
                case ["declared", str(text)] if text not in said:
                    said.add(text)
                    waiting += ((each, known, False) for each in self._texts.get(text, {}).values())
                case _:
                    waiting += ((each, known, False) for each in expression[1:])
        return reads & self.names

    def _read_collection(self, expression: list[Expression], *, is_member: bool) -> Bits:
        """Return the names that a list or an object reads; expressions share those of `let`, so each is read once."""
        key = (id(expression), is_member)
        if key not in self._collections:
            is_object = expression[0] == "object"
            keys, values = (expression[1::2], expression[2::2]) if is_object else ([], expression[1:])
            self._collections[key] = self.read(keys) | self.read(values, are_members=is_object or is_member)
        return self._collections[key]

    def proven(self, condition: Expression, *, truth: bool) -> Bits:
        """Return the names that are set if a condition holds, or if it does not."""
        match condition:
            case ["defined", list(inner)] if truth and (path := path_of(inner)) is not None:
                return _bit(path.slot)
            case ["not", inner]:
                return self.proven(inner, truth=not truth)
            case ["and" | "or" as word, *operands] if operands:
                found = [self.proven(each, truth=truth) for each in operands]
                return reduce(or_ if truth == (word == "and") else and_, found)
            case _:
                return 0


def given_names(scopes: Scopes) -> Iterator[SlotId]:
    """Yield the names that are set when a call begins: args with a value, and what other files may set."""
    for slot, binding in enumerate(scopes.slots):
        is_own = binding.kind in ("variable", "result", "question") and binding.words
        is_bare = isinstance(binding.node, ast.Arg) and binding.node.value is None
        if not is_own and not is_bare:
            yield slot


def _targets(graph: Graph, at: BlockId) -> Iterator[_Node]:
    """Yield where each edge of an exit leads; a retry in place of a question leads to the exit that asks."""
    exit = graph.blocks[at].exit
    instead = isinstance(exit, Again) and exit.instead
    for number, edge in enumerate(edges(exit, graph.questions, graph.steps)):
        yield edge.to, instead and number == 0


def _has_silence(question: Question) -> bool:
    """Return whether silence has its own arm, so that `otherwise` follows an answer."""
    return any(isinstance(arm, Arm) and Outcome("silence") in arm.patterns for arm in question.arms)


def _values(action: Action) -> Iterator[Expression]:
    if isinstance(action, Say):
        yield from (value for _, value in action.fields)
    else:
        yield action.value


def _bit(slot: SlotId | None) -> Bits:
    return 0 if slot is None else 1 << slot


def _slots(bits: Bits) -> Iterator[SlotId]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _all(bits: Iterable[Bits]) -> Bits:
    return reduce(or_, bits, 0)
