"""Texts in quotes → their pieces, each with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.errors import BAD_ESCAPE, LONE_BRACE, finding

_PIECE = re.compile(
    r"""(?P<plain>[^\\{}]+)
      | (?P<escape>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
                 | \\u[0-9a-fA-F]{0,4} | \\. | \\)
      | (?P<brace>\{\{ | \}\})
      | (?P<value>\{(?:[^{}"\r\n]|"[^"\r\n]*")*+\})
      | (?P<lone>[{}])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LINE = re.compile(r"([^\r\n]*)(\r\n?|\n|\Z)")
_BLANK = " \t"
_LONGEST_SHOWN = 40


def build_text(source: Source, span: Span) -> tuple[ast.Text, list[Diagnostic]]:
    """The text `"…"` that stands at `span`, quotes included."""
    problems: list[Diagnostic] = []
    pieces = tuple(_pieces(source, Span(span.start + 1, span.end - 1), problems))
    return ast.Text(span=span, pieces=pieces), problems


def build_long_text(source: Source, span: Span) -> tuple[ast.Text, list[Diagnostic]]:
    """The text in three quotes that stands at `span`: the indent that its lines share is no part of it.

    A line break behind the opening quotes, and a last line that holds the closing ones only, are layout too.
    Every line end is a single LF, whatever the file uses.
    """
    problems: list[Diagnostic] = []
    pieces: list[ast.Piece | ast.NotYet] = []
    lines = list(_lines(source.text, Span(span.start + 3, span.end - 3)))
    on_first_line = lines[0][0].end > lines[0][0].start and bool(_of(source, lines[0][0]).strip(_BLANK))
    if len(lines) > 1 and not on_first_line:
        del lines[0]
    if len(lines) > 1 and not _of(source, lines[-1][0]).strip(_BLANK):
        lines[-2:] = [(lines[-2][0], Span(lines[-2][0].end, lines[-2][0].end))]
    indent = _common_indent([_of(source, line) for line, _ in lines[on_first_line:]])
    for index, (line, end) in enumerate(lines):
        cut = 0 if on_first_line and index == 0 else min(indent, line.end - line.start)
        if _of(source, line).strip(_BLANK):
            pieces += _pieces(source, Span(line.start + cut, line.end), problems)
        if end.end > end.start:
            pieces.append(ast.Piece(span=end, value="\n"))
    return ast.Text(span=span, pieces=tuple(pieces)), problems


def _of(source: Source, span: Span) -> str:
    return source.text[span.start : span.end]


def _lines(text: str, span: Span) -> Iterator[tuple[Span, Span]]:
    """Each line's content and its line end, which is empty for the last."""
    at = span.start
    while True:
        match = _LINE.match(text, at, span.end)
        assert match is not None
        yield Span(*match.span(1)), Span(*match.span(2))
        if match.end(2) == match.start(2):
            return
        at = match.end()


def _common_indent(lines: list[str]) -> int:
    """How many blanks all lines that say something begin with; tabs and spaces are not the same."""
    starts = [line[: len(line) - len(line.lstrip(_BLANK))] for line in lines if line.strip(_BLANK)]
    if not starts:
        return 0
    low, high = min(starts), max(starts)
    same = 0
    while same < len(low) and same < len(high) and low[same] == high[same]:
        same += 1
    return same


def _pieces(source: Source, span: Span, problems: list[Diagnostic]) -> Iterator[ast.Piece | ast.NotYet]:
    for match in _PIECE.finditer(source.text, span.start, span.end):
        at = Span(*match.span())
        written = match.group()
        match match.lastgroup:
            case "plain":
                yield ast.Piece(span=at, value=written)
            case "brace":
                yield ast.Piece(span=at, value=written[0])
            case "value":
                shown = written if len(written) <= _LONGEST_SHOWN else written[: _LONGEST_SHOWN - 1] + "…"
                yield ast.NotYet(span=at, what=f"a value read into a text, as in {shown},")
            case "lone":
                problems.append(_lone_brace(source, at, written))
                yield ast.Piece(span=at, value=written)
            case _:
                value = _escaped(written)
                if value is None:
                    problems.append(_bad_escape(source, at, written))
                yield ast.Piece(span=at, value=value or "")


def _escaped(written: str) -> str | None:
    """What an escape stands for; None when it stands for nothing that can be said or sent."""
    if not written.startswith("\\u"):
        return _ESCAPES.get(written[1:])
    codes = [int(digits, 16) for digits in written.split("\\u")[1:] if len(digits) == 4]
    if len(codes) == 2:
        return chr(0x10000 + ((codes[0] - 0xD800) << 10) + (codes[1] - 0xDC00))
    return None if not codes or 0xD800 <= codes[0] <= 0xDFFF else chr(codes[0])


def _bad_escape(source: Source, span: Span, written: str) -> Diagnostic:
    if written.startswith("\\u"):
        hint = "a pair of such codes is one character; half of it is none" if len(written) == 6 else None
        message = f"{written} is no character"
        hint = hint or "write \\u and four hexadecimal digits"
        return finding(BAD_ESCAPE, source, span, message, hint=hint)
    return finding(
        BAD_ESCAPE,
        source,
        span,
        f"{written} means nothing in a text",
        hint=r"a backslash itself is written \\; known are \" \\ \/ \b \f \n \r \t and \u0041",
        fix=Fix("double the backslash", (Edit(Span(span.start, span.start + 1), "\\\\"),)),
    )


def _lone_brace(source: Source, span: Span, written: str) -> Diagnostic:
    return finding(
        LONE_BRACE,
        source,
        span,
        f"a single {written} in a text is half of something",
        hint=f"write {written * 2} for a brace that is said",
        fix=Fix("double the brace", (Edit(span, written * 2),)),
    )
