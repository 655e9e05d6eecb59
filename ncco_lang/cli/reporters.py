"""Render findings for programs: JSON, SARIF 2.1.0, GitHub workflow commands and GitLab code quality reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ncco_lang.cli.render import place_words, visible
from ncco_lang.diagnostics import Diagnostic, Label, Rule
from ncco_lang.source import Source, Span


def render_json(findings: list[Diagnostic], files: int) -> str:
    """Return a JSON object: `files` (the number of checked files) and `findings`.

    Lines and columns count from 1, offsets from 0.
    """
    return (
        json.dumps({"version": 1, "files": files, "findings": [_as_json(finding) for finding in findings]}, indent=2)
        + "\n"
    )


def _as_json(finding: Diagnostic) -> dict[str, Any]:
    source, fix = finding.source, finding.fix
    return {
        "file": source.name,
        "code": finding.rule.code,
        "name": finding.rule.name,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        **_json_span(source, finding.span),
        "facts": finding.facts.as_data(),
        "labels": [_json_label(label, label.source or source) for label in finding.labels],
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "unsafe": fix.unsafe,
            "edits": [{"text": edit.text, **_json_span(source, edit.span)} for edit in fix.edits],
        },
    }


def _json_label(label: Label, source: Source) -> dict[str, Any]:
    return {"file": source.name, "message": label.text, **_json_span(source, label.span)}


def _json_span(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _json_position(source, span.start), "end": _json_position(source, span.end)}


def _json_position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column, "offset": offset}


_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render_sarif(findings: list[Diagnostic], files: int) -> str:
    """Return a SARIF 2.1.0 log with one run; columns count UTF-16 code units."""
    from ncco_lang import __version__

    rules = sorted({finding.rule.code: finding.rule for finding in findings}.values(), key=lambda rule: rule.code)
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver = {"name": "ncco", "version": __version__, "rules": [_sarif_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [_sarif_result(finding, index) for finding in findings],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nWrong:\n{rule.bad.rstrip()}\n\nRight:\n{rule.good.rstrip()}"},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _sarif_result(finding: Diagnostic, index: dict[str, int]) -> dict[str, Any]:
    source = finding.source
    text = finding.message + (f" ({finding.hint})" if finding.hint else "")
    result: dict[str, Any] = {
        "ruleId": finding.rule.code,
        "ruleIndex": index[finding.rule.code],
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_sarif_location(source, finding.span)],
        "properties": {"facts": finding.facts.as_data()},
    }
    if finding.labels:
        result["relatedLocations"] = [
            {**_sarif_location(label.source or source, label.span), "message": {"text": label.text}}
            for label in finding.labels
        ]
    if finding.fix is not None:
        replacements = [
            {"deletedRegion": _sarif_region(source, edit.span), "insertedContent": {"text": edit.text}}
            for edit in finding.fix.edits
        ]
        change = {"artifactLocation": {"uri": _uri(source.name)}, "replacements": replacements}
        result["fixes"] = [{"description": {"text": finding.fix.title}, "artifactChanges": [change]}]
    return result


def _sarif_location(source: Source, span: Span) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _uri(source.name)}, "region": _sarif_region(source, span)}
    return {"physicalLocation": place}


def _sarif_region(source: Source, span: Span) -> dict[str, int]:
    return {
        "startLine": source.position(span.start).line,
        "startColumn": source.utf16_column(span.start),
        "endLine": source.position(span.end).line,
        "endColumn": source.utf16_column(span.end),
    }


def _uri(name: str) -> str:
    """Return a path as a URI reference that cannot be read as a scheme or a host name."""
    path = quote(name.replace("\\", "/").encode("utf-8", "surrogateescape"), safe="/-._~")
    return "file:///" + path.lstrip("/") if path.startswith("/") else path


def render_github(findings: list[Diagnostic], files: int) -> str:
    """Return one workflow command per finding, which GitHub shows beside the line."""
    levels = {"error": "error", "warning": "warning", "info": "notice"}
    lines = []
    for finding in findings:
        source = finding.source
        start, end = source.position(finding.span.start), source.position(finding.span.end)
        title = _github_property(f"{finding.rule.code} {finding.rule.name}")
        text = _github_text("\n".join([finding.message, *filter(None, [finding.hint]), *_elsewhere(finding)]))
        where = f"file={_github_property(source.name)},line={start.line},endLine={end.line},col={start.column}"
        if end.line == start.line:
            where += f",endColumn={end.column}"
        lines.append(f"::{levels[finding.severity]} {where},title={title}::{text}\n")
    return "".join(lines)


def _elsewhere(finding: Diagnostic) -> list[str]:
    """Return the labels in other files in words, for formats with one place for each finding."""
    return [f"{place_words(each.source, each.span)}: {each.text}" for each in finding.labels if each.source is not None]


def _github_text(text: str) -> str:
    lines = text.replace("%", "%25").replace("\r", "%0D").split("\n")
    return "%0A".join(visible(line) for line in lines)


def _github_property(text: str) -> str:
    return _github_text(text).replace(":", "%3A").replace(",", "%2C")


_GITLAB_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render_gitlab(findings: list[Diagnostic], files: int) -> str:
    """Return a code quality report. A finding's fingerprint does not change when lines are added above it."""
    from hashlib import blake2b

    seen: dict[tuple[str, ...], int] = {}
    issues = []
    for finding in findings:
        source, start = finding.source, finding.span.start
        line = source.position(start).line
        left, right = source.line_span(line)
        words = (source.name, finding.rule.code, finding.message, source.text[left:right].strip())
        seen[words] = seen.get(words, 0) + 1
        mark = "\0".join((*words, str(seen[words]))).encode("utf-8", "surrogatepass")
        issues.append(
            {
                "description": "".join(
                    [finding.message, *(f" ({words})" for words in (finding.hint, *_elsewhere(finding)) if words)]
                ),
                "check_name": f"{finding.rule.code} {finding.rule.name}",
                "fingerprint": blake2b(mark, digest_size=16).hexdigest(),
                "severity": _GITLAB_SEVERITIES[finding.severity],
                "location": {
                    "path": source.name.replace("\\", "/").removeprefix("./"),
                    "lines": {"begin": line, "end": source.position(finding.span.end).line},
                },
            }
        )
    return json.dumps(issues, indent=2) + "\n"


RENDERERS: dict[str, Callable[[list[Diagnostic], int], str]] = {
    "json": render_json,
    "sarif": render_sarif,
    "github": render_github,
    "gitlab": render_gitlab,
}
"""`--format` → function that renders findings; its second argument is the number of checked files."""
