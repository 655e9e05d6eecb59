"""Play a flow that branches: its webhooks go to the runtime in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ncco_lang.cli.play_source import say
from ncco_lang.cli.render import visible
from ncco_lang.simulate.types import Answer
from ncco_lang.testing.in_process import InProcess

if TYPE_CHECKING:
    from ncco_lang.bundle import Bundle
    from ncco_lang.simulate.phone import Phone
    from ncco_lang.simulate.types import Request


class Served:
    """The runtime of the flow that is played.

    Args:
        name: the path of the flow, or of its bundle.
        others: answers webhooks to other addresses.
    """

    __slots__ = ("_bundle", "_name", "_others", "server")

    def __init__(
        self, server: InProcess, bundle: Bundle, name: str, others: Callable[[Request], Answer] | None
    ) -> None:
        self.server = server
        self._bundle, self._others = bundle, others
        self._name = name if name.endswith(".flow") else bundle.source

    def respond(self, phone: Phone, request: Request) -> Answer:
        """Return the answer to a webhook."""
        if not self.server.serves(request.hook.url):
            return Answer() if self._others is None else self._others(request)
        answer, answered = self.server.respond(request, phone.board.time_of(phone.board.leg(request.leg)))
        if answered is not None and answered.failures:
            say(f"ncco: internal error, so the caller hears the fallback: {type(answered.failures[0]).__name__}")
        return answer

    def place_of(self, leg: str) -> Callable[[int], str | None]:
        """Return a function to the line in the flow of an action of the NCCO that a leg runs."""

        def place(index: int) -> str | None:
            origin = self.server.origin_of(leg, index)
            if origin is None or not self._name:
                return None
            block, at = origin
            lines = self._bundle.lines[block] if block < len(self._bundle.lines) else ()
            return f"{visible(self._name)}:{lines[at]}" if at < len(lines) and lines else None

        return place
