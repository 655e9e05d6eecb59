"""`grammar/flow.lark` → `grammar/flow.tables.json`: what lark makes of the grammar, as plain data. Run by `make grammar`.

The file holds, each in lark's own order, so that one grammar always gives the same bytes:

- `terminals`: name and pattern of every terminal that is a pattern, the one to try first in front;
- `keywords`: word → terminal, for the terminals that are a word which `NAME` would match as well;
- `ignored`: the terminals that the parser never sees;
- `rules`: `[origin, builder, size, kept]`: what a rule makes, who builds it (null: nobody, its one child stands for
  it; "" for a list that is poured into the rule above), how many symbols it takes from the stack, and which of them
  are children: an index, or for a list to be poured in the index as -1 - index;
- `starts`: start symbol → `[first state, last state]`;
- `states`: for each state symbol → what to do: shift to a state or go to it (0, 1, …), or reduce by a rule (-1 - rule).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import NonTerminal, Rule, Terminal
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Shift

FOLDER = Path(__file__).parent
GRAMMAR = FOLDER / "flow.lark"
TABLES = FOLDER / "flow.tables.json"
STARTS = ["start", "interpolation"]


def load_lark() -> Lark:
    """Lark's own parser of the grammar: what the tables are made from, and what tests compare with."""
    return Lark(GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer="contextual", start=STARTS)


def make_tables(lark: Lark) -> dict[str, Any]:
    """The tables of a grammar as JSON values.

    Raises:
        ValueError: a keyword is not a word that `NAME` matches, so that the driver could not tell it from one.
    """
    parser: Any = lark.parser
    table: Any = parser.parser._parse_table
    rules = list(dict.fromkeys(lark.rules))
    index = {rule: number for number, rule in enumerate(rules)}
    rows = [
        {
            symbol: argument if action is Shift else -1 - index[argument]
            for symbol, (action, argument) in sorted(table.states[state].items())
        }
        for state in range(len(table.states))
    ]
    order = _renumbered(rows, [table.start_states[name] for name in STARTS])
    words = [terminal for terminal in lark.terminals if _is_word(terminal)]
    patterns = [terminal for terminal in _in_order(lark.terminals) if not _is_word(terminal)]
    return {
        "terminals": [[terminal.name, terminal.pattern.to_regexp()] for terminal in patterns],
        "keywords": {terminal.pattern.value: terminal.name for terminal in _in_order(words)},
        "ignored": sorted(lark.ignore_tokens),
        "rules": [_rule(rule) for rule in rules],
        "starts": {name: [order[table.start_states[name]], order[table.end_states[name]]] for name in STARTS},
        "states": [
            {symbol: order[action] if action >= 0 else action for symbol, action in rows[state].items()}
            for state in order
        ],
    }


def _renumbered(rows: list[dict[str, int]], starts: list[int]) -> dict[int, int]:
    """State → its number counted from the starts, since lark's own numbers change from run to run."""
    order: dict[int, int] = {}
    waiting = list(starts)
    for state in waiting:
        if state not in order:
            order[state] = len(order)
            waiting += (action for action in rows[state].values() if action >= 0)
    return order


def _is_word(terminal: TerminalDef) -> bool:
    if not isinstance(terminal.pattern, PatternStr) or not terminal.pattern.value.isalpha():
        return False
    if terminal.priority or not re.fullmatch(r"[a-z]+", terminal.pattern.value):
        raise ValueError(f"{terminal.name} is no keyword of small letters, or has a priority")
    return True


def _in_order(terminals: Iterable[TerminalDef]) -> list[TerminalDef]:
    """Terminals in the order in which lark's lexer tries them."""
    return sorted(
        terminals,
        key=lambda terminal: (
            -terminal.priority,
            -terminal.pattern.max_width,
            -len(terminal.pattern.value),
            terminal.name,
        ),
    )


def _rule(rule: Rule) -> list[Any]:
    kept = []
    for position, symbol in enumerate(rule.expansion):
        if isinstance(symbol, NonTerminal) and symbol.name.startswith("_"):
            kept.append(-1 - position)
        elif not (isinstance(symbol, Terminal) and symbol.filter_out):
            kept.append(position)
    origin = str(rule.origin.name)
    builder: str | None = "" if origin.startswith("_") else str(rule.alias or origin)
    if rule.options.expand1 and rule.alias is None:
        assert kept == [0] == list(range(len(rule.expansion))), f"{rule}: a rule that passes its child on has only that"
        builder = None
    return [origin, builder, len(rule.expansion), kept]


def render(tables: dict[str, Any]) -> str:
    """The tables as text, a state or rule a line, so that a change can be read."""

    def lines(values: list[Any]) -> str:
        return "[\n" + ",\n".join(json.dumps(value, separators=(",", ":")) for value in values) + "\n]"

    parts = [
        f'"{name}": {lines(value) if isinstance(value, list) and value and not isinstance(value[0], str) else json.dumps(value)}'
        for name, value in tables.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TABLES.write_text(render(make_tables(load_lark())), encoding="utf-8")
    sys.stdout.write(f"{TABLES.name} written\n")
