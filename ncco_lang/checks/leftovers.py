"""Rules about what programs leave in an NCCO: placeholders, the words of missing values, and escapes of other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from ncco_lang.checks.action_list import Document
from ncco_lang.diagnostics import Change, Facts, Place, Problem, Repair, Replace, ReplaceInside, Rule
from ncco_lang.values.placeholder import find_in_name, find_in_speech, find_leak
from ncco_lang.values.ssml import find_faults, is_ssml
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.vocabulary.schema_rules import PLACEHOLDER
from ncco_lang.words import Spelling, Wire, Words

ESCAPED_TEXT = Rule(
    code="F325",
    name="escaped-text",
    severity="warning",
    why="A program escaped the text for a web page, an address or JSON, once too often. The caller hears the signs of the escape, and a server gets other parameters.",
    bad='[{"action": "talk", "text": "Tom &amp; Jerry&#39;s"}]',
    good='[{"action": "talk", "text": "Tom & Jerry\'s"}]',
)
UNFILLED_SPEECH = Rule(
    code="F611",
    name="unfilled-speech",
    severity="warning",
    why="A program should have put a word here. The caller hears the name of the variable, its dollar sign and its braces.",
    bad='[{"action": "talk", "text": "Hello ${name}"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)

RULES = (ESCAPED_TEXT, UNFILLED_SPEECH)

_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_TWICE = re.compile(r"&amp;(?=(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_OF_JSON = re.compile(r"\\(?:[nrt](?![A-Za-z]:)|\"|u[0-9A-Fa-f]{4})")
_OF_JSON_RIGHT = {"\\n": " ", "\\r": " ", "\\t": " ", '\\"': '"'}
_WITHOUT_NAMES = frozenset({"prompt", "recording"})
MOST_CHANGES = 20
"""With more of them the text is written anew, since each change looks for its place in the text."""
_AMPERSAND = re.compile(r"&amp;")


class UnfilledSpeech(Facts):
    """A placeholder in a text, which a program should have replaced."""

    rule = UNFILLED_SPEECH
    message = "the voice speaks the placeholder {placeholder} as it is"
    placeholder: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words; in a flow, single braces read a value."""
        in_flow = spelling.is_flow and self.placeholder.startswith("{")
        hint = "write single braces for the value of a name" if in_flow else "replace it before the NCCO is sent"
        return self.say(spelling, self.message, hint)


class MissingWord(Facts):
    """What a program wrote into a text for a value that was missing, or for an object."""

    rule = UNFILLED_SPEECH
    message = "the caller hears {leak}, which a program writes for a missing value"
    hint = "find out why the value was missing"
    leak: str


class UnfilledName(Facts):
    """A placeholder in a name or an id, or the word of a missing value there."""

    rule = PLACEHOLDER
    option: Wire
    placeholder: str
    _is_room: bool

    def words(self, spelling: Spelling) -> Words:
        message = "{placeholder} was never replaced by a value for {option}"
        if self._is_room:
            message = "{placeholder} is still in {option}: all callers land in one room"
        return self.say(spelling, message, "write the value before the NCCO is sent")


class Escaped(Facts):
    """A text that is escaped once too often: `escape` is the first escape."""

    rule = ESCAPED_TEXT
    message = "the caller hears {escape}, which is an escape of {language:s}"
    hint = "escape the text only where that language is written"
    escape: str
    language: str


class EscapedAddress(Escaped):
    """An address that is escaped for a web page."""

    message = "an address has &, not {escape}"
    hint = "write &"


def check_leftovers(document: Document) -> Iterator[Problem]:
    """Yield findings about the names and ids of a document; `check_speech` is about its texts."""
    for action in document.actions:
        if action.role not in _WITHOUT_NAMES:
            for setting in action.settings:
                if "x-identity" in setting.schema and isinstance(setting.value, str):
                    yield from _check_name(setting, is_room=action.role == "room" and setting.path[-1] == "name")


def check_speech(setting: OptionValue, marked: bool) -> Iterator[Problem]:
    """Yield findings about what a program left in a spoken text; with a placeholder no other rule reads the text.

    Args:
        setting: the text and its path.
        marked: it is SSML.
    """
    text, path = setting.value, setting.path
    if (found := find_in_speech(text)) is not None:
        facts = UnfilledSpeech(placeholder=text[slice(*found)])
        yield Problem(facts=facts, place=Place(path, "inside", *found))
    elif (leak := find_leak(text, "speech")) is not None:
        missing = MissingWord(leak=text[slice(*leak)])
        yield Problem(facts=missing, place=Place(path, "inside", *leak))
    if "&" in text and (pattern := _escape_of(text, marked)) is not None:
        yield _escaped(setting, pattern, Escaped, "HTML")
    elif "\\" in text and _OF_JSON.search(text) is not None:
        yield _escaped(setting, _OF_JSON, Escaped, "JSON")
    elif "%20" in text:
        yield _escaped(setting, re.compile("%20"), Escaped, "web addresses")


def escaped_address(setting: OptionValue) -> Problem:
    """Return the problem of an address that is escaped for a web page."""
    return _escaped(setting, _AMPERSAND, EscapedAddress, "HTML")


def _check_name(setting: OptionValue, *, is_room: bool) -> Iterator[Problem]:
    name = setting.value
    found = find_in_name(name) or find_leak(name, "name")
    if found is not None:
        option = Wire(next(step for step in reversed(setting.path) if isinstance(step, str)))
        facts = UnfilledName(option=option, placeholder=name[slice(*found)], _is_room=is_room)
        # The platform takes any name, so the call goes on, to the wrong place.
        yield Problem(facts=facts, severity="warning", place=Place(setting.path, "inside", *found))


def _escape_of(text: str, marked: bool) -> re.Pattern[str] | None:
    """Return the pattern of the escapes of HTML that a voice speaks: entities in plain text, escaped ones in SSML."""
    if marked:
        return _TWICE if _TWICE.search(text) else None
    found = _ENTITY.search(text)
    return _ENTITY if found is not None and unescape(found[0]) != found[0] else None


def _escaped(setting: OptionValue, pattern: re.Pattern[str], kind: type[Escaped], language: str) -> Problem:
    """Return the problem of a text with escapes, at the first one, with a fix of all of them."""
    text, path = setting.value, setting.path
    escapes = [each for each in pattern.finditer(text) if _right(each[0]) != each[0]]
    right = pattern.sub(lambda each: _right(each[0]), text)
    changes: tuple[Change, ...] = (Replace(path, right),)
    if len(escapes) <= MOST_CHANGES:
        changes = tuple(ReplaceInside(path, *each.span(), _right(each[0])) for each in escapes)
    is_kept = "<" not in right or (is_ssml(right) and not any(each.kind == "form" for each in find_faults(right, {})))
    repair = Repair(changes, "write the characters themselves", unsafe=True) if is_kept or is_ssml(text) else None
    first = escapes[0]
    place = Place(path, "inside", *first.span())
    return Problem(facts=kind(escape=first[0], language=language), place=place, repair=repair)


def _right(escape: str) -> str:
    """Return the character that an escape of HTML, JSON or an address stands for; the escape itself if there is none."""
    if escape.startswith("\\u"):
        character = chr(int(f"0x{escape[2:]}", 0))
        return character if character.isprintable() else " "
    if escape == "%20":
        return " "
    return _OF_JSON_RIGHT.get(escape) or unescape(escape)
