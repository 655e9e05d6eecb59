"""Documents of ours, one for each kind of oddity of real NCCOs: their findings, and their text after fixes.

With each `name.json` are `name.txt`, the printed findings, and `name.fixed.json`, the text after all fixes, if there
are any. `make golden` rewrites both.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ncco_lang.checker import fix, validate
from ncco_lang.cli.render import render_text
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.ncco_schema import is_valid
from tests.conftest import Golden

FOLDER = Path(__file__).parent / "fixtures" / "oddities"
CASES = sorted(path for path in FOLDER.glob("*.json") if not path.name.endswith(".fixed.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_findings_and_fixes(path: Path, golden: Golden) -> None:
    text = path.read_text(encoding="utf-8")
    found = validate(text, name=path.name)
    assert found, "an oddity has a finding"
    golden.check(path.with_suffix(".txt"), render_text(found))
    fixed = fix(text, unsafe=True, name=path.name)
    expected = path.with_suffix(".fixed.json")
    if fixed.applied:
        golden.check(expected, fixed.source.text)
    else:
        assert not expected.exists()
    if not any(finding.severity == "error" or finding.rule.name in STILL_OUTSIDE for finding in fixed.remaining):
        assert is_valid(json.loads(fixed.source.text))


STILL_OUTSIDE = {"older-range", "number-form", "flat-input"}
"""Warnings without a fix about values that the schema refuses."""


def test_every_legacy_form_has_a_document() -> None:
    names = {finding.rule.name for path in CASES for finding in validate(path.read_text(encoding="utf-8"))}
    forms = {form["rule"] for form in load_json_resource("schemas/legacy-forms.json")["forms"]}
    assert forms <= names
