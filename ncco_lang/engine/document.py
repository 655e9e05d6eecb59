"""A document while a walk adds actions to it: its event URLs, its barge-in and its tail."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from ncco_lang.bundle import KEYS, Again, BlockId, Role, Say
from ncco_lang.engine.actions import UnusableError, filled, template_of
from ncco_lang.engine.events import Address
from ncco_lang.engine.reports import reported_slots
from ncco_lang.engine.state import State
from ncco_lang.engine.tail import tail_of
from ncco_lang.engine.values import CallValues
from ncco_lang.values import units
from ncco_lang.values.data import Duration
from ncco_lang.values.event_urls import Hook, placeholder
from ncco_lang.vocabulary.speaking import speaking_seconds

SHORTEST_WAIT = 0.1
LONGEST_WAIT = 7200
"""The seconds of a `wait` (`timeout` in the schema)."""
_DEFAULT_LANGUAGE = "en-US"
_FILE_SECONDS = 30.0
"""The length of an audio file, which the engine cannot know, when it estimates how long a document plays."""


class Document:
    """The actions so far, with who wants each of them, and which part of a block it is of."""

    __slots__ = ("actions", "addresses", "origins", "roles")

    def __init__(self) -> None:
        self.actions: list[dict[str, Any]] = []
        self.roles: list[Role] = []
        self.origins: list[tuple[BlockId, int]] = []
        self.addresses: list[Address] = []

    @property
    def seconds(self) -> float:
        """About how long it plays."""
        return sum(map(_seconds, self.actions))

    def say(self, say: Say, values: CallValues, origin: tuple[BlockId, int], text: int = 0) -> None:
        """Append an action.

        Args:
            origin: the block and the index of the action in it, or -1 for its exit.
            text: which of the exit's texts it says.

        Raises:
            UnusableError: the action lacks an option that it needs.
        """
        template = values.prepared(("action", *origin, text), lambda values: template_of(say, values))
        self._add(filled(template, values), say.role, origin)
        if say.verb == "input" and KEYS in reported_slots(values.bundle):
            self._post_keys(values.state)

    def call(self, action: dict[str, Any], hook: Hook, state: State) -> None:
        """Append an action whose events come to an address with a state."""
        self.addresses.append(Address((len(self.actions), "eventUrl", 0), hook, state))
        self._add([{**action, "eventUrl": [placeholder(hook)]}], "generated", (state.block, -1))

    def join(self, state: State) -> None:
        """Append the notify whose answer goes on in a state."""
        self.call({"action": "notify", "payload": {}}, "j", state)

    def tail(self, values: CallValues) -> None:
        """Append the tail, unless the leg is a called one before it is joined."""
        if values.state.mode != "whisper":
            self._add(tail_of(values), "generated", (values.state.block, -1))

    def pause(self, seconds: float, joins: str, origin: tuple[BlockId, int]) -> None:
        """Append a pause; a provider without `wait` says nothing for so long."""
        if joins == "notify":
            whole = int(seconds) if seconds == int(seconds) else seconds
            action = {"action": "wait", "timeout": min(LONGEST_WAIT, max(SHORTEST_WAIT, whole))}
        else:
            action = {"action": "talk", "text": f'<speak><break time="{round(seconds * 1000)}ms"/></speak>'}
        self._add([action], "generated", origin)

    def say_again(self, exit: Again, count: int, values: CallValues, joins: str) -> None:
        """Append the text and the pause before a question is asked again; a text without a value is left out.

        Args:
            count: how often it has been asked again, this time too.
        """
        block = values.state.block
        if exit.texts:
            text = min(max(count, 1), len(exit.texts)) - 1
            with suppress(UnusableError):
                self.say(Say("talk", (), (("text", exit.texts[text]),), "prompt"), values, (block, -1), text)
        pause = values.read(exit.after)
        if isinstance(pause, Duration):
            self.pause(float(units.convert(pause.amount, pause.unit, "s")), joins, (block, -1))

    def let_barge_in(self, *, mixed: bool) -> None:
        """Let the caller interrupt the prompts at the end, all of the last one's kind or, if `mixed`, of both kinds."""
        kinds = {"talk", "stream"} if mixed or not self.actions else {self.actions[-1]["action"]}
        for at in range(len(self.actions) - 1, -1, -1):
            if self.roles[at] != "prompt" or self.actions[at]["action"] not in kinds & {"talk", "stream"}:
                break
            self.actions[at] = {**self.actions[at], "bargeIn": True}

    def ends_before(self, volatile: Literal["clock", "reports"]) -> bool:
        """Return whether its actions must be over before conditions are read: all of them, or those that are no sound."""
        is_only_sound = all(action["action"] in ("talk", "stream") for action in self.actions)
        return not is_only_sound or (volatile == "reports" and bool(self.actions))

    def _post_keys(self, state: State) -> None:
        """Let the last action post each key to the server if it is an asynchronous input without an address of its own."""
        at, action = len(self.actions) - 1, self.actions[-1]
        if action.get("mode") == "asynchronous" and not action.get("eventUrl"):
            of_leg = State(state.block, leg=state.leg, conversation=state.conversation)
            self.addresses.append(Address((at, "eventUrl", 0), "k", of_leg))
            self.actions[at] = {**action, "eventUrl": [placeholder("k")]}

    def _add(self, actions: list[dict[str, Any]], role: Role, origin: tuple[BlockId, int]) -> None:
        self.actions += actions
        self.roles += [role] * len(actions)
        self.origins += [origin] * len(actions)


def _seconds(action: dict[str, Any]) -> float:
    match action:
        case {"action": "talk", "text": str(text)}:
            language, loop = action.get("language"), action.get("loop")
            spoken = speaking_seconds(text, language if isinstance(language, str) else _DEFAULT_LANGUAGE)
            return spoken * (loop if isinstance(loop, int) else 1)
        case {"action": "stream"}:
            return _FILE_SECONDS
        case {"action": "wait", "timeout": int(seconds) | float(seconds)}:
            return float(seconds)
        case _:
            return 0.0
