"""Describe a key or a value of NCCO JSON."""

from __future__ import annotations

from ncco_lang.editor.json_context import JsonContext, find_json_context
from ncco_lang.editor.json_options import Entries, entries_of, listed_option, wire_docs
from ncco_lang.editor.types import Hover
from ncco_lang.editor.vocabulary_docs import action_docs, language_docs
from ncco_lang.reference.find import topic_of_option
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import actions


def hover_json(text: str, offset: int) -> Hover | None:
    """Return the hover at an offset of an NCCO; None if there is nothing to show."""
    context = find_json_context(text, offset)
    if context is None or context.place.start == context.place.end:
        return None
    if context.containers[-1].is_list:
        option = listed_option(context.containers)
        answer = None if option is None else _of_value(context, option)
    else:
        entries = entries_of(context.containers)
        answer = None if entries is None else _in_object(context, entries)
    return None if answer is None else Hover(context.place, answer, _topic(context))


def _topic(context: JsonContext) -> str:
    """Return where the reference has the action or the option; empty for what it does not list."""
    action, *inner = context.containers[1:]
    keys = [each.step for each in inner if isinstance(each.step, str)]
    keys += [context.key] if not context.containers[-1].is_list else []
    name = action.words.get("action", "")
    entries = entries_of(context.containers)
    option = None if entries is None else entries.options.get(context.key)
    return name if keys == ["action"] else topic_of_option(name, ".".join(keys), option)


def _in_object(context: JsonContext, entries: Entries) -> str | None:
    if context.key == entries.selector:
        word = context.containers[-1].words.get(context.key, "")
        action = actions().get(word) if len(context.containers) == 2 else None
        docs = action_docs(action) if action is not None else entries.words.get(word)
        return None if docs is None else f"**{word}**\n\n{docs}"
    option = entries.options.get(context.key)
    return None if option is None else _of_value(context, option)


def _of_value(context: JsonContext, option: OptionSpec) -> str:
    if context.role != "key" and option.kind in LANGUAGES:
        return language_docs(option.kind, context.word) or wire_docs(option)
    return f"**{option.key}**\n\n{wire_docs(option)}"
