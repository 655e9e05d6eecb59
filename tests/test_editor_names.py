"""Definition, references and rename: every place with that name, and no other."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.bundler import Bundled
from ncco_lang.compiler import Compiled, compile_text
from ncco_lang.diagnostics import apply_edits
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.hover import hover
from ncco_lang.editor.rename import (
    at_home,
    definition,
    prepare_rename,
    references,
    references_in_tests,
    rename,
    rename_in_tests,
)
from ncco_lang.editor.types import DocumentSettings
from ncco_lang.program.declarations import read_names
from ncco_lang.program.scopes import START
from ncco_lang.source import Source
from tests.editor_cases import at_cursor
from tests.imported import files_of

ROOT = Path(__file__).resolve().parent.parent
FLOWS = sorted([*(ROOT / "samples").glob("*/*.flow"), *(ROOT / "tests/fixtures/compile").glob("**/*.flow")])

FLOW = """param desk: phone = "+44 20 7946 0151"
let hello = "Call {desk | phone} or {desk}."
default connect from: desk timeout: 25s
talk hello
talk "{{desk}} desk {desk} {length([desk])}"  // desk
connect phone desk from: (desk) event_url: "https://example.com/{desk}" {
    ringback_tone: "https://example.com/{ desk }"
    on_answer { url: "https://example.com/{desk}" }
}
notify "https://example.com/e" payload: { "desk": desk, "a": [desk, { "b{desk}": 1 }] }
raw { "action": "talk", "text": desk }
"""


def flow(text: str) -> Analysis:
    return analyse(Source("case.flow", text), "flow", DocumentSettings())


def renamed(text: str, new_name: str) -> str:
    analysis, offset = at_cursor(text)
    return apply_edits(analysis.source.text, rename(analysis, offset, new_name))


def test_every_use_is_found_from_every_use() -> None:
    analysis = flow(FLOW)
    first = references(analysis, FLOW.index("desk"))
    assert len(first) == 15
    assert {FLOW[span.start : span.end] for span in first} == {"desk"}
    for span in first:
        for offset in (span.start, span.end):
            assert references(analysis, offset) == first
            assert definition(analysis, offset) == (analysis.source, first[0])
            assert prepare_rename(analysis, offset) == span
    assert references(analysis, FLOW.index("desk"), with_declaration=False) == first[1:]


def test_a_rename_leaves_the_call_as_it_is() -> None:
    text = apply_edits(FLOW, rename(flow(FLOW), FLOW.index("desk"), "reception"))
    assert text.count("reception") == 15
    assert '"{{desk}} desk {reception} {length([reception])}"  // desk' in text
    before, after = compile_text(FLOW), compile_text(text)
    assert before.ncco is not None
    assert json.dumps(after.ncco) == json.dumps(before.ncco)


def nccos_of(compiled: Compiled) -> list[list[dict[str, Any]]] | None:
    """Return the NCCO of a flow, or all documents of its bundle without event URLs, which have the names of steps."""
    if not isinstance(compiled.product, Bundled):
        return None if compiled.ncco is None else [compiled.ncco]
    documents = [document for _, document in compiled.product.documents()]
    return [[{**action, "eventUrl": None} for action in document] for document in documents]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_any_name_of_a_flow_can_be_renamed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    analysis = flow(text)
    assert analysis.file is not None
    before = compile_text(text)
    nccos = nccos_of(before)
    for name, declaration in read_names(analysis.file).items():
        if name == START:
            continue
        edits = rename(analysis, declaration.name.span.start, "quite_another")
        after = compile_text(apply_edits(text, edits))
        assert nccos_of(after) == nccos
        assert [each.rule.code for each in after.diagnostics] == [each.rule.code for each in before.diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        'let wav = "x"\nrecord format: w‸av end_on_key: #\ntalk wav',
        'let premium = "x"\ntalk "Hello." prem‸ium\nstream "https://example.com/{premium}"',
        'let app = "anna"\nconnect a‸pp app',
        'let ar = "x"\ntalk "{ar}" language: a‸r',
        'let talk = "x"\nta‸lk talk',
        'let level = "x"\ntalk level lev‸el: 0.5',
        'let desk = "x"\ntalk "desk‸ {desk}"',
        'let desk = "x"\ntalk "{{desk‸}} {desk}"',
        'let desk = "x"  // de‸sk\ntalk desk',
        'let desk = "x"\ntalk "Hello {other‸}"',
        'let slow = "4711"\ntalk "{slow | digits(slo‸w)}"',
        'let digits = "4711"\ntalk "{digits | digit‸s}"',
        'let small = { "small": 5 }\ntalk "{small.sm‸all}"',
        "‸",
    ],
)
def test_what_is_no_name_has_no_definition(text: str) -> None:
    analysis, offset = at_cursor(text)
    assert definition(analysis, offset) is None
    assert references(analysis, offset) == []
    assert prepare_rename(analysis, offset) is None
    with pytest.raises(ValueError, match="no name that this file declares"):
        rename(analysis, offset, "another")


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ('let app = "anna"\nconnect app a‸pp', 2),
        ('param tongue: language = nl-NL\ntalk "Hello." language: (ton‸gue)\ninput speech language: (tongue)', 3),
        ('let small = { "small": 5 }\ntalk "{sma‸ll.small} {small["small"]}"', 3),
        ("let a = 2\nlet b = a‸ + a * (a - 1)", 4),
        ('let n = 1\nlet towns = ["a", "b"]\ntalk "{towns[‸n]} {length(towns) + n}"', 3),
        ('step order {\n    talk "Hello."\n}\ngoto ord‸er', 2),
        ('step order(a: text) {\n    talk a\n}\nlet ‸a = "x"\ntalk a', 2),
        ('text greeting {\n    en-GB: "Hello."\n}\ntalk gree‸ting', 2),
        ('let desk = "x"\r\ntalk "😀 {de‸sk}"\r\ntalk desk', 3),
        ('let desk = "x"\ntalk """\n  😀 {de‸sk}\n  {desk}\n  """', 3),
        ("step a(x: text) {\n    talk x\n}\nstep b(‸x: text) {\n    talk x; set y = x\n}\nset x = 1", 3),
        ("each x in y { talk x }\neach ‸x in y { talk x; talk x }", 3),
        ("each x in y { talk x; each z in x { talk z; key -> a(k‸ey) } }", 2),
        ('step a(x: text) { talk x }\nstep b { set x‸ = 1; talk x; ask x "?" speech; fetch "u" into: x }', 4),
        ("arg x: text\nset x = 1\non completed { if defined(‸x) { wait 1s } }", 3),
        ('use a, b from "c.flow"\nstep start { do ‸a; 1 -> a; goto b }', 3),
        ('text busy { en-GB: "b" }\nmenu { bu‸sy, "busy" -> b }\nconnect phone "1" { busy -> retry }', 2),
        ('step s { ask code "?" digits: 4; retry c‸ode "No."; retry with "No." }', 2),
        (
            'hours h "Europe/London" { mon 09:00-17:00 }\nhours i "Europe/London" { closed ‸h }\nif open(h) { wait 1s }',
            3,
        ),
    ],
)
def test_names_of_all_kinds_are_found(text: str, uses: int) -> None:
    analysis, offset = at_cursor(text)
    found = references(analysis, offset)
    assert len(found) == uses
    assert len({analysis.source.text[span.start : span.end] for span in found}) == 1


def test_a_definition_is_found_from_a_broken_statement() -> None:
    analysis, offset = at_cursor('let town = "Utrecht"\ntalk ) town‸ ]\ntalk town')
    assert definition(analysis, offset) == (analysis.source, (4, 8))


@pytest.mark.parametrize(
    ("new_name", "words"),
    [
        ("", "small letters"),
        ("Desk", "small letters"),
        ("my-desk", "small letters"),
        ("2nd", "small letters"),
        ("desk\n", "small letters"),
        ("not", "a word of the language"),
        ("true", "a word of the language"),
        ("hangup", "a word of the language"),
        ("call", "a word of the language"),
        ("hello", "declared already"),
        ("timeout", "would mean something else"),
    ],
)
def test_a_name_that_cannot_be_is_refused(new_name: str, words: str) -> None:
    text = 'param desk: phone = "+44 20 7946 0151"\nlet hello = "x"\ntalk hello\nconnect phone d‸esk'
    with pytest.raises(ValueError, match=words):
        renamed(text, new_name)


SCOPED = """let town = "Utrecht"
step start {
    ask code "Your code?" digits: 6
    each slot in code { talk "{slot} {town}"; key -> book(slot) }
    each slot in code { talk "{slot}" }
    goto book(code)
}
step book(slot: text) {
    talk "{slot} {code}"
    set code = slot
}
"""


@pytest.mark.parametrize(
    ("declared", "lines"),
    [
        ("slot: text", {8: 1, 9: 1, 10: 1}),
        ("slot in code { talk", {4: 3}),
        ('code "', {3: 1, 4: 1, 5: 1, 6: 1, 9: 1, 10: 1}),
        ("book(slot: ", {4: 1, 6: 1, 8: 1}),
        ("town =", {1: 1, 4: 1}),
    ],
)
def test_a_rename_changes_the_name_in_its_scope_only(declared: str, lines: dict[int, int]) -> None:
    analysis = flow(SCOPED)
    edits = rename(analysis, SCOPED.index(declared), "quite_another")
    places = Counter(analysis.source.position(edit.span.start).line for edit in edits)
    assert places == lines
    after = flow(apply_edits(SCOPED, edits))
    assert [each.rule.code for each in after.findings] == [each.rule.code for each in analysis.findings]


@pytest.mark.parametrize(
    ("declared", "new_name", "words"),
    [
        ("slot: text", "town", "declared already"),
        ("slot: text", "book", "declared already"),
        ("slot: text", "code", "would mean something else"),  # it is read there
        ("slot in code { talk", "town", "declared already"),
        ('code "', "slot", "would mean something else"),
        ('code "', "start", "declared already"),
        ("town =", "code", "declared already"),
        ("town =", "slot", "hide another name"),
        ("key ->", "number", "has no other name"),
    ],
)
def test_a_rename_never_changes_what_another_name_means(declared: str, new_name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rename(flow(SCOPED), SCOPED.index(declared), new_name)


def test_a_rename_never_makes_a_name_that_another_one_hides() -> None:
    analysis, offset = at_cursor('let to‸wn = "x"\nstep start { talk town }\nstep book(slot: text) { talk slot }')
    with pytest.raises(ValueError, match="hide another name"):
        rename(analysis, offset, "slot")


def test_the_step_in_which_a_call_begins_keeps_its_name() -> None:
    with pytest.raises(ValueError, match="a call begins in the step start"):
        renamed(SCOPED.replace("start", "sta‸rt"), "begin")


def test_an_imported_name_is_renamed_in_its_file() -> None:
    analysis, offset = at_cursor('use a from "b.flow"\nstep start { goto ‸a }')
    assert definition(analysis, offset) == (analysis.source, (4, 5))
    assert prepare_rename(analysis, offset) is None
    with pytest.raises(ValueError, match="in another file"):
        rename(analysis, offset, "b")


def test_a_rename_to_the_same_name_changes_nothing() -> None:
    assert renamed('let a = "x"\ntalk ‸a', "a") == 'let a = "x"\ntalk a'


def test_a_word_of_an_option_may_be_a_name_where_it_is_none_of_that_option() -> None:
    assert renamed('let a = "x"\ntalk ‸a', "mp3") == 'let mp3 = "x"\ntalk mp3'
    with pytest.raises(ValueError, match="would mean something else"):
        renamed('let a = "x"\ntalk ‸a', "premium")


def test_nothing_is_renamed_while_a_use_may_be_hidden() -> None:
    with pytest.raises(ValueError, match="line 2 cannot be parsed"):
        renamed('let town = "Utrecht"\ntalk ) town ]\ntalk to‸wn', "city")
    with pytest.raises(ValueError, match="line 1 cannot be parsed"):
        renamed('let to‸wn hall = "Utrecht"\ntalk "Hello."', "city")
    assert (
        renamed('let town = "Utrecht"\ntalk ) 5 ]\ntalk to‸wn', "city") == 'let city = "Utrecht"\ntalk ) 5 ]\ntalk city'
    )


def test_names_that_stand_in_other_files_of_a_project_are_none_of_ours() -> None:
    analysis = analyse(Source("ncco.toml", '[profiles.live.params]\ndesk = "x"\n'), "toml", DocumentSettings())
    assert definition(analysis, 25) is None
    assert references(analysis, 25) == []


def test_the_words_of_tests_are_no_names() -> None:
    text = (
        'param music: phone = "+31 20 123 4567"\nlet ring = "Hello."\ntalk ring\nconnect phone music from: "+31207654321"\n'
        'test "a" {\n    given ring music busy\n    call\n    hear ring\n    hear music\n    expect ring music\n}\n'
    )
    assert apply_edits(text, rename(flow(text), text.index("music"), "desk")).count("desk") == 4
    assert apply_edits(text, rename(flow(text), text.index("ring ="), "hello")).count("hello") == 3


OF_CALLS = """arg who: text = "you"
step start {
    ask code "Your code?" digits: 4 { give_up -> hangup }
    fetch "https://shop.example/{code}" into: order json: { "code": code } { otherwise -> hangup }
    if order.state == code and defined(order) { retry code }
    each item in order.items { talk "{item.name} {key} {code | digits} {default(item.x, code)} {who}" }
    set total = order.total + 1
    do pay(total, code)
}
step pay(amount: number, ref: text) { talk "{amount} {ref} {total}" }
test "it is sent" {
    given fetch "*" returns: { "state": "sent", "code": 1 }
    call args: { "who": "Anna" }
    expect that: code == "1" and order.state == "sent"
    expect that: total > 1 and defined(who)
}
"""


@pytest.mark.parametrize(
    ("declared", "uses"),
    [
        ('code "', 9),
        ("order json", 6),
        ("item in", 3),
        ("total =", 4),
        ("amount: ", 2),
        ("who: ", 4),
    ],
)
def test_values_of_a_call_are_found_and_renamed_in_the_tests_of_the_file_too(declared: str, uses: int) -> None:
    analysis = flow(OF_CALLS)
    offset = OF_CALLS.index(declared)
    found = references(analysis, offset)
    assert len(found) == uses
    after = flow(apply_edits(OF_CALLS, rename(analysis, offset, "quite_another")))
    assert [each.rule.code for each in after.findings] == [each.rule.code for each in analysis.findings]
    assert len(references(after, found[0].start)) == uses


TESTS = """test "it is sent" {
    given fetch "*" returns: { "code": 1 }
    call args: { "who": "Anna", "code": "b" }
    expect that: code == "code" and order.code == default(who, "x")
}
"""


def in_files(text: str, tests: str = TESTS) -> Analysis:
    reader = files_of({"menu.flow": text, "menu_test.flow": tests})
    return analyse(Source("menu.flow", text), "flow", DocumentSettings(), reader=reader)


@pytest.mark.parametrize(
    ("declared", "renamed_to"),
    [
        ('code "', TESTS.replace("that: code", "that: other")),
        ("order json", TESTS.replace("order.code", "other.code")),
        ("who: ", TESTS.replace("who", "other")),
    ],
)
def test_names_are_renamed_in_the_file_of_tests(declared: str, renamed_to: str) -> None:
    analysis, offset = in_files(OF_CALLS), OF_CALLS.index(declared)
    found = references_in_tests(analysis, offset)
    edits = rename_in_tests(analysis, offset, "other")
    assert found is not None
    assert edits is not None
    assert found[1] == [edit.span for edit in edits[1]]
    assert found[0].name == edits[0].name == "menu_test.flow"
    assert apply_edits(TESTS, edits[1]) == renamed_to


def test_what_the_file_of_tests_does_not_have_is_not_renamed_there() -> None:
    for declared in ("item in", "amount: ", "total ="):
        assert rename_in_tests(in_files(OF_CALLS), OF_CALLS.index(declared), "other") is None
    assert rename_in_tests(flow(OF_CALLS), OF_CALLS.index('code "'), "other") is None
    assert rename_in_tests(in_files(OF_CALLS), OF_CALLS.index('code "'), "code") is None
    broken = in_files(OF_CALLS, TESTS + "test {")
    with pytest.raises(ValueError, match="file of tests"):
        rename_in_tests(broken, OF_CALLS.index('code "'), "other")


def of_tests(tests: str = TESTS) -> Analysis:
    reader = files_of({"menu.flow": OF_CALLS, "menu_test.flow": tests}, "menu_test.flow")
    return analyse(Source("menu_test.flow", tests), "flow", DocumentSettings(), reader=reader)


IN_TESTS = [
    ("code ==", 'code "', "**answer code: text**\n\nset by `ask` in line 3\n\nin menu.flow"),
    ("order.code", "order json", "**result order: JSON**\n\nset by `fetch` in line 4\n\nin menu.flow"),
    ('who":', "who: ", '**arg who: text**\n\ngiven to an outbound call; its default is `"you"`\n\nin menu.flow'),
    ("who,", "who: ", '**arg who: text**\n\ngiven to an outbound call; its default is `"you"`\n\nin menu.flow'),
]


@pytest.mark.parametrize(("word", "begins", "words"), IN_TESTS)
def test_names_in_the_file_of_tests_are_those_of_the_flow(word: str, begins: str, words: str) -> None:
    analysis, offset = of_tests(), TESTS.index(word)
    found, shown = definition(analysis, offset), hover(analysis, offset)
    assert found is not None
    assert (found[0].name, found[1].start) == ("menu.flow", OF_CALLS.index(begins))
    assert shown is not None
    assert (shown.span.start, shown.text) == (offset, words)
    home, at = at_home(analysis, offset)
    assert (home.source.name, at) == ("menu.flow", found[1].start)
    assert prepare_rename(analysis, offset) == shown.span
    assert len(rename(home, at, "other")) == len(references(home, at)) > 1


def test_what_is_no_name_of_the_flow_stays_in_the_file_of_tests() -> None:
    analysis = of_tests()
    for word in ('"code": 1', 'code": "b"'):
        offset = TESTS.index(word) + 1
        assert definition(analysis, offset) is None
        assert hover(analysis, offset) is None
        assert at_home(analysis, offset) == (analysis, offset)
        assert prepare_rename(analysis, offset) is None


def test_a_name_never_becomes_one_of_the_file_of_tests() -> None:
    analysis = in_files(OF_CALLS, f'let other = "x"\n{TESTS}')
    with pytest.raises(ValueError, match="declared in the file of tests"):
        rename_in_tests(analysis, OF_CALLS.index('code "'), "other")


def test_an_arg_that_a_test_gives_is_the_arg_of_the_file() -> None:
    analysis, given = flow(OF_CALLS), OF_CALLS.index('who": "Anna"')
    assert references(analysis, given) == references(analysis, OF_CALLS.index("who: "))
    assert definition(analysis, given) == (analysis.source, (4, 7))
