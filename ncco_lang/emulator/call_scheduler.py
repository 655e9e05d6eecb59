"""Schedule calls: one network with a task for each application that has calls. All run in the server's loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ncco_lang.emulator.exchange import Exchange
from ncco_lang.emulator.network import Network, phone_hook
from ncco_lang.emulator.outcomes import paced, plan_of
from ncco_lang.simulate.scenario import Scenario
from ncco_lang.simulate.types import find_plan

if TYPE_CHECKING:
    from ncco_lang.emulator.account import Account
    from ncco_lang.emulator.calls import Call, CallRequest
    from ncco_lang.emulator.webhooks import Webhooks
    from ncco_lang.simulate.phone import Phone


class CallScheduler:
    """The calls in progress."""

    __slots__ = ("_networks", "account", "exchange")

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account = account
        self.exchange = Exchange(account, webhooks)
        self._networks: dict[str, Network] = {}

    @property
    def is_busy(self) -> bool:
        """Whether so much is in progress that only calls may be added."""
        return self.exchange.is_busy

    def network(self, application_id: str) -> Network:
        """Return the network of an application."""
        network = self._networks.get(application_id)
        if network is None:
            network = self._networks[application_id] = Network(self.exchange, application_id, self.drop_surplus)
            self.exchange.spawn(self._run(network))
        return network

    async def _run(self, network: Network) -> None:
        try:
            await network.run()
        finally:
            if self._networks.get(network.application_id) is network:
                del self._networks[network.application_id]

    def ring_out(self, application_id: str, order: CallRequest) -> Call:
        """Place the call of a create-call request, with the script that was left for the number."""
        account = self.account
        scenario = account.take_scenario(order.address)
        plan, length = plan_of(order.address), float(order.length_timer)
        if account.options.pace is not None:
            plan, longest = paced(plan, account.options.pace)
            length = length if longest is None else min(length, longest)
        plan = find_plan(scenario.plans, order.address) or plan
        application = account.applications.get(application_id)
        # An application's own webhook may change during the call.
        is_own = application is not None and order.event is application.event
        detection = {
            "behavior": order.detection,
            "beep": order.beep,
            "beside": order.beside,
            "timeout": order.beep_timeout,
        }
        sender = order.from_.get("number") or order.from_.get("uri")
        return self.network(application_id).begin(
            lambda phone: phone.ring_out(
                order.to,
                sender,
                answer=phone_hook(order.answer, application.answer if application is not None else None),
                ncco=order.ncco,
                event=None
                if is_own
                else phone_hook(order.event, application.event if application is not None else None),
                timeout=order.ringing_timer,
                length=length,
                plan=plan,
                detection=None if order.detection is None else detection,
                at=account.now() if scenario.at is None else scenario.at,
                plans=scenario.plans,
            ),
            scenario.script,
            order=order,
            content=order.ncco,
        )

    def ring_in(
        self, application_id: str, to: str, from_: str | None, ncco: list[dict[str, Any]] | None, scenario: Scenario
    ) -> Call:
        """Call a number of an application from outside."""
        at = self.account.now() if scenario.at is None else scenario.at
        return self.network(application_id).begin(
            lambda phone: phone.ring_in(to, from_, ncco=ncco, at=at, plans=scenario.plans),
            scenario.script,
            content=ncco,
        )

    def drop_surplus(self) -> None:
        """Drop the oldest calls if there are too many, first those that have ended; a live one sends nothing more."""
        calls = self.account.calls
        while calls and (oldest := calls.surplus(next(reversed(calls)), lambda each: each.is_over)) is not None:
            call = calls[oldest]
            network = self._networks.get(call.application_id)
            legs = [oldest] if network is None or call.is_over else network.drop(call.leg.call)
            for id in legs:
                if id in calls:
                    calls.drop(id)

    def do(self, call: Call, what: Callable[[Phone], object]) -> bool:
        """Do something to a call; return whether it was live."""
        network = self._networks.get(call.application_id)
        return network is not None and network.do(call, what)

    async def advance(self) -> None:
        """Let late effects happen, then let time go on to the next change of a status in each network."""
        await self.account.late.release()
        for network in list(self._networks.values()):
            await network.next_status()

    async def settle(self) -> None:
        """Wait until every call has ended and its webhooks are sent."""
        await self.exchange.settle()

    async def drop(self) -> None:
        """Drop all calls and other work."""
        await self.exchange.drop()
