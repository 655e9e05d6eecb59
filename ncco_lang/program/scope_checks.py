"""Check the names of a flow: duplicates, shadowing, targets that are not steps, and names that nothing reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program.bindings import Binding, NameWord, Scopes
from ncco_lang.program.jumps import UnreachableStep, steps_from
from ncco_lang.program.name_facts import (
    Hides,
    NameTaken,
    NameTwice,
    NoSuchStep,
    NotAStep,
    ReservedName,
    SetsHidden,
    SetTwoTypes,
    TitleTwice,
    UnusedName,
)
from ncco_lang.program.scopes import START, begins_call
from ncco_lang.program.shown_types import NULL, differ, shown_type
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.reserved import reserved
from ncco_lang.values.data import described_type
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.phrases import Guesses

_DECLARED = frozenset({"param", "let", "arg", "hours", "text", "step", "import"})
_MOST_PLACES = 4
_OF_CALL = frozenset({"variable", "result", "question"})
_FRAME = frozenset({"parameter", "each"})
_DECLARING = re.compile(r"^(?:use\b.*|[ \t]*+(?!goto\b)[\w \t]++(?=[({]))|\bstep[ \t]+\w+", re.MULTILINE)
"""Where the text of a file may declare a step, although it has syntax errors."""
_QUOTED = re.compile(r'"(?:\\.|[^"\\\n])*"|//.*')
"""Texts and comments, which declare nothing."""
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def check_scopes(scopes: Scopes) -> Iterator[Diagnostic]:
    """Yield the errors in the declarations of names, and the targets that are not steps."""
    source = scopes.source
    flows = [declaration for declaration in scopes.file.declarations if isinstance(declaration, ast.Flow)]
    yield from (flow_finding(source, flow.span, TitleTwice(), also=(flows[0].span,)) for flow in flows[1:])
    yield from _check_declarations(scopes)
    for word, scope in scopes.assignments:
        found = scope.find(word.text)
        if found is not None and found.kind in _FRAME and _hidden(found) is None:
            facts = SetsHidden(name=word.text, kind=found.kind)
            yield flow_finding(source, word.span, facts, also=_declared(found))
    yield from _check_targets(scopes)
    yield from _check_sets(scopes)


def _check_sets(scopes: Scopes) -> Iterator[Diagnostic]:
    """Yield a finding for each `set` that gives a name a value of another type than the first one."""
    for name, sets in scopes.sets.items():
        if name not in scopes.call.names:
            continue  # an arg and the language have their own types
        found = [(shown_type(each.value), each.value) for each in sets]
        first = next(((type, value) for type, value in found if type not in (None, NULL)), None)
        for type, value in found if first is not None else ():
            if first is not None and differ(first[0], type):
                facts = SetTwoTypes(name=name, first=described_type(first[0]), given=described_type(type))
                yield flow_finding(scopes.source, value.span, facts, also=(first[1].span,))


def _check_declarations(scopes: Scopes) -> Iterator[Diagnostic]:
    source = scopes.source
    file: dict[str, Binding] = {}
    for binding in scopes.bindings:
        name, scope = binding.name, binding.scope
        if not binding.words:
            continue  # `key` of an each
        span = binding.words[0].span
        first = file.get(name) if scope.kind in ("import", "file", "call") else scope.names[name]
        if first is not None and first is not binding:
            if scope.kind == "call":
                taken = NameTaken(name=name, kind=first.kind, is_set=binding.kind == "variable")
                yield flow_finding(source, span, taken, also=_declared(first))
            else:
                yield flow_finding(source, span, NameTwice(name=name), also=(first.words[0].span,))
        elif name in reserved():
            yield flow_finding(source, span, ReservedName(name=name))
        elif scope.kind in ("step", "block") and (hidden := _hidden(binding)) is not None:
            yield flow_finding(source, span, Hides(name=name, kind=hidden.kind), also=_declared(hidden))
        if scope.kind in ("import", "file"):
            file.setdefault(name, binding)


def _hidden(binding: Binding) -> Binding | None:
    """Return what a parameter or the name of an each hides, and may not: all but a name of the call."""
    assert binding.scope.parent is not None
    found = binding.scope.parent.find(binding.name)
    return None if found is None or found.kind in _OF_CALL else found


def _declared(binding: Binding) -> list[Span | tuple[Span, Source]]:
    """Return the place of a declaration; that of an imported name is in the other file."""
    elsewhere = binding.elsewhere
    return [binding.words[0].span] if elsewhere is None else [elsewhere]


def _check_targets(scopes: Scopes) -> Iterator[Diagnostic]:
    steps = {each.name: each for each in scopes.bindings if each.kind in ("step", "import")}
    lost: set[str] | None = None
    guesses = Guesses()
    for word, scope in scopes.targets:
        name, found = word.text, scope.find(word.text)
        if found is None:
            # A step that could not be read is not missing.
            lost = _lost(scopes.source.text) if lost is None else lost
            if name not in lost:
                yield _no_such_step(scopes, word, steps.get(guesses.meant(name, steps) or ""))
        elif not _may_be_step(found):
            facts = NotAStep(name=name, kind=found.kind)
            yield flow_finding(scopes.source, word.span, facts, also=_declared(found))


def _lost(text: str) -> set[str]:
    """Return the words that may be names of steps which could not be read."""
    return {word for found in _DECLARING.finditer(_QUOTED.sub('""', text)) for word in _WORD.findall(found[0])}


def _may_be_step(binding: Binding) -> bool:
    declaration = None if binding.origin is None else binding.origin.declaration
    return binding.kind == "step" or (binding.kind == "import" and isinstance(declaration, ast.Step | None))


def _no_such_step(scopes: Scopes, word: NameWord, near: Binding | None) -> Diagnostic:
    if near is None:
        return flow_finding(scopes.source, word.span, NoSuchStep(name=word.text, near=None))
    facts = NoSuchStep(name=word.text, near=near.name)
    fix = Fix(f'write "{near.name}"', (Edit(word.span, near.name),), unsafe=True)
    return flow_finding(scopes.source, word.span, facts, also=_declared(near), fix=fix)


# ── Unused names ───────────────────────────────────────────────────────────────────────────────────────


def check_unused(scopes: Scopes, used: Collection[Binding]) -> Iterator[Diagnostic]:
    """Yield the declarations that nothing uses; these findings matter only if the flow has no others.

    The name of an `each`, of a question or of a result is not reported: the statement does more than to set it. Nor is what
    another file may read: a declaration or a variable of a file without an entry, and a variable of a file that imports.

    Args:
        used: the names that values read, without those that only an unused `param` or `let` reads.
    """
    reported = {"parameter"}
    if any(map(_is_entry, scopes.file.declarations)):
        reported |= _DECLARED
        if not any(isinstance(each, ast.Use) for each in scopes.file.declarations):
            reported.add("variable")  # no step of another file can read it
    leads = list(_leads(scopes))
    reached = steps_from(leads)
    sources: dict[Binding, list[Binding]] = {}
    for inside, to in leads:
        if inside is not None and inside is not to:
            sources.setdefault(to, []).append(inside)
    for binding in scopes.bindings:
        if binding.kind not in reported or binding.scope.names[binding.name] is not binding or binding in reached:
            continue
        if binding.kind == "step":
            yield _unreached(scopes, binding, sources.get(binding, ()))
        elif binding not in used:
            yield _unused(scopes, binding)


def _is_entry(node: ast.Declaration) -> bool:
    """Return whether a call begins here: a statement outside of steps, but not `fallback`, or `step start`."""
    return begins_call(node) or (isinstance(node, ast.Step) and node.name.text == START)


def _leads(scopes: Scopes) -> Iterator[tuple[Binding | None, Binding]]:
    """Yield each place that leads to a step, as `steps_from` takes it; a call begins outside of steps."""
    start = scopes.file_scope.names.get(START)
    if start is not None:
        yield None, start
    steps = {each.node: each for each in scopes.bindings if each.kind == "step"}
    for word, scope in scopes.targets:
        found = scope.find(word.text)
        if found is not None:
            yield (None if scope.step is None else steps.get(scope.step)), found


def _unreached(scopes: Scopes, binding: Binding, leading: Sequence[Binding]) -> Diagnostic:
    by = list(dict.fromkeys(leading))[: _MOST_PLACES - 1]
    facts = UnreachableStep(step=binding.name, by=tuple(each.name for each in by))
    return flow_finding(scopes.source, binding.words[0].span, facts, also=[each.words[0].span for each in by])


def _unused(scopes: Scopes, binding: Binding) -> Diagnostic:
    facts = UnusedName(name=binding.name, kind=binding.kind)
    others: list[Span | tuple[Span, Source]] = [word.span for word in binding.words[1:_MOST_PLACES]]
    if binding.elsewhere is not None:
        others = [binding.elsewhere]
    fix = _without(scopes.source, binding.node) if isinstance(binding.node, ast.Let) else None
    return flow_finding(scopes.source, binding.words[0].span, facts, also=others, fix=fix)


def _without(source: Source, node: ast.Let) -> Fix | None:
    """Return the fix that removes a `let` with its lines and the `///` above; None if another statement is there too."""
    first = source.position(node.span.start).line
    last = source.position(node.span.end).line
    start, end = source.line_span(first).start, source.line_span(last).end
    after = source.text[node.span.end : end].strip()
    if source.text[start : node.span.start].strip() or not (after == "" or after.startswith("//")):
        return None
    while first > 1 and source.text[slice(*source.line_span(first - 1))].lstrip().startswith("///"):
        first -= 1
    following = source.line_starts[last] if last < len(source.line_starts) else end
    return Fix("remove the let", (Edit(Span(source.line_span(first).start, following), ""),))
