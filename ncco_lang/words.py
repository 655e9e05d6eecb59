"""Words for findings: templates of messages, and values, lists and names as a message shows them.

A template is a sentence of ours with `{field}` for a fact, and `` `bargeIn` `` or `` `"premium": true` `` for an option
of the platform, which JSON and the language spell differently. A text of the author's is filled in as a fact, so it is
never taken for one of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_MARK = re.compile(r"`\"([\w-]+)\": ([^`]+)`|`([^`]+)`|\{(\w+)(?::([^{}]*))?\}")
_LONGEST = 40
_LONGEST_DATA = 1000
_LARGEST = 2.0**53
_UNITS = {"s": "seconds", "ms": "milliseconds"}


class Wire(str):
    """The name of an option on the wire, `bargeIn`, which a message spells as its reader does."""

    __slots__ = ()


class Words(NamedTuple):
    """A finding in words: what is wrong, what to write, and labels for the further places, in order."""

    message: str
    hint: str | None = None
    labels: tuple[str, ...] = ()


class Spelling:
    """How a text spells options and their values; this one is JSON's."""

    __slots__ = ()
    is_flow = False

    def name(self, wire: str) -> str:
        """Return the name of an option: `"bargeIn"`."""
        return f'"{wire}"'

    def choice(self, value: object) -> str:
        """Return a value that an option has a list of: `"mp3"`."""
        return shown(value)

    def member(self, wire: str, value: object) -> str:
        """Return an option with its value: `"premium": true`."""
        items = value if isinstance(value, tuple) else (value,)
        written = ", ".join(map(self.choice, items))
        return f'"{wire}": [{written}]' if isinstance(value, tuple) else f'"{wire}": {written}'

    def amount(self, number: float, unit: str | None) -> str:
        """Return a number of units without the unit, since JSON has none: `3.5`."""
        return shown(number)

    def numbers(self, unit: str | None) -> str:
        """Return the kind of numbers that an option of a unit takes: `a number of seconds`."""
        return "a number" if unit is None else f"a number of {_UNITS[unit]}"


JSON = Spelling()


def fill(template: str, facts: Mapping[str, Any], spelling: Spelling) -> str:
    """Return a template with its facts and the names of options filled in.

    `{field}` shows a fact as `show_fact` does; `{field:choice}` spells a value of an option; any other `{field:…}` formats
    it as `format` does, so `{field:s}` has no quotes.
    """

    def mark(found: re.Match[str]) -> str:
        member, value, name, field, form = found.groups()
        if member is not None:
            is_fact = value[0] == "{"
            return spelling.member(member, facts[value.strip("{}")] if is_fact else json.loads(value))
        if name is not None:
            return spelling.name(name)
        fact = facts[field]
        if isinstance(fact, Wire):
            return spelling.name(fact)
        if form == "choice":
            return listed([spelling.choice(each) for each in (fact if isinstance(fact, tuple) else (fact,))])
        return format(fact, form) if form else show_fact(fact, spelling)

    return _MARK.sub(mark, template) if "{" in template or "`" in template else template


def as_data(fact: Any) -> Any:
    """Return a fact as JSON holds it: a tuple as a list, a long text cut, a number that JSON cannot hold as a text."""
    if isinstance(fact, tuple):
        return [as_data(each) for each in fact]
    if isinstance(fact, str):
        cut = fact if len(fact) <= _LONGEST_DATA else fact[:_LONGEST_DATA] + "…"
        return cut.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(fact, (int, float)) and not isinstance(fact, bool):
        return fact if abs(fact) <= _LARGEST else shown(fact)
    return fact


def show_fact(fact: Any, spelling: Spelling) -> str:
    """Return a fact in words: an option by its name, a text in quotes, several values with "or" between them."""
    if isinstance(fact, Wire):
        return spelling.name(fact)
    if isinstance(fact, tuple):
        return listed([show_fact(each, spelling) for each in fact])
    return shown(fact)


def shown(value: Any, limit: int = _LONGEST) -> str:
    """Return a value as JSON, cut short, safe to print."""
    if isinstance(value, str) and len(value) > limit:
        value = value[:limit] + "…"
    if isinstance(value, (list, dict)):
        return kind_words(value)
    text = (
        json.dumps(value, ensure_ascii=False, default=str)
        if not isinstance(value, int) or isinstance(value, bool)
        else _digits(value, limit)
    )
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _digits(number: int, limit: int) -> str:
    """Return a whole number, cut short: Python refuses to format enormous ones."""
    return str(number) if abs(number) < 10**limit else f"a number of more than {limit} digits"


def kind_words(value: Any) -> str:
    """Return in words what kind of JSON value it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def listed(words: Sequence[str]) -> str:
    """`a, b or c`; `nothing` without words."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words) or "nothing"


def choice_words(choices: Iterable[Any]) -> str:
    """`"a", "b" or "c"`."""
    return listed([shown(choice) for choice in choices])
