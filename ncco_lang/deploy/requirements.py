"""Check that a profile has what its flows need: a store for documents, a base URL for flows that branch."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.project import setting_facts as facts
from ncco_lang.project.config import invalid_setting
from ncco_lang.project.targets import Target
from ncco_lang.workspace.errors import SettingsError
from ncco_lang.workspace.listening import LOOPBACK


def check_requirements(target: Target, stored: Collection[str], served: Collection[str]) -> None:
    """Check a profile against its flows.

    Args:
        stored: the keys of the applications whose flow is one document.
        served: the keys of those whose flow branches.

    Raises:
        SettingsError: settings are missing; it has a finding at the place of each.
    """
    found = [*_of_stored(target, stored), *_of_served(target, served)]
    if found:
        raise SettingsError(f'profile "{target.profile.name}" lacks what its flows need; nothing was done', found)


def _of_stored(target: Target, keys: Collection[str]) -> Iterator[Diagnostic]:
    source, name = target.profile.source, target.profile.name
    if keys and not target.store:
        yield invalid_setting(source, ("profiles", name, "documents"), facts.NoDocuments(profile=name))
    for key in keys:
        application = target.applications.get(key)
        if target.provider == "kpn" and application is not None and "event_url" not in application.settings:
            yield invalid_setting(source, ("profiles", name, "applications", key), facts.NoEventUrl(application=key))


def _of_served(target: Target, keys: Collection[str]) -> Iterator[Diagnostic]:
    profile = target.profile
    if profile.base_url is None:
        for key in keys:
            path = ("profiles", profile.name, "applications", key)
            yield invalid_setting(
                profile.source, path, facts.ServedWithoutBaseUrl(application=key, profile=profile.name)
            )
    elif keys and _is_here(profile.base_url) and not _is_here(target.address or ""):
        place = ("profiles", profile.name, "base_url")
        yield invalid_setting(profile.source, place, facts.UnreachableBaseUrl(base_url=profile.base_url))


def _is_here(address: str) -> bool:
    """Return whether an address is on this machine, as an emulator is."""
    return urlsplit(address).hostname in LOOPBACK
