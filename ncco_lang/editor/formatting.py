"""Format a text, or some of its lines, as edits.

`ncco fmt` writes LF. In an editor a text keeps its line ends, because the editor would turn an LF of an edit into its
own line end everywhere.
"""

from __future__ import annotations

from ncco_lang.diagnostics import Edit, apply_edits
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.edits import minimal_edits
from ncco_lang.source import Span


def format_document(analysis: Analysis) -> list[Edit]:
    """Return the edits that format a flow; none if it has syntax errors, and for other kinds."""
    formatted = _formatted(analysis)
    return [] if formatted is None else minimal_edits(analysis.source, formatted)


def format_range(analysis: Analysis, span: Span) -> list[Edit]:
    """Return the formatting edits that touch the lines of a span; none if they would not work without the others."""
    formatted = _formatted(analysis)
    if formatted is None:
        return []
    source = analysis.source
    first, last = (source.position(min(max(place, 0), len(source.text))).line for place in span)
    lines = Span(source.line_span(first).start, source.line_span(last).end)
    edits = minimal_edits(source, formatted)
    touching = [edit for edit in edits if _is_in(edit.span, lines)]
    if len(touching) == len(edits):
        return touching
    # A hunk may end where lines only look alike, and what it deletes may come back in another hunk.
    from ncco_lang.formatter import format_text

    again = format_text(apply_edits(source.text, touching)).text
    return touching if again is not None and again == formatted else []


def _is_in(span: Span, lines: Span) -> bool:
    """Return whether an edit touches some lines. One that deletes the line above ends where they begin: it does not."""
    return span.start <= lines.end and (span.end > lines.start or span.start == lines.start)


def _formatted(analysis: Analysis) -> str | None:
    """Return the formatted text; None if it cannot be formatted."""
    if analysis.file is None or analysis.has_syntax_errors:
        return None
    from ncco_lang.formatter import format_file, with_ends_of
    from ncco_lang.gc_pause import uncollected

    with uncollected():
        return with_ends_of(analysis.source.text, format_file(analysis.file, analysis.source))
