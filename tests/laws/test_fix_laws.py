"""The laws of fixes, asserted for all documents and flows of ours, for damaged ones, and for random ones.

An offered fix is applied. Fixing twice equals fixing once. No fix adds an error. A safe fix changes no spoken word and
no key. The laws are in `fixing.py`, one harness for JSON and flows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.checker import check_ncco
from ncco_lang.compiler import compile_source
from ncco_lang.fixes import apply_fixes, offered
from ncco_lang.source import Source
from tests import budget
from tests.laws.documents import SLIPS, TEXTS
from tests.laws.fixing import hold_fix_laws, remembered
from tests.laws.mutations import mutate_text
from tests.laws.test_flow_inputs import SCRAPS, SEEDS, mutated
from tests.laws.test_no_input_raises import damaged

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
NCCOS = [*TEXTS.values(), *SLIPS, *(path.read_bytes().decode("utf-8") for path in sorted(FIXTURES.glob("*/*.json")))]
FLOWS = [*SEEDS, *(path.read_bytes().decode("utf-8") for path in sorted(FIXTURES.glob("*/*.flow")))]


check_flow = remembered(lambda source: list(compile_source(source).diagnostics))
check_json = remembered(check_ncco)


def hold_json(text: str) -> None:
    """Assert every law about the text of an NCCO."""
    fixed = hold_fix_laws(text, check_json, unsafe=False).source.text
    hold_fix_laws(text, check_json, unsafe=True)
    before, after = plain(text), plain(fixed)
    if before is not None:
        assert after is not None, "what could be read can be read after fixing"
        hold_words(before[0], after[0])


def hold_flow(text: str) -> None:
    """Assert every law about the text of a flow."""
    hold_fix_laws(text, check_flow, unsafe=True)
    fixed = hold_fix_laws(text, check_flow, unsafe=False)
    before = compile_source(Source("<text>", text)).ncco if fixed.applied else None
    if before is not None:
        hold_words(before, compile_source(fixed.source).ncco)


def hold_words(before: Any, after: Any) -> None:
    """Assert that a safe fix left every spoken word and every telephone key unchanged."""
    assert Counter(words(before)) == Counter(words(after)), "a safe fix changes no spoken word"
    assert Counter(keys(after)) == Counter(keys(before)), "a safe fix changes no key"


def plain(text: str) -> tuple[Any] | None:
    """Return the value of a valid JSON text in a tuple of one; None for any other text."""
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        return None


def keys(value: Any) -> Iterator[str]:
    """Yield every telephone key that an action waits for or sends."""
    for entry in entries(value):
        if isinstance(entry, dict):
            yield from (str(entry[name]) for name in ("endOnKey", "dtmfAnswer") if entry.get(name) is not None)


def words(value: Any) -> Iterator[str]:
    """Yield every spoken text, also inside a list, and a number in place of a text as its digits."""
    for entry in entries(value):
        if isinstance(entry, dict):
            yield from (str(each) for each in entries(entry.get("text")) if isinstance(each, (str, int, float)))


def entries(value: Any) -> Iterator[Any]:
    """Yield a value and all values inside it."""
    yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from entries(each)


def hold_damaged(seed: int, count: int) -> None:
    """Assert the laws for so many damaged documents and a tenth as many damaged flows."""
    random = Random(seed)
    for number in range(count):
        is_flow = number % 10 == 9
        if is_flow:
            text = mutated(random.choice(FLOWS), random)
        else:
            text = random.choice((damaged(random), mutate_text(random.choice(NCCOS), random)))
        try:
            (hold_flow if is_flow else hold_json)(text)
        except Exception as raised:
            raised.add_note(f"mutation {number} of seed {seed}:\n{text!r}")
            raise


def test_documents() -> None:
    for text in NCCOS:
        hold_json(text)


def test_flows() -> None:
    for text in FLOWS:
        hold_flow(text)


def test_a_fix_that_adds_errors_is_neither_promised_nor_made() -> None:
    source = Source("<text>", '[{"action": ["talk"], "txt": "a", "loop": -1}]')
    found = check_ncco(source)
    assert [each.rule.name for each in found if each.fix is not None] == ["list-for-text"]
    assert [each.fix for each in offered(source, found, check_ncco)] == [None]
    hold_json(source.text)
    assert apply_fixes(source, check_ncco, unsafe=True).applied == 0


@pytest.mark.search
@pytest.mark.parametrize("seed", range(budget.of(1, 40)))
def test_damaged_texts(seed: int) -> None:
    hold_damaged(seed, budget.of(100, 2_000))


@budget.searched(50, 5_000)
@given(st.lists(st.sampled_from(SCRAPS), max_size=20).map("".join))
def test_scraps_of_flows(text: str) -> None:
    hold_flow(text)
