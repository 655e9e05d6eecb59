"""What a flow without branches compiles to: one NCCO. `bundler.py` has the product of a flow that needs a runtime."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ncco_lang.ncco.veil import Veil
from ncco_lang.source import Span


@dataclass(frozen=True, slots=True)
class Document:
    """The product of a flow that is one NCCO.

    Attributes:
        ncco: the NCCO.
        spans: the place of the statement of each action.
        secret: the params of the flow whose values come from the environment.
        veil: the parts of the NCCO that depend on them; None if there are none, or if they cannot be determined.
    """

    ncco: list[dict[str, Any]]
    spans: tuple[Span, ...] = field(default=(), repr=False)
    secret: tuple[str, ...] = ()
    veil: Veil | None = field(default=None, repr=False)

    @property
    def shown(self) -> list[dict[str, Any]] | None:
        """The NCCO without values from the environment, for printing; None if it cannot be shown."""
        if not self.secret:
            return self.ncco
        return None if self.veil is None else self.veil.shown
