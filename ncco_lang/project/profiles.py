"""Profiles: sets of values to compile a project with, from parsed TOML to the arguments of the compiler.

The environment is read through a function that the caller passes in, so nothing here reads it directly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ncco_lang.diagnostics import Path
from ncco_lang.project.params import Given, variable_in
from ncco_lang.project.setting_facts import BadName, BadParam, InvalidSetting, NoSuchProfile
from ncco_lang.resources import load_json_resource
from ncco_lang.source import Source, Span
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.reserved import NAME
from ncco_lang.vocabulary.phrases import did_you_mean

FROM_ENV = "env:"
DEPLOYING = frozenset({"credentials", "documents", "applications", "api", "state", "keys"})
"""The settings of a profile that only deploying and calling need."""
_SCHEMA = "schemas/ncco-toml.schema.json"
KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""The pattern of the name of a profile, and of an application in it: files are named after it; `fullmatch` it."""
_WHOLE = 2**63


class TomlValue(NamedTuple):
    """A value of `ncco.toml`, and the place of its key."""

    value: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Profile:
    """One `[profiles.NAME]`. A param `env:NAME` is still that text; `read_params` looks up its value.

    Attributes:
        joins: what follows a routed connect; None for what the provider can do.
        mixed_barge_in: in a menu, talk and stream have barge-in together.
        table: the whole TOML table; `targets.read_target` reads its deploying half when it is needed.
    """

    name: str
    source: Source
    base_url: str | None = None
    provider: str | None = None
    params: Mapping[str, TomlValue] = field(default_factory=dict)
    joins: Literal["notify", "before"] | None = None
    mixed_barge_in: bool = False
    table: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_emulated(self) -> bool:
        """Whether its provider is an emulator, on this machine or in the same network."""
        api = self.table.get("api")
        return isinstance(api, Mapping) and "emulator" in api


def levels_of(profile: Profile | None, severity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the severities of a project's rules for a profile: an emulator reaches the addresses of a private network."""
    if profile is None or not profile.is_emulated:
        return severity
    return {**severity, "unreachable-address": "off"}


class Unset(NamedTuple):
    """An environment variable that a profile needs and that is not set."""

    param: str
    variable: str
    span: Span


class Wrong(NamedTuple):
    """A setting with a wrong value; `meant` is the value that the author most likely means."""

    path: Path
    facts: InvalidSetting
    meant: str | None = None


def is_base_url(text: str) -> bool:
    """Return whether a text can be the base of relative addresses: an http(s) address without `?` and `#`."""
    profile = load_json_resource(_SCHEMA)["properties"]["profiles"]["additionalProperties"]
    return re.search(profile["properties"]["base_url"]["pattern"], text) is not None


def no_such_profile(name: str, profiles: Mapping[str, Any]) -> NoSuchProfile:
    """Return the facts of a profile that does not exist."""
    return NoSuchProfile(profile=name, near=did_you_mean(name, profiles), known=tuple(profiles))


def check_params(path: Path, params: Any) -> Iterator[Wrong]:
    """Yield what is wrong with a table of params and the schema cannot express."""
    for param, value in params.items() if isinstance(params, dict) else ():
        if NAME.fullmatch(param) is None:
            bad = BadName(name=param, what="a param", characters="small letters, digits and _")
            yield Wrong((*path, param), bad)
        yield from _check_value((*path, param), value)


def _check_value(path: Path, value: Any) -> Iterator[Wrong]:
    """Yield what cannot become a value of the language. Texts, numbers, booleans, lists and tables can, also nested."""
    waiting: list[tuple[Path, Any]] = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if len(path) > DEEPEST_DATA:
            yield Wrong(path, BadParam(kind="deep", most=DEEPEST_DATA))
        elif isinstance(value, (list, dict)):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += reversed([((*path, step), item) for step, item in items])
        elif isinstance(value, str):
            if value.startswith(FROM_ENV) and variable_in(value) is None:
                yield Wrong(path, BadParam(kind="variable"))
        elif isinstance(value, float):
            if not math.isfinite(value):
                yield Wrong(path, BadParam(kind="infinite"))
        elif isinstance(value, int):
            if not -_WHOLE <= value < _WHOLE:
                yield Wrong(path, BadParam(kind="large"))
        else:
            yield Wrong(path, BadParam(kind="date"))


def read_params(profile: Profile, lookup: Callable[[str], str | None]) -> tuple[dict[str, Given], list[Unset]]:
    """Return the params of a profile, with those from the environment looked up; a secret needs no value here.

    Args:
        profile: a profile of `ncco.toml`.
        lookup: returns the value of an environment variable, or None if it is not set.

    Returns:
        the values, and the variables that are not set.
    """
    unset: list[Unset] = []
    given: dict[str, Given] = {}
    origin = f'profile "{profile.name}" in {profile.source.name}'
    for name, setting in profile.params.items():
        missing: list[str] = []
        value, from_env = _read(setting.value, lookup, missing)
        unset += (Unset(name, variable, setting.span) for variable in missing)
        variable = variable_in(setting.value) if isinstance(setting.value, str) else None
        given[name] = Given(value, origin, profile.source, setting.span, from_env, variable)
    return given, unset


def _read(value: Any, lookup: Callable[[str], str | None], missing: list[str]) -> tuple[Any, bool]:
    """Return a value with its `env:NAME` texts replaced, and whether it had any."""
    if isinstance(value, str):
        variable = variable_in(value)
        if variable is None:
            return value, False
        text = lookup(variable)
        if text is None:
            missing.append(variable)
        return text, True
    if isinstance(value, (list, dict)):
        steps: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        read = [_read(value[step], lookup, missing) for step in steps]
        from_env = any(env for _, env in read)
        items = [item for item, _ in read]
        return items if isinstance(value, list) else dict(zip(steps, items, strict=True)), from_env
    return value, False
