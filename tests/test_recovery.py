"""One run reports every mistake, and a mistake costs only its own statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from random import Random

import pytest

from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lark_parser import load_parser
from ncco_lang.syntax.parse import parse_flow

SAMPLES = sorted((Path(__file__).resolve().parent.parent / "samples").glob("*/*.flow"))


def read(text: str) -> tuple[list[str], list[tuple[str, int, int]]]:
    """Return the remaining declarations of a text, each by its first word, and the findings with their places."""
    source = Source("x", text)
    file, found = parse_flow(source)
    words = [
        text[node.span.start : node.span.end].split(maxsplit=1)[0]
        for node in file.declarations
        if node.span.end > node.span.start
    ]
    return words, sorted((each.rule.code, *source.position(each.span.start)) for each in found)


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        ('talk "a', ("F122", 2, 6)),
        ('talk "a" level = 1', ("F130", 2, 16)),
        ('talk "a" level:', ("F120", 2, 16)),
        ('talk "a" ]', ("F120", 2, 10)),
        ('talk "a" (1', ("F120", 2, 10)),
        ("talk “a”", ("F121", 2, 6)),
        ("talk 'a'", ("F121", 2, 6)),
        ("# a", ("F128", 2, 1)),
        ("/* a */", ("F129", 2, 1)),
        ("let a 5", ("F120", 2, 7)),
        ('raw { "a" 1 }', ("F120", 2, 11)),
        ('raw { "a": [1 2] }', ("F120", 2, 15)),
        ("talk https://example.com", ("F120", 2, 6)),
        ('talk "{a b}"', ("F120", 2, 10)),
        ("$ a", ("F121", 2, 1)),
        ("record { end_on_key: # timeout: 5s }", ("F120", 2, 24)),
    ],
)
def test_one_mistake_is_one_finding_and_the_rest_is_read(broken: str, finding: tuple[str, int, int]) -> None:
    words, found = read(f'stream "x"\n{broken}\nnotify "y"\n')
    assert found == [finding]
    assert (words[0], words[-1]) == ("stream", "notify")


def test_every_mistake_is_reported_in_one_run() -> None:
    lines = [
        'talk "a',
        'talk "b" level = 1',
        "let a 5",
        "# c",
        'raw { "a" 1 }',
        'talk "d" ]',
        "record {",
        "    timeout:",
        "}",
    ]
    _, found = read("\n".join(lines) + "\n")
    assert [(code, line) for code, line, _ in sorted(found, key=lambda each: each[1])] == [
        ("F122", 1),
        ("F130", 2),
        ("F120", 3),
        ("F128", 4),
        ("F120", 5),
        ("F120", 6),
        ("F120", 8),
    ]


def test_a_mistake_in_a_block_costs_its_entry() -> None:
    text = 'record {\n    end_on_key: #\n    format wav: : y\n    timeout: 20s\n}\ntalk "x"\n'
    file, found = parse_flow(Source("x", text))
    assert len(found) == 1
    record = file.declarations[0]
    assert isinstance(record, ast.Command)
    assert record.block is not None
    names = [entry.name.text for entry in record.block.entries if isinstance(entry, ast.Option)]
    assert (names[0], names[-1]) == ("end_on_key", "timeout")


@pytest.mark.parametrize("missing", [2, 5, 6])
def test_a_brace_left_out_is_found_where_the_indent_says(missing: int) -> None:
    lines = [
        "step a {",
        '    talk "x"',
        "}",
        "step b {",
        "    if y {",
        '        talk "z"',
        "    }",
        "}",
        "step c { hangup }",
    ]
    del lines[missing if missing != 5 else 7]
    words, found = read("\n".join(lines) + "\n")
    assert [code for code, _, _ in found] == ["F131"]
    assert words == ["step", "step", "step"]


ACCIDENTS = {
    "a quote is lost": lambda line, chance: line.replace('"', "", 1),
    "a colon is lost": lambda line, chance: line.replace(":", "", 1),
    "a colon is an equals sign": lambda line, chance: line.replace(":", " =", 1),
    "a stray bracket": lambda line, chance: line + " )",
    "a stray sign": lambda line, chance: line + " =",
    "a word too many": lambda line, chance: line + " : :",
    "half of it is lost": lambda line, chance: line[: max(1, chance.randrange(len(line)))],
}


@pytest.mark.parametrize("accident", ACCIDENTS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_broken_statement_does_not_take_others_with_it(path: Path, accident: str) -> None:
    """Break any one-line statement at the top level of a sample; the others remain, with few findings."""
    text = path.read_text(encoding="utf-8")
    file, _ = parse_flow(Source(path.name, text))
    chance = Random(accident)
    starts = {text[node.span.start : node.span.end] for node in file.declarations}
    for node in file.declarations:
        line = text[node.span.start : node.span.end]
        if "\n" in line:
            continue
        broken = text[: node.span.start] + ACCIDENTS[accident](line, chance) + text[node.span.end :]
        after, found = parse_flow(Source(path.name, broken))
        left = {broken[each.span.start : each.span.end] for each in after.declarations}
        assert starts - {line} <= left, broken
        assert len(found) <= 2, found


@pytest.mark.parametrize(
    ("line", "is_unsafe"), [("let x = 5", True), ("let z: 5", False), ('talk "x" level = 1', False)]
)
def test_a_colon_in_a_let_of_a_step_would_hide_what_is_meant(line: str, is_unsafe: bool) -> None:
    top, inside = (line, "") if line == "let z: 5" else ("", line)
    source = Source("x", f"{top}\nstep start {{\n    {inside}\n}}\n")
    fixes = [each.fix for each in parse_flow(source)[1]]
    assert [fix.unsafe for fix in fixes if fix is not None] == [is_unsafe]


def test_a_tab_in_a_text_over_several_lines_is_left_alone() -> None:
    _, found = read('talk """\n\tsaid\n\t"""\nrecord {\n\ttimeout: 5s\n}\n')
    assert found == [("F132", 5, 1)]


# ── Two broken lines ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "findings", "verbs"),
    [
        ('talk Hello, you."\nwait', [("F122", 1, 6)], ["", "wait"]),
        ("talk We're open!\nwait", [("F120", 1, 6)], ["", "wait"]),
        ('"Hello"\nwait', [("F120", 1, 1)], ["", "wait"]),
        ('talk("Hello")\nwait', [("F120", 1, 5)], ["talk", "wait"]),
        ('talk """\n    a\nwait', [("F122", 1, 6)], ["talk", "wait"]),
        (
            "record {\n    format: wav,\n    timeout: 2 m\n}\nwait",
            [("F120", 2, 16), ("F120", 3, 14)],
            ["record", "wait"],
        ),
        ('let a = ["x", "y"\nwait', [("F120", 1, 9)], ["wait"]),
        ('raw { "a": [1 2], }\nwait', [("F120", 1, 15)], ["raw", "wait"]),
        ("record\n    timeout: 2m\n    format: wav\n}\nwait", [("F131", 2, 5)], ["record", "wait"]),
        ("record {\n    timeout: 2m\nwait", [("F131", 1, 8)], ["record", "wait"]),
        ("a {\n    b {\n        c: 1\n}\nwait", [("F131", 2, 7)], ["a", "wait"]),
        ("connect phone +44 20 7946 0123 timeout: 5s\nwait", [("F120", 1, 15)], ["connect", "wait"]),
        ("stream https://example.com/a\nwait", [("F120", 1, 8)], ["stream", "wait"]),
        ("if a { b } else { c }\nelse { d }\nwait", [("F120", 2, 1)], ["", "wait"]),
        ("/* a\n * b */\nwait", [("F129", 1, 1)], ["wait"]),
        ('[\n  { "action": "talk" }\n]', [("F120", 1, 1)], []),
    ],
)
def test_what_is_found_and_what_is_left(text: str, findings: list[tuple[str, int, int]], verbs: list[str]) -> None:
    file, _ = parse_flow(Source("x", text))
    assert read(text)[1] == findings
    assert [node.verb.text for node in file.declarations if isinstance(node, ast.Command)] == verbs


def test_a_param_and_a_let_keep_their_names() -> None:
    file, _ = parse_flow(Source("x", "let a = ]\nparam b: text = = =\nparam c\nlet d = { 1 }\n"))
    named = [node.name.text for node in file.declarations if isinstance(node, (ast.Let, ast.Param))]
    assert named == ["a", "b", "c", "d"]


# ── Any token of any sample, broken in any way ─────────────────────────────────────────────────────────

STRAY = [")", "]", "}", "{", "(", "[", ",", ":", "=", "->", "|", '"', "'", " x ", " 5 ", "@", "..", "“", " # ", ";"]
KINDS = (
    *(ast.Command, ast.If, ast.Set, ast.Each, ast.Option, ast.Arm, ast.Flow, ast.Use, ast.Param, ast.Arg, ast.Let),
    *(ast.Default, ast.Hours, ast.TextDeclaration, ast.Step, ast.Test, ast.On, ast.Anywhere),
)
SYNTAX = sorted((Path(__file__).parent / "fixtures" / "syntax").glob("*.flow"))


def tokens(text: str) -> list[Token]:
    """Return every token of a text without line ends and comments."""
    lexicon, found, at = load_parser().lexicon, list[Token](), 0
    while (match := lexicon.token.match(text, at)) is not None and match.lastgroup != "_END":
        kind = match.lastgroup or ""
        start, at = match.span(kind)
        if kind not in ("_NL", "_SEMICOLON") and kind not in lexicon.ignored:
            found.append(Token(kind, start, at))
    return found


def accidents(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield edits that break a text at one token: start, end, and the replacement."""
    found = tokens(text)
    for token, following in zip_longest(found, found[1:]):
        written = text[token.start : token.end]
        yield token.start, token.end, ""
        yield token.end, token.end, f" {written}"
        for stray in STRAY:
            yield token.end, token.end, stray
        if token.kind == "STRING":
            yield token.start, token.start + 1, ""
            yield token.end - 1, token.end, ""
            yield token.start, token.end, f"'{written[1:-1]}'"
            yield token.start, token.end, written[1:-1]
        for sign in ("=", ":", "=>", "->", ">") if token.kind in ("_COLON", "_EQUAL", "_ARROW") else ():
            yield token.start, token.end, sign
        if following is not None and "\n" not in text[token.end : following.start]:
            yield token.end, token.end, "\n"
            yield token.start, following.end, text[following.start : following.end] + f" {written}"


def nodes(file: ast.File, source: Source) -> Counter[tuple[int, str]]:
    """Count the nodes that begin on each line, at any depth."""
    found = Counter[tuple[int, str]]()
    waiting: list[ast.Node] = [file]
    while waiting:
        node = waiting.pop()
        if isinstance(node, KINDS):
            found[source.position(node.span.start).line, type(node).__name__] += 1
        for name in node.__slots__:
            value = getattr(node, name)
            waiting += [
                each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, ast.Node)
            ]
    return found


def is_costly(text: str, before: Counter[tuple[int, str]], start: int, end: int, new: str) -> bool:
    """Return whether an accident costs statements on other lines, or causes more than two findings."""
    broken = text[:start] + new + text[end:]
    file, problems = parse_flow(source := Source("x", broken))
    first, last = text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1
    shift = broken.count("\n") - text.count("\n")
    after = nodes(file, source)
    is_lost = any(
        after[line if line < first else line + shift, kind] < count
        for (line, kind), count in before.items()
        if not first <= line <= last
    )
    return is_lost or sum(each.severity == "error" for each in problems) > 2


def share_of_costly(paths: list[Path], most: int | None = None) -> float:
    """Return the share of costly accidents, of all or of so many that are picked at random."""
    cases = []
    for path in paths:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        file, found = parse_flow(source := Source("x", text))
        if not found and "\r" not in text:
            before = nodes(file, source)
            cases += [(text, before, *edit) for edit in accidents(text)]
    assert len(cases) > 20_000
    if most is not None:
        cases = Random(most).sample(cases, most)
    return sum(is_costly(*case) for case in cases) / len(cases)


def test_an_accident_at_any_token_seldom_costs_more_than_its_statement() -> None:
    # Chance has a part in the share of so few, so the limits are wider than those of all.
    assert share_of_costly(SAMPLES, 250) < 0.025
    assert share_of_costly(SYNTAX, 400) < 0.04


@pytest.mark.soak
def test_every_accident_at_every_token() -> None:
    assert share_of_costly(SAMPLES) < 0.02
    assert share_of_costly(SYNTAX) < 0.03
