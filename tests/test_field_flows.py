"""Flows from real authors: each row is a file of `fixtures/field/` with its findings and its text after fixes.

A finding is written `line:column code severity`, with `~` if it has a safe fix and `~~` if it has an unsafe one.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ncco_lang.compiler import check_flow, compile_text
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.fixes import Fixed, apply_fixes
from ncco_lang.formatter import format_text
from ncco_lang.source import Source

FOLDER = Path(__file__).resolve().parent / "fixtures" / "field"


class Row(NamedTuple):
    """The expected result for one file: its findings, a part of each message or hint, and the text after all fixes."""

    name: str
    found: list[str]
    says: str
    fixed: str
    left: list[str] = []  # noqa: RUF012 - never written


ROWS = [
    Row(
        "row40_options_below",
        ["2:5 F131 error ~"],
        "needs the line of its statement or { }",
        'record {\n    end_on_key: #\n    timeout: 2m\n    event_url: "https://e.example.com/r"\n}\n',
    ),
    Row(
        "row40_each_verb",
        [
            "2:5 F343 error ~",
            "3:5 F131 error ~",
            "5:5 F131 error ~",
            "10:5 F131 error ~",
            "12:1 F132 warning ~",
            "12:2 F131 error ~",
            "17:5 F131 error ~",
            "19:3 F131 error ~",
            "24:5 F131 error ~",
            "24:14 F120 error ~",
        ],
        "needs the line of its statement or { }",
        """\
talk "Hello." {
    barge_in: true
    level: 0.5
}
input dtmf {
    event_url: "https://e.example.com/k"
    max_digits: 1
}
stream "https://e.example.com/a.mp3" {  // Music.

    // Twice.
    loop: 2
}
record timeout: 2m {
    end_on_key: #  // The caller ends it.
}
connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {
    on_answer {
        url: "https://e.example.com/a"
    }
    timeout: 20s
}
notify "https://e.example.com/n" {
  payload: {
"a": 1
}
  event_method: POST
}
wait {
    timeout: 90s
}
""",
    ),
    Row("row41_compound_duration", ["1:6 F120 error ~"], "90s", "wait 90s\n"),
    Row(
        "row41_every_place",
        [
            "1:25 F120 error ~",
            "2:12 F120 error ~",
            "3:26 F120 error ~",
            "5:17 F120 error ~~",
            "5:37 F120 error",
            "7:12 F120 error ~",
        ],
        "a duration has one number and one unit",
        """\
param pause: duration = 65m
let ring = 90s
default connect timeout: 150s
wait pause
record timeout: 65s end_on_silence: 1.5.2s
connect phone "+44 20 7946 0123" from: "+44 20 7946 0124" {
    limit: 5415s
    timeout: ring
}
talk "Wait 1m30s."  // 1m30s
""",
        ["F120"],
    ),
    Row(
        "row41_no_duration",
        ["1:6 F120 error", "2:17 F120 error", "3:6 F120 error ~", "4:17 F120 error"],
        "write 90s or 90m",
        """\
wait 1:30
record timeout: 01:30 event_url: "https://e.example.com/r"
wait 1.5s
record timeout: 1,500ms event_url: "https://e.example.com/r"
""",
        ["F120", "F120", "F120"],
    ),
    Row(
        "row42_odd_name", ["1:5 F120 error ~~", "2:8 F120 error ~~"], "my_shop", 'let my_shop = "x"\ntalk "{my_shop}"\n'
    ),
    Row(
        "row42_every_name",
        [
            "1:5 F120 error ~~",
            "2:5 F120 error ~~",
            "3:7 F120 error ~~",
            "4:5 F120 error ~~",
            "5:8 F120 error ~~",
            "5:18 F120 error ~~",
            "5:38 F120 error ~~",
            "6:6 F120 error ~~",
            "7:15 F120 error ~~",
            "8:6 F120 error ~~",
            "9:12 F120 error ~~",
        ],
        "small letters, digits and underscores",
        """\
let my_shop = "Bakery"
let cafe_naam = "Café"
param desk: phone = "+44 20 7946 0123"
let grosse = "groß"
talk "{my_shop} {cafe_naam | spell} {grosse}, {{my shop}}"
talk my_shop
connect phone desk from: "+44 20 7946 0124"
step my_step {
    talk "{my_shop}"
}
""",
        [],
    ),
    Row(
        "row43_language",
        ["1:14 F120 error ~", "2:20 F201 error ~"],
        "a language tag is written en-GB",
        'default talk en-GB\ntalk "a" language: en-GB\n',
    ),
    Row(
        "row43_every_place",
        [
            "1:14 F201 error ~",
            "2:25 F201 error ~",
            "3:22 F120 error ~",
            "6:20 F201 error ~",
            "7:22 F201 error ~",
            "8:24 F201 error ~",
        ],
        "a language tag is written",
        """\
let tongue = nl-NL
param other: language = de-DE
default talk premium en-GB
talk "a" language: tongue
talk "b" language: other
talk "c" language: es-ES
talk "d" { language: fr-FR }
input speech language: en-GB event_url: "https://e.example.com/s"
""",
    ),
    Row(
        "row43_without_its_name",
        [
            "1:10 F120 error ~",
            "2:6 F120 error ~",
            "2:34 F120 error ~",
            "4:5 F120 error ~",
            "6:12 F120 error ~",
            "7:19 F120 error ~",
            "11:9 F120 error ~",
            "14:42 F120 error",
        ],
        "a language has its name before it: language: en-GB",
        """\
talk "a" language: en-GB
talk language: en-GB "b"; talk "c" premium language: fr-FR style: 2
talk "d" {
    language: de-DE
}
talk "e" { language: nl-NL }
input dtmf speech language: en-GB event_url: "https://e.example.com/s"
record {
    event_url: "https://e.example.com/r"
    transcription {
        language: es-ES
    }
}
talk "A well to-do man." language: en-GB de-DE  // to-do
let shop_no = "Shop 1"
talk shop_no
""",
        ["F120"],
    ),
    Row(
        "row47_odd_numbers",
        ["1:15 F341 error", "1:40 F341 error", "2:15 F341 error"],
        "the letter O is in it",
        'connect phone "+44 20 7946 O123" from: "+31 20"\nconnect phone "112" from: "+44 20 7946 0124"\n',
        ["F341", "F341", "F341"],
    ),
    Row(
        "row47_every_fault",
        [
            "1:15 F341 error",
            "1:41 F341 error",
            "2:15 F341 error",
            "2:47 F341 error",
            "3:15 F341 error",
            "3:58 F341 error",
            "4:15 F341 error",
            "4:40 F341 error",
        ],
        "leave out",
        'connect phone "tel:+442079460123" from: "+1 800 FLOWERS"\nconnect phone "+44 20 7946 0123 ext. 5" from: "+44 20 7946 01234567890"\nconnect phone "+44 20 7946 0123, +44 20 7946 0124" from: "office"\nconnect phone "+44 20 79a6 01b3" from: "1850"\n',
        ["F341", "F341", "F341", "F341", "F341", "F341", "F341", "F341"],
    ),
    Row(
        "row48_keys_of_data",
        ["1:91 F120 error ~"],
        "data of your own",
        'connect websocket "wss://a.example.com/s" content_type: "audio/l16;rate=16000" headers: { "location": "x" }\n',
        [],
    ),
    Row(
        "row48_every_data",
        ["1:91 F120 error ~", "2:45 F120 error ~", "3:71 F120 error ~"],
        "data of your own",
        'connect websocket "wss://a.example.com/s" content_type: "audio/l16;rate=16000" headers: { "a": "x", "b": 2, "c-d": 3 }\nnotify "https://e.example.com/n" payload: { "order": 1 }\nconnect sip "sip:a@b.example.com" from: "+44 20 7946 0124" headers: { "Customer": "1" }\n',
        [],
    ),
    Row(
        "row49_joined_texts",
        ["1:14 F120 error ~~"],
        '"Hello there"',
        'talk "Hello there"\n',
        [],
    ),
    Row(
        "row49_every_sign",
        ["2:15 F120 error ~~", "3:10 F120 error ~~", "4:10 F120 error ~~", "5:10 F120 error ~~"],
        "no sign joins texts",
        'let who = "Ann"\ntalk "Hello {who}!"\ntalk "{who}, hello"\ntalk "ab"\ntalk "ab"\n',
        [],
    ),
    Row(
        "row50_wait",
        ["1:6 F337 error"],
        "wait cannot be 50ms",
        "wait 50ms\n",
        ["F337"],
    ),
    Row(
        "row51_connect_to",
        ["1:1 F345 error ~~", "2:1 F345 error ~~"],
        "of which kind",
        'connect phone "+31201234567"\nconnect phone "+31201234567"\n',
        [],
    ),
    Row(
        "row51_volume",
        ["1:10 F331 error ~~", "2:8 F331 error ~~", "3:21 F331 error ~~", "4:8 F331 error ~~"],
        "did you mean",
        'talk "b" level: 1\nrecord timeout: 30s end_on_key: #\nconversation "room" music_on_hold_url: "https://e.example.com/m.mp3"\nstream stream_url: "https://e.example.com/m.mp3"\n',
        [],
    ),
    Row(
        "row51_voice",
        ["1:10 F331 error", "2:10 F331 error", "3:10 F331 error"],
        "language: en-GB style: 0",
        'talk "a" voice: Amy\ntalk "b" voice: "Polly.Joanna"\ntalk "c" voice: somebody\n',
        ["F331", "F331", "F331"],
    ),
    Row(
        "row51_default",
        ["1:9 F120 error ~~"],
        "write default talk en-GB",
        'default talk en-GB\ntalk "a"\n',
        [],
    ),
    Row(
        "row51_every_default",
        ["1:9 F120 error ~~", "2:9 F120 error ~~"],
        "default",
        'default talk premium\ndefault talk style: 2\ntalk "a" language: nl-NL\n',
        [],
    ),
    Row(
        "row52_html",
        ["1:13 F605 warning ~~"],
        "a talk has no HTML",
        'talk "Hello you"\n',
        [],
    ),
    Row(
        "row52_unclosed",
        ["1:17 F603 error ~~"],
        '"break" is never closed',
        "talk \"<speak>Hi <break time='1s'/> you</speak>\"\n",
        [],
    ),
    Row(
        "row52_more_markup",
        ["1:10 F605 warning ~~", "2:17 F603 error", "3:19 F603 error", "4:7 F603 error"],
        "is never closed",
        'talk "One two three"\ntalk "<speak>Hi <prosody rate=\'slow\'>you</speak>"\ntalk "<speak>Hi </prosody>you</speak>"\ntalk "<speak>Hi you"\ntalk "Five < six"\n',
        ["F603", "F603", "F603"],
    ),
]


def source_of(row: Row) -> Source:
    return Source(f"{row.name}.flow", (FOLDER / f"{row.name}.flow").read_bytes().decode("utf-8"))


def short(found: list[Diagnostic]) -> list[str]:
    """Return the findings that ask for a change, as the table writes them."""
    lines = []
    for each in found:
        if each.severity != "info":
            place = each.source.position(each.span.start)
            mark = "" if each.fix is None else " ~~" if each.fix.unsafe else " ~"
            lines.append(f"{place.line}:{place.column} {each.rule.code} {each.severity}{mark}")
    return lines


def fix(source: Source, *, unsafe: bool) -> Fixed:
    return apply_fixes(source, check_flow, unsafe=unsafe)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row: Row) -> None:
    source = source_of(row)
    found = check_flow(source)
    assert short(found) == row.found
    assert any(row.says in f"{each.message} {each.hint}" for each in found)
    fixed = fix(source, unsafe=True)
    assert fixed.source.text == row.fixed
    assert [each.rule.code for each in fixed.remaining if each.severity == "error"] == row.left
    assert fixed.applied <= len(found)
    again = fix(fixed.source, unsafe=True)
    assert again.source.text == row.fixed
    assert again.applied == 0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_safe_fixes_of_a_row_settle(row: Row) -> None:
    fixed = fix(source_of(row), unsafe=False)
    assert fix(fixed.source, unsafe=False).source.text == fixed.source.text
    safe = [mark for mark in row.found if mark.endswith(" ~")]
    assert fixed.applied == len(safe)


def read_file(name: str) -> str:
    return (FOLDER / f"{name}.flow").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("row44_*.flow")), ids=lambda path: path.stem)
def test_formatting_keeps_what_a_comment_covers(path: Path) -> None:
    formatted = format_text(read_file(path.stem)).text
    assert formatted is not None
    before, after = compile_text(read_file(path.stem)), compile_text(formatted)
    assert before.ncco is not None
    assert after.ncco == before.ncco
    assert [each.rule.code for each in after.diagnostics] == [each.rule.code for each in before.diagnostics]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("row45_*.flow")), ids=lambda path: path.stem)
def test_formatting_leaves_alone_what_would_read_otherwise(path: Path) -> None:
    assert format_text(read_file(path.stem)).text == read_file(path.stem)


def test_fixing_again_and_again_adds_nothing() -> None:
    source = Source("row46_grows.flow", read_file("row46_grows"))
    once = fix(source, unsafe=True)
    assert once.applied <= len(once.before)
    assert len(once.source.text.splitlines()) <= len(source.text.splitlines()) + len(once.before)
    assert fix(once.source, unsafe=True).source.text == once.source.text
