"""Rules about several actions: barge-in and input (F4), and actions that are never reached (F5)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.diagnostics import Place, Problem, Rule
from ncco_lang.words import shown

_KEYS = '{"action": "input", "type": ["dtmf"], "eventUrl": ["https://example.com/keys"]}'

BARGE_IN_WITHOUT_INPUT = Rule(
    code="F401",
    name="barge-in-without-input",
    severity="error",
    why="A prompt that keys or speech may stop needs an input after it to take them. Without one the key that the caller presses is lost.",
    bad='[{"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}]',
    good='[{"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, ' + _KEYS + "]",
)
MIXED_BARGE_IN = Rule(
    code="F402",
    name="mixed-barge-in",
    severity="warning",
    why="There are both talk and stream between a prompt that may be stopped and its input. What a key press stops then is not documented.",
    bad='[{"action": "talk", "text": "Press 1.", "bargeIn": true}, {"action": "stream", "streamUrl": ["https://example.com/m.mp3"], "bargeIn": true}, '
    + _KEYS
    + "]",
    good='[{"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, ' + _KEYS + "]",
)
UNHEARD_ANSWER = Rule(
    code="F403",
    name="unheard-answer",
    severity="warning",
    why="What the caller enters or says is posted to eventUrl. Without one it goes to the application's event URL, which often listens to nothing but call states, and the call goes on as if nothing was entered.",
    bad='[{"action": "input", "type": ["dtmf"]}]',
    good="[" + _KEYS + "]",
)
BARGE_IN_ON_GREETING = Rule(
    code="F404",
    name="barge-in-on-greeting",
    severity="info",
    why="The very first prompt can be stopped. With speech input a noise in the background may do so before the caller has heard a word; a short greeting without bargeIn first is safer.",
    bad='[{"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, ' + _KEYS + "]",
    good='[{"action": "talk", "text": "Welcome."}, {"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, '
    + _KEYS
    + "]",
)
UNREACHABLE_ACTION = Rule(
    code="F501",
    name="unreachable-action",
    severity="warning",
    why="An action before this one never returns, so no caller ever gets here.",
    bad='[{"action": "talk", "text": "Please hold.", "loop": 0}, {"action": "talk", "text": "Goodbye."}]',
    good='[{"action": "talk", "text": "Please hold.", "loop": 3}, {"action": "talk", "text": "Goodbye."}]',
)
RECORDING_CUT_SHORT = Rule(
    code="F502",
    name="recording-cut-short",
    severity="warning",
    why="A recording without an end condition runs beside the next actions, and here there are none: the call ends at once, and with it the recording.",
    bad='[{"action": "talk", "text": "Speak after the beep."}, {"action": "record", "beepStart": true}]',
    good='[{"action": "talk", "text": "Speak after the beep."}, {"action": "record", "beepStart": true, "endOnKey": "#"}]',
)
ROOM_NOBODY_STARTS = Rule(
    code="F503",
    name="room-nobody-starts",
    severity="warning",
    why="Callers who enter this conversation here wait for another participant to start it. Without one they wait for ever, in silence if there is no music.",
    bad='[{"action": "conversation", "name": "sales", "startOnEnter": false}]',
    good='[{"action": "conversation", "name": "sales"}]',
)
BEHIND_CONVERSATION = Rule(
    code="F504",
    name="behind-conversation",
    severity="info",
    why="Actions after a conversation run only when the conversation ends before the caller hangs up, for example because the moderator left.",
    bad='[{"action": "conversation", "name": "sales"}, {"action": "talk", "text": "Goodbye."}]',
    good='[{"action": "conversation", "name": "sales"}]',
)

RULES = (
    BARGE_IN_WITHOUT_INPUT,
    MIXED_BARGE_IN,
    UNHEARD_ANSWER,
    BARGE_IN_ON_GREETING,
    UNREACHABLE_ACTION,
    RECORDING_CUT_SHORT,
    ROOM_NOBODY_STARTS,
    BEHIND_CONVERSATION,
)


def check_sequence(document: Document) -> Iterator[Problem]:
    """Yield every finding of this module about one NCCO."""
    actions = document.actions
    yield from _barge_in(actions)
    for action in actions:
        if action.role == "input" and "eventUrl" not in action.options:
            yield Problem(
                rule=UNHEARD_ANSWER,
                place=Place(action.at("action")),
                hint="add eventUrl",
                message="no eventUrl here receives what the caller enters",
            )
    yield from _reach(actions)
    yield from _rooms(actions)


def _true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _barge_in(actions: tuple[CheckedAction, ...]) -> Iterator[Problem]:
    """Check each run of prompts once: barge-in stays on until an input (section 14)."""
    on: CheckedAction | None = None
    mixed = False
    for index, action in enumerate(actions):
        if action.role == "prompt":
            if on is not None and action.name != on.name and not mixed:
                mixed = True
                yield Problem(
                    rule=MIXED_BARGE_IN,
                    place=Place(action.at("action")),
                    also=((Place(on.at("bargeIn"), "key"), "barge-in begins here"),),
                    message=f"a {action.name} is between a {on.name} with barge-in and its input",
                    hint=f"use {on.name} for both",
                )
            if on is None and _true(action.options.get("bargeIn")):
                on, mixed = action, False
                if index == 0:
                    yield from _greeting(actions)
        elif on is not None:
            if action.role != "input":
                yield _no_input(on, action)
            on = None
    if on is not None:
        yield _no_input(on, None)


def _no_input(on: CheckedAction, follower: CheckedAction | None) -> Problem:
    also = () if follower is None else ((Place(follower.at("action")), "this comes instead of an input"),)
    message = "a key press stops this prompt, but no input follows to take it"
    return Problem(
        rule=BARGE_IN_WITHOUT_INPUT,
        place=Place(on.at("bargeIn"), "key"),
        message=message,
        also=also,
        hint="put an input after the prompts, or leave bargeIn out",
    )


def _greeting(actions: tuple[CheckedAction, ...]) -> Iterator[Problem]:
    answer = next((action for action in actions if action.role == "input"), None)
    if answer is None:
        return
    kinds = answer.options.get("type", ())
    speech = "speech" in kinds if isinstance(kinds, (list, str)) else False
    yield Problem(
        rule=BARGE_IN_ON_GREETING,
        severity="warning" if speech else None,
        place=Place(actions[0].at("bargeIn"), "key"),
        message="the first thing the caller hears can be stopped"
        + (" by any noise" if speech else " before it is heard"),
        hint="begin with a short greeting without bargeIn",
    )


def _reach(actions: tuple[CheckedAction, ...]) -> Iterator[Problem]:
    for action, follower in pairwise(actions):
        endless = (
            action.role == "prompt"
            and action.options.get("loop") in (0, "0")
            and action.options.get("loop") is not False
        )
        if endless and not _barges(actions, action):
            also = ((Place(action.at("loop"), "key"), "this never ends"),)
        elif action.schema.get("x-terminal"):
            also = ((Place(action.at("action")), "this never returns"),)
        else:
            if action.role == "room":
                yield Problem(
                    rule=BEHIND_CONVERSATION,
                    place=Place(follower.at("action")),
                    also=((Place(action.at("action")), "after this"),),
                    message="this is heard only if the conversation ends while the caller is still there",
                )
            continue
        message = "no caller ever gets here"
        yield Problem(
            rule=UNREACHABLE_ACTION,
            place=Place(follower.at("action")),
            message=message,
            also=also,
            hint="remove it, or let the action before it end",
        )
        break
    if (
        actions
        and actions[-1].role == "recording"
        and not {"endOnSilence", "endOnKey", "timeOut"} & actions[-1].options.keys()
    ):
        yield Problem(
            rule=RECORDING_CUT_SHORT,
            place=Place(actions[-1].at("action")),
            hint="add endOnKey, endOnSilence or timeOut",
            message="the call ends here at once, and the recording with it",
        )


def _barges(actions: tuple[CheckedAction, ...], wanted: CheckedAction) -> bool:
    """Return whether barge-in is on at a prompt: this prompt or one after the last input switched it on."""
    on = False
    for action in actions:
        if action.role == "prompt":
            on = on or _true(action.options.get("bargeIn"))
        elif action.role == "input":
            on = False
        if action is wanted:
            return on
    return on


def _rooms(actions: tuple[CheckedAction, ...]) -> Iterator[Problem]:
    rooms: dict[str, list[CheckedAction]] = {}
    for action in actions:
        if action.role == "room" and isinstance(action.options.get("name"), str):
            rooms.setdefault(action.options["name"], []).append(action)
    for name, joiners in rooms.items():
        waits = [joiner for joiner in joiners if joiner.options.get("startOnEnter") in (False, "false")]
        if len(waits) == len(joiners):
            music = "musicOnHoldUrl" in waits[0].options
            yield Problem(
                rule=ROOM_NOBODY_STARTS,
                severity="info" if music else None,
                place=Place(waits[0].at("startOnEnter"), "key"),
                message=f"no participant here starts the conversation {shown(name)}"
                + ("" if music else ", so callers wait in silence"),
                hint="let a moderator enter it without startOnEnter" + ("" if music else ", and add musicOnHoldUrl"),
            )
