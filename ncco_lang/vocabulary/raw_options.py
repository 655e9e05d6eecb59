"""The option `raw` of an action: JSON of the author's own that is merged into the action, for options the schema lacks.

An object of `raw` is merged into the object that the action has under the same key; where the action has a list of one
object (`endpoint`), into that object. All else is added, and nothing that the action has is replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypeGuard

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.option_specs import OptionSpec, words_of
from ncco_lang.vocabulary.statement_specs import Form, actions, form

RAW = "raw"
"""The name of the option, and its kind (`x-kind`); also the verb that keeps a whole action as JSON."""

_Part: TypeAlias = "_Object | OptionSpec | None"
"""What an action has under a key: an object of options, an option, or what the words of its form give it."""


class _Object(NamedTuple):
    """An object of an action: what it has under each key, and the option that writes it as a block, if one does."""

    parts: dict[str, _Part]
    block: OptionSpec | None = None


class Clash(NamedTuple):
    """A part of `raw` that the statement itself writes.

    Attributes:
        path: its path in `raw`.
        option: the option that writes it; None for what the words after the verb give.
        inside: it is to be an object, whose options the statement has.
    """

    path: Path
    option: OptionSpec | None
    inside: bool = False


def form_of(action: Mapping[str, Any]) -> Form | None:
    """Return the form of the statement that writes an action; None if the language has none, or only a retired one."""
    name = action.get("action")
    known = actions().get(name) if isinstance(name, str) else None
    if known is None or known.deprecated is not None:
        return None
    chooser = known.chooser
    if chooser is None:
        return form(known.name)
    value = action.get(chooser.key)
    if chooser.variants:
        value = value[0] if chooser.single and isinstance(value, list) and len(value) == 1 else value
        value = [value.get(chooser.selector)] if isinstance(value, dict) else None
    if not isinstance(value, list) or not all(isinstance(word, str) and word in words_of(chooser) for word in value):
        return None
    return form(known.name, tuple(value))


def with_raw(action: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action with the JSON of `raw`; neither of the two is changed."""
    result = dict(action)
    for key, item in added.items():
        here = result.get(key)
        if key not in result:
            result[key] = item
        elif isinstance(item, dict) and isinstance(here, dict):
            result[key] = with_raw(here, item)
        elif isinstance(item, dict) and _is_one(here):
            result[key] = [with_raw(here[0], item)]
    return result


def added_paths(action: Mapping[str, Any], added: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    """Yield the path in the action of each part that `with_raw` adds."""
    for key, item in added.items():
        here, inside = action.get(key), (*path, key)
        if key not in action:
            yield inside
        elif isinstance(item, dict) and isinstance(here, dict):
            yield from added_paths(here, item, inside)
        elif isinstance(item, dict) and _is_one(here):
            yield from added_paths(here[0], item, (*inside, 0))


def path_in_raw(added: Any, path: Path) -> Path:
    """Return the path in `raw` of a part of an action: lists of one object are no step in `raw`."""
    found: list[str | int] = []
    for step in path:
        if not (step == 0 and isinstance(added, dict)):
            found.append(step)
            is_inside = isinstance(added, dict) or (isinstance(added, list) and step in range(len(added)))
            added = (added.get(step) if isinstance(added, dict) else added[int(step)]) if is_inside else None
    return tuple(found)


def split(chosen: Form, action: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an action as two: what a form of it writes, and what only `raw` can write."""
    return _split(_object(chosen.action.name, chosen.words), action)


def clashes(chosen: Form, added: Mapping[str, Any]) -> Iterator[Clash]:
    """Yield the parts of `raw` that a form has as options; `added` may be an expression in parts."""
    yield from _clashes(_object(chosen.action.name, chosen.words), added, ())


def _is_one(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    """Return whether a value is a list of one object."""
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


@cache
def _object(name: str, words: tuple[str, ...]) -> _Object:
    """Return what the action of a form has under each key."""
    chosen = form(name, words)
    assert chosen is not None
    root = _Object({"action": None})
    for path, _ in chosen.fixed:
        _put(root, path, None)
    for setting in chosen.settings.values():
        if setting.path:
            option = setting.option
            _put(root, setting.path, _block(option) if option.is_block else option)
    return root


def _block(option: OptionSpec) -> _Object:
    return _Object({part.key: _block(part) if part.is_block else part for part in option.options}, option)


def _put(root: _Object, path: Path, part: _Part) -> None:
    *steps, last = (str(step) for step in path if isinstance(step, str))
    for step in steps:
        inner = root.parts.setdefault(step, _Object({}))
        assert isinstance(inner, _Object)
        root = inner
    root.parts[last] = part


def _split(known: _Object, value: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    kept: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for key, item in value.items():
        part = known.parts.get(key)
        inner = item[0] if _is_one(item) else item
        if key not in known.parts:
            rest[key] = item
        elif not isinstance(part, _Object) or not isinstance(inner, dict):
            kept[key] = item
        elif not inner:
            # A block may be empty; options on the line of the statement cannot.
            (rest if part.block is None else kept)[key] = item
        else:
            options, others = _split(part, inner)
            if options:
                kept[key] = options if inner is item else [options]
            if others:
                rest[key] = others
    return kept, rest


def _clashes(known: _Object, added: Mapping[str, Any], path: Path) -> Iterator[Clash]:
    for key, item in added.items():
        part, here = known.parts.get(key), (*path, key)
        if key not in known.parts:
            continue
        if not isinstance(part, _Object):
            yield Clash(here, part)
        elif not isinstance(item, dict):
            yield Clash(here, part.block, inside=True)
        elif not item and part.block is not None:
            yield Clash(here, part.block)
        else:
            yield from _clashes(part, item, here)


def is_added(added: Collection[Path], path: Path) -> bool:
    """Return whether a path is one of those that `raw` adds, or inside one."""
    return bool(added) and any(path[:length] in added for length in range(1, len(path) + 1))
