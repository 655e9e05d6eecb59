"""Collect what the checks of an NCCO read: its actions, their paths, and every option that they set.

Built once per document, so that no check walks the value again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.ncco_schema import OptionValue, action_names, action_shape, definition, settings
from ncco_lang.vocabulary.schema_validator import Schema


@dataclass(frozen=True, slots=True)
class CheckedAction:
    """One known action: its path, its options, its schema, and its settings.

    `kinds` are the settings whose kind says more than their JSON type (`url`, `phone`, `speech` …); most checks use these.
    """

    path: Path
    options: dict[str, Any]
    schema: Schema
    settings: tuple[OptionValue, ...]
    kinds: tuple[OptionValue, ...]

    @property
    def name(self) -> str:
        """The name of the action."""
        return str(self.options["action"])

    @property
    def role(self) -> str:
        """The role of the action in the order checks: `prompt`, `input`, `room`, `recording`, or empty."""
        return str(self.schema.get("x-role", ""))

    def at(self, key: str) -> Path:
        """Return the path of one of its options."""
        return (*self.path, key)


@dataclass(frozen=True, slots=True)
class Document:
    """The known actions of one NCCO, in order."""

    actions: tuple[CheckedAction, ...]


def build_document(actions: list[Any], base: Path | None) -> Document:
    """Build the document of a list of actions.

    Args:
        actions: the values of the list; values that are not known actions are left out.
        base: the path of the list, None for a single action outside of a list.
    """
    known = frozenset(action_names())
    shape = action_shape()
    built = []
    for index, options in enumerate(actions):
        if isinstance(options, dict) and isinstance(options.get("action"), str) and options["action"] in known:
            path = () if base is None else (*base, index)
            found = tuple(settings(options, path, shape))
            kinds = tuple([setting for setting in found if setting.kind is not None])
            built.append(CheckedAction(path, options, definition(options["action"]), found, kinds))
    return Document(tuple(built))
