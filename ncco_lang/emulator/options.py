"""The options of an emulator, and its fixed account."""

from __future__ import annotations

from dataclasses import dataclass, field

from ncco_lang.api.emulated import (
    API_KEY,
    API_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_PORT,
    NUMBERS,
    SIGNATURE_SECRET,
)
from ncco_lang.emulator.bounds import Bounds

__all__ = [
    "API_KEY",
    "API_SECRET",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "DEFAULT_PORT",
    "NUMBERS",
    "SIGNATURE_SECRET",
    "EmulatorOptions",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorOptions:
    """The options of an emulator.

    Attributes:
        provider: `vonage` or `kpn`.
        host, port: where to listen; port 0 takes a free one.
        tls: serve https, with a certificate of an authority that lives as long as the emulator.
        ca_file: the file for the authority's certificate (PEM); None for one in a temporary folder.
        documents: the folder that is served under `/documents/`, or None.
        numbers: the account's numbers, E.164 digits.
        api_key, api_secret: the account at Vonage. client_id, client_secret: the one at KPN.
        signature_secret: signs webhooks; None if they are not signed.
        sandbox: KPN's sandbox: no list of applications, no numbers.
        speed: how many seconds of a call pass in a second; 0 if its time is virtual and goes to what comes next; None if time
            is stopped until `Running.advance`.
        pace: deprecated: seconds between two states of a call to a number, in real time; None for those of the call.
        limits: whether to limit the requests per second.
        calls_a_second, others_a_second: the limits.
        token_lifetime: seconds that a token of KPN's lives.
        leeway: seconds by which a clock may be wrong.
        outside: whether webhooks and answer URLs may be on other machines.
        bounds: how much is kept.
    """

    provider: str = "vonage"
    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    ca_file: str | None = None
    documents: str | None = None
    numbers: tuple[str, ...] = NUMBERS
    api_key: str = API_KEY
    api_secret: str = field(default=API_SECRET, repr=False)
    client_id: str = CLIENT_ID
    client_secret: str = field(default=CLIENT_SECRET, repr=False)
    signature_secret: str | None = field(default=SIGNATURE_SECRET, repr=False)
    sandbox: bool = False
    speed: float | None = 1.0
    pace: float | None = None
    limits: bool = True
    calls_a_second: int = 3
    others_a_second: int = 15
    token_lifetime: int = 3599
    leeway: float = 30.0
    outside: bool = False
    bounds: Bounds = field(default_factory=Bounds)
