"""Completion: the proposals at a cursor; each gives a flow that compiles."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from ncco_lang.checker import check_ncco
from ncco_lang.compiler import check
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.completion.complete import complete
from ncco_lang.editor.types import DocumentSettings, Kind
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.statement_specs import actions, forms
from tests.conftest import Golden
from tests.editor_cases import FIXTURES, at_cursor, rendered
from tests.imported import files_of

CASES = sorted((FIXTURES / "completion").glob("*.cases"))


def proposals(analysis: Analysis, offset: int) -> str:
    text = analysis.source.text
    lines = []
    found = sorted(complete(analysis, offset), key=lambda each: (each.sort, each.label))
    for each in found[:24]:
        replaced = text[each.span.start : each.span.end]
        insert = each.insert.replace("\n", "⏎").replace("\t", "→")
        line = f"{each.label} · {each.kind} · {each.detail}" if each.detail else f"{each.label} · {each.kind}"
        line += f" · replaces {replaced!r}" if replaced else ""
        lines.append(line if insert == each.label else f"{line} ⇒ {insert}")
    if len(found) > 24:
        lines.append(f"… {len(found)} in all")
    return "\n".join(lines) or "nothing"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_proposals_are_the_expected_ones(path: Path, golden: Golden) -> None:
    golden.check(path.with_suffix(".expected"), rendered(path, proposals))


def labels(text: str) -> list[str]:
    return [each.label for each in complete(*at_cursor(text))]


FLOW_OF_TESTS = """param shop: url = "https://shop.example"
let hello = "Hello."
arg who: text = "you"
ask code "Your code?" digits: 4 { give_up -> hangup }
set total = 2
fetch "{shop}/{code}" into: order { otherwise -> hangup }
talk "{hello} {who} {code} {order.state}"
"""


@pytest.mark.parametrize(
    ("line", "wanted", "others"),
    [
        ("expect that: ‸", {"code", "total", "order", "who", "shop", "hello", "defined", "call"}, set()),
        ("expect that: order.‸", {"state"}, {"code"}),
        ('expect that: code == "{‸}"', {"code", "who", "hello", "call"}, set()),
        ('given fetch "{‸}"', {"shop", "hello"}, {"code", "who", "call"}),
        ("hear ‸", {"hello", "shop"}, {"code", "who"}),
        ('call args: { "‸" }', {"who"}, {"code", "shop"}),
    ],
)
def test_a_file_of_tests_has_the_names_of_the_flow(line: str, wanted: set[str], others: set[str]) -> None:
    text = f'test "a" {{\n    call\n    {line}\n}}\n'
    tests = text.replace("‸", "")
    reader = files_of({"menu.flow": FLOW_OF_TESTS, "menu_test.flow": tests}, "menu_test.flow")
    analysis = analyse(Source("menu_test.flow", tests), "flow", DocumentSettings(), reader=reader)
    found = {each.label for each in complete(analysis, text.index("‸"))}
    assert wanted <= found
    assert not found & others


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(end: str) -> None:
    text = 'let town = "Utrecht"\ntalk "😀"\nrecord {\n    timeout: 2m\n    ‸\n}\n'
    assert labels(text.replace("\n", end)) == labels(text)
    assert "format" in labels(text)
    assert "timeout" not in labels(text)


@pytest.mark.parametrize(
    ("text", "trigger", "first"),
    [
        ('talk "Hello."‸', '"', None),
        ('talk "Hello.":‸', ":", None),
        ("record {‸", "{", None),
        ("record {‸}", "{", None),
        ('talk "a:‸"', ":", None),
        ('let town = "a"\ntalk "{‸"', "{", "town"),
        ('let town = "a"\ntalk "{town |‸"', "|", "digits"),
        ('connect websocket "wss://a" content_type: "‸', '"', "audio/l16;rate=16000"),
        ('talk "Hello." language:‸', ":", "af-ZA"),
        ("[{‸}]", "{", None),
        ('[{"‸"}]', '"', "action"),
        ('[{"action"‸}]', '"', None),
        ('[{"action":‸}]', ":", "talk"),
    ],
)
def test_nothing_is_proposed_unasked_where_a_line_may_end(text: str, trigger: str, first: str | None) -> None:
    kind: Kind = "ncco" if text.startswith("[") else "flow"
    found = complete(*at_cursor(text, kind), trigger)
    assert (found[0].label if found else None) == first


def test_every_option_of_the_vocabulary_is_proposed_unless_it_is_deprecated() -> None:
    for action in actions().values():
        if action.deprecated:
            assert labels(f"‸{action.name}").count(action.name) == 0
            continue
        for form in forms(action):
            found = complete(*at_cursor(f"{form.title} {{ ‸ }}"))
            proposed = [each.label for each in found if each.kind == "option"]
            operand = None if form.operand is None else form.operand.option.name
            wanted = [name for name, each in form.settings.items() if not each.option.deprecated and name != operand]
            assert proposed == wanted


def fill(snippet: str) -> str:
    """Return a snippet as it is after pressing only Tab."""
    snippet = snippet.replace("\t$0\n", "")
    snippet = re.sub(r"\$\{\d+\|((?:[^|\\]|\\.)*)\|\}", lambda choice: choice[1].split(",")[0], snippet)
    snippet = re.sub(r"\$\{\d+:((?:[^}\\]|\\.)*)\}", r"\1", snippet)
    return re.sub(r'(?<=")\$\d(?=")|(?<=\[)\$\d(?=\])', "", snippet)


def test_what_a_verb_writes_can_be_read() -> None:
    for each in complete(*at_cursor("‸")):
        if each.kind == "verb":
            text = re.sub(r"\$\d", '"x"', fill(each.insert))
            found = {finding.rule.code for finding in check(text)}
            assert not found & {"F120", "F330", "F331", "F334", "F335"}, (text, found)


LOOKUPS = """param orders: url = "https://orders.example.com"
param token: secret = env("TOKEN")
arg patient: text = "you"
let towns = ["London", "Leeds"]
default fetch timeout: 3s headers: { "Authorization": "Bearer {token}" }
step start {
    talk "Hello {patient | spell}."
    set tries = 0
    ask town "Which?" one_of: towns { give_up -> hold("x", tries) }
    fetch "{orders}/a?b={town}" method: post json: { "a": [tries, call.from] } into: order timeout: 3s {
        headers: { "X-Key": env("KEY") }
        404 -> retry town "Once more."
        5xx, timeout -> { set tries = tries + 1; goto start }
        otherwise -> hangup
    }
    if order.state == "baking" { talk order.text }
    each item in order.items { talk "{key}: {item.name}" }
}
step hold(what: text, count: number) { connect phone call.to from: call.from }
test "an order" {
    given fetch "{orders}/a" method: get returns: { "state": "ready" } status: 200
    given ring "+44 20 7946 0151" busy
    call args: { "patient": "Ann" }
    expect that: town == "Leeds" and tries > 1
    expect fetch "{orders}/a" method: post json: { "a": "1" }
    expect no fetch "{orders}/x"
}
"""
WORD = re.compile(r"[A-Za-z_]\w*|(?<=[ ({|.])(?=\S)|(?<= )(?=\n)")
"""Where a word begins, or may begin."""
NEEDS_MORE = ("if", "each")
"""Lines that are complete only with a block."""


def closed(text: str) -> str:
    """Return a text that breaks off, with its texts and brackets closed."""
    opened: list[str] = []
    for each in re.finditer(r'\{\{|\}\}(?!\})|["{}()\[\]]', text):
        sign, in_text = each[0], opened[-1:] == ['"']
        if sign == '"':
            opened[-1:] = [] if in_text else [*opened[-1:], '"']
        elif sign == "{" or (sign in "([" and not in_text):
            opened.append({"{": "}" if in_text else "\n}", "(": ")", "[": "]"}[sign])
        elif sign in ("}", ")", "]") and not in_text:
            opened.pop()
    return text + "".join(reversed(opened))


def test_every_proposal_while_a_flow_with_lookups_is_typed_can_be_read() -> None:
    for offset in sorted({each.start() for each in WORD.finditer(LOOKUPS)}):
        line = LOOKUPS[LOOKUPS.rfind("\n", 0, offset) + 1 : offset].strip()
        text = closed(LOOKUPS[:offset])
        for each in complete(analyse(Source("x", text), "flow", DocumentSettings()), offset):
            written = re.sub(r"(?<= )\$[0-9]", "hangup" if "->" in each.insert else '"x"', fill(each.insert))
            taken = text[: each.span.start] + re.sub(r"\$\d", "", written) + text[each.span.end :]
            if not line.startswith(NEEDS_MORE) and each.label not in ("default", "if", "each"):
                _, found = parse_flow(Source("x", taken))
                assert [one.message for one in found if one.severity == "error"] == [], (line, each.label, taken)


def test_what_an_option_writes_can_be_read() -> None:
    for action in actions().values():
        for form in forms(action):
            for text, close in ((f"{form.title} ‸", ""), (f"{form.title} {{ ‸ }}", " }")):
                for each in complete(*at_cursor(text)):
                    if each.kind == "option" and each.detail != "block":
                        value = "en-GB" if "language" in each.label else '"x"'
                        taken = text.partition("‸")[0] + re.sub(r"\$\d", value, fill(each.insert)) + close
                        assert not analyse(Source("x", taken), "flow", DocumentSettings()).has_syntax_errors, taken
                        codes = {finding.rule.code for finding in check(taken)}
                        wrong = {"F331", "F332"} if each.label == "retries" else {"F331", "F332", "F335"}
                        assert not codes & wrong, (taken, codes)


def filled_json(text: str) -> Iterator[tuple[str, str]]:
    """Yield each proposal at the cursor of an NCCO, and the text after accepting it."""
    analysis, offset = at_cursor(text, "ncco")
    source = analysis.source.text
    for each in complete(analysis, offset):
        written = re.sub(r"\$\d", "", fill(each.insert)) if each.is_snippet else each.insert
        yield each.label, source[: each.span.start] + written + source[each.span.end :]


@pytest.mark.parametrize("text", ["[‸]", "[‸\n{}]", "[{}, ‸\n{}]"])
def test_an_action_is_written_as_json_with_all_it_needs(text: str) -> None:
    found = list(filled_json(text))
    assert {label.split()[0] for label, _ in found} == {each.name for each in actions().values() if not each.deprecated}
    for label, taken in found:
        written = next(each for each in json.loads(taken) if each)
        assert written["action"] == label.split()[0]
        codes = {finding.rule.code for finding in check_ncco(Source("a.json", json.dumps([written])))}
        assert not codes & {"F302", "F303", "F305"}, (taken, codes)


@pytest.mark.parametrize("quote", ['"', '""', ""])
@pytest.mark.parametrize("after_cursor", ["", '\n"x": 1'])
def test_a_key_is_written_with_a_value_of_its_type(quote: str, after_cursor: str) -> None:
    for action in actions().values():
        text = f'[{{"action": "{action.name}", {quote[:1]}‸{quote[1:]}{after_cursor}}}]'
        found = list(filled_json(text))
        assert [label for label, _ in found] == [each.key for each in action.options if not each.deprecated]
        for label, taken in found:
            action_taken = json.loads(taken)[0]
            option = next(each for each in action.options if each.key == label)
            assert type(action_taken[label]) in [_PYTHON[name] for name in option.types], taken


_PYTHON = {"string": str, "integer": int, "number": int, "boolean": bool, "array": list, "object": dict}


def test_a_value_is_written_with_its_quotes_and_comma() -> None:
    for place in ('"‸"', '"‸', "‸", '"w‸"', '‸"wav"'):
        for after_cursor, end in (("}]", ""), ('\n"channels": 1}]', '\n"channels": 1')):
            for label, taken in filled_json(f'[{{"action": "record", "format": {place}{after_cursor}'):
                assert taken.startswith(f'[{{"action": "record", "format": "{label}"'), taken
                assert json.loads(taken)[0]["format"] == label
                assert taken.endswith(f"{end}}}]")


def test_what_is_left_out_of_a_long_declaration_makes_no_difference() -> None:
    idle = '    talk "Hello."\n'
    for place in ("    ‸\n", "    goto ‸\n", '    menu "Press 1." {\n        1 -> start\n        ‸\n    }\n'):
        short = f"step start {{\n{idle}{place}{idle}}}\n"
        long = f"step start {{\n{idle * 400}{place}{idle * 400}}}\n"
        assert labels(long) == labels(short) != []


@pytest.mark.parametrize(
    ("unit", "around"),
    [
        ('let name_{n} = "x"\ntalk "{{name_{n}}}" level: 0.5\nrecord {{\n    timeout: 2m\n}}\n', "{}"),
        ('    talk "Hello." level: 0.5\n    record {{\n        timeout: 2m\n    }}\n', "step start {{\n{}}}\n"),
    ],
    ids=["statements", "one step"],
)
def test_a_large_file_is_neither_compiled_nor_read_again(unit: str, around: str) -> None:
    def steps(size: int) -> int:
        body = "".join(unit.format(n=n) for n in range(size)) + 'talk "Hello." ‸\n' + unit.format(n=size)
        text = around.format(body)
        analysis, offset = at_cursor(text)
        assert analysis.file is not None
        complete(analysis, offset)
        count = 0

        def trace(_frame: FrameType, _event: str, _argument: Any) -> Any:
            nonlocal count
            count += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            complete(analysis, offset)
        finally:
            sys.settrace(before)
        return count

    assert steps(400) < 4.5 * steps(100)
    assert steps(400) < 400 * 50
