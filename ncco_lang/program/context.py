"""Where a statement is: the names that it can read, the statement around it, and what is reported about it already."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Scope
    from ncco_lang.vocabulary.statement_specs import StatementSpec


class Context(NamedTuple):
    """The surroundings of a statement.

    Attributes:
        names: the names that its values can read.
        owner: the question, lookup or connect whose block contains it; None outside such a block.
        is_inside: it is in a step, an arm or a block of another statement.
        is_in_call: a call runs it, so its values can be those of the call; not so in declarations and tests.
        is_later: it is inside something that this version does not compile, which has its finding.
    """

    names: Scope
    owner: StatementSpec | None = None
    is_inside: bool = False
    is_in_call: bool = False
    is_later: bool = False

    def inside(self, owner: StatementSpec) -> Context:
        """Return the context of what is in the block of a statement."""
        return self._replace(owner=owner, is_inside=True, is_in_call=True)
