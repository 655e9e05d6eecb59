"""Rules about languages, styles and voices: whether the platform has them, and their older names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.diagnostics import Place, Problem, Repair, Replace, ReplaceEntry, Rule, Severity
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.legacy_table import form
from ncco_lang.vocabulary.meant import meant_option
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.schema_validator import is_type
from ncco_lang.vocabulary.speech import legacy_voices, recognisers, tags_of, voices, written_tag
from ncco_lang.words import shown

UNKNOWN_LANGUAGE = Rule(
    code="F318",
    name="unknown-language",
    severity="warning",
    why="The language is on no list we know, so the caller may hear American English, or speech is not recognised. The lists are of 2022 and 2023: a newer language can be right.",
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
    why="Voices had names until 2020. Now language and style choose one, and the name is gone from the reference.",
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
    if right is None:
        what = "voice speaks" if table == "voice" else "recogniser understands"
        yield Problem(
            rule=UNKNOWN_LANGUAGE,
            place=place,
            message=f"no {what} {shown(tag)} on the lists we know",
            hint=_meant_tag(tag, table),
        )
        return
    if right.lower() != tag.lower():
        yield _misspelt(tag, right, table, setting)
    use = known[right].get("use")
    if isinstance(use, str):
        withdrawn = voices()[right].get("status") == "withdrawn"
        message = (
            f"{shown(right)} is no longer on the list"
            if withdrawn
            else f"{shown(right)} is an older name for {shown(use)}"
        )
        yield Problem(
            rule=LANGUAGE_SPELLING,
            severity="warning" if withdrawn else "info",
            place=place,
            message=message,
            hint=f"use {shown(use)}, and listen to its styles: they are numbered in another way",
        )


def _misspelt(tag: str, right: str, table: str, setting: OptionValue) -> Problem:
    """Return a finding for a tag that the lists spell in another way. The letter case is the author's choice."""
    message, hint = f"{shown(tag)} is written {shown(right)}", f"write {shown(right)}"
    if right.lower() == tag.strip().lower().replace("_", "-"):
        # No fix: whether the platform accepts an underscore is not known. If it does, the fix changes nothing; if it
        # does not, the caller hears another voice afterwards.
        return Problem(rule=LANGUAGE_SPELLING, severity="info", place=Place(setting.path), message=message, hint=hint)
    # conflicts N35: this tag is a typing error of an SDK, not a language.
    severity: Severity | None = "error" if table == "voice" else None
    repair = Repair(hint, (Replace(setting.path, right),))
    return Problem(
        rule=LANGUAGE_SPELLING,
        severity=severity,
        place=Place(setting.path),
        message=message,
        hint=hint,
        repair=repair,
    )


def _meant_tag(tag: str, table: str) -> str:
    """Return a hint for an unknown tag: the nearest tag, or the tags of the language that it names."""
    known = voices() if table == "voice" else recognisers()
    tags = [] if "-" in tag else tags_of(tag, table)
    if len(tags) > 1:
        named = [f"{shown(each)}, {known[each]['name']}" for each in tags[:_MOST_TAGS]]
        return f"did you mean {'; '.join(named)}?" + (" There are more" if len(tags) > _MOST_TAGS else "")
    # Many authors write the country as they say it.
    near = tags[0] if tags else did_you_mean(re.sub(r"-UK$", "-GB", tag, flags=re.IGNORECASE), known)
    return f"did you mean {shown(near)}, {known[near]['name']}?" if near else "ncco schema shows the languages"


def _check_name(setting: OptionValue, action: CheckedAction) -> Iterator[Problem]:
    older = form("voice-name")
    if older is None:
        return
    name, place = setting.value, Place(setting.path, "key")
    if name not in legacy_voices():
        near = did_you_mean(name, legacy_voices())
        hint = (
            f"did you mean {shown(near)}? It is better to choose language and style"
            if near
            else "choose language and style"
        )
        yield Problem(rule=LEGACY_VOICE, place=place, message=f"there never was a voice {shown(name)}", hint=hint)
        return
    voice = legacy_voices()[name]
    if voice is None:
        yield Problem(
            rule=LEGACY_VOICE,
            place=place,
            message=f"the voice {shown(name)} is gone, and nothing replaces it",
            hint="choose language and style",
        )
        return
    hint = f'use "language": "{voice["language"]}", "style": {voice["style"]}'
    meant = {meant_option(key, action.options, action.schema, action.name) for key in action.options}
    taken = [key for key in ("language", "style") if key in action.options or key in meant]
    changes = (ReplaceEntry(setting.path, (("language", voice["language"]), ("style", voice["style"]))),)
    repair = None if taken else Repair(hint, changes, unsafe=older["changes_meaning"])
    message = f"voices are no longer chosen by name; {shown(name)} is {voices()[voice['language']]['name']}, style {voice['style']}"
    yield Problem(rule=LEGACY_VOICE, severity=older["severity"], place=place, message=message, hint=hint, repair=repair)


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
    if style in voice["premium"]:
        message = f"style {shown(style)} of {voice['name']} is a premium voice only"
        yield Problem(
            rule=UNKNOWN_STYLE, place=place, message=message, hint='add "premium": true, which is charged extra'
        )
    elif style in voice.get("removed", ()):
        message = f"style {shown(style)} of {voice['name']} was withdrawn in 2023"
        yield Problem(rule=UNKNOWN_STYLE, place=place, message=message, hint=f"it has {_ranges(voice['styles'])}")
    else:
        message = f"{voice['name']} has no style {shown(style)} on the list we know"
        every = sorted({*voice["styles"], *voice["premium"]})
        yield Problem(rule=UNKNOWN_STYLE, place=place, message=message, hint=f"it has {_ranges(every)}")


def _ranges(numbers: list[int]) -> str:
    """`0 to 4, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
