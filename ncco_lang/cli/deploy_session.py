"""Shared by `ncco deploy` and `ncco destroy`: check keys, print progress, ask, and end an interrupted run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.render import few_words, visible

if TYPE_CHECKING:
    from ncco_lang.deploy.deploy_run import Run
    from ncco_lang.deploy.plan import ProviderState, Wanted
    from ncco_lang.deploy.profile_paths import ProfilePaths


def say(line: str) -> None:
    """Print a line of progress on standard error; a failed write does not stop the run."""
    try:
        emit(visible(line) + "\n", err=True)
    except Refused:
        pass


def tell_keys(run: Run, keys: Collection[str], provider_state: ProviderState, wanted: Collection[Wanted] = ()) -> None:
    """Report the applications whose private key on this machine is missing or does not match.

    Args:
        keys: the keys of the applications.
        provider_state: what the provider has.
        wanted: what a deploy wants; a private key from the settings that replaces the current one is reported.
    """
    from ncco_lang.deploy.local_keys import foreign_keys, lost_keys, new_keys

    profile = run.paths.target.profile.name
    lost = [key for key in lost_keys(run) if key in keys]
    if lost:
        anew = " ".join(f"--replace {key}" for key in lost) if few_words(lost) == ", ".join(lost) else "--replace KEY"
        say(
            f"note: {run.paths.target.keys} lacks the private key of {few_words(lost)}. A deploy does not need it; to place calls from "
            f"here, put it there from where it was made, or make a new one: ncco deploy {anew} --profile {profile}"
        )
    for key, why in foreign_keys(run, provider_state, keys):
        say(
            f"warning: the private key of {key} in {run.paths.target.keys} is not that of its application: {why}. Calls from here "
            f"will be refused; put the right key there, or make a new one: ncco deploy --replace {key} --profile {profile}"
        )
    for key in new_keys(provider_state, run, wanted):
        say(
            f"warning: private_key of {key} ({run.paths.target.applications[key].private_key}) is not the key that its application "
            "has now. This deploy gives the application the new public key; what still uses the old one is refused then"
        )


def check_keys(paths: ProfilePaths, keys: Collection[str]) -> None:
    """Check that the applications exist, in the settings or deployed.

    Raises:
        Refused: an application is neither in the settings nor deployed.
    """
    from ncco_lang.deploy.state_file import read_state

    if not keys:
        return
    known = {*paths.target.applications, *read_state(paths.state, paths.shown_state).applications}
    for key in keys:
        if key not in known:
            those = ", ".join(sorted(known))
            raise Refused(f'profile "{paths.target.profile.name}" has no application "{key}"; it has {those}')


def check_former(run: Run, *, only_shown: bool) -> None:
    """See that a profile that looks renamed does not make its applications a second time.

    Args:
        only_shown: nothing comes of the plan, so a note is enough.

    Raises:
        Refused: the user has to say whether the profile was renamed.
    """
    from ncco_lang.deploy.profile_paths import former_profile

    former = former_profile(run.paths, run.provider.account)
    if former is None:
        return
    name = run.paths.target.profile.name
    words = (
        f'nothing was deployed with profile "{name}", but "{former}", which ncco.toml does not have, has applications at '
        f"this account. If it was renamed, keep them: ncco deploy --moved-from {former} --profile {name}. "
        f'If "{name}" is a new profile: --moved-from none'
    )
    if not only_shown:
        raise Refused(words)
    say(f"note: {words}")


def agreed(*, yes: bool, question: str = "Make these changes?") -> bool:
    """Return whether the user agrees. The end of the input (Ctrl-D) means no.

    Raises:
        click.Abort: the user pressed Ctrl-C.
        Refused: standard input is not a terminal, so the user cannot be asked.
    """
    if yes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise Refused("there are changes to make, and nobody at a terminal to ask; say --yes to make them")
    try:
        return _answer(question)
    except click.Abort as stopped:
        # click raises Abort for both Ctrl-C and Ctrl-D.
        if not isinstance(stopped.__context__, EOFError):
            raise
        emit("\n", err=True)
        return False


def _answer(question: str) -> bool:
    """Ask until the answer is valid. Not `click.confirm`, whose error message has another style."""
    while True:
        typed = click.prompt(f"{question} [y/N]", default="", show_default=False, err=True).strip().lower()
        if typed in ("", "n", "no"):
            return False
        if typed in ("y", "yes"):
            return True
        say(f'ncco: "{typed}" is no answer; type y or n')


@contextmanager
def going_on(*, by_plan_file: bool = False) -> Iterator[None]:
    """If a step fails, print how to continue: with the next run, or with a new plan.

    Args:
        by_plan_file: whether a plan file is being applied, which is stale after its first step.
    """
    from ncco_lang.api.errors import ApiError, Stale
    from ncco_lang.deploy.errors import DeployError, StalePlan, Undecided
    from ncco_lang.store.errors import StoreError

    try:
        yield
    except Undecided:
        # The next run needs the option that this error names.
        raise
    except Stale as failed:
        raise StalePlan(f"{failed}. Run it again, and the plan shows what changed") from failed
    except (ApiError, DeployError, StoreError):
        how = (
            "a new plan goes on from there; this one is stale now"
            if by_plan_file
            else "the next run goes on from there"
        )
        say(f"ncco: stopped; what was done so far is remembered, and {how}")
        raise


@contextmanager
def interrupted() -> Iterator[threading.Event]:
    """End the run with a message and exit code 130 on Ctrl-C or SIGTERM (a cancelled build).

    The lock is released and the state is complete. Yields an event; set it before the first change.
    """
    import signal

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if is_main else None
    has_begun = threading.Event()
    try:
        yield has_begun
    except (KeyboardInterrupt, click.Abort):
        how = "nothing was changed"
        if has_begun.is_set():
            how = "nothing is lost. Run it again, and it looks at how far this run came"
        emit(f"\nncco: stopped; {how}\n", err=True)
        raise click.exceptions.Exit(130) from None
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
