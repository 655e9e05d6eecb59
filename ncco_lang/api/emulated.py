"""The emulator's fixed account: the credentials of `ncco emulate` and of profiles that use it. None of it is secret.

It is in this package because both the emulator and its clients may import it.
"""

from __future__ import annotations

API_KEY = "emulator"
API_SECRET = "emulator-secret"
CLIENT_ID = "emulator"
CLIENT_SECRET = "emulator-secret"

SIGNATURE_SECRET = "emulator-signature-secret-0123456789"
"""Signs webhooks; longer than the 32 bytes that HS256 requires (RFC 7518, 3.2)."""

NUMBERS = ("31201234567", "31301234567", "31850001234", "442079460123", "442079460000", "12025550143")
"""The account's numbers: Dutch, British and American ones that are valid in the numbering plans."""

IS_IT_RUNNING = "is the emulator running? It is started with: ncco emulate"
"""The advice if nothing listens at the emulator's address."""

DEFAULT_PORT = 4580
"""The default port of `ncco emulate`."""

ADDRESS = f"http://127.0.0.1:{DEFAULT_PORT}"
"""The default address of `ncco emulate`."""
