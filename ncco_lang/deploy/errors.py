"""Why a deploy stops. Each message is one sentence, or a few lines, that say what, why and what to do."""

from __future__ import annotations

from ncco_lang.workspace.errors import InputError


class DeployError(Exception):
    """A deploy cannot go on. `exit_code` is what the command ends with: 3 unless a subclass says otherwise."""

    exit_code = 3


class Busy(DeployError):
    """Somebody else is deploying with this state."""


class NotSaved(DeployError):
    """The state, the lock or a key cannot be written, so nothing more is asked of the provider."""


class Undecided(DeployError):
    """An earlier run was cut off and nobody can tell what came of it; the user has to."""


class NotConfirmed(DeployError):
    """An application was asked for, is not there, and may still come into being; a later run looks again."""


class NothingToAdopt(DeployError):
    """--adopt was said where nothing was cut off."""

    exit_code = 2


class CannotMove(DeployError):
    """--moved-from names a profile whose state cannot become that of this one."""

    exit_code = 2


class NotReady(DeployError):
    """The public address of a document does not give it."""


class StalePlan(DeployError):
    """The world or the state is no longer what the plan was made for."""

    exit_code = 1


class FlowErrors(DeployError):
    """Flows have findings at error level, which have been told."""

    exit_code = 1


class StateError(DeployError):
    """A state file is damaged, from a newer version, or of another profile or account; it is left as it is."""


class PlanError(InputError):
    """A plan file is not one, or asks for what the settings do not have."""
