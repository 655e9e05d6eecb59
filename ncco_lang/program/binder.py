"""What the statements of a file have in common while they are bound, as the code for one statement sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ncco_lang.diagnostics import Diagnostic
    from ncco_lang.program.context import Context
    from ncco_lang.program.defaults import Defaults
    from ncco_lang.program.model import Bound
    from ncco_lang.program.option_values import OptionValues
    from ncco_lang.source import Source
    from ncco_lang.syntax import ast


class Binder(Protocol):
    """The part of `statements.StatementBinder` that binding one statement needs.

    Attributes:
        values: evaluates the values of options.
        defaults: the `default` lines of the file.
        found: the findings.
    """

    defaults: Defaults
    found: list[Diagnostic]
    source: Source
    values: OptionValues

    def entries(self, entries: Iterable[ast.Declaration | ast.Entry], context: Context) -> list[Bound]:
        """Return statements, arms and declarations in written order."""
