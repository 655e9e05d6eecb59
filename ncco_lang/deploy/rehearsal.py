"""Ask a server for its answer to a call, as the provider will, before the provider is told its address."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from ncco_lang.api.types import Settings
from ncco_lang.deploy.errors import NotReady
from ncco_lang.deploy.plan import Plan, Wanted
from ncco_lang.deploy.verify_published import PublishedVerifier, answer_words
from ncco_lang.net.types import Request, TransportError
from ncco_lang.project.targets import Target
from ncco_lang.vocabulary.ncco_schema import violations
from ncco_lang.workspace.secrets import read_secret

_PAUSES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Seconds between the tries: a server that was just started, or that loads an edit, needs a moment."""
_LARGEST = 1 << 20
_SHORT = 12
_CALLER, _CALLED = "12025550100", "12025550199"
"""Numbers that are reserved for fiction."""


class Rehearsal:
    """Asks servers.

    Args:
        sleep: waits for a number of seconds.
        say: receives each line of progress.
        secret: signs the requests as the provider does; None if webhooks are not signed.
        base_url: that of the profile.
    """

    __slots__ = ("_base_url", "_say", "_secret", "_sleep", "_verifier")

    def __init__(
        self,
        verifier: PublishedVerifier,
        *,
        sleep: Callable[[float], object],
        say: Callable[[str], None],
        secret: str | None,
        base_url: str,
    ) -> None:
        self._verifier = verifier
        self._sleep, self._say = sleep, say
        self._secret = secret
        self._base_url = base_url.rstrip("/")

    def check(self, wanted: Wanted) -> None:
        """Check that the server of an application answers with the flow that is wanted, within the time-outs.

        Raises:
            NotReady: says what is wrong with the last answer, and what to do.
        """
        url, served = wanted.settings.answer_url, wanted.served
        assert url is not None
        assert served is not None
        self._say(f"{wanted.key}: asking the server for its answer at {_origin(url)}")
        why = ""
        for pause in (*_PAUSES, None):
            why, version = self.ask(url, wanted.settings)
            if not why and version != served.version[:_SHORT]:
                why = _another_version(wanted, version)
            if not why:
                return
            if pause is not None:
                self._sleep(pause)
        raise NotReady(
            f"{wanted.key}: the server at {_origin(url)} {why}. Nothing was changed at the provider; --skip-check deploys "
            "without this look"
        )

    def ask(self, url: str, settings: Settings) -> tuple[str, str]:
        """Return what is wrong with the answer, empty if nothing is, and the version of the flow that it is from."""
        try:
            response = self._verifier.fetch(self._request(url, settings), settings, at_most=_LARGEST)
        except TransportError as failed:
            start = "; start it with: ncco serve" if failed.refused else ""
            return f"gives no answer ({failed}){start}", ""
        if response.status == 404:
            return (
                "does not know this application (404): start ncco serve with this profile, and on another machine with "
                "the same serve key (`key` of [serve] in ncco.toml)"
            ), ""
        if response.status in (401, 503) and self._secret is not None:
            return f"answers with {response.status}: its signature secret is another, or it is overloaded", ""
        why = answer_words(response, settings.answer_method or "GET")
        given = None if why else response.json()
        if why or not _is_ncco(given):
            return why or "gives something that is not an NCCO", ""
        broken = next(iter(violations(given)), None)
        if broken is not None:
            # Only `raw` may leave the schema, and only its author can know whether the provider takes it.
            where = ".".join(map(str, broken.path))
            return f"gives an NCCO that is not valid at {where or 'its top'} ({broken.keyword})", ""
        other = next((each for each in _event_urls(given) if not each.startswith(f"{self._base_url}/")), None)
        if other is not None:
            self._say(
                f"warning: the server gives event URLs below {_origin(other)}, and base_url of the profile is "
                f"{self._base_url}; run ncco serve with the same base URL"
            )
        return "", response.headers.get("ncco-version", "")

    def _request(self, url: str, settings: Settings) -> Request:
        fields = {
            "from": _CALLER,
            "to": _CALLED,
            "uuid": f"dry-run-{uuid4()}",
            "conversation_uuid": f"CON-dry-run-{uuid4()}",
        }
        headers = {"accept": "application/json"}
        is_post = settings.answer_method == "POST"
        if self._secret is not None:
            from ncco_lang.tokens.jwt import payload_of_query, sign_webhook

            text = json.dumps(fields, separators=(",", ":")).encode("ascii")
            payload = text if is_post else payload_of_query(fields.items())
            token = sign_webhook(self._secret, payload=payload, api_key="", application_id=None, now=time.time())
            headers["authorization"] = f"Bearer {token}"
        if is_post:
            return Request(method="POST", url=url, headers=headers, json=fields)
        return Request(method="GET", url=url, query=tuple(fields.items()), headers=headers)


def rehearsal_of(
    target: Target,
    folder: str,
    verifier: PublishedVerifier,
    settings: Settings,
    *,
    say: Callable[[str], None],
    sleep: Callable[[float], object] = time.sleep,
) -> Rehearsal:
    """Return the rehearsal of a profile, which signs if the profile has a secret and the application wants signatures.

    Raises:
        SettingsError: the secret cannot be read.
    """
    reference = target.credentials.get("signature_secret")
    is_signed = reference is not None and settings.signed_callbacks is not False
    return Rehearsal(
        verifier,
        sleep=sleep,
        say=say,
        secret=read_secret(reference, folder) if is_signed and reference is not None else None,
        base_url=target.profile.base_url or "",
    )


def to_rehearse(plan: Plan, wanted: Mapping[str, Wanted]) -> Iterable[Wanted]:
    """Yield the applications of a plan whose calls a server answers, if their flow or the way to it changes."""
    for change in plan.changes:
        one = wanted.get(change.key)
        if one is None or one.served is None or change.kind == "delete":
            continue
        ways = any(field.name.startswith("answer_") for field in change.fields)
        if change.kind != "update" or ways or change.bundle_before != change.bundle_after:
            yield one


def _another_version(wanted: Wanted, version: str) -> str:
    assert wanted.served is not None
    mine = wanted.served.version[:_SHORT]
    if not version:
        return "answers without a version of the flow: it is not ncco serve, or it has the flow as one document"
    if wanted.is_pinned:
        return (
            f"does not hold the version {mine} of the flow any more, so it cannot be put back. Put the flow back as it was "
            "(from version control), and deploy it"
        )
    return (
        f"has the version {version} of the flow, and this deploy has {mine}: start ncco serve again, with this profile and "
        "the same params (with --reload it loads edits itself)"
    )


def _is_ncco(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(action, dict) for action in given)


def _event_urls(ncco: Any) -> Iterable[str]:
    """Yield the event URLs of a server's own webhooks."""
    for action in ncco:
        urls = action.get("eventUrl")
        for url in urls if isinstance(urls, list) else ():
            if isinstance(url, str) and "/ncco-" in url:
                yield url


def _origin(url: str) -> str:
    """Return the scheme and the host of a URL: the rest of the path is not for everyone's eyes."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
