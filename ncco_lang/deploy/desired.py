"""Build what is wanted of each application from the settings and flows, a version of the history, or a plan file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from ncco_lang.api.types import Settings
from ncco_lang.deploy.fingerprint import document_name
from ncco_lang.deploy.keyring import key_file_name
from ncco_lang.deploy.plan import Wanted
from ncco_lang.deploy.state import Deployed, State
from ncco_lang.project.targets import AppTarget, Target


def settings_of(application: AppTarget) -> Settings:
    """Return the settings that the profile gives an application.

    A method is always set if its URL is, because providers' defaults differ (conflicts.md R13). A document in a store
    is fetched by GET.
    """
    settings = Settings(name=application.name, **application.settings)
    return replace(
        settings,
        answer_method=settings.answer_method or "GET",
        event_method=settings.event_method or ("POST" if settings.event_url else None),
        fallback_method=settings.fallback_method or ("GET" if settings.fallback_url else None),
    )


def public_url(target: Target, document: str) -> str:
    """Return the URL from which the provider reads a document."""
    return f"{target.documents_url.rstrip('/')}/{document}"


def mark_for(key: str, state: State, replaced: Collection[str], draw: Callable[[], str]) -> str:
    """Return the mark of an application: its current one, the one of an interrupted create, or a new one."""
    deployed = state.applications.get(key)
    if deployed is not None and key not in replaced:
        return deployed.mark
    begun = state.begun.get(key)
    # An interrupted removal leaves the mark of the very application that is to be replaced.
    return begun if begun is not None and (deployed is None or begun != deployed.mark) else draw()


def build(
    target: Target,
    key: str,
    settings: Settings,
    content: bytes,
    numbers: Collection[str],
    *,
    mark: str,
    state: State,
    reference: str | None,
    document: str | None = None,
) -> Wanted:
    """Return what is wanted of one application.

    Args:
        settings: without answer URL and public key.
        mark: its current or new mark.
        reference: the public half of the private key that the profile names, or None.
        document: the name in the store, if `content` is not available.
    """
    deployed = state.applications.get(key)
    document = document or document_name(mark, content)
    settings = replace(settings, answer_url=public_url(target, document), public_key=None)
    key_file: str | None = None
    makes_key = False
    if target.provider == "vonage":
        known = _known_key(deployed, mark)
        if reference is not None:
            settings = replace(settings, public_key=reference)
        elif known is not None and deployed is not None:
            settings, key_file = replace(settings, public_key=known), deployed.key_file
        else:
            makes_key, key_file = True, key_file_name(key, mark)
    return Wanted(
        key=key,
        mark=mark,
        settings=settings,
        document=document,
        content=content,
        numbers=tuple(sorted(numbers)),
        makes_key=makes_key,
        key_file=key_file,
    )


def _known_key(deployed: Deployed | None, mark: str) -> str | None:
    """Return the public half of the key pair that was made for an application, or None."""
    if deployed is None or deployed.mark != mark or deployed.key_file is None:
        return None
    return deployed.settings.public_key
