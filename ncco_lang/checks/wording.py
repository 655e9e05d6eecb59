"""Rules about spoken text (F6): its length, its markup, and how a voice reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.checks.leftovers import MOST_CHANGES, UNFILLED_SPEECH, check_speech
from ncco_lang.diagnostics import Facts, Path, Place, Problem, Repair, ReplaceInside, Rule
from ncco_lang.resources import load_json_resource
from ncco_lang.values.ssml import UNCLOSED, SsmlFault, find_faults, find_html, find_markup, is_ssml, spoken_text
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.vocabulary.speech import voices, written_tag
from ncco_lang.words import Spelling, Words

SPEECH_TOO_LONG = Rule(
    code="F601",
    name="speech-too-long",
    severity="error",
    why="The platform speaks 1,500 characters at a time, tags not counted, and refuses more.",
    bad='[{"action": "talk", "text": "' + "Please hold the line. " * 70 + '"}]',
    good='[{"action": "talk", "text": "' + "Please hold the line. " * 60 + '"}]',
)
LONG_WITH_TAGS = Rule(
    code="F602",
    name="long-with-tags",
    severity="warning",
    why="The speech is short enough, but with its tags it is over 1,500 characters. The platform counts without them; one official SDK counts them and refuses the text.",
    bad='[{"action": "talk", "text": "<speak>' + "<s>Please hold the line.</s>" * 60 + '</speak>"}]',
    good='[{"action": "talk", "text": "<speak>' + "<s>Please hold the line.</s>" * 50 + '</speak>"}]',
)
BROKEN_SSML = Rule(
    code="F603",
    name="broken-ssml",
    severity="error",
    why="The markup is not well formed, so the voice cannot read it: callers hear nothing, or the tags.",
    bad='[{"action": "talk", "text": "<speak>Hello <emphasis>you</speak>"}]',
    good='[{"action": "talk", "text": "<speak>Hello <emphasis>you</emphasis></speak>"}]',
)
FOREIGN_SSML = Rule(
    code="F604",
    name="foreign-ssml",
    severity="warning",
    why="SSML has more elements and values than the platform's pages list. The platform ignores another one, or it spoils the prompt.",
    bad='[{"action": "talk", "text": "<speak>Hello <whisper>you</whisper></speak>"}]',
    good='[{"action": "talk", "text": "<speak>Hello <prosody volume=\\"soft\\">you</prosody></speak>"}]',
)
MARKUP_WITHOUT_SPEAK = Rule(
    code="F605",
    name="markup-without-speak",
    severity="warning",
    why="Tags are SSML only inside one speak element. Outside, the caller may hear them.",
    bad='[{"action": "talk", "text": "One moment <break time=\\"1s\\"/> please"}]',
    good='[{"action": "talk", "text": "<speak>One moment <break time=\\"1s\\"/> please</speak>"}]',
)
VOICE_WITHOUT_SSML = Rule(
    code="F606",
    name="voice-without-ssml",
    severity="warning",
    why="This voice ignores SSML, so pauses and emphasis are not heard.",
    bad='[{"action": "talk", "language": "ar", "style": 2, "text": "<speak>مرحبا <break time=\\"1s\\"/></speak>"}]',
    good='[{"action": "talk", "language": "ar", "style": 0, "text": "<speak>مرحبا <break time=\\"1s\\"/></speak>"}]',
)
SPOKEN_LINK = Rule(
    code="F607",
    name="spoken-link",
    severity="warning",
    why="The voice reads a web or mail address letter by letter, slashes included. No caller can write that down.",
    bad='[{"action": "talk", "text": "See https://example.com/help?topic=1 for more."}]',
    good='[{"action": "talk", "text": "See the help page at example dot com."}]',
)
SPOKEN_CAPITALS = Rule(
    code="F608",
    name="spoken-capitals",
    severity="info",
    why="The voice often spells words in capitals letter by letter, and never speaks them louder.",
    bad='[{"action": "talk", "text": "PLEASE HOLD THE LINE."}]',
    good='[{"action": "talk", "text": "Please hold the line."}]',
)
SPOKEN_DIGITS = Rule(
    code="F609",
    name="spoken-digits",
    severity="info",
    why="The voice reads a long run of digits as one large number. Put blanks or commas between the digits, or use say-as.",
    bad='[{"action": "talk", "text": "Call us at 0201234567."}]',
    good='[{"action": "talk", "text": "Call us at 0 2 0, 1 2 3, 4 5 6 7."}]',
)
EMPTY_SPEECH = Rule(
    code="F610",
    name="empty-speech",
    severity="warning",
    why="There is nothing to say: the caller hears silence, and some engines refuse an empty text.",
    bad='[{"action": "talk", "text": " "}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
UNSPOKEN_CHARACTER = Rule(
    code="F612",
    name="unspoken-character",
    severity="warning",
    why="A control character is not part of a word: no voice speaks it, and readers of SSML refuse the text.",
    bad='[{"action": "talk", "text": "Good\\u0007 morning."}]',
    good='[{"action": "talk", "text": "Good morning."}]',
)

RULES = (
    SPEECH_TOO_LONG,
    LONG_WITH_TAGS,
    BROKEN_SSML,
    FOREIGN_SSML,
    MARKUP_WITHOUT_SPEAK,
    VOICE_WITHOUT_SSML,
    SPOKEN_LINK,
    SPOKEN_CAPITALS,
    SPOKEN_DIGITS,
    EMPTY_SPEECH,
    UNSPOKEN_CHARACTER,
)


class SpeechTooLong(Facts):
    """A text of more spoken characters than are allowed."""

    rule = SPEECH_TOO_LONG
    message = "the voice speaks {spoken:,} characters here; {limit:,} are allowed"
    hint = "split it into several prompts, at the ends of sentences"
    spoken: int
    limit: int


class LongWithTags(Facts):
    """A text of more characters than are allowed, if its tags count."""

    rule = LONG_WITH_TAGS
    message = "the text has {length:,} characters with its tags, {spoken:,} without"
    hint = "harmless, unless the Python SDK sends it: it allows {limit:,} with tags"
    length: int
    spoken: int
    limit: int


class EmptySpeech(Facts):
    """A text without anything to say."""

    rule = EMPTY_SPEECH
    message = "there is nothing to say here"
    hint = "write a text, or remove this"


class UnspokenCharacter(Facts):
    """A control character in a text: `U+0007`."""

    rule = UNSPOKEN_CHARACTER
    message = "no voice speaks the control character {character:s}"
    hint = "remove it"
    character: str


class MarkupWithoutSpeak(Facts):
    """A tag in a text that is not SSML."""

    rule = MARKUP_WITHOUT_SPEAK
    message = "this tag is outside a speak element"
    hint = "put the text into <speak> and </speak>"


class HtmlTag(Facts):
    """A tag of HTML in a text."""

    rule = MARKUP_WITHOUT_SPEAK
    message = "the caller hears this tag: a talk has no HTML"
    hint = "remove it, or write SSML inside <speak> and </speak>"


class UnclosedElement(Facts):
    """An element of SSML without its closing tag."""

    rule = BROKEN_SSML
    message = "the element {element} is never closed"
    element: str

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, _EMPTY if self.element == "break" else "close it with </{element:s}>")


class BrokenSsml(Facts):
    """Markup that is not well formed: `reason` is the parser's."""

    rule = BROKEN_SSML
    reason: str

    def words(self, spelling: Spelling) -> Words:
        message, hint = _REASONS.get(self.reason, ("the markup cannot be read: {reason:s}", "correct it"))
        return self.say(spelling, message, hint)


class UnknownElement(Facts):
    """An element that the platform's pages do not list."""

    rule = FOREIGN_SSML
    message = "the platform's pages have no element {element}"
    hint = "use the elements of the platform's pages"
    element: str


class UnknownAttribute(Facts):
    """An attribute that the platform's pages do not list for its element."""

    rule = FOREIGN_SSML
    message = "the element {element} has no attribute {attribute}"
    hint = "use the attributes of the platform's pages"
    element: str
    attribute: str


class WrongAttribute(UnknownAttribute):
    """A value that the platform's pages do not list for its attribute."""

    message = "{attribute:s} of the element {element} cannot be {value}"
    hint = "use the values of the platform's pages"
    value: str


class MissingAttribute(UnknownAttribute):
    """An element without an attribute that it needs."""

    message = "the element {element} needs {attribute:s}"
    hint = "add {attribute:s}"


class VoiceWithoutSsml(Facts):
    """A style that ignores SSML."""

    rule = VOICE_WITHOUT_SSML
    message = "style {style} of {voice:s} ignores SSML"
    hint = "choose another style, or write plain text"
    voice: str
    style: int


class SpokenLink(Facts):
    """An address in a text."""

    rule = SPOKEN_LINK
    message = "the voice reads this address letter by letter"
    hint = 'say where to find it, such as "on our web site"'
    address: str


class SpokenCapitals(Facts):
    """Words in capitals in a text."""

    rule = SPOKEN_CAPITALS
    message = "the voice may spell these capitals letter by letter"
    hint = "write small letters; for stress use <emphasis>"
    capitals: str


class SpokenDigits(Facts):
    """A run of digits in a text."""

    rule = SPOKEN_DIGITS
    message = "the voice reads these digits as one large number"
    digits: str

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "put blanks between them: {apart:s}", apart=" ".join(self.digits[:12]))


_REASONS = {
    "document type": ("SSML has no document type", "remove it"),
    "mismatched tag": ("this closes another element than the open one", "close elements in reverse order"),
    "no element found": ("the text ends before all elements are closed", "add the closing tag"),
    "not well-formed (invalid token)": (
        "this character cannot be here in SSML",
        "write &amp; for & and &lt; for <",
    ),
    "junk after document element": ("there is text after </speak>", "move it before </speak>"),
    "unclosed token": ("a tag is not closed with >", "add the >"),
    "duplicate attribute": ("this tag has an attribute twice", "keep one of the two"),
    "undefined entity": ("SSML does not know this entity", "use &amp; &lt; &gt; &quot; or &apos;"),
    "unbound prefix": ("SSML does not know this prefix", "remove the prefix"),
}
"""The parser's reason → what is wrong, and what to write."""
_EMPTY = "it has no content: end its tag with />"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINK = re.compile(r"https?://[^\s<>\"]+|\bwww\.[^\s<>\"]+|\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,}")
_CAPITALS = re.compile(r"\b[A-Z]{3,}(?:[ ,'-]+[A-Z]{2,}){2,}\b|\b[A-Z]{8,}\b")
_DIGITS = re.compile(r"(?<![\d.,])\d{6,}(?![\d.,]\d)")


def check_wording(document: Document) -> Iterator[Problem]:
    """Yield findings about every text that a document speaks."""
    for action in document.actions:
        for setting in action.kinds:
            if setting.kind == "speech" and isinstance(setting.value, str):
                yield from _check_text(setting, action)


def _check_text(setting: OptionValue, action: CheckedAction) -> Iterator[Problem]:
    text, whole = setting.value, Place(setting.path)
    marked = is_ssml(text)
    spoken = spoken_text(text)
    if not spoken.strip() and "<break" not in text:
        yield Problem(facts=EmptySpeech(), place=whole)
    limit = setting.schema["x-max-spoken"]
    if len(spoken) > limit:
        yield Problem(facts=SpeechTooLong(spoken=len(spoken), limit=limit), place=whole)
    elif len(text) > limit:
        yield Problem(facts=LongWithTags(length=len(text), spoken=len(spoken), limit=limit), place=whole)
    if (control := _CONTROL.search(text)) is not None:
        facts = UnspokenCharacter(character=f"U+{ord(control[0]):04X}")
        yield Problem(facts=facts, place=Place(setting.path, "inside", *control.span()))
    if "<" in text:
        yield from _check_markup(setting, action, marked)
    yield from _check_sound(setting, marked)


def _check_markup(setting: OptionValue, action: CheckedAction, marked: bool) -> Iterator[Problem]:
    text, path = setting.value, setting.path
    elements = load_json_resource("schemas/ssml.json")["elements"]
    if not marked:
        span = find_markup(text, elements)
        if span is None and (tags := find_html(text)):
            removed = tuple(ReplaceInside(path, *each) for each in tags)
            place = Place(path, "inside", *tags[0][:2])
            repair = Repair(removed, "remove the tags", unsafe=True) if len(removed) <= MOST_CHANGES else None
            yield Problem(facts=HtmlTag(), place=place, repair=repair)
        if span is not None:
            length = len(text)
            changes = (ReplaceInside(path, 0, 0, "<speak>"), ReplaceInside(path, length, length, "</speak>"))
            repair = Repair(changes, unsafe=True) if _would_hold(text, elements) else None
            yield Problem(facts=MarkupWithoutSpeak(), place=Place(path, "inside", *span), repair=repair)
        return
    for fault in find_faults(text, elements):
        place = Place(path, "inside", fault.start, fault.end)
        yield Problem(facts=_of_fault(fault), place=place, repair=_closed(path, text, fault))
    language, style = action.options.get("language", "en-US"), action.options.get("style", 0)
    voice = voices().get(written_tag(language, "voice") or "", {}) if isinstance(language, str) else {}
    if style in voice.get("no_ssml", ()) and action.options.get("premium") is not True:
        where = Place(action.at("style")) if "style" in action.options else Place(path)
        yield Problem(facts=VoiceWithoutSsml(voice=voice["name"], style=style), place=where)


def _of_fault(fault: SsmlFault) -> Facts:
    """Return the facts of a fault in SSML."""
    match fault.kind, fault.names:
        case "element", (element,):
            return UnknownElement(element=element)
        case "attribute", (element, attribute):
            return UnknownAttribute(element=element, attribute=attribute)
        case "value", (element, attribute, value):
            return WrongAttribute(element=element, attribute=attribute, value=value)
        case "form", (_, element):
            return UnclosedElement(element=element)
        case "missing", (element, attribute):
            return MissingAttribute(element=element, attribute=attribute)
        case _:
            return BrokenSsml(reason=fault.names[0])


def _closed(path: Path, text: str, fault: SsmlFault) -> Repair | None:
    """Return the fix that closes a break in its own tag, since it has no content; None for other faults."""
    if fault.names != (UNCLOSED, "break") or text[fault.end - 1] != ">":
        return None
    return Repair((ReplaceInside(path, fault.end - 1, fault.end, "/>"),), "write />", unsafe=True)


def _would_hold(text: str, elements: Mapping[str, Any]) -> bool:
    """Return whether the markup of a text is well formed after a speak element is put around it."""
    if "<speak" in text:
        return False
    return all(fault.kind != "form" for fault in find_faults(f"<speak>{text}</speak>", elements))


def _check_sound(setting: OptionValue, marked: bool) -> Iterator[Problem]:
    """Check links, capitals and digits in spoken text; in SSML the content of tags and of say-as is skipped."""
    text, path = setting.value, setting.path
    left = list(check_speech(setting, marked))
    yield from left
    if any(each.rule is UNFILLED_SPEECH for each in left):
        return
    if marked:
        text = _blanked(text)
    if (link := _LINK.search(text)) is not None:
        yield Problem(facts=SpokenLink(address=link[0]), place=Place(path, "inside", *link.span()))
    if (capitals := _CAPITALS.search(text)) is not None:
        yield Problem(facts=SpokenCapitals(capitals=capitals[0]), place=Place(path, "inside", *capitals.span()))
    digits = _DIGITS.search(text)
    if digits is not None and (link is None or not link.start() <= digits.start() < link.end()):
        yield Problem(facts=SpokenDigits(digits=digits[0]), place=Place(path, "inside", *digits.span()))


def _blanked(text: str) -> str:
    """Return the text with tags, and the content of say-as, sub and phoneme, as blanks: offsets stay."""
    pattern = re.compile(r"<(say-as|sub|phoneme)\b[^<>]*>[^<]*</\1>|<[^<>]*>")
    return pattern.sub(lambda match: " " * len(match[0]), text)
