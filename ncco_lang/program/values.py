"""The value of an option or a declaration after binding: known, known only during a call, or reported.

Plain slotted classes, because a flow has thousands of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ncco_lang.syntax import ast


class Unfit:
    """The type of `UNFIT`."""

    __slots__ = ()


UNFIT = Unfit()
"""In place of the JSON of a value that has none: there is a finding, or only a call knows it."""


class Known:
    """A value that is fixed when compiling.

    Attributes:
        data: the value, as in `values/data.py`.
        node: the value as its author wrote it, before names are replaced; its span is the place of the value.
    """

    __slots__ = ("data", "node")

    def __init__(self, data: Any, node: ast.Value) -> None:
        self.data = data
        self.node = node


class Deferred:
    """A value that only a call can know.

    Attributes:
        expression: JSON data, as in `values/expressions.py`.
        type: its type in the language, such as `text`; None if any type is possible.
        node: the value as its author wrote it.
        secret: the secret of the server that it reads; None if it reads none.
        answer: the name of a secret answer that it reads; None if it reads none.
    """

    __slots__ = ("answer", "expression", "node", "secret", "type")

    def __init__(
        self,
        expression: Any,
        type: str | None,
        node: ast.Value,
        secret: str | None = None,
        answer: str | None = None,
    ) -> None:
        self.expression = expression
        self.type = type
        self.node = node
        self.secret = secret
        self.answer = answer


class Invalid:
    """A value about which there is a finding already; later passes do not report it again."""

    __slots__ = ("node",)

    def __init__(self, node: ast.Value) -> None:
        self.node = node


if TYPE_CHECKING:
    # Unions cost at run time, and only annotations need them.
    Value: TypeAlias = Known | Deferred | Invalid
