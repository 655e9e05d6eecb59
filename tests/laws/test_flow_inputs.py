"""For any text of a `.flow` file, the findings are inside the text, and nothing is raised.

Every compiled NCCO passes `jsonschema`, unless `raw` wrote it.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.compiler import compile_source
from ncco_lang.formatter import format_source
from ncco_lang.program.imports import NO_FILE, OtherFile, Unread
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from tests import budget
from tests.judge import judge

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*/*.flow"))
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "syntax").glob("*.flow"))
SEEDS = [path.read_bytes().decode("utf-8") for path in (*SAMPLES, *FIXTURES)]

SCRAPS = [
    *["{", "}", "[", "]", "(", ")", ":", ",", ";", "\n", "\r\n", " ", "\t", "->", "#", "*", "-", "=", "//", "///"],
    *[
        '"',
        '"""',
        "'",
        "“",
        "”",
        "\\",
        "|",
        ".",
        "..",
        "{{",
        "}}",
        "{x}",
        "{x | digits}",
        "é",
        "\u00a0",
        "\ufeff",
        "\x00",
    ],
    *[
        "step a {",
        'use a from "y.flow"\n',
        'use a, desk from "../x.flow"\n',
        "let x = 1\n",
        "param p: phone\n",
        "default talk en-GB style: 2\n",
        "else",
        "if x {",
        "raw { ",
        "5",
        "1e999",
    ],
    *[
        "5s",
        "en-GB",
        "true",
        "menu",
        "talk",
        "// ncco: allow F301\n",
        "\ud800",
        "😀",
        '"{a}"',
        "09:00-17:00",
        "2026-12-24",
    ],
]


class Mirror(NamedTuple):
    """A reader that gives the same text for every path, two folders deep."""

    text: str
    home: str = "x.flow"

    def read(self, path: str) -> OtherFile | Unread:
        return NO_FILE if path.count("/") > 2 else OtherFile(path, Source(path, self.text))


def assert_sane(text: str) -> None:
    """Compile a text, and assert the laws about the result."""
    source = Source("x", text)
    compiled = compile_source(source, reader=Mirror(text))
    assert (compiled.product is None) == any(finding.severity == "error" for finding in compiled.diagnostics)
    for finding in compiled.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= len(text), finding
        for label in finding.labels:
            assert 0 <= label.span.start <= label.span.end <= len(text), finding
        for edit in finding.fix.edits if finding.fix is not None else ():
            assert 0 <= edit.span.start <= edit.span.end <= len(text), finding
    if compiled.ncco is not None and not re.search(r"\braw\b", text):
        assert judge(compiled.ncco) == []


def mutated(text: str, chance: random.Random) -> str:
    """Return a text after one to four accidents: a part deleted, doubled, inserted, or moved."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((1, 1, 1, 2, 5, 20, 80)))
        match chance.randrange(5):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + text[start:]
            case 2:
                text = text[:start] + chance.choice(SCRAPS) + text[start:]
            case 3:
                text = text[:start] + chance.choice(SCRAPS) + text[end:]
            case _:
                other = chance.randrange(len(text) + 1)
                text = text[:other] + text[start:end] + text[other:]
    return text


def assert_mutations_are_sane(count: int, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(count):
        text = mutated(chance.choice(SEEDS), chance)
        try:
            assert_sane(text)
        except Exception as raised:
            raised.add_note(f"mutation {number} of seed {seed}:\n{text!r}")
            raise


@pytest.mark.search
@pytest.mark.parametrize("seed", range(budget.of(1, 110)))
def test_mutated_samples(seed: int) -> None:
    assert_mutations_are_sane(budget.of(500, 1_000), seed)


@pytest.mark.search
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_prefixes_of_a_sample(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    ends = range(len(text))
    for end in budget.of(random.Random(path.stem).sample(ends, 40), ends):
        assert_sane(text[:end])


@budget.searched(120, 30_000)
@given(st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=3)), max_size=40))
def test_scraps(scraps: list[str]) -> None:
    assert_sane("".join(scraps))


MANY = budget.of(5_000, 100_000)
LONG = budget.of(200_000, 10_000_000)
LARGE = {
    "braces": "{" * MANY,
    "braces behind a verb": "a {" * MANY + "}" * MANY,
    "braces that are closed": "talk x: " + "{" * MANY + "}" * MANY,
    "braces in a text": 'talk "' + "{" * MANY + '"',
    "braces and quotes in a text": 'talk "' + '{"' * MANY + '"',
    "brackets in an interpolation": 'talk "{' + "[" * MANY + '}"',
    "signs": "talk x: " + "-" * MANY + "1",
    "denials": 'talk "{' + "not " * MANY + 'a}"',
    "fields": 'talk "{a' + ".b" * MANY + '}"',
    "calls": 'talk "{a' + "()" * MANY + '}"',
    "filters": 'let a = "1"\ntalk "{a' + " | digits" * 2_000 + '}"',
    "else ifs": "if a {}" + " else if a {}" * MANY,
    "open ifs": "if a {\n" * MANY,
    "megabytes of one text": 'talk "' + "a" * LONG + '"',
    "megabytes of quotes": '"' * LONG,
    "megabytes of blanks": "talk " + " " * LONG + '"a"',
    "megabytes of line ends": 'talk "a"' + "\n" * LONG,
    "megabytes of comment": "//" + "x" * LONG,
    "megabytes of a key": 'raw { "' + "a" * LONG + '": 1 }',
    "wrong lines": "= = =\n" * MANY,
    "wrong texts": 'talk "a\n' * MANY,
    "wrong declarations": "let = \n" * MANY,
    "steps that are not closed": 'step a {\ntalk "a"\n' * MANY,
    "brackets that are not closed": "talk x: [\n" * MANY,
    "names in a ring": "".join(f"let a{n} = a{(n + 1) % 5_000}\n" for n in range(5_000)) + "talk a0",
    "names the other way round": "".join(f"let a{n} = a{n + 1}\n" for n in range(5_000)) + 'let a5000 = "x"\ntalk a0',
    "a doubling text": 'let a0 = "xx"\n'
    + "".join(f'let a{n + 1} = "{{a{n}}}{{a{n}}}"\n' for n in range(64))
    + "talk a64",
    "a doubling list": "let a0 = [1, 1]\n"
    + "".join(f"let a{n + 1} = [a{n}, a{n}]\n" for n in range(64))
    + 'notify "https://example.com/e" payload: { "a": a64 }',
    "growing numbers": "let a0 = 9\n"
    + "".join(f"let a{n + 1} = a{n} * a{n}\n" for n in range(64))
    + 'notify "https://example.com/e" payload: { "a": a64 }',
}


@pytest.mark.search
@pytest.mark.parametrize("name", LARGE)
def test_large_and_hostile(name: str) -> None:
    assert_sane(LARGE[name])


@pytest.mark.search
@pytest.mark.parametrize("name", LARGE)
def test_large_and_hostile_to_the_formatter(name: str) -> None:
    source = Source("x", LARGE[name])
    formatted = format_source(source)
    if formatted.text is not None:
        before, after = parse_flow(source)[0], parse_flow(Source("x", formatted.text))[0]
        assert ast.dump(before) == ast.dump(after)
