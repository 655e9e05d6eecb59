"""Apply `// ncco: allow F301, unknown-action`: silence findings that the author has considered.

The comment is on a line of its own above the statement, or at the end of the statement's first line, and covers the
whole statement: a finding may be in the middle of a text over several lines, where no comment fits. A comment cannot
allow an error that keeps the statement from being compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Rule
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.allows import Allow
from ncco_lang.syntax.syntax_rules import finding

UNUSED_ALLOW = Rule(
    code="F141",
    name="unused-allow",
    severity="warning",
    why="This comment allows a finding that no check makes here. It is left over, or it names another rule than it means, "
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


def apply_allows(
    allows: list[Allow],
    source: Source,
    found: Iterable[Diagnostic],
    find_rule: Callable[[str], Rule | None],
    nearest: Callable[[str], str | None],
    *,
    is_complete: bool = True,
) -> Iterator[Diagnostic]:
    """Yield the findings that are not allowed, and the findings about the comments themselves.

    Args:
        is_complete: every check has run; otherwise it is not known which comments are unused.
    """
    used: set[tuple[range, Rule]] = set()
    rules = {word: find_rule(word) for word in {allow.word for allow in allows}}
    by_line = _by_line({allow.lines for allow in allows})
    allowed = {(allow.lines, rule) for allow in allows if (rule := rules[allow.word]) is not None}
    for each in found:
        line = source.position(each.span.start).line
        silencing = [key for lines in by_line.get(line, ()) if (key := (lines, each.rule)) in allowed]
        used.update(silencing)
        # An error that stopped the checks keeps the flow from being compiled, whatever a comment says.
        if not silencing or (not is_complete and each.severity == "error"):
            yield each
    for allow in allows:
        rule = rules[allow.word]
        if rule is None:
            near = nearest(allow.word) if allow.word else None
            hint = f'did you mean "{near}"?' if near else "ncco explain lists the rules"
            message = f'there is no rule "{allow.word}"' if allow.word else "this comment names no rule"
            yield finding(UNKNOWN_ALLOW, source, allow.span, message, hint=hint)
        elif is_complete and (allow.lines, rule) not in used:
            message = f"nothing is found here that {allow.word} could silence"
            fix = Fix("take the comment out", (Edit(_whole(source, allow.comment), ""),)) if allow.alone else None
            yield finding(UNUSED_ALLOW, source, allow.span, message, fix=fix)


def _by_line(ranges: set[range]) -> dict[int, list[range]]:
    """Return line → the ranges that cover it: one for each nested statement, however many comments each has."""
    by_line: dict[int, list[range]] = {}
    for lines in ranges:
        for line in lines:
            by_line.setdefault(line, []).append(lines)
    return by_line


def _whole(source: Source, comment: ast.Comment) -> Span:
    """Return the span of a comment and its line if it is alone there, else of the comment and the blanks before it."""
    line = source.position(comment.span.start).line
    left = source.line_span(line)
    if source.text[left.start : comment.span.start].strip():
        return Span(left.start + len(source.text[left.start : comment.span.start].rstrip()), left.end)
    following = source.line_starts[line] if line < len(source.line_starts) else left.end
    return Span(left.start, following)
