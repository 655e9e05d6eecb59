"""Check lookups (L): their arms, their address and their request, beside other errors."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ncco_lang.checks import lookup_rules as facts
from ncco_lang.checks.question_rules import AnswerTwice
from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.missing_arms import MissingArms
from ncco_lang.program.model import BoundArm, BoundStatement, Program
from ncco_lang.program.values import Deferred, Invalid, Known
from ncco_lang.program.walk import bound_statements
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.allowed_hosts import is_host_allowed
from ncco_lang.values.data import Word
from ncco_lang.values.headers import OF_CONNECTION, is_header_name
from ncco_lang.values.hosts import host_of, is_unreachable
from ncco_lang.vocabulary.flow_spelling import flow_finding

if TYPE_CHECKING:
    from ncco_lang.program.model import Slot
    from ncco_lang.program.values import Value

_FAILURE = re.compile(r"[345](?:xx|[0-9][0-9])")
_ADDRESS = re.compile(r"https?://[^/?#\s]+(?P<end>[/?#])?", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def check_lookups(program: Program, allow: Collection[str] = ()) -> Iterator[Diagnostic]:
    """Yield the findings about the lookups of a flow, in any order.

    Args:
        allow: the hosts that ncco.toml allows, as `is_host_allowed` takes them.
    """
    missing = MissingArms(program)
    for line in program.defaults:
        if line.node.verb.text == "fetch":
            yield from _check_headers(program, line.slots.get("headers"))
    for bound in bound_statements(program.statements):
        if bound.node.verb.text == "fetch":
            slots = {slot.option.name: slot for slot in bound.slots}
            yield from _check_arms(program.source, bound, missing)
            yield from (each for _, value in bound.operands for each in _check_address(program.source, value, allow))
            yield from _check_headers(program, _own(slots.get("headers")))
            yield from _check_method(program.source, bound, slots)


# ── Arms ──────────────────────────────────────────────────────────────────────────────────────────────


def _check_arms(source: Source, bound: BoundStatement, missing: MissingArms) -> Iterator[Diagnostic]:
    arms = [each for each in bound.body if isinstance(each, BoundArm)]
    first: dict[str, Span] = {}
    patterns = [value for arm in arms for value in arm.patterns]
    for value in patterns:
        span = value.node.span
        written = source.text[slice(*span)]
        if type(value) is Invalid:
            continue  # it has its finding
        if written[:1].isdigit():
            if not _FAILURE.fullmatch(written):
                yield flow_finding(source, span, facts.NoFailure(status=written))
        elif not isinstance(value, Known) or not isinstance(value.data, Word):
            yield _no_status(source, value)
            continue
        if first.setdefault(written, span) != span:
            twice = AnswerTwice(kind="outcome", answer=written)
            yield flow_finding(source, span, twice, also=(first[written],))
    if "otherwise" not in first and not any(type(value) is Invalid for value in patterns):
        fix = missing.add(bound.node, "otherwise")
        yield flow_finding(source, bound.node.verb.span, facts.NoOtherwise(), fix=fix)


def _no_status(source: Source, value: Value) -> Diagnostic:
    """Return the finding for an arm that is for no status and no outcome."""
    span, text = value.node.span, value.node.value if isinstance(value.node, ast.Text) else ""
    status = text.lower() if _FAILURE.fullmatch(text.lower()) else ""
    fix = Fix(f"write {status}", (Edit(span, status),)) if status else None
    return flow_finding(source, span, facts.NoStatus(status=status), fix=fix)


# ── The address ───────────────────────────────────────────────────────────────────────────────────────


def _check_address(source: Source, value: Value, allow: Collection[str]) -> Iterator[Diagnostic]:
    span = value.node.span
    match value:
        case Known(data=str(address)):
            yield from _check_known(source, span, address, allow, is_whole=True)
        case Deferred(expression=["text", "url", str(address), *_]):
            yield from _check_known(source, span, address, allow, is_whole=False)
        case Deferred():
            yield flow_finding(source, span, facts.UnknownHost())
        case Known():
            yield flow_finding(source, span, facts.NoWebAddress())
        case _:
            pass


def _check_known(
    source: Source, span: Span, address: str, allow: Collection[str], *, is_whole: bool
) -> Iterator[Diagnostic]:
    """Yield the findings about an address, or about what is known of it before its first value."""
    found = _ADDRESS.match(address)
    if address.startswith("$") and source.text.startswith('"${', span.start):
        dollar = Span(span.start + 1, span.start + 2)
        without = Fix("leave out the $", (Edit(dollar, ""),), unsafe=True)
        yield flow_finding(source, dollar, facts.DollarInAddress(), fix=without)
        return
    if found is None or (found["end"] is None and not is_whole):
        begins = _SCHEME.match(address) is not None
        if is_whole or not begins:
            yield flow_finding(source, span, facts.NoWebAddress())
        else:
            yield flow_finding(source, span, facts.UnknownHost(is_open=found is not None))
        return
    if "@" in found[0]:
        yield flow_finding(source, span, facts.LoginInAddress())
        return
    place = host_of(address)
    host = "" if place is None else address[slice(*place)]
    if not host:
        yield flow_finding(source, span, facts.NoWebAddress())
    elif is_host_allowed(address, allow):
        return
    elif is_unreachable(host):
        yield flow_finding(source, span, facts.PrivateLookup(host=host, entry=host.lower().rstrip(".")))
    elif address[:5].lower() == "http:":
        at = span.start + len('"http')
        is_written = source.text[span.start : at + 1].lower() == '"http:'
        fix = Fix("write https", (Edit(Span(at, at), "s"),), unsafe=True) if is_written else None
        yield flow_finding(source, span, facts.PlainLookup(host=host), fix=fix)


# ── The request ───────────────────────────────────────────────────────────────────────────────────────


def _check_headers(program: Program, slot: Slot | None) -> Iterator[Diagnostic]:
    if slot is None:
        return
    pairs = slot.value.node.pairs if isinstance(slot.value.node, ast.Object) else ()
    for pair in pairs:
        name = pair.key.value
        if not is_header_name(name):
            span, near = pair.key.span, "-".join(name.split())
            found = facts.HeaderName(name=name, is_of_connection=name.lower() in OF_CONNECTION)
            fix = Fix(f'write "{near}"', (Edit(span, f'"{near}"'),), unsafe=True) if is_header_name(near) else None
            yield flow_finding(program.source, span, found, fix=fix)


def _own(slot: Slot | None) -> Slot | None:
    """Return the slot of an option that the statement has itself; None if a `default` line gives it."""
    return None if slot is None or slot.origin is not None else slot


def _check_method(source: Source, bound: BoundStatement, slots: dict[str, Slot]) -> Iterator[Diagnostic]:
    method, json = slots.get("method"), _own(slots.get("json"))
    if method is not None and isinstance(method.value, Deferred):
        yield flow_finding(source, method.value.node.span, facts.MethodOfCall())
    is_get = method is None or (isinstance(method.value, Known) and method.value.data == "get")
    if is_get and json is not None:
        yield flow_finding(source, json.key, facts.JsonOfGet(), fix=_as_post(source, bound.node, method, json))


def _as_post(source: Source, node: ast.Command, method: Slot | None, json: Slot) -> Fix | None:
    """Return a fix that makes a post of a get with a body; None if a `default` line says get."""
    if method is not None:
        return None if method.origin is not None else Fix("write post", (Edit(method.span, "post"),), unsafe=True)
    start, block = json.key.start, node.block
    indent = source.text[source.line_span(source.position(start).line).start : start]
    between = " " if block is None or start < block.span.start else "; " if indent.strip() else f"\n{indent}"
    at = Span(start, start)
    return Fix("add method: post", (Edit(at, f"method: post{between}"),), unsafe=True)
