"""Values given to the params of a flow, before the types that the flow declares are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ncco_lang.source import Source, Span


@dataclass(frozen=True, slots=True)
class Given:
    """A value for a param, and its origin.

    Attributes:
        value: a text from the command line or the environment; any TOML value but dates and times from a profile.
        origin: its name in messages: `-p desk`, `profile "live" in ncco.toml`.
        source: the `ncco.toml` that holds it; None for the command line.
        span: its place there.
        from_env: it was read from the environment (`env:NAME`). It may be a secret, so no message shows it.
    """

    value: Any
    origin: str
    source: Source | None = None
    span: Span | None = None
    from_env: bool = False


def variables_of(value: Any) -> list[str]:
    """Return the environment variables that a value of a profile names."""
    if isinstance(value, str):
        return [value.removeprefix("env:")] if value.startswith("env:") else []
    if isinstance(value, Mapping):
        value = list(value.values())
    return [name for each in value for name in variables_of(each)] if isinstance(value, list) else []
