"""The chart of each flow in `tests/fixtures/blocks/`, as `ncco graph` writes it, compared with `NAME.mmd`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.blocks.chart import chart_of
from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.mermaid import render_mermaid
from ncco_lang.blocks.parts import NotLoweredError
from ncco_lang.compiler import bind_source
from ncco_lang.source import Source
from tests.conftest import Golden
from tests.mermaid import check_mermaid

ROOT = Path(__file__).parents[1]
FLOWS = sorted((ROOT / "tests" / "fixtures" / "blocks").glob("*.flow"))
OTHERS = sorted([*(ROOT / "tests" / "fixtures").rglob("*.flow"), *(ROOT / "samples").rglob("*.flow")])


def draw(path: Path) -> str:
    source = Source(path.name, path.read_bytes().decode("utf-8", "surrogateescape"))
    program, found = bind_source(source)
    marked = [each for each in found if each.rule.name == "unused-name"]
    return render_mermaid(chart_of(program, *lower_program(program), marked))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_chart(path: Path, golden: Golden) -> None:
    golden.check(path.with_suffix(".mmd"), draw(path))


def test_every_flow_with_blocks_has_a_valid_chart() -> None:
    drawn = 0
    for path in OTHERS:
        try:
            check_mermaid(draw(path))
        except NotLoweredError:
            continue
        drawn += 1
    assert drawn > 50


def test_a_line_that_is_not_a_statement_is_refused() -> None:
    for wrong in ('a["x"y"]', "a --> b", "a[x]", 'a -->|"x| y"| a', "style a fill:red"):
        with pytest.raises(AssertionError):
            check_mermaid(f"flowchart TD\n    {wrong}\n")
