"""What is told of a key or a value of NCCO JSON."""

from __future__ import annotations

from ncco_lang.editor.json_options import Entries, entries_of, listed_option, wire_docs
from ncco_lang.editor.json_spot import JsonSpot, find_json_spot
from ncco_lang.editor.types import Hover
from ncco_lang.editor.vocabulary_docs import LANGUAGES, action_docs, language_docs
from ncco_lang.vocabulary.tables import Option, actions


def hover_json(text: str, offset: int) -> Hover | None:
    """What is told at an offset of an NCCO; None where there is nothing to say."""
    spot = find_json_spot(text, offset)
    if spot is None or spot.place.start == spot.place.end:
        return None
    if spot.holders[-1].is_list:
        option = listed_option(spot.holders)
        told = None if option is None else _of_value(spot, option)
    else:
        entries = entries_of(spot.holders)
        told = None if entries is None else _in_object(spot, entries)
    return None if told is None else Hover(spot.place, told)


def _in_object(spot: JsonSpot, entries: Entries) -> str | None:
    if spot.key == entries.selector:
        word = spot.holders[-1].words.get(spot.key, "")
        action = actions().get(word) if len(spot.holders) == 2 else None
        docs = action_docs(action) if action is not None else entries.words.get(word)
        return None if docs is None else f"**{word}**\n\n{docs}"
    option = entries.options.get(spot.key)
    return None if option is None else _of_value(spot, option)


def _of_value(spot: JsonSpot, option: Option) -> str:
    if spot.role != "key" and option.kind in LANGUAGES:
        return language_docs(option.kind, spot.word) or wire_docs(option)
    return f"**{option.key}**\n\n{wire_docs(option)}"
