"""Find the context of a position in a flow from its tokens, so that half-typed text has a context too.

The tree gives the declaration before the position. The tokens are read from its start, past the position, to the end of
the statement. The word at the position is left out: completion replaces it, and hover asks what it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.brackets import CLOSING, CLOSING_KINDS
from ncco_lang.syntax.driver import BEFORE_DATA, OBJECT_KEY
from ncco_lang.syntax.lark_parser import load_parser
from ncco_lang.values.language_tags import TAG_BEFORE, TAG_BEGUN, TAG_REST

WORDS = frozenset({"NAME", "FIELD", "CONSTANT", "LANG"})
"""Token kinds made of letters."""
_BLANKS = re.compile(r"[ \t\ufeff]*")
_LINE_END = re.compile(r"[\r\n]")
_WORD_SIGN = re.compile(r"[A-Za-z0-9_]*\Z")
_REST = re.compile(r"[A-Za-z0-9_]*")
_TAG_BEFORE = re.compile(TAG_BEFORE)
_NUMBER_BEFORE = re.compile(r"(?<![A-Za-z0-9_.-])[0-9]+\.\Z")
_TAG_REST = re.compile(TAG_REST)
_LONGEST_WORD = 200
_IN_TEXT = re.compile(r'\\.|\{\{|\}\}|[{}"]', re.DOTALL)


class Part(NamedTuple):
    """A token of a statement. `depth` counts the brackets of lists, objects and calls around it."""

    kind: str
    start: int
    end: int
    text: str
    depth: int


class CursorLine:
    """A statement, a declaration, or an entry of a block.

    Attributes:
        parent: the line whose block contains it; None at the top of the file.
        parts: its tokens, without those of its block and without the word at the position.
        entries: the lines of its block; None if it has no block.
    """

    __slots__ = ("entries", "parent", "parts")

    def __init__(self, parent: CursorLine | None) -> None:
        self.parent = parent
        self.parts: list[Part] = []
        self.entries: list[CursorLine] | None = None

    @property
    def chain(self) -> list[CursorLine]:
        """The lines from the top of the file down to this one, each inside the block of the one before."""
        found = [self]
        while found[-1].parent is not None:
            found.append(found[-1].parent)
        return found[::-1]


@dataclass(frozen=True, slots=True)
class CursorContext:
    """The context of a position in a flow.

    Attributes:
        kind: among tokens, inside a text or in a comment.
        word: the word at the position; empty between words.
        line: the statement or entry that it belongs to.
        index: the number of parts of the line before the word.
        opened: the brackets of data around the position, outermost first.
        inside: the text between the quotes, for a position in a text.
        after_block: the statement's block ends before the position.
    """

    offset: int
    kind: Literal["code", "text", "comment"]
    word: Span
    line: CursorLine
    index: int
    opened: tuple[Part, ...] = ()
    inside: Span | None = None
    after_block: bool = False

    @property
    def before(self) -> list[Part]:
        """The parts of the line before the word."""
        return self.line.parts[: self.index]

    @property
    def after(self) -> list[Part]:
        """The parts of the line after the word."""
        return self.line.parts[self.index :]


def find_context(text: str, file: ast.File | None, offset: int) -> CursorContext:
    """Return the context of an offset; an offset outside the text is moved to its nearest end."""
    offset = max(0, min(offset, len(text)))
    declarations = () if file is None else file.declarations
    at = bisect_right(declarations, offset, key=lambda declaration: declaration.span.start)
    begin = declarations[at - 1].span.start if at else 0
    # What begins after the position on the same line may be the rest of the statement that is being written.
    after = at + (at < len(declarations) and not _LINE_END.search(text, offset, declarations[at].span.start))
    end = declarations[after].span.start if after < len(declarations) else len(text)
    return _Reader(text, begin, max(end, offset), offset).read()


def word_at(text: str, offset: int) -> Span:
    """Return the span of the word around an offset. A language tag, with its dashes, is one word."""
    low = max(0, offset - _LONGEST_WORD)
    before = _WORD_SIGN.search(text, low, offset)
    start = offset if before is None else before.start()
    rest = _REST.match(text, offset)
    end = offset if rest is None else rest.end()
    number = _NUMBER_BEFORE.search(text, max(0, start - 12), start)
    if number is not None:
        return Span(number.start(), end)
    tag = _TAG_BEFORE.search(text, max(0, start - 12), start)
    if tag is not None:
        start = tag.start()
    if re.fullmatch(TAG_BEGUN, text[start:end]):
        more = _TAG_REST.match(text, end)
        end = end if more is None else more.end()
    return Span(start, end)


def read_parts(text: str, start: int, end: int) -> list[Part]:
    """Return the tokens of a stretch without unclosed texts, such as the inside of a text's braces."""
    return _Reader(text, start, end, len(text) + 1).read().line.parts


def open_brace(text: str, inside: Span, offset: int) -> int | None:
    """Return where the brace opens that contains an offset in a text; None outside all braces."""
    opened: int | None = None
    is_quoted = False
    at = inside.start
    while (found := _IN_TEXT.search(text, at, offset)) is not None:
        sign, at = found[0], found.end()
        if opened is not None and sign == '"':
            is_quoted = not is_quoted
        elif is_quoted or sign[0] == "\\":
            continue
        elif opened is None and sign == "{":
            opened = found.start()
        elif opened is not None and sign[0] == "}":
            opened = None
            at = found.start() + 1
        elif sign == "{{" and opened is not None:
            opened = found.end() - 1
    return opened


class _Reader:
    """One pass over the tokens from `begin` to the end of the statement that contains the position."""

    __slots__ = ("at", "context", "data", "end", "line", "offset", "text", "word")

    def __init__(self, text: str, begin: int, end: int, offset: int) -> None:
        self.text, self.at, self.end, self.offset = text, begin, end, offset
        self.word = word_at(text, offset) if offset <= len(text) else Span(offset, offset)
        self.line = CursorLine(None)
        self.data: list[Part] = []
        self.context: CursorContext | None = None

    def read(self) -> CursorContext:
        """Return the context of the position, or of the end of the stretch if no token contains it."""
        match = load_parser().lexicon.token.match
        while self.at <= self.end:
            found = match(self.text, self.at, self.end)
            if found is None:
                self._stray()
                continue
            kind = found.lastgroup or "_END"
            start, stop = found.span(kind)
            if kind == "_NL":
                if self._line_end(start, stop):
                    break
                continue
            if self._is_due(start):
                continue
            if kind == "_END":
                break
            self.at = stop
            if kind.startswith("__IGNORE"):
                if self.text.startswith("//", start) and start + 1 < self.offset <= stop:
                    self._mark("comment")
            elif kind in ("STRING", "LONGSTRING"):
                self._text(start, stop, 3 if kind == "LONGSTRING" else 1)
            elif self._token(kind, start, stop):
                break
        self._mark("code")
        while self.line.parent is not None:  # unclosed blocks
            self._keep()
            self.line = self.line.parent
        assert self.context is not None
        return self.context

    def _is_due(self, start: int) -> bool:
        """Mark the position if a token begins at or after it, and skip the word there. Return whether it was marked."""
        if self.context is not None or start < self.word.start:
            return False
        self._mark("code")
        self.at = max(self.at, self.word.end)
        return True

    def _mark(self, kind: Literal["code", "text", "comment"], inside: Span | None = None) -> None:
        if self.context is None:
            # A position lies in its word, or in no word.
            line, word = self.line, self.word
            self.context = CursorContext(
                offset=self.offset,
                kind=kind,
                word=word,
                line=line,
                index=len(line.parts),
                opened=tuple(self.data),
                inside=inside,
                after_block=line.entries is not None,
            )

    def _stray(self) -> None:
        """Read a character that begins no token, most often the quote of a text that is being written."""
        blanks = _BLANKS.match(self.text, self.at, self.end)
        start = self.at if blanks is None else blanks.end()
        if self._is_due(start):
            return
        if not self.text.startswith('"', start):
            self.line.parts.append(Part("STRAY", start, start + 1, self.text[start], len(self.data)))
            self.at = start + 1
            return
        is_long = self.text.startswith('"""', start)
        stop = None if is_long else _LINE_END.search(self.text, start, self.end)
        self.at = self.end if stop is None else stop.start()
        inside = Span(min(start + (3 if is_long else 1), self.at), self.at)
        if inside.start <= self.offset <= inside.end:
            self._mark("text", inside)
        self.line.parts.append(Part("STRING", start, self.at, self.text[start : self.at], len(self.data)))
        if self.at >= self.end:
            self.at = self.end + 1

    def _text(self, start: int, stop: int, quotes: int) -> None:
        inside = Span(start + quotes, stop - quotes)
        if inside.start <= self.offset <= inside.end:
            self._mark("text", inside)
        self.line.parts.append(Part("STRING", start, stop, self.text[start:stop], len(self.data)))

    def _token(self, kind: str, start: int, stop: int) -> bool:
        """Take a token; return whether reading is done."""
        if kind == "_SEMICOLON" and not self.data:
            return self._next_line()
        parts = self.line.parts
        if kind in CLOSING_KINDS:
            self._close(kind, start, stop)
            return False
        part = Part(kind, start, stop, self.text[start:stop], len(self.data))
        if kind == "LBRACE" and not self._is_data(part):
            self.line.entries = [] if self.line.entries is None else self.line.entries
            self.line = CursorLine(self.line)
            return False
        parts.append(part)
        if kind in CLOSING:
            self.data.append(part)
        return False

    def _is_data(self, brace: Part) -> bool:
        """Return whether a brace opens an object rather than a block."""
        parts = self.line.parts
        context = self.context
        is_after_place = context is not None and context.line is self.line and context.index == len(parts)
        if self.data:
            return True
        if parts and parts[-1].kind in BEFORE_DATA and not is_after_place:
            return True
        is_raw = len(parts) == 1 and parts[0].text == "raw"
        return is_raw or OBJECT_KEY.match(self.text, brace.end, self.end) is not None

    def _close(self, kind: str, start: int, stop: int) -> None:
        if self.data:
            # A closing bracket of another kind also closes what is open: one of the two is a typing error.
            self.data.pop()
            self.line.parts.append(Part(kind, start, stop, self.text[start:stop], len(self.data)))
        elif kind == "RBRACE" and self.line.parent is not None:
            self._keep()
            self.line = self.line.parent

    def _keep(self) -> None:
        parent = self.line.parent
        if parent is not None and parent.entries is not None and self.line.parts:
            parent.entries.append(self.line)

    def _line_end(self, start: int, stop: int) -> bool:
        """Read line ends with the blank lines and comments after them; return whether reading is done."""
        self.at = stop
        if self.context is None and start < self.word.start and self.offset <= stop:
            return self._between(start, stop)
        if self.context is None and self.word.start <= start:
            self._mark("code")
        return not self.data and self._next_line()

    def _between(self, start: int, stop: int) -> bool:
        """Mark a position among blank lines and comments, or right after them; return whether reading is done."""
        here = max(self.text.rfind("\n", start, self.offset), self.text.rfind("\r", start, self.offset)) + 1
        comment = self.text.find("//", here, self.offset)
        if not self.data:
            self._next_line()
        if comment >= 0 and comment + 1 < self.offset:
            self._mark("comment")
        elif self.word.start < stop or stop == len(self.text):
            self._mark("code")
            self.at = max(stop, self.word.end)
        is_line_of_its_own = self.context is not None and _LINE_END.search(self.text, self.offset, stop) is not None
        return is_line_of_its_own and not self.data and self._next_line()

    def _next_line(self) -> bool:
        """Begin a new line; return whether reading is done because the statement at the position has ended."""
        self._keep()
        if self.context is not None and self.line.parent is None:
            return True
        self.line = CursorLine(self.line.parent)
        return False
