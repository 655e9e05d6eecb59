"""Validate an NCCO with `jsonschema`: the reference for everything the compiler writes."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from ncco_lang.diagnostics import Path
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.ncco_schema import NCCO_SCHEMA


def judge(value: Any) -> list[tuple[Path, str]]:
    """Return what the schema refuses: its path, and `jsonschema`'s own message. Empty for a valid NCCO."""
    return [(tuple(error.absolute_path), error.message) for error in _validator().iter_errors(value)]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(load_json_resource(NCCO_SCHEMA))
