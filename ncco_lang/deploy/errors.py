"""Errors that stop a deploy. Each message says what is wrong, why, and what to do."""

from __future__ import annotations

from ncco_lang.workspace.errors import InputError


class DeployError(Exception):
    """A deploy cannot continue. `exit_code` is the exit code of the command: 3 unless a subclass overrides it."""

    exit_code = 3


class Busy(DeployError):
    """Another run is deploying with this state."""


class NotSaved(DeployError):
    """The state, the lock or a key cannot be written, so no more requests are sent to the provider."""


class Undecided(DeployError):
    """An earlier run was interrupted and its result cannot be found out; the user has to decide."""


class NotConfirmed(DeployError):
    """An application was requested, does not exist, and may still appear; a later run looks again."""


class NothingToAdopt(DeployError):
    """--adopt was given but no run was interrupted."""

    exit_code = 2


class CannotMove(DeployError):
    """--moved-from names a profile whose state cannot be moved to this one."""

    exit_code = 2


class NotReady(DeployError):
    """The public URL of a document does not serve it."""


class StalePlan(DeployError):
    """The provider's applications or the state are no longer those that the plan was made for."""

    exit_code = 1


class FlowErrors(DeployError):
    """Flows have findings at error level, which have already been reported."""

    exit_code = 1


class StateError(DeployError):
    """A state file is damaged, from a newer version, or of another profile or account; it is left as it is."""


class PlanError(InputError):
    """A plan file is invalid, or asks for what the settings do not have."""
