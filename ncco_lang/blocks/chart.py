"""A graph of blocks → a chart for people: what each step says and asks, and where each answer leads.

A block that does nothing but lead on is an edge, and the prompts of a question are part of the node that asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from ncco_lang.blocks.expression_words import expression_words
from ncco_lang.bundle import (
    Action,
    Again,
    Arm,
    Arms,
    Ask,
    Block,
    BlockId,
    Branch,
    Call,
    Dial,
    EachArms,
    End,
    Enter,
    Exit,
    Fetch,
    Goto,
    Graph,
    IfArms,
    Jump,
    Key,
    Leave,
    Outcome,
    Pattern,
    Phrase,
    Question,
    Say,
    Set,
    Status,
    Valued,
)
from ncco_lang.program.model import BoundEach, BoundSet
from ncco_lang.program.walk import bound_statements, conditions_of, walk
from ncco_lang.source import Span
from ncco_lang.syntax import ast

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places
    from ncco_lang.diagnostics import Diagnostic, Severity
    from ncco_lang.program.model import Program

Shape: TypeAlias = Literal["actions", "menu", "connect", "branch", "lookup"]
NodeId: TypeAlias = "BlockId | None"
"""The block of a node; None for the end of the call."""

_LONGEST_SPEECH, _LONGEST_OTHER = 200, 80
"""Characters of one line of a node."""


@dataclass(frozen=True, slots=True)
class Node:
    """One or more blocks in which the call goes from top to bottom.

    Attributes:
        lines: what happens in it.
        marks: the codes of the findings about it.
        worst: the severity of the worst of them.
    """

    block: BlockId
    name: str
    shape: Shape
    lines: tuple[str, ...]
    marks: tuple[str, ...] = ()
    worst: Severity | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A step with its nodes; `marks` and `worst` are about the step as a whole."""

    name: str
    nodes: tuple[Node, ...]
    marks: tuple[str, ...] = ()
    worst: Severity | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a node leads: what has to happen for it, and whether the question is asked again."""

    start: BlockId
    end: NodeId
    is_again: bool
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A flow as a chart. `entry` and `fallback` are the nodes in which a call begins, and ends up when all else fails."""

    title: str
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    entry: BlockId
    fallback: BlockId | None


def chart_of(program: Program, graph: Graph, places: Places, found: Sequence[Diagnostic]) -> Chart:
    """Return the chart of a flow.

    Args:
        program: the bound program, with values from the environment masked.
        graph: its blocks.
        places: the place of each action and exit in the flow.
        found: the findings to mark; those about nothing in the chart are left out.
    """
    return _Charting(program, graph, places, found).chart()


class _Charting:
    def __init__(self, program: Program, graph: Graph, places: Places, found: Sequence[Diagnostic]) -> None:
        self.program, self.graph, self.places = program, graph, places
        self.written = {bound.node.span: bound.node for bound in bound_statements(program.statements)}
        self.sets = {each.node.span for each in walk(program.statements) if isinstance(each, BoundSet)}
        self.loops = {
            each.node.span: self._source(Span(each.node.span.start, each.node.block.span.start)).strip()
            for each in walk(program.statements)
            if isinstance(each, BoundEach)
        }
        self.conditions = conditions_of(program.statements)
        self.asking = {
            block.exit.question: at for at, block in enumerate(graph.blocks) if isinstance(block.exit, (Ask, Dial))
        }
        """The node of each question."""
        self.holders = {
            question.start: question.listen
            for question in graph.questions
            if graph.blocks[question.start].exit == Goto(question.listen)
        }
        """Blocks of prompts that are part of the node of their question."""
        self.roots = {graph.entry, *(step.entry for step in graph.steps)}
        self.shown = [at for at in range(len(graph.blocks)) if at not in self.holders and not self._is_thin(at)]
        self.steps = {
            each.node.name.text: each.node.span for each in program.statements if isinstance(each.node, ast.Step)
        }
        self.marks = self._marks(found)

    def chart(self) -> Chart:
        graph = self.graph
        nodes: dict[str, list[Node]] = {_step_of(graph.blocks[graph.entry]): []}
        for at in self.shown:
            nodes.setdefault(_step_of(graph.blocks[at]), []).append(self._node(at))
        edges: dict[tuple[BlockId, NodeId, bool], list[str]] = {}
        for at in self.shown:
            for label, (end, is_again, more) in self._leads(at):
                labels = edges.setdefault((at, end, is_again), [])
                said = ": ".join(filter(None, (label, more)))
                if said and said not in labels:
                    labels.append(said)
        flow = next((each for each in self.program.file.declarations if isinstance(each, ast.Flow)), None)
        return Chart(
            "" if flow is None else _shortened(flow.title.value, _LONGEST_SPEECH),
            tuple(Group(name, tuple(inside), *_worst(self.marks.get(name, ()))) for name, inside in nodes.items()),
            tuple(Edge(*key, tuple(labels)) for key, labels in edges.items()),
            self._entered(graph.entry),
            None if graph.fallback is None else self._entered(graph.steps[graph.fallback].entry),
        )

    # ── Nodes ─────────────────────────────────────────────────────────────────────────────────────────

    def _is_thin(self, at: BlockId) -> bool:
        """Return whether a block is drawn as an edge. The first block of a step is not, unless it only enters a question."""
        block = self.graph.blocks[at]
        is_seen = any(not self._is_counter(action, self.places[at, n]) for n, action in enumerate(block.actions))
        decides = isinstance(block.exit, Branch) and block.exit.cases
        if is_seen or decides or isinstance(block.exit, (Ask, Dial, Call, Fetch)):
            return False
        return isinstance(block.exit, Enter) or at not in self.roots

    def _is_counter(self, action: Action, span: Span) -> bool:
        """Return whether an action only counts the items of an `each`."""
        return isinstance(action, Set) and span in self.loops

    def _node(self, at: BlockId) -> Node:
        block = self.graph.blocks[at]
        blocks = [at]
        if isinstance(block.exit, (Ask, Dial)) and self.graph.questions[block.exit.question].start in self.holders:
            blocks.insert(0, self.graph.questions[block.exit.question].start)
        lines = [
            self._action(action, self.places[each, index])
            for each in blocks
            for index, action in enumerate(self.graph.blocks[each].actions)
            if not self._is_counter(action, self.places[each, index])
        ]
        shape: Shape = "actions"
        match block.exit:
            case Dial(_, endpoints):
                shape = "connect"
                lines += [self._statement(endpoint, self.places[at, -1]) for endpoint in endpoints]
            case Ask():
                shape = "menu"
                lines = lines or ["menu"]
            case Fetch():
                shape = "lookup"
                lines.append(self._written(self.places[at, -1]))
            case Branch(cases) if cases:
                shape = "branch" if not block.actions else "actions"
                conditions = self._conditions(at)
                lines += conditions if len(conditions) == 1 else () if lines else ["if"]
            case Call():
                lines.append(self._written(self.places[at, -1]))
            case Jump(step) if not lines:
                lines = [f"goto {self.graph.steps[step].name}"]
            case End() if not lines:
                lines = ["hangup"]
        return Node(at, block.name, shape, tuple(lines or ["nothing"]), *_worst(self.marks.get(at, ())))

    def _action(self, action: Action, span: Span) -> str:
        if isinstance(action, Set) and span in self.sets:
            return _shortened(self._source(span), _LONGEST_OTHER)
        if isinstance(action, Set):
            return f"set {self.graph.names[action.slot].text} = {expression_words(self.graph, action.value)}"
        if action.verb == "talk":
            text = expression_words(self.graph, dict(action.fields).get("text"), quoted=False)
            if text != "…":
                return f"“{_shortened(text, _LONGEST_SPEECH)}”"
        return self._statement(action, span)

    def _statement(self, action: Say, span: Span) -> str:
        """Return an action as its author wrote it, without its block."""
        if action.verb == "raw":
            return _shortened(self._source(span), _LONGEST_OTHER)
        return self._written(span)

    def _written(self, span: Span) -> str:
        node = self.written.get(span)
        end = span.end if node is None or node.block is None else node.block.span.start
        return _shortened(self._source(Span(span.start, end)), _LONGEST_OTHER)

    def _source(self, span: Span) -> str:
        return self.program.source.text[span.start : span.end]

    # ── Edges ─────────────────────────────────────────────────────────────────────────────────────────

    def _entered(self, at: BlockId) -> BlockId:
        """Return the node in which a step begins."""
        end, _, _ = self._block(at)
        return at if end is None else end

    def _block(self, at: BlockId) -> tuple[NodeId, bool, str]:
        """Return the node that a block is part of or leads to, whether that asks again, and what is said on the way."""
        at = self.holders.get(at, at)
        while self._is_thin(at):
            exit = self.graph.blocks[at].exit
            if not isinstance(exit, (Goto, Enter)):
                return self._exit(exit)
            at = exit.to if isinstance(exit, Goto) else self.graph.questions[exit.question].start
            at = self.holders.get(at, at)
        return at, False, ""

    def _exit(self, exit: Exit) -> tuple[NodeId, bool, str]:
        """Return what `_block` returns, for an exit that leads to one place."""
        match exit:
            case Goto(to) | Branch((), to):
                return self._block(to)
            case Enter(question):
                return self._block(self.graph.questions[question].start)
            case Jump(step, arguments):
                begun = self.graph.steps[step]
                names = [self.graph.names[slot].text for slot in begun.parameters]
                given = [
                    f"{name} = {expression_words(self.graph, value)}"
                    for name, value in zip(names, arguments, strict=False)
                ]
                return self._entered(begun.entry), False, ", ".join(given)
            case Again(question):
                said = [expression_words(self.graph, text) for text in exit.texts]
                instead = " instead of the question" if exit.instead else ""
                pause = [f"after {expression_words(self.graph, exit.after)}"] if exit.after is not None else []
                return self.asking[question], True, ", ".join([*(text + instead for text in said), *pause])
            case Leave() | End() | Branch() | Call() | Ask() | Dial() | Fetch():
                return None, False, ""
            case _:
                assert_never(exit)

    def _conditions(self, at: BlockId) -> list[str]:
        """Return the conditions of a branch as their author wrote them; for `each`, its beginning."""
        place = self.places[at, -1]
        if place in self.loops:
            return [_shortened(self.loops[place], _LONGEST_OTHER)]
        spans = self.conditions.get(place, ())
        return [_shortened(self._source(span), _LONGEST_OTHER) for span in spans]

    def _leads(self, at: BlockId) -> Iterator[tuple[str, tuple[NodeId, bool, str]]]:
        """Yield where a block leads, each with its label."""
        exit = self.graph.blocks[at].exit
        match exit:
            case Branch((), other):
                yield "", self._block(other)
            case Branch(cases, other):
                conditions = self._conditions(at)
                is_loop = self.places[at, -1] in self.loops
                labels = (
                    conditions if len(conditions) == len(cases) > 1 else ["next" if is_loop else "yes"] * len(cases)
                )
                for label, (_, to) in zip(labels, cases, strict=True):
                    yield label, self._block(to)
                yield "done" if is_loop else "no" if len(cases) == 1 else "else", self._block(other)
            case Ask() | Dial():
                question = self.graph.questions[exit.question]
                yield from self._arms(question.arms)
                if isinstance(exit, Dial) or exit.listen.form != "menu":
                    yield "answered", self._block(exit.good)
                if question.give_up is not None:
                    yield self._give_up(question), self._block(question.give_up)
            case Fetch(arms=arms, good=good):
                yield from self._arms(arms)
                yield "found", self._block(good)
            case Call(step, _, back):
                yield "do", (self._entered(self.graph.steps[step].entry), False, "")
                yield "then", self._block(back)
            case _:
                yield "", self._exit(exit)

    def _arms(self, arms: Sequence[Arms], condition: str = "") -> Iterator[tuple[str, tuple[NodeId, bool, str]]]:
        for each in arms:
            match each:
                case Arm():
                    yield ", ".join(map(self._pattern, each.patterns)) + condition, self._block(each.target)
                case IfArms():
                    yield from self._arms(each.arms, f"{condition}, if")
                case EachArms():
                    yield from self._arms(each.arms, f"{condition}, each {self.graph.names[each.slot].text}")
                case _:
                    assert_never(each)

    def _pattern(self, pattern: Pattern) -> str:
        match pattern:
            case Key(keys):
                return keys
            case Phrase(text):
                return f"“{text}”"
            case Valued(value):
                return expression_words(self.graph, value)
            case Outcome(name):
                return name.replace("_", " ")
            case Status(code):
                return code
            case _:
                assert_never(pattern)

    def _give_up(self, question: Question) -> str:
        """Return the label of `give_up`, with the number of retries before it."""
        times = question.retries
        is_known = isinstance(times, int) and not isinstance(times, bool)
        return f"give up after {times} {'retry' if times == 1 else 'retries'}" if is_known else "give up"

    # ── Findings ──────────────────────────────────────────────────────────────────────────────────────

    def _marks(self, found: Sequence[Diagnostic]) -> Mapping[BlockId | str, list[Diagnostic]]:
        """Return the findings about each node, and about each step: those of the smallest part that contains them."""
        parts: list[tuple[Span, BlockId | str]] = [(span, name) for name, span in self.steps.items()]
        for (at, _), span in self.places.items():
            end = self._block(at)[0]
            if end is not None:
                parts.append((span, end))
        parts.sort(key=lambda part: (part[0].start, -part[0].end, isinstance(part[1], int)))
        marks: dict[BlockId | str, list[Diagnostic]] = {}
        around: list[tuple[Span, BlockId | str]] = []
        at = 0
        for finding in sorted(found, key=lambda finding: finding.span):
            while at < len(parts) and parts[at][0].start <= finding.span.start:
                around.append(parts[at])
                at += 1
            while around and around[-1][0].end <= finding.span.start:
                around.pop()
            if around:
                marks.setdefault(around[-1][1], []).append(finding)
        return marks


def _step_of(block: Block) -> str:
    return block.name.rpartition(".")[0]


def _worst(found: Sequence[Diagnostic]) -> tuple[tuple[str, ...], Severity | None]:
    """Return the codes of findings, and the worst severity."""
    severities = {each.severity for each in found}
    worst: Sequence[Severity] = [each for each in ("error", "warning", "info") if each in severities]
    return tuple(sorted({each.rule.code for each in found})), worst[0] if worst else None


def _shortened(text: str, most: int) -> str:
    """Return a text on one line, cut off after its longest length."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
