"""Find the place of an item inside a value, such as one entry of a list that a name means.

Only findings need this, so nothing is kept while a file is bound.
"""

from __future__ import annotations

from ncco_lang.diagnostics import Path
from ncco_lang.program.expressions import Folder
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.escape import Place


class Positions:
    """The places of the items of values in one file.

    Attributes:
        folder: has the values of the names of the file.
    """

    __slots__ = ("folder",)

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def span(self, node: ast.Value, path: Path) -> Span:
        """Return the place of the item at a path of a value; for the value itself, of the node."""
        return self._item(node, path).span if path else node.span

    def key_span(self, node: ast.Value, path: Path) -> Span:
        """Return the place of the key of an entry; of its value if the key is not written in the file."""
        holder = self._literal(self._item(node, path[:-1]))
        if isinstance(holder, ast.Object):
            for pair in reversed(holder.pairs):
                if pair.key.value == path[-1]:
                    return pair.key.span
        return self.span(node, path)

    def pieces(self, node: ast.Value, path: Path, place: Place) -> tuple[ast.Piece, ...] | None:
        """Return the characters of a text at a path, with their places; None if no text is written there."""
        found = self._item(node, path)
        while isinstance(found, ast.Group):
            found = found.value
        return self.folder.pieces(found, place) if isinstance(found, ast.Text) else None

    def _item(self, node: ast.Value, path: Path) -> ast.Node:
        """Return the node at a path, or the nearest one around it."""
        here: ast.Node = node
        for step in path:
            literal = self._literal(here)
            inner: ast.Node | None = None
            if isinstance(literal, ast.List) and isinstance(step, int) and step < len(literal.items):
                inner = literal.items[step]
            elif isinstance(literal, ast.Object):
                inner = next((pair.value for pair in reversed(literal.pairs) if pair.key.value == step), None)
            elif step == 0 and not isinstance(literal, ast.List):
                continue  # an option that the platform takes as a list of one
            if inner is None:
                return literal
            here = inner
        return here

    def _literal(self, node: ast.Node, most: int = 100) -> ast.Node:
        """Return the literal that a node means: for a name, its declaration's value; for a field, the field's value."""
        for _ in range(most):
            match node:
                case ast.Group():
                    node = node.value
                case ast.Name():
                    declared = self._declared(node.text)
                    if declared is None:
                        return node
                    node = declared
                case ast.Ref():
                    part = self._part(node)
                    if part is None:
                        return node
                    node = part
                case _:
                    return node
        return node

    def _declared(self, name: str) -> ast.Node | None:
        declaration = self.folder.names.declared.get(name)
        if isinstance(declaration, ast.Param) and name in self.folder.names.given:
            return declaration.name
        return declaration.value if isinstance(declaration, (ast.Param, ast.Let)) else None

    def _part(self, ref: ast.Ref) -> ast.Node | None:
        here = self._declared(ref.name.text)
        for trailer in ref.trailers:
            if here is None:
                return None
            literal = self._literal(here, most=10)
            here = None
            key = None
            if isinstance(trailer, ast.Field):
                key = trailer.name.text
            elif isinstance(trailer, ast.Index) and isinstance(trailer.value, ast.Text):
                key = trailer.value.value
            if key is not None and isinstance(literal, ast.Object):
                here = next((pair.value for pair in literal.pairs if pair.key.value == key), None)
            elif isinstance(trailer, ast.Index) and isinstance(trailer.value, ast.Number):
                at = trailer.value.value
                if isinstance(literal, ast.List) and isinstance(at, int) and 0 <= at < len(literal.items):
                    here = literal.items[at]
        return here
