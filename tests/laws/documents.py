"""The documents that the laws start from: all actions and options, legacy forms, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "documents"
TEXTS = {path.stem: path.read_bytes().decode("utf-8") for path in sorted(FOLDER.glob("*.json"))}
VALUES: dict[str, Any] = {name: json.loads(text) for name, text in TEXTS.items()}

ODD = frozenset({"older", "envelope", "payment"})
"""Documents that are here for their findings; the others have none at error level."""

SLIPS = (
    '[{"action": "talk", "text": "Hello",},]',
    "// greeting\n[{'action': 'talk', 'text': 'It\\'s \"me\"', level: .5, premium: True,}, /* more */ {}]",
    '[{"action": "talk" "text": "Hello" "loop": +1}\n {"action": "wait"}]',
    "\ufeff[{“action”: “talk”, `text`: `two\nlines`, loop: None, level: 1., style: 0x1F}] # end",
    '[{"action": "talk", "text": "a", "text": "b \\ud83d", "level": NaN, "loop": 01}]',
    '[{"action": "talk", "text": "tab\there \\x21"}] []',
    '[{"action": "connect", "endpoint": {"type": "phone", "number": 442079460000}}',
    '[{"action": "talk", "text": "unclosed}]',
    "{action: talk, text: hello}",
)
"""Texts of authors who think that JSON is JavaScript or Python."""


def keys_below(value: Any) -> set[str]:
    """Return every key of every object in a value."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_below, value.values()))
    return set().union(*map(keys_below, value)) if isinstance(value, list) else set()


KEYS = tuple(
    sorted(set().union(*map(keys_below, VALUES.values())) | {"unknown", "", "ncco", "maxDigits", "voice_name"})
)
"""Keys for damaged values: all that the documents use, and some that mean nothing or are legacy names."""
