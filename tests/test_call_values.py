"""Values of a call at run time: what documents say of them, that no value changes the structure of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from ncco_lang.blocks.build import build_bundle
from ncco_lang.blocks.lower import lower_program
from ncco_lang.bundle import Bundle
from ncco_lang.compiler import bind_source
from ncco_lang.engine.events import Event, Input, Reply, Started
from ncco_lang.engine.state import State
from ncco_lang.engine.step import step
from ncco_lang.source import Source
from ncco_lang.values.ssml import is_ssml
from ncco_lang.vocabulary.ncco_schema import is_valid

NOW = 1_795_514_400.0
"""2026-11-24T10:00:00Z"""


def bundle_of(text: str) -> Bundle:
    program, found = bind_source(Source("x.flow", text))
    assert [each.message for each in found if each.severity == "error"] == []
    return build_bundle(program, *lower_program(program))


def started(**fields: Any) -> Started:
    return Started(
        **{
            "time": NOW,
            "leg": "leg",
            "conversation": "CON-1",
            "caller": "31612345678",
            "called": "31201234567",
            **fields,
        }
    )


def reply_to(bundle: Bundle, state: State | None, event: Event) -> Reply:
    reply = step(bundle, state, event)
    assert isinstance(reply, Reply)
    assert reply.document is None or is_valid(reply.document)
    return reply


def heard(text: str, *presses: str, **fields: Any) -> list[str]:
    """Return what a caller hears, document after document, without tails."""
    return list(_heard(bundle_of(text), presses, fields))


def _heard(bundle: Bundle, presses: tuple[str, ...], fields: dict[str, Any]) -> Iterator[str]:
    reply = reply_to(bundle, None, started(**fields))
    for number, keys in enumerate((*presses, None), 1):
        for action in reply.document or ():
            if action["action"] == "talk":
                yield action["text"]
            elif "eventUrl" in action:
                break
        if keys is not None:
            event = Input(time=NOW + 10 * number, digits=keys)
            reply = reply_to(bundle, reply.addresses[0].state, event)


MENU = "menu {0} {{ 1 -> go_on; give_up -> hangup }}"
HEARD: list[tuple[str, str, tuple[str, ...], list[str]]] = [
    ("the number of the caller", 'talk "{call.from | digits} {call.to}"', (), ["3 1 6 1 2 3 4 5 6 7 8 31201234567"]),
    ("ids", 'talk "{call.uuid} {call.conversation}"', (), ["leg CON-1"]),
    (
        "the time",
        'talk "{now}"\nif now matches "2026-11-*" { talk "November." }',
        (),
        ["2026-11-24T10:00:00Z", "November."],
    ),
    (
        "a user of an app",
        'if defined(call.user) { talk "{call.user}" } else { talk "A telephone." }',
        (),
        ["A telephone."],
    ),
    ("a header that is missing", 'talk "[{call.sip["X-Id"]}]"', (), ["[]"]),
    (
        "how long the call lasts",
        f'step start {{\ntalk "{{call.duration}}"\n{MENU.format("")}\ntalk "{{call.duration}}"\n}}',
        ("1",),
        ["0", "10"],
    ),
    (
        "else if, with conditions without a value",
        'if call.user == "a" { talk "1" } else if call.user != "a" { talk "2" } else { talk "3" }',
        (),
        ["3"],
    ),
    ("and, or and not", 'if not defined(call.user) and (call.from ends_with "8" or 1 > 2) { talk "yes" }', (), ["yes"]),
    ("calculations", 'set n = 2\nset n = n * 3 - 1\nset m = n / 2\ntalk "{n} {m} {-n}"', (), ["5 2.5 -5"]),
    ("default", 'set n = default(call.user, "nobody")\ntalk n', (), ["nobody"]),
    (
        "a list by its index",
        'let towns = ["Leeds", "York"]\nset i = 1\ntalk "{towns[i]} {towns[i + 1]}{length(towns)}"',
        (),
        ["York 2"],
    ),
    ("a table by its key", 'let prices = {"small": 5}\nset size = "small"\ntalk "{prices[size]}"', (), ["5"]),
    (
        "in",
        'let towns = ["Leeds", "York"]\nset t = "York"\nif t in towns and not ("X" in towns) { talk "there" }',
        (),
        ["there"],
    ),
    ("each", 'let towns = ["Leeds", "York"]\neach t in towns { talk "{key} {t}" }', (), ["1 Leeds", "2 York"]),
    (
        "each in each",
        'each a in ["x", "y"] { each b in [1, 2] { talk "{a}{b}{key}" } }',
        (),
        ["x11", "x22", "y11", "y22"],
    ),
    (
        "a text of nothing is not spoken",
        'talk "{call.user} "\nset e = ""\ntalk e\ntalk "end"',
        (),
        ["end"],
    ),
    (
        "a menu may have no text",
        'talk "a"\nmenu "{call.user}" { 1 -> go_on; give_up -> hangup }\ntalk "b"',
        ("1",),
        ["a", "b"],
    ),
    ("each of no list", 'set l = call.sip["X"]\neach a in l { talk a }\ntalk "end"', (), ["end"]),
    ("each of an empty list", 'let none = []\neach a in none { talk a }\ntalk "end"', (), ["end"]),
    (
        "do comes back",
        'step start {\ndo say("a", 1)\ntalk "then"\ndo say("b", 2)\n}\nstep say(what: text, n: number) {\n'
        'if n == 1 { do twice(what) } else { talk what }\n}\nstep twice(what: text) { talk "{what}{what}" }',
        (),
        ["aa", "then", "b"],
    ),
    (
        "goto drops the returns",
        'step start {\ndo one\ntalk "never"\n}\nstep one { goto two }\nstep two { talk "two" }',
        (),
        ["two"],
    ),
    (
        "do from an arm, and back to it",
        'step start {\nmenu "Q" {\n1 -> { do one("x"); talk "back" }\ngive_up -> hangup\n}\ntalk "on"\n}\nstep one(a: text) { talk a }',
        ("1",),
        ["Q", "x", "back", "on"],
    ),
    (
        "a menu of a list",
        'let towns = ["Leeds", "York"]\nstep start {\nmenu "Which?" {\neach t in towns { talk "{key} for {t}."; key -> chosen(t) }\n'
        "give_up -> hangup\n}\n}\nstep chosen(t: text) { talk t }",
        ("2",),
        ["Which?", "1 for Leeds.", "2 for York.", "York"],
    ),
    (
        "arms that count if a condition holds at the answer",
        'step start {\nset vip = call.from == "1"\nmenu "Q" {\nif vip { talk "9 for the desk."; 9 -> one } else { 9 -> two }\n'
        '8 -> two\ngive_up -> hangup\n}\n}\nstep one { talk "one" }\nstep two { talk "two" }',
        ("9",),
        ["Q", "two"],
    ),
    (
        "an arm in if before one for all",
        'step start {\nmenu "Q" {\nif defined(call.user) { 1 -> one }\n1 -> two\ngive_up -> hangup\n}\n}\n'
        'step one { talk "one" }\nstep two { talk "two" }',
        ("1",),
        ["Q", "two"],
    ),
    (
        "the first nine items of a longer list",
        'let long = ["1234567890123"]\nstep start {\nset all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]\n'
        'menu { each n in all { talk "{n}"; key -> got(n) }\ngive_up -> hangup }\n}\nstep got(n: number) { talk "{n}" }',
        ("9",),
        [*map(str, range(1, 10)), "9"],
    ),
    (
        "set language",
        'default talk en-GB style: 1\ndefault talk nl-NL style: 2\nset language = nl-NL\ntalk "{language}"',
        (),
        ["nl-NL"],
    ),
    ("set language from a text", 'set t = "de-de"\nset language = t\ntalk "{language}"', (), ["de-DE"]),
    (
        "set language to no language",
        'set language = en-GB\nset t = "x"\nset language = t\ntalk "{language}"',
        (),
        ["en-GB"],
    ),
]


@pytest.mark.parametrize(("text", "presses", "expected"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
def test_what_is_heard(text: str, presses: tuple[str, ...], expected: list[str]) -> None:
    assert heard(text, *presses) == expected


def test_a_withheld_number_is_not_set() -> None:
    text = 'if defined(call.from) { talk "{call.from}" } else { talk "withheld" }'
    assert heard(text, caller=None) == ["withheld"]


def test_a_long_list_is_marked_in_the_trail() -> None:
    bundle = bundle_of(
        'set all = call.sip["X-All"]\nmenu { each n in all { talk "{n}"; key -> hangup }\n0, give_up -> hangup }'
    )
    few = reply_to(bundle, None, started(sip={"X-All": ["a"] * 9}))
    many = reply_to(bundle, None, started(sip={"X-All": ["a"] * 10}))
    assert [label for _, label in few.trail if label == "cut"] == []
    assert [label for _, label in many.trail if label == "cut"] == ["cut"]


# ── Hostile values ─────────────────────────────────────────────────────────────────────────────────────

PLACES = """
param desk: phone = "+31 20 123 4567"
set evil = call.sip["X-Evil"]
talk "Plain {evil}."
talk "{evil} first"
talk "<speak>SSML {evil} <break time='1s'/></speak>"
stream "https://example.com/{evil}/a.mp3?x={evil}"
notify "https://example.com/n" payload: { "evil": evil, "text": "x{evil}" }
connect sip "sip:{evil}@sip.example.com" headers: { "Evil": evil, "Text": "x {evil}" } from: desk
connect phone desk from: desk dtmf_answer: "1{evil}p#"
"""
HOSTILE = [
    "\"></speak><x>&'",
    "<speak><audio src='https://evil.example.com/a.mp3'/></speak>",
    " <SPEAK>",
    "../../a?b#c/%2f",
    "..",
    "a\r\nX-Other: 1",
    '", "action": "hangup',
    "12p34pp",
    "{desk}",
    "\x00\x7f\ud800",
    "\u202e\u2028",
]


@pytest.mark.parametrize("evil", HOSTILE)
def test_no_value_changes_the_structure(evil: str) -> None:
    document = reply_to(bundle_of(PLACES), None, started(sip={"X-Evil": evil})).document
    assert document is not None
    plain, first, ssml, stream, notify, sip, phone = document
    assert not is_ssml(plain["text"])
    assert not is_ssml(first["text"])
    inside = ssml["text"].removeprefix("<speak>SSML ").removesuffix(" <break time='1s'/></speak>")
    assert not set(inside) & set("<>\"'")
    address = urlsplit(stream["streamUrl"][0])
    assert (address.hostname, address.fragment, address.path.count("/")) == ("example.com", "", 2)
    assert address.query.count("&") == 0
    assert unquote(address.path.split("/")[1], errors="replace") not in ("", ".")
    assert notify["payload"] == {"evil": evil, "text": f"x{evil}"}
    endpoint = sip["endpoint"][0]
    assert endpoint["uri"].startswith("sip:")
    assert endpoint["uri"].count("@") == 1
    assert all(each.isprintable() for each in endpoint["headers"].values())
    assert phone["endpoint"][0]["dtmfAnswer"].count("p") == 1
