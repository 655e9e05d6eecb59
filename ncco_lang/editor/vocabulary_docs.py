"""Describe a verb, an option or a language from the vocabulary as Markdown, for a list and for a hover."""

from __future__ import annotations

import re
from typing import Any

from ncco_lang.reference.option_words import UNITS, alternatives, default_of, range_of, type_of, wire_of
from ncco_lang.vocabulary.kinds import LANGUAGES, VOICE_LANGUAGE
from ncco_lang.vocabulary.speech import recognisers, voices
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, StatementSpec
from ncco_lang.words import listed

_GONE = frozenset({"withdrawn", "alias"})
_RUN = re.compile(r"`+")


def option_docs(setting: OptionSlot, *, is_sent: bool = True) -> str:
    """Return all facts about an option, as Markdown.

    Args:
        is_sent: it is part of an NCCO.
    """
    option = setting.option
    facts = [f"on the wire {code(wire_of(setting.path))}"] if is_sent else []
    if option.unit is not None and is_sent:
        facts[0] += f", in {UNITS.get(option.unit, option.unit)}"
    if range_of(option):
        facts.append(range_of(option))
    if option.enum and type_of(option) != alternatives(option):
        facts.append(f"one of {listed([code(str(word)) for word in option.enum])}")
    if default_of(option):
        facts.append(f"default {code(default_of(option))}")
    if option.required:
        facts.append("required")
    if option.is_block:
        facts.append(f"a block of {', '.join(code(part.name) for part in option.options)}")
    return with_deprecation(f"{option.doc}\n\n{'; '.join([type_of(option), *facts])}", option.deprecated)


def action_docs(action: StatementSpec) -> str:
    """Return what a verb does, as Markdown."""
    return with_deprecation(action.doc, action.deprecated)


def form_docs(form: Form) -> str:
    """Return what a verb does with the words after it, as Markdown."""
    chooser = form.action.chooser
    variant = chooser.variants.get(form.words[0]) if chooser is not None and form.words else None
    docs = action_docs(form.action)
    return docs if variant is None else f"{docs}\n\n{variant.doc}"


def with_deprecation(docs: str, deprecated: str | None) -> str:
    """Return docs, with the reason not to use their subject any more if it is deprecated."""
    return docs if deprecated is None else f"{docs}\n\nDeprecated: {deprecated}."


def table_of(kind: str | None) -> dict[str, dict[str, Any]]:
    """Return the languages that an option of a kind takes."""
    return dict(voices() if kind == VOICE_LANGUAGE else recognisers()) if kind in LANGUAGES else {}


def languages_of(kind: str | None) -> list[str]:
    """Return the languages to propose for an option of a kind, without withdrawn ones and aliases."""
    return [tag for tag, known in table_of(kind).items() if known.get("status") not in _GONE]


def language_detail(kind: str | None, tag: str) -> str:
    """Return the name of a language, and the number of styles it is spoken in."""
    known = table_of(kind).get(tag, {})
    styles = known.get("styles", ())
    count = f", {len(styles)} style{'s' if len(styles) != 1 else ''}" if kind == VOICE_LANGUAGE else ""
    return f"{known.get('name', '')}{count}"


def language_docs(kind: str | None, tag: str) -> str:
    """Return the facts about a language, as Markdown."""
    voice, heard = voices().get(tag), recognisers().get(tag)
    known = voice if kind == VOICE_LANGUAGE else heard
    known = known or voice or heard
    if known is None:
        return ""
    lines = [f"**{code(tag)}** {known['name']}"]
    if voice is not None:
        lines.append(f"spoken in {_styles(voice)}")
    lines.append("speech in it is recognised" if heard is not None else "speech in it is not recognised under this tag")
    return "\n\n".join(lines)


def _styles(voice: dict[str, Any]) -> str:
    styles = voice.get("styles", [])
    words = f"{len(styles)} style{'s' if len(styles) != 1 else ''} ({', '.join(map(str, styles))})"
    if voice.get("premium"):
        words += f"; premium: {', '.join(map(str, voice['premium']))}"
    if voice.get("no_ssml"):
        words += f"; without SSML: {', '.join(map(str, voice['no_ssml']))}"
    return words


def code(text: str) -> str:
    """Return a text as inline code in Markdown, whatever characters it has."""
    text = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in _RUN.findall(text)), default=0))
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def code_block(text: str, language: str) -> str:
    """Return lines as a code block in Markdown."""
    fence = "`" * max(3, 1 + max((len(run) for run in _RUN.findall(text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def word_docs(action: StatementSpec, word: str) -> str:
    """Return the docs of a word after a verb: a variant of the object that it chooses, or an object of its name."""
    chooser = action.chooser
    if chooser is not None and word in chooser.variants:
        return chooser.variants[word].doc
    return next((option.doc for option in action.options if option.key == word), action.doc)
