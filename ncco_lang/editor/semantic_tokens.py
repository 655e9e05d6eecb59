"""Semantic tokens of a flow: from the tree, or from the lexeme alone where the text could not be parsed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from ncco_lang.editor.lexical import Lexeme, lexemes
from ncco_lang.editor.roles import Parts, statements
from ncco_lang.editor.types import SemanticToken, TokenType
from ncco_lang.program.bindings import Scope
from ncco_lang.program.model import Program
from ncco_lang.program.uses import find_uses
from ncco_lang.program.walk import begin_within, bound_statements
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.syntax.lark_parser import load_parser
from ncco_lang.syntax.reserved import OPERATOR_WORDS, WORDS
from ncco_lang.vocabulary.language_words import outcomes, words_in
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.statement_specs import actions, spec_of

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis

Role: TypeAlias = tuple[TokenType, tuple[str, ...]]

_DECLARED = ("declaration",)
_FIXED = ("readonly",)
_BY_KIND: Mapping[str, TokenType] = {
    "COMMENT": "comment",
    "TEXT": "string",
    "ESCAPE": "macro",
    "NUMBER": "number",
    "DURATION": "number",
    "DATE": "number",
    "TIME_RANGE": "number",
    "STATUS": "number",
    "DAYS": "enumMember",
    "LANG": "enumMember",
    "HASH": "enumMember",
    "CONSTANT": "keyword",
    "_ARROW": "operator",
    "_BAR": "operator",
    "_DOTS": "operator",
    "_EQUAL": "operator",
    "CMP": "operator",
    "MINUS": "operator",
    "PLUS": "operator",
    "SLASH": "operator",
    "STAR": "operator",
    "FIELD": "variable",
}
_BEFORE_STATEMENT = frozenset({"", "_NL", "_SEMICOLON", "LBRACE", "_ARROW"})
_WITH_ROLE = frozenset({"NAME", "FIELD", "STAR"})
_INNER_KEYWORDS = OPERATOR_WORDS | {"from", "else", "if"}


def tokens(analysis: Analysis, span: Span | None = None) -> list[SemanticToken]:
    """Return the semantic tokens of a flow, in order, none across a line end; empty for other kinds.

    Args:
        span: only the tokens in this span, read from the declarations that it touches.
    """
    program = analysis.program
    if program is None:
        return []
    text, declarations = analysis.source.text, program.file.declarations
    first, last = 0, len(declarations)
    if span is not None:
        first = max(bisect_right(declarations, span.start, key=_start) - 1, 0)
        last = max(bisect_left(declarations, span.end, key=_start), first)
    begin = declarations[first].span.start if first else 0
    end = declarations[last].span.start if last < len(declarations) else len(text)
    here = declarations[first:last]
    roles = _Roles(here, program, Span(begin, end)).by_start
    # Each declaration is read by itself, so that a syntax error before it has no effect on it.
    stretches = pairwise((begin, *map(_start, here), end))
    found = (token for stretch in stretches for token in _coloured(text, *stretch, roles))
    return [token for token in found if span is None or (token.span.end > span.start and token.span.start < span.end)]


def _start(declaration: ast.Declaration) -> int:
    return declaration.span.start


def _coloured(text: str, begin: int, stop: int, roles: Mapping[int, Role]) -> Iterator[SemanticToken]:
    before = ""
    end = Lexeme("", stop, stop)
    for lexeme, following in pairwise([*lexemes(text, begin, stop), end]):
        role = roles.get(lexeme.start) if lexeme.kind in _WITH_ROLE else None
        if role is None:
            role = _by_looks(text[lexeme.start : lexeme.end], lexeme.kind, before, following.kind)
        if role is not None:
            yield SemanticToken(Span(lexeme.start, lexeme.end), *role)
        if lexeme.kind != "COMMENT":
            before = lexeme.kind


def _by_looks(word: str, kind: str, before: str, after: str) -> Role | None:
    """Return the role of a lexeme that the tree does not cover, by its kind and its neighbours."""
    if kind != "NAME":
        found = _BY_KIND.get(kind)
        return None if found is None else (found, ())
    if after == "_COLON":
        return "property", ()
    if before in _BEFORE_STATEMENT or (before == "RBRACE" and word == "else"):
        if word in load_parser().lexicon.keywords or word == "else":
            return "keyword", ()
        if (spec := spec_of(word)) is not None and spec.kind != "keyword" and not spec.planned:
            return "function", ()
    return ("keyword", ()) if word in _INNER_KEYWORDS else ("variable", ())


class _Roles:
    """The roles of the words of declarations, from the tree: offset → role."""

    __slots__ = ("by_start", "named", "scopes")

    def __init__(self, declarations: Sequence[ast.Declaration], program: Program, within: Span) -> None:
        self.by_start: dict[int, Role] = {}
        self.scopes = program.scopes
        self.named = {use.span.start: use.binding for use in find_uses(program, within)}
        for declaration in declarations:
            for node in nodes(declaration):
                self._node(node)
        for statement in statements(program, within):
            self._statement(statement)
        for line in bound_statements(begin_within(program.tests, within)):
            for word in line.words:
                self._put(word, "enumMember")

    def _put(self, node: ast.Node, type: TokenType, modifiers: tuple[str, ...] = ()) -> None:
        if node.span.end > node.span.start:
            self.by_start[node.span.start] = (type, modifiers)

    def _node(self, node: ast.Node) -> None:
        match node:
            case ast.Param() | ast.Arg() | ast.Parameter():
                self._put(node.name, "parameter", _DECLARED)
                self._put(node.type, "type")
            case ast.Let() | ast.Hours() | ast.TextDeclaration():
                self._put(node.name, "variable", _DECLARED + _FIXED)
            case ast.Step():
                self._put(node.name, "function", _DECLARED)
            case ast.Use():
                for name in node.names:
                    self._put(name, "function", _DECLARED)
            case ast.On():
                self._put(node.event, "enumMember")
            case ast.Command() | ast.Default():
                self._put(node.verb, "function", _deprecated(actions().get(node.verb.text)))
            case ast.Set() | ast.Each():
                self._put(node.name, "variable")
            case ast.Jump() | ast.Filter():
                self._put(node.name, "function")
            case ast.Option():
                self._put(node.name, "property")
            case ast.Field():
                self._put(node.name, "property")
            case ast.Name():
                self.by_start.setdefault(node.span.start, self._named(node))
            case ast.Ref():
                is_call = isinstance(node.trailers[0], ast.Arguments) or node.name.text in words_in("functions")
                self._put(node.name, *(("function", ()) if is_call else self._named(node.name)))
            case ast.Key():
                self._put(node, "enumMember")
            case ast.Arm():
                for pattern in node.patterns:
                    if isinstance(pattern, ast.Name) and pattern.text in outcomes():
                        self._put(pattern, "enumMember")
            case _:
                pass

    def _named(self, word: ast.Name | ast.Word) -> Role:
        if word.text in WORDS:
            return "keyword", ()  # recovery reads a word of the grammar as a value where a value is missing
        binding = self.named.get(word.span.start)
        match None if binding is None else binding.kind:
            case "param" | "arg" | "parameter":
                return "parameter", ()
            case "let" | "hours" | "text":
                return "variable", _FIXED
            case "step":
                return "function", ()
            case None if word.text in words_in("values"):
                return "variable", _FIXED
            case _:
                return "variable", ()

    def _statement(self, statement: Parts) -> None:
        scope = self.scopes.scope_at(statement.node)
        for word in statement.words:
            self._put(word, "enumMember")
        for name, known in statement.names:
            self._put(name, "property", _deprecated(known))
        for option, value in statement.values:
            self._value(option, value, scope)

    def _value(self, option: OptionSpec, value: ast.Value, scope: Scope) -> None:
        """Mark a bare word that the option knows as one of its words; a language is one too."""
        if option.item is not None:
            items: Iterable[ast.Value] = value.items if isinstance(value, ast.List) else (value,)
            for item in items:
                self._value(option.item, item, scope)
        elif isinstance(value, ast.Name):
            is_word = bool(option.enum) and enum_value(option, value.text, bare=True) is not None
            if is_word or (value.text not in scope and (option.kind or "").endswith("-language")):
                self._put(value, "enumMember")


def _deprecated(what: object) -> tuple[str, ...]:
    return ("deprecated",) if getattr(what, "deprecated", None) else ()
