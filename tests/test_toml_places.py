"""The places of the keys of a TOML text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.diagnostics import Path
from ncco_lang.project.toml_places import find_places

TEXT = '''\
# [no.table]
plain = 1 # = 2
"quoted \\u00e9.x" = "a = 1 # ]"
dotted.'key' . here = 1979-05-27 07:32:00
long = """
[no.table]
no = "\\""" """""
raw = \'\'\'
no = 1\'\'\'\'
[ table . "in side" ]
list = [ # ]
  "a]", { x = 1, y = { z = [ 2, { q = 3 } ] } },
  [ { deep = true } ],
]
inline = { a = 1, b.c = 'x,}' }
[[many]]
name = 1
[[many.inner]]
name = 2
[[many.inner]]
[many.inner.table]
name = 3
[[many]]
name = 4
'''


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key of a TOML value."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for step, item in items:
        if isinstance(step, str):
            yield (*path, step)
        yield from leaves(item, (*path, step))


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n")])
def test_every_key_is_found_where_it_stands(text: str) -> None:
    places = find_places(text)
    assert set(places) == set(leaves(tomllib.loads(text)))
    written = {path: text[span.start : span.end] for path, span in places.items()}
    assert written["quoted é.x",] == '"quoted \\u00e9.x"'
    assert written["dotted", "key", "here"] == "dotted.'key' . here"
    assert written["dotted", "key"] == "'key'"
    assert written["table", "in side"] == 'table . "in side"'
    assert written["table", "in side", "list", 1, "y", "z", 1, "q"] == "q"
    assert written["table", "in side", "inline", "b"] == "b"
    assert [text[: places["many", number, "name"].start].count("\n") for number in (0, 1)] == [16, 23]
    assert written["many", 0, "inner", 1, "table", "name"] == "name"


@pytest.mark.parametrize(
    "text", ["a=[", "a={", "[", "[[a]", "a", "a=", "a=[}", "=", "[.a]", "a={b", "a.=1", "a=" + "[" * 9000, '"\\q"=1']
)
def test_what_is_no_toml_has_fewer_places(text: str) -> None:
    find_places(text)


@given(
    st.lists(
        st.sampled_from(["a", ".", "=", "[", "]", "{", "}", '"', "'", "\n", ",", "#", " ", "\\", "1"]), max_size=40
    )
)
def test_no_text_raises(pieces: list[str]) -> None:
    text = "".join(pieces)
    places = find_places(text)
    try:
        data = tomllib.loads(text)
    except ValueError:
        return
    assert set(places) == set(leaves(data))
