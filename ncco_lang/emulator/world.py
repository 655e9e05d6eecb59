"""What the emulator holds: one account with its applications, numbers, calls and tokens. All of it is in memory.

The server's thread alone changes it; other threads read it, and use `faults` and what `Running` offers.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from ncco_lang.emulator.faults import Faults
from ncco_lang.emulator.late import Late
from ncco_lang.emulator.limits import Limits
from ncco_lang.emulator.log import Log
from ncco_lang.emulator.numbers import Owned, owned_numbers

if TYPE_CHECKING:
    from ncco_lang.emulator.applications import Stored
    from ncco_lang.emulator.calls import Call
    from ncco_lang.emulator.options import EmulatorOptions
    from ncco_lang.emulator.switchboard import Switchboard
    from ncco_lang.tokens.keys import KeyPair

MOST_KEPT = 20_000
MOST_BYTES = 64 << 20
"""What each log keeps."""
MOST_LATE = 1000
"""Requests that may wait for their effect; with one more, the oldest takes effect at once."""


class World:
    """One account at one provider.

    Attributes:
        address: where the emulator is reached.
        applications: id → application, oldest first. calls: uuid → call, oldest first.
        tokens: KPN's tokens → when they end.
        used: ids of JWTs that were used → when they end.
        requests: what came in, as `GET /_emulator/requests` shows it.
        events: what the sink got, as `GET /_emulator/events` shows it.
        late: requests whose effect is still to come.
        posted: the events that calls posted, wherever they went: `uuid` and `body`.
        switchboard: what makes calls go on; None until the server runs.
    """

    __slots__ = (
        "_keys",
        "address",
        "applications",
        "calls",
        "events",
        "faults",
        "late",
        "limits",
        "numbers",
        "options",
        "posted",
        "requests",
        "switchboard",
        "tell",
        "tokens",
        "used",
    )

    def __init__(self, options: EmulatorOptions, tell: Callable[[str], None] | None = None) -> None:
        self.options = options
        self.address = ""
        self.applications: dict[str, Stored] = {}
        self.numbers: dict[str, Owned] = owned_numbers(options.numbers)
        self.calls: dict[str, Call] = {}
        self.tokens: dict[str, float] = {}
        self.used: OrderedDict[str, float] = OrderedDict()
        self.requests = Log(MOST_KEPT, MOST_BYTES)
        self.events = Log(MOST_KEPT, MOST_BYTES)
        self.posted = Log(MOST_KEPT, MOST_BYTES)
        self.faults = Faults()
        self.late = Late(MOST_LATE)
        self.limits = Limits(options.calls_a_second, options.others_a_second)
        self.switchboard: Switchboard | None = None
        self.tell = tell or _nothing
        self._keys: KeyPair | None = None

    @property
    def is_kpn(self) -> bool:
        """Whether it is KPN's side."""
        return self.options.provider == "kpn"

    def now(self) -> float:
        """Seconds since 1970 by the emulator's clock, which a fault may have moved."""
        return time.time() + self.faults.offset

    def platform_keys(self) -> KeyPair:
        """The key pair that KPN's platform keeps for its customers; made when it is first needed."""
        if self._keys is None:
            from ncco_lang.tokens.keys import make_key_pair

            self._keys = make_key_pair()
        return self._keys

    def revoke(self) -> None:
        """Let all tokens of KPN's die."""
        self.tokens.clear()

    def forget(self, application_id: str) -> None:
        """Take an application away, and the links of numbers to it."""
        del self.applications[application_id]
        for number in self.numbers.values():
            if number.application_id == application_id:
                number.link(None)


def _nothing(_: str) -> None:
    pass
