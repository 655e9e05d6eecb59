"""The flows that a server answers for: loaded, reloaded after an edit, and kept by version while calls are in them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from ncco_lang.bundle import Bundle
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.project.profiles import Profile
from ncco_lang.project.targets import Reference, read_reference
from ncco_lang.resources import load_json_resource
from ncco_lang.runtime.answering import Answering
from ncco_lang.runtime.answers import SHORT, Answered, Flow, Pending
from ncco_lang.runtime.requests import secrets_of
from ncco_lang.serve.addresses import part_of
from ncco_lang.serve.applications import (
    Application,
    Loaded,
    Sources,
    changed,
    load_applications,
    read_project,
)
from ncco_lang.serve.bundles import KeptBundles, Versions
from ncco_lang.serve.call_store import SqliteStore
from ncco_lang.serve.keys import KEY_FILE, make_serve_folder, read_keys, will_make_key
from ncco_lang.tokens.sealed import TokenKey, Tokens
from ncco_lang.values.event_urls import Address
from ncco_lang.workspace.errors import SettingsError, WorkspaceError
from ncco_lang.workspace.projects import Project, from_here
from ncco_lang.workspace.secrets import exposed

DEFAULT_FOLDER = ".ncco/serve"
PINNED_SECONDS = 30 * 86400.0
"""How long a version is kept after the last call that began with it because the answer URL has it (a rollback)."""
CALLS = "calls.sqlite"
"""The name of the call store in the folder of the server."""


class FlowErrors(WorkspaceError):
    """A flow has findings at error level, so it cannot be served. `findings` are those of all flows."""

    def __init__(self, findings: tuple[Diagnostic, ...]) -> None:
        super().__init__("a flow has errors, so nothing is served; correct them first")
        self.findings = findings


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """The settings of a server: `[serve]` of `ncco.toml`, and its project.

    Attributes:
        folder: where key, call store and versions are kept.
        key: where the settings say that the key is.
        seconds: for how long a token is valid.
        most_requests: requests at the same time.
        request_seconds: how long a request may take to arrive.
        allow: the hosts that lookups may reach at a private address or without TLS.
        ca: a file of authorities that lookups trust besides the usual ones.
    """

    project: Project
    profile: Profile | None
    folder: Path
    key: Reference | None
    port: int
    seconds: float
    most_requests: int
    request_seconds: float
    allow: tuple[str, ...] = ()
    ca: Path | None = None


def read_settings(sources: Sources, report: Callable[[SettingsError], object] | None = None) -> ServeSettings:
    """Return the settings for what is served.

    Args:
        report: see `read_project`.

    Raises:
        InputError: `ncco.toml` cannot be read or used, or has no such profile.
    """
    project, profile = read_project(sources, report)
    table: Mapping[str, Any] = project.config.serve
    known = load_json_resource("schemas/ncco-toml.schema.json")["properties"]["serve"]["properties"]

    def number(name: str) -> int:
        return int(table.get(name, known[name]["default"]))

    return ServeSettings(
        project=project,
        profile=profile,
        folder=Path(project.folder, table.get("folder", DEFAULT_FOLDER)),
        key=read_reference(table["key"]) if "key" in table else None,
        port=number("port"),
        seconds=number("call_hours") * 3600.0,
        most_requests=number("max_requests"),
        request_seconds=float(number("request_seconds")),
        allow=tuple(table.get("allow", ())),
        ca=Path(project.folder, Path(table["ca"]).expanduser()) if "ca" in table else None,
    )


class Served(NamedTuple):
    """An application and its flow."""

    application: Application
    flow: Flow


@dataclass(frozen=True, slots=True)
class _State:
    """What changes when flows are loaded: the applications by the unguessable parts of their paths."""

    served: Mapping[str, Served] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)


class Service:
    """Answers the webhooks of the applications.

    Args:
        sources: what is served; its base URL is that of this server.
        tell: called with each line of the log about an event.
        warn: called with each line about a problem.
        report: called with findings about flows.

    Attributes:
        keys: the serve keys, the first one seals.
        tells_of_reloads: it tells when flows are loaded again, and reports findings about them.
    """

    __slots__ = (
        "_answering",
        "_pinned",
        "_report",
        "_sources",
        "_state",
        "keys",
        "settings",
        "store",
        "tell",
        "tells_of_reloads",
        "warn",
    )

    def __init__(
        self,
        sources: Sources,
        settings: ServeSettings,
        keys: tuple[TokenKey, ...],
        store: SqliteStore,
        tell: Callable[[str], None],
        warn: Callable[[str], None],
        report: Callable[[tuple[Diagnostic, ...]], None],
    ) -> None:
        self.settings, self.keys, self.store, self.tell, self.warn = settings, keys, store, tell, warn
        self._sources, self._report = sources, report
        self._answering = Answering(Tokens(keys, settings.seconds, os.urandom), store)
        self._state = _State()
        self._pinned: dict[tuple[str, str], Bundle] = {}
        self.tells_of_reloads = True

    @property
    def base_url(self) -> str:
        """The address of the server, as the platform reaches it."""
        return (self._sources.choices.base_url or "").rstrip("/")

    @property
    def applications(self) -> list[Served]:
        """The applications, in the order of the settings."""
        return list({each.application.key: each for each in self._state.served.values()}.values())

    def find(self, part: str) -> Served | None:
        """Return the application with an unguessable part; None if there is none."""
        return self._state.served.get(part)

    def answer(self, served: Served, address: Address, fields: Mapping[str, Any], now: float) -> Answered | Pending:
        """Return the answer to a webhook, or the lookup that it depends on. Never raises."""
        pinned = served.flow.bundles.get(address.version)
        if pinned is not None:
            self._pinned[served.application.key, address.version] = pinned
        return self._answering.answer(
            served.flow, address.webhook, fields, now, token=address.token, version=address.version
        )

    # ── Loading ───────────────────────────────────────────────────────────────────────────────────────

    def load(self) -> None:
        """Load the applications for the first time.

        Raises:
            FlowErrors: a flow has errors.
            WorkspaceError: a file cannot be read or written.
        """
        self._take(load_applications(self._sources, self.settings.project, self.settings.profile), time.time())

    def reload(self) -> bool:
        """Load the applications again if a file has changed; what has errors changes nothing. Return whether it did."""
        state = self._state
        if not any(True for _ in changed(state.stamps)):
            return False
        # Not again before the next edit, whatever comes of this one.
        self._state = replace(state, stamps={path: _now(path) for path in state.stamps})
        warn = self.warn if self.tells_of_reloads else _ignore
        try:
            project, profile = read_project(self._sources, lambda failed: warn(str(failed)))
            loaded = load_applications(self._sources, project, profile)
            if loaded.has_errors and any(True for _ in changed(self._state.stamps)):
                return False  # a file was still being written, and the next look reads it whole
            self._take(loaded, time.time())
        except FlowErrors:
            warn("the flows have errors; calls go on with the versions before the edit")
            return False
        except WorkspaceError as failed:
            warn(f"{failed}; calls go on with the versions before the edit")
            return False
        if self.tells_of_reloads:
            self.tell("the flows were loaded again; calls that have begun go on with their versions")
        return True

    def _take(self, loaded: Loaded, now: float) -> None:
        if loaded.findings and self.tells_of_reloads:
            self._report(loaded.findings)
        if loaded.has_errors:
            raise FlowErrors(loaded.findings)
        for application in loaded.applications:
            _check_secrets(application)
        served: dict[str, Served] = {}
        for application in loaded.applications:
            each = Served(application, self._flow(application, now))
            served |= {part_of(key, application.key): each for key in reversed(self.keys)}
        self._state = _State(served, loaded.stamps)

    def _flow(self, application: Application, now: float) -> Flow:
        kept = self._kept(application)
        if application.bundle is not None:
            kept.keep(application.bundle, now)
        bundles = kept.read(now)
        if application.bundle is not None:
            bundles[application.bundle.version[:SHORT]] = application.bundle
        return Flow(
            name=application.key,
            base=f"{self.base_url}/{part_of(self.keys[0], application.key)}",
            newest=application.bundle,
            document=application.document,
            bundles=Versions(bundles, kept.find),
            seconds=self.settings.seconds,
        )

    def _kept(self, application: Application) -> KeptBundles:
        return KeptBundles(self.settings.folder, application.key, self.settings.seconds)

    def close(self) -> None:
        """Close the call store."""
        self.store.close()

    def reopen(self) -> None:
        """Open the call store again, in a process that was forked after it was closed.

        Raises:
            InputError: it cannot be opened.
        """
        self.store = SqliteStore(self.settings.folder / CALLS)
        self._answering = Answering(Tokens(self.keys, self.settings.seconds, os.urandom), self.store)

    # ── Upkeep, in a thread ───────────────────────────────────────────────────────────────────────────

    def renewed_store(self) -> SqliteStore:
        """Return a store in the file that is there now; a new one is made if that was deleted, with what the store has.

        Raises:
            WorkspaceError: it cannot be opened or made.
        """
        make_serve_folder(self.settings.folder)
        if will_make_key(self.settings.key, self.settings.folder):
            self.warn(
                f"the serve key {from_here(self.settings.folder / KEY_FILE)} was deleted; put it back, or webhooks have other"
                " addresses after a restart"
            )
        return SqliteStore(self.settings.folder / CALLS, before=self.store)

    def probe_store(self) -> None:
        """Write into the call store, by a connection of its own. Raises what prevents it."""
        with closing(SqliteStore(self.settings.folder / CALLS)) as store:
            store.probe()

    def tidy_store(self, now: float) -> None:
        """Forget what has expired, by a connection of its own. Raises what prevents it."""
        with closing(SqliteStore(self.settings.folder / CALLS)) as store:
            store.sweep(now)
            store.checkpoint()

    def touch_versions(self, now: float) -> None:
        """Note which versions of flows are still the newest. Never raises."""
        for application, _ in self.applications:
            if application.bundle is not None:
                self._kept(application).touch(application.bundle, now)
            for key, bundle in list(self._pinned.items()):
                if key[0] == application.key:
                    self._kept(application).touch(bundle, now + PINNED_SECONDS)
                    del self._pinned[key]


def missing_secrets(bundle: Bundle) -> tuple[str, ...]:
    """Return the environment variables that the lookups of a bundle read and that are not set; empty ones count so too."""
    needed = bundle.prepared.get("secrets")
    if needed is None:
        needed = bundle.prepared["secrets"] = secrets_of(bundle)
    return tuple(name for name in needed if not os.environ.get(name))


def _check_secrets(application: Application) -> None:
    """Raise SettingsError if the environment lacks a secret of an application's flow."""
    missing = () if application.bundle is None else missing_secrets(application.bundle)
    if missing:
        are, them = ("s {} are", "them") if len(missing) > 1 else (" {} is", "it")
        raise SettingsError(
            f"the environment variable{are.format(' and '.join(missing))} not set, and lookups of {application.key} need"
            f" {them}; set {them} where ncco serve runs"
        )


def _ignore(_: str) -> None:
    pass


def _now(path: str) -> str:
    from ncco_lang.workspace.file_stamps import look, stamp

    return stamp(look(path))


def open_service(
    sources: Sources,
    *,
    tell: Callable[[str], None],
    warn: Callable[[str], None] | None = None,
    report: Callable[[tuple[Diagnostic, ...]], None] = lambda _: None,
    settings: ServeSettings | None = None,
) -> Service:
    """Return a service whose applications are loaded.

    Args:
        sources: without a base URL, that of the profile counts, else this machine's with the port of the settings.
        tell: called with each line of the log about an event.
        warn: called with each line about a problem; None for `tell`.
        report: called with findings about flows.
        settings: those of `read_settings`; None to read them here.

    Raises:
        FlowErrors: a flow has errors.
        WorkspaceError: the settings, a file, the key or the folder cannot be used.
    """
    warn = tell if warn is None else warn
    settings = read_settings(sources, lambda failed: warn(str(failed))) if settings is None else settings
    choices = sources.choices
    base_url = choices.base_url or (settings.profile.base_url if settings.profile is not None else None)
    sources = sources._replace(choices=choices._replace(base_url=base_url or f"http://127.0.0.1:{settings.port}"))
    make_serve_folder(settings.folder)
    warning = None if settings.key is None else exposed(settings.key, settings.project.folder)
    if warning is not None:
        warn(warning)
    keys = read_keys(settings.key, settings.project.folder, settings.folder)
    store = SqliteStore(settings.folder / CALLS)
    try:
        service = Service(sources, settings, keys, store, tell, warn, report)
        service.load()
    except (WorkspaceError, SettingsError):
        store.close()
        raise
    return service
