"""The blocks of each flow in `tests/fixtures/blocks/`, as `ncco show --blocks` prints them, compared with `NAME.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.blocks.lower import lower_program
from ncco_lang.blocks.show import render_graph
from ncco_lang.compiler import bind_source
from ncco_lang.source import Source
from tests.conftest import Golden

FLOWS = sorted((Path(__file__).parent / "fixtures" / "blocks").glob("*.flow"))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_blocks(path: Path, golden: Golden) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    program, found = bind_source(source)
    assert [
        each.message for each in found if each.rule.name != "not-in-this-version" and each.severity == "error"
    ] == []
    graph, places = lower_program(program)
    golden.check(path.with_suffix(".txt"), render_graph(graph))
    assert set(places) == {
        (number, index) for number, block in enumerate(graph.blocks) for index in (*range(len(block.actions)), -1)
    }
