"""Formatting as edits: the whole text, or some of its lines.

`ncco fmt` writes LF. In an editor a text keeps the line ends that it has, because they are the editor's own matter: it
would turn an LF that an edit brings into what it writes everywhere.
"""

from __future__ import annotations

from ncco_lang.diagnostics import Edit, apply_edits
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.edits import least_edits
from ncco_lang.source import Span


def format_document(analysis: Analysis) -> list[Edit]:
    """The edits that give a flow its one form; none while it has syntax errors, and for other kinds."""
    formatted = _formatted(analysis)
    return [] if formatted is None else least_edits(analysis.source, formatted)


def format_range(analysis: Analysis, span: Span) -> list[Edit]:
    """Those of the edits that touch the lines of a span; none where they would not do without the others."""
    formatted = _formatted(analysis)
    if formatted is None:
        return []
    source = analysis.source
    first, last = (source.position(min(max(place, 0), len(source.text))).line for place in span)
    lines = Span(source.line_span(first).start, source.line_span(last).end)
    edits = least_edits(source, formatted)
    touching = [edit for edit in edits if _is_in(edit.span, lines)]
    if len(touching) == len(edits):
        return touching
    # A hunk may end where lines only look the same, and what it takes away comes back in another.
    from ncco_lang.formatter import format_text

    again = format_text(apply_edits(source.text, touching)).text
    return touching if again is not None and _with_ends_of(source.text, again) == formatted else []


def _is_in(span: Span, lines: Span) -> bool:
    """Whether an edit touches some lines; one that takes away the line above them ends where they begin, and does not."""
    return span.start <= lines.end and (span.end > lines.start or span.start == lines.start)


def _formatted(analysis: Analysis) -> str | None:
    """The text in its one form; None where there is none."""
    if analysis.file is None or analysis.has_syntax_errors:
        return None
    from ncco_lang.formatter import format_file
    from ncco_lang.gc_pause import uncollected

    with uncollected():
        return _with_ends_of(analysis.source.text, format_file(analysis.file, analysis.source))


def _with_ends_of(text: str, formatted: str) -> str:
    """A formatted text with the line ends that its first line had."""
    has_crlf = text[: text.find("\n") + 1].endswith("\r\n")
    return formatted.replace("\n", "\r\n") if has_crlf else formatted
