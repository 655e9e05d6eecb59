"""How much the searches try: a little in `make test`, far more in `make soak`.

A test that searches carries the marker `search` and takes its numbers from here, so that it is the same law in both
runs. `conftest.py` says which run it is before the first test file is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

_T = TypeVar("_T")
_run = {"is_soak": False}


def choose(marks: str) -> None:
    """Take the large budget where pytest's `-m` asks for the soak."""
    _run["is_soak"] = "soak" in marks and "not soak" not in marks


def of(quick: _T, soak: _T) -> _T:
    """The one of two budgets that this run has."""
    return soak if _run["is_soak"] else quick


def searched(quick: int, soak: int) -> Callable[[Any], Any]:
    """Let hypothesis try so many examples in `make test` and in `make soak`; stands above `@given`."""
    examples = settings(
        max_examples=of(quick, soak),
        deadline=None,
        # What fails in CI has to fail there again.
        derandomize="CI" in os.environ,
        database=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.function_scoped_fixture,
        ],
    )
    return lambda test: pytest.mark.search(examples(test))
