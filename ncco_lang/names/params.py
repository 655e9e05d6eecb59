"""Convert the value given to a param to the type that its declaration names."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.names.literals import kind_of, literal_of
from ncco_lang.names.rules import MISSING_PARAM, UNKNOWN_PARAM, UNKNOWN_TYPE, WRITTEN_OUT, WRONG_PARAM
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.json import read_value
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.values.language_tags import may_be_tag
from ncco_lang.values.phone import e164_digits
from ncco_lang.values.units import written
from ncco_lang.vocabulary.language_words import elsewhere, words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.words import shown

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_MANY_SECONDS = 100
_URL = re.compile(r"(https?|wss?)://\S+")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?(/\S*)?")
_HINTS = {"phone": 'begin with a plus sign and the country code: "+44 20 7946 0123"'}


@cache
def param_types() -> Mapping[str, str]:
    """Return the types that params can have, each with its values in words."""
    return {name: each.doc for name, each in words_in("types").items() if not each.planned}


def declared_params(file: ast.File) -> tuple[str, ...]:
    """Return the names of the params that a flow declares, in its order."""
    return tuple(declaration.name.text for declaration in file.declarations if isinstance(declaration, ast.Param))


def check_given(file: ast.File, source: Source, given: Mapping[str, Given]) -> Iterator[Diagnostic]:
    """Report values on the command line for params that the file does not have; a profile may serve other files too."""
    declared = declared_params(file)
    for name, value in given.items():
        if name not in declared and value.source is None:
            message = f'{value.origin}: this file has no param "{name}"'
            yield finding(UNKNOWN_PARAM, source, Span(0, 0), message, hint=meant_param(name, declared))


def meant_param(name: str, declared: Collection[str]) -> str | None:
    """Return a hint for an unknown param: the one that the user most likely means, or all of them."""
    near = did_you_mean(name, declared)
    return f'did you mean "{near}"?' if near else f"its params are {', '.join(declared)}" if declared else None


def check_type(source: Source, declaration: ast.Param | ast.Arg) -> Iterator[Diagnostic]:
    """Check that the language has the type of a declaration."""
    word, types = declaration.type, words_in("types")
    if word.text in types and types[word.text].planned:
        yield not_yet(source, word.span, f'the type "{word.text}"', types[word.text].today)
    elif word.text and word.text not in types:
        offered = [name for name, each in types.items() if each.is_offered]
        near = elsewhere("types").get(word.text.lower()) or did_you_mean(word.text, offered)
        hint = f'did you mean "{near}"?' if near else f"a type is one of {', '.join(offered)}"
        fix = Fix(f'write "{near}"', (Edit(word.span, near),), unsafe=True) if near else None
        yield finding(UNKNOWN_TYPE, source, word.span, f'there is no type "{word.text}"', hint=hint, fix=fix)


def given_value(source: Source, declaration: ast.Param, given: Given) -> tuple[ast.Value | None, list[Diagnostic]]:
    """Return a given value as a literal at the declaration of its param; None, with a finding, for another type."""
    name, kind = declaration.name, declaration.type.text
    value = _typed_text(kind, given.value, name.span) if isinstance(given.value, str) else None
    if value is None and not isinstance(given.value, str):
        value = literal_of(given.value, name.span)
        if value is not None and not fits(kind, value):
            value = None
    if value is None:
        is_open = not given.from_env and kind != "secret"
        what = shown(given.value) if is_open else "the value in the environment" if given.from_env else "this"
        message = f"{given.origin}{_place(given)}: {name.text} takes {param_types().get(kind, kind)}, not {what}"
        return None, [finding(WRONG_PARAM, source, name.span, message, hint=_HINTS.get(kind))]
    if given.from_env and kind != "secret":
        message = f"{name.text} is read from the environment ({given.origin}) and written into the NCCO"
        return value, [finding(WRITTEN_OUT, source, name.span, message)]
    return value, []


def missing_value(source: Source, declaration: ast.Param) -> Diagnostic:
    """Return the finding for a param without a value."""
    name = declaration.name.text
    message = f"{name} has no default, and nothing was given to it"
    hint = f"-p {name}=…, a profile in ncco.toml, or a default: param {name}: {declaration.type.text} = …"
    return finding(MISSING_PARAM, source, declaration.name.span, message, hint=hint)


def check_default(source: Source, declaration: ast.Param, value: ast.Value) -> Iterator[Diagnostic]:
    """Check that a param's default is of its type."""
    kind = declaration.type.text
    if kind in param_types() and not fits(kind, value):
        assert declaration.value is not None
        given = shown(value.value) if isinstance(value, ast.Text) else kind_of(value)
        message = f"{declaration.name.text} takes {param_types()[kind]}, not {given}"
        span = declaration.value.span
        fix = _fix(source, kind, value, span)
        hint = _HINTS.get(kind)
        if kind == "duration" and isinstance(value, ast.Number) and fix is None:
            hint = f"write {written(value.text)}ms or {written(value.text)}s"
        yield finding(WRONG_PARAM, source, span, message, hint=hint, fix=fix)


def _fix(source: Source, kind: str, value: ast.Value, span: Span) -> Fix | None:
    """Return a fix that writes a literal as the param's type; None if that would be a guess."""
    if value.span != span:
        return None  # a name is written there
    if isinstance(value, ast.Text):
        if kind == "url" and _HOST.fullmatch(value.value):
            return Fix("put https:// before it", (Edit(Span(span.start + 1, span.start + 1), "https://"),), unsafe=True)
        if kind in ("number", "bool", "duration", "language") and _typed_text(kind, value.value, span) is not None:
            return Fix("take the quotes away", (Edit(span, value.value),))
    elif isinstance(value, ast.Number) and kind == "duration":
        # The author may mean a large number in milliseconds.
        seconds = f"{written(value.text)}s"
        return Fix(f"write {seconds}", (Edit(span, seconds),), unsafe=True) if value.value < _MANY_SECONDS else None
    elif isinstance(value, (ast.Number, ast.Duration, ast.Tag, ast.Key)) and kind in ("text", "phone"):
        return Fix("put it in quotes", (Edit(span, f'"{source.text[slice(*span)]}"'),))
    return None


def fits(kind: str, value: ast.Value) -> bool:
    """Return whether a literal is of a type."""
    match kind, value:
        case (_, ast.Missing()):
            return True
        case ("text" | "secret", ast.Text()) | ("number", ast.Number()) | ("duration", ast.Duration()):
            return True
        case ("language", ast.Tag() | ast.Name()) | ("list", ast.List()) | ("table", ast.Object()):
            return True
        case "bool", ast.Constant():
            return value.value is not None
        case "phone", ast.Text():
            return e164_digits(value.value) is not None
        case "url", ast.Text():
            return _URL.fullmatch(value.value) is not None
        case "language", ast.Text():
            return may_be_tag(value.value)
        case "key", ast.Key() | ast.Number():
            return value.text in "0123456789*#" and len(value.text) == 1
        case "key", ast.Text():
            return len(value.value) == 1 and value.value in "0123456789*#"
        case _:
            return kind not in param_types()


def _typed_text(kind: str, text: str, span: Span) -> ast.Value | None:
    """Return a text from outside as a literal of a type; None if it is not of that type."""
    value: ast.Value | None
    if kind == "number":
        is_number = len(text) < 300 and _NUMBER.fullmatch(text) is not None
        value = ast.Number(span, text) if is_number and math.isfinite(float(text)) else None
    elif kind == "bool":
        value = ast.Constant(span, text == "true") if text in ("true", "false") else None
    elif kind == "duration":
        found = _DURATION.fullmatch(text)
        value = ast.Duration(span, found[1], found[2]) if found is not None and len(text) < 300 else None
    elif kind == "language":
        value = ast.Tag(span, text) if may_be_tag(text) else None
    elif kind in ("list", "table"):
        plain = read_value(text)
        value = literal_of(plain[0], span) if plain is not None else None
    else:
        value = literal_of(text, span)
    return value if value is not None and fits(kind, value) else None


def _place(given: Given) -> str:
    if given.source is None or given.span is None:
        return ""
    position = given.source.position(given.span.start)
    return f" ({given.source.name}:{position.line}:{position.column})"
