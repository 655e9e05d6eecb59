"""Move the state and the private keys of a renamed profile to its new name.

Files are moved one by one, the state last. After an interruption, a run with the same `--moved-from` moves the rest.
"""

from __future__ import annotations

import errno
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ncco_lang.deploy.errors import CannotMove, NotSaved
from ncco_lang.deploy.lock import Lock
from ncco_lang.deploy.profile_paths import ProfilePaths
from ncco_lang.deploy.state import State
from ncco_lang.deploy.state_file import read_state
from ncco_lang.workspace.errors import reason_of


def former_site(paths: ProfilePaths, old: str) -> ProfilePaths:
    """Return the paths of a profile under its former name.

    A state file that the profile names stays where it is; otherwise the former path is the default one of the old name.

    Raises:
        CannotMove: the old profile still exists or was not deployed, or the new one was deployed.
        StateError: one of the states is damaged.
    """
    new = paths.target.profile.name
    if old in paths.project.config.profiles:
        raise CannotMove(
            f'ncco.toml still has the profile "{old}"; --moved-from names a profile that is now called otherwise'
        )
    own = read_state(paths.state, paths.shown_state)
    if own.profile == old:
        return paths
    former = paths.called(old)
    has_one = read_state(former.state, former.shown_state).profile == old
    if own != State():
        raise CannotMove(
            f'profile "{new}" has a state already ({paths.shown_state}), so that of "{old}" is not moved over it'
            + ("; remove one of the two" if has_one else ". Leave out --moved-from")
        )
    if not has_one:
        raise CannotMove(f'nothing was deployed with a profile "{old}": {former.shown_state} is not there')
    return former


def move(former: ProfilePaths, paths: ProfilePaths, state: State, lock: Lock) -> None:
    """Move the private keys and the state of a profile to its new name. The caller holds the lock of the new one.

    Args:
        state: the state under the former name.
        lock: the lock of the former name, taken if that is another file.

    Raises:
        Busy: another run is deploying with the old name.
        NotSaved: a file cannot be moved; the files before it were.
    """
    with ExitStack() as stack:
        if former.state != paths.state:
            stack.enter_context(lock)
        marks = {each.mark for each in state.applications.values()} | set(state.begun.values())
        if state.intent is not None and state.intent.mark is not None:
            marks.add(state.intent.mark)
        paths.keyring.take_over(former.keyring, marks, former.target.profile.name, paths.target.profile.name)
        if former.state != paths.state:
            _rename(former.state, paths.state, former.shown_state, paths.shown_state)


def renamed(state: State, paths: ProfilePaths) -> State:
    """Return a state under the profile's new name."""
    return replace(state, profile=paths.target.profile.name)


def _rename(before: str, after: str, shown: str, shown_after: str) -> None:
    try:
        Path(before).rename(after)
    except OSError as failed:
        how = (
            f"; move it there by hand, and run it again: mv {shown} {shown_after}"
            if failed.errno == errno.EXDEV
            else ""
        )
        raise NotSaved(f"cannot move the state {shown} to {shown_after}: {reason_of(failed)}{how}") from failed
