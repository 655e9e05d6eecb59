"""Turn a tree into an NCCO with a source map.

Only a tree without errors is emitted, so every name is known and every value fits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ncco_lang.diagnostics import Path, Place
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values import units
from ncco_lang.values.phone import e164_digits
from ncco_lang.vocabulary.ncco_schema import action_names
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.statement_specs import Form, OperandBinding, OptionSlot, bind_operands, spec_of


class SourceMap:
    """The position in a `.flow` file of each part of an NCCO."""

    __slots__ = ("keys", "texts", "values")

    def __init__(self, whole: Span) -> None:
        self.values: dict[Path, Span] = {(): whole}
        self.keys: dict[Path, Span] = {}
        self.texts: dict[Path, ast.Text] = {}

    def locate(self, place: Place) -> Span:
        """Return the span of a place, or of the nearest part around it if it has none of its own."""
        path = place.path
        if place.part == "key" and path in self.keys:
            return self.keys[path]
        if place.part == "inside" and path in self.texts:
            return _inside(self.texts[path], place.start, place.end)
        while path not in self.values:
            path = path[:-1]
        return self.values[path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """An NCCO, its source map, and the indexes of the actions written with `raw`."""

    ncco: list[dict[str, Any]]
    source_map: SourceMap
    raw: frozenset[int]


def emit_ncco(file: ast.File, *, locate: bool = False) -> Emitted:
    """Return the NCCO of a resolved file's statements, in order; options keep the author's order.

    Args:
        file: a tree in which every value is a literal.
        locate: fill the source map, which takes longer than all the rest; without it the map has only the actions.
    """
    source_map = SourceMap(file.span)
    ncco: list[dict[str, Any]] = []
    raw: set[int] = set()
    for declaration in file.declarations:
        if not isinstance(declaration, ast.Command):
            continue
        writer = _Writer(source_map if locate else None, len(ncco))
        source_map.values[(len(ncco),)] = declaration.span
        if declaration.verb.text in action_names():
            writer.write_statement(declaration)
        else:
            raw.add(len(ncco))
            writer.write_raw(declaration)
        ncco.append(writer.action)
    return Emitted(ncco=ncco, source_map=source_map, raw=frozenset(raw))


def render_ncco(ncco: Any, *, minify: bool = False) -> str:
    """Return an NCCO as text, indented by two blanks or not at all, with a newline at the end."""
    if minify:
        return json.dumps(ncco, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
    return json.dumps(ncco, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _holds(whole: Span, part: Span) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def _inside(text: ast.Text, start: int, end: int) -> Span:
    """Return the span of a range of characters of a decoded text."""
    at = 0
    found: list[Span] = []
    for piece in text.pieces:
        if isinstance(piece, ast.Interpolation):
            continue
        length = len(piece.value)
        if at < end and start < at + length:
            if length == piece.span.end - piece.span.start:
                first = piece.span.start + max(0, start - at)
                found.append(Span(first, piece.span.start + min(length, end - at)))
            else:
                found.append(piece.span)
        at += length
    return Span(found[0].start, found[-1].end) if found else text.span


class _Writer:
    """Fills one action, and the source map of its values."""

    def __init__(self, source_map: SourceMap | None, index: int) -> None:
        self.source_map = source_map
        self.index = index
        self.action: dict[str, Any] = {}

    def write_raw(self, command: ast.Command) -> None:
        body = command.operands[0]
        assert isinstance(body, ast.Object)
        self.action.update(self._json((self.index,), body))

    def write_statement(self, command: ast.Command) -> None:
        action = spec_of(command.verb.text)
        assert action is not None
        words = tuple([operand.text if type(operand) is ast.Name else None for operand in command.operands])
        binding = bind_operands(action, words)
        assert binding.form is not None
        self._put(("action",), action.name, command.verb.span, command.verb.span)
        self._write_words(command, binding, binding.form)
        self._write_operands(command, binding, binding.form)
        block = command.block.entries if command.block is not None else ()
        flags = [command.operands[index] for index in binding.flags]
        settings = binding.form.settings
        # The statement's own options in their order, then those of defaults, which are elsewhere in the file.
        whole = command.span
        for part in sorted(
            (*flags, *command.options, *block), key=lambda part: (not _holds(whole, part.span), part.span)
        ):
            self._write_option(part, settings)

    def _write_words(self, command: ast.Command, binding: OperandBinding, form: Form) -> None:
        if binding.words:
            spans = [command.operands[index].span for index in binding.words]
            span = Span(spans[0].start, spans[-1].end)
            for path, value in form.fixed:
                self._put(path, value, span, span)

    def _write_operands(self, command: ast.Command, binding: OperandBinding, form: Form) -> None:
        if binding.operand is not None and form.operand is not None:
            self._set(form.operand, command.operands[binding.operand], command.verb.span)

    def _write_option(self, part: ast.Value | ast.Entry, settings: Mapping[str, OptionSlot]) -> None:
        """Write a flag, an option or a nested block."""
        if isinstance(part, ast.Name):
            self._put(settings[part.text].path, True, part.span, part.span)
        elif isinstance(part, ast.Option):
            self._set(settings[part.name.text], part.value, part.name.span)
        elif isinstance(part, ast.Command):
            setting = settings[part.verb.text]
            self._put(setting.path, {}, part.span, part.verb.span)
            inner = {
                option.name: OptionSlot(option=option, path=(*setting.path, option.key))
                for option in setting.option.options
            }
            for entry in part.block.entries if part.block is not None else ():
                self._write_option(entry, inner)

    def _set(self, setting: OptionSlot, value: ast.Value, key: Span) -> None:
        plain = self._wire((self.index, *setting.path), setting.option, value)
        self._put(setting.path, plain, value.span, key)

    def _put(self, path: Path, value: Any, span: Span, key: Span) -> None:
        """Put a value at a path below the action, and create the objects and lists on the way."""
        holder: Any = self.action
        for depth, step in enumerate(path):
            here = (self.index, *path[: depth + 1])
            if self.source_map is not None:
                self.source_map.values.setdefault(here, span)
                self.source_map.keys.setdefault(here, key)
            if depth == len(path) - 1:
                inner = value
            else:
                inner = [] if isinstance(path[depth + 1], int) else {}
            if isinstance(holder, list):
                if len(holder) <= int(step):
                    holder.append(inner)
            elif depth == len(path) - 1:
                holder[step] = inner
            else:
                holder.setdefault(step, inner)
            holder = holder[step]

    def _wire(self, path: Path, option: OptionSpec, value: ast.Value) -> Any:
        """Return a checked value in its form on the wire."""
        if self.source_map is not None:
            self.source_map.values[path] = value.span
        if option.single and option.item is not None:
            return [self._wire((*path, 0), option.item, value)]
        if isinstance(value, ast.List) and option.item is not None and "object" not in option.item.types:
            return [self._wire((*path, i), option.item, item) for i, item in enumerate(value.items)]
        if isinstance(value, ast.Duration):
            return units.plain(units.convert(value.amount, value.unit, option.unit or "s"))
        if option.enum and isinstance(value, ast.Text | ast.Name | ast.Key | ast.Number):
            word = value.value if isinstance(value, ast.Text) else value.text
            return enum_value(option, word, bare=isinstance(value, ast.Name))
        if option.kind == "phone" and isinstance(value, ast.Text):
            return e164_digits(value.value)
        if "integer" in option.types and isinstance(value, ast.Number):
            return int(value.value)
        return self._json(path, value)

    def _json(self, path: Path, value: ast.Value) -> Any:
        if self.source_map is not None:
            self.source_map.values[path] = value.span
        match value:
            case ast.Text():
                if self.source_map is not None:
                    self.source_map.texts[path] = value
                return value.value
            case ast.Number() | ast.Constant():
                return value.value
            case ast.List():
                return [self._json((*path, index), item) for index, item in enumerate(value.items)]
            case ast.Object():
                plain = {}
                for pair in value.pairs:
                    inside = (*path, pair.key.value)
                    if self.source_map is not None:
                        self.source_map.keys[inside] = pair.key.span
                    plain[pair.key.value] = self._json(inside, pair.value)
                return plain
            case ast.Tag() | ast.Name() | ast.Key():
                return value.text
            case _:
                raise AssertionError(f"{type(value).__name__} was let through by the checks")
