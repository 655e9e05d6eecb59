"""What SARIF 2.1.0 asks of the parts of a log that we write, as a JSON Schema of our own.

The official schema is not part of the project. Where the npm package that carries it is installed, the tests hold the
logs against that too; this one is stricter about what we write (no unknown keys, places from 1) and knows nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2] / "editors" / "vscode" / "node_modules" / "@microsoft" / "jest-sarif"


def closed(required: str, optional: str = "", **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    names = {*required.split(), *optional.split()}
    assert names == set(properties)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


TEXT = {"type": "string", "minLength": 1}
MESSAGE = closed("text", text=TEXT)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
COUNT = {"type": "integer", "minimum": 1}
REGION = closed(
    "startLine startColumn endLine endColumn", startLine=COUNT, startColumn=COUNT, endLine=COUNT, endColumn=COUNT
)
# A reference of RFC 3986: nothing but its characters, and % with two hexadecimal digits.
URI = {"type": "string", "pattern": r"^([A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})+$"}
ARTIFACT = closed("uri", uri=URI)
PLACE = closed("artifactLocation region", artifactLocation=ARTIFACT, region=REGION)
LOCATION = closed("physicalLocation", "message", physicalLocation=PLACE, message=MESSAGE)
REPLACEMENT = closed(
    "deletedRegion insertedContent", deletedRegion=REGION, insertedContent=closed("text", text={"type": "string"})
)
CHANGE = closed(
    "artifactLocation replacements",
    artifactLocation=ARTIFACT,
    replacements={"type": "array", "minItems": 1, "items": REPLACEMENT},
)
FIX = closed("description artifactChanges", description=MESSAGE, artifactChanges={"type": "array", "items": CHANGE})
RESULT = closed(
    "ruleId ruleIndex level message locations",
    "relatedLocations fixes",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    relatedLocations={"type": "array", "uniqueItems": True, "items": LOCATION},
    fixes={"type": "array", "uniqueItems": True, "items": FIX},
)
RULE = closed(
    "id name shortDescription fullDescription help defaultConfiguration",
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=closed("level", level=LEVEL),
)
DRIVER = closed(
    "name version rules", name=TEXT, version=TEXT, rules={"type": "array", "uniqueItems": True, "items": RULE}
)
RUN = closed(
    "tool columnKind newlineSequences results",
    tool=closed("driver", driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    newlineSequences={"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
    results={"type": "array", "items": RESULT},
)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["$schema", "version", "runs"],
    "properties": {"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
}
