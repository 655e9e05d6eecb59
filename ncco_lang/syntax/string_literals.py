"""Read texts in quotes into their pieces, each with its span."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast, said
from ncco_lang.syntax.skip_patterns import VALUE

_PIECE = re.compile(
    r"""(?P<plain>[^\\{}]+)
      | (?P<escape>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
                 | \\u[0-9a-fA-F]{0,4} | \\. | \\)
      | (?P<brace>\{\{ | \}\})
      | (?P<value>"""
    + VALUE
    + r""")
      | (?P<lone>[{}])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LINE = re.compile(r"([^\r\n]*)(\r\n?|\n|\Z)")
_BLANK = " \t"
_MARK = re.compile(r"[\\{}]")


class TextReader:
    """Reads the texts of one file.

    Attributes:
        read_value: parses the span of an interpolation, braces included.
        unclosed: where texts begin that have no closing quote.
        diagnostics: receives the findings about texts.
    """

    __slots__ = ("diagnostics", "read_value", "source", "unclosed")

    def __init__(
        self,
        source: Source,
        read_value: Callable[[Span], ast.Interpolation],
        unclosed: set[int],
        diagnostics: list[Diagnostic],
    ) -> None:
        self.source = source
        self.read_value = read_value
        self.unclosed = unclosed
        self.diagnostics = diagnostics

    def read(self, span: Span) -> ast.Text:
        """Return the text at a span, quotes included."""
        text = self.source.text
        if text.startswith('"""', span.start):
            return self._read_long(span)
        end = span.end if span.start in self.unclosed else span.end - 1
        if _MARK.search(text, span.start + 1, end) is None:
            plain = text[span.start + 1 : end]
            return ast.Text(span, (ast.Piece(Span(span.start + 1, end), plain, plain),) if plain else ())
        return ast.Text(span, tuple(self._pieces(Span(span.start + 1, end))))

    def _read_long(self, span: Span) -> ast.Text:
        """Return the text in triple quotes at `span`, without the indent that its lines share.

        A line break after the opening quotes, and a last line with the closing ones only, are layout too.
        Every line end is a single LF, whatever the file uses.
        """
        source = self.source
        pieces: list[ast.Piece | ast.Interpolation] = []
        end = span.end if span.start in self.unclosed else span.end - 3
        lines = list(_lines(source.text, Span(span.start + 3, end)))
        on_first_line = lines[0][0].end > lines[0][0].start and bool(_of(source, lines[0][0]).strip(_BLANK))
        if len(lines) > 1 and not on_first_line:
            del lines[0]
        if len(lines) > 1 and not _of(source, lines[-1][0]).strip(_BLANK):
            lines[-2:] = [(lines[-2][0], Span(lines[-2][0].end, lines[-2][0].end))]
        indent = _common_indent([_of(source, line) for line, _ in lines[on_first_line:]])
        for index, (line, end_of_line) in enumerate(lines):
            cut = 0 if on_first_line and index == 0 else min(indent, line.end - line.start)
            if _of(source, line).strip(_BLANK):
                pieces += self._pieces(Span(line.start + cut, line.end))
            if end_of_line.end > end_of_line.start:
                pieces.append(ast.Piece(end_of_line, "\n", "\n"))
        return ast.Text(span, tuple(pieces), True)

    def _pieces(self, span: Span) -> Iterator[ast.Piece | ast.Interpolation]:
        source = self.source
        for match in _PIECE.finditer(source.text, span.start, span.end):
            at = Span(*match.span())
            written = match.group()
            match match.lastgroup:
                case "plain":
                    yield ast.Piece(at, written, written)
                case "brace":
                    yield ast.Piece(at, written[0], written)
                case "value":
                    yield self.read_value(at)
                case "lone":
                    if span.start - 1 not in self.unclosed:
                        self.diagnostics.append(_lone_brace(source, at, written))
                    yield ast.Piece(at, written, written)
                case _:
                    value = _escaped(written)
                    if value is None:
                        self.diagnostics.append(_bad_escape(source, at, written))
                    yield ast.Piece(at, value or "", written)


def _of(source: Source, span: Span) -> str:
    return source.text[span.start : span.end]


def _lines(text: str, span: Span) -> Iterator[tuple[Span, Span]]:
    """Yield the spans of each line and of its line end, which is empty for the last."""
    at = span.start
    while True:
        match = _LINE.match(text, at, span.end)
        assert match is not None
        yield Span(*match.span(1)), Span(*match.span(2))
        if match.end(2) == match.start(2):
            return
        at = match.end()


def _common_indent(lines: list[str]) -> int:
    """Return how many blanks begin every line that is not blank; tabs and spaces differ."""
    starts = [line[: len(line) - len(line.lstrip(_BLANK))] for line in lines if line.strip(_BLANK)]
    if not starts:
        return 0
    low, high = min(starts), max(starts)
    same = 0
    while same < len(low) and same < len(high) and low[same] == high[same]:
        same += 1
    return same


def _escaped(written: str) -> str | None:
    """Return the character of an escape; None if the escape is invalid or its character cannot be spoken or sent."""
    if not written.startswith("\\u"):
        return _ESCAPES.get(written[1:])
    codes = [int(digits, 16) for digits in written.split("\\u")[1:] if len(digits) == 4]
    if len(codes) == 2:
        return chr(0x10000 + ((codes[0] - 0xD800) << 10) + (codes[1] - 0xDC00))
    return None if not codes or 0xD800 <= codes[0] <= 0xDFFF else chr(codes[0])


def _bad_escape(source: Source, span: Span, written: str) -> Diagnostic:
    if written.startswith("\\u"):
        what = said.HALF_CHARACTER if len(written) == 6 else said.NO_CHARACTER
        return said.misread(source, span, what, written=written)
    fix = Fix("double the backslash", (Edit(Span(span.start, span.start + 1), "\\\\"),))
    return said.misread(source, span, said.NO_ESCAPE, written=written, fix=fix)


def _lone_brace(source: Source, span: Span, written: str) -> Diagnostic:
    fix = Fix("double the brace", (Edit(span, written * 2),), unsafe=True)
    other = "}" if written == "{" else "{"
    return said.misread(source, span, said.LONE_BRACE, written=written, instead=other, fix=fix)
