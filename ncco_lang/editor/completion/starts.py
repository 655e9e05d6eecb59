"""Proposals for the beginning of a statement: verbs with their required parts, and words of declarations."""

from __future__ import annotations

from collections.abc import Iterator

from ncco_lang.editor.snippets import placeholder, value_snippet
from ncco_lang.editor.types import Completion
from ncco_lang.editor.vocabulary_docs import action_docs, form_docs
from ncco_lang.program.verbs import RAW
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.statement_specs import Form, StatementSpec, actions, forms, known_verbs, spec_of


def statement_starts(word: Span, *, has_rest: bool) -> Iterator[Completion]:
    """Propose every verb with its operand, or the verb alone if the rest of the statement is already there."""
    yield from verbs(word, with_forms=not has_rest)
    insert, is_snippet = (RAW, False) if has_rest else (f'{RAW} {{ "action": "$1" }}', True)
    yield Completion(RAW, "verb", word, insert, "JSON", words_in("statements")[RAW].doc, is_snippet, sort="2raw")


def verbs(word: Span, *, with_forms: bool = True) -> Iterator[Completion]:
    """Propose the verbs of NCCO: each form with its snippet, or each verb alone."""
    for number, name in enumerate(each for each in known_verbs() if each != RAW):
        sort = f"1{number:02}"
        if name not in actions():
            spec = spec_of(name)
            step = " ${1:start}" if with_forms and spec is not None and _needs_step(spec) else ""
            doc = words_in("statements")[name].doc
            yield Completion(name, "verb", word, f"{name}{step}", "", doc, bool(step), sort=sort)
            continue
        action = actions()[name]
        if not with_forms:
            yield Completion(name, "verb", word, name, "", action_docs(action), sort=sort)
            continue
        for index, form in enumerate(forms(action)):
            snippet = form_snippet(form)
            detail = "" if form.operand is None else form.operand.option.name
            docs = form_docs(form)
            yield Completion(form.title, "verb", word, snippet, detail, docs, "$" in snippet, f"{sort}{index}")


def _needs_step(spec: StatementSpec) -> bool:
    return any(operand.kind == "step" and operand.required for operand in spec.operands)


def form_snippet(form: Form) -> str:
    """Return a form of a statement with its operand and its required options."""
    pieces, number = [form.title], 1
    if form.operand is not None:
        pieces.append(value_snippet(form.operand.option, number))
        number += 1
    for name, setting in form.settings.items():
        if setting.option.required and setting is not form.operand and not setting.option.is_block:
            pieces.append(f"{name}: {value_snippet(setting.option, number)}")
            number += 1
    return " ".join(pieces)


def declaration_words(word: Span, file: ast.File | None, *, has_rest: bool) -> Iterator[Completion]:
    """Propose the words that begin a declaration which this version compiles; a title only if there is none yet."""
    types = ",".join(name for name, each in words_in("types").items() if each.is_offered)
    snippets = {
        "param": f"param ${{1:name}}: ${{2|{types}|}} = $3",
        "let": "let ${1:name} = $2",
        "default": "default $1 ",
        "flow": f'flow "{placeholder(1, "")}"',
    }
    has_title = file is not None and any(isinstance(each, ast.Flow) for each in file.declarations)
    for number, (name, snippet) in enumerate(snippets.items()):
        detail = words_in("statements")[name].doc
        if name != "flow" or not has_title:
            insert = name if has_rest else snippet
            yield Completion(name, "keyword", word, insert, detail, is_snippet=not has_rest, sort=f"3{number}")


def param_types(word: Span) -> Iterator[Completion]:
    """Propose the types of params, without `secret`, because no NCCO may contain a secret."""
    for number, (name, each) in enumerate(words_in("types").items()):
        if each.is_offered:
            yield Completion(name, "keyword", word, name, each.doc, sort=f"{number:02}")
