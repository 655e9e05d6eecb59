"""Proposals for options and for their values."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Literal

from ncco_lang.editor.snippets import choice_literals, likely_numbers, value_snippet
from ncco_lang.editor.symbol_docs import Names
from ncco_lang.editor.types import Completion
from ncco_lang.editor.vocabulary_docs import (
    language_detail,
    language_docs,
    languages_of,
    option_docs,
)
from ncco_lang.reference.option_words import amount, default_of, detail_of
from ncco_lang.source import Span
from ncco_lang.values import units
from ncco_lang.values.language_tags import is_tag
from ncco_lang.vocabulary.kinds import LANGUAGES, VOICE_LANGUAGE
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.speech import voices
from ncco_lang.vocabulary.statement_specs import OptionSlot

_DURATIONS = ("500ms", "1s", "2s", "5s", "10s", "30s", "1m", "2m", "5m", "1h")


class Proposer:
    """Proposals for one position."""

    __slots__ = ("known", "word")

    def __init__(self, word: Span, known: Names) -> None:
        self.word = word
        self.known = known

    # ── Options ───────────────────────────────────────────────────────────────────────────────────────

    def options(
        self,
        settings: Mapping[str, OptionSlot],
        without: Container[str],
        *,
        is_named: bool = False,
        is_block: bool = False,
    ) -> Iterator[Completion]:
        """Propose options.

        Args:
            settings: the options of the statement or of the block of options.
            without: the names of those that are written, or that are operands.
            is_named: a colon follows the position.
            is_block: the position is in a block, where every option has its colon.
        """
        for number, (name, setting) in enumerate(settings.items()):
            option = setting.option
            is_lost = option.deprecated is not None or (option.is_block and not is_block)
            # What only a later version compiles says what to write today.
            if name in without or is_lost or option.today is not None:
                continue
            insert = name if is_named else self._option_snippet(name, option, is_block=is_block)
            sort = f"{4 if option.required else 5}{number:02}"
            docs = option_docs(setting)
            yield Completion(name, "option", self.word, insert, detail_of(option), docs, "$" in insert, sort)

    def _option_snippet(self, name: str, option: OptionSpec, *, is_block: bool) -> str:
        if option.is_block:
            return f"{name} {{\n\t$0\n}}"
        if "boolean" in option.types and not option.default and not is_block:
            return name  # a true option is written bare on the line
        return f"{name}: {value_snippet(option, 1)}"

    # ── Values ────────────────────────────────────────────────────────────────────────────────────────

    def values(
        self, option: OptionSpec, language: str | None, *, is_grouped: bool = False, is_operand: bool = False
    ) -> Iterator[Completion]:
        """Propose the values of an option.

        Args:
            language: the spoken language, for its styles.
            is_grouped: the position is in round brackets, where words are names.
            is_operand: the value is the statement's operand, so options may be there too.
        """
        option = option.written
        is_word = bool(option.enum) or option.kind in LANGUAGES
        if is_operand and (snippet := value_snippet(option, 1)) == '"$1"':
            label, detail = f'"{option.name}"', detail_of(option)
            yield Completion(label, "snippet", self.word, snippet, detail, option.doc, is_snippet=True, sort="0")
        if not is_grouped:
            yield from self._words(option, language)
        names = self.known.fitting(option)
        yield from self.names(names, in_brackets=is_word and not is_grouped)

    def _words(self, option: OptionSpec, language: str | None) -> Iterator[Completion]:
        if option.kind in LANGUAGES:
            yield from self.languages(option.kind)
        elif option.enum:
            yield from self._plain(choice_literals(option), option)
        elif "boolean" in option.types:
            yield from self._plain(["true", "false"], option)
        elif option.unit is not None:
            yield from self._plain(_durations(option), option)
        elif option.name == "style" and language is not None:
            yield from self._styles(language, option)
        elif "integer" in option.types or "number" in option.types:
            yield from self._plain([amount(option, value) for value in likely_numbers(option)], option)
        else:
            words = [f'"{word}"' for word in option.schema.get("x-suggest", ())]
            yield from self._plain(words, option)

    def _plain(self, words: Iterable[str], option: OptionSpec) -> Iterator[Completion]:
        for number, word in enumerate(words):
            detail = "default" if word == default_of(option).lower() or word == default_of(option) else ""
            yield Completion(word, "value", self.word, word, detail, option.doc, sort=f"1{number:03}")

    def languages(self, kind: str | None) -> Iterator[Completion]:
        """Propose the languages of speech synthesis or recognition."""
        for tag in languages_of(kind):
            is_bare = is_tag(tag) or tag.isalpha()
            insert = tag if is_bare else f'"{tag}"'
            detail = language_detail(kind, tag)
            yield Completion(tag, "language", self.word, insert, detail, language_docs(kind, tag), sort=f"1{tag}")

    def _styles(self, language: str, option: OptionSpec) -> Iterator[Completion]:
        voice = voices().get(language, {})
        premium, plain = voice.get("premium", []), voice.get("styles", [])
        for style in sorted({*premium, *plain}):
            detail = language
            if style in premium:
                detail += ", premium" if style in plain else ", premium only"
            yield Completion(str(style), "value", self.word, str(style), detail, option.doc, sort=f"1{style:03}")

    def names(self, names: Iterable[str], *, in_brackets: bool = False) -> Iterator[Completion]:
        """Propose names, in brackets where a bare word would be one of the option's own."""
        for name in names:
            insert = f"({name})" if in_brackets else name
            kind: Literal["let", "param"] = "let" if self.known.all[name].kind == "let" else "param"
            after = "~" if self.known.may_be_unset(name) else ""
            yield Completion(name, kind, self.word, insert, self.known.title_of(name), sort=f"2{after}{name}")


def value_proposals(proposer: Proposer, kind: str) -> Iterator[Completion]:
    """Propose values of a declaration: of a param's type, or anything for a let."""
    if kind in ("bool", ""):
        for word in ("true", "false"):
            yield Completion(word, "value", proposer.word, word, sort=f"1{word}")
    if kind == "language":
        yield from proposer.languages(VOICE_LANGUAGE)
    if kind == "duration":
        for number, word in enumerate(_DURATIONS):
            yield Completion(word, "value", proposer.word, word, sort=f"1{number:02}")
    if kind == "key":
        for sign in "0123456789*#":
            yield Completion(sign, "value", proposer.word, f'"{sign}"' if sign in "*#" else sign, sort=f"1{sign}")
    known = proposer.known
    yield from proposer.names(
        name for name in known.readable() if kind in ("", "expression") or _is_alike(known.type_of(name), kind)
    )


def _is_alike(other: str, kind: str) -> bool:
    return other in (kind, "", "JSON") or (kind in ("text", "phone", "url") and other == "text")


def _durations(option: OptionSpec) -> list[str]:
    """Return some durations that an option takes, its default and its bounds first."""
    unit = option.unit or "s"
    bounds = [value for value in (option.default, option.minimum, option.maximum) if isinstance(value, (int, float))]
    found = [units.show(value, unit) for value in bounds]
    low, high = option.minimum or 0, option.maximum if option.maximum is not None else float("inf")
    for word in _DURATIONS:
        number = word.rstrip("msh")
        value = units.convert(number, word[len(number) :], unit)
        if low <= value <= high and ("integer" not in option.types or units.is_whole(value)):
            found.append(word)
    return list(dict.fromkeys(found))
