"""Write and read a plan as JSON: the output of `--json`, and the file that `ncco deploy plan.json` applies.

A plan file carries a digest of its content, so that one that was edited, truncated or badly merged is refused. The
digest has no key: it protects against accidents, not against an attacker.

Code that applies a plan file trusts none of it: the file is validated against the schema, document names are computed
from their content, URLs come from the settings, and the plan is made again from the current state and the provider.
It is applied only if the changes are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ncco_lang.api.types import Settings
from ncco_lang.deploy.desired import without_made_urls
from ncco_lang.deploy.errors import PlanError, StalePlan
from ncco_lang.deploy.fingerprint import digest, document_name, fingerprint
from ncco_lang.deploy.plan import Change, Plan, Wanted
from ncco_lang.deploy.state import ServedFlow, State
from ncco_lang.deploy.state_file import (
    dump_state,
    is_key,
    served_from_json,
    served_to_json,
    settings_from_json,
    settings_to_json,
    whole_json,
)
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.schema_validator import Validator

VERSION = 2
NEW_KEY = "a new key pair"
_AGAIN = "plan again: ncco deploy --plan -o FILE"
_SCHEMA = "schemas/plan.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a plan file wants of one application; `content` is None if its document stays."""

    mark: str
    settings: Settings
    document: str
    served: ServedFlow | None
    is_pinned: bool
    numbers: tuple[str, ...]
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A plan file that has passed all checks that need neither the state nor the provider.

    Attributes:
        serial, state: serial and digest of the state that it was made for.
        wanted: by key; applications to be deleted are only in `changes`.
        changes: as JSON, without the diffs.
        diffs: the lines of the flow that change, by key; only for display.
    """

    profile: str
    provider: str
    account: str
    serial: int
    state: str
    wanted: Mapping[str, Planned]
    changes: tuple[Mapping[str, Any], ...]
    diffs: Mapping[str, list[str]]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the applications that the plan changes."""
        return frozenset(change["key"] for change in self.changes)

    @property
    def replaced(self) -> frozenset[str]:
        """The keys of existing applications that are to be made anew."""
        return frozenset(change["key"] for change in self.changes if change["kind"] == "replace" and "id" in change)


def state_digest(state: State) -> str:
    """Return a digest that identifies a state."""
    return hashlib.sha256(dump_state(state).encode("utf-8")).hexdigest()


def dump_plan(
    plan: Plan,
    wanted: Mapping[str, Wanted],
    state: State,
    diffs: Mapping[str, list[str]],
    *,
    hidden: Collection[str] = (),
) -> str:
    """Return a plan as JSON text.

    Args:
        state: as in the file, before recovery.
        diffs: the lines of the flow that change, by key; only for display.
        hidden: keys whose documents are omitted, because they hold values from the environment and the text is
            printed. Such a plan has no digest, so it cannot be applied.
    """
    made = {change.key: change for change in plan.changes if change.kind != "delete"}
    data = {
        "version": VERSION,
        "profile": state.profile,
        "provider": state.provider,
        "account": state.account,
        "serial": state.serial,
        "state": state_digest(state),
        "changes": [
            {**change_to_json(change), **({"diff": diffs[change.key]} if change.key in diffs else {})}
            for change in plan.changes
        ],
        "unchanged": list(plan.unchanged),
        "wanted": {
            key: _wanted_to_json(wanted[key], has_content=change.upload and key not in hidden)
            for key, change in made.items()
        },
    }
    if made.keys().isdisjoint(hidden):
        data["digest"] = digest(data)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _wanted_to_json(wanted: Wanted, *, has_content: bool) -> dict[str, Any]:
    data = {
        "mark": wanted.mark,
        "settings": settings_to_json(replace(without_made_urls(wanted), public_key=None)),
        "document": wanted.document or None,
        "served": served_to_json(wanted.served),
        "pinned": wanted.is_pinned or None,
        "numbers": list(wanted.numbers),
        "content": wanted.content.decode("utf-8") if has_content else None,
    }
    return {name: value for name, value in data.items() if value is not None}


def change_to_json(change: Change) -> dict[str, Any]:
    """Return a change as JSON; a public key is shown as its fingerprint."""
    data: dict[str, Any] = {"kind": change.kind, "key": change.key}
    for name in ("id", "mark", "document_before", "document_after", "bundle_before", "bundle_after", "reason"):
        value = getattr(change, name)
        if value:
            data[name] = value
    data["fields"] = [
        {
            "name": field.name,
            **_side("before", field.name, field.before, ""),
            **_side("after", field.name, field.after, NEW_KEY),
            "by_hand": field.by_hand,
        }
        for field in change.fields
    ]
    data["numbers"] = [
        {"number": each.number, "action": each.action, **({"other": each.other} if each.other else {})}
        for each in change.numbers
    ]
    data["upload"] = change.upload
    data["makes_key"] = change.makes_key
    return data


def _side(side: str, name: str, value: Any, instead: str) -> dict[str, Any]:
    if name == "public_key":
        value = instead or None if value is None else fingerprint(value)
    return {} if value is None else {side: value}


# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────


def load_plan(text: str, name: str) -> PlanFile:
    """Read a plan file, whose content is untrusted.

    Raises:
        PlanError: the file is not a valid plan; the message says why.
    """
    try:
        data = whole_json(text)
    except (ValueError, RecursionError) as failed:
        raise PlanError(f"{name} is no plan: it is not JSON") from failed
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise PlanError(f"{name} was written by a newer ncco; update ncco")
    if isinstance(version, int) and version < VERSION:
        raise PlanError(f"{name} was written by an older ncco. Nothing was done; {_AGAIN}")
    if isinstance(data, dict) and "state" in data and "digest" not in data:
        raise PlanError(f"{name} has no digest, so it is not a plan to apply. Nothing was done; {_AGAIN}")
    schema = load_json_resource(_SCHEMA)
    broken = Validator(schema).check(schema)(data)
    if broken:
        where = ".".join(str(step) for step in broken[0].path) or "the whole"
        words = f"{broken[0].keyword} {broken[0].detail}".rstrip()
        raise PlanError(f"{name} is no plan that ncco can apply: {where} is not as it has to be ({words})")
    if digest({word: value for word, value in data.items() if word != "digest"}) != data["digest"]:
        raise PlanError(f"{name} was changed after it was made. Nothing was done; {_AGAIN}")
    return _checked(data, name)


def _checked(data: dict[str, Any], name: str) -> PlanFile:
    changes = [{word: value for word, value in change.items() if word != "diff"} for change in data["changes"]]
    made = {change["key"]: change for change in changes if change["kind"] != "delete"}
    if made.keys() != data["wanted"].keys() or not all(is_key(key) for key in made):
        raise PlanError(f"{name} is no plan that ncco can apply: its changes and what is wanted do not go together")
    wanted = {}
    for key, each in data["wanted"].items():
        content = each["content"].encode("utf-8") if "content" in each else None
        if (content is not None) != made[key]["upload"]:
            raise PlanError(f"{name}: whether a document of {key} goes with it is said in two ways")
        if "document" not in each and "served" not in each:
            raise PlanError(f"{name}: the plan has neither a document of {key} nor a flow that branches")
        if content is not None and document_name(each["mark"], content) != each.get("document", ""):
            raise PlanError(
                f"{name}: the document of {key} is not the one that its name stands for; somebody changed it"
            )
        if content is not None and not _is_ncco(content):
            raise PlanError(f"{name}: the document of {key} is no NCCO")
        wanted[key] = Planned(
            mark=each["mark"],
            settings=settings_from_json(each["settings"]),
            document=each.get("document", ""),
            served=served_from_json(each.get("served")),
            is_pinned=each.get("pinned", False),
            numbers=tuple(each["numbers"]),
            content=content,
        )
    return PlanFile(
        profile=data["profile"],
        provider=data["provider"],
        account=data["account"],
        serial=data["serial"],
        state=data["state"],
        wanted=wanted,
        changes=tuple(changes),
        diffs={change["key"]: change["diff"] for change in data["changes"] if "diff" in change},
    )


def _is_ncco(content: bytes) -> bool:
    """Return whether a document is a list of objects. The schema is not used: `raw` may write more than it allows."""
    try:
        data = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return False
    return isinstance(data, list) and all(isinstance(action, dict) for action in data)


def check_owner(file: PlanFile, state: State, name: str) -> None:
    """Check that a plan is for this profile and account.

    Raises:
        PlanError: it is for another.
    """
    if file.profile != state.profile:
        raise PlanError(
            f'{name} is a plan for profile "{file.profile}", and this is "{state.profile}"; --profile chooses. Nothing was done'
        )
    if (file.provider, file.account) != (state.provider, state.account):
        raise PlanError(
            f"{name} is a plan for the {file.provider} account {file.account}, and the profile reaches {state.provider} "
            f"account {state.account}. Nothing was done"
        )


def check_state(file: PlanFile, state: State, name: str) -> None:
    """Check that the state is the one that a plan was made for.

    Raises:
        StalePlan: it is another.
    """
    if (file.serial, file.state) != (state.serial, state_digest(state)):
        moved = f"from serial {file.serial} to {state.serial}" if file.serial != state.serial else "and is another now"
        raise StalePlan(
            f"{name} is stale: something was deployed since it was made (the state went {moved}). Nothing was done; make "
            "a new plan with --plan -o"
        )


def check_world(file: PlanFile, plan: Plan, name: str) -> None:
    """Check that the plan made now equals the plan in the file.

    Raises:
        StalePlan: it does not; the message names the applications and what changed.
    """
    now = {_identity(change): change for change in map(change_to_json, plan.changes)}
    then = {_identity(change): change for change in file.changes}
    moved = sorted(_moved(identity, then.get(identity), now.get(identity)) for identity in then.keys() | now.keys())
    words = [word for word in moved if word]
    if words:
        raise StalePlan(
            f"{name} is stale: {'; '.join(words[:5])}{' …' if len(words) > 5 else ''}. Nothing was done; make a new plan with --plan -o"
        )


def _identity(change: Mapping[str, Any]) -> tuple[str, str]:
    # A plan may delete a replaced application and also change the one that has its key.
    return change["key"], change.get("id", "") if change["kind"] == "delete" else ""


def _moved(identity: tuple[str, str], then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    """Return in words what changed since the plan was made; empty if nothing did."""
    key = identity[0]
    if then == now:
        return ""
    if then is None or now is None:
        return f"{key}: {'there is nothing to do any more' if now is None else 'there is more to do now'}"
    if then["kind"] != now["kind"] or then.get("id") != now.get("id"):
        return f"{key}: it was to {then['kind']}, and would {now['kind']} now"
    fields = {field["name"] for change in (then, now) for field in change["fields"]}
    before = {field["name"]: field for field in then["fields"]}
    after = {field["name"]: field for field in now["fields"]}
    names = sorted(name for name in fields if before.get(name) != after.get(name))
    if then["numbers"] != now["numbers"]:
        names.append("numbers")
    return f"{key}: {', '.join(names) or 'its document'} changed since"
