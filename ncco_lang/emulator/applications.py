"""An application of the emulator, at any provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook of an application; times in seconds."""

    address: str
    method: str
    connect: float = 1.0
    read: float = 5.0


class Stored:
    """One application.

    Attributes:
        body: the fields of a response, without id and links.
        answer, event, fallback: its webhooks. signed: whether they are signed.
        public_key: verifies its tokens; private_key: only at KPN, where the platform keeps it.
    """

    __slots__ = ("answer", "body", "event", "fallback", "id", "private_key", "public_key", "signed")

    def __init__(self, id: str, body: dict[str, Any], public_key: str, private_key: str = "") -> None:
        self.id = id
        self.body = body
        self.public_key = public_key
        self.private_key = private_key
        self.answer: Hook | None = None
        self.event: Hook | None = None
        self.fallback: Hook | None = None
        self.signed = False

    @property
    def name(self) -> str:
        """The name in lists."""
        return str(self.body["name"])
