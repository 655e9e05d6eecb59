"""Answer the lookups of a played call: as `--fetch` says, else as the user answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.render import visible
from ncco_lang.engine.events import Lookup, Result
from ncco_lang.testing.servers import NEVER, Asked, Server, answer_of, asked
from ncco_lang.values.data import UNDEFINED, from_json
from ncco_lang.workspace.files import read_source

if TYPE_CHECKING:
    from ncco_lang.runtime.answers import Pending
    from ncco_lang.simulate.types import Request

_METHODS = ("get", "post", "put", "patch", "delete")
_STATUS = re.compile(r"([2-5][0-9]{2})(?![0-9])\s*(.*)", re.DOTALL)
_WORDS = {"timeout": NEVER, "fails": Result(None)}
_USUAL = Result(200, {})
"""The answer of a user who only presses Enter."""
_HELP = "200 { … }, 404, timeout or fails"


def read_servers(ctx: click.Context, words: Sequence[str]) -> list[Server]:
    """Return what `--fetch "METHOD GLOB=ANSWER"` says, the first one last, since the last one of a list counts.

    Raises:
        click.UsageError: a value does not have that form, or a file is not JSON.
        WorkspaceError: a file cannot be read.
    """
    return [_server(ctx, word) for word in reversed(words)]


def _server(ctx: click.Context, word: str) -> Server:
    asked_for, sign, answer = word.rpartition("=")
    method, blank, glob = asked_for.strip().partition(" ")
    if not blank:
        method, glob = "get", method
    if not sign or not glob or not answer or method.lower() not in _METHODS:
        raise click.UsageError(
            f'--fetch takes "GET GLOB=FILE.json", with a status (404), timeout or fails in place of a file, not "{word}"',
            ctx,
        )
    result = _WORDS.get(answer)
    if result is None and (status := _STATUS.fullmatch(answer)) is not None and not status[2]:
        result = Result(int(status[1]))
    if result is None:
        try:
            result = Result(200, _read(read_source(answer).text))
        except ValueError as failed:
            raise click.UsageError(f"{visible(answer)} is not JSON: {failed}", ctx) from failed
    return Server(method.lower(), glob.strip(), result, after=None if result is NEVER else 0.0)


def _read(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError if it is not JSON, or nests too deep."""
    try:
        value = json.loads(text)
    except RecursionError:
        value = UNDEFINED
    if from_json(value) is UNDEFINED:
        raise ValueError("it nests too deep, or has a number that JSON does not have")
    return value


class Lookups:
    """What the lookups of a call come to.

    Args:
        servers: those of `--fetch`.
        hide: returns words without values of the environment.
        ask: returns the line that the user types after a prompt, None if the user hangs up; without it the user is not asked.
    """

    __slots__ = ("_ask", "_hide", "_made", "_servers")

    def __init__(
        self, servers: Sequence[Server], hide: Callable[[str], str], ask: Callable[[str], str | None] | None
    ) -> None:
        self._servers, self._hide, self._ask = servers, hide, ask
        self._made: list[tuple[Asked, Result, int]] = []

    def take(self) -> list[tuple[Asked, Result, int]]:
        """Return the lookups since the last time, each with its result and the block that made it."""
        made, self._made = self._made, []
        return made

    def look_up(self, _: Request, pending: Pending) -> tuple[Result, float]:
        """Return the result of a lookup, and the seconds that it takes.

        Raises:
            Refused: `--fetch` does not say it, and the user is not asked.
        """
        lookup = pending.lookup
        made = asked(lookup)
        found = answer_of(self._servers, lookup)
        if found is None and self._ask is None:
            words = visible(self._hide(str(made)))
            raise Refused(
                f"the flow looks up {words}, and no --fetch says what comes of it",
                f'write --fetch "{words}=FILE.json"; docs/play.md explains it',
            )
        if found is None:
            found = self._answer(made, lookup)
        self._made.append((made, found[0], lookup.origin))
        return found

    def _answer(self, made: Asked, lookup: Lookup) -> tuple[Result, float]:
        """Return the user's answer; a lookup while the user hangs up is not answered."""
        assert self._ask is not None
        while True:
            line = self._ask(f"{visible(self._hide(str(made)))} answers ({_HELP}; Enter: 200 {{}}): ")
            result = NEVER if line is None else _typed(line.strip())
            if result is not None:
                return result, lookup.timeout if result is NEVER else 0.0
            emit(f"type a status, JSON or both: {_HELP}\n")


def _typed(line: str) -> Result | None:
    """Return the result that a line means; None for none."""
    if not line:
        return _USUAL
    if line in _WORDS:
        return _WORDS[line]
    status = _STATUS.fullmatch(line)
    number, body = (200, line) if status is None else (int(status[1]), status[2])
    try:
        return Result(number, _read(body) if body else UNDEFINED)
    except ValueError:
        return None
