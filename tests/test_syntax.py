"""Parse `.flow` texts: each `fixtures/syntax/*.flow` has the tree in the `.tree` next to it."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lark import Token as LarkToken
from lark import Tree
from lark.exceptions import LarkError

from grammar.make_parser import TARGET
from ncco_lang.resources import read_resource
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast, brackets, reserved, skip_patterns
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lark_parser import GRAMMAR, Callbacks, Maker, load_parser, make_data, render_data
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.syntax.tree_builder import BUILDERS
from ncco_lang.values import language_tags
from tests import budget
from tests.conftest import Golden
from tests.oracle import load_lark

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "syntax").glob("*.flow"))
DIAGNOSTICS = sorted((ROOT / "tests" / "fixtures" / "diagnostics").glob("*.flow"))
SAMPLES = sorted((ROOT / "samples").glob("*/*.flow"))


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
        if name == "comments":
            continue
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


def test_every_rule_of_the_grammar_has_a_builder_and_no_other() -> None:
    assert load_parser().builders == set(BUILDERS)


def test_the_prepared_parser_is_fresh() -> None:
    """`make grammar` writes it, and has to after every change of the grammar."""
    assert render_data(make_data(read_resource(GRAMMAR))) == TARGET.read_text(encoding="utf-8")


def test_the_reserved_words_are_those_that_no_name_can_be_in_the_grammar() -> None:
    """Words that begin or join a declaration are names elsewhere; all other words of the grammar are reserved."""
    grammar = read_resource(GRAMMAR)
    declarations = grammar.partition("// ── Declarations")[2].partition("// ── Statements")[0]
    terminals = dict(re.findall(r"^([A-Z_]+)[.0-9]*: +(.+)$", grammar, re.MULTILINE))
    words = {kind: set(re.findall(r"[a-z_]{2,}", terminals[kind])) for kind in ("CMP", "CONSTANT", "_ELSE")}
    words |= {kind: {word[1:-1]} for kind, word in terminals.items() if re.fullmatch('"[a-z]+"', word)}
    free = set(re.findall(r"\b[A-Z_]{2,}\b", declarations))
    assert set().union(*(found for kind, found in words.items() if kind not in free)) == reserved.WORDS


def test_patterns_of_words_values_and_comments_are_those_of_the_grammar() -> None:
    terminals = dict(re.findall(r"^([A-Z]+)[.0-9]*: /(.+)/$", read_resource(GRAMMAR), re.MULTILINE))
    assert terminals["NAME"] == reserved.NAME.pattern
    assert terminals["LANG"] == rf"{language_tags.TAG}\b"
    assert terminals["STRING"] == skip_patterns.TEXT
    assert terminals["LONGSTRING"] == skip_patterns.LONG_TEXT
    assert f"%ignore /{skip_patterns.COMMENT}/".replace("//[", "\\/\\/[") in read_resource(GRAMMAR)
    signs = dict(re.findall(r'^([A-Z]+): "([][{}()])"$', read_resource(GRAMMAR), re.MULTILINE))
    assert signs == {kind: sign for sign, kind in brackets.KINDS.items()}


def test_every_rule_of_the_grammar_has_a_fixture() -> None:
    seen: set[str] = set()
    for path in FIXTURES:
        if not path.stem.startswith("recovered"):
            seen |= set(re.findall(r"\('(\w+)', \[", str(our_tree(read(path).text))))
    assert seen | {"interpolation", "filter"} == load_parser().builders


# ── Compared with lark alone ───────────────────────────────────────────────────────────────────────────

DESIGN = Path(__file__).resolve().parents[2] / "shared" / "design" / "language.md"


def our_tree(text: str, start: str = "start") -> Any:
    """Return what our driver reads: rule and children, tokens with their places."""
    callbacks = Callbacks(load_parser(), {name: keeper(name) for name in BUILDERS}, None)
    return Parse(load_parser(), text, callbacks, Strict(), start=start).run()


def keeper(name: str) -> Maker:
    """Return a builder that keeps its arguments."""
    return lambda _, parts: (name, parts)


class Strict:
    """A recovery that does not recover."""

    def recover(self, parse: Parse, token: Token) -> None:
        raise SyntaxError(token)

    def opened(self, parse: Parse) -> None: ...

    def began_line(self, parse: Parse, position: int) -> None: ...


def plain(tree: Any) -> Any:
    """Return a tree of lark's or ours in a common form."""
    if isinstance(tree, Tree):
        return str(tree.data), [plain(child) for child in tree.children]
    if isinstance(tree, LarkToken):
        return tree.start_pos, tree.end_pos
    if isinstance(tree, Span):
        return tuple(tree)
    return tree[0], [plain(part) for part in tree[1]]


@functools.cache
def examples() -> list[str]:
    texts = [read(path).text for path in (*FIXTURES, *DIAGNOSTICS, *SAMPLES)]
    if DESIGN.is_file():
        texts += re.findall(r"```flow\n(.*?)```", DESIGN.read_text(encoding="utf-8"), re.DOTALL)
    return texts


@pytest.mark.parametrize("number", range(len(examples())))
def test_lark_reads_the_same_tree_with_the_same_tokens(number: int) -> None:
    text = examples()[number]
    try:
        expected = plain(load_lark().parse(text, start="start"))
    except LarkError:
        expected = None
    try:
        got = plain(our_tree(text))
    except SyntaxError:
        got = None
    assert got == expected


@pytest.mark.parametrize(
    "text", ["a", "a.b[0] | digits", 'f(x, "y") | money("EUR") | spell', "1 + 2 * -x", "not a in b"]
)
def test_lark_reads_the_same_between_braces(text: str) -> None:
    assert plain(our_tree(text, "interpolation")) == plain(load_lark().parse(text, start="interpolation"))


def test_the_design_parses_without_a_finding() -> None:
    if not DESIGN.is_file():
        pytest.skip(f"no design at {DESIGN}")
    for text in re.findall(r"```flow\n(.*?)```", DESIGN.read_text(encoding="utf-8"), re.DOTALL):
        assert parse_flow(Source("design", text))[1] == []


def test_the_grammar_has_no_conflict() -> None:
    """Lark resolves shift/reduce conflicts silently unless it is strict, and strict mode needs `interegular`.

    That is installed separately (`make venv` says where), because lark is slow whenever it finds it.
    """
    apart = Path(sys.prefix) / "strict"
    if not apart.is_dir():
        pytest.skip(f"interegular is not installed in {apart}, so lark cannot be strict")
    script = (
        "from lark import Lark; from ncco_lang.resources import read_resource;"
        "from ncco_lang.syntax.lark_parser import GRAMMAR, STARTS;"
        "Lark(read_resource(GRAMMAR), parser='lalr', lexer='contextual', start=STARTS, strict=True)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(apart), str(ROOT)))}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


# ── Any input ──────────────────────────────────────────────────────────────────────────────────────────

MANY = budget.of(20_000, 100_000)
LONG = budget.of(300_000, 10_000_000)
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
    "brackets and escaped quotes": '= "' + '[\\"' * MANY,
    "escaped quotes between braces": '= "' + '{\\"}' * MANY,
    "digits": "wait " + "9" * MANY + "s",
    "negations": "talk x: " + "not " * 5000 + "a",
    "minus signs": "talk x: " + "-" * 5000 + "1",
    "else if": "if a {}" + " else if a {}" * 2000,
    "nothing printable": "\x00\x1b\ufeff\u200b",
    "a lone surrogate": 'talk "\ud800"',
    "megabytes of text": 'talk "' + "a" * LONG + '"',
    "megabytes of blanks": " " * LONG,
    "megabytes of comment": "//" + "x" * LONG,
}


@pytest.mark.search
@pytest.mark.parametrize("name", HOSTILE)
def test_no_input_raises(name: str) -> None:
    file, _ = parse_flow(Source("x", HOSTILE[name]))
    assert isinstance(file, ast.File)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {" * 51, "blocks nest deeper than 50 here"),
        ("talk x: " + "[" * 101, "data nests deeper than 100 here"),
        ('raw {"a":' + "[" * 100, "data nests deeper than 100 here"),
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
