"""Read the NCCO of `ncco calls UUID --transfer FILE`: from NCCO JSON that passes the checks, or from a flow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ncco_lang.cli.console import emit_findings
from ncco_lang.cli.provider_command import AnswerIsNo, Chosen
from ncco_lang.cli.render import visible
from ncco_lang.workspace.discover import is_flow
from ncco_lang.workspace.files import read_source
from ncco_lang.workspace.projects import Choices, check_options

if TYPE_CHECKING:
    from ncco_lang.project.params import Given
    from ncco_lang.project.targets import AppTarget
    from ncco_lang.source import Source


def read_transfer(
    file: str, params: Mapping[str, Given], base_url: str | None, place: Chosen, app: AppTarget
) -> list[dict[str, Any]] | None:
    """Return the actions of a file; print findings and return None if one of them is an error.

    Raises:
        WorkspaceError, Refused: the file cannot be read.
        AnswerIsNo: `jsonschema` refuses a value.
    """
    source = read_source(file)
    if not is_flow(file, source.text):
        return _checked(source, place)
    from ncco_lang.cli.call_request import compile_flow

    document = compile_flow(file, params, base_url, place, app)
    return None if document is None else list(json.loads(document))


def _checked(source: Source, place: Chosen) -> list[dict[str, Any]] | None:
    from ncco_lang.checker import check_ncco
    from ncco_lang.syntax.json import parse_json
    from ncco_lang.vocabulary.judge import refused

    options = check_options(place.project, Choices(profile=place.target.profile.name))
    findings = check_ncco(source, options)
    emit_findings(findings, err=True)
    root, _ = parse_json(source)
    if root is None or any(each.severity == "error" for each in findings):
        return None
    value: list[dict[str, Any]] = root.to_value()
    refusal = refused(value)
    if refusal is not None:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in refusal.path)
        name = visible(source.name)
        raise AnswerIsNo(f"{name}: the NCCO schema refuses {where or 'it'}; bring it up to date with: ncco check --fix")
    return value
