"""Check requests and responses against a description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.contracts.descriptions import Operation, describe, find_operation
from tests.contracts.patches import PATCHES, Patch
from tests.contracts.schemas import check_value, close, read_pairs, read_text

FORM = "application/x-www-form-urlencoded"


def check_request(
    contract: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    patches: tuple[Patch, ...] = PATCHES,
) -> str:
    """Check a request against a description, and that it has nothing which the description does not name.

    Args:
        url: absolute, at the published server, with its query.
        headers: names in any case.

    Returns:
        The operation's name, like `POST /voice/calls`.

    Raises:
        AssertionError: it is invalid; says why.
    """
    operation = find_operation(describe(contract, patches), method, url)
    given = {name.lower(): value for name, value in headers.items()}
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=bool(urlsplit(url).query))
    try:
        _check_parameters(operation, given, query)
        _check_security(operation, given)
        _check_body(operation, given, body)
    except AssertionError as failed:
        raise AssertionError(f"{contract}, {operation.name}: {failed}") from None
    return operation.name


def check_answer(
    contract: str,
    method: str,
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    patches: tuple[Patch, ...] = PATCHES,
) -> str:
    """Check a response against a description: its status, its media type and its body, which may have more fields.

    Returns:
        The operation's name.

    Raises:
        AssertionError: it is invalid; says why.
    """
    operation = find_operation(describe(contract, patches), method, url)
    given = {name.lower(): value for name, value in headers.items()}
    try:
        described = operation.responses.get(str(status), operation.responses.get("default"))
        assert described is not None, f"{status} is not described"
        content = described.get("content")
        if not content:
            assert not body, f"{status} has a body, and none is described"
            return operation.name
        media = _media_type(given, content, "the answer")
        check_value(content[media].get("schema", {}), _read_json(body), f"the answer {status}")
    except AssertionError as failed:
        raise AssertionError(f"{contract}, {operation.name}: {failed}") from None
    return operation.name


def _check_parameters(operation: Operation, headers: Mapping[str, str], query: list[tuple[str, str]]) -> None:
    places: dict[str, dict[str, Mapping[str, Any]]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        places[parameter["in"]][parameter["name"]] = parameter
    schemas = {name: parameter.get("schema", {}) for name, parameter in places["query"].items()}
    values = read_pairs(schemas, query, "the query")
    for name, value in values.items():
        assert name in schemas, f"the query has {name!r}, which is not described"
        check_value(schemas[name], value, f"{name!r} in the query")
    for name, parameter in places["query"].items():
        assert name in values or not parameter.get("required"), f"the query lacks {name!r}"
    for name, parameter in places["header"].items():
        value = headers.get(name.lower())
        if value is None:
            assert not parameter.get("required"), f"the header {name} is missing"
        else:
            check_value(parameter["schema"], read_text(parameter["schema"], value), f"the header {name}")
            assert value, f"the header {name} is empty"
    for name, text in operation.values.items():
        assert name in places["path"], f"the path's {name!r} is not described"
        schema = places["path"][name]["schema"]
        check_value(schema, read_text(schema, text), f"{name!r} in the path")


def _check_security(operation: Operation, headers: Mapping[str, str]) -> None:
    """Check that one of the alternatives is met. We send no keys in the query: a patch has to remove them."""
    word, _, rest = headers.get("authorization", "").partition(" ")
    for together in operation.security:
        kinds = {
            scheme.get("scheme", "bearer" if scheme["type"] == "oauth2" else scheme["type"]) for scheme in together
        }
        if rest.strip() and kinds == {word.lower()}:
            return
    assert not operation.security, f"the header Authorization ({word or 'none'}) is not what is described"


def _check_body(operation: Operation, headers: Mapping[str, str], body: bytes) -> None:
    if operation.body is None:
        assert not body, "there is a body, and none is described"
        return
    if not body:
        assert not operation.body.get("required"), "the body is missing"
        return
    content = operation.body["content"]
    media = _media_type(headers, content, "the request")
    schema = content[media].get("schema", {})
    value = _read_form(schema, body) if media == FORM else _read_json(body)
    # Unclosed and closed: if exactly one of several schemas has to match, closing can hide that two do.
    check_value(schema, value, "the body")
    check_value(close(schema), value, "the body (and what is not described may not be sent)")


def _media_type(headers: Mapping[str, str], content: Mapping[str, Any], what: str) -> str:
    media, _, parameters = headers.get("content-type", "").partition(";")
    media = media.strip().lower()
    assert media in content, f"{what} is {media or 'of no media type'}, not {' or '.join(content)}"
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    assert charset in ("", "utf-8"), f"{what} is in {charset}"
    return media


def _read_json(body: bytes) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(items)) == len(items), f"a name comes twice in {[name for name, _ in items]}"
        return dict(items)

    def constant(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
    except ValueError as failed:
        raise AssertionError(f"the body is no JSON: {failed}") from None


def _read_form(schema: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as failed:
        raise AssertionError(f"the body is no form: {failed}") from None
    return read_pairs(schema.get("properties", {}), pairs, "the form")
