"""What is wanted, what is remembered and what is there → what has to be done. Pure: no files, no requests.

A change is made by comparing what is *there* with what is wanted; what is remembered tells which applications are ours,
and whether a difference was made by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.deploy.fingerprint import fingerprint
from ncco_lang.deploy.state import Deployed, State, setting_names

Kind = Literal["create", "update", "replace", "delete"]
_HOW_IT_IS_FETCHED = frozenset({"answer_url", "answer_method", "answer_connect_timeout", "answer_socket_timeout"})
"""Where one of these changes, the document is uploaded again (which changes nothing where it lies) and looked at."""
_SURPLUS = "surplus: an earlier run asked for it, and it is not the one in use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An application as the settings and its flow want it.

    Attributes:
        mark: the one it has, or the one it will get.
        settings: with the answer URL; `public_key` is None where a new key pair is to be made.
        document: the name of its document in the store.
        content: the document.
        numbers: digits of the numbers that lead to it.
        makes_key: a key pair is to be made for it.
        key_file: where the private key lies or will lie; None where the settings name another, or none is needed.
    """

    key: str
    mark: str
    settings: Settings
    document: str
    content: bytes = field(repr=False)
    numbers: tuple[str, ...] = ()
    makes_key: bool = False
    key_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """What the provider and the store have.

    Attributes:
        applications: those of the asked-for ids that exist, by id.
        numbers: the numbers of the account by their digits; empty where nobody asked for any.
        missing: names of documents that should be in the store and are not.
        surplus: applications that carry a mark of ours and that the state does not hold: id → key.
    """

    applications: Mapping[str, Application] = field(default_factory=dict)
    numbers: Mapping[str, PhoneNumber] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    surplus: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A setting that is to change; `by_hand`: it is not as we left it."""

    name: str
    before: Any
    after: Any
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number that is to be linked (from nothing), moved (from `other`) or unlinked.

    `other` is the id of the application that it leads to now.
    """

    number: str
    action: Literal["link", "move", "unlink"]
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to one application.

    Attributes:
        id: the application that there is; None for one to be made.
        mark: of the application to be made or changed; of the one that goes, for a deletion.
        fields, numbers: the differences.
        document_before, document_after: names in the store; equal where the document stays.
        upload: the document is to be written.
        makes_key: a key pair is to be made.
        reason: why, where the differences do not tell it.
    """

    kind: Kind
    key: str
    id: str | None = None
    mark: str = ""
    fields: tuple[FieldChange, ...] = ()
    numbers: tuple[NumberChange, ...] = ()
    document_before: str | None = None
    document_after: str | None = None
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
    """Compare.

    Args:
        wanted: by key; an application of the state that is not among them is to go.
        state: what is remembered, after recovery.
        provider_state: what is there.
        scope: the keys that this is about; None for all.
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
    if not fields and not numbers and not is_missing:
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
        upload=is_missing
        or deployed.document != wanted.document
        or any(field.name in _HOW_IT_IS_FETCHED for field in fields),
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
        if (value := getattr(wanted.settings, name)) is not None
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
        upload=True,
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
        reason=None if there else f"the provider has no application {deployed.id} any more; it is forgotten",
    )


def _unlinks(id: str | None, provider_state: ProviderState, taken: Collection[str]) -> Iterator[NumberChange]:
    """The numbers that lead to an application which goes, but for those that another takes."""
    for number, each in sorted(provider_state.numbers.items()):
        if id is not None and each.application_id == id and number not in taken:
            yield NumberChange(number, "unlink", id)


def _differences(wanted: Settings, there: Settings, left: Settings) -> Iterator[FieldChange]:
    """The settings that are said and are not so; what is not said is left alone."""
    for name in setting_names():
        after, before = getattr(wanted, name), getattr(there, name)
        if after is None or _same(name, before, after):
            continue
        ours = getattr(left, name)
        yield FieldChange(name, before, after, by_hand=ours is not None and not _same(name, before, ours))


def _same(name: str, one: Any, other: Any) -> bool:
    if name == "public_key" and one is not None and other is not None:
        return fingerprint(one) == fingerprint(other)
    # An answer without a key does not say that there is none.
    return bool(one == other) or (name == "public_key" and one is None)


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
    """What the state says of an application when it is as it is wanted."""
    return Deployed(
        mark=wanted.mark,
        id=id,
        settings=replace(wanted.settings, public_key=wanted.settings.public_key or public_key),
        document=wanted.document,
        numbers=tuple(sorted(wanted.numbers)),
        key_file=wanted.key_file,
    )


def find_drift(state: State, provider_state: ProviderState, scope: Collection[str] | None = None) -> tuple[Change, ...]:
    """What is not as it was left, as changes from what was left to what is there."""
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
                    reason="the provider has no such application any more" if there is None else None,
                )
            )
    return tuple(found)


def _drifted(left: Settings, there: Settings) -> Iterator[FieldChange]:
    for name in setting_names():
        before, after = getattr(left, name), getattr(there, name)
        if before is not None and not _same(name, after, before):
            yield FieldChange(name, before, after, by_hand=True)
