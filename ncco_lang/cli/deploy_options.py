"""The options of `ncco deploy`, and which of them can be combined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from ncco_lang.project.params import Given


class DeployOptions(NamedTuple):
    """The options of a run.

    Attributes:
        keys: the keys of the applications; empty for all.
        plan_file: the path of the plan file to apply.
        replaced: the keys of the applications to create again.
        rollback: the version to restore; empty for the previous one.
        moved_from: the profile's former name; "none" if the profile is new.
        skip_check: do not ask the server of a flow that branches for its answer first.
    """

    keys: tuple[str, ...] = ()
    plan_file: str | None = None
    params: Mapping[str, Given] = {}
    only_plan: bool = False
    output: str | None = None
    as_json: bool = False
    yes: bool = False
    detailed: bool = False
    drift: bool = False
    history: bool = False
    replaced: tuple[str, ...] = ()
    adopt: str | None = None
    rollback: str | None = None
    moved_from: str | None = None
    skip_check: bool = False

    @property
    def former(self) -> str | None:
        """The name that the profile had before, whose state is taken over."""
        return None if self.moved_from == "none" else self.moved_from


class _Rule(NamedTuple):
    """An option needs at least one of `needs` and excludes all of `without`; `words` is the error message."""

    option: str
    words: str
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


_TAKE_ONE = "--plan, --drift and --history are three things to ask for; take one"
_ONLY_SHOWS = "--drift and --history only show: without a plan, --replace, --adopt, --rollback, --moved-from and -p"
_CHANGES = ("PLAN.json", "--replace", "--adopt", "-p", "--rollback", "--moved-from")
_RULES = (
    _Rule("--plan", _TAKE_ONE, without=("--drift", "--history")),
    _Rule("--drift", _TAKE_ONE, without=("--history",)),
    _Rule("--json", "--json goes with --plan, --drift or --history", needs=("--plan", "--drift", "--history")),
    _Rule("-o", "-o writes a plan, and goes with --plan", needs=("--plan",)),
    _Rule("--detailed-exitcode", "--detailed-exitcode tells what --plan found, and goes with it", needs=("--plan",)),
    _Rule("--drift", _ONLY_SHOWS, without=_CHANGES),
    _Rule("--history", _ONLY_SHOWS, without=_CHANGES),
    _Rule("--history", "--history is of the whole profile: without KEY", without=("KEY",)),
    _Rule(
        "PLAN.json",
        "a plan file is applied as it is: without --plan, --replace, --rollback, --moved-from and -p",
        without=("--plan", "--replace", "-p", "--rollback", "--moved-from"),
    ),
    _Rule(
        "--rollback",
        "--rollback puts back a whole version: without KEY, --replace and -p",
        without=("KEY", "--replace", "-p"),
    ),
    _Rule(
        "--skip-check",
        "--skip-check is for a run that changes something: without --plan, --drift and --history",
        without=("--plan", "--drift", "--history"),
    ),
    _Rule(
        "--moved-from",
        "--moved-from moves a state, which a kept plan does not know; deploy with it first, then write a plan",
        without=("-o",),
    ),
)


def check_usage(options: DeployOptions) -> None:
    """Check that the options can be combined.

    Raises:
        click.UsageError: two options exclude each other, or an option lacks another that it needs.
    """
    given = _given(options)
    for rule in _RULES:
        is_lacking = bool(rule.needs) and given.isdisjoint(rule.needs)
        if rule.option in given and (is_lacking or not given.isdisjoint(rule.without)):
            raise click.UsageError(rule.words)


def _given(options: DeployOptions) -> frozenset[str]:
    """Return the given options, as users write them."""
    said: Mapping[str, object] = {
        "KEY": options.keys,
        "PLAN.json": options.plan_file is not None,
        "-p": options.params,
        "--plan": options.only_plan,
        "-o": options.output is not None,
        "--json": options.as_json,
        "--detailed-exitcode": options.detailed,
        "--drift": options.drift,
        "--history": options.history,
        "--replace": options.replaced,
        "--adopt": options.adopt is not None,
        "--rollback": options.rollback is not None,
        "--moved-from": options.former is not None,
        "--skip-check": options.skip_check,
    }
    return frozenset(option for option, value in said.items() if value)
