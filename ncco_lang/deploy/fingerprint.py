"""Compute short names of a public key, a document and a JSON value."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

DOCUMENT_DIGITS = 20
CALL_DOCUMENT = re.compile(r"[0-9a-f]{16}/call-[0-9a-f]{16}\.json")
"""Matches a name from `call_document_name`; use `fullmatch`."""


def fingerprint(public_pem: str) -> str:
    """Return the SHA-256 of a PEM's content as `SHA256:` and 16 hex digits; line ends and blanks do not count."""
    lines = [line.strip() for line in public_pem.replace("\\n", "\n").splitlines()]
    body = "".join(line for line in lines if line and not line.startswith("-----"))
    try:
        data = base64.b64decode(body, validate=True)
    except ValueError:
        data = body.encode("utf-8", "surrogatepass")
    return f"SHA256:{hashlib.sha256(data).hexdigest()[:16]}"


def document_hash(content: bytes) -> str:
    """Return the name of a document: 20 hex digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:DOCUMENT_DIGITS]


def document_name(mark: str, content: bytes) -> str:
    """Return the name of a document in the store."""
    return f"{mark}/{document_hash(content)}.json"


def call_document_name(mark: str, token: str) -> str:
    """Return the name of the document that one test call fetches; `token` is 16 hex digits."""
    return f"{mark}/call-{token}.json"


def is_document(name: str, content: bytes | None) -> bool:
    """Return whether the content of a document from the store matches its name."""
    return content is not None and name.endswith(f"/{document_hash(content)}.json")


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, independent of the order of its keys."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
