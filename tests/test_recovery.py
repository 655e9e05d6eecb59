"""One run reports every mistake, and a mistake costs its statement and not the rest."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow

SAMPLES = sorted((Path(__file__).resolve().parent.parent / "samples").glob("*/*.flow"))


def read(text: str) -> tuple[list[str], list[tuple[str, int, int]]]:
    """What is left of a text, each declaration by its first word, and the findings with their places."""
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
    """Any statement of one line at the top of a sample is broken; the others stand, and little is said."""
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


def test_a_tab_in_a_text_over_several_lines_is_left_alone() -> None:
    _, found = read('talk """\n\tsaid\n\t"""\nrecord {\n\ttimeout: 5s\n}\n')
    assert found == [("F132", 5, 1)]
