"""Tokens of a JSON text, usual mistakes included, and how findings about it are made."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, place_facts
from ncco_lang.source import Source, Span
from ncco_lang.syntax import json_rules as rules
from ncco_lang.syntax.skip_patterns import JSON_TEXT
from ncco_lang.words import JSON

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<string>"""
    + JSON_TEXT
    + r""")
      | (?P<mark>[][{}:,])
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.+-]))
      | (?P<badnumber>[+-]?(?:Infinity\b|NaN\b)|[+.-]?\.?[0-9][\w.+-]*)
      | (?P<word>[^\W\d]\w*)
      | (?P<comment>//[^\r\n]*|\#[^\r\n]*|/\*.*?\*/)
      | (?P<quoted>'(?:[^'\\\r\n]|\\[^\r\n])*'|`(?:[^`\\]|\\.)*`|[“”„][^“”„\r\n]*[“”]|[‘’][^‘’\r\n]*[’])
      """,
    re.VERBOSE | re.DOTALL,
)


class StopError(Exception):
    """The parser cannot go on; the finding is made already."""


class Tokens:
    """One pass over the tokens of a text: `kind`, `start` and `end` are of the current one."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.pos = 0
        self.kind = ""
        self.start = 0
        self.end = 0
        self.previous_end = 0
        self.found: list[Diagnostic] = []
        if source.text.startswith("\ufeff"):
            self.pos = 1
            self.report(rules.ByteOrderMark(), Span(0, 1), fix=Fix("remove the mark", (Edit(Span(0, 1), ""),)))

    def report(self, facts: Facts, span: Span, *, fix: Fix | None = None, also: tuple[Span, ...] = ()) -> None:
        """Keep a finding."""
        self.found.append(place_facts(facts, self.source, span, JSON, fix=fix, also=also))

    def advance(self) -> None:
        """Read the next token that means something into `kind`, `start` and `end`; `previous_end` is where the last ended."""
        self.previous_end = self.end
        while True:
            match = TOKEN.match(self.text, self.pos)
            self.start = self.pos
            if match is None:
                self.kind, self.end = ("end", self.pos) if self.pos >= len(self.text) else ("odd", self.pos + 1)
                return
            self.kind = str(match.lastgroup)
            self.pos = self.end = match.end()
            if self.kind == "comment":
                fix = Fix("remove the comment", (Edit(Span(self._comment_start(), self.end), ""),))
                self.report(rules.Comment(), Span(self.start, self.end), fix=fix)
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

    def stop(self, facts: Facts, span: Span | None = None, also: tuple[Span, ...] = ()) -> StopError:
        """Keep a finding, and return the exception that ends the parser."""
        self.report(facts, span or self.span(), also=also)
        return StopError()
