"""`ncco.toml`: text → settings, with findings at the line where a setting is wrong.

The schema is `schemas/ncco-toml.schema.json`. Reading and finding the file is for the shells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ncco_lang.diagnostics import Diagnostic, Path, Rule, Severity
from ncco_lang.resources import load_json_resource
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.schema import Schema, Validator, Violation
from ncco_lang.vocabulary.wording import choice_words, did_you_mean, kind_words, shown, type_words

CONFIG_NAME = "ncco.toml"
CONFIG_SCHEMA = "schemas/ncco-toml.schema.json"

INVALID_SETTING = Rule(
    code="F801",
    name="invalid-setting",
    severity="error",
    why="ncco.toml says something that ncco does not know. It stops there, so that no file is checked by half of the settings.",
    bad='[check]\nprovidr = "kpn"\n',
    good='[check]\nprovider = "kpn"\n',
    language="toml",
)
RULES = (INVALID_SETTING,)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a project.

    Attributes:
        json: patterns of the JSON files in a folder that are NCCO, relative to the folder of the file.
        provider: `vonage`, `kpn` or None.
        fail_on: the least severity that makes the exit code 1, or `never`.
        severity: rule code or name → severity or `off`.
    """

    json: tuple[str, ...]
    provider: str | None = None
    fail_on: str = "error"
    severity: dict[str, Severity | Literal["off"]] = field(default_factory=dict)


def default_config() -> Config:
    """The settings where there is no file."""
    check = load_json_resource(CONFIG_SCHEMA)["properties"]["check"]["properties"]
    return Config(json=tuple(check["json"]["default"]))


def parse_config(
    source: Source, version: str, is_rule: Callable[[str], bool], near: Callable[[str], str | None]
) -> tuple[Config, list[Diagnostic]]:
    """Read the text of an `ncco.toml`.

    Args:
        source: the text.
        version: the version of this tool, for `requires`.
        is_rule: whether a word is the code or name of a rule.
        near: the rule that a misspelt word most likely means.

    Returns:
        the settings (the defaults where the text is wrong) and what is wrong.
    """
    import tomllib

    try:
        data = tomllib.loads(source.text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as failed:
        # A ValueError of another kind: Python refuses to read a number of thousands of digits.
        return default_config(), [_syntax(source, str(failed))]
    schema = load_json_resource(CONFIG_SCHEMA)
    found = [_told(source, broken) for broken in Validator(schema).check(schema)(data) or ()]
    check = data.get("check", {}) if isinstance(data.get("check"), dict) else {}
    severity = check.get("severity", {})
    for word in severity if isinstance(severity, dict) else ():
        if not is_rule(word):
            hint = near(word)
            message = f'there is no rule "{word}"'
            found.append(
                _finding(
                    source,
                    ("check", "severity", word),
                    message,
                    f'did you mean "{hint}"?' if hint else "ncco explain lists them",
                )
            )
    requires = data.get("requires")
    if isinstance(requires, str) and not found and _numbers(requires) > _numbers(version):
        message = f"this project needs ncco {requires}, and this is {version}"
        found.append(_finding(source, ("requires",), message, "install a newer ncco-lang"))
    if found:
        return default_config(), found
    base = default_config()
    return Config(
        json=tuple(check.get("json", base.json)),
        provider=check.get("provider"),
        fail_on=check.get("fail_on", base.fail_on),
        severity=dict(severity),
    ), []


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _syntax(source: Source, reason: str) -> Diagnostic:
    place = re.search(r"\(at line (\d+), column (\d+)\)", reason)
    start = len(source.text)
    if place is not None and int(place[1]) <= len(source.line_starts):
        start = min(source.line_starts[int(place[1]) - 1] + int(place[2]) - 1, len(source.text))
    message = "this is not TOML: " + re.sub(r" \(at .*\)$", "", reason).lower()
    return _diagnostic(source, Span(start, min(start + 1, len(source.text))), message, None)


def _told(source: Source, broken: Violation) -> Diagnostic:
    name = ".".join(str(step) for step in broken.path)
    match broken.keyword:
        case "additionalProperties":
            near = did_you_mean(broken.detail, broken.schema["properties"])
            hint = f'did you mean "{near}"?' if near else f"there are {choice_words(broken.schema['properties'])}"
            return _finding(source, (*broken.path, broken.detail), f'there is no setting "{broken.detail}" here', hint)
        case "type":
            message = f"{name} is {type_words(broken.schema['type'])}, but here it is {kind_words(broken.value)}"
            return _finding(source, broken.path, message, None)
        case "enum":
            return _finding(
                source,
                broken.path,
                f"{name} cannot be {shown(broken.value)}",
                f"it takes {choice_words(broken.schema['enum'])}",
            )
        case _:
            expected = _expected(broken.schema)
            return _finding(source, broken.path, f"{name} cannot be {shown(broken.value)}", expected)


def _expected(schema: Schema) -> str | None:
    expected = schema.get("x-expected")
    return f"write {expected}" if expected else None


def _finding(source: Source, path: Path, message: str, hint: str | None) -> Diagnostic:
    return _diagnostic(source, find_setting(source.text, path), message, hint)


def _diagnostic(source: Source, span: Span, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic(
        rule=INVALID_SETTING, severity=INVALID_SETTING.severity, source=source, span=span, message=message, hint=hint
    )


def find_setting(text: str, path: Path) -> Span:
    """The span of a setting's key in a TOML text; of the first character where it cannot be found.

    TOML readers give no positions, so tables and keys are looked for line by line.
    """
    table: list[str] = []
    for line in re.finditer(r"[^\n]*", text):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line[0])
        if header is not None:
            table = _key_parts(header[1])
            if table == [str(step) for step in path]:
                return Span(line.start() + header.start(1), line.start() + header.end(1))
            continue
        entry = re.match(r"\s*([^=#]+?)\s*=", line[0])
        if entry is not None:
            keys = table + _key_parts(entry[1])
            if keys and keys == [str(step) for step in path][: len(keys)]:
                return Span(line.start() + entry.start(1), line.start() + entry.end(1))
    return Span(0, min(1, len(text)))


def _key_parts(text: str) -> list[str]:
    return [part.strip().strip("\"'") for part in text.split(".")]
