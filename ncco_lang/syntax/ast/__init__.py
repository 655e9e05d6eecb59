"""The tree of a `.flow` file: what its author wrote, nothing derived.

Nodes are plain slotted classes, because dataclasses would double the start-up time of `ncco`. A node does not change
after it is made, and is compared by identity; `dump` compares shapes without spans. What passes derive from a node is in
tables outside the tree.

A `Value` may follow a colon or a verb, an `Entry` may be in a block, and a `Declaration` at the top level of a file. Every `match` over one of them ends in `assert_never`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncco_lang.syntax.ast.declarations import (
    Anywhere,
    Arg,
    Default,
    File,
    Flow,
    Hours,
    Let,
    On,
    Param,
    Parameter,
    Step,
    Test,
    TextDeclaration,
    Use,
)
from ncco_lang.syntax.ast.dump import dump
from ncco_lang.syntax.ast.nodes import Comment, Missing, Node, Word
from ncco_lang.syntax.ast.statements import Arm, Block, Branch, Command, Each, If, Jump, Option, Set, Status
from ncco_lang.syntax.ast.values import (
    Arguments,
    Chain,
    Constant,
    Date,
    Duration,
    Field,
    Filter,
    Group,
    Index,
    Interpolation,
    Key,
    List,
    Name,
    Number,
    Object,
    Pair,
    Piece,
    Range,
    Ref,
    Tag,
    Text,
    TimeRange,
    Unary,
)

if TYPE_CHECKING:
    from ncco_lang.syntax.ast.declarations import Declaration
    from ncco_lang.syntax.ast.statements import Entry, Pattern, Statement, Target
    from ncco_lang.syntax.ast.values import Value

__all__ = [
    "Anywhere",
    "Arg",
    "Arguments",
    "Arm",
    "Block",
    "Branch",
    "Chain",
    "Command",
    "Comment",
    "Constant",
    "Date",
    "Declaration",
    "Default",
    "Duration",
    "Each",
    "Entry",
    "Field",
    "File",
    "Filter",
    "Flow",
    "Group",
    "Hours",
    "If",
    "Index",
    "Interpolation",
    "Jump",
    "Key",
    "Let",
    "List",
    "Missing",
    "Name",
    "Node",
    "Number",
    "Object",
    "On",
    "Option",
    "Pair",
    "Param",
    "Parameter",
    "Pattern",
    "Piece",
    "Range",
    "Ref",
    "Set",
    "Statement",
    "Status",
    "Step",
    "Tag",
    "Target",
    "Test",
    "Text",
    "TextDeclaration",
    "TimeRange",
    "Unary",
    "Use",
    "Value",
    "Word",
    "dump",
]
