"""Translate a value of the tree into an expression, and keep what is written for each list of the expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.program import expression_facts as facts
from ncco_lang.program.name_values import NameValues
from ncco_lang.program.values import UNFIT
from ncco_lang.project.params import variable_in
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.constants import Shared, quote
from ncco_lang.values.data import Date, Duration, Key, Range, Tag, TimeRange, number
from ncco_lang.values.environment import Unknown
from ncco_lang.values.escape import Place
from ncco_lang.vocabulary.language_words import elsewhere, fields_of, words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.statement_specs import known_verbs

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Scope

Written: TypeAlias = "ast.Node | tuple[ast.Chain, ast.Word]"
"""What is written for a list: a node; for an operator between two values its chain and its word."""

LITERALS: Final[Mapping[type, Callable[[Any], Any]]] = {
    ast.Number: lambda node: number(node.text),
    ast.Duration: lambda node: Duration(node.amount, node.unit),
    ast.Constant: lambda node: node.value,
    ast.Tag: lambda node: Tag(node.text),
    ast.Key: lambda node: Key(node.text),
    ast.Date: lambda node: Date(node.text),
    ast.TimeRange: lambda node: TimeRange(node.text),
    ast.Range: lambda node: Range(number(node.low.text), number(node.high.text)),
}
"""A literal that has no other values in it → its data."""
_UNDEFINED = ["undefined"]
_ARGUMENTS: Final[Mapping[str, str]] = {
    "length": "one list or one text",
    "defined": "one value",
    "default": "a value, and one for when it is not set",
    "open": "the name of a schedule",
    "opens": "the name of a schedule",
    "env": "the name of one variable in quotes",
}


def wrong_arguments(function: str) -> facts.WrongArguments:
    """Return the facts of arguments that a function does not take."""
    return facts.WrongArguments(function=function, wanted=_ARGUMENTS[function])


_FIELDS_OF_CALL = {"number": "from", "caller": "from", "caller_id": "from", "called": "to", "id": "uuid"}
"""Fields of a call as other platforms name them."""


def plain_text(text: ast.Text) -> str | None:
    """Return the characters of a text without interpolations; None for another."""
    pieces = text.pieces
    if len(pieces) == 1 and type(pieces[0]) is ast.Piece:
        return pieces[0].value
    return None if any(type(piece) is ast.Interpolation for piece in pieces) else text.value


def shown_source(source: Source, span: Span) -> str:
    """Return what is written at a place, on one line and cut short."""
    written = " ".join(source.text[span.start : span.end].split())
    return written if len(written) <= 40 else written[:39] + "…"


class Translation:
    """One expression while it is translated; an environment in which its names have their values.

    Attributes:
        scope: the names there, if a call runs what has the expression; None if it must be known when compiling.
        shared: learns which lists and tables have names.
        is_invalid: a part has a finding already, so the expression has no value.
    """

    __slots__ = ("_afterwards", "_known", "_written", "is_invalid", "names", "scope", "shared")

    def __init__(self, names: NameValues, scope: Scope | None = None, shared: Shared | None = None) -> None:
        self.names = names
        self.scope = scope
        self.shared = shared
        self.is_invalid = False
        self._known: dict[tuple[Any, ...], Any] = {}
        self._written: dict[int, tuple[list[Any], Written]] = {}
        self._afterwards: list[Callable[[], Any]] = []

    def look_up(self, reference: list[Any]) -> Any:
        """Return the value of a name; an `Unknown` with its type for one that only a call knows."""
        key = tuple(reference)
        return self._known[key] if key in self._known else Unknown()

    def written_for(self, expression: list[Any]) -> Written | None:
        """Return what is written for a list of the expression; None for a part of an invalid calculation."""
        found = self._written.get(id(expression))
        return None if found is None else found[1]

    def finish(self) -> None:
        """Report what matters only if the expression has no other fault."""
        for report in self._afterwards:
            report()
            self.is_invalid = True

    # ── Values ────────────────────────────────────────────────────────────────────────────────────────

    def translate(self, node: ast.Value, place: Place = "plain") -> Any:
        """Return the expression for a value.

        Args:
            place: the place of a text, which decides how the values in it are escaped.
        """
        literal = LITERALS.get(type(node))
        if literal is not None:
            return quote(literal(node))
        match node:
            case ast.Text():
                plain = plain_text(node)
                return self.text(node, place) if plain is None else plain
            case ast.Name():
                return self._name(node.text, node.span, facts.UnknownName)
            case ast.Group():
                return self.translate(node.value)
            case ast.List():
                return self._list(node, "list", [self.translate(item) for item in node.items])
            case ast.Object():
                parts = [part for pair in node.pairs for part in (pair.key, pair.value)]
                return self._list(node, "object", [self.translate(part) for part in parts])
            case ast.Ref():
                return self._ref(node, facts.UnknownName)
            case ast.Unary():
                name = "negative" if node.operator.text == "-" else "not"
                return self._list(node, name, [self.translate(node.operand)])
            case ast.Chain():
                return self._chain(node)
            case _:
                return self._invalid()

    def _list(self, written: Written, name: str, operands: list[Any]) -> list[Any]:
        expression = [name, *operands]
        self._written[id(expression)] = expression, written
        return expression

    def _invalid(self, _reported: Any = None) -> list[Any]:
        self.is_invalid = True
        return _UNDEFINED

    def _name(self, name: str, span: Span, unknown: type[facts.UnknownName]) -> Any:
        value = self.names.look_up(name, span, unknown, self.scope)
        if value is UNFIT:
            return self._invalid()
        if type(value) is str or type(value) is int:
            return value
        if self.scope is not None and self.shared is not None:
            self.shared.name(value, ["declared", name])
        reference = value.expression if isinstance(value, Unknown) else ["slot", name]
        self._known[tuple(reference)] = value
        return reference

    def _chain(self, chain: ast.Chain) -> list[Any]:
        joined = self.names.joined(chain, self.scope)
        if joined is not None:
            return self._invalid(self.names.unknown_joined(joined, chain.span, self.scope))
        was_invalid, self.is_invalid = self.is_invalid, False
        operands = [self.translate(operand) for operand in chain.operands]
        if self.is_invalid:
            return _UNDEFINED
        self.is_invalid = was_invalid
        if chain.operators[0].text in ("and", "or"):
            return self._list(chain, chain.operators[0].text, operands)
        result: list[Any] = operands[0]
        for operator, operand in zip(chain.operators, operands[1:], strict=True):
            known = words_in("operators").get(operator.text)
            if known is not None and known.planned:
                report = partial(self.names.later, chain.span, f'"{operator.text}"', known.today)
                if self.scope is None:
                    self._afterwards.append(report)
                    return _UNDEFINED
                report()
            result = self._list((chain, operator), operator.text, [result, operand])
        return result

    # ── References and calls ──────────────────────────────────────────────────────────────────────────

    def _ref(self, ref: ast.Ref, unknown: type[facts.UnknownName]) -> list[Any]:
        name, first, source = ref.name.text, ref.trailers[0], self.names.source
        if isinstance(first, ast.Arguments):
            return self._call(ref, first)
        if name == "env" and isinstance(first, ast.Field):
            right = f'env("{first.name.text}")'
            fix = Fix(f"write {right}", (Edit(ref.span, right),), unsafe=True)
            return self._invalid(self.names.report(ref.name.span, facts.EnvironmentByField(right=right), fix=fix))
        known, trailers = words_in("values").get(name), ref.trailers
        if known is not None and self.scope is None:
            what = shown_source(source, ref.span)
            return self._invalid(self.names.report(ref.span, facts.OnlyInCall(written=what)))
        if name == "call" and known is not None and isinstance(first, ast.Field):
            result, trailers = self._of_call(first), trailers[1:]
        else:
            result = self._name(name, ref.name.span, unknown)
        for trailer in trailers:
            if result is _UNDEFINED:
                return result
            if isinstance(trailer, ast.Arguments):
                called = facts.NotAFunction(written=shown_source(source, ref.span))
                self._afterwards.append(partial(self.names.report, trailer.span, called))
                return _UNDEFINED
            key = trailer.name.text if isinstance(trailer, ast.Field) else self.translate(trailer.value)
            result = self._list(trailer, "member", [result, key])
        return result

    def _of_call(self, field: ast.Field) -> list[Any]:
        name, fields = field.name.text, fields_of("call")
        if name not in fields:
            near = _FIELDS_OF_CALL.get(name) or did_you_mean(name, fields)
            unknown = facts.NoSuchKey(key=name, near=near, keys=tuple(fields))
            return self._invalid(self.names.report(field.span, unknown))
        self._known["call", name] = Unknown(fields[name].type)
        return ["call", name]

    def _call(self, ref: ast.Ref, arguments: ast.Arguments) -> list[Any]:
        name, functions = ref.name.text, words_in("functions")
        if name not in functions:
            near = elsewhere("functions").get(name) or did_you_mean(name, functions)
            is_verb = name in known_verbs()
            missing = facts.StatementAsValue(verb=name) if is_verb else facts.NoSuchFunction(name=name, near=near)
            fix = Fix(f"write {near}", (Edit(ref.name.span, near),), unsafe=True) if near and not is_verb else None
            return self._invalid(self.names.report(ref.name.span, missing, fix=fix))
        if len(ref.trailers) > 1 or functions[name].planned:
            what = f'the value "{shown_source(self.names.source, ref.span)}"'
            self.names.later(ref.span, what, functions[name].today)
            if len(ref.trailers) > 1 or self.scope is None:
                return self._invalid()
        if name in ("open", "opens", "env"):
            return self._named(name, arguments)
        was_invalid, self.is_invalid = self.is_invalid, False
        operands = [self.translate(value) for value in arguments.values]
        if not self.is_invalid and len(operands) != (2 if name == "default" else 1):
            self._invalid(self.names.report(arguments.span, wrong_arguments(name)))
        self.is_invalid = self.is_invalid or was_invalid
        return self._list(arguments, name, operands)

    def _named(self, function: str, arguments: ast.Arguments) -> list[Any]:
        """Return the reference for a function whose argument is a name, not a value: `open(office)`, `env("KEY")`."""
        only = arguments.values[0] if len(arguments.values) == 1 else None
        name = plain_text(only) if isinstance(only, ast.Text) else None
        if function == "env" and name is not None and variable_in(f"env:{name}") is not None:
            if self.scope is None:
                return self._invalid(self.names.report(arguments.span, facts.SecretWritten(name=name)))
            self.names.secret = name
            self._known["secret", name] = Unknown("secret")
            return ["secret", name]
        if function != "env" and isinstance(only, ast.Name):
            value = self.names.look_up(only.text, only.span, scope=self.scope)
            if value is UNFIT:
                return self._invalid()
            if isinstance(value, Unknown) and value.type in ("hours", None):
                self._known[function, only.text] = Unknown("bool" if function == "open" else None)
                return [function, only.text]
        return self._invalid(self.names.report(arguments.span, wrong_arguments(function)))

    # ── Texts ─────────────────────────────────────────────────────────────────────────────────────────

    def text(self, text: ast.Text, place: Place) -> list[Any]:
        """Return the expression for a text with interpolations: one part for each of its pieces."""
        first = text.pieces[0]
        if place == "speech" and isinstance(first, ast.Piece) and text.value.lstrip().startswith("<speak"):
            place = "ssml"
        parts: list[Any] = []
        for piece in text.pieces:
            if isinstance(piece, ast.Interpolation):
                # A value at the beginning of an address is the address itself.
                parts.append(self._put(piece, "raw" if place == "url" and piece is first else "put"))
            else:
                parts.append(piece.value)
        return self._list(text, "text", [place, *parts])

    def _put(self, piece: ast.Interpolation, name: str) -> list[Any]:
        value = piece.value
        # The author may not mean an unknown word between braces as a name.
        if isinstance(value, ast.Name):
            said = self._name(value.text, value.span, facts.UnknownNameInText)
        else:
            said = self._ref(value, facts.UnknownTableInText) if isinstance(value, ast.Ref) else self.translate(value)
        if not piece.filters:
            return self._list(piece, name, [said])
        filters = [[each.name.text, *map(self._argument, each.arguments or ())] for each in piece.filters]
        return self._list(piece, name, [said, *filters])

    def _argument(self, value: ast.Value) -> str:
        return self.names.source.text[slice(*value.span)]
