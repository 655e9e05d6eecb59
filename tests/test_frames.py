"""The source line of a finding: cut to the width of the terminal, with the caret below the right part."""

from __future__ import annotations

from pathlib import Path

import pytest

from ncco_lang.cli.render import columns_of, render_text
from ncco_lang.compiler import CompileOptions, check_flow
from ncco_lang.source import Source
from tests.shells.shell import Shell

WORD = "premiun"
FILLERS = {
    "letters": "abcdefghij" * 30,
    "wide": "電話番号" * 75,
    "combined": "e\u0301" * 150,
    "tabs": "\tx" * 150,
    "marks": "\u200ex" * 150,
}


def flow(filler: str, before: int, after: int) -> str:
    """Return a line with one wrong word, with so many characters before and after it."""
    return f'talk "{filler[:before]}" {WORD}: true # {filler[:after]}\n'


@pytest.mark.parametrize("width", [40, 60, 120])
@pytest.mark.parametrize("filler", FILLERS.values(), ids=FILLERS)
@pytest.mark.parametrize("before", [0, 2, 9, 30, 80, 300])
@pytest.mark.parametrize("after", [0, 2, 9, 30, 80, 300])
def test_a_frame_fits_and_the_caret_lies_below_the_word(filler: str, before: int, after: int, width: int) -> None:
    found = check_flow(Source("a.flow", flow(filler, before, after)), CompileOptions())
    (finding,) = [each for each in found if WORD in each.message]
    _, line, caret, *_ = render_text([finding], width=width).splitlines()
    assert columns_of(line) <= width
    assert WORD in line
    assert columns_of(line.partition(WORD)[0]) == columns_of(caret.partition("^")[0])
    assert caret.count("^") == len(WORD)
    # As much of the line is shown as fits.
    if "…" in line:
        assert columns_of(line) >= width // 2


def test_a_frame_is_as_wide_as_the_terminal(tmp_path: Path) -> None:
    ncco = Shell(tmp_path)
    ncco.write("a.flow", flow(FILLERS["letters"], 300, 300))
    for columns in (50, 100):
        out, _ = ncco("check", "a.flow", code=1, env={"COLUMNS": str(columns)})
        _, err = ncco("compile", "a.flow", code=1, env={"COLUMNS": str(columns)})
        for printed in (out, err):
            assert len(printed.splitlines()[1]) == columns
    assert len(ncco("check", "a.flow", code=1)[0].splitlines()[1]) == 120
