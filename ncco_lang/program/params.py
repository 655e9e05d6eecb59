"""Convert the value given to a param to the type that its declaration names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.program import param_facts as facts
from ncco_lang.project.params import Given, variable_in
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.json import read_value
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.values.data import UNDEFINED, Duration, Tag, described, from_json, number, number_text, text_of, type_of
from ncco_lang.values.language_tags import may_be_tag
from ncco_lang.values.phone import e164_digits
from ncco_lang.values.units import written
from ncco_lang.vocabulary.flow_spelling import FLOW, flow_finding
from ncco_lang.vocabulary.language_words import elsewhere, words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.words import shown

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_MANY_SECONDS = 100
_URL = re.compile(r"(https?|wss?)://\S+")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?(/\S*)?")
_WRITTEN_OUT = (ast.Text, ast.Number, ast.Duration, ast.Tag, ast.Key)


@cache
def param_types() -> Mapping[str, str]:
    """Return the types that params can have, each with its values in words."""
    return {name: each.doc for name, each in words_in("types").items() if not each.planned}


def declared_params(file: ast.File) -> tuple[str, ...]:
    """Return the names of the params that a flow declares, in its order."""
    return tuple(declaration.name.text for declaration in file.declarations if isinstance(declaration, ast.Param))


class ArgumentError(ValueError):
    """A value for an arg that the flow does not take, or one that is missing. The message is a sentence."""


def read_arguments(file: ast.File, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the args of a call, as in `values/data.py`; a default is left to the runtime.

    Args:
        file: the flow.
        given: the values by name, as on a command line.

    Raises:
        ArgumentError: the flow has no such arg, a value is of another type, or a value is missing. The message shows no
            value of an arg of type secret.
    """
    declared = {each.name.text: each for each in file.declarations if isinstance(each, ast.Arg)}
    values = typed_arguments({name: each.type.text for name, each in declared.items()}, given)
    missing = next((name for name, each in declared.items() if each.value is None and name not in values), None)
    if missing is not None:
        raise ArgumentError(f"{missing} has no default, and nothing was given to it; add -a {missing}=…")
    return values


def typed_arguments(types: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of args, as in `values/data.py`.

    Args:
        types: those of the args of the flow by name.
        given: the values by name: texts as on a command line, or other JSON.

    Raises:
        ArgumentError: the flow has no such arg, or a value is of another type.
    """
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name not in types:
            raise ArgumentError(_no_such_arg(name, tuple(types)))
        kind = types[name]
        value = typed_text(kind, text) if isinstance(text, str) else from_json(text)
        if value is UNDEFINED or not fits(kind, value):
            shows = "this" if kind == "secret" else shown(text)
            raise ArgumentError(
                f"{name} needs a value of type {kind}, not {shows}; write {param_types().get(kind, kind)}"
            )
        values[name] = value
    return values


def _no_such_arg(name: str, declared: Sequence[str]) -> str:
    near = did_you_mean(name, declared)
    if near is not None:
        return f"the flow has no arg {name}; did you mean {near}?"
    return f"the flow has no arg {name}; it has {' and '.join(declared)}" if declared else "the flow has no args"


def check_given(file: ast.File, source: Source, given: Mapping[str, Given]) -> Iterator[Diagnostic]:
    """Report values on the command line for params that the file does not have; a profile may serve other files too."""
    declared = declared_params(file)
    for name, value in given.items():
        if name not in declared and value.source is None:
            near = did_you_mean(name, declared)
            unknown = facts.NoSuchParam(origin=value.origin, name=name, near=near, params=declared)
            yield flow_finding(source, Span(0, 0), unknown)


def check_type(source: Source, declaration: ast.Param | ast.Arg | ast.Parameter) -> Iterator[Diagnostic]:
    """Check that the language has the type of a declaration."""
    word, types = declaration.type, words_in("types")
    if word.text in types and types[word.text].planned:
        yield not_yet(source, word.span, f'the type "{word.text}"', types[word.text].today)
    elif word.text and word.text not in types:
        offered = tuple(name for name, each in types.items() if each.is_offered)
        near = elsewhere("types").get(word.text.lower()) or did_you_mean(word.text, offered)
        fix = Fix(f'write "{near}"', (Edit(word.span, near),), unsafe=True) if near else None
        yield flow_finding(source, word.span, facts.NoSuchType(name=word.text, near=near, types=offered), fix=fix)


def given_value(source: Source, declaration: ast.Param, given: Given) -> tuple[Any, list[Diagnostic]]:
    """Return the data of a given value; `UNDEFINED`, with a finding, for another type."""
    name, kind = declaration.name, declaration.type.text
    if given.value is None:
        unset = facts.UnsetParam(
            param=name.text, variable=given.variable or "", origin=f"{given.origin}{_place(given)}"
        )
        return UNDEFINED, [flow_finding(source, name.span, unset)]
    value = typed_text(kind, given.value) if isinstance(given.value, str) else from_json(given.value)
    if value is UNDEFINED or not fits(kind, value):
        is_open = not given.from_env
        what = shown(given.value) if is_open else "the value in the environment" if given.from_env else "this"
        wanted, origin = param_types().get(kind, kind), f"{given.origin}{_place(given)}"
        wrong = facts.WrongGiven(param=name.text, type=kind, wanted=wanted, given=what, origin=origin)
        return UNDEFINED, [flow_finding(source, name.span, wrong)]
    if given.from_env:
        written_out = facts.FromEnvironment(param=name.text, origin=given.origin)
        return value, [flow_finding(source, name.span, written_out)]
    return value, []


def secret_variable(source: Source, declaration: ast.Param, given: Given | None) -> tuple[str | None, list[Diagnostic]]:
    """Return the environment variable that a secret is read from during a call; None, with a finding, without one."""
    name, default = declaration.name, declaration.value
    if given is not None:
        text = given.value if isinstance(given.value, str) and not given.from_env else ""
        variable = given.variable or variable_in(text)
        written = facts.SecretGiven(param=name.text, origin=f"{given.origin}{_place(given)}")
        return variable, [] if variable is not None else [flow_finding(source, name.span, written)]
    if default is None:
        return None, [missing_value(source, declaration)]
    match default:
        case ast.Ref(name=ast.Word(text="env"), trailers=(ast.Arguments(values=(ast.Text() as named,)),)):
            variable = variable_in(f"env:{named.value}")
        case _:
            variable = None
    in_source = facts.SecretInSource(param=name.text)
    return variable, [] if variable is not None else [flow_finding(source, default.span, in_source)]


def missing_value(source: Source, declaration: ast.Param) -> Diagnostic:
    """Return the finding for a param without a value."""
    missing = facts.MissingParam(param=declaration.name.text, type=declaration.type.text)
    return flow_finding(source, declaration.name.span, missing)


def naming_profiles(found: Iterable[Diagnostic], having: Mapping[str, Sequence[str]]) -> Iterator[Diagnostic]:
    """Yield findings; those about params without a value name the profiles that have one.

    Args:
        having: param → the names of the profiles that give it a value.
    """
    for each in found:
        if isinstance(each.facts, facts.MissingParam) and (profiles := having.get(each.facts.param)):
            named = facts.MissingParam(param=each.facts.param, type=each.facts.type, profiles=tuple(profiles))
            each = replace(each, facts=named, hint=named.words(FLOW).hint)
        yield each


def check_default(source: Source, declaration: ast.Param | ast.Arg, value: Any) -> Iterator[Diagnostic]:
    """Check that the data of the default of a param or an arg is of its type."""
    kind = declaration.type.text
    if isinstance(declaration, ast.Arg) and kind == "secret":
        assert declaration.value is not None
        yield flow_finding(source, declaration.value.span, facts.SecretArg(param=declaration.name.text))
        return
    if kind not in param_types() or fits(kind, value):
        return
    assert declaration.value is not None
    given = shown(value) if type_of(value) == "text" else described(value)
    fix = type_fix(source, kind, value, declaration.value)
    near: tuple[str, ...] = ()
    if kind == "duration" and type_of(value) == "number" and fix is None:
        amount = written(number_text(value))
        near = (f"{amount}ms", f"{amount}s")
    name, wanted = declaration.name.text, param_types()[kind]
    wrong = facts.WrongDefault(param=name, type=kind, wanted=wanted, given=given, near=near)
    yield flow_finding(source, declaration.value.span, wrong, fix=fix)


def type_fix(source: Source, kind: str, value: Any, node: ast.Value) -> Fix | None:
    """Return a fix that writes a literal as a value of a type; None if that would be a guess, or it is no literal."""
    if not isinstance(node, _WRITTEN_OUT):
        return None
    found, span = type_of(value), node.span
    if found == "text":
        if kind == "url" and _HOST.fullmatch(value):
            return Fix("put https:// before it", (Edit(Span(span.start + 1, span.start + 1), "https://"),), unsafe=True)
        if kind in ("number", "bool", "duration", "language") and fits(kind, typed_text(kind, value)):
            return Fix("take the quotes away", (Edit(span, value),))
    elif found == "number" and kind == "duration":
        # The author may mean a large number in milliseconds.
        seconds = f"{written(number_text(value))}s"
        return Fix(f"write {seconds}", (Edit(span, seconds),), unsafe=True) if value < _MANY_SECONDS else None
    elif found in ("number", "duration", "language", "key") and kind in ("text", "phone"):
        return Fix("put it in quotes", (Edit(span, f'"{source.text[slice(*span)]}"'),))
    return None


def fits(kind: str, value: Any) -> bool:
    """Return whether a value is of a type."""
    found = type_of(value)
    match kind, found:
        case ("text" | "secret", "text") | ("language", "language" | "word"):
            return True
        case "phone", "text":
            return e164_digits(value) is not None
        case "url", "text":
            return _URL.fullmatch(value) is not None
        case "language", "text":
            return may_be_tag(value)
        case "key", "key" | "number" | "text":
            return text_of(value) in [*"0123456789*#"]
        case _:
            return kind == found or kind not in param_types()


def typed_text(kind: str, text: str) -> Any:
    """Return a text from outside as a value of a type; `UNDEFINED` if it does not look like one."""
    match kind:
        case "number":
            is_number = len(text) < 300 and _NUMBER.fullmatch(text) is not None
            return from_json(number(text)) if is_number else UNDEFINED
        case "bool":
            return text == "true" if text in ("true", "false") else UNDEFINED
        case "duration":
            found = _DURATION.fullmatch(text) if len(text) < 300 else None
            return UNDEFINED if found is None else Duration(found[1], found[2])
        case "language":
            return Tag(text) if may_be_tag(text) else UNDEFINED
        case "list" | "table":
            plain = read_value(text)
            return UNDEFINED if plain is None else from_json(plain[0])
        case _:
            return text


def _place(given: Given) -> str:
    if given.source is None or given.span is None:
        return ""
    position = given.source.position(given.span.start)
    return f" ({given.source.name}:{position.line}:{position.column})"
