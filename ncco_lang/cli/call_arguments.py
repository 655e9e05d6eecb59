"""The args of `ncco call`: their values read from the command line, and sealed into the answer URL of the call."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ncco_lang.api.types import NewCall
from ncco_lang.cli.console import Refused
from ncco_lang.cli.provider_command import Chosen
from ncco_lang.cli.render import visible

if TYPE_CHECKING:
    from ncco_lang.project.targets import AppTarget
    from ncco_lang.tokens.sealed import TokenKey

_ARG = re.compile(r"\barg\b")
_SECONDS = 3600.0
"""How long the args of a call are valid: it begins within minutes of being placed."""


def read_given(given: Mapping[str, str], place: Chosen, app: AppTarget) -> dict[str, Any]:
    """Return the values of the args of the application's flow; empty for a flow without args.

    Raises:
        click.UsageError: the flow has no such arg, a value is of another type, or a value is missing.
        InputError: the flow cannot be read.
    """
    from ncco_lang.workspace.errors import InputError
    from ncco_lang.workspace.files import read_source

    try:
        source = read_source(place.path(app.flow), app.flow)
    except InputError:
        if not given:
            return {}  # what is deployed runs without its source
        raise
    if not given and _ARG.search(source.text) is None:
        return {}
    # Imported here, because few flows have args.
    from ncco_lang.program.params import ArgumentError, read_arguments
    from ncco_lang.syntax.parse import parse_flow

    try:
        return read_arguments(parse_flow(source)[0], given)
    except ArgumentError as failed:
        raise click.UsageError(f"-a: {visible(str(failed))}") from None


def with_arguments_of(call: NewCall, arguments: Mapping[str, Any], place: Chosen, app: AppTarget) -> NewCall:
    """Return a call whose answer URL has its args.

    Args:
        call: with the answer URL of the application.
        arguments: the values, as in `values/data.py`, by name.

    Raises:
        Refused: the answer URL is not that of a server with this serve key, or the args need a call store that is not here.
        WorkspaceError: the serve key cannot be read, or the call store cannot be opened.
    """
    from ncco_lang.runtime.arguments import LONGEST_TOKEN, pack_arguments, seal_arguments
    from ncco_lang.runtime.tokens import StateTooLarge
    from ncco_lang.serve.call_store import SqliteStore
    from ncco_lang.serve.service import CALLS
    from ncco_lang.tokens.sealed import Tokens
    from ncco_lang.values.event_urls import with_arguments

    url = call.answer_url or ""
    folder = Path(place.project.folder, place.project.config.serve.get("folder", _default_folder()))
    sealer = Tokens((_key_of(url, place, app, folder),), _SECONDS, os.urandom)
    try:
        payload = pack_arguments(arguments)
    except StateTooLarge as failed:
        raise Refused(f"-a: {failed}") from None
    path, store = folder / CALLS, None
    try:
        token = seal_arguments(sealer, app.key, payload, time.time(), None, _SECONDS)
        if token is None and path.exists():
            store = SqliteStore(path)
            token = seal_arguments(sealer, app.key, payload, time.time(), store, _SECONDS)
    finally:
        if store is not None:
            store.close()
    if token is None:
        raise Refused(
            f"the values of -a are too long for an address ({LONGEST_TOKEN} characters), and the call store of the server is "
            "not here; run ncco call where ncco serve runs, or give an id that the flow looks up"
        )
    made = with_arguments(url, token)
    assert made is not None, "_key_of has read the URL"
    return replace(call, answer_url=made)


def _key_of(url: str, place: Chosen, app: AppTarget, folder: Path) -> TokenKey:
    """Return the serve key with which the server of an answer URL opens args."""
    from ncco_lang.project.targets import read_reference
    from ncco_lang.serve.addresses import part_of
    from ncco_lang.serve.keys import read_keys
    from ncco_lang.values.event_urls import with_arguments

    if with_arguments(url, "_") is None:
        raise Refused(
            f"{visible(url)} is not an address of ncco serve, so the call cannot have args; ncco deploy sets one for a flow "
            "that reads them"
        )
    table = place.project.config.serve
    reference = read_reference(table["key"]) if "key" in table else None
    keys = read_keys(reference, place.project.folder, folder, makes=False)
    key = next((key for key in keys if f"/{part_of(key, app.key)}/" in url), None)
    if key is None:
        raise Refused(
            f"the serve key here is not that of {visible(url.partition('/ncco-')[0])}, so its server cannot open the args; "
            'give the key of the server: [serve] key = "env:NCCO_SERVE_KEY" in ncco.toml'
        )
    return key


def _default_folder() -> str:
    from ncco_lang.serve.service import DEFAULT_FOLDER

    return DEFAULT_FOLDER
