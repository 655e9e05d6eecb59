"""Rules about recordings and the actions around them: when a recording begins, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.checks.action_values import UNUSUAL_VALUE
from ncco_lang.diagnostics import Facts, Place, Problem, Remove, Repair, Rule
from ncco_lang.words import Spelling, Wire, Words

_CONNECT = '{"action": "connect", "endpoint": [{"type": "phone", "number": "442079460000"}], "from": "442079460001"}'

RECORDING_CUT_SHORT = Rule(
    code="F502",
    name="recording-cut-short",
    severity="warning",
    why="A recording without an end condition goes on during the next actions. Here there are none: the call ends at once, and with it the recording.",
    bad='[{"action": "talk", "text": "Speak after the beep."}, {"action": "record", "beepStart": true}]',
    good='[{"action": "talk", "text": "Speak after the beep."}, {"action": "record", "beepStart": true, "endOnKey": "#"}]',
)
RECORDING_BEFORE_CONNECT = Rule(
    code="F505",
    name="recording-ends-too-early",
    severity="warning",
    why="With an end condition the next action waits until the recording is over. So the caller is connected late, and the conversation is not recorded.",
    bad='[{"action": "record", "endOnSilence": 3}, ' + _CONNECT + "]",
    good='[{"action": "record"}, ' + _CONNECT + "]",
)
RECORDING_AFTER_CONNECT = Rule(
    code="F506",
    name="recording-after-connect",
    severity="warning",
    why="The action after a connect runs when the connected call is over. So this recording has nothing of it.",
    bad="[" + _CONNECT + ', {"action": "record"}]',
    good='[{"action": "record"}, ' + _CONNECT + "]",
)

RULES = (RECORDING_CUT_SHORT, RECORDING_BEFORE_CONNECT, RECORDING_AFTER_CONNECT)

_ENDS = ("endOnSilence", "endOnKey", "timeOut")


class RecordingCutShort(Facts):
    """A recording without an end condition as the last action."""

    rule = RECORDING_CUT_SHORT
    message = "the call ends here at once, and with it the recording"
    hint = "add `endOnKey`, `endOnSilence` or `timeOut`"


class ConnectedLate(Facts):
    """A recording with an end condition before an action that joins the caller with others: `end` is it, in words."""

    rule = RECORDING_BEFORE_CONNECT
    message = "{join:s} waits for {end:s}; the conversation is not recorded"
    hint = "leave out {options}: then the recording goes on during the conversation"
    labels = ("this waits",)
    join: str
    end: str
    options: tuple[Wire, ...]


class RecordingAfterConnect(Facts):
    """A recording after the call that it should record: `join` is the action that joins the caller with others."""

    rule = RECORDING_AFTER_CONNECT
    message = "this recording starts only when the connected call is over"
    hint = "put the record before the {join:s}"
    labels = ("the call that is not recorded",)
    join: str


class NoEnd(Facts):
    """A recording without an end condition."""

    rule = UNUSUAL_VALUE
    message = "without an end condition the recording goes on until the call ends"
    hint = "for a message of the caller add `endOnKey`, `endOnSilence` or `timeOut`"


class OnlyTimeOut(Facts):
    """A recording whose only end condition is its longest time; `before_join` if the caller is connected after it."""

    rule = UNUSUAL_VALUE
    message = "with only `timeOut` it is unclear whether the next action waits"
    before_join: bool

    def words(self, spelling: Spelling) -> Words:
        hint = "add `endOnKey` or `endOnSilence`, which end the recording before the next action"
        return self.say(spelling, self.message, "leave it out to record the conversation" if self.before_join else hint)


def check_recordings(document: Document) -> Iterator[Problem]:
    """Yield every finding of this module about one NCCO."""
    actions = document.actions
    last_join = max((index for index, action in enumerate(actions) if _joins(action)), default=-1)
    for index, action in enumerate(actions):
        if action.role == "recording":
            before = actions[index - 1] if index else None
            after = actions[index + 1] if index + 1 < len(actions) else None
            yield from _check(action, before, after, is_before_join=index < last_join)


def _check(
    action: CheckedAction, before: CheckedAction | None, after: CheckedAction | None, *, is_before_join: bool
) -> Iterator[Problem]:
    ends = [end for end in _ENDS if end in action.options]
    name = Place(action.at("action"))
    if ends == ["timeOut"]:
        yield Problem(facts=OnlyTimeOut(before_join=_joins(after)), place=Place(action.at("timeOut"), "key"))
    elif ends and after is not None and _joins(after):
        yield _connected_late(action, after, ends)
    elif ends:
        return
    elif before is not None and _joins(before) and not _joins(after):
        facts = RecordingAfterConnect(join=before.name)
        yield Problem(facts=facts, place=name, also=(Place(before.at("action")),))
    elif after is None:
        yield Problem(facts=NoEnd(), severity="info", place=name)
        yield Problem(facts=RecordingCutShort(), place=name)
    elif not is_before_join:
        yield Problem(facts=NoEnd(), severity="info", place=name)


def _joins(action: CheckedAction | None) -> bool:
    """Return whether an action joins the caller with others."""
    return action is not None and (action.role == "room" or action.name == "connect")


def _connected_late(action: CheckedAction, after: CheckedAction, ends: list[str]) -> Problem:
    silence, key = action.options.get("endOnSilence"), action.options.get("endOnKey")
    end = f"{silence} seconds of silence" if "endOnSilence" in ends else f"the key {key}"
    # After a beep the caller speaks first, often a name, so the end condition may be meant.
    is_meant = action.options.get("beepStart") in (True, "true")
    return Problem(
        facts=ConnectedLate(join=after.name, end=end, options=tuple(map(Wire, ends))),
        severity="info" if is_meant else None,
        place=Place(action.at(ends[0]), "key"),
        also=(Place(after.at("action")),),
        repair=Repair(tuple(Remove(action.at(each)) for each in ends), "leave out {options}", unsafe=True),
    )
