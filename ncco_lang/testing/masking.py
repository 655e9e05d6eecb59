"""Hide what a caller enters at a question whose answer is secret."""

from __future__ import annotations

from typing import Any, Final

from ncco_lang.bundle import Ask, Bundle
from ncco_lang.engine.state import State
from ncco_lang.simulate.types import Output, Request
from ncco_lang.testing.servers import HIDDEN

_ENTERED: Final = frozenset({"key", "words", "digits", "text"})
"""The members of outputs and webhooks that hold what a caller enters."""
_ACTS: Final = frozenset({"press", "say", "input"})


def asks_secret(bundle: Bundle | None, state: State | None) -> bool:
    """Return whether a call waits for a secret answer."""
    if bundle is None or state is None:
        return False
    exit = bundle.graph.blocks[state.block].exit
    name = bundle.graph.questions[exit.question].name if isinstance(exit, Ask) else None
    return name is not None and bundle.graph.names[name].secret


def masked(output: Output) -> Output:
    """Return something that happened while a secret was entered, without the secret."""
    if isinstance(output, Request):
        return output._replace(fields=_masked(output.fields)) if output.kind == "input" else output
    return output._replace(data=_masked(output.data)) if output.what in _ACTS else output


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: HIDDEN if name in _ENTERED and each else _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value
