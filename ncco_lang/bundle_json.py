"""Bundles as JSON, and back.

The classes of `bundle.py` are the description of the format: an object has the names of its fields, and `is` beside them
where one of several classes is possible.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NamedTuple,
    NoReturn,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from ncco_lang.bundle import Bundle
from ncco_lang.values.data import DEEPEST_DATA

_DEEPEST = 4 * DEEPEST_DATA
"""Lists and objects in each other: an expression adds a few levels to the data in it."""


class BundleError(ValueError):
    """Text that is not a bundle of this version. The message is a sentence."""


def dump_bundle(bundle: Bundle) -> str:
    """Return a bundle as JSON, with its version; the same content gives the same bytes."""
    content = _dumped(bundle)
    return _text({**content, "version": _version(content)})


def with_version(bundle: Bundle) -> Bundle:
    """Return a bundle with the hash of its content as its version."""
    return replace(bundle, version=_version(_dumped(bundle)))


def _version(content: Any) -> str:
    return sha256(_text({**content, "version": ""}).encode("utf-8", "surrogatepass")).hexdigest()


def load_bundle(text: str) -> Bundle:
    """Return the bundle that a text has.

    Raises:
        BundleError: the text is not JSON, has another format or another content than its version says, or an index in
            it leads nowhere.
    """
    try:
        content = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError:
        raise BundleError("the bundle is nested too deep") from None
    except ValueError as error:
        raise BundleError(f"the bundle is not JSON: {error}") from None
    graph = content.get("graph") if isinstance(content, dict) else None
    if not isinstance(graph, dict) or content.get("format") != 0:
        raise BundleError("the file is not a bundle of format 0; compile the flow again")
    limits = {key: len(value) for key, value in graph.items() if isinstance(value, list)}
    try:
        bundle: Bundle = _reader(Bundle)(content, _Place(limits))
    except RecursionError:
        raise BundleError("the bundle is nested too deep") from None
    except _MismatchError as error:
        raise BundleError(f"the bundle has a wrong value: {error}") from None
    if _version(_dumped(bundle)) != bundle.version:
        raise BundleError("the bundle has been changed since it was compiled; compile the flow again")
    return bundle


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refused(number)


def _text(content: Any) -> str:
    return json.dumps(content, separators=(",", ":")) + "\n"


# ── Writing ────────────────────────────────────────────────────────────────────────────────────────────


def _dumped(value: Any) -> Any:
    kind = type(value)
    if kind is tuple:
        return [_dumped(item) for item in value]
    if kind is dict:
        return {key: _dumped(item) for key, item in value.items()}
    if is_dataclass(kind):
        content: dict[str, Any] = {"is": kind.__name__} if kind.__name__ in _tagged() else {}
        for name in _names(kind):
            part = getattr(value, name)
            # Most parts are texts and numbers, which stay as they are.
            content[name] = part if type(part) in _SCALARS else _dumped(part)
        return content
    return value


_SCALARS: Final = frozenset({str, int, float, bool, NoneType})


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields that are written."""
    return tuple(field.name for field in fields(kind) if field.init)


@cache
def _tagged() -> frozenset[str]:
    """Return the names of the classes that are one of several where they are used."""
    found: set[str] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [Bundle]
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and is_dataclass(hint):
            waiting += () if hint in seen else _hints(hint).values()
            seen.add(hint)
        elif get_origin(hint) in (Union, UnionType):
            classes = [each for each in get_args(hint) if is_dataclass(each)]
            found |= {each.__name__ for each in classes if isinstance(each, type)} if len(classes) > 1 else set()
            waiting += get_args(hint)
        else:
            waiting += [each for each in get_args(hint) if each is not ... and not isinstance(each, (str, int))]
    return frozenset(found)


# ── Reading ────────────────────────────────────────────────────────────────────────────────────────────


class _MismatchError(Exception):
    """A part of a bundle that its class does not have."""


class _Place(NamedTuple):
    """Where a value is: the numbers of blocks, questions, steps and names, and the path as text."""

    limits: Mapping[str, int]
    path: str = ""

    def part(self, step: str | int) -> _Place:
        return _Place(self.limits, f"{self.path}.{step}" if self.path else str(step))

    def error(self, wanted: str) -> _MismatchError:
        return _MismatchError(f"{self.path} is not {wanted}")


_Reader: TypeAlias = Callable[[Any, _Place], Any]


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in _names(kind)}


@cache
def _reader(hint: Any) -> _Reader:
    """Return what reads a value of a type: a class, a scalar, or a tuple, a mapping or a union of them."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return _read_data
    if origin is Annotated:
        return _index(arguments[1])
    if origin is Literal:
        return _scalar(lambda value: type(value) in (str, int) and value in arguments, f"one of {arguments}")
    if origin is tuple and arguments[1:] == (...,):
        return _list(arguments[0])
    if origin is tuple:
        return _row(arguments)
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is not None:
        return _mapping(arguments[1])
    if is_dataclass(hint):
        return _object(hint)
    kind = NoneType if hint is None else hint
    return _scalar(lambda value: type(value) is kind, f"of the type {kind.__name__}")


def _scalar(holds: Callable[[Any], bool], wanted: str) -> _Reader:
    def read(value: Any, place: _Place) -> Any:
        if not holds(value):
            raise place.error(wanted)
        return value

    return read


def _index(table: str) -> _Reader:
    def read(value: Any, place: _Place) -> int:
        if type(value) is not int or not 0 <= value < place.limits.get(table, 0):
            raise place.error(f"an index of {table}")
        return value

    return read


def _read_data(value: Any, place: _Place) -> Any:
    """Return an expression as it is: any JSON, which the evaluator reads whatever it is."""
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > _DEEPEST:
            raise place.error(f"at most {_DEEPEST} levels deep")
        if isinstance(part, (list, dict)):
            waiting += [(each, depth + 1) for each in (part if isinstance(part, list) else part.values())]
    return value


def _list(item: Any) -> _Reader:
    def read(value: Any, place: _Place) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise place.error("a list")
        return tuple([_reader(item)(each, place.part(index)) for index, each in enumerate(value)])

    return read


def _row(items: tuple[Any, ...]) -> _Reader:
    def read(value: Any, place: _Place) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(items):
            raise place.error(f"a list of {len(items)}")
        return tuple(
            [_reader(item)(each, place.part(at)) for at, (item, each) in enumerate(zip(items, value, strict=True))]
        )

    return read


def _mapping(item: Any) -> _Reader:
    def read(value: Any, place: _Place) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise place.error("an object")
        return {key: _reader(item)(each, place.part(key)) for key, each in value.items()}

    return read


def _union(choices: tuple[Any, ...]) -> _Reader:
    """Read one of several: None, a class by its name in `is`, or the only other type."""
    classes = {each.__name__: each for each in choices if is_dataclass(each) and isinstance(each, type)}
    others = [each for each in choices if each is not NoneType and each not in classes.values()]

    def read(value: Any, place: _Place) -> Any:
        if value is None and NoneType in choices:
            return None
        if isinstance(value, dict) and len(classes) > 1:
            chosen = classes.get(str(value.get("is")))
        else:
            chosen = next(iter((*classes.values(), *others)))
        if chosen is None:
            raise place.error(f"one of {', '.join(classes)}")
        return _reader(chosen)(value, place)

    return read


def _object(kind: Any) -> _Reader:
    hints = _hints(kind)
    tag = {"is"} if kind.__name__ in _tagged() else set()

    def read(value: Any, place: _Place) -> Any:
        if not isinstance(value, dict) or value.keys() != hints.keys() | tag:
            raise place.error(f"an object with {', '.join(hints)}")
        return kind(**{name: _reader(hint)(value[name], place.part(name)) for name, hint in hints.items()})

    return read
