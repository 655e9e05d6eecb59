"""Find the addresses in a text that an editor can open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncco_lang.editor.roles import statements
from ncco_lang.editor.types import DocumentLink
from ncco_lang.project.toml_places import find_places
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.vocabulary.kinds import HTTP_ADDRESSES
from ncco_lang.vocabulary.option_specs import OptionSpec

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis

_ADDRESS = re.compile(r"https?://[^\s\"'<>\\{}|^`]+", re.IGNORECASE)
_TOML_TEXT = re.compile(r"""[ \t]*=[ \t]*(["'])([^"'\\:\r\n]+)\1""")
_TRAILING = ".,;:!?)]"
_BELOW = "below the base URL"


def links(analysis: Analysis) -> list[DocumentLink]:
    """Return the links of a text, in order."""
    text = analysis.source.text
    program = analysis.program
    if program is None:
        addresses = list(_in_text(text, Span(0, len(text)), is_open=False))
        return addresses if analysis.kind != "toml" else sorted([*addresses, *_flows(text)], key=lambda link: link.span)
    found: list[DocumentLink] = []
    for node in nodes(program.file):
        if isinstance(node, ast.Text):
            found += _in_literal(text, node)
        elif isinstance(node, ast.Use):
            found += _path(node)
    base = analysis.settings.options.base_url
    if base is not None:
        for statement in statements(program):
            for option, value in statement.values:
                found += _relative(option, value, base)
    return sorted(found, key=lambda link: link.span)


def _in_literal(text: str, literal: ast.Text) -> Iterator[DocumentLink]:
    """Yield the addresses in a text, except one that continues with a value or an escape: the rest is not known yet."""
    for index, piece in enumerate(literal.pieces):
        if isinstance(piece, ast.Piece) and piece.value == piece.written:
            after = literal.pieces[index + 1 : index + 2]
            is_open = any(not isinstance(each, ast.Piece) or each.value != "\n" for each in after)
            yield from _in_text(text, piece.span, is_open=is_open)


def _in_text(text: str, span: Span, *, is_open: bool) -> Iterator[DocumentLink]:
    """Yield the addresses in a part of a text; an address that reaches the end of an open part is incomplete."""
    for match in _ADDRESS.finditer(text, span.start, span.end):
        if (is_open and match.end() == span.end) or text.startswith("\\", match.end()):
            continue
        address = match[0].rstrip(_TRAILING)
        if address.partition("://")[2]:
            yield DocumentLink(Span(match.start(), match.start() + len(address)), address)


def _flows(text: str) -> Iterator[DocumentLink]:
    """Yield the flow files of the applications of an `ncco.toml`."""
    for path, span in find_places(text).items():
        value = _TOML_TEXT.match(text, span.end)
        if value is not None and len(path) == 5 and path[::2] == ("profiles", "applications", "flow"):
            yield DocumentLink(Span(*value.span(2)), value[2])


def _path(use: ast.Use) -> Iterator[DocumentLink]:
    inside = Span(use.path.span.start + 1, use.path.span.end - 1)
    if use.path.value and inside.end > inside.start:
        yield DocumentLink(inside, use.path.value)


def _relative(option: OptionSpec, value: ast.Value, base: str) -> Iterator[DocumentLink]:
    """Yield an address that begins with a slash, resolved against the base URL as the compiler does."""
    if option.item is not None:
        for item in value.items if isinstance(value, ast.List) else (value,):
            yield from _relative(option.item, item, base)
    elif option.kind in HTTP_ADDRESSES and isinstance(value, ast.Text) and _is_below(value) and base.startswith("http"):
        span = Span(value.span.start + 1, value.pieces[-1].span.end)
        yield DocumentLink(span, base.rstrip("/") + value.value, _BELOW)


def _is_below(literal: ast.Text) -> bool:
    return literal.value.startswith("/") and all(isinstance(piece, ast.Piece) for piece in literal.pieces)
