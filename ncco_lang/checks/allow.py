"""`// ncco: allow F301, unknown-action`: one finding that its author has thought about, silenced where it stands.

The comment stands on a line of its own above the statement, or behind it on its first line, and is about all of it: a
finding may lie in the middle of a text over several lines, where no comment fits. What would keep the statement
from being compiled at all cannot be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Rule
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.errors import finding

UNUSED_ALLOW = Rule(
    code="F141",
    name="unused-allow",
    severity="warning",
    why="This comment allows a finding that nobody makes here. It is left over, or it names another rule than it means, "
    "and would hide the next mistake.",
    bad='// ncco: allow speech-too-long\ntalk "Good morning."',
    good='talk "Good morning."',
    language="flow",
)
UNKNOWN_ALLOW = Rule(
    code="F142",
    name="unknown-allow",
    severity="error",
    why="This comment allows a rule that there is not, so it does nothing.",
    bad='// ncco: allow F9999\ntalk "Good morning."',
    good='talk "Good morning."',
    language="flow",
)
RULES = (UNUSED_ALLOW, UNKNOWN_ALLOW)

_ALLOW = re.compile(r"//[ \t]*ncco:[ \t]*allow\b[ \t]*(.*)")
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Allow:
    """One rule that is allowed on some lines. `alone` says that its comment names no other rule."""

    comment: ast.Comment
    word: str
    span: Span
    lines: range
    alone: bool


def read_allows(file: ast.File, source: Source) -> list[Allow]:
    """Every rule that the comments of a file allow, with the lines that it is about."""
    allows = []
    ends: dict[int, int] | None = None
    for comment in file.comments:
        found = _ALLOW.match(comment.text)
        if found is None:
            continue
        ends = last_lines(file.declarations, source) if ends is None else ends
        line = _line_of(source, comment)
        lines = range(line, ends.get(line, line) + 1)
        words = list(_WORD.finditer(found[1])) or [found]
        for word in words:
            at = comment.span.start + (found.start(1) + word.start() if word is not found else 0)
            text = word[0] if word is not found else ""
            allows.append(Allow(comment, text, Span(at, at + len(word[0])), lines, len(words) == 1))
    return allows


def last_lines(declarations: Sequence[ast.Declaration], source: Source) -> dict[int, int]:
    """The line on which a statement, an option or a declaration begins → the line on which the longest of them ends."""
    ends: dict[int, int] = {}
    waiting: list[ast.Node] = list(declarations)
    while waiting:
        node = waiting.pop()
        first, last = (source.position(place).line for place in node.span)
        ends[first] = max(last, ends.get(first, last))
        for name in ("block", "otherwise", "target"):
            block = getattr(node, name, None)
            waiting += block.entries if isinstance(block, ast.Block) else ()
        waiting += getattr(node, "branches", ())
    return ends


def apply_allows(
    allows: list[Allow],
    source: Source,
    found: Iterable[Diagnostic],
    find_rule: Callable[[str], Rule | None],
    nearest: Callable[[str], str | None],
    *,
    is_complete: bool = True,
) -> Iterator[Diagnostic]:
    """The findings without those that are allowed, and what is wrong with the comments themselves.

    Args:
        is_complete: every check has run; else nobody knows yet whether a comment silences something.
    """
    used: set[Allow] = set()
    rules = {allow: find_rule(allow.word) for allow in allows}
    by_line: dict[int, list[Allow]] = {}
    for allow in allows:
        for line in allow.lines:
            by_line.setdefault(line, []).append(allow)
    for each in found:
        line = source.position(each.span.start).line
        silencing = [allow for allow in by_line.get(line, ()) if rules[allow] is each.rule]
        used.update(silencing)
        # An error that stopped the checks keeps the flow from being compiled, whatever a comment says.
        if not silencing or (not is_complete and each.severity == "error"):
            yield each
    for allow in allows:
        if rules[allow] is None:
            near = nearest(allow.word) if allow.word else None
            hint = f'did you mean "{near}"?' if near else "ncco explain lists the rules"
            message = f'there is no rule "{allow.word}"' if allow.word else "this comment names no rule"
            yield finding(UNKNOWN_ALLOW, source, allow.span, message, hint=hint)
        elif is_complete and allow not in used:
            message = f"nothing is found here that {allow.word} could silence"
            fix = Fix("take the comment out", (Edit(_whole(source, allow.comment), ""),)) if allow.alone else None
            yield finding(UNUSED_ALLOW, source, allow.span, message, fix=fix)


def _line_of(source: Source, comment: ast.Comment) -> int:
    """The line that a comment is about: its own where something stands before it, else the next with a statement."""
    line = source.position(comment.span.start).line
    if source.text[source.line_span(line).start : comment.span.start].strip():
        return line
    while line < len(source.line_starts):
        line += 1
        below = source.line_span(line)
        text = source.text[below.start : below.end].strip()
        if text and not text.startswith("//"):
            return line
    return line


def _whole(source: Source, comment: ast.Comment) -> Span:
    """A comment with the line that it stands on alone, or with the blanks before it."""
    line = source.position(comment.span.start).line
    left = source.line_span(line)
    if source.text[left.start : comment.span.start].strip():
        return Span(left.start + len(source.text[left.start : comment.span.start].rstrip()), left.end)
    following = source.line_starts[line] if line < len(source.line_starts) else left.end
    return Span(left.start, following)
