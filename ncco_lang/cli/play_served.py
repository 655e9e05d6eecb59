"""Play a flow that branches: its webhooks go to the runtime in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ncco_lang.cli.play_source import say
from ncco_lang.cli.render import visible
from ncco_lang.simulate.types import Answer, Happened
from ncco_lang.testing.in_process import InProcess
from ncco_lang.testing.servers import lookup_line
from ncco_lang.testing.values_of_call import changes

if TYPE_CHECKING:
    from ncco_lang.bundle import Bundle
    from ncco_lang.cli.play_lookups import Lookups
    from ncco_lang.simulate.phone import Phone
    from ncco_lang.simulate.types import Request


class Served:
    """The runtime of the flow that is played.

    Args:
        lookups: what lookups came to.
        name: the path of the flow, or of its bundle.
        others: answers webhooks to other addresses.
    """

    __slots__ = ("_bundle", "_known", "_lookups", "_name", "_others", "server")

    def __init__(
        self,
        server: InProcess,
        lookups: Lookups,
        bundle: Bundle,
        name: str,
        others: Callable[[Request], Answer] | None,
    ) -> None:
        self.server = server
        self._lookups, self._bundle, self._others = lookups, bundle, others
        self._name = name if name.endswith(".flow") else bundle.source
        self._known: list[tuple[Happened, str | None]] = []

    def respond(self, phone: Phone, request: Request) -> Answer:
        """Return the answer to a webhook."""
        if not self.server.serves(request.hook.url):
            return Answer() if self._others is None else self._others(request)
        now = phone.board.time_of(phone.board.leg(request.leg))
        answer, answered = self.server.respond(request, now)
        for made, result, block in self._lookups.take():
            line = Happened(now, request.leg, "lookup", lookup_line(made, result))
            self._known.append((line, self._line_of(block, -1)))
        if answered is not None and answered.reply is not None and answered.reply.state is not None:
            for name, value in changes(self._bundle, answered.before, answered.reply.state):
                self._known.append((Happened(now, request.leg, "set", {"name": name, "value": value}), None))
        if answered is not None and answered.failures:
            say(f"ncco: internal error, so the caller hears the fallback: {type(answered.failures[0]).__name__}")
        return answer

    def take(self) -> list[tuple[Happened, str | None]]:
        """Return what was looked up and set since the last time, each with its line in the flow if that is known."""
        known, self._known = self._known, []
        return known

    def place_of(self, leg: str) -> Callable[[int], str | None]:
        """Return a function to the line in the flow of an action of the NCCO that a leg runs."""

        def place(index: int) -> str | None:
            origin = self.server.origin_of(leg, index)
            return None if origin is None else self._line_of(*origin)

        return place

    def _line_of(self, block: int, index: int) -> str | None:
        lines = self._bundle.lines[block] if self._name and block < len(self._bundle.lines) else ()
        return f"{visible(self._name)}:{lines[index]}" if index < len(lines) and lines else None
