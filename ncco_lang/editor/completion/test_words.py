"""Proposals in a test: its words, what each says or presses, and their options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ncco_lang.editor.completion.expressions import values
from ncco_lang.editor.completion.values import Proposer
from ncco_lang.editor.snippets import choice, value_snippet
from ncco_lang.editor.types import Completion
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.words_of_tests import (
    EXPECT,
    NO,
    OF_OTHER,
    OTHER,
    form_of_test_word,
    offered_words,
    word_of_test,
)

_CONDITION = "expect that"


def test_words(word: Span, around: str | None, *, has_rest: bool) -> Iterator[Completion]:
    """Propose the words that begin a line of a test, each with what it says; `around` is the line whose block it is in."""
    for number, name in enumerate(offered_words()):
        if around is not None and (around != OTHER or name not in OF_OTHER):
            continue
        insert = name if has_rest else _snippet(name)
        docs = words_in("tests")[name].doc
        yield Completion(name, "verb", word, insert, "", docs, "$" in insert, sort=f"{number:02}")


def _snippet(name: str) -> str:
    """Return a line of a test with what it needs."""
    form = form_of_test_word(name)
    if form is None or name == _CONDITION:
        return f"{name}: $1" if name == _CONDITION else name
    pieces, number = [name], 1
    if form.operand is not None:
        pieces.append(value_snippet(form.operand.option, number))
        number += 1
    pieces += [choice(number, list(each.words)) for each in form.action.operands if each.required and each.words]
    return " ".join(pieces)


def _may_be_denied(name: str) -> bool:
    form = form_of_test_word(name)
    return form is not None and any(NO in each.words for each in form.action.operands)


def in_test_line(node: ast.Command, inner: Sequence[ast.Node], proposer: Proposer) -> Iterator[Completion]:
    """Propose the second word of a line of a test, or its options and their values."""
    first, word = inner[0], proposer.word
    operands = [each for each in node.operands if each is not first]
    bare = tuple(each.text for each in operands if isinstance(each, ast.Name))
    name, taken = word_of_test(node.verb.text, bare)
    if isinstance(first, ast.Option) and f"{node.verb.text} {first.name.text}" == _CONDITION:
        if inner[1] is not first.name:
            yield from values(proposer, is_condition=True)
        return
    # The rest of a test is fixed when compiling.
    proposer = Proposer(word, proposer.known.fixed())
    form = form_of_test_word(name)
    if form is None:
        begun = f"{node.verb.text} "
        is_condition = any(f"{begun}{each.name.text}" == _CONDITION for each in node.options)
        for each in offered_words() if len(bare) <= (bare == (NO,)) and not is_condition else ():
            if each.startswith(begun) and (not bare or _may_be_denied(each)):
                follows, docs = each.removeprefix(begun), words_in("tests")[each].doc
                insert = f"{follows}: $1" if each == _CONDITION else follows
                yield Completion(follows, "keyword", word, insert, each, docs, "$" in insert, sort=f"0{each}")
        if node.verb.text == EXPECT and not bare and not is_condition:
            yield Completion(NO, "keyword", word, NO, "what must not happen", sort="1")
        return
    if isinstance(first, ast.Option):
        setting = form.settings.get(first.name.text)
        if setting is not None and inner[1] is not first.name:
            yield from proposer.values(setting.option, None)
        return
    roles = form.action.operands
    for role in roles if len(bare) == taken else ():
        for number, each in enumerate(each for each in role.words if each != NO):
            yield Completion(each, "keyword", word, each, name, sort=f"0{number:02}")
    if form.operand is not None and not operands[taken:]:
        yield from proposer.values(form.operand.option, None, is_operand=True)
    given = {option.name.text for option in node.options} | {*bare}
    given |= set() if form.operand is None else {form.operand.option.name}
    yield from proposer.options(form.settings, given)
