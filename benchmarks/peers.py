"""Other validators of NCCO: how each is run, and its verdict on a document.

A peer that is not installed is left out and named; `make bench` installs all of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

Schema = dict[str, Any]

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


@dataclass(frozen=True, slots=True)
class Peer:
    """A validator of documents.

    Attributes:
        name: its name and version.
        check: the function that is timed; it may raise for an invalid document.
        accepts: returns its verdict.
        prepare: turns a document into the argument of `check`, outside the timing.
        schema: whether it uses our schema, and so should give our verdict.
        note: what a reader must know about it.
    """

    name: str
    check: Callable[[Any], object]
    accepts: Callable[[Any], bool]
    prepare: Callable[[Any], Any] = lambda document: document
    schema: bool = True
    note: str = ""


def make_peers(schema: Schema) -> tuple[list[Peer], list[str]]:
    """Return the installed peers, plain `jsonschema` first, and the names of those that are not installed."""
    makers: tuple[tuple[str, Callable[[Schema], Peer]], ...] = (
        ("jsonschema", _jsonschema),
        ("fastjsonschema", _fastjsonschema),
        ("jsonschema-rs", _jsonschema_rs),
        ("vonage-voice", _sdk),
    )
    peers, missing = [], []
    for name, make in makers:
        try:
            peers.append(make(schema))
        except ImportError:
            missing.append(name)
    return peers, missing


def raises_nothing(check: Callable[[Any], object]) -> Callable[[Any], bool]:
    """Return the verdict of a check that reports errors by raising, each library with its own exceptions."""

    def accepts(document: Any) -> bool:
        try:
            check(document)
        except Exception:
            return False
        return True

    return accepts


def _jsonschema(schema: Schema) -> Peer:
    validator = importlib.import_module("jsonschema").Draft202012Validator(schema)
    return Peer(f"jsonschema {version('jsonschema')}", validator.is_valid, validator.is_valid)


def _fastjsonschema(schema: Schema) -> Peer:
    library = importlib.import_module("fastjsonschema")
    # Defaults would be written into the documents, which is not measured.
    check = library.compile(draft_7(schema), use_default=False)
    note = "code generated for draft 7, whose keywords are all that our schema uses; stops at the first error"
    return Peer(f"fastjsonschema {version('fastjsonschema')}", check, raises_nothing(check), note=note)


def draft_7(schema: Schema) -> Schema:
    """Return our schema for a library that supports drafts 4 to 7; its keywords mean the same there."""
    return {**schema, "$schema": DRAFT_7}


def _jsonschema_rs(schema: Schema) -> Peer:
    validator = importlib.import_module("jsonschema_rs").Draft202012Validator(schema)
    return Peer(f"jsonschema-rs {version('jsonschema-rs')}", validator.is_valid, validator.is_valid, note="native code")


def _sdk(_: Schema) -> Peer:
    """Return the vendor's pydantic models, built and dumped as its client does before it sends a call."""
    check, prepare = sdk_models()
    note = (
        "models of the official SDK, built and dumped, from keyword arguments prepared before; they check types, "
        "ranges and required options, pass over unknown options, coerce values, and take any text for a web address or "
        "a method; an unknown action is refused by our choice of the model, not by them"
    )
    name = f"vonage-voice {version('vonage-voice')}"
    return Peer(name, check, raises_nothing(check), prepare=prepare, schema=False, note=note)


def sdk_models() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the function that builds and dumps the models of a document, and the one that prepares the document."""
    models = importlib.import_module("vonage_voice.models")
    classes = {name.lower(): getattr(models, name) for name in _SDK_ACTIONS}

    def build_and_dump(document: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        return [classes[action](**options).model_dump(by_alias=True, exclude_none=True) for action, options in document]

    return build_and_dump, sdk_arguments


_SDK_ACTIONS = ("Talk", "Stream", "Record", "Conversation", "Connect", "Input", "Notify", "Wait", "Transfer")
_SDK_NAMES = {"from": "from_", "content-type": "contentType"}


def sdk_arguments(document: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the name of each action and the keyword arguments of its model: the SDK reads other names than it writes."""
    renamed = []
    for action in document:
        options = {_SDK_NAMES.get(key, key): value for key, value in action.items() if key != "action"}
        if isinstance(options.get("endpoint"), list):
            options["endpoint"] = [
                {_SDK_NAMES.get(key, key): value for key, value in endpoint.items()} for endpoint in options["endpoint"]
            ]
        renamed.append((action["action"], options))
    return renamed
