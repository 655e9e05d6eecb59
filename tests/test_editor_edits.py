"""Minimal edits, formatting as edits, and quick fixes."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.diagnostics import Rule, Severity, apply_edits
from ncco_lang.editor.analysis import Analysis, analyse, kind_of
from ncco_lang.editor.edits import minimal_edits
from ncco_lang.editor.fixes import actions_at, fix_all
from ncco_lang.editor.formatting import format_document, format_range
from ncco_lang.editor.types import CodeAction, DocumentSettings, Kind
from ncco_lang.formatter import format_text
from ncco_lang.source import Source, Span
from tests import budget

LINES = st.lists(st.sampled_from(["a\n", "  a\n", "b\r\n", "}\n", "\n", "\r", "c", "talk\n"]), max_size=12)


FOLDER = Path(__file__).resolve().parent
TEXTS = [
    path
    for folder in (FOLDER / "fixtures", FOLDER.parent / "samples")
    for path in sorted(folder.rglob("*"))
    if path.suffix in (".flow", ".json") and path.stat().st_size < 100_000
]


def look(text: str, kind: Kind = "flow") -> Analysis:
    return analyse(Source("a", text), kind, DocumentSettings())


@given(LINES, LINES)
def test_edits_turn_one_text_into_the_other(before: list[str], after: list[str]) -> None:
    source, new = Source("a", "".join(before)), "".join(after)
    edits = minimal_edits(source, new)
    assert apply_edits(source.text, edits) == new
    assert [edit for edit in edits if edit.span.start == edit.span.end and not edit.text] == []
    assert all(one.span.end <= other.span.start for one, other in pairwise(edits))


def test_edits_are_few_and_small() -> None:
    lines = [f"talk {number}\n" for number in range(200)]
    after = [*lines[:10], "wait\n", *lines[10:100], *lines[103:150], "talk   150\n", *lines[151:]]
    edits = minimal_edits(Source("a", "".join(lines)), "".join(after))
    assert len(edits) == 3
    assert sum(len(edit.text) for edit in edits) < 20


def test_a_text_is_formatted_in_part() -> None:
    text = 'talk   "a"\nwait   1s\n\n\n\ntalk    "b"\n'
    whole = format_document(look(text))
    assert apply_edits(text, whole) == format_text(text).text
    line = text.index("wait")
    part = format_range(look(text), Span(line, line))
    assert apply_edits(text, part) == text.replace("wait   1s", "wait 1s")
    assert format_range(look(text), Span(0, len(text))) == whole
    assert format_document(look('talk "a')) == []
    assert format_range(look('talk "a'), Span(0, 3)) == []
    assert format_document(look('{"a":1}', "ncco")) == []


def test_line_ends_stay_as_they_are() -> None:
    text = 'talk   "a"\r\nwait 1s\r\n'
    assert apply_edits(text, format_document(look(text))) == 'talk "a"\r\nwait 1s\r\n'


ADDED = " (the call then behaves in another way)"


@pytest.mark.parametrize(
    ("text", "title", "fixed"),
    [
        (
            'fetch "https://example.com/a" timeout: 3s\ntalk "Done."\n',
            f"add otherwise -> hangup{ADDED}",
            'fetch "https://example.com/a" timeout: 3s { otherwise -> hangup }\ntalk "Done."\n',
        ),
        (
            'fetch "https://example.com/a" {\r\n    404 -> hangup  // none\r\n    // more\r\n}\r\ntalk "Done."\r\n',
            f"add otherwise -> hangup{ADDED}",
            'fetch "https://example.com/a" {\r\n    404 -> hangup  // none\r\n    otherwise -> hangup\r\n    // more\r\n}\r\n'
            'talk "Done."\r\n',
        ),
        (
            'fallback desk\nstep start { fetch "https://example.com/a" { } ; goto desk }\nstep desk { talk "Hi." ; hangup }\n',
            f"add otherwise -> desk{ADDED}",
            'fallback desk\nstep start { fetch "https://example.com/a" { otherwise -> desk } ; goto desk }\n'
            'step desk { talk "Hi." ; hangup }\n',
        ),
        (
            'fallback desk\nstep start { talk "Hi." ; goto desk }\nstep desk { menu "1?" { 1 -> hangup ; silence -> retry } }\n',
            f"add give_up -> hangup{ADDED}",
            'fallback desk\nstep start { talk "Hi." ; goto desk }\n'
            'step desk { menu "1?" { 1 -> hangup ; silence -> retry; give_up -> hangup } }\n',
        ),
        (
            'fetch "https://example.com/a" {\n    json: 5\n    otherwise -> hangup\n}\ntalk "Done."\n',
            f"add method: post{ADDED}",
            'fetch "https://example.com/a" {\n    method: post\n    json: 5\n    otherwise -> hangup\n}\ntalk "Done."\n',
        ),
        (
            'if call.from == "+44 20 7946 0150" { talk "Hi." }\n',
            f'write "442079460150"{ADDED}',
            'if call.from == "442079460150" { talk "Hi." }\n',
        ),
        (
            'talk "Hi."\ntest "a" {\n    given ring "1" busy\n    hear "Hi."\n}\n',
            "add call",
            'talk "Hi."\ntest "a" {\n    given ring "1" busy\n    call\n    hear "Hi."\n}\n',
        ),
        ('talk "Hi."\ntest "a" { call; haer "Hi." }\n', "write hear", 'talk "Hi."\ntest "a" { call; hear "Hi." }\n'),
        (
            'talk "Hi."\ntest "a" { call; expect rnig "1" }\n',
            "write expect ring",
            'talk "Hi."\ntest "a" { call; expect ring "1" }\n',
        ),
    ],
)
def test_findings_about_lookups_questions_paths_and_tests_are_fixed(text: str, title: str, fixed: str) -> None:
    actions = {each.title: each for each in actions_at(look(text), Span(0, len(text)))}
    assert apply_edits(text, list(actions[title].edits)) == fixed


def test_a_finding_is_mended_where_the_cursor_is() -> None:
    text = 'talk "a" // ncco: allow F601\ntalk "b"\n'
    (quick,) = actions_at(look(text), Span(12, 12))
    assert (quick.title, quick.is_preferred, quick.is_all) == ("remove the comment", True, False)
    assert apply_edits(text, list(quick.edits)) == 'talk "a"\ntalk "b"\n'
    assert actions_at(look(text), Span(len(text), len(text))) == []
    misspelt = 'talk "b" premum\n'
    (spelt,) = actions_at(look(misspelt), Span(9, 9))
    assert apply_edits(misspelt, list(spelt.edits)) == 'talk "b" premium\n'
    assert not spelt.is_preferred


@pytest.mark.search
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_fix_alone_gives_more_errors_than_it_mends(path: Path) -> None:
    text, kind = path.read_text(encoding="utf-8"), kind_of(path.name, "")
    assert kind is not None
    for action in picked(actions_of(path)):
        assert errors(apply_edits(text, list(action.edits)), kind) <= errors(text, kind), action.title


@cache
def actions_of(path: Path) -> list[CodeAction]:
    """Return every action for a file; two tests ask for them."""
    text, kind = path.read_text(encoding="utf-8"), kind_of(path.name, "")
    assert kind is not None
    return actions_at(look(text, kind), Span(0, len(text)))


def picked(actions: list[CodeAction]) -> list[CodeAction]:
    """Return the actions to try: four of a file in `make test`."""
    return budget.of(Random(len(actions)).sample(actions, min(len(actions), 4)), actions)


@cache
def counts(text: str, kind: Kind = "flow") -> Counter[tuple[Severity, Rule, str]]:
    """Count the findings of a text by what they say; the text after an action is in two tests."""
    return Counter((finding.severity, finding.rule, finding.message) for finding in look(text, kind).findings)


def errors(text: str, kind: Kind) -> int:
    return sum(count for (severity, _, _), count in counts(text, kind).items() if severity == "error")


def test_markup_that_would_not_hold_is_not_put_into_speak() -> None:
    for text in ("One <break/> <b>bold", "One & two <break/>", "One <speak>two</speak>"):
        (found,) = look(f'[{{"action": "talk", "text": "{text}"}}]', "ncco").findings
        assert (found.rule.name, found.fix) == ("markup-without-speak", None)


def test_an_option_that_is_given_already_is_not_written_again() -> None:
    (found,) = look('talk "Hello." level: 0.5 levl: 0.6\n').findings
    assert (found.hint, found.fix) == ("did you mean level?", None)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ('[check]\nprovidr = "kpn"\n', '[check]\nprovider = "kpn"\n'),
        ('[chekc]\nprovider = "kpn"\n', '[check]\nprovider = "kpn"\n'),
        ("check . 'providr' = \"kpn\"\n", "check . 'provider' = \"kpn\"\n"),
        ('[check]\nprovider = "kpm"\n', '[check]\nprovider = "kpn"\n'),
        ("check = { severity = { F601 = 'wraning' } }\n", "check = { severity = { F601 = 'warning' } }\n"),
        ('[check.severity]\nspeech-to-long = "off"\n', '[check.severity]\nspeech-too-long = "off"\n'),
        ('profile = "lvie"\n[profiles.live]\n', 'profile = "live"\n[profiles.live]\n'),
        ("[profiles.live]\nparms.x = 1\n", "[profiles.live]\nparams.x = 1\n"),
    ],
)
def test_a_misspelt_setting_is_mended(text: str, repaired: str) -> None:
    (action,) = actions_at(look(text, "toml"), Span(0, len(text)))
    assert apply_edits(text, list(action.edits)) == repaired
    assert look(repaired, "toml").findings == ()
    assert (action.title.startswith('write "'), action.title.endswith('"'), action.is_preferred) == (True, True, False)
    assert fix_all(look(text, "toml")) is None


@pytest.mark.parametrize(
    "text",
    [
        '[check]\nprovidr = "kpn"\nprovider = "kpn"\n',
        '[check]\n"provi\\u0064r" = "kpn"\n',
        '[check]\nprovider = """kpm"""\n',
        '[check]\nsomething = "kpn"\n',
        'profile = "li\'e"\n[profiles."li\\"e"]\n',
    ],
)
def test_a_setting_is_left_alone_where_it_is_not_plain_what_to_write(text: str) -> None:
    assert look(text, "toml").findings
    assert actions_at(look(text, "toml"), Span(0, len(text))) == []


ALLOW = "allow "


@pytest.mark.search
@pytest.mark.parametrize("path", [path for path in TEXTS if path.suffix == ".flow"], ids=lambda path: path.name)
def test_what_is_allowed_is_found_no_more_and_all_else_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before = counts(text)
    for action in picked([each for each in actions_of(path) if each.title.startswith(ALLOW)]):
        after = counts(apply_edits(text, list(action.edits)))
        allowed = {(finding.severity, finding.rule, finding.message) for finding in action.findings}
        if any(finding.severity == "error" for finding in action.findings) and look(text).ncco is None:
            continue  # an error next to other errors may be allowed once these are fixed
        assert {rule for _, rule, _ in before - after} == {rule for _, rule, _ in allowed}, action.title
        assert after - before == Counter(), action.title
        assert before - after >= Counter(allowed), action.title


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ('talk "1234567"\n', '// ncco: allow spoken-digits\ntalk "1234567"\n'),
        ('\ufefftalk "1234567"', '\ufeff// ncco: allow spoken-digits\ntalk "1234567"'),
        ('wait 1s\r\ntalk "1234567"\r\n', 'wait 1s\r\n// ncco: allow spoken-digits\r\ntalk "1234567"\r\n'),
        (
            'talk """\n    So\n    1234567\n    """\n',
            '// ncco: allow spoken-digits\ntalk """\n    So\n    1234567\n    """\n',
        ),
        (
            'talk "Hello." {\n    language: "xx-YY"\n}\n',
            'talk "Hello." {\n    // ncco: allow unknown-language\n    language: "xx-YY"\n}\n',
        ),
        ('/// Docs.\nlet a = 1\ntalk "x"\n', '// ncco: allow unused-name\n/// Docs.\nlet a = 1\ntalk "x"\n'),
    ],
)
def test_a_comment_above_the_statement_allows_it(text: str, allowed: str) -> None:
    (action,) = (each for each in actions_at(look(text), Span(0, len(text))) if each.title.startswith(ALLOW))
    assert apply_edits(text, list(action.edits)) == allowed
    assert action.is_preferred is False
    assert action.title.endswith(" for this statement")


def test_what_cannot_be_allowed_is_not_offered() -> None:
    # The line begins inside of a text, where no comment fits; a misspelt option; a comment; JSON.
    for text in ('talk """\n    So\n    """; talk "1234567"\n', 'talk "a" lop: 1\n', '// ncco: allow F601\ntalk "b"\n'):
        assert [each for each in actions_at(look(text), Span(0, len(text))) if each.title.startswith(ALLOW)] == []
    text = '[{"action": "talk", "text": "1234567"}]'
    assert look(text, "ncco").findings
    assert actions_at(look(text, "ncco"), Span(0, len(text))) == []


def test_all_is_mended_at_once() -> None:
    text = 'talk "a" // ncco: allow F601\ntalk "b" premum\n'
    assert fix_all(look(text)) is None
    everything = fix_all(look(text), unsafe=True)
    assert everything is not None
    # Which finding the comment allows is known only when there are no errors.
    assert apply_edits(text, list(everything.edits)) == 'talk "a"\ntalk "b" premium\n'
    assert (everything.is_all, everything.is_preferred) == (True, False)
    assert fix_all(look('talk "a"\n')) is None
    assert fix_all(look("[check\n", "toml")) is None


def test_what_a_file_is() -> None:
    names = ["a.flow", "x/A.FLOW", "a.json", "ncco.toml", "a.toml", "a.md", "Untitled-1"]
    assert [kind_of(name, "") for name in names] == ["flow", "flow", "ncco", "toml", None, None, None]
    assert kind_of("Untitled-1", "\ufeff\n [") == "ncco"


def test_settings_say_what_deploying_lacks() -> None:
    toml = '[profiles.live]\nprovider = "vonage"\n[profiles.live.applications.main]\nflow = "main.flow"\n'
    assert {finding.rule.code for finding in look(toml, "toml").findings} == {"F801"}
    assert look('[profiles.dev.params]\ndesk = "a"\n', "toml").findings == ()


def test_a_single_fix_that_does_not_help_is_not_offered() -> None:
    text = 'talk {\n  "a": 1\n  en-gb\n}\n'
    analysis = look(text)
    found = [each for each in analysis.findings if each.fix is not None and each.fix.title == "write language: en-GB"]
    assert found
    assert not any(action.title == "write language: en-GB" for action in actions_at(analysis, found[0].span))
