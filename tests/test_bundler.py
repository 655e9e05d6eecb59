"""What flows that branch compile to: one NCCO, or a bundle whose every document is valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.bundle_json import load_bundle
from ncco_lang.bundler import Bundled
from ncco_lang.compiler import CompileOptions, compile_source
from ncco_lang.engine.explore import MOST_WAYS
from ncco_lang.source import Source
from ncco_lang.workspace.bundle_folder import bundle_files, write_bundle
from tests.judge import judge

SAMPLES = Path(__file__).parents[1] / "samples"
MENU = """\
fallback out
step start { menu "Press 1." { 1 -> out; 2 -> { talk "Two."; repeat }; otherwise -> retry "Sorry."; give_up -> out } }
step out { talk "Bye."; hangup }
"""


def bundled(text: str, **options: Any) -> Bundled:
    compiled = compile_source(Source("menu.flow", text), CompileOptions(**options))
    assert isinstance(compiled.product, Bundled), compiled.diagnostics
    return compiled.product


def named(text: str) -> dict[str, Any]:
    files = bundle_files(bundled(text))
    return {name: json.loads(content) for name, content in files.items()}


@pytest.mark.parametrize("name", ["front-desk", "clinic", "emergency-line"])
@pytest.mark.parametrize("joins", ["notify", "before"])
def test_every_document_is_valid(name: str, joins: Any) -> None:
    text = (SAMPLES / name / f"{name}.flow").read_text(encoding="utf-8")
    documents = [document for _, document in bundled(text, joins=joins).documents()]
    assert len(documents) > 5
    assert [judge(document) for document in documents if judge(document)] == []


def test_the_documents_are_named_by_what_they_answer() -> None:
    files = named(MENU)
    assert [name for name in files if "documents/" in name and "index" not in name] == [
        "documents/answer.json",
        "documents/start.2.1.json",
        "documents/start.2.2.json",
        "documents/start.2.otherwise.json",
        "documents/start.2.otherwise.3.json",
    ]
    assert files["documents/index.json"]["start.2.2.json"] == {
        "webhook": "i",
        "block": "start.2",
        "line": 2,
        "after": ["2"],
        "asked": 1,
    }
    assert files["documents/start.2.2.json"][0] == {"action": "talk", "text": "Two."}
    assert files["fallback.json"][-1] == {"action": "talk", "text": "Bye."}
    assert files["documents/answer.json"][1]["eventUrl"] == ["https://flow.invalid/i/start.2"]


def test_the_bundle_in_the_folder_is_that_of_the_compiler() -> None:
    product = bundled(MENU)
    assert load_bundle(bundle_files(product)["bundle.json"]) == product.bundle
    assert bundle_files(product) == bundle_files(bundled(MENU, is_written=True))


def test_documents_of_an_earlier_bundle_go_and_other_files_stay(tmp_path: Path) -> None:
    assert write_bundle(str(tmp_path), bundle_files(bundled(MENU)))
    (tmp_path / "documents" / "mine.json").write_text("[]", encoding="utf-8")
    (tmp_path / "documents" / "index.json").write_text('{"../mine.json": 1, "start.2.1.json": 1}', encoding="utf-8")
    (tmp_path / "mine.json").write_text("[]", encoding="utf-8")
    shorter = bundle_files(bundled(MENU.replace("1 -> out; 2 ->", "2 ->")))
    assert write_bundle(str(tmp_path), shorter)
    assert not write_bundle(str(tmp_path), shorter)
    left = {path.name for path in (tmp_path / "documents").iterdir()}
    assert "start.2.1.json" not in left
    assert {"mine.json", "start.2.2.json"} <= left
    assert (tmp_path / "mine.json").exists()


def test_a_goto_between_talks_is_one_ncco() -> None:
    compiled = compile_source(Source("a.flow", 'step start { talk "Hi."; goto end }\nstep end { talk "Bye." }\n'))
    assert compiled.ncco == [{"action": "talk", "text": "Hi."}, {"action": "talk", "text": "Bye."}]


def test_values_that_grow_without_end_make_a_bounded_number_of_documents() -> None:
    flow = 'step start { goto ask(1) }\nstep ask(n: number) { menu "{n}" { 1 -> ask(n + 1); give_up -> hangup } }\n'
    assert 10 < sum(1 for _ in bundled(flow).documents()) <= 5 * MOST_WAYS


def test_a_menu_in_an_arm_of_anywhere_has_its_own_arms_only() -> None:
    flow = 'anywhere { 0 -> { menu "Sure?" { 1 -> out; give_up -> out } } }\n' + MENU
    questions = bundled(flow).bundle.graph.questions
    keys = [
        {key.keys for arm in each.arms for key in getattr(arm, "patterns", ()) if hasattr(key, "keys")}
        for each in questions
    ]
    assert sorted(map(sorted, keys)) == [["0", "1", "2"], ["1"]]
