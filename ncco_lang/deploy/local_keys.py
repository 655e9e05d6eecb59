"""Find private keys that are missing on this machine, or that belong to another application.

A deploy does not need private keys, so a build server need not have them; calls need them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ncco_lang.deploy.fingerprint import fingerprint
from ncco_lang.deploy.plan import ProviderState, Wanted

if TYPE_CHECKING:
    from ncco_lang.deploy.deploy_run import Run


def lost_keys(run: Run) -> list[str]:
    """Return the keys of the applications whose private key was made by a deploy and is not on this machine."""
    named = {key for key, each in run.paths.target.applications.items() if each.private_key is not None}
    return [
        key
        for key, each in sorted(run.state.applications.items())
        if key not in named and each.key_file is not None and not run.keyring.has(each.key_file)
    ]


def foreign_keys(run: Run, provider_state: ProviderState, keys: Collection[str]) -> list[tuple[str, str]]:
    """Return the private keys in the folder of keys that do not belong to their applications at the provider.

    Returns:
        For each, the application's key in the settings, and what is wrong with its private key.
    """
    found = []
    for key, deployed in sorted(run.state.applications.items()):
        there = provider_state.applications.get(deployed.id)
        target = run.paths.target.applications.get(key)
        if key not in keys or there is None or deployed.key_file is None or (target and target.private_key):
            continue
        # A response without a key does not mean that the application has none.
        theirs = there.settings.public_key or deployed.settings.public_key
        try:
            ours = run.keyring.read_public(deployed.key_file)
        except ValueError as failed:
            found.append((key, str(failed)))
            continue
        if ours is not None and theirs is not None and fingerprint(ours) != fingerprint(theirs):
            found.append((key, f"the application {deployed.id} has another public key"))
    return found


def new_keys(provider_state: ProviderState, run: Run, wanted: Collection[Wanted]) -> list[str]:
    """Return the keys of the applications whose public key a deploy would replace by that of the settings."""
    found = []
    for each in wanted:
        deployed = run.state.applications.get(each.key)
        there = None if deployed is None else provider_state.applications.get(deployed.id)
        theirs = None if there is None else there.settings.public_key
        ours = each.settings.public_key if each.key_file is None else None
        if ours is not None and theirs is not None and fingerprint(ours) != fingerprint(theirs):
            found.append(each.key)
    return found
