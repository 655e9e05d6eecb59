"""Apply `// ncco: allow F301, unknown-action`: silence findings that the author has considered.

The comment is on a line of its own above the statement, or at the end of the statement's first line, and covers the
whole statement: a finding may be in the middle of a text over several lines, where no comment fits. A comment cannot
allow an error that keeps the statement from being compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Rule
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.allows import Allow
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

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
    why="This comment allows a rule that does not exist, so it has no effect.",
    bad='// ncco: allow F9999\ntalk "Good morning."',
    good='talk "Good morning."',
    language="flow",
)
RULES = (UNUSED_ALLOW, UNKNOWN_ALLOW)


class UnusedAllow(Facts):
    """A comment that allows a rule without a finding."""

    rule = UNUSED_ALLOW
    message = "there is no finding here that {word:s} could allow"
    hint = "remove it"
    word: str


class UnknownAllow(Facts):
    """A comment that allows a rule that does not exist; `word` is empty if it names none."""

    rule = UNKNOWN_ALLOW
    word: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        message = "there is no rule {word}" if self.word else "this comment names no rule"
        return self.say(spelling, message, "did you mean {near}?" if self.near else "ncco explain lists the rules")


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
            facts = UnknownAllow(word=allow.word, near=nearest(allow.word) if allow.word else None)
            yield flow_finding(source, allow.span, facts)
        elif is_complete and (allow.lines, rule) not in used:
            fix = Fix("remove the comment", (Edit(_whole(source, allow.comment), ""),)) if allow.alone else None
            yield flow_finding(source, allow.span, UnusedAllow(word=allow.word), fix=fix)


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
