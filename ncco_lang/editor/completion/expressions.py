"""Proposals in expressions: functions, values of the call, fields of tables, and names that can be set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.editor.completion.values import Proposer
from ncco_lang.editor.marker import Spot
from ncco_lang.editor.symbol_docs import Names, title_of_name
from ncco_lang.editor.types import Completion
from ncco_lang.program.bindings import Scope
from ncco_lang.program.scopes import SET_VALUES
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import fields_of, words_in

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN = {"length": "${1:list}", "default": "${1:name}, $2", "defined": "${1:name}", "env": '"${1:NAME}"'}
"""The arguments of functions, as a snippet."""
_OF_CONDITIONS, _OF_LOOKUPS = "defined", "env"


def values(proposer: Proposer, *, is_condition: bool = False, is_sent: bool = False) -> Iterator[Completion]:
    """Propose the names, functions and values of an expression.

    Args:
        is_condition: it is a condition, in which `defined` is of use.
        is_sent: it is in the headers or the JSON of a lookup, which may have secrets.
    """
    known = proposer.known
    yield from proposer.names(list(known.all) if is_sent else known.readable())
    without = {*(() if is_condition else (_OF_CONDITIONS,)), *(() if is_sent else (_OF_LOOKUPS,))}
    yield from functions(proposer.word, known, without)


def functions(word: Span, known: Names, without: set[str]) -> Iterator[Completion]:
    """Propose functions, with a place for what they take, and the values that every call has."""
    for name, each in words_in("functions").items():
        is_lost = name in without or (name != "length" and not known.is_in_call)
        if each.is_offered and not is_lost and name not in known.all:
            insert = f"{name}({_TAKEN.get(name, '$1')})"
            yield Completion(name, "function", word, insert, "function", each.doc, is_snippet=True, sort=f"3{name}")
    for name, each in words_in("values").items() if known.is_in_call else ():
        if each.is_offered and name != "key" and name not in known.all:
            yield Completion(name, "value", word, name, "of the call", each.doc, sort=f"4{name}")


def settable(word: Span, scope: Scope, *, has_rest: bool) -> Iterator[Completion]:
    """Propose what `set` can change: names of the call that are set elsewhere, args, and the language.

    Args:
        has_rest: the sign `=` is written.
    """
    rest = "" if has_rest else " = $1"
    for name, binding in scope.visible().items():
        if binding.kind in ("variable", "question", "result", "arg"):
            title = title_of_name(binding)
            yield Completion(name, "param", word, name + rest, title, is_snippet=not has_rest, sort=f"2{name}")
    for name in sorted(SET_VALUES):
        docs = words_in("values")[name].doc
        yield Completion(name, "value", word, name + rest, "of the call", docs, not has_rest, sort=f"4{name}")


def questions(word: Span, scope: Scope) -> Iterator[Completion]:
    """Propose the names of questions, which `retry` asks again."""
    for name, binding in scope.visible().items():
        if binding.kind == "question":
            yield Completion(name, "param", word, name, title_of_name(binding), sort=f"0{name}")


def fields(text: str, spot: Spot, names: Names) -> Iterator[Completion]:
    """Propose the fields of a table or of the call after its name and a dot; those that the flow reads of JSON."""
    ref = spot.path[-3] if len(spot.path) > 2 else None
    if not isinstance(ref, ast.Ref) or ref.trailers[0] is not spot.path[-2]:
        return
    name, word = ref.name.text, spot.word
    known = names.all.get(name)
    value = known.node.value if known is not None and isinstance(known.node, ast.Param | ast.Let) else None
    if isinstance(value, ast.Object):
        for pair in value.pairs:
            key = pair.key.value
            if _FIELD.fullmatch(key):
                yield Completion(key, "value", word, key, f"of {name}")
    elif known is not None and known.slot is not None:
        yield from (Completion(key, "value", word, key, f"of {name}") for key in _read_of(text, name, word))
    elif known is None and name in words_in("values") and words_in("values")[name].is_offered:
        for field, known_field in fields_of(name).items():
            yield Completion(field, "value", word, field, known_field.type, known_field.doc)


def _read_of(text: str, name: str, word: Span) -> Iterator[str]:
    """Yield the fields that the flow reads of a name elsewhere."""
    read = re.finditer(rf"(?<![\w.]){re.escape(name)}\.([A-Za-z_]\w*)", text)
    yield from sorted({each[1] for each in read if each.start(1) != word.start})
