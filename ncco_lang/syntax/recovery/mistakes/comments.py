"""Comments as other languages write them: `# …` and `/* … */`."""

from __future__ import annotations

import re

from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.lines import begins_line, line_end, next_line, rest_of_line
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake
from ncco_lang.syntax.syntax_rules import write

_ARM = re.compile(r"[ \t]*(?:=|:)|[^\r\n]*->")
"""What follows the key of an arm, with another sign or its own."""


def _hash_comment(at: Misfit) -> Mistake | None:
    """`# …` at the beginning of a line, after a statement, or where an arm could begin."""
    start, cuts = at.start, False
    if at.kind != "HASH":
        # In a block the hash could be the key of an arm, so only what follows it does not fit.
        start, cuts = at.before - 1, True
        if at.kind_before != "HASH" or at.word != "#" or _ARM.match(at.text, at.before):
            return None
    elif _is_stray(at, at.end):
        return None
    end = line_end(at.text, start)
    fix = write(Span(start, start + 1), "//")
    to = _after(at, end, cuts)
    return at.mistake(Span(start, end), said.HASH_COMMENT, to=to, fix=fix, cuts=cuts)


def _block_comment(at: Misfit) -> Mistake | None:
    """`/* … */` to its end, or to the end of the line if it is not closed."""
    text = at.text
    if at.kind != "SLASH" or not text.startswith("/*", at.start):
        return None
    closing = text.find("*/", at.start + 2)
    end = closing + 2 if closing >= 0 else at.line_end
    span = Span(at.start, at.start + 2)
    if closing < 0 and _is_stray(at, span.end):
        end = span.end
    fix = None
    if closing >= 0 and not rest_of_line(text, end).strip():
        lines = text[span.end : closing].rstrip().splitlines(keepends=True)
        kept = [
            re.sub(r"^([ \t]*)\**[ \t]?", r"\1// ", line) if index else f"//{line}" for index, line in enumerate(lines)
        ]
        fix = write(Span(at.start, end), "".join(kept) or "//", "write //")
    return at.mistake(span, said.BLOCK_COMMENT, to=_after(at, end), fix=fix)


def _after(at: Misfit, end: int, cuts: bool = False) -> int:
    """Return where reading goes on after a comment: after the line end if the comment is alone on its line."""
    is_alone = (at.parse.fresh or cuts) and not rest_of_line(at.text, end).strip()
    return next_line(at.text, end) if is_alone else end


def _is_stray(at: Misfit, end: int) -> bool:
    """Return whether the line reads on after a sign that ends at `end`, and not after the rest of the line."""
    if begins_line(at.text, at.start) or not at.reads_on(end):
        return False
    is_loose = not at.text[max(0, at.start - 1) : at.start].strip()
    return not is_loose or not at.reads_on(at.line_end)


COMMENT_MISTAKES: tuple[Finder, ...] = (_hash_comment, _block_comment)
