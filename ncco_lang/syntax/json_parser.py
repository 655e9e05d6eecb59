"""The patient JSON parser: goes on behind the usual slips, and makes a finding of each.

In comes a `Source`; out come a tree of `Node`s and the findings. `syntax/json.py` is the door to it.
"""

from __future__ import annotations

import json
import re

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label, Rule
from ncco_lang.source import Source, Span
from ncco_lang.syntax import json_rules as rules
from ncco_lang.syntax.json import LONE, MAX_DEPTH, Node, UnusualError, finite, raw_offsets

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<string>"(?:[^"\\\r\n]++|\\[^\r\n])*+")
      | (?P<mark>[][{}:,])
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.+-]))
      | (?P<badnumber>[+-]?(?:Infinity\b|NaN\b)|[+.-]?\.?[0-9][\w.+-]*)
      | (?P<word>[^\W\d]\w*)
      | (?P<comment>//[^\r\n]*|\#[^\r\n]*|/\*.*?\*/)
      | (?P<quoted>'(?:[^'\\\r\n]|\\[^\r\n])*'|`(?:[^`\\]|\\.)*`|[“”„][^“”„\r\n]*[“”]|[‘’][^‘’\r\n]*[’])
      """,
    re.VERBOSE | re.DOTALL,
)
_LITERALS = {"true": True, "false": False, "null": None}
_FOREIGN = {"True": "true", "False": "false", "None": "null", "undefined": "null", "nil": "null"}


class StopError(Exception):
    """The parser met something it cannot guess; the finding is made already."""


class Parser:
    """One pass over the tokens with a stack of open lists and objects; no recursion, so depth costs nothing."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.pos = 0
        self.kind = ""
        self.start = 0
        self.end = 0
        self.behind = 0
        self.found: list[Diagnostic] = []
        if source.text.startswith("\ufeff"):
            self.pos = 1
            self.report(
                rules.BYTE_ORDER_MARK,
                Span(0, 1),
                "an invisible byte order mark stands before the text",
                fix=Fix("remove the mark", (Edit(Span(0, 1), ""),)),
            )

    def report(
        self,
        rule: Rule,
        span: Span,
        message: str,
        *,
        hint: str | None = None,
        fix: Fix | None = None,
        labels: tuple[Label, ...] = (),
    ) -> None:
        self.found.append(
            Diagnostic(
                rule=rule,
                severity=rule.severity,
                source=self.source,
                span=span,
                message=message,
                hint=hint,
                fix=fix,
                labels=labels,
            )
        )

    def advance(self) -> None:
        """Read the next token that means something into `kind`, `start` and `end`; `behind` is where the last ended."""
        self.behind = self.end
        while True:
            match = _TOKEN.match(self.text, self.pos)
            self.start = self.pos
            if match is None:
                self.kind, self.end = ("end", self.pos) if self.pos >= len(self.text) else ("odd", self.pos + 1)
                return
            self.kind = str(match.lastgroup)
            self.pos = self.end = match.end()
            if self.kind == "comment":
                self.report(
                    rules.JSON_COMMENT,
                    Span(self.start, self.end),
                    "JSON has no comments",
                    hint="a .flow file has them: // to the end of the line",
                    fix=Fix("remove the comment", (Edit(Span(self._comment_start(), self.end), ""),)),
                )
            elif self.kind != "space":
                if self.kind == "mark":
                    self.kind = self.text[self.start]
                return

    def _comment_start(self) -> int:
        """The comment with the blanks before it, but not the indent of a line of its own."""
        start = self.start
        while start > 0 and self.text[start - 1] in " \t":
            start -= 1
        return self.start if start == 0 or self.text[start - 1] in "\r\n" else start

    def span(self) -> Span:
        return Span(self.start, self.end)

    def stop(
        self, message: str, *, span: Span | None = None, hint: str | None = None, labels: tuple[Label, ...] = ()
    ) -> StopError:
        self.report(rules.JSON_SYNTAX, span or self.span(), message, hint=hint, labels=labels)
        return StopError()

    # What stands at the current token, as a value.

    def leaf(self) -> Node:
        """The node of a value that is neither list nor object; raises `StopError` when there is none."""
        node = Node(self.start, self.end)
        word = self.text[self.start : self.end]
        if self.kind == "string":
            node.value = self.string_value(word)
        elif self.kind == "number":
            self.number(node, word)
        elif self.kind == "word" and word in _LITERALS:
            node.value = _LITERALS[word]
        elif self.kind == "badnumber" or (self.kind == "word" and word in ("NaN", "Infinity")):
            self.bad_number(node, word)
        elif self.kind == "word" and word in _FOREIGN:
            right = _FOREIGN[word]
            node.value = _LITERALS[right]
            self.report(
                rules.FOREIGN_LITERAL,
                self.span(),
                f"{word} is not JSON",
                hint=f"write {right}",
                fix=Fix(f"write {right}", (Edit(self.span(), right),)),
            )
        elif self.kind == "quoted":
            node.value = self.requoted(word)
        else:
            raise self.unexpected("a value")
        return node

    def number(self, node: Node, word: str) -> None:
        try:
            node.value = finite(word) if any(char in word for char in ".eE") else int(word)
        except (ValueError, UnusualError):
            node.broken = True
            self.report(rules.BAD_NUMBER, self.span(), "this number is too large to be read")

    def bad_number(self, node: Node, word: str) -> None:
        node.broken = True
        if word.lstrip("+-") in ("NaN", "Infinity"):
            self.report(
                rules.NOT_A_NUMBER, self.span(), f"{word} is not JSON", hint="write a number, or leave the option out"
            )
            return
        fix = None
        plain = word.removeprefix("+")
        plain = re.sub(r"^(-?)\.", r"\g<1>0.", plain)
        plain = re.sub(r"\.$", "", plain)
        match = _TOKEN.fullmatch(plain)
        if match is not None and match.lastgroup == "number":
            fix = Fix(f"write {plain}", (Edit(self.span(), plain),))
            node.value = float(plain)
        self.report(
            rules.BAD_NUMBER,
            self.span(),
            "JSON does not write a number like this",
            hint=f"write {plain}" if fix else "a text stands between double quotes",
            fix=fix,
        )

    def string_value(self, literal: str) -> str:
        try:
            value: str = json.loads(literal)
        except ValueError as error:
            at = self.start + getattr(error, "pos", 0)
            shown = self.text[at : at + 1]
            what = "a raw control character" if shown < " " else "an escape that JSON does not have"
            self.report(
                rules.BAD_TEXT,
                Span(at, min(at + 1, self.end)),
                f"{what} stands in this text",
                hint='escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits',
            )
            return literal[1:-1]
        if "\\u" in literal and (lone := LONE.search(value)):
            start, end = raw_offsets(literal, lone.start(), lone.end())
            self.report(
                rules.LONE_SURROGATE,
                Span(self.start + start, self.start + end),
                "half of a character stands alone here",
                hint="write the character itself, or both halves",
            )
        return value

    def requoted(self, word: str) -> str:
        inner = word[1:-1]
        if word[0] in "'`":
            inner = inner.replace("\\" + word[0], word[0])
        inner = re.sub(r'(?<!\\)"', '\\"', inner)
        literal = '"' + inner.replace("\r", "\\r").replace("\n", "\\n") + '"'
        try:
            value: str = json.loads(literal)
        except ValueError:
            value, literal = inner, json.dumps(inner, ensure_ascii=False)
        self.report(
            rules.WRONG_QUOTES,
            self.span(),
            "text stands between straight double quotes in JSON",
            fix=Fix("use double quotes", (Edit(self.span(), literal),)),
        )
        return value

    def unexpected(self, wanted: str, opened: Node | None = None) -> StopError:
        """Say what stands here and what was wanted."""
        labels: tuple[Label, ...] = ()
        if self.kind == "end":
            if opened is not None:
                mark = self.text[opened.start]
                labels = (Label(Span(opened.start, opened.start + 1), f"this {mark} is never closed"),)
            return self.stop(f"the text ends here, but {wanted} is missing", labels=labels)
        here = self.text[self.start]
        if here in "\"'“”„‘’`":
            line_end = re.compile(r"[\r\n]|$").search(self.text, self.start)
            end = line_end.start() if line_end else self.start + 1
            return self.stop(
                "this text is never closed",
                span=Span(self.start, max(end, self.start + 1)),
                hint="add the closing quote; a line break inside a text is written \\n",
            )
        if self.kind == "word":
            return self.stop(
                f"expected {wanted}, but found {self.text[self.start : self.end]!r}",
                hint="text stands between double quotes",
            )
        if not here.isprintable():
            return self.stop(
                f"expected {wanted}, but found the character U+{ord(here):04X}", hint="is this a text file in UTF-8?"
            )
        return self.stop(f"expected {wanted}, but found {here!r}", labels=labels)

    # Lists and objects.

    def document(self) -> Node:
        """The one value of the text."""
        self.advance()
        if self.kind == "end":
            self.report(
                rules.EMPTY_TEXT,
                Span(0, min(1, len(self.text))),
                "there is nothing here",
                hint='an NCCO is a list of actions: [{"action": "talk", "text": "Hello"}]',
            )
            raise StopError
        root = self.value_tree()
        if self.kind != "end":
            self.report(
                rules.JSON_SYNTAX,
                self.span(),
                "a second value begins here, but a file holds one NCCO",
                hint="put all actions into one list",
            )
        return root

    def value_tree(self) -> Node:
        """Read one value; on return the token behind it is current."""
        stack: list[Node] = []
        while True:
            node = self.open(len(stack)) if self.kind in ("[", "{") else self.leaf()
            if node.items is None and node.members is None:
                self.advance()
            else:
                stack.append(node)
            while True:
                if not stack:
                    return node
                if self.wants_value(stack, node):
                    break
                node = stack.pop()
                node.end = self.end
                self.advance()

    def open(self, depth: int) -> Node:
        if depth >= MAX_DEPTH:
            self.report(rules.TOO_DEEP, self.span(), f"nested deeper than {MAX_DEPTH}")
            raise StopError
        node = Node(self.start, self.end)
        if self.kind == "[":
            node.items = []
        else:
            node.members = []
        self.advance()
        return node

    def wants_value(self, stack: list[Node], latest: Node) -> bool:
        """Attach the value just read and get to the next one: False when the innermost list or object closes here."""
        top = stack[-1]
        if latest is not top:
            self.attach(top, latest)
        closing = "]" if top.items is not None else "}"
        if latest is not top and self.separator(top, closing):
            return False
        if latest is top and self.kind == closing:
            return False
        if top.members is not None:
            self.key(top)
        return True

    def attach(self, top: Node, node: Node) -> None:
        if top.items is not None:
            top.items.append(node)
        elif top.members is not None:
            key, span, _ = top.members[-1]
            top.members[-1] = (key, span, node)

    def separator(self, top: Node, closing: str) -> bool:
        """Pass the comma behind an entry; True when the closing bracket follows instead."""
        if self.kind == closing:
            return True
        if self.kind == ",":
            comma = self.span()
            self.advance()
            if self.kind == closing:
                self.report(
                    rules.TRAILING_COMMA,
                    comma,
                    "no comma may stand behind the last entry",
                    fix=Fix("remove the comma", (Edit(comma, ""),)),
                )
                return True
            if self.kind == ",":
                raise self.stop("two commas in a row: an entry is missing between them")
            return False
        if self.kind in ("string", "quoted", "number", "{", "[") or (self.kind == "word" and top.members is not None):
            self.report(
                rules.MISSING_COMMA,
                Span(self.behind - 1, self.behind),
                "a comma is missing behind this",
                fix=Fix("add the comma", (Edit(Span(self.behind, self.behind), ","),)),
            )
            return False
        raise self.unexpected(f"a comma or the closing {closing}", top)

    def key(self, top: Node) -> None:
        """Read a key and its colon; the value's first token is current afterwards."""
        span = self.span()
        word = self.text[self.start : self.end]
        if self.kind == "string":
            key = self.string_value(word)
        elif self.kind == "quoted":
            key = self.requoted(word)
        elif self.kind == "word":
            key = word
            self.report(
                rules.UNQUOTED_KEY,
                span,
                "a key stands between double quotes in JSON",
                fix=Fix("add the quotes", (Edit(span, f'"{word}"'),)),
            )
        else:
            raise self.unexpected('a key, such as "action"', top)
        self.advance()
        if self.kind != ":":
            raise self.unexpected(f'a colon behind the key "{key[:40]}"')
        self.advance()
        members = top.members if top.members is not None else []
        members.append((key, span, Node(span.end, span.end)))

    def duplicates(self, root: Node) -> None:
        """A finding for each key that stands twice in one object."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            waiting += node.items or ()
            first: dict[str, Span] = {}
            for key, span, member in node.members or ():
                waiting.append(member)
                if key in first:
                    self.report(
                        rules.DUPLICATE_KEY,
                        span,
                        f'"{key}" stands twice in this object',
                        hint="keep one of them",
                        labels=(Label(first[key], "it stands here first"),),
                    )
                first.setdefault(key, span)
