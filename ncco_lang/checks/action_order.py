"""Rules about several actions: barge-in and input (F4), and actions that are never reached (F5)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.diagnostics import Facts, Place, Problem, Rule
from ncco_lang.words import Spelling, Words

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
    why="Both talk and stream are between a prompt that may be stopped and its input. It is not documented what a key press then stops.",
    bad='[{"action": "talk", "text": "Press 1.", "bargeIn": true}, {"action": "stream", "streamUrl": ["https://example.com/m.mp3"], "bargeIn": true}, '
    + _KEYS
    + "]",
    good='[{"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, ' + _KEYS + "]",
)
UNHEARD_ANSWER = Rule(
    code="F403",
    name="unheard-answer",
    severity="warning",
    why="What the caller enters or says is posted to eventUrl. Without one it goes to the application's event URL, which often reads only call states, and the call goes on as if the caller had entered nothing.",
    bad='[{"action": "input", "type": ["dtmf"]}]',
    good="[" + _KEYS + "]",
)
BARGE_IN_ON_GREETING = Rule(
    code="F404",
    name="barge-in-on-greeting",
    severity="info",
    why="The first prompt can be stopped. With speech input, noise in the background may stop it before the caller has heard a word. A short greeting without bargeIn first is safer.",
    bad='[{"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, ' + _KEYS + "]",
    good='[{"action": "talk", "text": "Welcome."}, {"action": "talk", "text": "Press 1 for sales.", "bargeIn": true}, '
    + _KEYS
    + "]",
)
UNREACHABLE_ACTION = Rule(
    code="F501",
    name="unreachable-action",
    severity="warning",
    why="An action before this one never ends, so no caller gets here.",
    bad='[{"action": "talk", "text": "Please hold.", "loop": 0}, {"action": "talk", "text": "Goodbye."}]',
    good='[{"action": "talk", "text": "Please hold.", "loop": 3}, {"action": "talk", "text": "Goodbye."}]',
)
ROOM_NOBODY_STARTS = Rule(
    code="F503",
    name="room-nobody-starts",
    severity="warning",
    why="Callers who enter this conversation wait for another participant to start it. Without one they wait for ever, in silence if there is no music.",
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
ASYNCHRONOUS_INPUT_LAST = Rule(
    code="F507",
    name="asynchronous-input-last",
    severity="info",
    why="An asynchronous input posts keys while the next actions run. Without any the call probably ends at once; it is not documented.",
    bad='[{"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}]',
    good='[{"action": "input", "type": ["dtmf"], "mode": "asynchronous", "eventUrl": ["https://example.com/keys"]}, {"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)

RULES = (
    BARGE_IN_WITHOUT_INPUT,
    MIXED_BARGE_IN,
    UNHEARD_ANSWER,
    BARGE_IN_ON_GREETING,
    UNREACHABLE_ACTION,
    ROOM_NOBODY_STARTS,
    BEHIND_CONVERSATION,
    ASYNCHRONOUS_INPUT_LAST,
)


class BargeInWithoutInput(Facts):
    """A prompt that a key press stops, without an input to take the key."""

    rule = BARGE_IN_WITHOUT_INPUT
    message = "a key press stops this prompt, but no input follows it"
    hint = "put an input after the prompts, or leave out `bargeIn`"
    labels = ("this comes instead of an input",)
    instead: str | None


class MixedBargeIn(Facts):
    """A prompt of another action between a prompt with barge-in and its input."""

    rule = MIXED_BARGE_IN
    message = "this {between:s} is between a {prompt:s} with barge-in and its input"
    hint = "use {prompt:s} for both"
    labels = ("barge-in begins here",)
    prompt: str
    between: str


class UnheardAnswer(Facts):
    """An input without an address that receives what the caller enters."""

    rule = UNHEARD_ANSWER
    message = "no `eventUrl` receives what the caller enters"
    hint = "add `eventUrl`"


class BargeInOnGreeting(Facts):
    """Barge-in on the first prompt; `by_speech` if speech stops it too, `of_menu` if a menu has it, which adds the barge-in."""

    rule = BARGE_IN_ON_GREETING
    hint = "begin with a short greeting without `bargeIn`"
    by_speech: bool
    of_menu: bool = False

    def words(self, spelling: Spelling) -> Words:
        by_key = "the caller can stop the first prompt before hearing it"
        hint = 'put a short greeting before the menu: talk "Welcome."' if self.of_menu else self.hint
        return self.say(spelling, "any noise can stop the first prompt" if self.by_speech else by_key, hint)


class UnreachableAction(Facts):
    """An action after one that never ends."""

    rule = UNREACHABLE_ACTION
    message = "no caller ever gets here"
    hint = "remove this, or let what is before it end"
    labels = ("this never ends",)


class AfterTransfer(UnreachableAction):
    """An action after one that never returns."""

    labels = ("this never returns",)


class BehindConversation(Facts):
    """An action after a conversation."""

    rule = BEHIND_CONVERSATION
    message = "this runs only if the conversation ends before the caller hangs up"
    hint = "put it before the conversation if every caller must hear it"
    labels = ("after this",)


class AsynchronousInputLast(Facts):
    """An asynchronous input as the last action."""

    rule = ASYNCHRONOUS_INPUT_LAST
    message = "this input does not wait, so the call may end at once"
    hint = "put an action after it during which the caller presses keys"


class RoomWithoutStarter(Facts):
    """A conversation that no participant starts; `is_silent` if the participants hear no music."""

    rule = ROOM_NOBODY_STARTS
    name: str
    is_silent: bool

    def words(self, spelling: Spelling) -> Words:
        message, hint = "no participant here starts {name}", "let a moderator enter it without `startOnEnter`"
        if self.is_silent:
            message, hint = f"{message}, so callers wait in silence", f"{hint}, and add `musicOnHoldUrl`"
        return self.say(spelling, message, hint)


def check_sequence(document: Document) -> Iterator[Problem]:
    """Yield every finding of this module about one NCCO."""
    actions = document.actions
    yield from _barge_in(actions)
    for action in actions:
        if action.role == "input" and "eventUrl" not in action.options:
            yield Problem(facts=UnheardAnswer(), place=Place(action.at("action")))
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
                facts = MixedBargeIn(prompt=on.name, between=action.name)
                begin = Place(on.at("bargeIn"), "key")
                yield Problem(facts=facts, place=Place(action.at("action")), also=(begin,))
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
    also = () if follower is None else (Place(follower.at("action")),)
    facts = BargeInWithoutInput(instead=None if follower is None else follower.name)
    return Problem(facts=facts, place=Place(on.at("bargeIn"), "key"), also=also)


def _greeting(actions: tuple[CheckedAction, ...]) -> Iterator[Problem]:
    answer = next((action for action in actions if action.role == "input"), None)
    if answer is None:
        return
    kinds = answer.options.get("type", ())
    speech = "speech" in kinds if isinstance(kinds, (list, str)) else False
    yield Problem(
        facts=BargeInOnGreeting(by_speech=speech),
        severity="warning" if speech else None,
        place=Place(actions[0].at("bargeIn"), "key"),
    )


def _reach(actions: tuple[CheckedAction, ...]) -> Iterator[Problem]:
    for action, follower in pairwise(actions):
        endless = (
            action.role == "prompt"
            and action.options.get("loop") in (0, "0")
            and action.options.get("loop") is not False
        )
        if endless and not _barges(actions, action):
            facts, cause = UnreachableAction(), Place(action.at("loop"), "key")
        elif action.schema.get("x-terminal"):
            facts, cause = AfterTransfer(), Place(action.at("action"))
        else:
            if action.role == "room":
                before = (Place(action.at("action")),)
                yield Problem(facts=BehindConversation(), place=Place(follower.at("action")), also=before)
            continue
        yield Problem(facts=facts, place=Place(follower.at("action")), also=(cause,))
        break
    if actions and actions[-1].role == "input" and actions[-1].options.get("mode") == "asynchronous":
        yield Problem(facts=AsynchronousInputLast(), place=Place(actions[-1].at("mode")))


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
                facts=RoomWithoutStarter(name=name, is_silent=not music),
                severity="info" if music else None,
                place=Place(waits[0].at("startOnEnter"), "key"),
            )
