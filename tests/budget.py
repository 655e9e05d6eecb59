"""The budget of searching tests: small in `make test`, far larger in `make soak`.

A test that searches has the marker `search` and takes its numbers from here, so that both runs check the same law.
`conftest.py` sets the run before the first test file is loaded.
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
    """Choose the large budget if pytest's `-m` selects the soak."""
    _run["is_soak"] = "soak" in marks and "not soak" not in marks


def of(quick: _T, soak: _T) -> _T:
    """Return the budget of this run."""
    return soak if _run["is_soak"] else quick


def searched(quick: int, soak: int) -> Callable[[Any], Any]:
    """Set the number of hypothesis examples for `make test` and `make soak`; goes above `@given`."""
    examples = settings(
        max_examples=of(quick, soak),
        deadline=None,
        # A failure in CI has to fail there again.
        derandomize="CI" in os.environ,
        database=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.function_scoped_fixture,
        ],
    )
    return lambda test: pytest.mark.search(examples(test))
