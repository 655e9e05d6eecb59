"""Place what is between two nodes and not in the tree: comments and blank lines.

Each comment is returned once, in the order of the file, to the caller that asks for those before a position. So none is
lost, and finding them takes no search.
"""

from __future__ import annotations

import re
from collections.abc import Container

from ncco_lang.formatter.parts import CommentLine, Row
from ncco_lang.source import Source
from ncco_lang.syntax import ast

_BARE = re.compile(r"(//|///)(?=[^/\s])")


def tidy(comment: str) -> str:
    """Return a comment with a blank after its slashes; a row of slashes is unchanged."""
    return _BARE.sub(r"\1 ", comment, count=1) if _BARE.match(comment) else comment.rstrip()


class Gaps:
    """The comments of one file that have not been placed yet, and its line ends.

    Attributes:
        text: the file, each line end a single LF at the offset of its last character; None for a tree without a file.
        apart: nodes with a blank line above them, for a tree without a file.
    """

    __slots__ = ("_at", "_comments", "_written", "apart", "text")

    def __init__(self, file: ast.File, source: Source | None, apart: Container[ast.Node] = ()) -> None:
        self._comments = file.comments if source is not None else ()
        self._at = 0
        self.apart = apart
        self.text: str | None = None
        self._written = "" if source is None else source.text
        if source is not None:
            text = source.text
            self.text = text.replace("\r\n", " \n").replace("\r", "\n") if "\r" in text else text

    def is_on_one_line(self, node: ast.Node) -> bool:
        """Return whether the author wrote all of a node on one line."""
        return self.text is not None and self.text.find("\n", *node.span) < 0

    def written(self, start: int, end: int) -> str:
        """Return a part of the file as its author wrote it, and mark the comments inside as placed."""
        while self._at < len(self._comments) and self._comments[self._at].span.start < end:
            self._at += 1
        return self._written[start:end].replace("\r\n", "\n").replace("\r", "\n")

    def trailing(self, start: int, before: int) -> str | None:
        """Return the comment between two offsets that is on the line of the first one."""
        if self._at == len(self._comments):
            return None
        comment = self._comments[self._at]
        if comment.span.start >= before or self._line_ends(start, comment.span.start):
            return None
        self._at += 1
        return tidy(comment.text)

    def above(self, start: int, node: ast.Node | None, before: int) -> tuple[list[CommentLine], bool]:
        """Return the comments on the lines between two offsets, and whether a blank line follows them.

        Args:
            start: the end of what precedes them, with or without its trailing comment.
            node: the node that follows; None before a closing bracket.
            before: where that node or bracket begins.
        """
        if self.text is None:
            return [], node in self.apart
        lines: list[CommentLine] = []
        comments = self._comments
        while self._at < len(comments) and comments[self._at].span.start < before:
            comment = comments[self._at]
            lines.append(CommentLine(tidy(comment.text), self._line_ends(start, comment.span.start) > 1))
            start = comment.span.end
            self._at += 1
        return lines, self._line_ends(start, before) > 1

    def _line_ends(self, start: int, end: int) -> int:
        return self.text.count("\n", start, end) if self.text is not None else 0


class Rows:
    """Collects the rows of a bracket, or of a file if nothing is opened, with the comments and blank lines between
    them.

    Attributes:
        note: the comment after the opening bracket.
    """

    __slots__ = ("_end", "_gaps", "_is_file", "note", "rows")

    def __init__(self, gaps: Gaps, opened: int | None) -> None:
        self._gaps = gaps
        self._end = opened or 0
        self._is_file = opened is None
        self.rows: list[Row] = []
        self.note: str | None = None

    def begin(self, node: ast.Node, last: ast.Node | None = None) -> Row:
        """Return the row of a node, or of all nodes up to `last`, without its parts; the comments before it are placed."""
        row = self._row(node, node.span[0])
        self.rows.append(row)
        self._end = (last or node).span[1]
        return row

    def close(self, end: int) -> None:
        """Place the comments before the closing bracket, after the last node."""
        row = self._row(None, end)
        if row.above:
            self.rows.append(row)

    def _row(self, node: ast.Node | None, start: int) -> Row:
        gaps = self._gaps
        if self.rows:
            self.rows[-1].note = gaps.trailing(self._end, start)
        elif not self._is_file:
            self.note = gaps.trailing(self._end, start)
        above, blank = gaps.above(self._end, node, start)
        return Row(above, blank, [])
