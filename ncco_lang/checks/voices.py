"""Rules about languages, styles and voices: whether the platform has them, and their older names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.diagnostics import Facts, Place, Problem, Remove, Repair, Replace, ReplaceEntry, Rule, Severity
from ncco_lang.values.placeholder import find_placeholder
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.legacy_table import form
from ncco_lang.vocabulary.meant import meant_option
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.schema_rules import PLACEHOLDER
from ncco_lang.vocabulary.schema_validator import is_type
from ncco_lang.vocabulary.speech import legacy_voices, recognisers, tag_elsewhere, tags_of, voices, written_tag
from ncco_lang.words import Spelling, Words

UNKNOWN_LANGUAGE = Rule(
    code="F318",
    name="unknown-language",
    severity="warning",
    why="No list has this language, so the caller may hear American English, or speech is not recognised. The lists are of 2022 and 2023: a newer language can be right.",
    bad='[{"action": "talk", "text": "Hello", "language": "en-UK"}]',
    good='[{"action": "talk", "text": "Hello", "language": "en-GB"}]',
)
UNKNOWN_STYLE = Rule(
    code="F319",
    name="unknown-style",
    severity="warning",
    why="The language has no voice of this number on the newest list, so the caller hears another voice or none.",
    bad='[{"action": "talk", "text": "Hello", "language": "cy-GB", "style": 7}]',
    good='[{"action": "talk", "text": "Hello", "language": "cy-GB", "style": 0}]',
)
LEGACY_VOICE = Rule(
    code="F360",
    name="legacy-voice",
    severity="warning",
    why="Voices had names until 2020. Now language and style choose a voice, and the reference no longer has the names.",
    bad='[{"action": "talk", "text": "Hello", "voiceName": "Amy"}]',
    good='[{"action": "talk", "text": "Hello", "language": "en-GB", "style": 0}]',
)
LANGUAGE_SPELLING = Rule(
    code="F363",
    name="language-spelling",
    severity="warning",
    why="The tag is an older or misspelt form of one that the platform's lists have.",
    bad='[{"action": "talk", "text": "Servus", "language": "de-ET", "premium": true}]',
    good='[{"action": "talk", "text": "Servus", "language": "de-AT", "premium": true}]',
)

_MOST_TAGS = 3

RULES = (UNKNOWN_LANGUAGE, UNKNOWN_STYLE, LEGACY_VOICE, LANGUAGE_SPELLING)


class UnknownLanguage(Facts):
    """A tag that no list has; `near` are tags that may be meant, each with the name of its language."""

    rule = UNKNOWN_LANGUAGE
    tag: str
    table: str
    near: tuple[tuple[str, str], ...]
    has_more: bool

    def words(self, spelling: Spelling) -> Words:
        what = "voice speaks" if self.table == "voice" else "recogniser understands"
        named = [f"{spelling.choice(tag)}, {name}" for tag, name in self.near]
        hint = f"did you mean {'; '.join(named)}?" + (" There are more" if self.has_more else "")
        return self.say(spelling, f"no known {what} {{tag}}", hint if named else "ncco schema shows the languages")


class MisspeltLanguage(Facts):
    """A tag that the lists spell in another way."""

    rule = LANGUAGE_SPELLING
    message = "{tag} is written {right:choice}"
    hint = "write {right:choice}"
    tag: str
    right: str


class OlderLanguage(Facts):
    """A tag that is an older name, or is no longer on the list; `use` takes its place."""

    rule = LANGUAGE_SPELLING
    hint = "use {use:choice}, and listen to its styles: their numbers differ"
    tag: str
    use: str
    is_withdrawn: bool

    def words(self, spelling: Spelling) -> Words:
        older = "{tag} is an older name for {use:choice}"
        return self.say(spelling, "{tag} is no longer on the list" if self.is_withdrawn else older, self.hint)


class NeverAVoice(Facts):
    """A voice name that never existed."""

    rule = LEGACY_VOICE
    message = "no voice was ever named {name}"
    name: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        near = "did you mean {near}? " if self.near else ""
        return self.say(spelling, self.message, near + "Now `language` and `style` choose a voice")


class VoiceIsGone(Facts):
    """A voice name without a successor."""

    rule = LEGACY_VOICE
    message = "the voice {name} is gone, and nothing replaces it"
    hint = "choose `language` and `style`"
    name: str


class VoiceByName(Facts):
    """The name of a voice that language and style choose now."""

    rule = LEGACY_VOICE
    message = "voices have no names now: {name} is style {style} of {title:s}"
    hint = 'use `"language": {language}`, `"style": {style}`'
    name: str
    title: str
    language: str
    style: int


class OtherVoice(Facts):
    """A voice name beside a language that it does not speak."""

    rule = LEGACY_VOICE
    message = "{name} speaks {title:s}, and `language` is {language}"
    hint = "keep `language`, and leave out `voiceName`"
    name: str
    title: str
    language: str


class UnfilledLanguage(Facts):
    """A placeholder in place of a language."""

    rule = PLACEHOLDER
    message = "{placeholder} was never replaced by a language"
    hint = "write a tag, such as {example:choice}"
    placeholder: str
    example: str


class PremiumStyle(Facts):
    """A style that only premium voices have; `voice` is the name of the language."""

    rule = UNKNOWN_STYLE
    message = "style {style} of {voice:s} is a premium voice only"
    hint = 'add `"premium": true`, which costs extra'
    voice: str
    style: int


class UnknownStyle(Facts):
    """A style that its language has not; `styles` are those that it has."""

    rule = UNKNOWN_STYLE
    message = "{voice:s} has no style {style} on the known list"
    voice: str
    style: int
    styles: tuple[int, ...]

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "use {ranges:s}", ranges=_ranges(self.styles))


class WithdrawnStyle(UnknownStyle):
    """A style that its language has no longer."""

    message = "style {style} of {voice:s} was withdrawn in 2023"


def check_voices(document: Document) -> Iterator[Problem]:
    """Yield findings about every language, style and voice name of a document."""
    for action in document.actions:
        for setting in action.kinds:
            if not isinstance(setting.value, str):
                continue
            table = LANGUAGES.get(setting.kind or "")
            if table is not None:
                yield from _check_tag(setting, table)
            elif setting.kind == "voice-name":
                yield from _check_name(setting, action)
        yield from _check_style(action)


def _check_tag(setting: OptionValue, table: str) -> Iterator[Problem]:
    tag, place = setting.value, Place(setting.path)
    known = voices() if table == "voice" else recognisers()
    right = written_tag(tag, table)
    if right is None and (found := find_placeholder(tag)) is not None:
        unfilled = UnfilledLanguage(placeholder=tag[slice(*found)], example="en-GB")
        yield Problem(facts=unfilled, severity="warning", place=Place(setting.path, "inside", *found))
        return
    if right is None:
        other = tag_elsewhere(tag, table)
        repair = (
            None
            if other is None
            else Repair((Replace(setting.path, other),), "write the tag of this platform", unsafe=True)
        )
        yield Problem(facts=_unknown_language(tag, table), place=place, repair=repair)
        return
    if right.lower() != tag.lower():
        yield _misspelt(tag, right, table, setting)
    use = known[right].get("use")
    if isinstance(use, str):
        is_withdrawn = voices()[right].get("status") == "withdrawn"
        facts = OlderLanguage(tag=right, use=use, is_withdrawn=is_withdrawn)
        yield Problem(facts=facts, severity="warning" if is_withdrawn else "info", place=place)


def unknown_recogniser(tag: str) -> Facts | None:
    """Return the facts of a tag for which there is no recogniser; a voice has longer tags, such as `en-GB-WLS`."""
    parts = tag.split("-")
    tags = ("-".join(parts[:size]) for size in range(len(parts), 0, -1))
    return None if any(written_tag(each, "recogniser") for each in tags) else _unknown_language(tag, "recogniser")


def _misspelt(tag: str, right: str, table: str, setting: OptionValue) -> Problem:
    """Return a finding for a tag that the lists spell in another way. The letter case is the author's choice."""
    facts, place = MisspeltLanguage(tag=tag, right=right), Place(setting.path)
    if right.lower() == tag.strip().lower().replace("_", "-"):
        # No fix: whether the platform accepts an underscore is not known. If it does, the fix changes nothing; if it
        # does not, the caller hears another voice afterwards.
        return Problem(facts=facts, severity="info", place=place)
    # conflicts N35: this tag is a typing error of an SDK, not a language.
    severity: Severity | None = "error" if table == "voice" else None
    return Problem(facts=facts, severity=severity, place=place, repair=Repair((Replace(setting.path, right),)))


def _unknown_language(tag: str, table: str) -> UnknownLanguage:
    """Return the facts of an unknown tag, with the nearest tag, or the tags of the language that it names."""
    known = voices() if table == "voice" else recognisers()
    near = tag_elsewhere(tag, table)
    tags = [] if "-" in tag or near is not None else tags_of(tag, table)
    if near is None and not tags:
        # Many authors write the country as they say it.
        near = did_you_mean(re.sub(r"-UK$", "-GB", tag, flags=re.IGNORECASE), known)
    meant = tags[:_MOST_TAGS] if near is None else [near]
    named = tuple((each, known[each]["name"]) for each in meant)
    return UnknownLanguage(tag=tag, table=table, near=named, has_more=len(tags) > _MOST_TAGS)


def _check_name(setting: OptionValue, action: CheckedAction) -> Iterator[Problem]:
    older = form("voice-name")
    if older is None:
        return
    name, place = setting.value, Place(setting.path, "key")
    if name not in legacy_voices():
        yield Problem(facts=NeverAVoice(name=name, near=did_you_mean(name, legacy_voices())), place=place)
        return
    voice = legacy_voices()[name]
    if voice is None:
        yield Problem(facts=VoiceIsGone(name=name), place=place)
        return
    language, style = voice["language"], voice["style"]
    given = action.options.get("language")
    spoken = written_tag(given, "voice") if isinstance(given, str) else None
    if spoken is not None and spoken != language:
        other = OtherVoice(name=name, title=voices()[language]["name"], language=str(given))
        removed = Repair((Remove(setting.path),), "leave out `voiceName`", unsafe=True)
        yield Problem(facts=other, severity=older["severity"], place=place, repair=removed)
        return
    meant = {meant_option(key, action.options, action.schema, action.name) for key in action.options}
    taken = [key for key in ("language", "style") if key in action.options or key in meant]
    entries: tuple[tuple[str, Any], ...] = (("language", language), ("style", style))
    if spoken == language and taken == ["language"]:
        taken, entries = [], (("style", style),)
    repair = None if taken else Repair((ReplaceEntry(setting.path, entries),), unsafe=older["changes_meaning"])
    facts = VoiceByName(name=name, title=voices()[language]["name"], language=language, style=style)
    yield Problem(facts=facts, severity=older["severity"], place=place, repair=repair)


def _check_style(action: CheckedAction) -> Iterator[Problem]:
    """Check that the language has the style, as a standard or premium voice."""
    if "style" not in action.schema["properties"] or not {"language", "style"} & action.options.keys():
        return
    language, style = action.options.get("language", "en-US"), action.options.get("style", 0)
    voice = voices().get(written_tag(language, "voice") or "") if isinstance(language, str) else None
    if (
        voice is None
        or voice.get("status") in ("styles-unknown", "withdrawn", "alias")
        or not is_type(style, "integer")
    ):
        return
    premium = action.options.get("premium") is True
    place = Place(action.at("style")) if "style" in action.options else Place(action.at("language"))
    if style in voice["styles"] or (premium and style in voice["premium"]):
        return
    facts: Facts
    if style in voice["premium"]:
        facts = PremiumStyle(voice=voice["name"], style=style)
    elif style in voice.get("removed", ()):
        facts = WithdrawnStyle(voice=voice["name"], style=style, styles=tuple(voice["styles"]))
    else:
        every = tuple(sorted({*voice["styles"], *voice["premium"]}))
        facts = UnknownStyle(voice=voice["name"], style=style, styles=every)
    yield Problem(facts=facts, place=place)


def _ranges(numbers: tuple[int, ...]) -> str:
    """`0 to 4, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
