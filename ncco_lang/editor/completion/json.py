"""Proposals for NCCO JSON: actions, their keys and values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from ncco_lang.editor.json_context import JsonContext, find_json_context
from ncco_lang.editor.json_options import (
    Entries,
    entries_of,
    form_as_json,
    json_value,
    listed_option,
    wire_detail,
    wire_docs,
)
from ncco_lang.editor.snippets import choice, likely_numbers
from ncco_lang.editor.types import Completion
from ncco_lang.editor.vocabulary_docs import form_docs, language_detail, language_docs, languages_of
from ncco_lang.source import Span
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.speech import voices
from ncco_lang.vocabulary.statement_specs import actions, forms

_NOTHING_ELSE = re.compile(r"\s*+(\w*+)\s*+")


def complete_json(text: str, offset: int) -> list[Completion]:
    """Return the proposals at an offset of an NCCO."""
    context = find_json_context(text, offset)
    if context is None:
        return list(_beginnings(text, offset))
    if context.role == "after":
        return []
    if context.role == "key":
        entries = entries_of(context.containers)
        return [] if entries is None else list(_keys(context, entries))
    return list(_values(context))


def _span(context: JsonContext) -> Span:
    """Return the span that a proposal replaces: after the opening quote, so that its text is a prefix of the label."""
    return Span(context.place.start + 1, context.place.end) if context.is_quoted else context.place


def _text(context: JsonContext, word: str) -> str:
    """Return a text as JSON at a position whose opening quote may already be there."""
    return json.dumps(word, ensure_ascii=False)[1 if context.is_quoted else 0 :]


def _value(context: JsonContext, word: str) -> str:
    """Return a text as a JSON value, with a comma if one is needed."""
    return _text(context, word) + _comma(context)


def _comma(context: JsonContext) -> str:
    """Return the comma between a new entry and one that follows without a comma, or an empty text."""
    return "," if context.next in ('"', "{") else ""


def _keys(context: JsonContext, entries: Entries) -> Iterator[Completion]:
    """Propose the missing keys. If the value is already there, only the key is inserted."""
    there = set(context.containers[-1].words) - {context.key}
    span, has_value = _span(context), context.next == ":"

    def proposal(key: str, value: str, detail: str, docs: str, sort: str) -> Completion:
        insert = _text(context, key) if has_value else f"{_text(context, key)}: {value}{_comma(context)}"
        return Completion(key, "key", span, insert, detail, docs, not has_value, sort)

    if entries.selector is not None and entries.selector not in there:
        words = f'"{choice(1, list(entries.words))}"'
        yield proposal(entries.selector, words, "required", "Which of several it is.", "0")
    for number, (key, option) in enumerate(entries.options.items()):
        if key not in there and option.deprecated is None:
            sort = f"{1 if option.required else 2}{number:02}"
            yield proposal(key, json_value(option, 1), wire_detail(option), wire_docs(option), sort)


def _values(context: JsonContext) -> Iterator[Completion]:
    container = context.containers[-1]
    if container.is_list and len(context.containers) == 1:
        if not context.is_quoted:
            yield from _actions(context.place, "", _comma(context))
        return
    if container.is_list:
        option = listed_option(context.containers)
        if option is not None:
            yield from _of_list(context, option)
        return
    entries = entries_of(context.containers)
    if entries is None:
        return
    if context.key == entries.selector:
        for number, (word, docs) in enumerate(entries.words.items()):
            yield Completion(word, "value", _span(context), _value(context, word), "", docs, sort=f"{number:02}")
    elif context.key in entries.options:
        yield from _of_option(context, entries.options[context.key])


def _beginnings(text: str, offset: int) -> Iterator[Completion]:
    """Propose a list with an action, if the text is empty or has only the word at the position."""
    alone = _NOTHING_ELSE.fullmatch(text)
    if alone is None:
        return
    span = Span(*alone.span(1)) if alone[1] else Span(offset, offset)
    if span.start <= offset <= span.end:
        yield from _actions(span, "[\n\t", "\n]")


def _actions(span: Span, before: str, after: str) -> Iterator[Completion]:
    """Propose every action in each of its forms, with its required parts."""
    known = [action for action in actions().values() if action.deprecated is None]
    for number, action in enumerate(known):
        for index, form in enumerate(forms(action)):
            insert = f"{before}{form_as_json(form)}{after}"
            sort = f"{number:02}{index}"
            yield Completion(form.title, "verb", span, insert, "action", form_docs(form), True, sort)


def _of_list(context: JsonContext, option: OptionSpec) -> Iterator[Completion]:
    """Propose the items of a list."""
    if option.item is not None:
        yield from _of_option(context, option.item)
    elif option.selector is not None and not context.is_quoted:
        for number, (word, variant) in enumerate(option.variants.items()):
            needed = [each for each in variant.options if each.required or each.key == variant.operand]
            rest = "".join(f', "{each.key}": {json_value(each, at)}' for at, each in enumerate(needed, 1))
            insert = f'{{"{option.selector}": "{word}"{rest}}}{_comma(context)}'
            yield Completion(word, "value", context.place, insert, "", variant.doc, bool(needed), f"{number:02}")


def _of_option(context: JsonContext, option: OptionSpec) -> Iterator[Completion]:
    if option.kind in LANGUAGES:
        yield from _languages(context, option)
        return
    docs = wire_docs(option)
    if not context.is_quoted:
        if {"array", "object"} & set(option.types) or option.flat:
            value = json_value(option, 1)
            insert, detail = value + _comma(context), wire_detail(option)
            yield Completion(value[0] + value[-1], "value", context.place, insert, detail, docs, True)
            return
        for number, word in enumerate(_bare(context, option)):
            detail = "default" if option.default is not None and word == json.dumps(option.default) else ""
            yield Completion(word, "value", context.place, word + _comma(context), detail, docs, sort=f"{number:03}")
    words = [word for word in (*option.enum, *option.schema.get("x-suggest", ())) if isinstance(word, str)]
    for number, word in enumerate(words):
        detail = "default" if word == option.default else ""
        yield Completion(word, "value", _span(context), _value(context, word), detail, docs, sort=f"{number:03}")


def _languages(context: JsonContext, option: OptionSpec) -> Iterator[Completion]:
    for tag in languages_of(option.kind):
        detail, docs = language_detail(option.kind, tag), language_docs(option.kind, tag)
        yield Completion(tag, "language", _span(context), _value(context, tag), detail, docs, sort=tag)


def _bare(context: JsonContext, option: OptionSpec) -> Iterable[str]:
    """Return values written without quotes: all if they are few, or the default and the bounds."""
    if "boolean" in option.types:
        return ("true", "false")
    if option.key == "style":
        return map(str, voices().get(_language(context), {}).get("styles", ()))
    if not {"integer", "number"} & set(option.types):
        return ()
    return [f"{value:g}" for value in likely_numbers(option)]


def _language(context: JsonContext) -> str:
    """Return the spoken language where a style is asked for."""
    entries = entries_of(context.containers)
    option = None if entries is None else entries.options.get("language")
    return context.containers[-1].words.get("language") or str(None if option is None else option.default)
