"""The rule about a spoken text in another script than that of its voice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.diagnostics import Facts, Insert, Place, Problem, Repair, Rule
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.vocabulary.speech import legacy_voices, voices, written_tag
from ncco_lang.words import Spelling, Words

OTHER_SCRIPT = Rule(
    code="F613",
    name="other-script",
    severity="warning",
    why="A voice reads the letters of its own language. It skips letters of another script, or spells them, so the caller hears silence or noise.",
    bad='[{"action": "talk", "text": "こんにちは"}]',
    good='[{"action": "talk", "text": "こんにちは", "language": "ja-JP"}]',
)

RULES = (OTHER_SCRIPT,)

_LATIN = "Latin"
_ENOUGH_LATIN = 12
_LOOKED_AT = 1500


class _Script(NamedTuple):
    """A script: its name, its letters, its voices, and the codes of the languages that write it."""

    name: str
    letters: re.Pattern[str]
    voices: tuple[str, ...]
    codes: frozenset[str]


def _script(name: str, letters: str, voices: str, codes: str) -> _Script:
    return _Script(name, re.compile(f"[{letters}]"), tuple(voices.split()), frozenset(codes.split()))


_SCRIPTS = (
    _script("Japanese", "\u3041-\u30ff\uff66-\uff9f", "ja-JP", "ja"),
    _script("Korean", "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3", "ko-KR", "ko"),
    _script("Chinese", "\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff", "cmn-CN cmn-TW yue-CN", "ja ko cmn yue zh"),
    _script("Cyrillic", "\u0400-\u052f", "ru-RU uk-UA bg-BG", "ru uk bg sr"),
    _script("Greek", "\u0370-\u03ff\u1f00-\u1fff", "el-GR", "el"),
    _script("Hebrew", "\u05d0-\u05ea", "he-IL", "he"),
    _script("Arabic", "\u0620-\u064a\u0671-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc", "ar", "ar"),
    _script("Devanagari", "\u0900-\u097f", "hi-IN mr-IN", "hi mr"),
    _script("Bengali", "\u0980-\u09ff", "bn-IN", "bn"),
    _script("Gurmukhi", "\u0a00-\u0a7f", "pa-IN", "pa"),
    _script("Gujarati", "\u0a80-\u0aff", "gu-IN", "gu"),
    _script("Tamil", "\u0b80-\u0bff", "ta-IN", "ta"),
    _script("Telugu", "\u0c00-\u0c7f", "te-IN", "te"),
    _script("Kannada", "\u0c80-\u0cff", "kn-IN", "kn"),
    _script("Malayalam", "\u0d00-\u0d7f", "ml-IN", "ml"),
    _script("Thai", "\u0e00-\u0e7f", "th-TH", "th"),
    _script("Georgian", "\u10a0-\u10ff", "", ""),
    _script("Armenian", "\u0530-\u058f", "", ""),
    _script("Amharic", "\u1200-\u137f", "", ""),
    _script("Khmer", "\u1780-\u17ff", "", ""),
    _script("Burmese", "\u1000-\u109f", "", ""),
    _script("Lao", "\u0e80-\u0eff", "", ""),
    _script("Sinhala", "\u0d80-\u0dff", "", ""),
)
_WITH_OTHER_SCRIPTS = frozenset[str]().union(*(script.codes for script in _SCRIPTS))
_LATIN_LETTERS = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_BEYOND_LATIN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u2e80-\uffdc]")
_READS_LATIN_TOO = frozenset({"sr", "hi", "mr", "bn", "pa", "gu", "ta", "te", "kn", "ml"})
"""Languages that are also written in Latin letters, or spoken with much English."""
_SKIPPED = re.compile(r"<(lang|phoneme|sub)\b[^<>]*>[^<]*</\1>|<[^<>]*>")


class OtherScript(Facts):
    """A text in another script than its voice reads: `speaks` are the tags of voices that read it."""

    rule = OTHER_SCRIPT
    message = "the voice is {voice:s}; the text is in {script:s} letters"
    voice: str
    script: str
    speaks: tuple[str, ...]
    is_set: bool

    def words(self, spelling: Spelling) -> Words:
        hint = "choose another `language`" if self.script == _LATIN else "no known voice reads them: use a sound file"
        if self.speaks:
            hint = f"{'write' if self.is_set else 'add'} `language`: {{speaks:choice}}"
        return self.say(spelling, self.message, hint)


def check_scripts(document: Document) -> Iterator[Problem]:
    """Yield a finding for each text that the voice of its talk cannot read."""
    for action in document.actions:
        if action.name == "talk" and "provider" not in action.options:
            for setting in action.kinds:
                if setting.kind == "speech" and isinstance(setting.value, str):
                    yield from _check(setting, action)


def _check(setting: OptionValue, action: CheckedAction) -> Iterator[Problem]:
    if setting.value.isascii() and "language" not in action.options and "voiceName" not in action.options:
        return
    tag = _voice_of(action)
    code = tag.partition("-")[0].lower()
    is_latin = code not in _WITH_OTHER_SCRIPTS
    text = setting.value[:_LOOKED_AT]
    if is_latin and (text.isascii() or _BEYOND_LATIN.search(text) is None):
        return
    text = _SKIPPED.sub(" ", text) if "<" in text else text
    found = Counter({script.name: len(script.letters.findall(text)) for script in _SCRIPTS})
    latin = len(_LATIN_LETTERS.findall(text))
    own = sum(found[script.name] for script in _SCRIPTS if code in script.codes)
    name = voices()[tag]["name"]
    if not is_latin and own == 0 and latin >= _ENOUGH_LATIN and code not in _READS_LATIN_TOO and found.total() == 0:
        facts = OtherScript(voice=name, script=_LATIN, speaks=(), is_set=True)
        yield Problem(facts=facts, severity="info", place=Place(setting.path))
        return
    own += latin if is_latin or code in _READS_LATIN_TOO else 0
    others = [script for script in _SCRIPTS if code not in script.codes and found[script.name]]
    if sum(found[script.name] for script in others) <= max(own, 1):
        return
    # Japanese has Chinese characters too, so the syllables decide.
    script = others[0] if others[0].name == "Japanese" else max(others, key=lambda each: found[each.name])
    is_set = "language" in action.options or "voiceName" in action.options
    facts = OtherScript(voice=name, script=script.name, speaks=script.voices, is_set=is_set)
    repair = None
    if not is_set and len(script.voices) == 1 and "style" not in action.options:
        repair = Repair((Insert(action.path, (("language", script.voices[0]),)),), unsafe=True)
    yield Problem(facts=facts, place=Place(setting.path), repair=repair)


def _voice_of(action: CheckedAction) -> str:
    """Return the tag of the voice that an action speaks with; that of the platform if its own is unknown."""
    language = action.options.get("language")
    if isinstance(language, str):
        return written_tag(language, "voice") or "en-US"
    name = action.options.get("voiceName")
    voice = legacy_voices().get(name) if isinstance(name, str) else None
    return "en-US" if voice is None else str(voice["language"])
