"""Parse `ncco.toml`: text → settings, with findings at the line of each wrong setting.

The schema is `schemas/ncco-toml.schema.json`. The workspace finds and reads the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from ncco_lang.diagnostics import Diagnostic, Fix, Path, Severity, place_facts
from ncco_lang.project import setting_facts as facts
from ncco_lang.project.setting_facts import INVALID_SETTING, InvalidSetting
from ncco_lang.resources import load_json_resource
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.phrases import did_you_mean, range_words, type_words
from ncco_lang.vocabulary.schema_validator import Schema, Validator, Violation
from ncco_lang.words import JSON, kind_words, shown

if TYPE_CHECKING:
    from ncco_lang.project.profiles import Profile

CONFIG_NAME = "ncco.toml"
CONFIG_SCHEMA = "schemas/ncco-toml.schema.json"

RULES = (INVALID_SETTING,)

_MOST_LOOKED_FOR = 100
"""The number of unknown rules in a file for which a suggestion is searched: each search compares with every rule."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project.

    Attributes:
        json: patterns of the JSON files in a folder that are NCCO, relative to the folder of the file; None if not set.
        provider: `vonage`, `kpn` or None.
        fail_on: the least severity that makes the exit code 1, or `never`.
        severity: rule code or name → severity or `off`.
        profile: the default profile.
        profiles: every profile by its name.
        serve: the table `[serve]`, as the schema has it.
        wrong: the paths of the settings that are left out because they are wrong; `()` is the whole file.
    """

    json: tuple[str, ...] | None = None
    provider: str | None = None
    fail_on: str = "error"
    severity: dict[str, Severity | Literal["off"]] = field(default_factory=dict)
    profile: str | None = None
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    serve: Mapping[str, Any] = field(default_factory=dict)
    wrong: tuple[Path, ...] = ()

    @property
    def having_base_url(self) -> tuple[str, ...]:
        """The names of the profiles that have a base URL for relative addresses."""
        return tuple(name for name, profile in self.profiles.items() if profile.base_url is not None)

    @property
    def having_params(self) -> Mapping[str, tuple[str, ...]]:
        """Each param that profiles give a value, with their names."""
        having: dict[str, tuple[str, ...]] = {}
        for name, profile in self.profiles.items():
            for param in profile.params:
                having[param] = (*having.get(param, ()), name)
        return having


def json_patterns(config: Config) -> tuple[str, ...]:
    """Return the patterns of the JSON files that are NCCO: those of the settings, or the default of the schema."""
    if config.json is not None:
        return config.json
    check = load_json_resource(CONFIG_SCHEMA)["properties"]["check"]["properties"]
    return tuple(check["json"]["default"])


def parse_config(
    source: Source, version: str, is_rule: Callable[[str], bool], near: Callable[[str], str | None]
) -> tuple[Config, list[Diagnostic]]:
    """Parse the text of an `ncco.toml`.

    Args:
        source: the text.
        version: the version of this tool, for `requires`.
        is_rule: whether a word is the code or name of a rule.
        near: the rule that a misspelt word most likely means.

    Returns:
        the settings and the findings. A wrong setting is left out; if the text is not TOML, or for a newer version, all are.
    """
    import tomllib

    try:
        data = tomllib.loads(source.text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as failed:
        # Python also raises ValueError for a number of thousands of digits.
        return Config(wrong=((),)), discreet(source, [_syntax(source, str(failed))])
    too_new = _too_new(source, data, version)
    if too_new is not None:
        # Other findings may be about settings that this version does not know yet.
        return Config(wrong=((),)), discreet(source, [too_new])
    wrong = list(_check(source, data, is_rule, near))
    paths = tuple(path for path, _ in wrong)
    found = sorted((finding for _, finding in wrong), key=lambda finding: finding.span)
    return _settings(source, _without(data, paths), paths), discreet(source, found)


def _without(value: Any, paths: Collection[Path]) -> Any:
    """Return a table or a list without the values at some paths."""
    if not paths or not isinstance(value, (dict, list)):
        return value
    below: dict[str | int, list[Path]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    kept = [
        (step, _without(item, below.get(step, ())))
        for step, item in (value.items() if isinstance(value, dict) else enumerate(value))
        if () not in below.get(step, ())
    ]
    return dict(kept) if isinstance(value, dict) else [item for _, item in kept]


def _settings(source: Source, data: dict[str, Any], wrong: tuple[Path, ...]) -> Config:
    """Return the settings of a text without the wrong ones."""
    check, profiles = data.get("check", {}), _profiles(source, data.get("profiles", {}))
    return Config(
        json=tuple(check["json"]) if "json" in check else None,
        provider=check.get("provider"),
        fail_on=check.get("fail_on", "error"),
        severity=dict(check.get("severity", {})),
        profile=data.get("profile") if data.get("profile") in profiles else None,
        profiles=profiles,
        serve=data.get("serve", {}),
        wrong=wrong,
    )


def _profiles(source: Source, data: dict[str, Any]) -> dict[str, Profile]:
    if not data:
        return {}
    from ncco_lang.project.profiles import Profile, TomlValue

    return {
        name: Profile(
            name,
            source,
            base_url=entry.get("base_url"),
            joins=entry.get("joins"),
            mixed_barge_in=entry.get("mixed_barge_in", False),
            provider=entry.get("provider"),
            params={
                param: TomlValue(value, find_setting(source, ("profiles", name, "params", param)))
                for param, value in entry.get("params", {}).items()
            },
            table=entry,
        )
        for name, entry in data.items()
    }


def _too_new(source: Source, data: dict[str, Any], version: str) -> Diagnostic | None:
    """Return a finding if the project needs a newer version of this tool."""
    schema = load_json_resource(CONFIG_SCHEMA)["properties"]
    requires, edition = data.get("requires", ""), data.get("edition")
    known: list[int] = schema["edition"]["enum"]
    is_range = isinstance(requires, str) and re.search(schema["requires"]["pattern"], requires)
    if is_range and _numbers(requires) > _numbers(version):
        return invalid_setting(source, ("requires",), facts.TooNew(requires=requires, version=version))
    if isinstance(edition, int) and edition > max(known):
        newer = facts.UnknownEdition(edition=edition, version=version, known=tuple(known))
        return invalid_setting(source, ("edition",), newer)
    return None


def _check(
    source: Source,
    data: dict[str, Any],
    is_rule: Callable[[str], bool],
    near: Callable[[str], str | None],
) -> Iterator[tuple[Path, Diagnostic]]:
    """Yield every finding and the path of its setting: what the schema requires, and what it cannot express."""
    schema = load_json_resource(CONFIG_SCHEMA)
    for broken in Validator(schema).check(schema)(data) or ():
        extra = (broken.detail,) if broken.keyword == "additionalProperties" else ()
        yield (*broken.path, *extra), _violation(source, broken)
    check = data.get("check", {}) if isinstance(data.get("check"), dict) else {}
    for number, pattern in enumerate(check["json"] if isinstance(check.get("json"), list) else ()):
        if isinstance(pattern, str) and (upside := _upside_down(pattern)) is not None:
            path: Path = ("check", "json", number)
            yield path, invalid_setting(source, path, facts.BackwardRange(range=upside, right=upside[::-1]))
    severity = check.get("severity", {})
    if isinstance(severity, dict):
        yield from _check_rules(source, severity, is_rule, near)
    if "profile" in data or "profiles" in data:
        from ncco_lang.project.profile_checks import check_profiles

        for path, wrong, meant in check_profiles(data):
            fix = _replaced(source, path, data.get("profile"), meant)
            yield path, replace(invalid_setting(source, path, wrong), fix=fix)


def _upside_down(pattern: str) -> str | None:
    """The first range of characters in a pattern of `.gitignore` whose end is before its start."""
    for characters in re.findall(r"\[[!^]?(\]?[^]]*)\]", pattern):
        for first, last in re.findall(r"(?s)\\?(.)-\\?(.)", characters):
            if first > last:
                return f"{first}-{last}"
    return None


def _check_rules(
    source: Source,
    severity: Mapping[str, Any],
    is_rule: Callable[[str], bool],
    near: Callable[[str], str | None],
) -> Iterator[tuple[Path, Diagnostic]]:
    """Yield findings for unknown rules, with their paths."""
    for number, word in enumerate(word for word in severity if not is_rule(word)):
        path: Path = ("check", "severity", word)
        meant = near(word) if number < _MOST_LOOKED_FOR else None
        found = invalid_setting(source, path, facts.NoSuchRule(word=word, near=meant))
        yield path, replace(found, fix=_renamed(source, path, meant, severity))


def discreet(source: Source, found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings on a text with hidden secrets, because a finding is printed with its line."""
    if not found:
        return found
    from ncco_lang.project.toml_secrets import hide_secrets

    hidden = Source(source.name, hide_secrets(source.text))
    return [replace(finding, source=hidden) for finding in found]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _syntax(source: Source, reason: str) -> Diagnostic:
    place = re.search(r"\(at line (\d+), column (\d+)\)", reason)
    start = len(source.text)
    if place is not None and int(place[1]) <= len(source.line_starts):
        start = min(source.line_starts[int(place[1]) - 1] + int(place[2]) - 1, len(source.text))
    broken = facts.NotToml(reason=re.sub(r" \(at .*\)$", "", reason).lower())
    return place_facts(broken, source, Span(start, min(start + 1, len(source.text))), JSON)


def _violation(source: Source, broken: Violation) -> Diagnostic:
    name = ".".join(str(step) for step in broken.path)
    match broken.keyword:
        case "additionalProperties":
            near = did_you_mean(broken.detail, broken.schema["properties"])
            path, known = (*broken.path, broken.detail), tuple(broken.schema["properties"])
            unknown = facts.UnknownSetting(setting=broken.detail, near=near, known=known)
            found = invalid_setting(source, path, unknown)
            return replace(found, fix=_renamed(source, path, near, broken.value))
        case "type":
            wrong = facts.WrongTypeOfSetting(
                setting=name,
                wanted=type_words(broken.schema["type"]),
                given=_given(broken),
                expected=_meant_table(broken) or _expected(broken.schema),
            )
            return invalid_setting(source, broken.path, wrong)
        case "required":
            expected = _expected(broken.schema["properties"][broken.detail])
            missing = facts.MissingSetting(setting=name, key=broken.detail, expected=expected)
            return invalid_setting(source, broken.path, missing)
        case "pattern" if broken.schema.get("x-secret"):
            secret = facts.WrittenSecret(setting=name, expected=_expected(broken.schema))
            return invalid_setting(source, broken.path, secret)
        case "enum":
            choices = broken.schema["enum"]
            choice = facts.NoSuchChoice(setting=name, value=_plain(broken.value), choices=tuple(choices))
            found = invalid_setting(source, broken.path, choice)
            words = [word for word in choices if isinstance(word, str)]
            meant = did_you_mean(broken.value, words) if isinstance(broken.value, str) else None
            return replace(found, fix=_replaced(source, broken.path, broken.value, meant))
        case _:
            # The wrong value may be an address with a password in it.
            is_open = not isinstance(broken.value, str) or "@" not in broken.value
            value = _plain(broken.value) if is_open else None
            unfit = facts.WrongValue(
                setting=name, value=value, expected=_with_scheme(broken) or _expected(broken.schema)
            )
            return invalid_setting(source, broken.path, unfit)


def _meant_table(broken: Violation) -> str | None:
    """Return a hint for [profile.live]: the table of profiles is called `profiles`, `profile` chooses one."""
    if broken.path != ("profile",) or not isinstance(broken.value, dict):
        return None
    return f"did you mean [profiles.{next(iter(broken.value), 'live')}]?"


def _with_scheme(broken: Violation) -> str | None:
    """Return a hint for an address that lacks only its scheme; only an emulator is reached without TLS."""
    if broken.keyword != "pattern" or not isinstance(broken.value, str) or re.search("@|://", broken.value):
        return None
    scheme = "http" if broken.path[-1] == "emulator" else "https"
    whole = f"{scheme}://{broken.value}"
    is_address = broken.schema["pattern"].startswith("^https?://") and re.search(broken.schema["pattern"], whole)
    return f"write {shown(whole)}" if is_address else None


def _renamed(source: Source, path: Path, meant: str | None, table: Mapping[str, Any]) -> Fix | None:
    """Return a fix that gives a key the name it most likely means, unless its table already has that name."""
    key, word = _places(source.text).get(path), path[-1]
    if meant is None or meant in table or key is None or not isinstance(word, str):
        return None
    from ncco_lang.project.toml_fixes import rename_key

    return rename_key(source.text, key, word, meant)


def _replaced(source: Source, path: Path, value: Any, meant: str | None) -> Fix | None:
    """Return a fix that gives a setting the value it most likely means."""
    key = _places(source.text).get(path)
    if meant is None or key is None or not isinstance(value, str):
        return None
    from ncco_lang.project.toml_fixes import replace_value

    return replace_value(source.text, key, value, meant)


def _expected(schema: Schema) -> str | None:
    expected = schema.get("x-expected") or (range_words(schema) if "maximum" in schema else None)
    return f"write {expected}" if expected else None


def _kind(value: Any) -> str:
    """Return in words what kind of TOML value it is."""
    is_json = value is None or isinstance(value, (bool, int, float, str, list, dict))
    return kind_words(value) if is_json else "a date or a time"


def _given(broken: Violation) -> str:
    """Return in words what a setting of the wrong type has."""
    is_fraction = broken.schema["type"] == "integer" and isinstance(broken.value, float)
    return shown(broken.value) if is_fraction else _kind(broken.value)


def _plain(value: Any) -> Any:
    """Return a value as facts hold it."""
    return value if isinstance(value, (str, int, float)) else _kind(value)


def invalid_setting(source: Source, path: Path, facts: InvalidSetting) -> Diagnostic:
    """Return a finding at the key of a setting."""
    return place_facts(facts, source, find_setting(source, path), JSON)


def find_setting(source: Source, path: Path) -> Span:
    """Return the span of a setting's key; without one, of the nearest table around it, or the first character."""
    places = _places(source.text)
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return Span(0, min(1, len(source.text)))


@lru_cache(maxsize=2)
def _places(text: str) -> dict[Path, Span]:
    """Cached, because a file with findings or params needs many places."""
    from ncco_lang.project.toml_places import find_places

    return find_places(text)
