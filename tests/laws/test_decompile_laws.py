"""`decompile` prints a flow that compiles to the same NCCO, is formatted, and rarely needs `raw`."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.compiler import compile_text
from ncco_lang.decompiler import decompile, decompile_source, is_equal
from ncco_lang.formatter import format_text
from ncco_lang.source import Source
from ncco_lang.syntax.json import parse_json, read_value
from ncco_lang.vocabulary.ncco_schema import definition
from tests.budget import searched
from tests.laws.documents import KEYS, SLIPS, TEXTS, VALUES
from tests.laws.mutations import mutate_text, mutate_value
from tests.laws.valid_nccos import DATA, nccos
from tests.test_decompile import raw_actions

OWN_DATA = {"headers", "standardHeaders", "providerOptions", "payload"}
"""The keys of objects that hold the author's own data."""


def hold_way_back(text: str, ncco: Any) -> None:
    """Assert that a flow compiles to an NCCO, and that formatting it changes nothing."""
    compiled = compile_text(text)
    assert compiled.ncco is not None, (text, compiled.diagnostics)
    assert is_equal(compiled.ncco, ncco), text
    assert format_text(text).text == text


def needs_raw(action: dict[str, Any]) -> bool:
    """Return whether the language cannot express a valid action: a retired one."""
    return "x-deprecated" in definition(action["action"])


def hold_valid(ncco: list[dict[str, Any]]) -> None:
    text = decompile(ncco)
    hold_way_back(text, ncco)
    assert raw_actions(text) == {index for index, action in enumerate(ncco) if needs_raw(action)}, text


def hold_any_value(value: Any) -> None:
    if isinstance(value, list) and value and all(isinstance(part, dict) and part for part in value):
        hold_way_back(decompile(value), value)
    else:
        with pytest.raises(ValueError, match=r"."):
            decompile(value)


def hold_any_text(text: str) -> None:
    decompiled = decompile_source(Source("<text>", text))
    if decompiled.text is None:
        assert any(finding.severity == "error" for finding in decompiled.diagnostics)
    else:
        assert not any(finding.severity == "error" for finding in decompiled.diagnostics)
        plain = read_value(text)
        root, _ = parse_json(Source("<text>", text))
        assert root is not None
        hold_way_back(decompiled.text, plain[0] if plain is not None else root.to_value())
    for finding in decompiled.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= len(finding.source.text)


@searched(60, 20_000)
@given(nccos())
def test_every_valid_ncco_comes_back(ncco: list[dict[str, Any]]) -> None:
    hold_valid(ncco)


@searched(60, 20_000)
@given(nccos(), st.integers(0, 2**32))
def test_unknown_options_keep_their_statement(ncco: list[dict[str, Any]], seed: int) -> None:
    """An option that the schema lacks, in an action or in an object inside it, comes back beside the other options."""
    random = Random(seed)
    action = random.choice(ncco)
    holders = [action, *_objects(action)]
    random.choice(holders)["newOption"] = random.choice([True, "{{x}}", {"a": [1, None]}, [], {}])
    hold_valid(ncco)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of an action whose keys are options."""
    for key, item in value.items():
        inner = item[0] if isinstance(item, list) and len(item) == 1 else item
        if isinstance(inner, dict) and key not in OWN_DATA:
            yield inner
            yield from _objects(inner)


@searched(60, 20_000)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), DATA, min_size=1, max_size=4), min_size=1, max_size=3))
def test_every_list_of_objects_comes_back(ncco: list[dict[str, Any]]) -> None:
    hold_way_back(decompile(ncco), ncco)


@searched(80, 20_000)
@given(st.sampled_from(sorted(VALUES)), st.integers(0, 2**32))
def test_damaged_documents_come_back_or_are_refused(name: str, seed: int) -> None:
    value = mutate_value(VALUES[name], Random(seed), KEYS)
    hold_any_value(value)


@searched(80, 20_000)
@given(st.sampled_from([*TEXTS.values(), *SLIPS]), st.integers(0, 2**32))
def test_damaged_texts_are_written_or_refused(start: str, seed: int) -> None:
    hold_any_text(mutate_text(start, Random(seed)))
