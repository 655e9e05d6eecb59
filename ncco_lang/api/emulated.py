"""The emulator's fixed account: what `ncco emulate` takes, and what a profile that uses it sends. None of it is secret.

It stands here because the emulator and those who call it may both read it.
"""

from __future__ import annotations

API_KEY = "emulator"
API_SECRET = "emulator-secret"
CLIENT_ID = "emulator"
CLIENT_SECRET = "emulator-secret"

SIGNATURE_SECRET = "emulator-signature-secret-0123456789"
"""Signs webhooks; longer than the 32 bytes that HS256 asks for (RFC 7518, 3.2)."""

NUMBERS = ("31201234567", "31301234567", "31850001234", "442079460123", "442079460000", "12025550143")
"""The account's numbers: Dutch, British and American ones that the numbering plans know."""

IS_IT_RUNNING = "is the emulator running? It is started with: ncco emulate"
"""What to ask where nothing listens at its address."""

DEFAULT_PORT = 4580
"""The port that `ncco emulate` listens at where none is named."""

ADDRESS = f"http://127.0.0.1:{DEFAULT_PORT}"
"""Where `ncco emulate` is found."""
