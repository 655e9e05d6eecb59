"""Convert values of the language to the JSON of NCCO, and put them into an action: for the compiler and for a call.

Ranges, choices and patterns are limits of the JSON value: `limits.py` checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from ncco_lang.diagnostics import Path
from ncco_lang.values import units
from ncco_lang.values.data import UNDEFINED, Duration, Key, Range, Tag, Word, json_number, number_text, type_of
from ncco_lang.values.escape import escape_header
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.kinds import HEADERS, LANGUAGES
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.statement_specs import Form

Misfit: TypeAlias = Literal[
    "kind", "own", "block", "not json", "list for one", "not a list", "duration", "bare", "phone"
]
"""Why an option does not take a value: it is of another kind; of another kind than an option of the language takes; an
object for a nested block; of a kind that JSON has no form for; a list for one item; one item for a list; not a duration; a
number without a unit; not an international telephone number."""
Report: TypeAlias = Callable[[Misfit, "OptionSpec | None", Any, Path], None]
"""Gets each part of a value that has no form on the wire: why, the option, the part and its path in the value."""

OWN_KINDS = frozenset({"name", "step", "number-or-range", "flag-or-language", "choices", "json"})
"""The kinds of values that only options of the language have (`schemas/flow-statements.json`)."""


def _ignore(misfit: Misfit, option: OptionSpec | None, data: Any, path: Path) -> None:
    """Report nothing."""


def option_json(option: OptionSpec, data: Any, report: Report = _ignore) -> Any:
    """Return the JSON of an option's value; `UNDEFINED`, after a report, if the option does not take such a value."""
    return _Conversion(report).option(option, data, ())


def data_json(data: Any, report: Report = _ignore) -> Any:
    """Return the JSON of a value of the author's own; `UNDEFINED`, after a report, if JSON cannot hold a part of it."""
    return _Conversion(report).json(data, ())


def is_number(data: Any) -> bool:
    """Return whether a value is a number."""
    return isinstance(data, (int, Decimal)) and not isinstance(data, bool)


def action_json(form: Form, options: Iterable[tuple[Path, Any]]) -> dict[str, Any]:
    """Return an action: what the words of its form put on the wire, then the JSON of each option at its path."""
    action: dict[str, Any] = {"action": form.action.name}
    for path, value in form.fixed:
        put_at(action, path, value)
    for path, value in options:
        if len(path) == 1:
            action[path[0]] = value  # type: ignore[index]
        else:
            put_at(action, path, value)
    return action


def put_at(action: dict[str, Any], path: Path, value: Any) -> None:
    """Put a value at a path of an action, and create the objects and lists on the way."""
    holder: Any = action
    step: Any
    for step, following in pairwise(path):
        inner: Any = [] if isinstance(following, int) else {}
        if isinstance(holder, list):
            if len(holder) <= int(step):
                holder.append(inner)
        else:
            holder.setdefault(step, inner)
        holder = holder[step]
    last: Any = path[-1]
    if isinstance(holder, list) and len(holder) <= int(last):
        holder.append(value)
    else:
        holder[last] = value


def _on_one_line(headers: dict[str, Any]) -> dict[str, Any]:
    """Return headers whose texts cannot begin another header."""
    return {key: escape_header(value) if isinstance(value, str) else value for key, value in headers.items()}


class _Conversion:
    """Converts one value."""

    __slots__ = ("_report",)

    def __init__(self, report: Report) -> None:
        self._report = report

    def option(self, option: OptionSpec, data: Any, path: Path) -> Any:
        """Return the JSON of a value or a part of it."""
        if type_of(data) == "undefined":
            return UNDEFINED
        if option.kind in OWN_KINDS:
            return self._own(option, data, path)
        if option.is_block:
            return self._misfit("block", option, data, path)
        if option.data:
            table = self.json(data, path) if type(data) is dict else self._misfit("kind", option, data, path)
            return _on_one_line(table) if option.kind == HEADERS and isinstance(table, dict) else table
        if option.single and option.item is not None:
            return self._single(option, option.item, data, path)
        types = option.types
        if "array" in types:
            return self._list(option, data, path)
        if option.unit is not None:
            return self._duration(option, option.unit, data, path)
        if option.enum:
            return self._choice(option, data, path)
        if "string" in types:
            return self._string(option, data, path)
        if "boolean" in types:
            return data if data is True or data is False else self._misfit("kind", option, data, path)
        return self._number(option, data, path)

    def json(self, data: Any, path: Path) -> Any:
        """Return the JSON of a value of the author's own or a part of it."""
        kind = type(data)
        if kind is str or kind is int or data is None or kind is bool:
            return data
        if kind is dict:
            table = {key: self.json(item, (*path, key)) for key, item in data.items()}
            return UNDEFINED if UNDEFINED in table.values() else table
        if kind is list:
            items = [self.json(item, (*path, index)) for index, item in enumerate(data)]
            return UNDEFINED if UNDEFINED in items else items
        if isinstance(data, Decimal):
            return json_number(data)
        return UNDEFINED if type_of(data) == "undefined" else self._misfit("not json", None, data, path)

    def _misfit(self, misfit: Misfit, option: OptionSpec | None, data: Any, path: Path) -> Any:
        self._report(misfit, option, data, path)
        return UNDEFINED

    def _own(self, option: OptionSpec, data: Any, path: Path) -> Any:
        """Return the value of an option that only the language has: a name, a step, a range, choices, any JSON."""
        match option.kind, data:
            case (("name" | "step"), Word()):
                return str(data)
            case (("number-or-range" | "choices"), Range()):
                return [json_number(data.low), json_number(data.high)]
            case "number-or-range", _:
                return self._number(option, data, path)
            case "flag-or-language", (Tag() | True):
                return data
            case ("choices", (list() | dict())) | ("json", _):
                return self.json(data, path)
            case _:
                return self._misfit("own", option, data, path)

    def _single(self, option: OptionSpec, item: OptionSpec, data: Any, path: Path) -> Any:
        if type(data) is list:
            return self._misfit("list for one", option, data, path)
        wire = self.option(item, data, path)
        return UNDEFINED if wire is UNDEFINED else [wire]

    def _list(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if type(data) is not list:
            return self._misfit("not a list", option, data, path)
        item = option.item
        if item is None or "object" in item.types:
            return self.json(data, path)
        wires = [self.option(item, each, (*path, index)) for index, each in enumerate(data)]
        return UNDEFINED if UNDEFINED in wires else wires

    def _number(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if not is_number(data):
            return self._misfit("kind", option, data, path)
        number = json_number(data)
        return int(number) if "integer" in option.types and number == int(number) else number

    def _duration(self, option: OptionSpec, unit: str, data: Any, path: Path) -> Any:
        if type(data) is Duration:
            return units.plain(units.convert(data.amount, data.unit, unit))
        return self._misfit("bare" if is_number(data) else "duration", option, data, path)

    def _choice(self, option: OptionSpec, data: Any, path: Path) -> Any:
        is_word = type(data) is str or isinstance(data, (Word, Key))
        if not (is_word or is_number(data)):
            return self._misfit("kind", option, data, path)
        word = str(data) if is_word else number_text(data)
        value = enum_value(option, word, bare=type(data) is Word)
        return word if value is None else value

    def _string(self, option: OptionSpec, data: Any, path: Path) -> Any:
        if option.kind in LANGUAGES and isinstance(data, (Tag, Word)):
            return str(data)
        if type(data) is not str:
            return self._misfit("kind", option, data, path)
        if option.kind != "phone":
            return data
        digits = e164_digits(data)
        return self._misfit("phone", option, data, path) if digits is None else digits
