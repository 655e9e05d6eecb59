"""The brackets of a flow, as they are written and as terminals of the grammar; JSON has the first two of them."""

from __future__ import annotations

CLOSED_BY = {"{": "}", "[": "]", "(": ")"}
"""A bracket that opens → the one that closes it."""
CLOSING_SIGNS = frozenset(CLOSED_BY.values())
KINDS = {"{": "LBRACE", "}": "RBRACE", "[": "LSQB", "]": "RSQB", "(": "LPAR", ")": "RPAR"}
"""A bracket → its terminal. A test holds them equal to those of `grammar/flow.lark`."""
CLOSING = {KINDS[opening]: KINDS[closing] for opening, closing in CLOSED_BY.items()}
"""The terminal of a bracket that opens → that of the one that closes it."""
CLOSING_KINDS = frozenset(CLOSING.values())
JSON_CLOSED_BY = {opening: closing for opening, closing in CLOSED_BY.items() if opening != "("}
"""The same for the brackets of JSON."""
