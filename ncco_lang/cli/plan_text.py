"""Render a plan, a drift and a history as text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ncco_lang.api.types import Settings
from ncco_lang.cli.render import count_words, few_words, visible
from ncco_lang.deploy.fingerprint import fingerprint
from ncco_lang.deploy.history import names_of
from ncco_lang.deploy.plan import Change, FieldChange, NumberChange, Plan, Wanted
from ncco_lang.deploy.plan_file import NEW_KEY
from ncco_lang.deploy.state import State, Version

_SIGNS = {"create": "+", "update": "~", "replace": "-/+", "delete": "-"}
_COLOURS = {"+": "32", "~": "33", "-/+": "35", "-": "31", "…": "2"}
_ALARM = "-"
"""The sign whose colour marks numbers taken from other applications."""
_MOST_LINES = 200
_NEW_MARK = "(new)"
_WIDTH = max(len(name) for name in Settings.__slots__) + 1


def paint(text: str, sign: str, on: bool) -> str:
    """Return a text in the colour of a sign."""
    return f"\x1b[{_COLOURS[sign]}m{text}\x1b[0m" if on and text and sign in _COLOURS else text


def render_plan(
    plan: Plan,
    wanted: Mapping[str, Wanted],
    ours: Mapping[str, str],
    diffs: Mapping[str, list[str]],
    *,
    keys: str,
    colour: bool,
    drawn: Collection[str] = (),
) -> str:
    """Return a plan as text: a block for each change, and a line that counts them.

    Args:
        ours: the keys of our applications by their ids.
        diffs: by key, the changed lines of the flow.
        keys: the folder of private keys.
        drawn: marks that the run that carries the plan out draws anew (`marks_to_draw`); they are not shown.
    """
    if not plan.changes:
        return "no application to change\n"
    blocks = []
    for change in plan.changes:
        block = _block(change, wanted.get(change.key), ours, diffs.get(change.key, []), keys, colour)
        blocks.append(block.replace(change.mark, _NEW_MARK) if change.mark in drawn else block)
    return "\n".join([*blocks, count_changes(plan) + paint(_count_taken(plan, ours), _ALARM, colour) + "\n"])


def marks_to_draw(plan: Plan, state: State) -> frozenset[str]:
    """Return the marks of a plan that is not kept: the run that creates those applications draws new ones.

    Marks that the state holds are left out: those of lost applications and of interrupted creates.
    """
    made = {change.mark for change in plan.changes if change.kind in ("create", "replace")}
    return frozenset(made.difference(state.begun.values(), (each.mark for each in state.applications.values())))


def count_changes(plan: Plan) -> str:
    """Return `1 to create, 2 unchanged`."""
    words = []
    for kind in _SIGNS:
        number = sum(1 for change in plan.changes if change.kind == kind)
        if number:
            words.append(f"{number} to {kind}")
    if plan.unchanged or not words:
        words.append(f"{len(plan.unchanged)} unchanged")
    return ", ".join(words)


def _count_taken(plan: Plan, ours: Mapping[str, str]) -> str:
    """Return the part of the count line about numbers taken from applications that are not ours."""
    number = sum(_is_taken(each, ours) for change in plan.changes for each in change.numbers)
    return f"; {count_words(number, 'number')} taken from applications that are not ours" if number else ""


def _is_taken(change: NumberChange, ours: Mapping[str, str]) -> bool:
    """Return whether a number is linked to an application that this profile did not deploy."""
    return change.action == "move" and (change.other or "") not in ours


def count_done(plan: Plan) -> str:
    """Return `1 created, 2 unchanged`."""
    words = []
    for kind in _SIGNS:
        number = sum(1 for change in plan.changes if change.kind == kind)
        if number:
            words.append(f"{number} {kind}d")
    if plan.unchanged:
        words.append(f"{len(plan.unchanged)} unchanged")
    return ", ".join(words)


def _block(
    change: Change, wanted: Wanted | None, ours: Mapping[str, str], diff: list[str], keys: str, colour: bool
) -> str:
    sign = _SIGNS[change.kind]
    name = f' "{wanted.settings.name}"' if wanted is not None and wanted.settings.name else ""
    id = f" {change.id}" if change.id else ""
    head = f"{sign} {change.key}: {change.kind} the application{name}{id}"
    if change.reason:
        head += f" ({change.reason})"
    lines = [paint(visible(head), sign, colour)]
    lines += (f"    {line}" for line in _details(change, wanted, ours, keys, colour))
    is_kept = change.bundle_after == change.bundle_before and change.kind == "update"
    if not is_kept and change.kind != "delete" and (change.bundle_after or change.bundle_before):
        lines.append(f"    {'flow'.ljust(_WIDTH)} {_flow_words(change)}")
    if change.document_after and (change.upload or change.document_before != change.document_after):
        name = "document" if change.bundle_after is None else "fallback document"
        lines.append(f"    {name.ljust(_WIDTH)} {_document_words(change)}")
    for line in diff[:_MOST_LINES]:
        shown = visible(line.rstrip())
        lines.append(f"      {paint(shown, line[:1], colour)}".rstrip())
    if len(diff) > _MOST_LINES:
        lines.append(f"      … {count_words(len(diff) - _MOST_LINES, 'more line')}")
    return "\n".join(lines) + "\n"


def _details(change: Change, wanted: Wanted | None, ours: Mapping[str, str], keys: str, colour: bool) -> Iterator[str]:
    for field in change.fields:
        yield f"{field.name.ljust(_WIDTH)} {_field_words(field, change, wanted, keys)}"
    for number in change.numbers:
        words = _number_words(number, ours)
        yield f"{'number'.ljust(_WIDTH)} {paint(words, _ALARM, colour and _is_taken(number, ours))}"


def _field_words(field: FieldChange, change: Change, wanted: Wanted | None, keys: str) -> str:
    after = _value(field.name, field.after)
    if field.name == "public_key" and field.after is None:
        file = wanted.key_file if wanted is not None else None
        after = f"{NEW_KEY}; its private half stays here, in {visible(keys)}/{file}"
    if change.kind != "update":
        return after
    before = "nothing" if field.before is None else _value(field.name, field.before)
    after = "nothing" if field.after == "" else after
    return f"{before} → {after}{'  (changed by hand)' if field.by_hand else ''}"


def _value(name: str, value: Any) -> str:
    if name == "public_key" and isinstance(value, str):
        return fingerprint(value)
    return visible(json.dumps(value, ensure_ascii=False))


def _number_words(change: NumberChange, ours: Mapping[str, str]) -> str:
    number = f"+{change.number}"
    if change.action == "link":
        return f"link {number}"
    if change.action == "unlink":
        return f"unlink {number}"
    other = change.other or ""
    if _is_taken(change, ours):
        return f"move {number} here from the application {visible(other)}, which is not ours"
    return f"move {number} here from our application {ours[other]}"


def _flow_words(change: Change) -> str:
    """Return which version of a flow that branches becomes which; without one, calls get the document."""
    before, after = (
        None if each is None else f"version {each[:12]}" for each in (change.bundle_before, change.bundle_after)
    )
    if before is None or before == after:
        is_new = not change.document_before or change.kind != "update"
        return f"{after}" if is_new else f"one document → {after}, at the server"
    return f"{before} → {after or 'one document'}"


def _document_words(change: Change) -> str:
    is_other_kind = (change.bundle_before is None) != (change.bundle_after is None)
    if is_other_kind or change.document_before in (None, "", change.document_after):
        return f"{change.document_after}"
    return f"{change.document_before} → {change.document_after}"


def render_drift(changes: Iterable[Change], *, colour: bool) -> str:
    """Return what changed at the provider since the last deploy, field by field."""
    lines = []
    for change in changes:
        if change.kind == "delete":
            lines.append(
                paint(
                    f"- {change.key}: the provider has no application {visible(change.id or '')} any more", "-", colour
                )
            )
            continue
        lines.append(
            paint(f"~ {change.key}: the application {visible(change.id or '')} is not as it was left", "~", colour)
        )
        for field in change.fields:
            after = "nothing" if field.after is None else _value(field.name, field.after)
            lines.append(f"    {field.name.ljust(_WIDTH)} {_value(field.name, field.before)} → {after}")
        for number in change.numbers:
            where = f"leads to the application {visible(number.other)}" if number.other else "leads nowhere"
            lines.append(f"    {'number'.ljust(_WIDTH)} +{number.number} {where}")
        if change.document_after is None:
            lines.append(
                f"    {'document'.ljust(_WIDTH)} {change.document_before} is not in the store any more, or is another now"
            )
    return "".join(f"{line}\n" for line in lines)


def render_history(history: tuple[Version, ...], current: str | None) -> str:
    """Return the versions, newest first, one per line. `current` is the hash of what is deployed now.

    A version with the content of an earlier one has the same hash; its line names when that content was first deployed.
    """
    lines = []
    first: dict[str, str] = {}
    for version, what in zip(history, names_of(history), strict=True):
        again = f"  (the same as that of {first[version.hash]})" if version.hash in first else ""
        first.setdefault(version.hash, version.when)
        lines.append(f"{version.hash[:12]}  {version.when}  {few_words(what)}{_flows_words(version)}{again}")
    now = max((index for index, version in enumerate(history) if version.hash == current), default=None)
    if now is not None:
        lines[now] += "  ← deployed now"
    return "".join(f"{line}\n" for line in reversed(lines))


def _flows_words(version: Version) -> str:
    """Return the versions of the flows that a version changed, as a plan shows them."""
    flows = dict.fromkeys(each.bundle[:12] for each in version.changed.values() if each.bundle is not None)
    return f"  (flow {', '.join(flows)})" if flows else ""
