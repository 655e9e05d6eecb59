"""Find a private key in text from an environment or a file, or describe what the text looks like instead.

Environments, dotenv files and secret stores rarely keep line ends: they write them as `\\n`, quote the whole key, join
the lines, or hold the base64 of the file.
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from collections.abc import Callable
from typing import NamedTuple

BEGINS = "a private key begins with -----BEGIN PRIVATE KEY-----"
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_AROUND = " \t\r\n\f\v\ufeff\u200b\u00a0"
_QUOTES = ('"', "'", "`")
_MOST_LAYERS = 4
"""How many layers of quotes, escapes and base64 may be around a key."""


def pem_of(text: str) -> str:
    """Return the PEM block of a private key in a text, in its usual form; the text itself if it has none.

    Args:
        text: PEM, also with `\\n` for line ends, in quotes, in one line, with blanks around its lines, or as base64.
    """
    for _ in range(_MOST_LAYERS):
        inner = _peeled(text)
        if inner == text:
            break
        text = inner
    for found in _BLOCK.finditer(text):
        label, body = found[1], "".join(found[2].split())
        # A colon belongs to a header of the older form with a password, whose line ends matter.
        if label.endswith("PRIVATE KEY") and ":" not in body:
            lines = "\n".join(textwrap.wrap(body, 64))
            return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
    return text


def _peeled(text: str) -> str:
    """Return a text without its outermost layer of quotes, escapes or base64."""
    text = text.strip(_AROUND)
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        return text[1:-1]
    if "-----" in text:
        return re.sub(r"\\+r?(?:\\+n|n)|\\\r?\n", "\n", text)
    decoded = _decoded(text)
    return text if decoded is None else decoded


def _decoded(text: str) -> str | None:
    """Return the PEM whose base64 a text is; None if it is not."""
    data = _bytes_of(text)
    try:
        inner = None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return inner if inner is not None and "-----BEGIN" in inner else None


def _bytes_of(text: str) -> bytes | None:
    """Return the bytes that base64 encodes, with or without line breaks; None if the text is not base64."""
    packed = "".join(re.sub(r"\\[rn]", "", text).split()).translate(str.maketrans("-_", "+/"))
    if _BASE64.fullmatch(packed) is None:
        return None
    try:
        return base64.b64decode(packed.rstrip("=") + "=" * (-len(packed.rstrip("=")) % 4), validate=True)
    except binascii.Error:
        return None


class _Look(NamedTuple):
    """A test for what a text looks like, and the message for it."""

    is_it: Callable[[str], object]
    words: str


def _pattern(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).search


def _is_der(text: str) -> bool:
    data = _bytes_of(text)
    return data is not None and len(data) > 300 and data[:2] == b"\x30\x82"


_LOOKS = (
    _Look(lambda text: not text, f"it is empty; {BEGINS}"),
    _Look(
        _pattern(r"-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4, *ENCRYPTED"),
        "the private key has a password; save it without one: openssl pkey -in KEY -out NEW",
    ),
    _Look(
        _pattern("-----BEGIN OPENSSH PRIVATE KEY-----"),
        "it looks like an OpenSSH key; turn it into PEM with: ssh-keygen -p -m PEM -f FILE",
    ),
    _Look(_pattern(r"^PuTTY-User-Key-File"), "it looks like a PuTTY key; export it as PEM with PuTTYgen"),
    _Look(_pattern(r"-----BEGIN [A-Z ]*PUBLIC KEY-----|^(ssh-|ecdsa-)"), f"it looks like a public key; {BEGINS}"),
    _Look(_pattern("-----BEGIN [A-Z0-9 ]*CERTIFICATE"), f"it looks like a certificate; {BEGINS}"),
    _Look(
        lambda text: "-----BEGIN" in text and "-----END" not in text,
        "it looks like a key that is cut off: the line -----END PRIVATE KEY----- is missing",
    ),
    _Look(_pattern("-----BEGIN [A-Z ]*PRIVATE KEY-----"), "it looks like a private key that is damaged; copy it again"),
    _Look(_pattern("-----BEGIN"), f"it is PEM of another kind; {BEGINS}"),
    _Look(_pattern(r"^[\[{]"), "it looks like JSON; take the text of its private_key alone"),
    _Look(_pattern(r"^(env|file):"), "it looks like a reference of ncco.toml; put there what the reference stands for"),
    _Look(_pattern(r"^eyJ[\w-]*\.[\w-]+\.[\w-]*$"), f"it looks like a JWT; {BEGINS}"),
    _Look(_is_der, "it looks like a key without its first and last line; -----BEGIN PRIVATE KEY----- is missing"),
    _Look(
        _pattern(r"^(?:~|\.{0,2}/|[A-Za-z]:\\|\\\\)\S[^\n]*$|^[^\n]{1,300}\.(?:pem|key|der|txt|p8|p12|pfx)$"),
        'it looks like a path; for a file write "file:PATH" in ncco.toml',
    ),
    _Look(
        _pattern(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"),
        f"it looks like the id of an application; {BEGINS}",
    ),
    _Look(_pattern(r"^\S{4,64}$"), f"it looks like an API secret or a password; {BEGINS}"),
)


def what_it_looks_like(text: str) -> str:
    """Return what a text looks like that is not a private key, and what to do, without showing any of it."""
    text = pem_of(text).strip(_AROUND)
    return next((look.words for look in _LOOKS if look.is_it(text)), BEGINS)
