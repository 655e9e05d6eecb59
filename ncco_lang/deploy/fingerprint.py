"""Short names of things: of a public key, of a document, of a whole."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

DOCUMENT_DIGITS = 20
CALL_DOCUMENT = re.compile(r"[0-9a-f]{16}/call-[0-9a-f]{16}\.json")
"""What `call_document_name` gives; `fullmatch` it."""


def fingerprint(public_pem: str) -> str:
    """The SHA-256 of a PEM's content as `SHA256:…`, 16 hex digits of it; line ends and blanks do not count."""
    lines = [line.strip() for line in public_pem.replace("\\n", "\n").splitlines()]
    body = "".join(line for line in lines if line and not line.startswith("-----"))
    try:
        data = base64.b64decode(body, validate=True)
    except ValueError:
        data = body.encode("utf-8", "surrogatepass")
    return f"SHA256:{hashlib.sha256(data).hexdigest()[:16]}"


def document_hash(content: bytes) -> str:
    """What a document is called: 20 hex digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:DOCUMENT_DIGITS]


def document_name(mark: str, content: bytes) -> str:
    """The name of a document in the store."""
    return f"{mark}/{document_hash(content)}.json"


def call_document_name(mark: str, token: str) -> str:
    """The name of a document that one test call fetches; `token` is 16 hex digits of its own."""
    return f"{mark}/call-{token}.json"


def is_document(name: str, content: bytes | None) -> bool:
    """Whether a store gave a document as it was written."""
    return content is not None and name.endswith(f"/{document_hash(content)}.json")


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
