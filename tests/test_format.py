"""Format `.flow` files: `fixtures/format/*.flow` and their expected results."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ncco_lang.formatter import format_file, format_source, format_text
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from tests.conftest import Golden

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = sorted(
    path for path in (ROOT / "tests" / "fixtures" / "format").glob("*.flow") if ".formatted" not in path.name
)
SAMPLES = sorted((ROOT / "samples").glob("*/*.flow"))
NOWHERE = Span(0, 0)


def read(path: Path) -> Source:
    return Source(path.name, path.read_bytes().decode("utf-8"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixture(path: Path, golden: Golden) -> None:
    formatted = format_source(read(path))
    assert formatted.text is not None, formatted.diagnostics
    assert formatted.changed
    golden.check(path.with_name(f"{path.stem}.formatted.flow"), formatted.text)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_formatted(path: Path) -> None:
    assert not format_source(read(path)).changed


def test_the_language_is_documented_in_formatted_flows() -> None:
    blocks = re.findall(
        r"^```flow\n(.*?)^```", (ROOT / "docs" / "language.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert blocks
    for block in blocks:
        assert format_text(block).text == block


@pytest.mark.parametrize(
    "text", ['talk "', "talk level:", 'talk "\\x"', "record {", 'raw { "a": 1, "a": 2 }', "set x = 1e999"]
)
def test_a_syntax_error_leaves_the_file_alone(text: str) -> None:
    formatted = format_text(text, name="broken.flow")
    assert formatted.text is None
    assert not formatted.changed
    assert [finding.source.name for finding in formatted.diagnostics if finding.severity == "error"]


def test_a_warning_does_not() -> None:
    formatted = format_text("record {\n\ttimeout: 20s\n}\n")
    assert formatted.text == "record {\n    timeout: 20s\n}\n"
    assert {finding.severity for finding in formatted.diagnostics} == {"warning"}


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\ufeff", "\r\n \t\r\n"])
def test_nothing_stays_nothing(text: str) -> None:
    assert format_text(text).text == ""


@pytest.mark.parametrize("width", [99, 100, 101])
def test_a_line_may_be_a_hundred_wide(width: int) -> None:
    before, after = 'let a = ["', '", 1]'
    text = before + "x" * (width - len(before) - len(after)) + after
    formatted = format_text(text).text
    assert formatted is not None
    assert (formatted == text + "\n") == (width <= 100)


def test_what_follows_a_bracket_counts_to_its_line() -> None:
    text = 'notify "https://example.com" payload: {{ "a": "{}" }} {{\n    otherwise -> retry\n}}\n'
    fits = text.format("x" * 49)
    assert fits.index("\n") == 100
    assert format_text(fits).text == fits
    wide = format_text(text.format("x" * 50)).text
    assert wide == fits.replace(" payload:", " {\n    payload:").replace('" } {', 'x" }')


LONG = "x" * 90
KEPT = [
    'talk "a" barge_in;   talk "b"  // ncco: allow barge-in-without-input\n',
    '// ncco: allow barge-in-without-input\ntalk "a"   barge_in; talk "b"\n',
    'talk "x" { level: 1  // ncco: allow F301\n  loop: 2 }\n',
    "record   { timeout: 2m\n  end_on_key: # }  // ncco: allow F301\n",
    f'talk "{LONG}"   level: 0.5 loop: 2  // ncco: allow F301\n',
    'if a { talk "x"\n talk   "y" } else { talk "z" }  // ncco: allow F301\n',
    'notify "https://example.com/e" payload: { "a": [1,  // ncco: allow F301\n 2] }\n',
]


@pytest.mark.parametrize("text", KEPT)
def test_what_a_comment_allows_stays_as_it_is_written(text: str) -> None:
    assert format_text(text).text == text
    around = "record{timeout:2m}\n\n\n" + text + "record{timeout:2m}"
    assert format_text(around).text == f"record {{ timeout: 2m }}\n\n{text}record {{ timeout: 2m }}\n"


@pytest.mark.parametrize("text", ['talk "x" {null\n}\n', 'talk "x" { level: 1 }; else\n'])
def test_what_would_read_otherwise_is_left_alone(text: str) -> None:
    assert format_text(text).text == text


def test_options_go_into_the_block_when_their_line_is_too_long() -> None:
    text = f'talk "{LONG}" barge_in level: 0.5 loop: 2  // Why.\n'
    expected = f'talk "{LONG}" barge_in {{\n    level: 0.5\n    loop: 2\n}}  // Why.\n'
    assert format_text(text).text == expected
    assert format_text(expected).text == expected
    # An option before the last operand keeps its place among the options.
    before = f'talk "{LONG}" level: 0.5 barge_in loop: 2\n'
    assert format_text(before).text == f'talk "{LONG}" level: 0.5 barge_in {{\n    loop: 2\n}}\n'
    nested = f'connect phone "{LONG}" from: "x" {{ on_answer {{ url: "y" }} }}\n'
    assert format_text(nested).text == (f'connect phone "{LONG}" {{\n    from: "x"\n    on_answer {{ url: "y" }}\n}}\n')


# ── Trees that a program made ──────────────────────────────────────────────────────────────────────────


def text_node(text: str, *, is_long: bool = False) -> ast.Text:
    return ast.Text(NOWHERE, (ast.Piece(NOWHERE, text, text),) if text else (), is_long)


def word(text: str) -> ast.Word:
    return ast.Word(NOWHERE, text)


def option(name: str, value: ast.Value) -> ast.Option:
    return ast.Option(NOWHERE, word(name), value)


def command(verb: str, *operands: ast.Value, block: tuple[ast.Entry, ...] | None = None) -> ast.Command:
    options = (option("level", ast.Number(NOWHERE, "1")),) if verb == "talk" else ()
    held = None if block is None else ast.Block(NOWHERE, block)
    return ast.Command(NOWHERE, word(verb), operands, options, held)


def file(*declarations: ast.Declaration) -> ast.File:
    return ast.File(NOWHERE, declarations)


def test_a_made_tree_has_paragraphs_of_its_own() -> None:
    talk, record = (
        command("talk", text_node("Hello")),
        command("record", block=(option("format", ast.Name(NOWHERE, "wav")),)),
    )
    last = command("conversation", block=(option("a", ast.Key(NOWHERE, "#")), option("b", ast.Tag(NOWHERE, "nl-NL"))))
    default = ast.Default(NOWHERE, word("talk"), (ast.Tag(NOWHERE, "en-GB"),), ())
    made = file(ast.Flow(NOWHERE, text_node("Title"), ()), default, default, talk, record, last)
    expected = """\
flow "Title"

default talk en-GB
default talk en-GB

talk "Hello" level: 1
record { format: wav }
conversation {
    a: #
    b: nl-NL
}
"""
    assert format_file(made) == expected
    assert format_text(expected).text == expected
    inner = last.block.entries[1] if last.block is not None else last
    apart = expected.replace("record", "\nrecord").replace("    b:", "\n    b:")
    assert format_file(made, apart={record, inner}) == apart


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        "a\nb",
        "a\n",
        "\na",
        "\n",
        "\n\n",
        " a",
        " a\n",
        "  a\n b",
        "\ta\n\tb",
        " a\n\tb",
        "a\n \nb",
        "  ",
        " \n",
        ' "a"',
        '"a"',
        'a\n"b"',
    ],
)
def test_a_long_text_keeps_its_value(value: str) -> None:
    made = file(command("say", text_node(value, is_long=True)))
    read, _ = parse_flow(Source("made", format_file(made)))
    said = read.declarations[0]
    assert isinstance(said, ast.Command)
    assert isinstance(said.operands[0], ast.Text)
    assert said.operands[0].value == value


def test_slashes_in_a_made_interpolation_are_no_comment() -> None:
    inner = ast.Interpolation(NOWHERE, text_node("https://example.com"), ())
    assert format_file(file(command("say", ast.Text(NOWHERE, (inner,))))) == 'say "{"https://example.com"}"\n'
