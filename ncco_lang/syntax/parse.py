"""Parse a `.flow` file into its tree and its syntax findings. Never raises on the text of a user.

text ─▶ driver ─▶ lark's parser ─▶ tree_builder ─▶ tree
            └─ recovery: a finding, and how to go on
"""

from __future__ import annotations

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast, said
from ncco_lang.syntax.comments import read_comments
from ncco_lang.syntax.depth import DEEPEST_IN_TEXT
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lark_parser import load_parser
from ncco_lang.syntax.recovery.mistakes.spelling import read_as_meant
from ncco_lang.syntax.recovery.recover import Recoverer
from ncco_lang.syntax.tree_builder import Builder


def parse_flow(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """Parse a whole `.flow` file.

    Returns:
        The tree, without the statements that could not be read, and the findings in no particular order.
    """
    builder = Builder(source, _read_value)
    builder.text, misspelt = read_as_meant(source)
    recoverer = Recoverer(builder)
    run = Parse(load_parser(), builder.text, builder.callbacks, recoverer)
    file: ast.File = run.run()
    if recoverer.loose:
        from ncco_lang.syntax.recovery.mistakes.loose_options import give_back

        give_back(file, source, recoverer.found, recoverer.loose)
    found = [*misspelt, *recoverer.findings()]
    if "\t" in source.text:
        from ncco_lang.syntax.recovery.mistakes.signs import check_tabs

        found += check_tabs(source)
    return ast.File(file.span, file.declarations, read_comments(source.text, run.comments)), found


def _read_value(builder: Builder, span: Span) -> ast.Interpolation:
    """Return the interpolation at a span, which includes the braces."""
    run = Parse(
        load_parser(),
        builder.text,
        builder.callbacks,
        _Single(),
        start="interpolation",
        begin=span.start + 1,
        end=span.end - 1,
    )
    try:
        inner: ast.Interpolation = run.run()
    except _UnfitError as stopped:
        builder.diagnostics.append(_unfit(builder.source, span, stopped.token))
        return ast.Interpolation(span, ast.Missing(span), ())
    return ast.Interpolation(span, inner.value, inner.filters)


class _UnfitError(Exception):
    """A token that does not fit between the braces of a text."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


class _Single:
    """A recovery that gives up, since a value in a text is short and its end is known."""

    def recover(self, parse: Parse, token: Token) -> None:
        """Give up."""
        raise _UnfitError(token)

    def opened(self, parse: Parse) -> None:
        """Give up if brackets nest too deep."""
        if len(parse.brackets) > DEEPEST_IN_TEXT:
            raise _UnfitError(Token(parse.previous_kind, parse.previous_end - 1, parse.previous_end))

    def began_line(self, parse: Parse, position: int) -> None:
        """Do nothing: no statement begins in a text."""


def _unfit(source: Source, span: Span, token: Token) -> Diagnostic:
    inside = source.text[span.start + 1 : span.end - 1]
    if not inside.strip():
        return said.misread(source, span, said.BRACES_EMPTY)
    found = source.text[token.start : token.end]
    is_letter = found.isalpha() and not found.isascii()
    wrong = said.NO_LETTER if is_letter else said.READ_OTHERWISE.get(found[:1], said.NOT_READABLE)
    what = f'"{found}"' if found and token.start < span.end - 1 else "the closing brace"
    return said.misread(source, Span(token.start, max(token.end, token.start + 1)), wrong, written=what)
