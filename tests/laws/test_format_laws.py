"""For any flow, formatting keeps its tree and the places of its comments, and formatting twice is formatting once."""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ncco_lang.compiler import compile_text
from ncco_lang.formatter import format_file, format_text
from ncco_lang.formatter.meaning import moved_allows, shape
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.comments import read_docs
from ncco_lang.syntax.parse import parse_flow
from tests import budget
from tests.budget import searched
from tests.laws.flow_texts import Flows
from tests.laws.mutations import mutate_text

ROOT = Path(__file__).resolve().parent.parent.parent
PATHS = [*sorted((ROOT / "tests" / "fixtures").glob("*/*.flow")), *sorted((ROOT / "samples").glob("*/*.flow"))]
TEXTS = {f"{path.parent.name}-{path.stem}": path.read_bytes().decode("utf-8") for path in PATHS}
NOWHERE = Span(0, 0)
RESERVED = frozenset("if else and or not in each set true false null matches starts_with ends_with".split())
_ONE_LINE_END = re.compile(r"[ \t]*(?:\r\n?|\n)[ \t]*")
# A seed identifies a flow: drawing every choice from hypothesis takes far longer, and flows are short enough to read.
seeds = st.integers(0, 2**32)


# ── The laws ─────────────────────────────────────────────────────────────────────────────────────────


def hold_all(text: str) -> None:
    """Assert every law about one text; with syntax errors, only that nothing is raised."""
    formatted = format_text(text).text
    before, found = parse_flow(Source("before", text))
    assert (formatted is None) == any(finding.severity == "error" for finding in found)
    if formatted is None:
        return
    after, found = parse_flow(Source("after", formatted))
    assert not [finding for finding in found if finding.severity == "error"], formatted
    assert shape(before) == shape(after)
    assert not moved_allows(before, Source("before", text), after, Source("after", formatted)), formatted
    hold_comments(before, text, after, formatted)
    # Text that formatting would give another meaning stays as it is: reserved words, and what a comment allows.
    if (
        "ncco: allow" not in text
        and not any(is_reserved(node) for node in nodes(before))
        and keeps_meaning(before, text)
    ):
        hold_style(after, formatted)
    assert format_text(formatted).text == formatted


def hold_comments(before: ast.File, text: str, after: ast.File, formatted: str) -> None:
    """Assert that each comment is kept, between the same nodes, and alone on its line if it was."""
    assert [bare(comment) for comment in before.comments] == [bare(comment) for comment in after.comments]
    assert places(before) == places(after)
    if all(is_first(comment, text) for comment in before.comments if comment.text.startswith("///")):
        assert [*read_docs(before, text).values()] == [*read_docs(after, formatted).values()]
    below = directly_below(after, formatted)
    for index, comment in enumerate(before.comments):
        if is_first(comment, text):
            assert is_first(after.comments[index], formatted), comment.text
    for index, start in directly_below(before, text).items():
        # A comment directly above a node stays directly above it: `// ncco: allow` is about the next line.
        if is_first(before.comments[index], text):
            assert below.get(index) == start, before.comments[index].text


def keeps_meaning(file: ast.File, text: str) -> bool:
    """Return whether the usual layout of a flow reads as the flow does."""
    after, found = parse_flow(Source("after", format_file(file, Source("before", text))))
    return not any(finding.severity == "error" for finding in found) and shape(after) == shape(file)


def hold_style(file: ast.File, formatted: str) -> None:
    """Assert the style of line ends, blanks and blank lines; inside of texts they are the author's."""
    # A flow keeps its line ends: all are those of its first line.
    assert "\r" not in formatted.replace("\r\n", "")
    assert "\r" not in formatted or "\n" not in formatted.replace("\r\n", "")
    assert not formatted or (formatted.endswith("\n") and not formatted.startswith(("\n", "\r")))
    outside = list(formatted)
    for node in nodes(file):
        if isinstance(node, ast.Text):
            outside[slice(*node.span)] = ["x"] * (node.span.end - node.span.start)
    for comment in file.comments:
        assert re.match(r"//$|///$|////|///?\s", comment.text), comment.text
        outside[slice(*comment.span)] = ["x"] * (comment.span.end - comment.span.start)
    rest = "".join(outside).replace("\r\n", "\n")
    assert "\t" not in rest
    assert "\ufeff" not in rest
    assert not re.search(r" \n|\n\n\n|[{\[(]\n\n|\n\n *[}\])]|\n\n\Z", rest), formatted
    assert all(len(match[0]) % 4 == 0 for match in re.finditer(r"(?m)^ *(?=\S)", rest)), formatted


def is_reserved(node: ast.Node) -> bool:
    """Return whether a reserved word is used as a name: the parser sees that only if the word begins a line."""
    match node:
        case ast.Name(text=name) | ast.Command(verb=ast.Word(text=name)):
            return name in RESERVED
        case (
            ast.Ref(name=ast.Word(text=name))
            | ast.Jump(name=ast.Word(text=name))
            | ast.Option(name=ast.Word(text=name))
        ):
            return name in RESERVED
        case _:
            return False


def bare(comment: ast.Comment) -> str:
    return re.sub(r"^(/+) ?", r"\1", comment.text)


def is_first(comment: ast.Comment, text: str) -> bool:
    at = comment.span.start
    while at and text[at - 1] in " \t\ufeff":
        at -= 1
    return at == 0 or text[at - 1] in "\r\n"


def nodes(node: ast.Node) -> Iterator[ast.Node]:
    """Yield a node and everything below it, in order."""
    yield node
    for name in node.__slots__:
        value = getattr(node, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, ast.Node):
                yield from nodes(inner)


def edges(file: ast.File) -> tuple[list[int], list[int]]:
    """Return where the nodes of a file begin, and where they end; a block may come to hold options of its line."""
    parts = [part for declaration in file.declarations for part in nodes(declaration)]
    parts = [part for part in parts if not isinstance(part, ast.Block)]
    return sorted(part.span.start for part in parts), sorted(part.span.end for part in parts)


def places(file: ast.File) -> list[tuple[int, int]]:
    """Return for each comment how many nodes begin before it, and how many end."""
    starts, ends = edges(file)
    return [(bisect_left(starts, each.span.start), bisect_left(ends, each.span.start + 1)) for each in file.comments]


def directly_below(file: ast.File, text: str) -> dict[int, int]:
    """Return index of a comment → the number of the node, in the file's order, that begins on the line below it."""
    starts, _ = edges(file)
    found = {}
    for index, comment in enumerate(file.comments):
        at = bisect_left(starts, comment.span.start)
        if at < len(starts) and _ONE_LINE_END.fullmatch(text, comment.span.end, starts[at]):
            found[index] = at
    return found


# ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_of_ours(text: str) -> None:
    hold_all(text)


OTHERWISE: list[Callable[[str], str]] = [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("    ", "\t"),
    lambda text: "\ufeff" + text,
    lambda text: text.removesuffix("\n"),
    lambda text: re.sub(r"(?m)$", " // so", text),
]


@pytest.mark.search
def test_texts_of_ours_written_otherwise() -> None:
    cases = [(write, text) for text in TEXTS.values() for write in OTHERWISE]
    for write, text in budget.of(Random(5).sample(cases, 200), cases):
        hold_all(write(text))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_formatted_flow_compiles_to_the_same_bytes(text: str) -> None:
    formatted = format_text(text).text
    if formatted is not None:
        before, after = compile_text(text), compile_text(formatted)
        assert json.dumps(before.ncco) == json.dumps(after.ncco)
        codes = [sorted(each.rule.code for each in found.diagnostics) for found in (before, after)]
        assert before.ncco is None or [code for code in codes[0] if code != "F132"] == codes[1]


@searched(60, 100_000)
@given(seeds)
def test_random_flows(seed: int) -> None:
    hold_all(Flows(Random(seed)).flow())


@searched(120, 100_000)
@given(seeds, st.sampled_from([*TEXTS.values()]))
def test_damaged_flows(seed: int, text: str) -> None:
    hold_all(mutate_text(text, Random(seed)))


@searched(60, 20_000)
@given(seeds)
def test_random_flows_parse(seed: int) -> None:
    text = Flows(Random(seed)).flow()
    assert format_text(text).text is not None, text


@searched(60, 20_000)
@example(3270821)  # `use: a or es-419` is an expression, not a language without its name.
@given(seeds)
def test_trees_without_a_text(seed: int) -> None:
    tree = without_places(parse_flow(Source("made", Flows(Random(seed)).flow()))[0])
    formatted = format_file(tree)
    assert format_text(formatted).text == formatted
    again = without_places(parse_flow(Source("again", formatted))[0])
    assert ast.dump(with_blocks(again)) == ast.dump(with_blocks(tree))


def with_blocks(value: Any) -> Any:
    """Move all options of each statement to the start of its block, in place."""
    for node in nodes(value):
        if isinstance(node, ast.Command) and node.options:
            node.block = ast.Block(NOWHERE, (*node.options, *(node.block.entries if node.block is not None else ())))
            node.options = ()
    return value


def without_places(value: Any) -> Any:
    """Return a copy of a tree with meaningless spans, and without comments."""
    if isinstance(value, tuple) and not isinstance(value, Span):
        return tuple(without_places(item) for item in value)
    if not isinstance(value, ast.Node):
        return value
    copy = object.__new__(type(value))
    copy.span = NOWHERE
    for name in type(value).__slots__:
        setattr(copy, name, () if name == "comments" else without_places(getattr(value, name)))
    return copy


# ── Size and depth ───────────────────────────────────────────────────────────────────────────────────

DEEP = {
    "lists": ("[1, ", "]"),
    "objects": ('{ "a": ', "}"),
    "calls": ("f(1, ", ")"),
    "operators": ("(1 or 1 and not 1 + 1 * -f(", "))"),
}


@pytest.mark.parametrize("parts", DEEP.values(), ids=DEEP)
def test_as_deep_as_the_grammar_goes(parts: tuple[str, str]) -> None:
    opening, closing = parts
    times = 98 // len(closing)
    hold_all(("talk { if a { " * 25) + f"x y: {opening * times}1{closing * times}" + ("}" * 50))


def test_ten_thousand_lines() -> None:
    text = TEXTS["syntax-front_desk"] * 140
    file, _ = parse_flow(source := Source("large", text))
    start = time.process_time()
    formatted = format_file(file, source)
    assert time.process_time() - start < 5
    assert formatted.count("\n") > 9_000
