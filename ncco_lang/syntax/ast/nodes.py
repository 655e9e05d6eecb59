"""What every part of a tree is, and the parts that stand in all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ncco_lang.source import Span


class Node:
    """Anything that stands somewhere: `span` is from its first character to behind its last."""

    __slots__ = ("span",)

    def __init__(self, span: Span) -> None:
        self.span = span


class Word(Node):
    """A name in its place: a verb, the name of an option or of a declaration, an operator."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Missing(Node):
    """A value or name that should stand here and does not. The syntax finding about it has been made."""

    __slots__ = ()


class Comment(Node):
    """A comment, from its slashes to the end of its line; with three slashes it documents what follows."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text
