"""Make the lookups on which the answer to a webhook depends, each once, whichever process gets the webhook and its repetitions.

An event is held in the call store while a lookup of it is made. Another request with the same event waits for what comes of
it; if the process that holds the event is gone, the other one goes on with the results that were kept.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from ncco_lang.bundle import Fetch
from ncco_lang.engine.events import Lookup, Result
from ncco_lang.net.async_client import AsyncHttpClient
from ncco_lang.net.types import AddressForbidden, BadCertificates, Request, TooManyValues, TransportError
from ncco_lang.project.config import invalid_setting
from ncco_lang.project.setting_facts import UnreadableCertificates
from ncco_lang.runtime.answers import Answered, Pending
from ncco_lang.runtime.requests import filled
from ncco_lang.serve.log_lines import lookup_line, shown_url
from ncco_lang.serve.service import ServeSettings, Service, missing_secrets
from ncco_lang.values.data import UNDEFINED
from ncco_lang.values.evaluation import MOST_VALUES
from ncco_lang.workspace.errors import SettingsError, reason_of
from ncco_lang.workspace.regular import check_regular

_FIRST_LOOK, _LAST_LOOK = 0.05, 0.4
"""Seconds between two looks at an event that another request holds: at first, and after a while."""
_MARGIN = 3.0
"""Seconds beyond its time-out for which an event is held."""


class Lookups:
    """Makes lookups.

    Args:
        client: makes requests.
        service: has the call store, the secrets and the log.
    """

    __slots__ = ("_client", "_held", "_service")

    def __init__(self, client: AsyncHttpClient, service: Service) -> None:
        self._client, self._service = client, service
        self._held = count()

    async def answer(self, application: str, ask: Callable[[], Answered | Pending]) -> Answered:
        """Return the answer to a webhook, after the lookups that it depends on.

        Args:
            application: its key, for the log.
            ask: asks the runtime, with what the store has then.
        """
        holder = f"{os.getpid()}.{next(self._held)}"
        outcome, gone_on, pause = ask(), -1, _FIRST_LOOK
        while isinstance(outcome, Pending):
            held_by = self._hold(outcome, holder)
            # Results that cannot be read, because they were sealed with another key, look as if the event has gone on.
            if held_by == holder or (held_by is None and outcome.number == gone_on):
                return await self._follow(application, outcome, holder)
            if held_by is None:
                gone_on = outcome.number
            else:
                await self._wait(outcome, held_by, pause)
                pause = min(_LAST_LOOK, 1.5 * pause)
            outcome = ask()
        return outcome

    def _hold(self, pending: Pending, holder: str) -> str | None:
        """Hold an event until a lookup has ended; return who holds it. A store that fails lets every request go on."""
        now = time.time()
        try:
            return self._service.store.hold(
                pending.key, pending.number, holder, now, now + pending.lookup.timeout + _MARGIN
            )
        except Exception:
            return holder

    async def _wait(self, pending: Pending, held_by: str, pause: float) -> None:
        """Wait for another request; if its process is gone, release the event."""
        if is_running(int(held_by.partition(".")[0])):
            await asyncio.sleep(pause)
        else:
            self._release(pending.key, held_by)

    def _release(self, key: str, holder: str) -> None:
        """Release an event; one that cannot be released is free after a while."""
        with suppress(Exception):
            self._service.store.release(key, holder)

    async def _follow(self, application: str, outcome: Answered | Pending, holder: str) -> Answered:
        """Make the lookups of an event that is held. It ends although the client may be gone: lookups have effects."""
        while isinstance(outcome, Pending):
            key = outcome.key
            try:
                result = await self._look_up(application, outcome)
            except asyncio.CancelledError:
                self._release(key, holder)
                raise
            outcome = outcome.resume(result)
            if isinstance(outcome, Pending):
                self._hold(outcome, holder)
        return outcome

    async def _look_up(self, application: str, pending: Pending) -> Result:
        """Return what comes of a lookup, and tell about it in the log."""
        lookup, where, begun = pending.lookup, shown_url(pending), time.perf_counter()
        missing = missing_secrets(pending.bundle)
        if missing:
            result, words = Result(None), f"not sent: {' and '.join(missing)} is not set"
        else:
            result, words = await self._send(lookup, f"{lookup.method} {where}")
        milliseconds = round((time.perf_counter() - begun) * 1000)
        self._service.tell(lookup_line(application, pending, where, words, milliseconds))
        return result

    async def _send(self, lookup: Lookup, kind: str) -> tuple[Result, str]:
        """Return what comes of a lookup, and the words for it.

        Args:
            kind: the same for all lookups with the same path, so that one path that hangs leaves connections for others.
        """
        headers, json = filled(lookup, os.environ)
        body = None if json is UNDEFINED else json
        request = Request(method=lookup.method.upper(), url=lookup.url, headers=headers, json=body)
        try:
            response = await self._client.send(request, seconds=lookup.timeout, kind=kind)
        except AddressForbidden as failed:
            return Result(None), f"{'failed' if failed.sent else 'not sent'}: {failed}"
        except TransportError as failed:
            words = "late" if failed.late and failed.sent else f"{'late' if failed.late else 'no response'}: {failed}"
            return Result(None, is_late=failed.late), words
        try:
            value = response.parse_json(MOST_VALUES)
        except TooManyValues:
            # The engine would not take it either; to keep it would take seconds, in which other calls wait.
            return Result(response.status), f"{response.status} with more than {MOST_VALUES:,} values"
        except ValueError:
            return Result(response.status), f"{response.status}{' without JSON' if response.content else ''}"
        return Result(response.status, value), str(response.status)


def open_client(service: Service) -> AsyncHttpClient:
    """Return the client that makes the lookups of a service.

    Raises:
        SettingsError: a host in `allow` is invalid, or a file of certificate authorities cannot be read.
    """
    settings = service.settings
    ca = None if settings.ca is None else str(settings.ca)
    try:
        client = AsyncHttpClient(allow=settings.allow, ca=ca)
    except ValueError as failed:
        raise SettingsError(f'allow below [serve] in ncco.toml has an invalid host: "{failed}"') from None
    bundles = [served.flow.newest for served in service.applications]
    has_lookups = any(isinstance(each.exit, Fetch) for bundle in bundles if bundle for each in bundle.graph.blocks)
    try:
        if ca is not None:
            check_regular(Path(ca).stat())
        if has_lookups or ca is not None:
            # Else the first call with a lookup waits for it, and all others with it.
            client.load_trusted()
    except BadCertificates as failed:
        if failed.file != ca:
            raise SettingsError(f"lookups cannot be made: {failed}") from None
        raise _bad_ca(settings, failed.why) from None
    except OSError as failed:
        raise _bad_ca(settings, reason_of(failed)) from failed
    return client


def _bad_ca(settings: ServeSettings, why: str) -> SettingsError:
    source = settings.project.source
    assert source is not None
    facts = UnreadableCertificates(file=str(settings.project.config.serve["ca"]), reason=why)
    finding = invalid_setting(source, ("serve", "ca"), facts)
    return SettingsError(f"{source.name}: [serve] is wrong, so nothing was done; correct it first", (finding,))


def is_running(process: int) -> bool:
    """Return whether a process of this machine is running; True if that is not known."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
