"""What `ncco call` can do at the emulator only: a script, a call from outside, a transcript, and a view of the call."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.play_source import veiled
from ncco_lang.cli.provider_command import Chosen
from ncco_lang.cli.render import visible
from ncco_lang.simulate.render import render_entry

if TYPE_CHECKING:
    from ncco_lang.api.emulator_control import EmulatorControl
    from ncco_lang.api.events import Heard
    from ncco_lang.api.types import Call
    from ncco_lang.cli.call_options import CallOptions
    from ncco_lang.cli.typing_keys import Keyboard
    from ncco_lang.ncco.veil import Veil
    from ncco_lang.project.params import Given
    from ncco_lang.project.targets import AppTarget
    from ncco_lang.simulate.types import Act

_LOOK = 0.1
"""Seconds between two looks at a transcript on a terminal."""
_SETTLING = 30.0
"""Seconds in which the transcript of an ended call becomes complete."""


def refuse_at_provider(options: CallOptions, script: Sequence[Act], place: Chosen) -> None:
    """Refuse what only the emulator can do, at a real provider.

    Raises:
        Refused: with the option and the profile.
    """
    if place.target.emulator:
        return
    from ncco_lang.simulate.script import words_of

    given = {
        "--inbound": options.inbound,
        "--to": options.called,
        "--at": options.at,
        "--ring": options.rings or None,
        "--transcript": options.transcript,
        **{words_of(each).partition(" ")[0]: each for each in script},
    }
    name = place.target.profile.name
    for option, value in given.items():
        if value is not None:
            raise Refused(f'{option} is for the emulator, and profile "{name}" uses a real provider; leave it out')


class EmulatedCall:
    """A call at the emulator: its scenario, and its transcript.

    Attributes:
        transcript: where the transcript is written; None for nowhere.
        problems: the errors and dead air that were heard so far.
    """

    __slots__ = ("_caller", "_control", "_events", "_is_over", "_veil", "problems", "transcript")

    def __init__(self, control: EmulatorControl, transcript: str | None, veil: Veil) -> None:
        """Args: `veil` hides values from the environment."""
        self._control = control
        self._veil = veil
        self._caller = ""
        self._events: list[dict[str, Any]] = []
        self._is_over = False
        self.problems: list[dict[str, Any]] = []
        self.transcript = transcript

    def act(self, call: Call, act: Act) -> None:
        """Let the person in the call do one thing; an ended call has none."""
        from ncco_lang.api.errors import NotFound
        from ncco_lang.simulate.scenario import write_act

        try:
            self._control.act(call.uuid, write_act(act))
        except NotFound:
            pass

    def heard(self, call: Call) -> Heard:
        """Return what the events of the call say."""
        return self._control.heard(call.uuid)

    def read(self, call: Call) -> list[dict[str, Any]]:
        """Return the new lines of the transcript."""
        part = self._control.read_transcript(call.uuid, len(self._events))
        lines: list[dict[str, Any]] = veiled(part.events, self._veil)
        self._events += lines
        self.problems = veiled(part.problems, self._veil)
        self._is_over = part.over
        return lines

    def watch(self, call: Call, keys: Keyboard) -> None:
        """Print the transcript as it happens, and do what is typed, until the call is over."""
        from ncco_lang.api.errors import ApiError

        while True:
            for line in self.read(call):
                try:
                    rendered = list(self._rendered(line))
                except (AttributeError, IndexError, KeyError, TypeError, ValueError):
                    words = "a line of the transcript is not understood; are ncco and the emulator of one version?"
                    raise ApiError(words) from None
                for words in rendered:
                    keys.print_line(visible(words))
            if self._is_over:
                return
            for act in keys.acts(_LOOK):
                self.act(call, act)

    def _rendered(self, line: dict[str, Any]) -> Iterator[str]:
        self._caller = self._caller or line["leg"]
        # The response to a webhook is part of its line.
        shown = [line, {**line, "what": "answer"}] if line["what"] == "webhook" else [line]
        for each in shown:
            words = render_entry(each, self._caller)
            if words is not None:
                yield words

    def finish(self, call: Call) -> bool:
        """Write the transcript of an ended call if that is wanted; return whether a problem was heard."""
        from ncco_lang.api.errors import ApiError
        from ncco_lang.cli.transcript_output import write_transcript

        if self.transcript is None:
            # A call that is no longer kept has no transcript.
            with suppress(ApiError):
                self.read(call)
            return bool(self.problems)
        self.read(call)
        until = time.monotonic() + _SETTLING
        while not self._is_over and time.monotonic() < until:
            time.sleep(_LOOK)
            self.read(call)
        if not self._is_over:
            emit("ncco: warning: the transcript has no end yet, because a leg or a webhook goes on\n", err=True)
        write_transcript(self.transcript, self._events, self.problems)
        return bool(self.problems)


@contextmanager
def control_of_emulator(place: Chosen) -> Iterator[EmulatorControl | None]:
    """Yield the emulator of a profile; None for a profile with a real provider."""
    from ncco_lang.api.emulator_control import EmulatorControl
    from ncco_lang.deploy.open_provider import ca_of
    from ncco_lang.net.http_client import HttpClient

    target = place.target
    if not target.emulator or target.address is None:
        yield None
        return
    ca = ca_of(target, place.project.folder)
    with HttpClient(connect=target.connect, read=target.read, ca=ca) as http_client:
        yield EmulatorControl(target.address, http_client)


def scenario_fields(options: CallOptions, script: Sequence[Act], at: float | None) -> dict[str, Any]:
    """Return `script`, `rings` and `at` as the emulator reads them."""
    from ncco_lang.simulate.scenario import Scenario, write_scenario

    return write_scenario(Scenario(script=tuple(script), plans=options.rings, at=at))


def veil_of_app(place: Chosen, app: AppTarget, params: Mapping[str, Given]) -> Veil:
    """Return what hides values from the environment in the transcript of an application's call.

    Variables that are not set now are left out: their values at the time of the deploy are not known.
    """
    from ncco_lang.ncco.veil import veil_of_texts
    from ncco_lang.project.profiles import read_params
    from ncco_lang.project.targets import with_params

    given, _ = read_params(with_params(place.target.profile, app), os.environ.get)
    return veil_of_texts(each.value for each in {**given, **params}.values() if each.from_env)
