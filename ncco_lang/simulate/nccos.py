"""Read an NCCO that the platform plays, and bring older forms to the current one."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from ncco_lang.checker import check_value, fix
from ncco_lang.vocabulary.ncco_schema import is_valid


class Read(NamedTuple):
    """The actions of an NCCO, or what is wrong with it in words."""

    actions: list[dict[str, Any]] | None
    wrong: str | None = None


def read_ncco(value: Any) -> Read:
    """Return the actions of a value; older forms that the platform still accepts are brought to the current one.

    Never raises.
    """
    try:
        if isinstance(value, list) and is_valid(value):
            return Read(value)
        errors = [problem.message for problem in check_value(value) if problem.rule.severity == "error"]
        if not errors:
            modern = json.loads(fix(json.dumps(value), unsafe=True).source.text)
            if isinstance(modern, list) and is_valid(modern):
                return Read(modern)
            errors = ["a value is not one that the action takes"]
    except RecursionError:
        errors = ["it is nested too deeply"]
    return Read(None, errors[0])
