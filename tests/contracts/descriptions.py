"""Read the providers' published descriptions, and apply our patches. Pure functions on data."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.contracts.patches import PATCHES, Patch

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference" / "openapi"
FILES: Mapping[str, str] = {
    "kpn-voice": "kpn-voice.yml",
    "kpn-numbers": "kpn-phone-numbers.yml",
    "vonage-voice": "vonage-voice.yml",
    "vonage-applications": "vonage-application.v2.yml",
    "vonage-numbers": "vonage-numbers.yml",
}

needs_descriptions = pytest.mark.skipif(
    not all((FOLDER / name).is_file() for name in FILES.values()), reason=f"no published descriptions at {FOLDER}"
)

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@dataclass(frozen=True, slots=True)
class Operation:
    """The description of one method of one path.

    Attributes:
        name: method and path as the description writes them, like `PUT /{uuid}/talk`.
        values: the decoded values of the path's parameters.
        parameters: those of the path and of the method.
        body: the requestBody object, or None.
        security: alternatives; each is a set of security schemes that are needed together.
    """

    name: str
    values: Mapping[str, str]
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    responses: Mapping[str, Any]
    security: tuple[tuple[Mapping[str, Any], ...], ...]


def contract_of(url: str) -> str | None:
    """Return the description that covers a URL of a provider; None if none is published."""
    found = [
        (len(server), name)
        for name in FILES
        if url.partition("?")[0] == (server := server_of(name)) or url.startswith(server + "/")
    ]
    return max(found)[1] if found else None


def server_of(contract: str) -> str:
    """Return the base URL of a description's paths, without a slash at its end."""
    url = describe(contract)["servers"][0]["url"]
    assert isinstance(url, str)
    return url.rstrip("/")


def find_operation(description: Mapping[str, Any], method: str, url: str) -> Operation:
    """Return the operation of a request.

    Raises:
        AssertionError: the server, the path or the method is not described.
    """
    server = description["servers"][0]["url"].rstrip("/")
    address = url.partition("?")[0].partition("#")[0]
    assert address == server or address.startswith(server + "/"), f"{address} is not at {server}"
    path = address[len(server) :]
    # Literal paths take precedence over those with parameters (OpenAPI 3.0, path templating).
    for template in sorted(description["paths"], key=lambda template: template.count("{")):
        values = _match(template, path)
        if values is None:
            continue
        item = description["paths"][template]
        said = item.get(method.lower()) if method.lower() in _METHODS else None
        assert said is not None, f"{template or '/'} has no {method}"
        return Operation(
            name=f"{method.upper()} {template or '/'}",
            values=values,
            parameters=(*item.get("parameters", ()), *said.get("parameters", ())),
            body=said.get("requestBody"),
            responses=said["responses"],
            security=_security(description, said),
        )
    raise AssertionError(f"{path!r} is no path of {server}")


def _match(template: str, path: str) -> dict[str, str] | None:
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    values = {}
    for want, have in zip(wanted, given, strict=True):
        if want.startswith("{") and want.endswith("}"):
            if not have:
                return None
            values[want[1:-1]] = unquote(have)
        elif want != have:
            return None
    return values


def _security(description: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[tuple[Mapping[str, Any], ...], ...]:
    schemes = description.get("components", {}).get("securitySchemes", {})
    wanted = said.get("security", description.get("security", ()))
    return tuple(tuple(schemes[name] for name in together) for together in wanted)


def operations(contract: str) -> Iterator[str]:
    """Yield the names of all operations of a patched description."""
    for template, item in describe(contract)["paths"].items():
        for method in _METHODS:
            if method in item:
                yield f"{method.upper()} {template or '/'}"


@lru_cache(maxsize=256)
def describe(contract: str, patches: tuple[Patch, ...] = PATCHES) -> dict[str, Any]:
    """Return a description with its patches, and every `$ref` replaced by its target. Do not change it."""
    name = FILES[contract]
    document = copy.deepcopy(_load(name))
    for patch in patches:
        if patch.contract == contract:
            apply(patch, document)
    # The paths and the few components that are looked up by name; the rest is reached through them.
    return {
        "servers": document["servers"],
        "security": document.get("security", []),
        "paths": inline(document["paths"], name, {name: document}),
        "components": {"securitySchemes": document.get("components", {}).get("securitySchemes", {})},
    }


@lru_cache(maxsize=16)
def _load(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def inline(node: Any, name: str, documents: dict[str, Any], above: tuple[str, ...] = ()) -> Any:
    """Replace every `$ref`, also to other files of the folder; refuse a recursive schema."""
    if isinstance(node, list):
        return [inline(item, name, documents, above) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return {str(key): inline(value, name, documents, above) for key, value in node.items()}
    other, _, pointer = reference.partition("#")
    assert not urlsplit(other).scheme, f"{reference} lies outside the folder"
    other = other or name
    if other not in documents:
        documents[other] = _load(other)
    place = f"{other}#{pointer}"
    assert place not in above, f"{place} holds itself"
    return inline(_look(documents[other], pointer), other, documents, (*above, place))


def apply(patch: Patch, document: dict[str, Any]) -> None:
    """Change a description as a patch says.

    Raises:
        AssertionError: the target of a change is missing, or that of an addition exists.
    """
    above, _, last = patch.where.rpartition("/")
    holder, key = _look(document, above), _unescape(last)
    if isinstance(holder, list):
        place = len(holder) if key == "-" else int(key)
        assert (patch.operation == "add") == (place == len(holder)), f"{patch.where}: the list has changed"
        if patch.operation == "remove":
            del holder[place]
        else:
            holder[place : place + 1] = [copy.deepcopy(patch.value)]
        return
    assert (key in holder) != (patch.operation == "add"), f"{patch.where}: cannot {patch.operation}"
    match patch.operation:
        case "add" | "replace":
            holder[key] = copy.deepcopy(patch.value)
        case "remove":
            del holder[key]
        case "rename":
            assert patch.value not in holder, f"{patch.where}: {patch.value!r} is there already"
            holder[patch.value] = holder.pop(key)


def _look(document: Any, pointer: str) -> Any:
    """Return the target of a JSON pointer (RFC 6901)."""
    for part in pointer.split("/")[1:]:
        key = _unescape(part)
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
