"""Proposals for `ncco.toml`: tables, keys and values, from its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ncco_lang.editor.types import Completion
from ncco_lang.project.config import CONFIG_SCHEMA
from ncco_lang.resources import load_json_resource
from ncco_lang.source import Span
from ncco_lang.vocabulary.phrases import range_words

_HEADER = re.compile(r"^[ \t]*\[([^\[\]\r\n]*)\][ \t]*(?:#[^\r\n]*)?$", re.MULTILINE)
_OPEN_HEADER = re.compile(r"[ \t]*\[([A-Za-z0-9_.\"' \t-]*)\Z")
_ENTRY = re.compile(r"^[ \t]*([A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_-]+)*)[ \t]*=", re.MULTILINE)
_KEY = re.compile(r"[ \t]*((?:[A-Za-z0-9_-]+[ \t]*\.[ \t]*)*)([A-Za-z0-9_-]*)\Z")
_VALUE = re.compile(r"""[ \t]*([A-Za-z0-9_.-]+)[ \t]*=[ \t]*(["']?)([^"'\[\]{},#]*)\Z""")
_REST = re.compile(r"[A-Za-z0-9_-]*")
_HEADER_REST = re.compile(r"[A-Za-z0-9_.-]*")
_HAS_VALUE = re.compile(r"[ \t]*[.=]")
_STEP = re.compile(r"[A-Za-z0-9_-]+")
_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list", "object": "table"}

Schema = Mapping[str, Any]


def complete_toml(text: str, offset: int) -> list[Completion]:
    """Return the proposals at an offset of an `ncco.toml`."""
    offset = max(0, min(offset, len(text)))
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start:offset]
    end = _end(_REST, text, offset)
    if (header := _OPEN_HEADER.match(line)) is not None:
        return list(_headers(text, header[1], Span(offset - len(header[1].lstrip()), _end(_HEADER_REST, text, offset))))
    table = _table_at(text, start)
    if (value := _VALUE.match(line)) is not None:
        path = (*table, *_STEP.findall(value[1]))
        return list(_values(text, path, value[2], Span(offset - len(value[3]), end)))
    if (key := _KEY.match(line)) is not None:
        path = (*table, *_STEP.findall(key[1]))
        return list(_keys(text, table, path, Span(offset - len(key[2]), end)))
    return []


def _end(rest: re.Pattern[str], text: str, offset: int) -> int:
    """Return the end of the word around an offset."""
    found = rest.match(text, offset)
    return offset if found is None else found.end()


def setting_at(text: str, offset: int) -> tuple[Span, tuple[str, ...], Schema] | None:
    """Return the span, path and schema of the key or header at an offset; None elsewhere."""
    offset = max(0, min(offset, len(text)))
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    stop = next((at for at in range(offset, len(text)) if text[at] in "\r\n"), len(text))
    line = text[start:stop]
    head = _HEADER.match(line)
    entry = None if head is not None else _ENTRY.match(line)
    found = head or entry
    if found is None:
        return None
    path: tuple[str, ...] = () if head is not None else _table_at(text, start)
    for step in _STEP.finditer(line, found.start(1), found.end(1)):
        path = (*path, step[0])
        span = Span(start + step.start(), start + step.end())
        if span.start <= offset <= span.end:
            schema = _schema_at(path)
            return None if schema is None else (span, path, schema)
    return None


def about(schema: Schema) -> str:
    """Return type, range and default of a setting in one line."""
    words = [_TYPES.get(schema.get("type", ""), "")]
    if "enum" in schema:
        words = [" | ".join(map(str, schema["enum"]))]
    if "minimum" in schema:
        words.append(range_words(dict(schema)))
    if "default" in schema and not isinstance(schema["default"], list):
        words.append(f"default {schema['default']}")
    return ", ".join(word for word in words if word)


def _schema() -> Schema:
    schema: Schema = load_json_resource(CONFIG_SCHEMA)
    return schema


def _merged(schema: Schema) -> Schema:
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = {**_schema()["definitions"][name], **{key: part for key, part in schema.items() if key != "$ref"}}
    return schema


def _part(schema: Schema, step: str) -> Schema | None:
    if step in schema.get("properties", {}):
        return _merged(schema["properties"][step])
    others = schema.get("additionalProperties")
    return _merged(others) if isinstance(others, dict) else None


def _schema_at(path: tuple[str, ...]) -> Schema | None:
    schema: Schema | None = _schema()
    for step in path:
        schema = None if schema is None else _part(schema, step)
    return schema


def _table_at(text: str, start: int) -> tuple[str, ...]:
    """Return the path of the table that contains a line."""
    found: tuple[str, ...] = ()
    for header in _HEADER.finditer(text, 0, start):
        found = tuple(_STEP.findall(header[1]))
    return found


def _headers(text: str, written: str, span: Span) -> Iterator[Completion]:
    """Propose names of tables; profile names are taken from the file."""
    taken = {tuple(_STEP.findall(header[1])) for header in _HEADER.finditer(text)}
    prefixes = {path[:length] for path in taken for length in range(len(path) + 1)}
    names = sorted({path[1] for path in prefixes if len(path) > 1 and path[0] == "profiles"} | {"NAME"})
    closing = "" if text.startswith("]", span.end) else "]"
    number = 0
    for path, schema in _tables((), _schema(), names):
        label = ".".join(path)
        if path not in taken and (label.startswith(written.strip()) or "." not in written):
            is_snippet = "NAME" in label or "KEY" in label
            insert = (_marked(label) if is_snippet else label) + closing
            docs = schema.get("description", "")
            yield Completion(label, "key", span, insert, "table", docs, is_snippet, f"{number:03}")
            number += 1


def _marked(label: str) -> str:
    number = 0
    pieces = []
    for step in label.split("."):
        if step in ("NAME", "KEY"):
            number += 1
            step = f"${{{number}:{step}}}"
        pieces.append(step)
    return ".".join(pieces)


def _tables(path: tuple[str, ...], schema: Schema, profiles: list[str]) -> Iterator[tuple[tuple[str, ...], Schema]]:
    for key, part in schema.get("properties", {}).items():
        part = _merged(part)
        if part.get("type") == "object":
            if isinstance(part.get("additionalProperties"), dict) and "type" not in part["additionalProperties"]:
                inner = _merged(part["additionalProperties"])
                yield (*path, key, "KEY"), inner
            elif key == "profiles":
                inner = _merged(part["additionalProperties"])
                for name in profiles:
                    yield (*path, key, name), inner
                    yield from _tables((*path, key, name), inner, profiles)
            else:
                yield (*path, key), part
                yield from _tables((*path, key), part, profiles)


def _keys(text: str, table: tuple[str, ...], path: tuple[str, ...], span: Span) -> Iterator[Completion]:
    """Propose the missing keys of a table."""
    schema = _schema_at(path)
    if schema is None:
        return
    taken = _taken(text, span, path[len(table) :])
    has_value = _HAS_VALUE.match(text, span.end) is not None
    if path == ("check", "severity"):
        from ncco_lang.rules import RULES

        rest = "" if has_value else ' = "${1|error,warning,info,off|}"'
        for rule in RULES:
            for word, other, sort in ((rule.name, rule.code, f"1{rule.name}"), (rule.code, rule.name, f"2{rule.code}")):
                if word not in taken:
                    detail = f"{other}, {rule.severity}"
                    yield Completion(word, "key", span, word + rest, detail, rule.why, bool(rest), sort)
        return
    for number, (key, part) in enumerate(schema.get("properties", {}).items()):
        part = _merged(part)
        if key not in taken and part.get("type") != "object":
            insert = key if has_value else f"{key} = {_snippet(part)}"
            docs = part.get("description", "")
            sort = f"{0 if key in schema.get('required', ()) else 1}{number:02}"
            yield Completion(key, "key", span, insert, about(part), docs, not has_value, sort)


def _taken(text: str, span: Span, prefix: tuple[str, ...]) -> set[str]:
    """Return the keys that are already in the table at a position."""
    start = max((header.end() for header in _HEADER.finditer(text, 0, span.start)), default=0)
    following = _HEADER.search(text, span.end)
    stop = len(text) if following is None else following.start()
    paths = [tuple(_STEP.findall(entry[1])) for entry in _ENTRY.finditer(text, start, stop)]
    return {path[len(prefix)] for path in paths if len(path) > len(prefix) and path[: len(prefix)] == prefix}


def _snippet(schema: Schema) -> str:
    if "enum" in schema:
        words = ",".join(map(str, schema["enum"]))
        value = f"${{1|{words}|}}" if len(schema["enum"]) > 1 else words
        return f'"{value}"' if schema.get("type") == "string" else value
    match schema.get("type"):
        case "string":
            return '"$1"'
        case "array":
            return "[$1]"
        case "boolean":
            return "${1|true,false|}"
        case _:
            return f"${{1:{schema['default']}}}" if "default" in schema else "$1"


def _values(text: str, path: tuple[str, ...], quote: str, span: Span) -> Iterator[Completion]:
    """Propose the values of a setting."""
    schema = _schema_at(path)
    if schema is None:
        return
    values = list(schema.get("enum", ()))
    if path == ("profile",):
        headers = (tuple(_STEP.findall(header[1])) for header in _HEADER.finditer(text))
        values = list(dict.fromkeys(header[1] for header in headers if len(header) > 1 and header[0] == "profiles"))
    elif schema.get("type") == "boolean":
        values = [True, False]
    for number, value in enumerate(values):
        written = json.dumps(value, ensure_ascii=False)
        insert = str(value) if quote else written
        detail = "default" if value == schema.get("default") else ""
        docs = schema.get("description", "")
        if not quote or isinstance(value, str):
            yield Completion(written.strip('"'), "value", span, insert, detail, docs, sort=f"{number:03}")
