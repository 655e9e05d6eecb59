"""Locate the files of a project's profile on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from ncco_lang.deploy.errors import StateError
from ncco_lang.deploy.keyring import Keyring
from ncco_lang.deploy.open_provider import ca_of
from ncco_lang.deploy.state_file import read_state
from ncco_lang.project.targets import DEFAULT_KEYS, Target, default_state
from ncco_lang.store.documents import Documents
from ncco_lang.workspace.projects import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePaths:
    """The files of a profile on this machine; `shown_…` is how messages name a file."""

    project: Project
    target: Target

    @property
    def state(self) -> str:
        """The path of the state file."""
        return str(Path(self.project.folder) / self.target.state)

    @property
    def shown_state(self) -> str:
        """The path of the state file from the working directory."""
        return _shown(self.state)

    @property
    def keyring(self) -> Keyring:
        """The folder of private keys."""
        folder = Path(self.project.folder) / Path(self.target.keys).expanduser()
        return Keyring(str(folder), _shown(str(folder)))

    @property
    def ca(self) -> str | None:
        """The file of certificates that are trusted besides the usual ones."""
        return ca_of(self.target, self.project.folder)

    @property
    def documents(self) -> Documents:
        """The store of the documents."""
        return Documents(self.target.store, self.project.folder)

    @property
    def is_local_store(self) -> bool:
        """Whether the store is a local folder, so that reading it costs nothing."""
        return "://" not in self.target.store or self.target.store.startswith("file://")

    def called(self, name: str) -> ProfilePaths:
        """Return the paths of the profile under another name, with default paths instead of those in its settings."""
        profile = replace(self.target.profile, name=name)
        return replace(self, target=replace(self.target, profile=profile, state=default_state(name), keys=DEFAULT_KEYS))


def former_profile(paths: ProfilePaths, account: str) -> str | None:
    """Return the probable former name of a profile; None if it was deployed, or no state matches.

    A matching state lies in the same folder, belongs to a profile that `ncco.toml` does not have, and holds applications
    at the same account, or a create that was begun. Their keys do not count, because they may be renamed as well.
    """
    own = Path(paths.state)
    if own.exists():
        return None
    for path in sorted(own.parent.glob("*.state.json")):
        try:
            state = read_state(str(path))
        except StateError:
            continue
        is_deployed = state.applications or state.begun or state.leaving or state.given_up
        is_here = (state.provider, state.account) == (paths.target.provider, account)
        if is_deployed and is_here and state.profile not in paths.project.config.profiles:
            return state.profile
    return None


def _shown(path: str) -> str:
    try:
        shown = os.path.relpath(path)
    except ValueError:
        return path
    return path if shown.startswith(os.pardir) else shown
