"""Make a plan from what is wanted, what the state has and what the provider has. Pure functions.

Changes come from comparing what the provider has with what is wanted; the state says which applications are ours, and
whether a difference was made by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.deploy.fingerprint import fingerprint
from ncco_lang.deploy.state import Deployed, ServedFlow, State
from ncco_lang.deploy.state_file import setting_names

Kind = Literal["create", "update", "replace", "delete"]
_HOW_IT_IS_FETCHED = frozenset(
    f"{which}_{what}"
    for which in ("answer", "fallback")
    for what in ("url", "method", "connect_timeout", "socket_timeout")
)
"""If one of these changes, the document is uploaded again (harmless if it is there) and its URL is checked."""
_SURPLUS = "surplus: an earlier run asked for it, and it is not the one in use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An application as the settings and its flow want it.

    Attributes:
        mark: its current or new mark.
        settings: with the answer URL; `public_key` is None if a new key pair is to be made.
        document: the name of its document in the store: its flow, or the fallback document of a flow that branches; empty
            if that has none.
        content: the document; empty if there is none.
        served: its flow, if that branches.
        is_pinned: calls begin with that very version of its flow, and not with the newest one of the server.
        numbers: digits of the numbers that are linked to it.
        makes_key: whether to make a key pair for it.
        key_file: the file name of the private key; None if the settings name another, or none is needed.
    """

    key: str
    mark: str
    settings: Settings
    document: str
    content: bytes = field(repr=False)
    served: ServedFlow | None = None
    is_pinned: bool = False
    numbers: tuple[str, ...] = ()
    makes_key: bool = False
    key_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """What the provider and the store have.

    Attributes:
        applications: those of the requested ids that exist, by id.
        numbers: the numbers of the account by their digits; empty if they were not requested.
        missing: names of documents that should be in the store but are not.
        surplus: applications that carry a mark of ours but are not in the state: id → key.
    """

    applications: Mapping[str, Application] = field(default_factory=dict)
    numbers: Mapping[str, PhoneNumber] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    surplus: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A setting that is to change; `by_hand`: it is not as the last deploy left it."""

    name: str
    before: Any
    after: Any
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number that is to be linked (from no application), moved (from `other`) or unlinked.

    `other` is the id of the application that it is linked to now.
    """

    number: str
    action: Literal["link", "move", "unlink"]
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to one application.

    Attributes:
        id: the existing application; None for one to be made.
        mark: of the application to be made or changed; for a deletion, of the deleted one.
        fields, numbers: the differences.
        document_before, document_after: names in the store; equal if the document stays.
        bundle_before, bundle_after: versions of its flow, if that branches; equal if the flow stays.
        upload: whether to write the document.
        makes_key: whether to make a key pair.
        reason: why, if the differences do not show it.
    """

    kind: Kind
    key: str
    id: str | None = None
    mark: str = ""
    fields: tuple[FieldChange, ...] = ()
    numbers: tuple[NumberChange, ...] = ()
    document_before: str | None = None
    document_after: str | None = None
    bundle_before: str | None = None
    bundle_after: str | None = None
    upload: bool = False
    makes_key: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Changes in the order in which they are made, and the keys that stay as they are."""

    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()


def make_plan(
    wanted: Mapping[str, Wanted],
    state: State,
    provider_state: ProviderState,
    *,
    scope: Collection[str] | None = None,
    replaced: Collection[str] = (),
) -> Plan:
    """Return the plan.

    Args:
        wanted: by key; an application of the state that is not in it is to be deleted.
        state: the state after recovery.
        provider_state: what the provider has.
        scope: the keys to plan for; None for all.
        replaced: keys of applications that are to be made anew.
    """
    changes: list[Change] = []
    unchanged: list[str] = []
    taken = {number for each in wanted.values() for number in each.numbers}
    for key in sorted(wanted):
        if scope is None or key in scope:
            change = _change_of(wanted[key], state.applications.get(key), provider_state, taken, key in replaced)
            if change is None:
                unchanged.append(key)
            else:
                changes.append(change)
    for key, deployed in sorted(state.applications.items()):
        if key not in wanted and (scope is None or key in scope):
            changes.append(_deletion(key, deployed, provider_state, taken))
    for others, reason in ((state.leaving, "it was replaced by another"), (provider_state.surplus, _SURPLUS)):
        for id, key in sorted(others.items(), key=lambda entry: (entry[1], entry[0])):
            if scope is None or key in scope:
                numbers = tuple(_unlinks(id, provider_state, taken))
                changes.append(Change(kind="delete", key=key, id=id, numbers=numbers, reason=reason))
    return Plan(changes=tuple(changes), unchanged=tuple(unchanged))


def _change_of(
    wanted: Wanted, deployed: Deployed | None, provider_state: ProviderState, taken: Collection[str], is_replaced: bool
) -> Change | None:
    there = None if deployed is None else provider_state.applications.get(deployed.id)
    if deployed is None or there is None or is_replaced:
        return _creation(wanted, deployed, there, provider_state, taken)
    fields = tuple(_differences(wanted.settings, there.settings, deployed.settings))
    if wanted.makes_key:
        fields = (*fields, FieldChange("public_key", there.settings.public_key, None))
    numbers = tuple(_number_changes(wanted, deployed, deployed.id, provider_state, taken))
    is_missing = wanted.document in provider_state.missing
    is_fetched_anew = any(field.name in _HOW_IT_IS_FETCHED for field in fields)
    bundle_before, bundle_after = version_of(deployed.served), version_of(wanted.served)
    if not fields and not numbers and not is_missing and bundle_before == bundle_after:
        return None
    return Change(
        kind="update",
        key=wanted.key,
        id=deployed.id,
        mark=wanted.mark,
        fields=fields,
        numbers=numbers,
        document_before=deployed.document,
        document_after=wanted.document,
        bundle_before=bundle_before,
        bundle_after=bundle_after,
        upload=bool(wanted.document) and (is_missing or deployed.document != wanted.document or is_fetched_anew),
        makes_key=wanted.makes_key,
        reason="its document is not in the store any more, or is another now" if is_missing and not fields else None,
    )


def _creation(
    wanted: Wanted,
    deployed: Deployed | None,
    there: Application | None,
    provider_state: ProviderState,
    taken: Collection[str],
) -> Change:
    fields = tuple(
        FieldChange(name, None, value)
        for name in setting_names()
        if (value := getattr(wanted.settings, name)) not in (None, "")
    )
    if wanted.makes_key:
        fields = (*fields, FieldChange("public_key", None, None))
    old = None if there is None else there.id
    reason = None
    if deployed is not None and there is None:
        reason = f"again: the provider has no application {deployed.id} any more"
    elif deployed is not None:
        reason = "--replace"
    return Change(
        kind="create" if there is None else "replace",
        key=wanted.key,
        id=old,
        mark=wanted.mark,
        fields=fields,
        numbers=(*_number_changes(wanted, None, None, provider_state, ()), *_unlinks(old, provider_state, taken)),
        document_before=None if deployed is None else deployed.document,
        document_after=wanted.document,
        bundle_before=None if deployed is None else version_of(deployed.served),
        bundle_after=version_of(wanted.served),
        upload=bool(wanted.document),
        makes_key=wanted.makes_key,
        reason=reason,
    )


def _deletion(key: str, deployed: Deployed, provider_state: ProviderState, taken: Collection[str]) -> Change:
    there = deployed.id in provider_state.applications
    return Change(
        kind="delete",
        key=key,
        id=deployed.id if there else None,
        mark=deployed.mark,
        numbers=tuple(_unlinks(deployed.id, provider_state, taken)),
        document_before=deployed.document,
        bundle_before=version_of(deployed.served),
        reason=None if there else f"the provider has no application {deployed.id} any more; it is forgotten",
    )


def _unlinks(id: str | None, provider_state: ProviderState, taken: Collection[str]) -> Iterator[NumberChange]:
    """Yield the unlinking of the numbers of a deleted application, except those that another application takes."""
    for number, each in sorted(provider_state.numbers.items()):
        if id is not None and each.application_id == id and number not in taken:
            yield NumberChange(number, "unlink", id)


def _differences(wanted: Settings, there: Settings, left: Settings) -> Iterator[FieldChange]:
    """Yield the settings that differ from what is wanted; settings without a wanted value are left alone."""
    for name in setting_names():
        after, before = getattr(wanted, name), getattr(there, name)
        if after is None or _same(name, before, after):
            continue
        ours = getattr(left, name)
        yield FieldChange(name, before, after, by_hand=ours is not None and not _same(name, before, ours))


def _same(name: str, one: Any, other: Any) -> bool:
    if name == "public_key" and one is not None and other is not None:
        return fingerprint(one) == fingerprint(other)
    # A response without a key does not mean that the application has none. An empty URL is one that is to be removed.
    return bool(one == other) or (name == "public_key" and one is None) or (not one and other == "")


def version_of(served: ServedFlow | None) -> str | None:
    """Return the version of a flow that branches, or None."""
    return None if served is None else served.version


def _number_changes(
    wanted: Wanted, deployed: Deployed | None, id: str | None, provider_state: ProviderState, taken: Collection[str]
) -> Iterator[NumberChange]:
    for number in sorted(wanted.numbers):
        there = provider_state.numbers.get(number)
        other = None if there is None else there.application_id
        if other is None or other != id:
            yield NumberChange(number, "link" if other is None else "move", other)
    for number in sorted(set() if deployed is None else set(deployed.numbers) - set(wanted.numbers) - set(taken)):
        there = provider_state.numbers.get(number)
        if there is not None and there.application_id == id:
            yield NumberChange(number, "unlink", id)


def remembered(wanted: Wanted, id: str, public_key: str | None) -> Deployed:
    """Return the entry of the state for an application that is as wanted."""
    return Deployed(
        mark=wanted.mark,
        id=id,
        settings=replace(
            wanted.settings,
            public_key=wanted.settings.public_key or public_key,
            event_url=wanted.settings.event_url or None,
            fallback_url=wanted.settings.fallback_url or None,
        ),
        document=wanted.document,
        served=wanted.served,
        numbers=tuple(sorted(wanted.numbers)),
        key_file=wanted.key_file,
    )


def find_drift(state: State, provider_state: ProviderState, scope: Collection[str] | None = None) -> tuple[Change, ...]:
    """Return what is not as the last deploy left it, as changes from what was left to what is there."""
    found = []
    for key, deployed in sorted(state.applications.items()):
        if scope is not None and key not in scope:
            continue
        there = provider_state.applications.get(deployed.id)
        fields = () if there is None else tuple(_drifted(deployed.settings, there.settings))
        numbers = []
        for number in deployed.numbers:
            linked = provider_state.numbers.get(number)
            other = None if linked is None else linked.application_id
            if other != deployed.id:
                numbers.append(NumberChange(number, "unlink" if other is None else "move", other))
        is_missing = deployed.document in provider_state.missing
        if there is None or fields or numbers or is_missing:
            found.append(
                Change(
                    kind="delete" if there is None else "update",
                    key=key,
                    id=deployed.id,
                    mark=deployed.mark,
                    fields=fields,
                    numbers=tuple(numbers),
                    document_before=deployed.document,
                    document_after=None if is_missing else deployed.document,
                    bundle_before=version_of(deployed.served),
                    bundle_after=version_of(deployed.served),
                    reason="the provider has no such application any more" if there is None else None,
                )
            )
    return tuple(found)


def _drifted(left: Settings, there: Settings) -> Iterator[FieldChange]:
    for name in setting_names():
        before, after = getattr(left, name), getattr(there, name)
        if before is not None and not _same(name, after, before):
            yield FieldChange(name, before, after, by_hand=True)
