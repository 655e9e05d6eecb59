"""The state of a deployed profile: a frozen value, and the JSON file that stores it.

The file holds no secrets and no local paths; its only times are those of its history and of its intent. Its schema is
`schemas/state.schema.json`. Code that changes it holds the lock (`lock.py`) and writes through `journal.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from ncco_lang.api.types import Settings
from ncco_lang.deploy.consistent import contradiction
from ncco_lang.deploy.errors import StateError
from ncco_lang.deploy.state_versions import VERSION, upgraded, version_of
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.schema_validator import Validator
from ncco_lang.workspace.errors import InputError
from ncco_lang.workspace.files import read_source

_SCHEMA = "schemas/state.schema.json"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,200}")
_PUT_BACK = (
    "Nothing was done and the file was left as it is. Put back a good copy (from version control or a backup); without "
    "it ncco does not know what it deployed"
)

_Kept = TypeVar("_Kept")
IntentKind = Literal["upload", "create", "update", "delete", "link", "unlink", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """An application that was made or taken over.

    Attributes:
        mark: 16 random hex digits; the folder of its documents, so its answer URL identifies it.
        id: the provider's id.
        settings: what was last sent, with answer URL and public key.
        document: the name of its document in the store, `MARK/HASH.json`.
        numbers: digits of the numbers that a deploy linked to it.
        key_file: the private key's file in the folder of keys; None if the profile names another, or the provider
            needs none.
    """

    mark: str
    id: str
    settings: Settings
    document: str
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
    """One application of a version: its settings (without answer URL and public key), document and numbers."""

    settings: Settings
    document: str
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


# ── The file ───────────────────────────────────────────────────────────────────────────────────────────


def read_state(path: str, shown: str | None = None) -> State:
    """Return the state in a file; `State()` if it does not exist. Nothing is written.

    Args:
        path: the file.
        shown: how messages name it.

    Raises:
        StateError: it is damaged, cannot be read, or was written by a newer ncco.
    """
    try:
        Path(path).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return State()
    except (OSError, ValueError):
        # Reading the file reports the error.
        pass
    try:
        source = read_source(path, shown)
    except InputError as failed:
        raise StateError(f"{failed}. {_PUT_BACK}") from failed
    return load_state(source.text, source.name)


def load_state(text: str, name: str) -> State:
    """Return the state in a text.

    Raises:
        StateError: it is not a valid state, or was written by a newer ncco.
    """
    try:
        data = whole_json(text)
    except (ValueError, RecursionError) as failed:
        raise StateError(_damaged(name, "it is not JSON" if text.strip() else "it is empty")) from failed
    version = version_of(data)
    if version > VERSION:
        raise StateError(
            f"{name} was written by a newer ncco (its version is {version}); update ncco. Nothing was done and the file "
            "was left as it is"
        )
    data = upgraded(data)
    broken = Validator(load_json_resource(_SCHEMA)).check(load_json_resource(_SCHEMA))(data)
    if broken:
        where = ".".join(str(step) for step in broken[0].path) or "the whole"
        raise StateError(
            _damaged(name, f"{where} is not as it has to be ({broken[0].keyword} {broken[0].detail}".rstrip() + ")")
        )
    for key in (*data["applications"], *data["begun"], *data["given_up"].values()):
        if not is_key(key):
            raise StateError(_damaged(name, f"{key!r} is no key of an application"))
    state = _from_json(data)
    if version == 1:
        # Version 1 did not record a create that it gave up, so any of them may have made a second application.
        state = replace(state, given_up={**{mark: key for key, mark in state.begun.items()}, **_marks(state)})
    wrong = contradiction(state)
    if wrong is not None:
        raise StateError(_damaged(name, wrong))
    return state


def _marks(state: State) -> dict[str, str]:
    return {each.mark: key for key, each in state.applications.items()}


def whole_json(text: str) -> Any:
    """Parse JSON from an untrusted text.

    Raises:
        ValueError: it is not JSON, or has a lone surrogate, which cannot be encoded in a file or a request.
        RecursionError: it is nested too deeply.
    """
    data = json.loads(text)
    if "\\u" in text:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    return data


def _damaged(name: str, why: str) -> str:
    return f"{name} is no state that ncco can read: {why}. {_PUT_BACK}"


def is_key(text: str) -> bool:
    """Return whether a text can be the key of an application: letters, digits, - and _, at most 200."""
    return _KEY.fullmatch(text) is not None


def _from_json(data: dict[str, Any]) -> State:
    return State(
        serial=data["serial"],
        profile=data["profile"],
        provider=data["provider"],
        account=data["account"],
        applications={
            key: Deployed(
                mark=each["mark"],
                id=each["id"],
                settings=settings_from_json(each["settings"]),
                document=each["document"],
                numbers=tuple(each["numbers"]),
                key_file=each.get("key_file"),
            )
            for key, each in data["applications"].items()
        },
        begun=data["begun"],
        leaving=data["leaving"],
        documents=frozenset(data["documents"]),
        intent=Intent(**data["intent"]) if "intent" in data else None,
        given_up=data["given_up"],
        goal=data.get("goal"),
        history=tuple(
            Version(
                hash=each["hash"],
                when=each["when"],
                changed={key: release_from_json(release) for key, release in each["changed"].items()},
                removed=tuple(each["removed"]),
            )
            for each in data["history"]
        ),
    )


Lines = dict[int, tuple[Any, str]]
"""The lines that were written once: id of a value → the value, kept alive so that its id stays unique, and its text."""


def dump_state(state: State, known: Lines | None = None) -> str:
    """Return a state as text: sorted, with a line per application, document and version, so that its diffs read well.

    Args:
        known: the lines of earlier states of the run. A deploy of a thousand applications writes its state about a
            thousand times, and each time all but one or two lines are the same.
    """
    known = {} if known is None else known
    entries: dict[str, str | list[str]] = {
        "version": _compact(VERSION),
        "serial": _compact(state.serial),
        "profile": _compact(state.profile),
        "provider": _compact(state.provider),
        "account": _compact(state.account),
        "applications": [
            f"{_compact(key)}: {_line(each, _deployed_to_json, known)}"
            for key, each in sorted(state.applications.items())
        ],
        "begun": [f"{_compact(key)}: {_compact(mark)}" for key, mark in sorted(state.begun.items())],
        "leaving": [f"{_compact(id)}: {_compact(key)}" for id, key in sorted(state.leaving.items())],
        "documents": [f'"{name}"' for name in sorted(state.documents)],
        **({} if state.intent is None else {"intent": _compact(_present(state.intent))}),
        "given_up": [f"{_compact(mark)}: {_compact(key)}" for mark, key in sorted(state.given_up.items())],
        **({} if state.goal is None else {"goal": _compact(state.goal)}),
        "history": [_line(version, _version_to_json, known) for version in state.history],
    }
    return "{\n" + ",\n".join(f'  "{name}": {_value(name, entry)}' for name, entry in entries.items()) + "\n}\n"


def _value(name: str, entry: str | list[str]) -> str:
    """Return an entry as text, with one line per item of a list or an object."""
    if isinstance(entry, str):
        return entry
    begin, end = "[]" if name in ("documents", "history") else "{}"
    return f"{begin}\n    " + ",\n    ".join(entry) + f"\n  {end}" if entry else begin + end


def _line(value: _Kept, to_json: Callable[[_Kept], dict[str, Any]], known: Lines) -> str:
    there = known.get(id(value))
    if there is None:
        there = known[id(value)] = (value, _compact(to_json(value)))
    return there[1]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _deployed_to_json(each: Deployed) -> dict[str, Any]:
    data = {
        "mark": each.mark,
        "id": each.id,
        "settings": settings_to_json(each.settings),
        "document": each.document,
        "numbers": list(each.numbers),
    }
    return data if each.key_file is None else {**data, "key_file": each.key_file}


def _version_to_json(version: Version) -> dict[str, Any]:
    return {
        "hash": version.hash,
        "when": version.when,
        "changed": {key: release_to_json(release) for key, release in version.changed.items()},
        "removed": list(version.removed),
    }


def release_to_json(release: Release) -> dict[str, Any]:
    """Return a release as JSON."""
    return {
        "settings": settings_to_json(release.settings),
        "document": release.document,
        "numbers": list(release.numbers),
    }


def release_from_json(data: Mapping[str, Any]) -> Release:
    """Return a release from validated JSON."""
    return Release(
        settings=settings_from_json(data["settings"]), document=data["document"], numbers=tuple(data["numbers"])
    )


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """Return settings as JSON with our names; settings without a value are omitted."""
    return _present(settings)


def settings_from_json(data: Mapping[str, Any]) -> Settings:
    """Return settings from validated JSON."""
    return Settings(**data)


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings, in the order in which plans show them."""
    return tuple(each.name for each in fields(Settings))


def _present(value: Any) -> dict[str, Any]:
    """Return the fields of a flat dataclass that are not None."""
    return {each.name: found for each in fields(value) if (found := getattr(value, each.name)) is not None}
