"""Check a value that only a call can know by its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.expression_facts import WrongOperand
from ncco_lang.program.values import Deferred, Known
from ncco_lang.source import Source
from ncco_lang.values.data import described, described_type, type_of
from ncco_lang.values.operators import CONDITION, TEXT, Types
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.limits import DURATION, WrongType
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.words import Wire

if TYPE_CHECKING:
    from ncco_lang.program.values import Value

_OF_KIND: Final[Mapping[str, Types]] = {
    "json": None,
    "name": None,
    "step": None,
    "number-or-range": frozenset({"number", "range"}),
    "flag-or-language": frozenset({"bool", "language"}),
    "choices": frozenset({"list", "table", "range"}),
    **dict.fromkeys(LANGUAGES, frozenset({"language", "text"})),
}
_OF_JSON: Final[Mapping[str, Types]] = {
    "string": TEXT - {"language", "key", "word"},
    "boolean": CONDITION,
    "integer": frozenset({"number"}),
    "number": frozenset({"number"}),
    "array": frozenset({"list"}),
    "object": frozenset({"table"}),
}
_TAKEN: Final = {
    "if": (CONDITION, "true or false"),
    "each": (frozenset({"list"}), "a list"),
    "set language": (frozenset({"language", "text"}), "a language tag"),
}
"""What the values of statements of the language are."""


def check_type(source: Source, option: OptionSpec, value: Deferred) -> Iterator[Diagnostic]:
    """Yield a finding if an option takes no value of this type."""
    option = option.written
    types = _types(option)
    if value.type is not None and types is not None and value.type not in types:
        wanted = DURATION if option.unit is not None else option.types[0] if option.types else "array"
        given = described_type(value.type)
        facts = WrongType(option=Wire(option.key), wanted=wanted, given=given, choices=option.enum)
        yield flow_finding(source, value.node.span, facts)


def check_operand(source: Source, word: str, value: Value) -> Iterator[Diagnostic]:
    """Yield a finding if `if`, `each` or `set language` takes no such value."""
    types, taken = _TAKEN[word]
    found = value.type if isinstance(value, Deferred) else type_of(value.data) if isinstance(value, Known) else None
    if found is not None and found not in types:
        given = described(value.data) if isinstance(value, Known) else described_type(found)
        yield flow_finding(source, value.node.span, WrongOperand(operator=word, wanted=taken, given=given))


def _types(option: OptionSpec) -> Types:
    """Return the types that an option takes; None for any."""
    if option.kind is not None and option.kind in _OF_KIND:
        return _OF_KIND[option.kind]
    if option.unit is not None:
        return frozenset({"duration"})
    if option.is_block or len(option.types) != 1:
        return None
    return TEXT | {"number"} if option.enum else _OF_JSON[option.types[0]]
