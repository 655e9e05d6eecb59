"""Turn a bound program into an NCCO, and find the place in the flow of each part of the NCCO.

Only a program without errors is emitted, so every slot has a value that the platform takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ncco_lang.diagnostics import Path, Place
from ncco_lang.program.model import BoundStatement, Program, Slot
from ncco_lang.program.option_values import place_of_option
from ncco_lang.program.values import Known
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.raw_options import RAW, added_paths, is_added, path_in_raw, with_raw
from ncco_lang.vocabulary.wire import action_json

if TYPE_CHECKING:
    from ncco_lang.program.values import Value


class SourceMap:
    """The position in a `.flow` file of each part of an NCCO. A position is looked up only for a finding."""

    __slots__ = ("_program", "statements")

    def __init__(self, program: Program, statements: Sequence[BoundStatement]) -> None:
        self._program = program
        self.statements = statements

    def locate(self, place: Place) -> Span:
        """Return the span of a place, or of the nearest part around it if it has none of its own."""
        path = place.path
        if not path:
            return self._program.file.span
        statement, rest = self.statements[int(path[0])], path[1:]
        while rest:
            found = self._in_statement(statement, rest, place if rest == path[1:] else Place(rest))
            if found is not None:
                return found
            rest = rest[:-1]
        return statement.node.span if statement.form is not None else statement.operands[0][1].node.span

    def _in_statement(self, statement: BoundStatement, path: Path, place: Place) -> Span | None:
        if statement.form is None:
            return self._in_value(statement.operands[0][1], path, place)
        is_key = place.part == "key"
        if path == ("action",):
            return statement.node.verb.span
        for fixed, _ in statement.form.fixed:
            if fixed[: len(path)] == path or path[: len(fixed)] == fixed:
                return Span(statement.words[0].span.start, statement.words[-1].span.end)
        around: Slot | None = None
        raw = raw_of(statement)
        if raw is not None and self._is_merged(statement, raw, path):
            return self._in_value(raw.value, path_in_raw(raw.wire, path), place)
        for slot in _sent(statement):
            if slot.path == path[: len(slot.path)]:
                around = slot
            elif around is None and slot.path[: len(path)] == path:
                return slot.key if is_key else slot.span
        if around is None:
            return None
        if around.path == path and place.part != "inside":
            return around.key if is_key else around.span
        return self._in_value(around.value, path[len(around.path) :], place, around)

    def _is_merged(self, statement: BoundStatement, raw: Slot, path: Path) -> bool:
        return is_added(set(added_paths(_written(statement), raw.wire)), path)

    def _in_value(self, value: Value, path: Path, place: Place, slot: Slot | None = None) -> Span | None:
        """Return the span of a part of a value, that of a slot or the action of `raw`; None if it has no such part."""
        if type(value) is not Known:
            return None
        found, data = _part(value.data, path)
        if not found:
            return None
        positions, node = self._program.positions, value.node
        if place.part == "key" and path:
            return positions.key_span(node, path)
        whole = positions.span(node, path)
        # A telephone number and a word of an enum are other texts on the wire.
        if place.part != "inside" or (slot is not None and _part(slot.wire, path)[1] not in (data, [data])):
            return whole
        pieces = positions.pieces(node, path, "plain" if slot is None else place_of_option(slot.option))
        if pieces is None or not isinstance(data, str):
            return whole
        ahead = data[: len(data) - sum(len(piece.value) for piece in pieces)]  # the base URL
        before = ast.Piece(Span(whole.start, whole.start), ahead, "")
        return _inside((before, *pieces), place.start, place.end) or whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """An NCCO and its source map.

    Attributes:
        raw: the paths of what `raw` wrote: whole actions, and parts of actions.
    """

    ncco: list[dict[str, Any]]
    source_map: SourceMap
    raw: frozenset[Path]

    @property
    def plain(self) -> list[dict[str, Any]]:
        """The NCCO without what the option `raw` adds to actions."""
        if all(len(path) == 1 for path in self.raw):
            return self.ncco
        return [_written(statement) for statement in self.source_map.statements]


def emit_ncco(program: Program, statements: Iterable[BoundStatement] | None = None) -> Emitted:
    """Return the NCCO of a program's statements, in order; options keep the author's order.

    Args:
        program: a program without errors.
        statements: the statements to write, each of them without errors; None for those at the top level.
    """
    if statements is None:
        statements = (bound for bound in program.statements if isinstance(bound, BoundStatement))
    written = tuple(statements)
    raw = frozenset((index, *path) for index, statement in enumerate(written) for path in _raw_paths(statement))
    return Emitted(ncco=[_action(each) for each in written], source_map=SourceMap(program, written), raw=raw)


def render_ncco(ncco: Any, *, minify: bool = False) -> str:
    """Return an NCCO as text, indented by two blanks or not at all, with a newline at the end."""
    if minify:
        return json.dumps(ncco, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
    return json.dumps(ncco, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def raw_of(statement: BoundStatement) -> Slot | None:
    """Return the option `raw` of a statement, if it has one whose value is known."""
    for slot in statement.slots:
        if slot.option.kind == RAW:
            return slot if isinstance(slot.wire, dict) else None
    return None


def _raw_paths(statement: BoundStatement) -> Iterator[Path]:
    """Yield the paths of what `raw` wrote in an action: the whole action, or what the option adds."""
    if statement.form is None:
        yield ()
    elif (raw := raw_of(statement)) is not None:
        yield from added_paths(_written(statement), raw.wire)


def _action(statement: BoundStatement) -> dict[str, Any]:
    raw = raw_of(statement)
    return _written(statement) if raw is None else with_raw(_written(statement), raw.wire)


def _written(statement: BoundStatement) -> dict[str, Any]:
    """Return the action without what its option `raw` adds."""
    if statement.form is None:
        wire: dict[str, Any] = statement.wire
        return wire
    # The options of a nested block follow it, and are put into it.
    return action_json(
        statement.form, ((slot.path, {} if slot.option.is_block else slot.wire) for slot in _sent(statement))
    )


def _sent(statement: BoundStatement) -> Iterator[Slot]:
    """Yield the options that the action has on the wire, not those of the language alone."""
    return (slot for slot in statement.slots if slot.path)


def _part(data: Any, path: Path) -> tuple[bool, Any]:
    """Return whether a value has a part at a path, and the part. A value alone is also a list of itself."""
    step: Any
    for step in path:
        if (isinstance(data, dict) and step in data) or (type(data) is list and step in range(len(data))):
            data = data[step]
        elif step != 0 or isinstance(data, (dict, list)):
            return False, None
    return True, data


def _inside(pieces: tuple[ast.Piece, ...], start: int, end: int) -> Span | None:
    """Return the span of a range of characters of a decoded text."""
    at = 0
    found: list[Span] = []
    for piece in pieces:
        length = len(piece.value)
        if at < end and start < at + length:
            if length == piece.span.end - piece.span.start:
                first = piece.span.start + max(0, start - at)
                found.append(Span(first, piece.span.start + min(length, end - at)))
            else:
                found.append(piece.span)
        at += length
    return Span(found[0].start, found[-1].end) if found else None
