"""Where the webhooks of an application are at a server.

`BASE_URL/ncco-PART/answer`, `/event` and `/fallback`. PART is made from the serve key and the application's key, so it
cannot be guessed, and every process with the key knows it: a deploy from another machine needs the same key.

In the answer URL two more segments may follow PART, and the server reads them as well. The first is a mark, 16 hexadecimal
digits that the server ignores: a deploy draws one for each application, and recognises the application by it. The second
is a version, the first 12 digits of a bundle's, from which calls begin as long as the server has it; then the response has
it in the header `ncco-version`.
"""

from __future__ import annotations

from typing import NamedTuple

from ncco_lang.tokens.sealed import TokenKey

VERSION_HEADER = "ncco-version"
"""The header of an answer that has the version of the flow that the call is in, its first 12 digits."""


class WebhookUrls(NamedTuple):
    """The webhooks of an application."""

    answer: str
    event: str
    fallback: str


def part_of(key: TokenKey, application: str) -> str:
    """Return the unguessable part of the paths of an application, by its key in the settings."""
    return f"ncco-{key.part(application)}"


def webhook_urls(base_url: str, key: TokenKey, application: str, *, mark: str = "", version: str = "") -> WebhookUrls:
    """Return the webhooks of an application.

    Args:
        key: the first of `keys.read_keys`.
        application: its key in the settings.
        mark: 16 hexadecimal digits for the answer URL, or none.
        version: of a bundle, for the answer URL, or none.
    """
    base = f"{base_url.rstrip('/')}/{part_of(key, application)}"
    between = "".join(f"/{each}" for each in (mark, version[:12]) if each)
    return WebhookUrls(f"{base}{between}/answer", f"{base}/event", f"{base}/fallback")
