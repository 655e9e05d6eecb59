"""The state of a deployed profile as frozen values. `state_file.py` reads and writes them as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ncco_lang.api.types import Settings

IntentKind = Literal["upload", "create", "update", "delete", "link", "unlink", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFlow:
    """A flow that branches: `ncco serve` answers its calls.

    Attributes:
        version: that of its bundle, 64 hex digits.
        steps: the digest of each step by its name, to tell which of them change; empty if they are not known.
    """

    version: str
    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """An application that was made or taken over.

    Attributes:
        mark: 16 random hex digits; the folder of its documents, so its answer URL identifies it.
        id: the provider's id.
        settings: what was last sent, with answer URL and public key.
        document: the name of its document in the store, `MARK/HASH.json`: its flow, or the fallback document of a flow
            that branches; empty if that has none.
        served: its flow, if that branches.
        numbers: digits of the numbers that a deploy linked to it.
        key_file: the private key's file in the folder of keys; None if the profile names another, or the provider
            needs none.
    """

    mark: str
    id: str
    settings: Settings
    document: str
    served: ServedFlow | None = None
    numbers: tuple[str, ...] = ()
    key_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A remote step that was begun and whose result is not known yet.

    Attributes:
        date: for a create: when it was requested by the provider's clock, ISO 8601 in UTC; None if that is unknown.
    """

    kind: IntentKind
    key: str
    mark: str | None = None
    id: str | None = None
    document: str | None = None
    number: str | None = None
    name: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One application of a version.

    Attributes:
        settings: without the public key and the URLs that a deploy makes.
        document: see `Deployed`.
        bundle: the version of its bundle, if its flow branches.
        numbers: digits.
    """

    settings: Settings
    document: str
    bundle: str | None = None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The result of an apply, as the difference from the version before.

    Attributes:
        hash: of everything that was deployed then, without marks and ids; 64 hex digits.
        when: ISO 8601, UTC.
        changed: the applications that are new or changed. In the oldest version, all.
        removed: the keys of the version before that are gone.
    """

    hash: str
    when: str
    changed: Mapping[str, Release] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that is recorded. `State()` is the state of a profile that was never deployed.

    Attributes:
        serial: grows by one with each write.
        profile, provider, account: the owner of the state; empty before the first write.
        applications: by the key of the settings.
        begun: marks of applications that are being made, by key; they have no id yet.
        leaving: ids of applications that were replaced and are still to be deleted, with their keys.
        documents: the names of all documents that were uploaded and not removed.
        intent: the unfinished remote step.
        given_up: marks of creates whose application was not found and is no longer looked for, with their keys; it may
            still appear.
        goal: the hash of the version that an unfinished rollback restores.
        history: the versions, oldest first.
    """

    serial: int = 0
    profile: str = ""
    provider: str = ""
    account: str = ""
    applications: Mapping[str, Deployed] = field(default_factory=dict)
    begun: Mapping[str, str] = field(default_factory=dict)
    leaving: Mapping[str, str] = field(default_factory=dict)
    documents: frozenset[str] = frozenset()
    intent: Intent | None = None
    given_up: Mapping[str, str] = field(default_factory=dict)
    goal: str | None = None
    history: tuple[Version, ...] = ()
