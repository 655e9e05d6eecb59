"""For any text and cursor, an editor gets an answer: nothing is raised, every place is inside the text, and a rename
does not change the call.
"""

from __future__ import annotations

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest

from ncco_lang.compiler import compile_text
from ncco_lang.diagnostics import apply_edits
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.completion.complete import complete
from ncco_lang.editor.fixes import actions_at, fix_all
from ncco_lang.editor.folding import folds
from ncco_lang.editor.formatting import format_document, format_range
from ncco_lang.editor.hover import hover
from ncco_lang.editor.inlay_hints import hints
from ncco_lang.editor.links import links
from ncco_lang.editor.rename import definition, prepare_rename, references, rename
from ncco_lang.editor.selection_ranges import selections
from ncco_lang.editor.semantic_tokens import tokens
from ncco_lang.editor.symbols import symbols
from ncco_lang.editor.types import DocumentSettings, Kind
from ncco_lang.source import Source, Span
from tests.editor_cases import CURSOR, FIXTURES, kind_of_cases, read_cases
from tests.laws.mutations import mutate_text

ROOT = Path(__file__).resolve().parent.parent.parent
FLOWS = [
    *[path.read_bytes().decode("utf-8") for path in sorted((ROOT / "samples").glob("*/*.flow"))],
    *[path.read_bytes().decode("utf-8") for path in sorted((ROOT / "tests/fixtures/syntax").glob("*.flow"))],
]


def cases(kind: Kind) -> list[str]:
    paths = [path for path in sorted(FIXTURES.glob("*/*.cases")) if kind_of_cases(path) == kind]
    return [text.replace(CURSOR, "") for path in paths for _, text in read_cases(path)]


CASES = cases("flow")
DOCUMENTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "samples").glob("*/*.ncco.json"))]
SEEDS: dict[Kind, list[str]] = {
    "flow": [*FLOWS, *CASES, *CASES],
    "toml": cases("toml"),
    "ncco": [*DOCUMENTS, *cases("ncco")],
}


def inside(span: Span, text: str) -> bool:
    return 0 <= span.start <= span.end <= len(text)


def ask_at(analysis: Analysis, offset: int) -> None:
    """Make every request for a place."""
    text = analysis.source.text
    for each in complete(analysis, offset):
        assert inside(each.span, text)
        assert each.span.start <= offset <= each.span.end
        assert each.label
        assert each.is_snippet or "${" not in each.insert
        assert not set(text[each.span.start : each.span.end]) & set("\r\n")  # editors refuse longer spans
    (around,) = selections(analysis, [offset])
    assert around[-1] == Span(0, len(text))
    assert all(inner.start >= outer.start and inner.end <= outer.end for inner, outer in pairwise(around))
    shown = hover(analysis, offset)
    if shown is not None:
        assert inside(shown.span, text)
        assert shown.text.strip()
    places = references(analysis, offset)
    assert places == sorted(set(places))
    assert all(inside(span, text) for span in places)
    where = definition(analysis, offset)
    assert (where is None) == (not places)
    name = text[slice(*places[0])] if places else ""
    is_key = name == "key"  # its `each` declares it, without the word
    assert where is None or where[1] in places or is_key
    here = prepare_rename(analysis, offset)
    is_step = where is not None and re.search(r"\bstep\W*\Z", text[: where[1].start]) is not None
    is_start = name == "start" and is_step
    is_fixed = is_key or is_start or re.search(rf"^use\b.*\b{name}\b", text, re.MULTILINE) is not None
    assert (here is None) == (where is None or is_fixed)
    assert here is None or here.start <= offset <= here.end
    assert all(
        inside(edit.span, text) for action in actions_at(analysis, Span(offset, offset)) for edit in action.edits
    )


def ask_all(analysis: Analysis) -> None:
    """Make every request for a whole text; what answers it has its own laws."""
    text = analysis.source.text
    assert all(inside(each.span, text) for each in symbols(analysis))
    assert all(inside(each.span, text) for each in tokens(analysis))
    assert all(inside(each.span, text) for each in links(analysis))
    assert all(0 <= each.offset <= len(text) for each in hints(analysis, Span(0, len(text))))
    assert all(1 <= each.first <= each.last for each in folds(analysis))
    assert all(inside(each.span, text) for each in format_document(analysis))
    assert all(inside(each.span, text) for each in format_range(analysis, Span(0, len(text) // 2)))
    every = fix_all(analysis)
    assert every is None or all(inside(edit.span, text) for edit in every.edits)


@pytest.mark.parametrize(("kind", "runs"), [("flow", 300), ("toml", 80), ("ncco", 80)])
def test_any_text_and_any_place_get_an_answer(kind: Kind, runs: int) -> None:
    chance = random.Random(f"{kind} 6")
    for _ in range(runs):
        text = mutate_text(chance.choice(SEEDS[kind]), chance)[:3000]
        analysis = analyse(Source(f"x.{kind}", text), kind, DocumentSettings())
        for offset in (*[chance.randint(0, len(text)) for _ in range(3)], -5, len(text) + 5):
            if 0 <= offset <= len(text):
                ask_at(analysis, offset)
            else:
                complete(analysis, offset)
                hover(analysis, offset)
                definition(analysis, offset)
        ask_all(analysis)


@pytest.mark.parametrize("kind", ["flow", "toml", "ncco"])
def test_every_place_of_a_text_gets_an_answer(kind: Kind) -> None:
    for text in cases(kind):
        analysis = analyse(Source(f"x.{kind}", text), kind, DocumentSettings())
        for offset in range(0, len(text) + 1, 3 if kind == "flow" else 1):
            ask_at(analysis, offset)


def test_a_rename_of_anything_leaves_the_call_as_it_is() -> None:
    chance = random.Random(7)
    made = 0
    for _ in range(250):
        text = mutate_text(chance.choice(CASES), chance)[:2000]
        analysis = analyse(Source("x.flow", text), "flow", DocumentSettings())
        new_name = chance.choice(["another", "premium", "wav", "from", "slow", "phone", "ar", "mon", "text"])
        offset = text.find("let ") + 5 if chance.random() < 0.5 else text.find("param ") + 7
        try:
            edits = rename(analysis, offset, new_name)
        except ValueError:
            continue
        before, after = compile_text(text), compile_text(apply_edits(text, edits))
        if any(each.rule.code in ("F202", "F204", "F331") for each in before.diagnostics):
            continue  # another name corrects that, or is an option
        assert after.ncco == before.ncco, text
        assert [each.rule.code for each in after.diagnostics] == [each.rule.code for each in before.diagnostics], text
        made += 1
    assert made > 20
