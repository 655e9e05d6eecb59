"""Check a value of the command line like the NCCO action that means the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.render import visible

_NOT_HERE = frozenset({"plain-http"})


def check_action(what: str, action: Mapping[str, Any], provider: str) -> None:
    """Refuse an action with an error, or one that the provider does not have; print its other findings as warnings.

    Args:
        what: names the option or the argument in messages.

    Raises:
        Refused: with the finding and its hint.
    """
    from ncco_lang.checker import check_value
    from ncco_lang.checks.provider import RULES

    for problem in check_value([dict(action)], provider):
        severity = problem.severity or problem.rule.severity
        words = problem.message if problem.hint is None else f"{problem.message}; {problem.hint}"
        if severity == "error" or problem.rule in RULES:
            raise Refused(f"{what}: {words}")
        if severity == "warning" and problem.rule.name not in _NOT_HERE:
            emit(f"ncco: warning: {visible(f'{what}: {words}')}\n", err=True)
