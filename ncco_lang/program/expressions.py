"""Fold the values of a file: what is written becomes an expression, and the evaluator of calls evaluates it.

A literal is its own value. All else is translated (`translate.py`): names become references to their values, and a side
table keeps what is written for each list of the expression. A fault of the evaluator is a finding there. A value with a
finding is `Invalid`, so that no later pass reports it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ncco_lang.program import expression_facts as facts
from ncco_lang.program.declarations import Declared
from ncco_lang.program.name_values import NameValues
from ncco_lang.program.translate import LITERALS, Translation, plain_text
from ncco_lang.program.value_faults import report_deep, report_faults, report_many, without_later_filters
from ncco_lang.program.values import UNFIT, Deferred, Invalid, Known
from ncco_lang.project.params import Given
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.values.constants import Shared
from ncco_lang.values.environment import Unknown
from ncco_lang.values.escape import Place
from ncco_lang.values.evaluation import MOST_VALUES, Fault, left_of
from ncco_lang.values.expressions import evaluate, evaluate_partly

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Scope
    from ncco_lang.program.values import Value


class Folder:
    """Folds the values of one file.

    Attributes:
        names: the params and lets of the file; has the findings.
    """

    __slots__ = ("_names_read", "_shared", "names")

    def __init__(
        self,
        source: Source,
        declared: Mapping[str, Declared],
        given: Mapping[str, Given],
        imported: Collection[str] = (),
        outer: NameValues | None = None,
    ) -> None:
        self.names = NameValues(source, declared, given, self.data, imported, outer)
        self._shared = Shared()
        self._names_read = 0

    def fold(self, node: ast.Value, place: Place = "plain", scope: Scope | None = None) -> Value:
        """Return the value of an expression.

        Args:
            place: the place of a text, which decides how the values in it are escaped.
            scope: the names there, if a call runs what has the expression; None if it must be known when compiling.
        """
        self.names.secret = self.names.answer = None
        data = self.data(node, place, scope)
        if data is UNFIT:
            return Invalid(node)
        return (
            Deferred(data.expression, data.type, node, self.names.secret, self.names.answer)
            if type(data) is Unknown
            else Known(data, node)
        )

    def data(self, node: ast.Value, place: Place = "plain", scope: Scope | None = None) -> Any:
        """Return the data of an expression; `UNFIT` in place of a value that has a finding."""
        kind = type(node)
        literal = LITERALS.get(kind)
        if literal is not None:
            return literal(node)
        match node:
            case ast.Text():
                plain = plain_text(node)
                return self._evaluated(node, place, scope) if plain is None else plain
            case ast.Name():
                self._names_read += 1
                return self.names.look_up(node.text, node.span, scope=scope)
            case ast.Group():
                return self.data(node.value, place, scope)
            case ast.List() | ast.Object():
                return self._collection(node, scope)
            case _:
                return UNFIT if kind is ast.Missing else self._evaluated(node, place, scope)

    def pieces(self, text: ast.Text, place: Place) -> tuple[ast.Piece, ...] | None:
        """Return a text with the values in it, in pieces that have their places; None if it is invalid."""
        if plain_text(text) is not None:
            return tuple(piece for piece in text.pieces if isinstance(piece, ast.Piece))
        translation = Translation(self.names)
        _, place, *parts = translation.text(text, place)
        pieces = []
        for piece, part in zip(text.pieces, parts, strict=True):
            said = evaluate(["text", place, part], translation)
            pieces.append(piece if isinstance(piece, ast.Piece) else ast.Piece(piece.span, said, said))
        return None if translation.is_invalid else tuple(pieces)

    def _evaluated(self, node: ast.Value, place: Place, scope: Scope | None) -> Any:
        self._names_read += 1
        translation = Translation(self.names, scope, self._shared)
        expression = translation.translate(node, place)
        faults: list[Fault] = []
        value = evaluate_partly(expression, translation, faults, self._shared)
        faults = without_later_filters(translation, faults)
        report_faults(translation, faults)
        if not faults:
            translation.finish()
        if type(value) is Unknown and value.depth > DEEPEST_DATA:
            return self.names.report(node.span, facts.LongCalculation(most=DEEPEST_DATA))
        return UNFIT if faults or translation.is_invalid else value

    def _collection(self, node: ast.List | ast.Object, scope: Scope | None) -> Any:
        """Return a list or a table; a part with a finding is `UNFIT` in it, so that the others are still checked."""
        read_before = self._names_read
        value: Any
        if isinstance(node, ast.List):
            value = parts = [self.data(item, scope=scope) for item in node.items]
        else:
            value, parts = {}, []
            for pair in node.pairs:
                key, item = (self.data(part, scope=scope) for part in (pair.key, pair.value))
                parts += (key, item)
                if isinstance(key, str):
                    value[key] = item
        if self._names_read == read_before:
            return value
        if any(type(part) is Unknown for part in parts):
            name = ("list", "list") if isinstance(node, ast.List) else ("object", "table")
            return UNFIT if UNFIT in parts else left_of([name[0]], parts, name[1], self._shared)
        return self._bounded(node, value)

    def _bounded(self, node: ast.List | ast.Object, value: Any) -> Any:
        """Return a list or table that has values of names in it, unless it has become too large."""
        size, depth = self._shared.measure(value)
        if size > MOST_VALUES:
            report_many(self.names, node)
        elif depth > DEEPEST_DATA:
            report_deep(self.names, node)
        else:
            return value
        return UNFIT
