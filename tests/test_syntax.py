"""`.flow` text → tree: each `fixtures/syntax/*.flow` has the shape in the `.tree` beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lark import Token, Tree

from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.build import BUILDERS, Builder
from ncco_lang.syntax.parse import load_parser, parse_flow
from tests.conftest import Golden

FIXTURES = sorted((Path(__file__).parent / "fixtures" / "syntax").glob("*.flow"))


def read(path: Path) -> Source:
    return Source(path.name, path.read_bytes().decode("utf-8"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_tree(path: Path, golden: Golden) -> None:
    source = read(path)
    file, problems = parse_flow(source)
    found = [f"{problem.rule.code} {problem.message}\n" for problem in problems]
    golden.check(path.with_suffix(".tree"), ast.dump(file) + "".join(found))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_spans_lie_inside_each_other_and_in_order(path: Path) -> None:
    source = read(path)
    file, _ = parse_flow(source)
    for outer, inner in nested(file):
        assert 0 <= outer.span.start <= inner.span.start <= inner.span.end <= outer.span.end <= len(source.text)


def nested(node: ast.Node) -> list[tuple[ast.Node, ast.Node]]:
    pairs: list[tuple[ast.Node, ast.Node]] = []
    for name in node.__slots__:
        value = getattr(node, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if hasattr(inner, "span"):
                pairs += [(node, inner), *nested(inner)]
    return pairs


def test_a_piece_of_plain_characters_is_as_long_as_its_span() -> None:
    source = Source("x", 'talk "abc \\n def {{ {name}"')
    file, _ = parse_flow(source)
    text = file.declarations[0].operands[0]  # type: ignore[union-attr]
    assert isinstance(text, ast.Text)
    written = [source.text[piece.span.start : piece.span.end] for piece in text.pieces]
    assert written == ["abc ", "\\n", " def ", "{{", " ", "{name}"]
    assert text.value == "abc \n def { "


# ── The grammar ────────────────────────────────────────────────────────────────────────────────────────


def rules_with_trees() -> set[str]:
    """The names under which trees of the grammar appear: not those that lark always folds into their child."""
    names = set()
    for rule in load_parser().rules:
        name = str(rule.alias or rule.origin.name)
        folded = rule.options.expand1 and rule.alias is None and len(rule.expansion) == 1
        if not name.startswith("_") and not folded:
            names.add(name)
    return names


def test_every_rule_of_the_grammar_has_a_builder_and_no_other() -> None:
    assert rules_with_trees() == set(BUILDERS)


def test_a_rule_without_a_builder_is_refused() -> None:
    tree: Tree[Token] = Tree("start", [Tree("sonnet", [])])
    with pytest.raises(KeyError, match="sonnet"):
        Builder(Source("x", "")).build(tree)


def test_every_rule_of_the_grammar_has_a_fixture() -> None:
    seen: set[str] = set()
    for path in FIXTURES:
        if not path.stem.startswith("recovered"):
            tree = load_parser().parse(read(path).text)
            seen |= {str(subtree.data) for subtree in tree.iter_subtrees()}
    assert seen == rules_with_trees()


def test_the_grammar_has_no_conflict() -> None:
    """Lark resolves shift/reduce conflicts silently unless it is strict, and strict needs `interegular`.

    It is installed apart (`make venv` says where), because lark is slow wherever it finds it.
    """
    apart = Path(sys.prefix) / "strict"
    if not apart.is_dir():
        pytest.skip(f"interegular is not installed in {apart}, so lark cannot be strict")
    script = (
        "from lark import Lark; from ncco_lang.resources import read_resource;"
        "Lark(read_resource('grammar/flow.lark'), parser='lalr', lexer='contextual', strict=True)"
    )
    environment = os.environ | {"PYTHONPATH": str(apart)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


# ── Anything a user may write ──────────────────────────────────────────────────────────────────────────

MANY = 100_000
HOSTILE = {
    "lists": "talk x: " + "[" * MANY,
    "closed lists": "talk x: " + "[" * MANY + "]" * MANY,
    "blocks": "a {" * MANY + "}" * MANY,
    "parentheses": "talk x: " + "(" * MANY + "a" + ")" * MANY,
    "objects": "raw " + '{"a":' * MANY,
    "quotes": '"' * MANY,
    "backslashes": 'talk "' + "\\" * MANY,
    "braces in a text": 'talk "' + "{" * MANY,
    "values in a text": 'talk "' + "{a}" * MANY,
    "quoted values in a text": 'talk "' + '{\\"' * MANY,
    "digits": "wait " + "9" * MANY + "s",
    "negations": "talk x: " + "not " * 5000 + "a",
    "minus signs": "talk x: " + "-" * 5000 + "1",
    "else if": "if a {}" + " else if a {}" * 2000,
    "nothing printable": "\x00\x1b\ufeff\u200b",
    "a lone surrogate": 'talk "\ud800"',
    "ten megabytes of text": 'talk "' + "a" * 10_000_000 + '"',
    "ten megabytes of blanks": " " * 10_000_000,
    "ten megabytes of comment": "//" + "x" * 10_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_input_raises(name: str) -> None:
    file, _ = parse_flow(Source("x", HOSTILE[name]))
    assert isinstance(file, ast.File)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {" * 51, "blocks nested deeper than 50"),
        ("talk x: " + "[" * 101, "nested deeper than 100"),
        ('raw {"a":' + "[" * 100, "nested deeper than 100"),
    ],
)
def test_one_bracket_too_many_is_one_finding(text: str, message: str) -> None:
    _, problems = parse_flow(Source("x", 'talk "kept"\n' + text))
    assert [problem.message for problem in problems] == [message]


@pytest.mark.parametrize(
    "text", ["a {" * 50 + "}" * 50, "talk x: " + "[" * 100 + "]" * 100, 'raw {"a":' + "[" * 99 + "]" * 99 + "}"]
)
def test_the_last_bracket_that_fits_is_taken(text: str) -> None:
    assert parse_flow(Source("x", text))[1] == []
