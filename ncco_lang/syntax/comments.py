"""Read the comments that the parser passed over, and the documentation comments of declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ncco_lang.source import LINE_END, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lines import line_start
from ncco_lang.syntax.skip_patterns import COMMENT

_COMMENT = re.compile(COMMENT)


def read_comments(text: str, runs: Iterable[Token]) -> tuple[ast.Comment, ...]:
    """Return every comment in parts of a text that hold only comments, blanks and line ends."""
    found = (match for run in runs for match in _COMMENT.finditer(text, run.start, run.end))
    return tuple(ast.Comment(Span(*match.span()), match[0].rstrip()) for match in found)


def read_docs(file: ast.File, text: str) -> dict[ast.Declaration, str]:
    """Return, by declaration, the text of the `///` lines directly above it, without the slashes."""
    docs: dict[ast.Declaration, str] = {}
    comments = list(file.comments)
    at = 0
    for declaration in file.declarations:
        lines: list[ast.Comment] = []
        while at < len(comments) and comments[at].span.start < declaration.span.start:
            lines.append(comments[at])
            at += 1
        said = _directly_above(lines, declaration, text)
        if said:
            docs[declaration] = "\n".join(line.text[3:].strip() for line in said)
    return docs


def _directly_above(lines: list[ast.Comment], declaration: ast.Declaration, text: str) -> list[ast.Comment]:
    """Return the `///` lines that end on the line before a declaration, without another line between them."""
    said: list[ast.Comment] = []
    below = declaration.span.start
    for line in reversed(lines):
        between = text[line.span.end : below]
        if not line.text.startswith("///") or between.strip() or _line_ends(between) != 1:
            break
        if not _is_alone(text, line.span.start):
            break  # it is about what precedes it on its line
        said.insert(0, line)
        below = line.span.start
    return said


def _is_alone(text: str, start: int) -> bool:
    """Return whether only blanks precede a position on its line."""
    return not text[line_start(text, start) : start].strip(" \t\ufeff")


def _line_ends(text: str) -> int:
    return len(LINE_END.findall(text))
