"""Bundles as JSON: what is written is read again, and what is malformed gives one error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.bundle import Block, Bundle, End, Graph
from ncco_lang.bundle_json import BundleError, dump_bundle, load_bundle, with_version
from tests.budget import searched
from tests.bundles import BUNDLES

SMALL = with_version(Bundle(Graph((Block("start.1", (), End()),), (), (), (), 0)))


@searched(25, 3_000)
@given(BUNDLES)
def test_a_bundle_is_read_as_it_was_written(bundle: Bundle) -> None:
    bundle = with_version(bundle)
    text = dump_bundle(bundle)
    assert load_bundle(text) == bundle
    assert dump_bundle(load_bundle(text)) == text
    assert bundle.version != SMALL.version


@searched(40, 10_000)
@given(BUNDLES, st.data())
def test_a_damaged_bundle_gives_one_error(bundle: Bundle, data: st.DataObject) -> None:
    content = json.loads(dump_bundle(bundle))
    holder: Any = content
    while True:
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
        if not isinstance(holder[key], (dict, list)) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    damaged = data.draw(st.sampled_from([-1, 99, "x", [], {}, None, [["Goto"]], {"is": "Goto"}]))
    if holder[key] != damaged:
        holder[key] = damaged
        with pytest.raises(BundleError):
            load_bundle(json.dumps(content))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"format": 1, "graph": {}}', "NaN", "[" * 100_000, "1e999", '{"format": 0, "graph": {}}'],
)
def test_text_that_is_not_a_bundle(text: str) -> None:
    with pytest.raises(BundleError):
        load_bundle(text)
