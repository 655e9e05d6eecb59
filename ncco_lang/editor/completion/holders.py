"""What the block around a position holds: statements, the options of a statement, the prompts and arms of a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ncco_lang.syntax import ast
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import OptionSlot, StatementSpec, own_form, spec_of

MENU = "menu"
"""The verb whose arms `anywhere` has."""

Owner: TypeAlias = "ast.Command | ast.Anywhere"


@dataclass(frozen=True, slots=True)
class Holder:
    """What a place between two entries of a block, or of the file, can hold.

    Attributes:
        kind: `file`, `statements` of a step or an arm, `statement` (what belongs to one: options, prompts, arms), `option`
            (the options of a nested block), `test` or `other`.
        entries: the entries of the block.
        owner: the statement whose block it is, or the line of a test; None for `file`, `statements`, a `test` and `other`.
        spec: what the owner takes.
        option: the option whose block it is, for `option`.
    """

    kind: Literal["file", "statements", "statement", "option", "test", "other"]
    entries: tuple[ast.Node, ...] = ()
    owner: Owner | None = None
    spec: StatementSpec | None = None
    option: OptionSpec | None = None

    @property
    def settings(self) -> Mapping[str, OptionSlot]:
        """The options of a nested block, by name."""
        parts = () if self.option is None else self.option.options
        return {part.name: OptionSlot(part, (part.key,)) for part in parts}


_FILE = Holder("file")


def holder_of(path: tuple[ast.Node, ...]) -> tuple[Holder, tuple[ast.Node, ...]]:
    """Return what holds the entry at the end of a path, and the rest of the path, which begins with the entry."""
    holder, begin = _FILE, 0
    for at in range(1, len(path)):
        block = path[at]
        if isinstance(block, ast.Block):
            holder, begin = _inner(holder, path[at - 1], block), at + 1
    return holder, path[begin:]


def _inner(around: Holder, node: ast.Node, block: ast.Block) -> Holder:
    """Return what a block holds that belongs to a node."""
    match node:
        case ast.Step() | ast.On() | ast.Arm():
            return Holder("statements", block.entries)
        case ast.If() | ast.Branch() | ast.Each():
            # Prompts and arms may be in conditions and in `each`.
            if around.kind == "statement":
                return Holder("statement", block.entries, around.owner, around.spec)
            return Holder("statements", block.entries)
        case ast.Anywhere():
            return Holder("statement", block.entries, node, own_form(MENU).action)
        case ast.Test():
            return Holder("test", block.entries)
        case ast.Command() if around.kind == "test":
            return Holder("test", block.entries, node)
        case ast.Command():
            return _of_command(around, node, block)
        case _:
            return Holder("other", block.entries)


def _of_command(around: Holder, node: ast.Command, block: ast.Block) -> Holder:
    verb = node.verb.text
    options = () if around.option is None else around.option.options
    if around.kind == "statement" and around.spec is not None:
        options = around.spec.options
    option = next((each for each in options if each.name == verb and each.is_block), None)
    if option is not None:
        return Holder("option", block.entries, around.owner, around.spec, option)
    spec = spec_of(verb)
    if spec is None or spec.kind == "keyword" or around.kind == "option":
        return Holder("other", block.entries)
    return Holder("statement", block.entries, node, spec)
