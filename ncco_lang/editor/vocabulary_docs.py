"""Describe a verb, an option or a language from the vocabulary, for a list and for a hover."""

from __future__ import annotations

import re
from typing import Any

from ncco_lang.values import units
from ncco_lang.vocabulary.kinds import LANGUAGES, VOICE_LANGUAGE
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.speech import recognisers, voices
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, StatementSpec
from ncco_lang.words import listed

_KINDS = {
    "phone": "telephone number",
    "url": "address",
    "audio-url": "address of audio",
    "websocket-url": "wss:// address",
    "sip-uri": "SIP address",
    "speech": "text that is said",
    "voice-language": "language",
    "recogniser-language": "language",
    "key": "telephone key",
    "legs": "list of leg ids",
}
TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "array": "list",
    "object": "block",
}
_WORDY = 6
"""The greatest number of enum words shown in place of a type."""
_GONE = frozenset({"withdrawn", "alias"})
_UNITS = {"s": "seconds", "ms": "milliseconds"}
_RUN = re.compile(r"`+")


def type_of(option: OptionSpec) -> str:
    """Return what an option takes, in a word or two."""
    if option.data:
        return "JSON object"
    if option.kind in _KINDS:
        return _KINDS[option.kind]
    if option.unit is not None:
        return "duration"
    if option.single and option.item is not None:
        return type_of(option.item)
    if option.enum:
        return _alternatives(option) if len(option.enum) <= _WORDY else "word"
    return TYPES.get(option.types[0], "value") if option.types else "value"


def _alternatives(option: OptionSpec) -> str:
    return " | ".join(map(str, option.enum))


def range_of(option: OptionSpec) -> str:
    """Return the range of an option as an author writes it, such as `1s to 2m`; empty without a range."""
    low, high = option.minimum, option.maximum
    if low is not None and high is not None:
        return f"{amount(option, low)} to {amount(option, high)}"
    if low is not None:
        return f"{amount(option, low)} or more"
    return "" if high is None else f"at most {amount(option, high)}"


def amount(option: OptionSpec, value: Any) -> str:
    """Return a number on the wire as an author writes it for this option."""
    return units.show(value, option.unit) if option.unit is not None else f"{value:g}"


def default_of(option: OptionSpec) -> str:
    """Return the default as an author writes it; empty without a default."""
    if option.default is None:
        return ""
    if isinstance(option.default, bool):
        return str(option.default).lower()
    if isinstance(option.default, (int, float)):
        return amount(option, option.default)
    return str(option.default)


def detail_of(option: OptionSpec) -> str:
    """Return type, range and default in one line, for a list of proposals."""
    return in_one_line(option, type_of(option), range_of(option), default_of(option))


def in_one_line(option: OptionSpec, kind: str, span: str, default: str) -> str:
    """Return type, range and default, each in words or empty, and whether the option is required."""
    words = (kind, span, f"default {default}" if default else "", "required" if option.required else "")
    return ", ".join(word for word in words if word)


def option_docs(setting: OptionSlot) -> str:
    """Return all facts about an option, as Markdown."""
    option = setting.option
    wire = ".".join(str(step) for step in setting.path if isinstance(step, str))
    facts = [f"on the wire {code(wire)}"]
    if option.unit is not None:
        facts[0] += f", in {_UNITS.get(option.unit, option.unit)}"
    if range_of(option):
        facts.append(range_of(option))
    if option.enum and type_of(option) != _alternatives(option):
        facts.append(f"one of {listed([code(str(word)) for word in option.enum])}")
    if default_of(option):
        facts.append(f"default {code(default_of(option))}")
    if option.required:
        facts.append("required")
    if option.is_block:
        facts.append(f"a block of {', '.join(code(part.name) for part in option.options)}")
    return with_deprecation(f"{option.doc}\n\n{type_of(option)}; {'; '.join(facts)}", option.deprecated)


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
