"""The actions of a flow that branches, in runs that follow each other in every call: what the checks of an order read.

A run is what one block says, and after it what always follows: prompts, and the first action that is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from ncco_lang.blocks.edges import every_arm
from ncco_lang.bundle import KEYS, Action, Ask, BlockId, Call, Dial, End, Enter, Goto, Graph, Jump, Leave, Phrase, Say
from ncco_lang.ncco.emit import Emitted, SourceMap
from ncco_lang.program.model import BoundStatement, Program
from ncco_lang.program.values import UNFIT
from ncco_lang.program.walk import bound_statements
from ncco_lang.source import Span
from ncco_lang.vocabulary.wire import action_json

if TYPE_CHECKING:
    from ncco_lang.blocks.draft import Places

_MOST_AHEAD = 5
"""How many blocks after one are read, and actions of each: the first action that is no prompt decides."""
_PROMPTS = frozenset({"talk", "stream"})
_BY_KEYS: dict[str, Any] = {"action": "input", "type": ["dtmf"], "eventUrl": ["https://flow.invalid/i"]}
_BY_SPEECH = {**_BY_KEYS, "type": ["dtmf", "speech"]}
_OPEN = dict(_BY_KEYS)
"""Takes the place of what only a call decides: after an input no order is wrong."""
_UNKNOWN = "unknown"


class Run(NamedTuple):
    """The actions of one block and of what follows it.

    Attributes:
        emitted: the actions; what only a call knows is left out.
        own: how many of them are the block's own.
        is_first: a call begins with it.
        is_asked: it begins with a prompt of a question.
    """

    emitted: Emitted
    own: int
    is_first: bool
    is_asked: bool


class _Said(NamedTuple):
    action: dict[str, Any]
    statement: BoundStatement
    is_prompt: bool = False


def find_runs(program: Program, graph: Graph, places: Places) -> Iterator[Run]:
    """Yield a run for each block that says something, in the order of the text."""
    statements = {each.node.span: each for each in bound_statements(program.statements)}
    speech = {said.node.span: said for each in statements.values() for said in each.speech}
    comes_back = any(isinstance(block.exit, Call) for block in graph.blocks)
    blocks = _Blocks(graph, places, {**speech, **statements}, comes_back)
    first = blocks.first()
    for at in range(len(graph.blocks)):
        own = list(blocks.said(at))
        if own:
            row = [*own, *blocks.after(at, own[-1].statement)]
            _let_barge_in(row)
            emitted = Emitted(
                ncco=[each.action for each in row],
                source_map=SourceMap(program, tuple(each.statement for each in row)),
                raw=frozenset((index,) for index, each in enumerate(row) if each.statement.form is None),
            )
            yield Run(emitted, len(own), at == first, own[0].is_prompt)


class _Blocks(NamedTuple):
    graph: Graph
    places: Places
    statements: Mapping[Span, BoundStatement]
    comes_back: bool
    """Whether the flow runs steps with `do`, so that the end of a step need not end the call."""

    def said(self, at: BlockId) -> Iterator[_Said]:
        """Yield the actions of a block, and the connect that it waits for."""
        block = self.graph.blocks[at]
        spoken: list[tuple[int, Action]] = list(enumerate(block.actions))
        if isinstance(block.exit, Dial):
            spoken.append((-1, block.exit.endpoints[0]))
        for index, action in spoken:
            statement = self.statements.get(self.places[at, index])
            if isinstance(action, Say) and statement is not None:
                known = _action(statement)
                if known.get("mode") == "asynchronous" and self.reads_keys():
                    known.setdefault("eventUrl", _BY_KEYS["eventUrl"])  # the engine adds it
                yield _Said(known, statement, action.role == "prompt")

    def reads_keys(self) -> bool:
        """Return whether the flow reads the keys that are pressed beside the call."""
        return any(name.text == KEYS for name in self.graph.names)

    def after(self, at: BlockId, last: BoundStatement) -> Iterator[_Said]:
        """Yield what follows a block, whose last statement is `last`, in every call.

        What only a call decides ends it, and so do many actions, as if the call waited for an answer there: what an order
        needs may follow.
        """
        for _ in range(_MOST_AHEAD):
            exit = self.graph.blocks[at].exit
            if isinstance(exit, (End, Dial)) or (isinstance(exit, Leave) and not self.comes_back):
                return
            following = self.next(at)
            if following is None:
                break
            at = following
            yield from islice(self.said(at), _MOST_AHEAD)
        exit, statement = self.graph.blocks[at].exit, self.statements.get(self.places[at, -1])
        if statement is None:
            yield _Said(_OPEN, last)
        else:
            yield _Said(_BY_SPEECH if isinstance(exit, Ask) and self._hears(exit) else _BY_KEYS, statement)

    def first(self) -> BlockId:
        """Return the first block that says something, or decides."""
        at = self.graph.entry
        for _ in range(len(self.graph.blocks)):
            following = self.next(at)
            if following is None or any(isinstance(each, Say) for each in self.graph.blocks[at].actions):
                break
            at = following
        return at

    def next(self, at: BlockId) -> BlockId | None:
        """Return the block that follows another in every call; None if the call waits there, ends or decides."""
        match self.graph.blocks[at].exit:
            case Goto(to):
                return to
            case Jump(step, _):
                return self.graph.steps[step].entry
            case Enter(question):
                return self.graph.questions[question].start
            case _:
                return None

    def _hears(self, exit: Ask) -> bool:
        arms = every_arm(self.graph.questions[exit.question].arms)
        return any(isinstance(pattern, Phrase) for arm in arms for pattern in arm.patterns)


def _action(statement: BoundStatement) -> dict[str, Any]:
    """Return the action of a statement as far as it is known."""
    if statement.form is None:
        return statement.wire if isinstance(statement.wire, dict) else {"action": _UNKNOWN}
    known = ((slot.path, {} if slot.option.is_block else slot.wire) for slot in statement.slots)
    return action_json(statement.form, ((path, wire) for path, wire in known if path and wire is not UNFIT))


def _let_barge_in(row: list[_Said]) -> None:
    """Let the caller interrupt prompts as the engine does: the last ones of one kind before an answer."""
    for at in range(len(row) - 1, 0, -1):
        if row[at].action is _BY_KEYS or row[at].action is _BY_SPEECH:
            kind = row[at - 1].action["action"]
            for index in range(at - 1, -1, -1):
                said = row[index]
                if not said.is_prompt or said.action["action"] != kind or kind not in _PROMPTS:
                    break
                row[index] = said._replace(action={**said.action, "bargeIn": True})
