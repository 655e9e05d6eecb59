"""Render findings as text: the line, a caret under the span, labels, a hint and the fix."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from ncco_lang.diagnostics import Diagnostic, Severity
from ncco_lang.source import Source, Span

FRAME = 120
"""The width for source lines, in columns, if the terminal's width is unknown."""
_NARROWEST = 20
_MOST_WORDS = 6
_BEFORE, _AFTER = "… ", " …"
_COLOURS: dict[str, str] = {"error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "dim": "2", "hint": "32"}


def _paint(text: str, colour: str, on: bool) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if on and text else text


def visible(text: str) -> str:
    """Return a text with control characters replaced by visible ones, so that input cannot control the terminal."""
    if text.isprintable():
        return text
    shown = []
    for char in text:
        if char == "\t":
            shown.append("    ")
        elif char < " ":
            shown.append(chr(0x2400 + ord(char)))
        elif char == "\x7f":
            shown.append("\u2421")
        else:
            blank = char.isspace() and char != "\x85"
            shown.append(char if char.isprintable() or blank else f"<U+{ord(char):04X}>")
    return "".join(shown)


def columns_of(text: str) -> int:
    """Return the width of a text on a terminal, in columns."""
    shown = visible(text)
    if shown.isascii():
        return len(shown)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in shown
    )


def render_text(
    findings: Iterable[Diagnostic], *, colour: bool = False, width: int = FRAME, fixed_by: str = "--fix"
) -> str:
    """Return all findings as text, one block each, separated by blank lines; empty without findings.

    Args:
        width: the width for source lines, in columns.
        fixed_by: what makes their fixes: an option, or a whole command.
    """
    blocks = [render_finding(finding, colour=colour, width=width, fixed_by=fixed_by) for finding in findings]
    return "\n".join(blocks)


def render_finding(finding: Diagnostic, *, colour: bool = False, width: int = FRAME, fixed_by: str = "--fix") -> str:
    """Return one finding as lines of text, with a final line end."""
    source = finding.source
    head = _paint(f"{place_words(source, finding.span)}:", "bold", colour)
    level = _paint(f"{finding.severity} {finding.rule.code}", finding.severity, colour)
    lines = [f"{head} {level} {finding.rule.name}: {visible(finding.message)}"]
    marks = {source: [(finding.span, "^", "")]}
    for label in finding.labels:
        marks.setdefault(label.source or source, []).append((label.span, "-", label.text))
    digits = len(str(max(each.position(span.start).line for each, some in marks.items() for span, _, _ in some)))
    margin = " " * digits
    for each, some in marks.items():
        if each is not source:
            lines.append(f"  {margin} {_paint('>', 'dim', colour)} {place_words(each, some[0][0])}")
        lines += _snippets(each, some, finding.severity, colour, width, digits)
    if finding.hint and (finding.fix is None or finding.fix.title != finding.hint):
        lines.append(
            f"  {margin} {_paint('=', 'dim', colour)} {_paint('hint:', 'hint', colour)} {visible(finding.hint)}"
        )
    # Commands do not fix settings, so their fixes are for editors only and no option is named.
    if finding.fix is not None and finding.rule.language != "toml":
        how = f"{fixed_by} --unsafe-fixes" if finding.fix.unsafe else fixed_by
        lines.append(
            f"  {margin} {_paint('=', 'dim', colour)} {_paint('fix:', 'hint', colour)} {visible(finding.fix.title)} ({how})"
        )
    return "\n".join(lines) + "\n"


def render_snippet(source: Source, span: Span, *, colour: bool = False, width: int = FRAME) -> list[str]:
    """Return the source line in which a span begins, and the mark below it."""
    digits = len(str(source.position(span.start).line))
    return _snippets(source, [(span, "^", "")], "info", colour, width, digits)


def place_words(source: Source, span: Span) -> str:
    """Return where a span begins, as `menu.flow:3:5`."""
    line, column = source.position(span.start)
    return f"{visible(source.name)}:{line}:{column}"


def _snippets(
    source: Source, marks: list[tuple[Span, str, str]], severity: Severity, colour: bool, columns: int, width: int
) -> list[str]:
    """Return the marked source lines in order, each with its marks below; line numbers take `width` columns."""
    room = max(columns - width - len("   | "), _NARROWEST)
    by_line: dict[int, list[tuple[Span, str, str]]] = {}
    for mark in marks:
        by_line.setdefault(source.position(mark[0].start).line, []).append(mark)
    shown: list[str] = []
    previous = 0
    for line in sorted(by_line):
        if previous and line > previous + 1:
            shown.append(f"  {' ' * width} {_paint(':', 'dim', colour)}")
        previous = line
        left, right, before, after = _window(source, line, by_line[line][0][0], room)
        text = before + visible(source.text[left:right]) + after
        shown.append(f"  {_paint(str(line).rjust(width) + ' |', 'dim', colour)} {text}".rstrip())
        for span, sign, word in by_line[line]:
            begin, end = max(min(span.start, right), left), max(min(span.end, right), left)
            offset = len(before) + columns_of(source.text[left:begin])
            length = max(columns_of(source.text[begin:end]), 1)
            under = _paint(
                sign * length + (f" {visible(word)}" if word else ""), severity if sign == "^" else "info", colour
            )
            shown.append(f"  {' ' * width} {_paint('|', 'dim', colour)} {' ' * offset}{under}")
    return shown


def _window(source: Source, line: int, span: Span, room: int) -> tuple[int, int, str, str]:
    """Return the part of a line around a span that fits in `room` columns, with dots where text is cut.

    The time does not depend on the length of the line.
    """
    left, right = source.line_span(line)
    text = source.text
    if right - left <= room and columns_of(text[left:right]) <= room:
        return left, right, "", ""
    room -= len(_BEFORE) + len(_AFTER)
    begin = _reach(text, min(max(span.start, left), right), left, room // 4)
    if begin - left <= len(_BEFORE):
        begin, end = left, _reach(text, left, right, room + len(_BEFORE))
    else:
        end = _reach(text, begin, right, room)
    if right - end <= len(_AFTER):
        begin, end = _reach(text, right, left, room + len(_AFTER)), right
    return begin, end, _BEFORE if begin > left else "", _AFTER if end < right else ""


def _reach(text: str, start: int, stop: int, room: int) -> int:
    """Return how far from `start` towards `stop` the text fits in `room` columns."""
    step = 1 if stop > start else -1
    at = start
    while at != stop:
        # A zero-width character counts as one column, so that a line of such characters ends.
        room -= max(columns_of(text[at if step > 0 else at - 1]), 1)
        if room < 0:
            break
        at += step
    return at


def few_words(words: Sequence[str]) -> str:
    """Return words in one line, only the first six if there are more: `a, b, c, d, e, f and 3 more`."""
    more = len(words) - _MOST_WORDS
    return ", ".join(words[:_MOST_WORDS]) + (f" and {more} more" if more > 0 else "")


def render_summary(findings: list[Diagnostic], files: int) -> str:
    """Return the summary as a line: `2 errors and 1 warning in 3 files; 1 can be fixed with --fix`."""
    counts = {
        level: sum(1 for finding in findings if finding.severity == level) for level in ("error", "warning", "info")
    }
    words = [(counts["error"], "error"), (counts["warning"], "warning"), (counts["info"], "note")]
    found = [count_words(number, word) for number, word in words if number]
    where = f"in {count_words(files, 'file')}"
    if not found:
        return f"no findings {where}\n"
    safe = sum(1 for finding in findings if finding.fix is not None and not finding.fix.unsafe)
    unsafe = sum(1 for finding in findings if finding.fix is not None and finding.fix.unsafe)
    text = (", ".join(found[:-1]) + " and " if len(found) > 1 else "") + found[-1] + f" {where}"
    if safe:
        text += f"; {safe} can be fixed with --fix"
    if unsafe:
        text += f"{',' if safe else ';'} {unsafe} {'more ' if safe else 'can be fixed '}with --fix --unsafe-fixes"
    return text + "\n"


def count_words(number: int, word: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
