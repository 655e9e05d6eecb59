"""The base class of all nodes, and the nodes that can be in any part of a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ncco_lang.source import Span


class Node:
    """A part of a tree; `span` is from its first character to after its last."""

    __slots__ = ("span",)

    def __init__(self, span: Span) -> None:
        self.span = span


class Word(Node):
    """A name with its span: a verb, the name of an option or of a declaration, an operator."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text


class Missing(Node):
    """A missing value or name, about which there is a syntax finding already."""

    __slots__ = ()


class Comment(Node):
    """A comment, from its slashes to the end of its line; with three slashes it documents what follows."""

    __slots__ = ("text",)

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text
