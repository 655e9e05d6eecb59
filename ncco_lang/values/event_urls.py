"""The URLs of a flow's webhooks at a runtime, and how transcripts write them.

A webhook is at `BASE/ncco-PART/answer`, `/event` or `/fallback`, and that of a document at `BASE/ncco-PART/KIND/TOKEN`. PART
is an unguessable part of 22 characters. In the answer URL a mark (16 hexadecimal digits), by which a deploy recognises its
application, may follow it, and a version of the flow (12 hexadecimal digits), from which calls begin. `args-TOKEN` before
`answer` has the values of the args of one call.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias, get_args

Hook: TypeAlias = Literal["i", "c", "w", "r", "j", "k"]
"""The kind of an event URL: `i` input, `c` connect, `w` whisper, `r` recording or raw event, `j` the notify that joins, `k` a
key beside the call."""
Webhook: TypeAlias = Literal["answer", "event", "fallback"] | Hook

NOWHERE = "https://flow.invalid"
"""The address that documents and transcripts have in place of the runtime's."""
PART = re.compile(r"ncco-[A-Za-z0-9_-]{22}")
"""The unguessable part of a path."""
LONGEST_URL = 2000
"""Characters of an event URL with its token."""

HOOKS: frozenset[str] = frozenset(get_args(Hook))
_OWN = frozenset({"answer", "event", "fallback"})
_MARK, _VERSION = re.compile(r"[0-9a-f]{16}"), re.compile(r"[0-9a-f]{12}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_ARGS = "args-"
_SHOWN = re.compile(
    rf"https?://[^\s\"<>]*?/{PART.pattern}(?:/{_MARK.pattern})?(?:/{_VERSION.pattern})?"
    rf"(?:/{_ARGS}{_TOKEN.pattern})?/(?:(answer|event|fallback)|([icwrjk])/{_TOKEN.pattern})(?![A-Za-z0-9_/-])"
)


class Address(NamedTuple):
    """What the path of a webhook says.

    Attributes:
        part: the unguessable part, which names its application.
        token: that of an event URL, or of the args in an answer URL.
        version: that of an answer URL.
    """

    part: str
    webhook: Webhook
    token: str = ""
    version: str = ""


def placeholder(hook: Hook) -> str:
    """Return what a document or a transcript has in place of an event URL."""
    return f"{NOWHERE}/{hook}/token"


def event_url(base: str, hook: Hook, token: str) -> str:
    """Return an event URL.

    Args:
        base: the address of the application's webhooks, up to the unguessable part.
    """
    return f"{base}/{hook}/{token}"


def with_arguments(answer_url: str, token: str) -> str | None:
    """Return the answer URL of a call that has args; None if the URL is not an answer URL of a runtime."""
    head, slash, own = answer_url.rpartition("/")
    address = read_address(f"/ncco-{answer_url.rpartition('/ncco-')[2]}")
    if address is None or address.webhook != "answer" or address.token:
        return None
    return f"{head}/{_ARGS}{token}{slash}{own}"


def read_address(path: str) -> Address | None:
    """Return what the path of a webhook says, without the path of the base URL before it; None if it is not one."""
    part, *rest = path.removeprefix("/").split("/")
    if PART.fullmatch(part) is None:
        return None
    match rest:
        case [hook, token] if hook in HOOKS and _TOKEN.fullmatch(token):
            return Address(part, hook, token)  # type: ignore[arg-type]
        case [*between, own] if own in _OWN and len(between) <= 3:
            token = ""
            if own == "answer" and between and _TOKEN.fullmatch(between[-1].removeprefix(_ARGS)):
                token = between.pop().removeprefix(_ARGS) if between[-1].startswith(_ARGS) else ""
            if between and _MARK.fullmatch(between[0]):
                between = between[1:]
            version = between.pop(0) if between and _VERSION.fullmatch(between[0]) else ""
            return None if between else Address(part, own, token, version)  # type: ignore[arg-type]
        case _:
            return None


def without_tokens(text: str) -> str:
    """Return a text with placeholders for the URLs of a runtime's webhooks: no token, no host and no unguessable part."""
    return _SHOWN.sub(_shown, text) if "/ncco-" in text else text


def _shown(match: re.Match[str]) -> str:
    own, hook = match.groups()
    return f"{NOWHERE}/{own}" if own else f"{NOWHERE}/{hook}/token"
