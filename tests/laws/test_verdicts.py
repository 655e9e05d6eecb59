"""The fast validator, and two others, give the same verdict as jsonschema.

The schema itself uses only what every draft reads in the same way, so that any tool may use it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import fastjsonschema
import jsonschema_rs
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from ncco_lang import is_valid
from ncco_lang.project.config import CONFIG_SCHEMA
from ncco_lang.resources import load_json_resource
from ncco_lang.vocabulary.judge import refused
from ncco_lang.vocabulary.ncco_schema import NCCO_SCHEMA
from tests import budget
from tests.laws.documents import KEYS, ODD, VALUES
from tests.laws.mutations import mutate_value

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "dev"
SCHEMA = load_json_resource(NCCO_SCHEMA)
JUDGE = Draft202012Validator(SCHEMA)


def read(path: Path) -> Any:
    """Return the value of a JSON file, or None if it is not JSON."""
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


def own_files() -> list[Path]:
    return sorted(
        path
        for folder in (ROOT / "tests" / "fixtures", ROOT / "tests" / "laws", ROOT / "samples")
        for path in folder.rglob("*.json")
    )


def own_values() -> list[Any]:
    return [value for path in own_files() if (value := read(path)) is not None]


# ── The same verdict ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}")
def test_every_document_of_the_corpus_gets_the_verdict_of_the_judge() -> None:
    arrays = {path: value for path in sorted(CORPUS.rglob("*.json")) if isinstance(value := read(path), list)}
    assert any(path.parent.name == "invalid" for path in arrays)
    verdicts = Counter(JUDGE.is_valid(value) for value in arrays.values())
    assert verdicts[True] > 100
    assert verdicts[False] > 50
    for path, value in arrays.items():
        assert is_valid(value) is JUDGE.is_valid(value), path


def test_every_document_of_our_own_gets_the_verdict_of_the_judge() -> None:
    paths = own_files()
    assert any(path.is_relative_to(ROOT / "samples") for path in paths)
    verdicts = set()
    for path in paths:
        value = read(path)
        verdicts.add(JUDGE.is_valid(value))
        assert is_valid(value) is JUDGE.is_valid(value), path
    assert verdicts == {True, False}


@pytest.mark.search
@pytest.mark.parametrize("seed", range(budget.of(3, 110)))
def test_damaged_values_get_the_verdict_of_the_judge(seed: int) -> None:
    verdicts = compare(seed, 1_000)
    assert min(verdicts.values()) > 100, "the damage is one-sided, and then it proves little"


def compare(seed: int, count: int) -> Counter[bool]:
    random = Random(seed)
    documents = tuple(VALUES.values())
    verdicts: Counter[bool] = Counter({True: 0, False: 0})
    for number in range(count):
        value = mutate_value(random.choice(documents), random, KEYS)
        verdict = JUDGE.is_valid(value)
        assert is_valid(value) is verdict, f"mutation {number} of seed {seed}: {json.dumps(value)}"
        assert (refused(value) is None) is verdict, f"mutation {number} of seed {seed}: {json.dumps(value)}"
        verdicts[verdict] += 1
    return verdicts


@pytest.mark.parametrize("name", VALUES)
def test_our_documents_are_valid_but_for_the_odd_ones(name: str) -> None:
    # A payment is odd because it is retired; the schema still has it.
    assert is_valid(VALUES[name]) is (name not in ODD or name == "payment")


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("bargeIn", [True, False], [0, 1, 1.0, "true", None]),
        ("loop", [0, 1, 1.0, 10**30], [True, -1, 0.5, "1", None]),
        ("level", [-1, 1, 0.0, -0.0, 0.5], [-1.01, 1.01, True, "0"]),
        ("style", [0, 7.0], [7.5, -1, False, [0]]),
        ("language", ["x"], ["", None, ["en-US"]]),
        ("providerOptions", [{}, {"a": [None]}], [[], None, "{}"]),
        ("unknown", [], [0, None, {}]),
    ],
)
def test_one_option_at_a_time(key: str, good: list[Any], bad: list[Any]) -> None:
    for value in (*good, *bad):
        document = [{"action": "talk", "text": "Hello", key: value}]
        assert is_valid(document) is JUDGE.is_valid(document) is (value in good and type(value) in map(type, good)), (
            value
        )


@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, "", "[]", {}, {"ncco": []}, [], [[]], [None], [{}], [{"action": 1}]]
)
def test_what_is_no_ncco_at_all(value: Any) -> None:
    assert not is_valid(value)
    assert not JUDGE.is_valid(value)


def test_fastjsonschema_agrees() -> None:
    accepts = fastjsonschema.compile({**SCHEMA, "$schema": Draft7Validator.META_SCHEMA["$schema"]}, use_default=False)
    for value in own_values():
        try:
            accepts(value)
        except fastjsonschema.JsonSchemaValueException:
            verdict = False
        else:
            verdict = True
        assert verdict is JUDGE.is_valid(value), json.dumps(value)


def test_jsonschema_rs_agrees() -> None:
    other = jsonschema_rs.validator_for(SCHEMA)
    for value in own_values():
        assert other.is_valid(value) is JUDGE.is_valid(value), json.dumps(value)


def test_draft_7_reads_the_schema_in_the_same_way() -> None:
    older = Draft7Validator(SCHEMA)
    random = Random(7)
    documents = tuple(VALUES.values())
    for value in (*own_values(), *(mutate_value(random.choice(documents), random, KEYS) for _ in range(500))):
        assert older.is_valid(value) is JUDGE.is_valid(value), json.dumps(value)


# ── The schema ───────────────────────────────────────────────────────────────────────────────────────

SCHEMAS = pytest.mark.parametrize("name", [NCCO_SCHEMA, CONFIG_SCHEMA])

# Keywords that draft 7 and draft 2020-12 have with the same meaning.
ONE_SCHEMA = frozenset({"additionalProperties", "contains", "else", "if", "items", "not", "then"})
LIST_OF_SCHEMAS = frozenset({"allOf"})
NAMED_SCHEMAS = frozenset({"definitions", "properties"})
LIMITS = frozenset(
    """
    const enum exclusiveMinimum maxItems maxLength maximum minItems minLength minimum pattern required type uniqueItems
    """.split()
)
ANNOTATIONS = frozenset({"$id", "$schema", "default", "description", "title"})
ALLOWED = ONE_SCHEMA | LIST_OF_SCHEMAS | NAMED_SCHEMAS | LIMITS | ANNOTATIONS | {"$ref"}


def subschemas(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema in a schema, including the conditions of `x-advice`: its path, and the schema."""
    if isinstance(schema, bool):
        return
    yield path, schema
    for keyword, value in schema.items():
        if keyword in ONE_SCHEMA:
            yield from subschemas(value, f"{path}/{keyword}")
        elif keyword in LIST_OF_SCHEMAS:
            for index, part in enumerate(value):
                yield from subschemas(part, f"{path}/{keyword}/{index}")
        elif keyword in NAMED_SCHEMAS:
            for key, part in value.items():
                yield from subschemas(part, f"{path}/{keyword}/{key}")
        elif keyword == "x-advice":
            for index, advice in enumerate(value):
                yield from subschemas(advice["if"], f"{path}/{keyword}/{index}/if")


@SCHEMAS
def test_the_schema_is_valid_in_both_drafts(name: str) -> None:
    schema = load_json_resource(name)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$schema"]
    Draft202012Validator.check_schema(schema)
    Draft7Validator.check_schema(schema)


@SCHEMAS
def test_only_keywords_that_both_drafts_share(name: str) -> None:
    for path, schema in subschemas(load_json_resource(name)):
        unknown = {keyword for keyword in schema if keyword not in ALLOWED and not keyword.startswith("x-")}
        assert not unknown, path
        # A list under items is a tuple in draft 7 and refused in 2020-12; both allow a list of types, but we do not.
        assert isinstance(schema.get("items", {}), dict | bool), path
        assert isinstance(schema.get("type", ""), str), path


@SCHEMAS
def test_nothing_beside_a_reference_bears_on_validity(name: str) -> None:
    """Draft 7 ignores keywords next to a `$ref`, 2020-12 does not."""
    document = load_json_resource(name)
    for path, schema in subschemas(document):
        if "$ref" in schema:
            beside = {key for key in schema if key not in ANNOTATIONS | {"$ref"} and not key.startswith("x-")}
            assert not beside, path
            target: Any = document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            assert isinstance(target, dict), path


def options() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield every property in the NCCO schema: its path, its name, its schema, and the schema of its object."""
    for path, schema in subschemas(SCHEMA):
        if "/if" in path or "/then" in path:
            continue
        for key, part in schema.get("properties", {}).items():
            yield f"{path}/{key}", key, part, schema


def chooses(holder: dict[str, Any], key: str) -> bool:
    """Return whether `allOf` chooses a branch of an object by the constant of this property."""
    return any(
        branch.get("if", {}).get("properties", {}).get(key, {}).get("const") for branch in holder.get("allOf", ())
    )


def test_every_option_has_a_description() -> None:
    found = list(options())
    assert len(found) > 120
    for path, _, part, _ in found:
        if "const" in part:
            continue
        reference = part.get("$ref", "#/").removeprefix("#/definitions/")
        assert part.get("description") or SCHEMA["definitions"][reference]["description"], path


def test_every_option_says_since_when_it_is_documented() -> None:
    for path, key, part, holder in options():
        if "const" in part or chooses(holder, key):
            continue
        # The parts of a payment's prompts were added and removed with the prompts themselves.
        if path.startswith("/definitions/pay") and not path.startswith("/definitions/pay/"):
            assert SCHEMA["definitions"]["pay"]["properties"]["prompts"]["x-since"] == "2022"
            continue
        assert part.get("x-since") in {"2020", "2021", "2022", "new", "sdk-2026"}, path
