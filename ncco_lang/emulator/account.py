"""The state of the emulator: one account with its applications, numbers, calls and tokens, all in memory.

Only the server's thread changes it; other threads read it, and use `faults` and the methods of `Running`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.bounds import Kept
from ncco_lang.emulator.faults import Faults
from ncco_lang.emulator.late import Late
from ncco_lang.emulator.limits import Limits
from ncco_lang.emulator.log import Log
from ncco_lang.emulator.owned_numbers import Owned, owned_numbers
from ncco_lang.simulate.scenario import Scenario

if TYPE_CHECKING:
    from ncco_lang.emulator.applications import Stored
    from ncco_lang.emulator.calls import Call
    from ncco_lang.emulator.options import EmulatorOptions
    from ncco_lang.tokens.keys import KeyPair


class Account:
    """One account at one provider.

    Attributes:
        address: the URL of the emulator.
        applications: id → application, oldest first. calls: uuid → call, oldest first.
        tokens: KPN's tokens → when they expire.
        used: hashes of the ids of used JWTs → when they were used.
        requests: the received requests, as `GET /_emulator/requests` shows them.
        events: what the sink received, as `GET /_emulator/events` shows it.
        late: requests that have not taken effect yet.
        posted: the events that calls posted, to any address: `uuid` and `body`.
        recordings: seconds of recorded sound by the id in its URL, oldest first.
        scenarios: what surrounds the next call to a number, oldest first.
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
        "recordings",
        "requests",
        "scenarios",
        "tell",
        "tokens",
        "used",
    )

    def __init__(self, options: EmulatorOptions, tell: Callable[[str], None] | None = None) -> None:
        self.options = options
        self.address = ""
        bounds = options.bounds
        self.applications: Kept[Stored] = Kept(bounds.applications, bounds.application_bytes)
        self.numbers: dict[str, Owned] = owned_numbers(options.numbers)
        self.calls: Kept[Call] = Kept(bounds.calls, bounds.call_bytes)
        self.tokens: dict[str, float] = {}
        self.used: OrderedDict[bytes, float] = OrderedDict()
        self.requests = Log(bounds.log, bounds.log_bytes)
        self.events = Log(bounds.log, bounds.log_bytes)
        self.posted = Log(bounds.log, bounds.log_bytes)
        self.recordings: OrderedDict[str, float] = OrderedDict()
        self.scenarios: Kept[Scenario] = Kept(bounds.scenarios, bounds.scenario_bytes)
        self.faults = Faults()
        self.late = Late(bounds.late)
        self.limits = Limits(options.calls_a_second, options.others_a_second)
        self.tell = tell or _nothing
        self._keys: KeyPair | None = None

    @property
    def is_kpn(self) -> bool:
        """Whether it emulates KPN."""
        return self.options.provider == "kpn"

    def now(self) -> float:
        """Return seconds since 1970 by the emulator's clock, which a fault may have moved."""
        return time.time() + self.faults.offset

    def platform_keys(self) -> KeyPair:
        """Return the key pair that KPN's platform keeps for its customers; make it when it is first needed."""
        if self._keys is None:
            from ncco_lang.tokens.keys import make_key_pair

            self._keys = make_key_pair()
        return self._keys

    def revoke(self) -> None:
        """Revoke all tokens of KPN's."""
        self.tokens.clear()

    def keep(self, application: Stored) -> None:
        """Keep a new or changed application; delete the oldest ones if there are too many."""
        self.applications.put(application.id, application, [application.body, application.public_key])
        while (oldest := self.applications.surplus(application.id)) is not None:
            self.tell(f"application {oldest} is dropped: the emulator keeps no more")
            self.forget(oldest)

    def keep_scenario(self, to: str, scenario: Scenario, content: Any) -> None:
        """Keep what surrounds the next call to a number; drop the oldest ones if there are too many."""
        self.scenarios.put(to, scenario, content)
        while (oldest := self.scenarios.surplus(to)) is not None:
            self.scenarios.drop(oldest)

    def take_scenario(self, to: str) -> Scenario:
        """Return what surrounds the next call to a number, and forget it."""
        scenario = self.scenarios.get(to)
        if scenario is None:
            return Scenario()
        self.scenarios.drop(to)
        return scenario

    def keep_files(self, files: Mapping[str, float]) -> None:
        """Keep the lengths of recorded sound; drop the oldest ones if there are too many."""
        self.recordings.update(files)
        while len(self.recordings) > self.options.bounds.recordings:
            self.recordings.popitem(last=False)

    def forget(self, application_id: str) -> None:
        """Remove an application, and the links of numbers to it."""
        self.applications.drop(application_id)
        for number in self.numbers.values():
            if number.application_id == application_id:
                number.link(None)


def _nothing(_: str) -> None:
    pass
