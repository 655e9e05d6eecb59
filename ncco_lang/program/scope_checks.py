"""Check the names of a flow: duplicates, shadowing, targets that are not steps, and names that nothing reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label, Rule
from ncco_lang.names.rules import NAME_TWICE, RESERVED_NAME, SHADOWED_NAME, UNKNOWN_NAME, UNUSED_NAME
from ncco_lang.program.bindings import Binding, BindingKind, NameWord, Scopes
from ncco_lang.program.scopes import leads_to_step
from ncco_lang.syntax import ast
from ncco_lang.syntax.reserved import reserved
from ncco_lang.syntax.syntax_rules import finding
from ncco_lang.vocabulary.phrases import did_you_mean

START = "start"
"""The step in which a call begins."""
_A: dict[BindingKind, str] = {
    "arg": "an arg",
    "hours": "a schedule",
    "import": "an imported name",
    "each": "the name of an each",
    "question": "the name of a question",
    "result": "a result",
    "variable": "a variable",
}
_DECLARED = frozenset({"param", "let", "arg", "hours", "text", "step", "import"})
_MOST_LABELS = 4
_FRAME = frozenset({"parameter", "each"})
_MOST_GUESSES = 50
"""For how many names of a file the nearest is searched, since each search takes time in proportion to the file."""
_Guesses: TypeAlias = "dict[str, str | None]"
_STEP = re.compile(r"\bstep[ \t]+([a-z_][a-z0-9_]*)")


def described(binding: Binding) -> str:
    """Return the kind of a name as a message says it: `a param`, `the name of a question`."""
    return _A.get(binding.kind, f"a {binding.kind}")


def check_scopes(scopes: Scopes) -> Iterator[Diagnostic]:
    """Yield the errors in the declarations of names, and the targets that are not steps."""
    yield from _check_titles(scopes)
    yield from _check_declarations(scopes)
    for word, scope in scopes.assignments:
        found = scope.find(word.text)
        if found is not None and found.kind in _FRAME and _hidden(found) is None:
            message = f'"{word.text}" is {described(found)} here, and cannot be set'
            yield _twofold(scopes, SHADOWED_NAME, word, message, found)
    yield from _check_targets(scopes)


def _check_titles(scopes: Scopes) -> Iterator[Diagnostic]:
    flows = [declaration for declaration in scopes.file.declarations if isinstance(declaration, ast.Flow)]
    for flow in flows[1:]:
        labels = (Label(flows[0].span, "here first"),)
        message = "a file is one flow, and this one has its title already"
        yield finding(NAME_TWICE, scopes.source, flow.span, message, hint="keep one of the two", labels=labels)


def _check_declarations(scopes: Scopes) -> Iterator[Diagnostic]:
    file: dict[str, Binding] = {}
    for binding in scopes.bindings:
        name, scope = binding.name, binding.scope
        if not binding.words:
            continue  # `key` of an each
        first = file.get(name) if scope.kind in ("import", "file", "call") else scope.names[name]
        if first is not None and first is not binding:
            yield _again(scopes, binding, first)
        elif name in reserved():
            message = f'"{name}" is a word of the language itself'
            yield finding(RESERVED_NAME, scopes.source, binding.words[0].span, message, hint="choose another name")
        elif scope.kind in ("step", "block") and (hidden := _hidden(binding)) is not None:
            message = f'"{name}" hides {described(hidden)}'
            yield _twofold(scopes, SHADOWED_NAME, binding.words[0], message, hidden)
        if scope.kind in ("import", "file"):
            file.setdefault(name, binding)


def _again(scopes: Scopes, binding: Binding, first: Binding) -> Diagnostic:
    """Return the finding for a name that is taken."""
    name, word = binding.name, binding.words[0]
    if binding.scope.kind == "call":
        is_set = binding.kind == "variable"
        message = f'"{name}" is {described(first)}' + (", which set cannot change" if is_set else " already")
        return _twofold(scopes, NAME_TWICE, word, message, first)
    message, labels = f'"{name}" is declared twice', (Label(first.words[0].span, "here first"),)
    hint = "give one of them another name"
    return finding(NAME_TWICE, scopes.source, word.span, message, hint=hint, labels=labels)


def _hidden(binding: Binding) -> Binding | None:
    """Return what a parameter or the name of an each hides, and may not: all but a name of the call."""
    assert binding.scope.parent is not None
    found = binding.scope.parent.find(binding.name)
    return None if found is None or found.scope.kind == "call" else found


def _twofold(scopes: Scopes, rule: Rule, word: NameWord, message: str, other: Binding) -> Diagnostic:
    labels = (_declared(other),)
    return finding(rule, scopes.source, word.span, message, hint="choose another name", labels=labels)


def _declared(binding: Binding) -> Label:
    """Return the label of a declaration; that of an imported name is in the other file."""
    origin = binding.origin
    if origin is not None and origin.declaration is not None:
        return Label(origin.declaration.name.span, "declared here", origin.source)
    return Label(binding.words[0].span, "declared here")


# ── Targets ───────────────────────────────────────────────────────────────────────────────────────────


def _check_targets(scopes: Scopes) -> Iterator[Diagnostic]:
    if not scopes.has_steps:
        return  # this version does not compile what leads to a step, and says so
    steps = {each.name: each for each in scopes.bindings if each.kind in ("step", "import")}
    lost: set[str] | None = None
    guesses: _Guesses = {}
    for word, scope in scopes.targets:
        found = scope.find(word.text)
        if found is None:
            # A step that could not be read is not missing.
            lost = set(_STEP.findall(scopes.source.text)) if lost is None else lost
            if word.text not in lost:
                message, hint = f'there is no step "{word.text}"', f"declare it: step {word.text} {{ … }}"
                yield _not_found(scopes, word, message, hint, steps, guesses)
        elif not _may_be_step(found):
            message = f'"{word.text}" is {described(found)}, not a step'
            hint, labels = "write the name of a step", (_declared(found),)
            yield finding(UNKNOWN_NAME, scopes.source, word.span, message, hint=hint, labels=labels)


def _may_be_step(binding: Binding) -> bool:
    declaration = None if binding.origin is None else binding.origin.declaration
    return binding.kind == "step" or (binding.kind == "import" and isinstance(declaration, ast.Step | None))


def _not_found(
    scopes: Scopes, word: NameWord, message: str, hint: str, choices: Mapping[str, Binding], guesses: _Guesses
) -> Diagnostic:
    """Return the finding for a name that is not declared, with the name that its author most likely means."""
    if len(guesses) < _MOST_GUESSES and word.text not in guesses:
        guesses[word.text] = did_you_mean(word.text, choices)
    near = guesses.get(word.text)
    if near is None:
        return finding(UNKNOWN_NAME, scopes.source, word.span, message, hint=hint)
    fix = Fix(f'write "{near}"', (Edit(word.span, near),), unsafe=True)
    labels = (_declared(choices[near]),)
    hint = f'did you mean "{near}"?'
    return finding(UNKNOWN_NAME, scopes.source, word.span, message, hint=hint, labels=labels, fix=fix)


# ── Unused names ───────────────────────────────────────────────────────────────────────────────────────


def check_unused(scopes: Scopes, used: Collection[Binding]) -> Iterator[Diagnostic]:
    """Yield the declarations that nothing uses; these findings matter only if the flow has no others.

    The name of an `each`, of a question or of a result is not reported: the statement does more than to set it. Nor is a
    declaration of a file without an entry, since other files import it.

    Args:
        used: the names that values read, without those that only an unused `param` or `let` reads.
    """
    led = set(_led_to(scopes))
    reported = {"parameter"}
    if any(map(_is_entry, scopes.file.declarations)):
        reported |= _DECLARED
    if not any(isinstance(each, ast.Use) for each in scopes.file.declarations):
        reported.add("variable")  # no step of another file can read it
    for binding in scopes.bindings:
        is_used = binding in led or (binding.kind != "step" and binding in used)
        is_known = binding.scope.names[binding.name] is binding
        if is_known and not is_used and binding.kind in reported:
            yield _unused(scopes, binding)


def _is_entry(node: ast.Declaration) -> bool:
    """Return whether a call begins here: a statement outside of steps, but not `fallback`, or `step start`."""
    if isinstance(node, ast.Command):
        return not leads_to_step(node.verb.text)
    return isinstance(node, (ast.If, ast.Set, ast.Each)) or (isinstance(node, ast.Step) and node.name.text == START)


def _led_to(scopes: Scopes) -> Iterator[Binding]:
    """Yield the steps in which a call begins, or to which another step or statement leads."""
    start = scopes.file_scope.names.get(START)
    if start is not None:
        yield start
    for word, scope in scopes.targets:
        found = scope.find(word.text)
        if found is not None and found.node is not scope.step:
            yield found


def _unused(scopes: Scopes, binding: Binding) -> Diagnostic:
    name, word = binding.name, binding.words[0]
    if binding.kind == "step":
        message, hint = f"nothing leads to the step {name}", "lead to it with goto, do or an arm, or take it out"
    else:
        what = _A.get(binding.kind, binding.kind).removeprefix("a ").removeprefix("an ")
        message, hint = f"nothing reads the {what} {name}", "use it, or take it out"
    labels = [Label(other.span, "and set here") for other in binding.words[1:_MOST_LABELS]]
    if binding.origin is not None and binding.origin.declaration is not None:
        labels.append(_declared(binding))
    return finding(UNUSED_NAME, scopes.source, word.span, message, hint=hint, labels=tuple(labels))
