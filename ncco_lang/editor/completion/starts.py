"""Proposals for the beginning of a statement: verbs with their required parts, and words of declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ncco_lang.editor.snippets import placeholder, value_snippet
from ncco_lang.editor.types import Completion
from ncco_lang.editor.vocabulary_docs import action_docs, form_docs
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.statement_specs import Form, StatementSpec, forms, spec_of

SECRET = "secret"
"""The type that no parameter of a step has."""
_SKELETONS = {"ask": "give_up", "fetch": "otherwise"}
"""The arms that questions and lookups cannot do without."""
_CONTROL = {
    "set": "set ${1:name} = $2",
    "if": "if $1 {\n\t$0\n}",
    "each": "each ${1:item} in ${2:list} {\n\t$0\n}",
}


def verbs(word: Span, names: Iterable[str], *, with_forms: bool = True) -> Iterator[Completion]:
    """Propose verbs, as they are ordered: each form with its snippet, or each verb alone."""
    for number, name in enumerate(names):
        spec = spec_of(name)
        assert spec is not None
        sort = f"1{number:02}"
        if name == RAW:
            insert, is_snippet = (f'{RAW} {{ "action": "$1" }}', True) if with_forms else (RAW, False)
            yield Completion(RAW, "verb", word, insert, "JSON", spec.doc, is_snippet, sort="2raw")
        elif spec.kind == "verb":
            insert = verb_snippet(spec) if with_forms else name
            yield Completion(name, "verb", word, insert, "", spec.doc, "$" in insert, sort="2" + sort)
        elif not with_forms:
            yield Completion(name, "verb", word, name, "", action_docs(spec), sort=sort)
        else:
            for index, form in enumerate(forms(spec)):
                snippet = form_snippet(form)
                detail = "" if form.operand is None else form.operand.option.name
                docs = form_docs(form)
                yield Completion(form.title, "verb", word, snippet, detail, docs, "$" in snippet, f"{sort}{index}")


def verb_snippet(spec: StatementSpec) -> str:
    """Return a statement of the language with what it needs: its operands, one of its forms, and the arms of a question."""
    pieces, number = [spec.name], 1
    for operand in spec.operands:
        if operand.required or (spec.block is not None and operand.kind == "speech"):
            is_text = operand.kind in ("speech", "text", "url")
            pieces.append(f'"${number}"' if is_text else f"${{{number}:{operand.role}}}")
            number += 1
    first = (option for option in spec.options if option.name in spec.one_of[:1])
    pieces += (f"{option.name}: {value_snippet(option, number)}" for option in first)
    needed = _SKELETONS.get(spec.name)
    arm = "" if needed is None else f"\t{needed} -> {placeholder(number + bool(spec.one_of), 'hangup')}\n"
    return " ".join(pieces) + (f" {{\n{arm}\t$0\n}}" if spec.arms else "")


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
    known = words_in("statements")
    types = ",".join(name for name, each in words_in("types").items() if each.is_offered)
    snippets = {
        "param": f"param ${{1:name}}: ${{2|{types}|}} = $3",
        "arg": f"arg ${{1:name}}: ${{2|{types}|}} = $3",
        "let": "let ${1:name} = $2",
        "default": "default $1 ",
        "flow": f'flow "{placeholder(1, "")}"',
        "step": "step ${1:name} {\n\t$0\n}",
        "anywhere": "anywhere {\n\t$0\n}",
        "test": 'test "$1" {\n\tcall\n\t$0\n}',
    }
    has_title = file is not None and any(isinstance(each, ast.Flow) for each in file.declarations)
    for number, (name, snippet) in enumerate(snippets.items()):
        detail = known[name].doc
        if known[name].is_offered and (name != "flow" or not has_title):
            insert = name if has_rest else snippet
            yield Completion(name, "keyword", word, insert, detail, is_snippet=not has_rest, sort=f"3{number}")


def control_words(word: Span, *, has_rest: bool, in_question: bool = False) -> Iterator[Completion]:
    """Propose the words that begin a statement which is no verb; a question has prompts and arms in `if` and `each`."""
    known = words_in("statements")
    for number, (name, snippet) in enumerate(_CONTROL.items()):
        if known[name].is_offered and not (in_question and name == "set"):
            insert = name if has_rest else snippet
            docs = known[name].doc
            yield Completion(name, "keyword", word, insert, "", docs, is_snippet=not has_rest, sort=f"25{number}")


def param_types(word: Span) -> Iterator[Completion]:
    """Propose the types of params."""
    for number, (name, each) in enumerate(words_in("types").items()):
        if each.is_offered:
            yield Completion(name, "keyword", word, name, each.doc, sort=f"{number:02}")
