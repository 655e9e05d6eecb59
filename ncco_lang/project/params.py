"""Values given to the params of a flow, before the types that the flow declares are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ncco_lang.source import Source, Span

_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Given:
    """A value for a param, and its origin.

    Attributes:
        value: a text from the command line or the environment; any TOML value but dates and times from a profile; None
            for a variable that is not set.
        origin: its name in messages: `-p desk`, `profile "live" in ncco.toml`.
        source: the `ncco.toml` that holds it; None for the command line.
        span: its place there.
        from_env: it was read from the environment (`env:NAME`). It may be a secret, so no message shows it.
        variable: the environment variable that it names, if it is nothing else.
        is_needed: a variable that is not set is an error; in an editor the default of the param counts instead.
    """

    value: Any
    origin: str
    source: Source | None = None
    span: Span | None = None
    from_env: bool = False
    variable: str | None = None
    is_needed: bool = True


def variable_in(text: str) -> str | None:
    """Return the environment variable that a text of the form `env:NAME` names; None for another text."""
    found = _VARIABLE.fullmatch(text)
    return None if found is None else found[1]


def variables_of(value: Any) -> list[str]:
    """Return the environment variables that a value of a profile names."""
    if isinstance(value, str):
        return [value.removeprefix("env:")] if value.startswith("env:") else []
    if isinstance(value, Mapping):
        value = list(value.values())
    return [name for each in value for name in variables_of(each)] if isinstance(value, list) else []
