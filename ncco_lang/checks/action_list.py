"""What the checks of an NCCO look at: its actions, where they stand, and every option they set.

Made once a document, so that no check walks the value again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.ncco_schema import OptionValue, action_names, action_shape, definition, settings
from ncco_lang.vocabulary.schema_validator import Schema


@dataclass(frozen=True, slots=True)
class CheckedAction:
    """One action that the schema knows: where it stands, its options, its schema, and what they set.

    `kinds` are the settings of a kind beyond their JSON type (`url`, `phone`, `speech` …), which most checks are about.
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
        """What it is for the order of things: `prompt`, `input`, `room`, `recording`, or empty."""
        return str(self.schema.get("x-role", ""))

    def at(self, key: str) -> Path:
        """The path of one of its options."""
        return (*self.path, key)


@dataclass(frozen=True, slots=True)
class Document:
    """The actions of one NCCO that the schema knows, in order."""

    actions: tuple[CheckedAction, ...]


def build_document(actions: list[Any], base: Path | None) -> Document:
    """Look at a list of actions.

    Args:
        actions: the values in the list; what is no known action is left out.
        base: the path of the list, None where a single action stands without one.
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
