"""Build what is wanted of each application from the settings and flows, a version of the history, or a plan file."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from ncco_lang.api.types import Settings
from ncco_lang.deploy.fingerprint import document_name
from ncco_lang.deploy.keyring import key_file_name
from ncco_lang.deploy.plan import Wanted
from ncco_lang.deploy.state import Deployed, ServedFlow, State
from ncco_lang.project.targets import AppTarget, Target
from ncco_lang.values.event_urls import PART

if TYPE_CHECKING:
    from ncco_lang.serve.addresses import WebhookUrls


EVENT_TIMEOUT = 3000
"""Milliseconds that the provider waits for an event webhook of a flow that looks nothing up (language description)."""
_MADE_EVENT_URL = re.compile(rf"/{PART.pattern}/event")


def settings_of(application: AppTarget) -> Settings:
    """Return the settings that the profile gives an application."""
    return Settings(name=application.name, **application.settings)


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
    document: str = "",
    served: ServedFlow | None = None,
    webhooks: WebhookUrls | None = None,
    is_pinned: bool = False,
    event_timeout: int = EVENT_TIMEOUT,
) -> Wanted:
    """Return what is wanted of one application.

    Args:
        settings: without public key and the URLs that a deploy makes.
        content: the document; empty if there is none.
        mark: its current or new mark.
        reference: the public half of the private key that the profile names, or None.
        document: the name in the store, if `content` is not available.
        served, webhooks: a flow that branches, and where the server answers for it; both or none.
        is_pinned: the answer URL in `webhooks` has the version.
        event_timeout: milliseconds that the provider waits for an event of a flow that branches, unless the settings say it.
    """
    deployed = state.applications.get(key)
    document = document or (document_name(mark, content) if content else "")
    if webhooks is not None:
        settings = _answered_by_server(target, settings, webhooks, document, event_timeout)
    else:
        assert document
        settings = replace(settings, answer_url=public_url(target, document))
    settings = replace(_without_older_urls(_with_methods(settings), deployed), public_key=None)
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
        served=served,
        is_pinned=is_pinned,
        numbers=tuple(sorted(numbers)),
        makes_key=makes_key,
        key_file=key_file,
    )


def has_fallback_url(target: Target, settings: Settings) -> bool:
    """Return whether a deploy gives a flow that branches a fallback document, and its application the URL of it."""
    return target.provider == "vonage" and bool(target.store) and settings.fallback_url is None


def _answered_by_server(
    target: Target, settings: Settings, webhooks: WebhookUrls, document: str, event_timeout: int
) -> Settings:
    """Return the settings with the URLs of a server, and that of the fallback document; those of the profile win."""
    settings = replace(settings, answer_url=webhooks.answer, event_url=settings.event_url or webhooks.event)
    if target.provider != "vonage":
        return settings
    if document:
        settings = replace(settings, fallback_url=public_url(target, document))
    return replace(settings, event_socket_timeout=settings.event_socket_timeout or event_timeout)


def _with_methods(settings: Settings) -> Settings:
    """Return the settings with a method for each URL, because providers' defaults differ (conflicts.md R13)."""
    return replace(
        settings,
        answer_method=settings.answer_method or "GET",
        event_method=settings.event_method or ("POST" if settings.event_url else None),
        fallback_method=settings.fallback_method or ("GET" if settings.fallback_url else None),
    )


def _without_older_urls(settings: Settings, deployed: Deployed | None) -> Settings:
    """Return the settings with an empty URL for each that an earlier deploy made and this one does not make."""
    if deployed is None:
        return settings
    kept = without_made_urls(deployed)
    if settings.event_url is None and kept.event_url != deployed.settings.event_url:
        settings = replace(settings, event_url="")
    if settings.fallback_url is None and kept.fallback_url != deployed.settings.fallback_url:
        settings = replace(settings, fallback_url="")
    return settings


def without_made_urls(one: Deployed | Wanted) -> Settings:
    """Return the settings of an application without the URLs that a deploy makes."""
    settings = replace(one.settings, answer_url=None)
    if one.served is not None:
        if _MADE_EVENT_URL.search(settings.event_url or "") is not None:
            settings = replace(settings, event_url=None)
        if one.document and (settings.fallback_url or "").endswith(f"/{one.document}"):
            settings = replace(settings, fallback_url=None)
    return settings


def _known_key(deployed: Deployed | None, mark: str) -> str | None:
    """Return the public half of the key pair that was made for an application, or None."""
    if deployed is None or deployed.mark != mark or deployed.key_file is None:
        return None
    return deployed.settings.public_key
