"""Rules about spoken text (F6): its length, its markup, and how a voice reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ncco_lang.checks.action_list import CheckedAction, Document
from ncco_lang.diagnostics import Place, Problem, Repair, ReplaceInside, Rule
from ncco_lang.resources import load_json_resource
from ncco_lang.values.placeholder import find_template
from ncco_lang.values.ssml import find_faults, find_markup, is_ssml, spoken_text
from ncco_lang.vocabulary.ncco_schema import OptionValue
from ncco_lang.vocabulary.speech import voices, written_tag

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
    why="The markup does not hold together, so the voice cannot read it: callers hear nothing, or the tags spelt out.",
    bad='[{"action": "talk", "text": "<speak>Hello <emphasis>you</speak>"}]',
    good='[{"action": "talk", "text": "<speak>Hello <emphasis>you</emphasis></speak>"}]',
)
FOREIGN_SSML = Rule(
    code="F604",
    name="foreign-ssml",
    severity="warning",
    why="SSML has more elements and values than the platform's pages list. Another one is passed over or spoils the prompt.",
    bad='[{"action": "talk", "text": "<speak>Hello <whisper>you</whisper></speak>"}]',
    good='[{"action": "talk", "text": "<speak>Hello <prosody volume=\\"soft\\">you</prosody></speak>"}]',
)
MARKUP_WITHOUT_SPEAK = Rule(
    code="F605",
    name="markup-without-speak",
    severity="warning",
    why="Tags count as SSML inside one speak element only. Outside, the caller may hear them read out.",
    bad='[{"action": "talk", "text": "One moment <break time=\\"1s\\"/> please"}]',
    good='[{"action": "talk", "text": "<speak>One moment <break time=\\"1s\\"/> please</speak>"}]',
)
VOICE_WITHOUT_SSML = Rule(
    code="F606",
    name="voice-without-ssml",
    severity="warning",
    why="This voice passes SSML over, so pauses and emphasis are not heard.",
    bad='[{"action": "talk", "language": "ar", "style": 2, "text": "<speak>مرحبا <break time=\\"1s\\"/></speak>"}]',
    good='[{"action": "talk", "language": "ar", "style": 0, "text": "<speak>مرحبا <break time=\\"1s\\"/></speak>"}]',
)
SPOKEN_LINK = Rule(
    code="F607",
    name="spoken-link",
    severity="warning",
    why="A web or mail address is read out letter by letter, slashes included. Nobody can write that down.",
    bad='[{"action": "talk", "text": "See https://example.com/help?topic=1 for more."}]',
    good='[{"action": "talk", "text": "See the help page at example dot com."}]',
)
SPOKEN_CAPITALS = Rule(
    code="F608",
    name="spoken-capitals",
    severity="info",
    why="Words in capitals are often spelt out letter by letter, and never sound louder.",
    bad='[{"action": "talk", "text": "PLEASE HOLD THE LINE."}]',
    good='[{"action": "talk", "text": "Please hold the line."}]',
)
SPOKEN_DIGITS = Rule(
    code="F609",
    name="spoken-digits",
    severity="info",
    why="A long run of digits is read as one large number. Put blanks or commas between the digits, or use say-as.",
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
UNFILLED_SPEECH = Rule(
    code="F611",
    name="unfilled-speech",
    severity="warning",
    why="A program should have put a word here. The caller hears the dollar sign and the braces.",
    bad='[{"action": "talk", "text": "Hello ${name}"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
UNSPOKEN_CHARACTER = Rule(
    code="F612",
    name="unspoken-character",
    severity="warning",
    why="A control character is not part of any word: no voice speaks it, and a reader of SSML refuses the text.",
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
    UNFILLED_SPEECH,
    UNSPOKEN_CHARACTER,
)

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
        yield Problem(
            rule=EMPTY_SPEECH,
            place=whole,
            message="there is nothing to say here",
            hint="write a text, or remove the action",
        )
    limit = setting.schema["x-max-spoken"]
    if len(spoken) > limit:
        message = f"{len(spoken):,} characters are spoken here, and {limit:,} are allowed"
        yield Problem(
            rule=SPEECH_TOO_LONG,
            place=whole,
            message=message,
            hint="split it into several actions, at the end of a sentence",
        )
    elif len(text) > limit:
        message = f"with its tags the text has {len(text):,} characters; the platform counts {len(spoken):,}, the Python SDK all of them"
        yield Problem(rule=LONG_WITH_TAGS, place=whole, message=message, hint="harmless unless that SDK sends it")
    if (control := _CONTROL.search(text)) is not None:
        yield Problem(
            rule=UNSPOKEN_CHARACTER,
            place=Place(setting.path, "inside", *control.span()),
            message=f"the control character U+{ord(control[0]):04X} is not spoken",
            hint="take it out",
        )
    if "<" in text:
        yield from _check_markup(setting, action, marked)
    yield from _check_sound(setting, marked)


def _check_markup(setting: OptionValue, action: CheckedAction, marked: bool) -> Iterator[Problem]:
    text, path = setting.value, setting.path
    elements = load_json_resource("schemas/ssml.json")["elements"]
    if not marked:
        span = find_markup(text, elements)
        if span is not None:
            length = len(text)
            changes = (ReplaceInside(path, 0, 0, "<speak>"), ReplaceInside(path, length, length, "</speak>"))
            repair = Repair("put the text into <speak> and </speak>", changes, unsafe=True)
            yield Problem(
                rule=MARKUP_WITHOUT_SPEAK,
                place=Place(path, "inside", *span),
                message="this tag is outside a speak element",
                hint=repair.title,
                repair=repair if _would_hold(text, elements) else None,
            )
        return
    for fault in find_faults(text, elements):
        rule = BROKEN_SSML if fault.kind == "form" else FOREIGN_SSML
        hint = None if fault.kind == "form" else "keep to the elements and values of the platform's pages"
        yield Problem(rule=rule, place=Place(path, "inside", fault.start, fault.end), message=fault.message, hint=hint)
    language, style = action.options.get("language", "en-US"), action.options.get("style", 0)
    voice = voices().get(written_tag(language, "voice") or "", {}) if isinstance(language, str) else {}
    if style in voice.get("no_ssml", ()) and action.options.get("premium") is not True:
        where = Place(action.at("style")) if "style" in action.options else Place(path)
        message = f"style {style} of {voice['name']} passes SSML over"
        yield Problem(
            rule=VOICE_WITHOUT_SSML, place=where, message=message, hint="choose another style, or write plain text"
        )


def _would_hold(text: str, elements: Mapping[str, Any]) -> bool:
    """Return whether the markup of a text is well formed after a speak element is put around it."""
    if "<speak" in text:
        return False
    return all(fault.kind != "form" for fault in find_faults(f"<speak>{text}</speak>", elements))


def _check_sound(setting: OptionValue, marked: bool) -> Iterator[Problem]:
    """Check links, capitals and digits in spoken text; in SSML the content of tags and of say-as is skipped."""
    text, path = setting.value, setting.path
    if (template := find_template(text)) is not None:
        yield Problem(
            rule=UNFILLED_SPEECH,
            place=Place(path, "inside", *template),
            message="the caller hears this sign by sign",
            hint="fill it in before the NCCO is sent",
        )
        return
    if marked:
        text = _blanked(text)
    if (link := _LINK.search(text)) is not None:
        yield Problem(
            rule=SPOKEN_LINK,
            place=Place(path, "inside", *link.span()),
            message="an address is read out letter by letter",
            hint='say where to find it: "on our web site"',
        )
    if (capitals := _CAPITALS.search(text)) is not None:
        yield Problem(
            rule=SPOKEN_CAPITALS,
            place=Place(path, "inside", *capitals.span()),
            message="words in capitals may be spelt out",
            hint="write them in small letters; for weight use <emphasis>",
        )
    digits = _DIGITS.search(text)
    if digits is not None and (link is None or not link.start() <= digits.start() < link.end()):
        yield Problem(
            rule=SPOKEN_DIGITS,
            place=Place(path, "inside", *digits.span()),
            message="these digits are read as one large number",
            hint="put blanks between them: " + " ".join(digits[0][:12]),
        )


def _blanked(text: str) -> str:
    """Return the text with tags, and the content of say-as, sub and phoneme, as blanks: offsets stay."""
    pattern = re.compile(r"<(say-as|sub|phoneme)\b[^<>]*>[^<]*</\1>|<[^<>]*>")
    return pattern.sub(lambda match: " " * len(match[0]), text)
