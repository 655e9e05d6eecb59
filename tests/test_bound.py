"""The bound program of each flow in `tests/fixtures/bound/`, as `ncco show --bound` prints it, compared with `NAME.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.compiler import CompileOptions, bind_source
from ncco_lang.program.show import render_program
from ncco_lang.source import Source
from tests.conftest import Golden

FLOWS = sorted((Path(__file__).parent / "fixtures" / "bound").glob("*.flow"))


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_bound_program(path: Path, golden: Golden) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    program, found = bind_source(source, CompileOptions(base_url="https://flows.example.com"))
    assert [
        each.message
        for each in found
        if each.rule.name not in ("not-in-this-version", "two-entries") and each.severity == "error"
    ] == []
    golden.check(path.with_suffix(".txt"), render_program(program))
