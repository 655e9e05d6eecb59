"""For any value: what has a faster way for the usual case gives what the general way gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.engine.state import State
from ncco_lang.runtime.tokens import pack, unpack
from ncco_lang.values.compact_json import compact_json, make_encoder
from ncco_lang.values.spoken import spoken_words
from tests.budget import searched

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@searched(300, 5_000)
@given(st.text(st.characters(max_codepoint=127), max_size=12))
def test_the_words_of_ascii_are_those_of_a_longer_text(text: str) -> None:
    assert spoken_words(f"{text} é").split() == [*spoken_words(text).split(), "e"]
    assert spoken_words(text).startswith(" ")
    assert spoken_words(text).endswith(" ")


@searched(200, 5_000)
@given(DATA)
def test_json_is_that_of_the_standard_library(data: Any) -> None:
    assert compact_json(data) == json.dumps(data, separators=(",", ":"))
    assert make_encoder(sort_keys=True)(data) == json.dumps(data, separators=(",", ":"), sort_keys=True)


def test_what_json_does_not_have_is_refused_unless_there_is_a_default() -> None:
    with pytest.raises(TypeError):
        compact_json({"a": object})
    assert make_encoder(default=str)({"a": 1 + 2j}) == '{"a":"(1+2j)"}'


@searched(200, 2_000)
@given(st.dictionaries(st.integers(0, 50), DATA, max_size=6), st.integers(0, 500))
def test_a_changed_state_is_that_of_replace(values: dict[int, Any], size: int) -> None:
    state = State(3, leg="x" * size, frame={1: "a"}, endpoint=2)
    assert state.with_values(values) == state._replace(values=values)
    assert state.with_frame(values) == state._replace(frame=values)
    begun = state._replace(serial=7, wait=(3, 1.5)).for_document(values)
    assert begun == state._replace(serial=8, wait=None, values=values)
    assert state.at(size) == state._replace(block=size)
    # Short states are packed as they are, and long ones are deflated.
    assert unpack(pack(state)) == compact_json(
        [3, 0, 0, "x" * size, "", *[None] * 3, [], [1, "a"], [], [], [], None, 2]
    )
