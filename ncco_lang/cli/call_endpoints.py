"""Read the two sides of a call from the command line: the callee and the caller."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ncco_lang.api.types import Endpoint
from ncco_lang.cli.console import Refused
from ncco_lang.cli.options import is_text

_SIP = re.compile(r"sips?:\S+", re.IGNORECASE)
_SOCKET = re.compile(r"wss?://\S+", re.IGNORECASE)
_NAMED = re.compile(r"(app|vbc):(.*)", re.IGNORECASE | re.DOTALL)
_FORMS = "a SIP address (sip:desk@example.com), a websocket (wss://…) or a user (app:NAME)"
_RATE = "audio/l16;rate=16000"


def read_callee(text: str, *, force: bool, headers: Sequence[str] = (), content_type: str | None = None) -> Endpoint:
    """Return the endpoint to call.

    Args:
        text: a telephone number in any form that the language reads, a SIP URI, a websocket's address, `app:USER` or
            `vbc:EXTENSION`.
        headers: `NAME=VALUE`, for a websocket or a SIP address.
        content_type: of a websocket.

    Raises:
        Refused: the text is none of these, an option does not go with it, or it is a premium-rate or emergency number
            without `force`.
    """
    text = text.strip()
    if not text.isprintable():
        raise Refused(f'"{text}" is not an endpoint to call: it has a character that cannot be printed')
    if _SOCKET.fullmatch(text):
        options = {"content-type": content_type or _RATE, **_headers(headers)}
        return Endpoint(type="websocket", address=text, options=options)
    if content_type is not None:
        raise Refused(f'--content-type goes with a websocket (wss://…), and "{text}" is none')
    if _SIP.fullmatch(text):
        return Endpoint(type="sip", address=text, options=_headers(headers))
    if headers:
        raise Refused(f'--header goes with a websocket or a SIP address, and "{text}" is neither')
    named = _NAMED.fullmatch(text)
    if named is not None and named[2]:
        return Endpoint(type=named[1].lower(), address=named[2])
    return Endpoint(type="phone", address=_read_number(text, force=force))


def _headers(headers: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, str] = {}
    for header in headers:
        name, sign, value = header.partition("=")
        if not sign or not name or not is_text(header):
            raise Refused(f'--header takes NAME=VALUE, not "{header}"')
        if name in found:
            raise Refused(f"--header {name} is given twice")
        found[name] = value
    return {"headers": found} if found else {}


def _read_number(text: str, *, force: bool) -> str:
    from ncco_lang.values.phone import costly_kind, e164_digits

    kind = costly_kind(text)
    if kind is not None and not force:
        why = "a test call takes up a line that a person in need may want" if kind == "emergency" else "it costs extra"
        article = "an" if kind == "emergency" else "a"
        raise Refused(f'"{text}" is {article} {kind} number, and {why}; when that is what you want, say --force')
    digits = e164_digits(text)
    if digits is None and kind == "emergency":
        digits = re.sub(r"\D", "", text)
    if digits is None:
        raise Refused(f'"{text}" is not a number to call: {_number_hint(text)}, or {_FORMS}')
    return digits


def _number_hint(text: str) -> str:
    from ncco_lang.values.phone import is_national

    if is_national(text):
        rest = re.sub(r"\D", "", text).removeprefix("0")
        return f"it has no country code; write it with one, in the Netherlands +31{rest}"
    return 'write it with its country code, like "+31 20 123 4567"'


def read_sender(text: str) -> str:
    """Return the digits of the caller's number, which the callee sees, or a SIP URI.

    Raises:
        Refused: the text is neither.
    """
    from ncco_lang.values.phone import e164_digits

    if _SIP.fullmatch(text.strip()):
        return text.strip()
    digits = e164_digits(text)
    if digits is None:
        raise Refused(f'--from takes a number of your account, and "{text}" is none: {_number_hint(text)}')
    return digits


def check_callee(to: Endpoint, text: str, provider: str) -> None:
    """Check an endpoint that is not a telephone like that of an NCCO's connect, and print warnings.

    Raises:
        Refused: a value is invalid, or the provider does not have it.
    """
    if to.type == "phone":
        return
    from ncco_lang.api.calls_wire import endpoint_body
    from ncco_lang.cli.action_check import check_action

    check_action(f'"{text}"', {"action": "connect", "endpoint": [endpoint_body(to)], "from": "442079460000"}, provider)
