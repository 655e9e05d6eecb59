"""Say what is wrong with the form of a web address: a blank, a missing scheme, a letter that a host cannot have."""

from __future__ import annotations

import re
from typing import NamedTuple

_INVALID = re.compile(r"[\s{}<>\"\\^`|]")
_FILE = r"(?!(?:wav|mp3|ogg|mp4|m4a|php|html?|json|js|py|txt)\b)"
_WITHOUT_SCHEME = re.compile(rf"(?:[A-Za-z0-9-]+\.)+{_FILE}[A-Za-z]{{2,}}(?::[0-9]+)?(?=[/?#]|$)")
_ODD_SCHEME = re.compile(
    r"(?:(?:https?|wss?)(?::/?|;//|:///+|//)|(?:[htps]{3,8}|[ws]{1,4})://)(?=[\w\[])", re.IGNORECASE
)
_OTHER_SCHEME = re.compile(r"(https?|wss?)://", re.IGNORECASE)
_NAMES = {" ": "a blank", "\n": "a line break", "\r": "a line break", "\t": "a tab"}


class AddressFault(NamedTuple):
    """What is wrong with an address.

    Attributes:
        what: in words, after "has".
        instead: what to write, in words.
        start: where the fault begins.
        end: where it ends.
        right: the address without this fault and others like it; None if it is not certain.
        is_certain: the address can mean nothing else.
    """

    what: str
    instead: str
    start: int
    end: int
    right: str | None
    is_certain: bool = False


def find_address_fault(text: str, schemes: tuple[str, str]) -> AddressFault | None:
    """Return the first fault of an address that a text without it would not have, or None if no fault is certain.

    Args:
        text: the address as written.
        schemes: those of its kind, the better one first: `https`, `http`.
    """
    plain = text.strip()
    if (end := len(text.rstrip())) < len(text) and plain:
        name = _NAMES.get(text[end], "a blank")
        return AddressFault(f"{name} at its end", "remove it", end, len(text), plain, is_certain=True)
    if (start := len(text) - len(text.lstrip())) and plain:
        name = _NAMES.get(text[0], "a blank")
        return AddressFault(f"{name} at its beginning", "remove it", 0, start, plain, is_certain=True)
    if (scheme := _OTHER_SCHEME.match(text)) is None:
        return _scheme_fault(text, schemes)
    if scheme[1].lower() not in schemes:
        # No fix: whether the server speaks the other protocol is not known.
        return AddressFault(f"the scheme {scheme[1]}", f"write {schemes[0]}", 0, scheme.end(1), None)
    if scheme[1] not in schemes:
        right = scheme[1].lower() + text[scheme.end(1) :]
        return AddressFault("a scheme in capitals", "write small letters", 0, scheme.end(1), right, is_certain=True)
    return _sign_fault(text, scheme.end())


def _scheme_fault(text: str, schemes: tuple[str, str]) -> AddressFault | None:
    if (odd := _ODD_SCHEME.match(text)) is not None:
        right = f"{schemes[0]}://{text[odd.end() :]}"
        return AddressFault("a misspelt scheme", f"begin with {schemes[0]}://", 0, odd.end(), right)
    if _WITHOUT_SCHEME.match(text) is not None:
        return AddressFault("no scheme", f"begin with {schemes[0]}://", 0, len(text), None)
    return None


def _sign_fault(text: str, begin: int) -> AddressFault | None:
    host = re.compile(r"[^/?#]*").match(text, begin)
    end = begin if host is None else host.end()
    name = text[begin:end].partition(":")[0]
    if not name.isascii() and (ascii_name := _ascii_host(name)) is not None:
        right, until = text[:begin] + ascii_name + text[begin + len(name) :], begin + len(name)
        return AddressFault("letters that a host cannot have", f"write {ascii_name}", begin, until, right)
    wrong = _INVALID.search(text, begin)
    if wrong is None:
        return None
    sign, is_path = wrong[0], wrong.start() >= end
    what = _NAMES.get(sign, "a blank" if sign.isspace() else f"the sign {sign}")
    right = text[:end] + _INVALID.sub(_coded, text[end:])
    if not is_path or sign in "\r\n\t":
        return AddressFault(what, "remove it", *wrong.span(), right if is_path else None, is_certain=is_path)
    return AddressFault(what, f"write {_coded(wrong)} for it", *wrong.span(), right, is_certain=True)


def _coded(sign: re.Match[str]) -> str:
    """Return a sign as an address has it: `%20`; a line break or a tab is left out."""
    return "" if sign[0] in "\r\n\t" else "".join(f"%{byte:02X}" for byte in sign[0].encode())


def _ascii_host(name: str) -> str | None:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
