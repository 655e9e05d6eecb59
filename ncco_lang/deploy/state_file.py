"""Read and write the JSON file that stores the state of a deployed profile.

The file holds no secrets and no local paths; its only times are those of its history and of its intent. Its schema is
`schemas/state.schema.json`. Code that changes it holds the lock (`lock.py`) and writes through `journal.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ncco_lang.api.types import Settings
from ncco_lang.deploy.consistent import contradiction
from ncco_lang.deploy.errors import StateError
from ncco_lang.deploy.state import Deployed, Intent, Release, ServedFlow, State, Version
from ncco_lang.deploy.state_versions import VERSION, upgraded, version_for, version_of
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
                document=each.get("document", ""),
                served=served_from_json(each.get("served")),
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
        "version": _compact(version_for(state)),
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
        "document": each.document or None,
        "served": served_to_json(each.served),
        "numbers": list(each.numbers),
        "key_file": each.key_file,
    }
    return _without_none(data)


def _version_to_json(version: Version) -> dict[str, Any]:
    return {
        "hash": version.hash,
        "when": version.when,
        "changed": {key: release_to_json(release) for key, release in version.changed.items()},
        "removed": list(version.removed),
    }


def release_to_json(release: Release) -> dict[str, Any]:
    """Return a release as JSON."""
    data = {
        "settings": settings_to_json(release.settings),
        "document": release.document or None,
        "bundle": release.bundle,
        "numbers": list(release.numbers),
    }
    return _without_none(data)


def release_from_json(data: Mapping[str, Any]) -> Release:
    """Return a release from validated JSON."""
    return Release(
        settings=settings_from_json(data["settings"]),
        document=data.get("document", ""),
        bundle=data.get("bundle"),
        numbers=tuple(data["numbers"]),
    )


def served_to_json(served: ServedFlow | None) -> dict[str, Any] | None:
    """Return a served flow as JSON."""
    return None if served is None else {"version": served.version, "steps": dict(served.steps)}


def served_from_json(data: Mapping[str, Any] | None) -> ServedFlow | None:
    """Return a served flow from validated JSON."""
    return None if data is None else ServedFlow(version=data["version"], steps=data["steps"])


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """Return settings as JSON with our names; settings without a value are omitted."""
    return _present(settings)


def settings_from_json(data: Mapping[str, Any]) -> Settings:
    """Return settings from validated JSON."""
    return Settings(**data)


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings, in the order in which plans show them."""
    return tuple(each.name for each in fields(Settings))


def _without_none(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


def _present(value: Any) -> dict[str, Any]:
    """Return the fields of a flat dataclass that are not None."""
    return {each.name: found for each in fields(value) if (found := getattr(value, each.name)) is not None}
