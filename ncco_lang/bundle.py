"""The graph of blocks of a flow and its bundle, as frozen classes: what the compiler makes, and what a runtime walks.

Indexes (`BlockId`, `QuestionId`, `StepId`, `SlotId`) are those of the tuples of `Graph`. An expression is JSON data, as
`values/expressions.py` describes it. `bundle_json.py` reads and writes a bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

Expression: TypeAlias = Any
BlockId: TypeAlias = Annotated[int, "blocks"]
QuestionId: TypeAlias = Annotated[int, "questions"]
StepId: TypeAlias = Annotated[int, "steps"]
SlotId: TypeAlias = Annotated[int, "names"]
Role: TypeAlias = Literal["written", "prompt", "generated"]
"""Who wants an action: the author, a question, or the compiler alone, in which case it causes no findings."""
BEGUN = "call.begun"
"""The name that keeps when the call began, in seconds since 1970, if a flow reads how long it lasts."""
REPORTED = ANSWERED_BY, STATUS, KEYS = ("call.answered_by", "call.status", "call.keys")
"""The names of what the platform reports beside the documents, if a flow reads it: facts of the call store."""
Fields: TypeAlias = tuple[tuple[str, Expression], ...]
"""Options by their names in the language, in the order in which they are sent."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a call knows.

    Attributes:
        type: its type in the language; None if it may be of any.
        scope: `call`, or `frame` for a parameter, the name of an `each` and `key`.
        secret: its value stays out of tokens, logs and transcripts.
        default: the constant that an arg has in a call that does not give it; None without one.
    """

    text: str
    type: str | None
    scope: Literal["call", "arg", "frame"]
    secret: bool = False
    default: Expression = None


# ── Actions ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Say:
    """One action of NCCO: its verb, the words after it, and its options."""

    verb: str
    words: tuple[str, ...]
    fields: Fields
    role: Role = "written"


@dataclass(frozen=True, slots=True)
class Set:
    """Sets a slot; the undefined value clears it."""

    slot: SlotId
    value: Expression


Action: TypeAlias = Say | Set


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed these keys."""

    keys: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The caller said this phrase."""

    text: str


@dataclass(frozen=True, slots=True)
class Valued:
    """The caller pressed or said this value: digits are keys, words a phrase."""

    value: Expression

    @property
    def label(self) -> str:
        """The name of its edge in a trail, since what the value is differs from call to call."""
        return f"value {self.value}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened instead of an answer: `silence`, `otherwise`, `busy`, `timeout`."""

    name: str


@dataclass(frozen=True, slots=True)
class Status:
    """A server answered with this status: `404`, or `4xx` for each that begins with 4."""

    code: str


Pattern: TypeAlias = Key | Phrase | Valued | Outcome | Status


@dataclass(frozen=True, slots=True)
class Arm:
    """Where some outcomes of a question lead."""

    patterns: tuple[Pattern, ...]
    target: BlockId


@dataclass(frozen=True, slots=True)
class IfArms:
    """Arms that count when a condition holds at the answer."""

    condition: Expression
    arms: tuple[Arms, ...]


@dataclass(frozen=True, slots=True)
class EachArms:
    """Arms for each item of a list, matched with the item in a slot and its number, from 1, in another."""

    slot: SlotId
    key: SlotId
    values: Expression
    arms: tuple[Arms, ...]


Arms: TypeAlias = Arm | IfArms | EachArms


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what can come of it.

    Attributes:
        kind: the verb.
        name: the slot that keeps the answer.
        retries: how often it is asked again.
        arms: where its outcomes lead; the first that fits counts.
        start: the first prompt.
        listen: the block that waits for the answer; a retry in place of the question takes only its exit.
        give_up: where it leads when the retries are used up; None if it cannot retry.
        marked: it is asked again from outside of its arms, so the frame it was entered with is kept.
    """

    kind: str
    name: SlotId | None
    retries: Expression
    arms: tuple[Arms, ...]
    start: BlockId
    listen: BlockId
    give_up: BlockId | None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """How an answer is heard: the form of the answer, what it is made of, and the options of the question."""

    form: Literal["menu", "digits", "speech", "one_of"]
    of: Expression
    options: Fields


# ── Exits ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Goto:
    """The next block."""

    to: BlockId


@dataclass(frozen=True, slots=True)
class Branch:
    """The block of the first condition that holds; without conditions it only ends what must be over before `other`.

    Attributes:
        volatile: what the conditions read late: the `clock`, after all but sound, or the platform's `reports`, after all.
    """

    cases: tuple[tuple[Expression, BlockId], ...]
    other: BlockId
    volatile: Literal["clock", "reports"] | None = None


@dataclass(frozen=True, slots=True)
class Jump:
    """Another step, which does not come back."""

    step: StepId
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Another step, which comes back to a block at its end."""

    step: StepId
    arguments: tuple[Expression, ...]
    back: BlockId


@dataclass(frozen=True, slots=True)
class Leave:
    """The end of a step: back to the step that ran it with `do`, or the end of the call."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the call."""


@dataclass(frozen=True, slots=True)
class Enter:
    """A question begins: its count is zero and its name is unset."""

    question: QuestionId


@dataclass(frozen=True, slots=True)
class Again:
    """A question is asked again.

    Attributes:
        counts: it is a retry, so after the last one the question's `give_up` is next.
        texts: said before the question, the nth at the nth retry and the last one from then on.
        instead: the text is said in place of the question.
        after: a pause before it, in seconds; None for none.
    """

    question: QuestionId
    counts: bool
    texts: tuple[Expression, ...] = ()
    instead: bool = False
    after: Expression = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The call waits for the caller; `good` follows an answer that no arm takes."""

    question: QuestionId
    listen: Listen
    good: BlockId


@dataclass(frozen=True, slots=True)
class Dial:
    """The call waits for an endpoint; `good` follows when it answered and the connection has ended."""

    question: QuestionId
    endpoints: tuple[Say, ...]
    good: BlockId
    on_answer: tuple[StepId, tuple[Expression, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A lookup at a server.

    Attributes:
        method: in small letters: `get`.
        headers, json: an object and any value; they may read secrets, which only the process that asks the server knows.
        timeout: a duration.
        into: the slot that keeps the JSON of the answer, if the lookup is good; None for none.
        arms: by `Status`, `timeout` and `otherwise`; the nearest one counts: `404`, then `4xx`, then `otherwise`.
        good: follows a status from 200 to 299.
    """

    method: str
    url: Expression
    headers: Expression
    json: Expression
    timeout: Expression
    into: SlotId | None
    arms: tuple[Arm, ...]
    good: BlockId


Exit: TypeAlias = Goto | Branch | Jump | Call | Leave | End | Enter | Again | Ask | Dial | Fetch


# ── The graph ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Block:
    """A straight run of actions that ends in one way; `name` is that of its step and a number: `order.3`."""

    name: str
    actions: tuple[Action, ...]
    exit: Exit


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its parameters, and its first block."""

    name: str
    parameters: tuple[SlotId, ...]
    entry: BlockId


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow as blocks.

    Attributes:
        names: the names that a call knows, by slot.
        entry: the block in which a call begins.
        fallback: the step for callers when everything else is gone; None if the flow declares none.
        handlers: the first block of each `on EVENT`.
    """

    blocks: tuple[Block, ...]
    questions: tuple[Question, ...]
    steps: tuple[Step, ...]
    names: tuple[Name, ...]
    entry: BlockId
    fallback: StepId | None = None
    handlers: Mapping[str, BlockId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the state of a call has to keep at some blocks, because a later part of the call reads it.

    Attributes:
        waits: the blocks whose exits wait with this need; a token has only what its block needs.
        starts: the blocks that `do` comes back to, or with which a marked question begins: what their frame has to keep.
        slots: names that are read whole.
        parts: names that are tables of which only some members are read, each with the members that lead to one of
            them; without members only whether the name has a value matters.
        questions: those whose counts and marks are read.
    """

    waits: tuple[BlockId, ...]
    starts: tuple[BlockId, ...]
    slots: tuple[SlotId, ...]
    parts: tuple[tuple[SlotId, tuple[str, ...]], ...]
    questions: tuple[QuestionId, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that a runtime needs of one flow.

    Attributes:
        graph: the blocks.
        title: the title of the flow; empty if it has none.
        zone: the time zone of the flow.
        data: the lists and tables that have names and that a call reads, each as an expression.
        texts: each `text` by its name: language tag → expression.
        hours: each schedule by its name.
        voices: the options of `default talk` by language tag, in the order in which they are sent; `""` has those of a
            talk in any other language. A call begins in the first language.
        joins: what comes after a routed connect: `notify`, a webhook whose answer goes on; or `before`, the actions
            of the good outcome, for a provider without the action `notify`.
        mixed_barge_in: talk and stream have barge-in together.
        source: the name of the flow's file, without folders.
        lines: for each block the lines of the file, from 1, that its actions are on, and last that of its exit.
        rescue: the first block of the route that a caller takes when the runtime does not answer; None if there is none.
        needs: what a state has to keep, by block; all of it at a block that no need names.
        format: the version of these classes.
        version: the hash of the content, which `bundle_json.py` computes; empty before.
        prepared: what the engine has made of constant parts, so that it makes each once; no part of the format.
    """

    graph: Graph
    title: str = ""
    zone: str | None = None
    data: Mapping[str, Expression] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, Expression]] = field(default_factory=dict)
    hours: Mapping[str, Expression] = field(default_factory=dict)
    voices: Mapping[str, Fields] = field(default_factory=dict)
    joins: Literal["notify", "before"] = "notify"
    mixed_barge_in: bool = False
    source: str = ""
    lines: tuple[tuple[int, ...], ...] = ()
    rescue: BlockId | None = None
    needs: tuple[Needs, ...] = ()
    format: Literal[0] = 0
    version: str = ""
    prepared: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
