"""Check `schemas/flow-statements.json`, and that everything planned in it is refused with a hint and never proposed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from ncco_lang.compiler import compile_source
from ncco_lang.editor.analysis import analyse
from ncco_lang.editor.completion.complete import complete
from ncco_lang.editor.types import DocumentSettings
from ncco_lang.resources import load_json_resource, read_resource
from ncco_lang.source import Source
from ncco_lang.syntax.syntax_rules import NOT_YET
from ncco_lang.values.units import EXAMPLES
from ncco_lang.vocabulary.language_words import (
    Section,
    elsewhere,
    flow_statements,
    planned_verbs,
    targets,
    today_of,
    words_in,
)
from ncco_lang.vocabulary.ncco_schema import action_names
from ncco_lang.vocabulary.statement_specs import StatementSpec, known_verbs, spec_of

DOCUMENT = flow_statements()
SPECS = [each for name in (*action_names(), *words_in("statements")) if (each := spec_of(name)) is not None]
PAGE = Path(__file__).parents[2] / "shared" / "design" / "language.md"


def spec(name: str) -> StatementSpec:
    found = spec_of(name)
    assert found is not None
    return found


def test_the_document_is_valid() -> None:
    schema = load_json_resource("schemas/flow-statements.schema.json")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(DOCUMENT)


def values_of(value: Any, key: str) -> list[Any]:
    """Return every value of a key at any depth."""
    if isinstance(value, list):
        return [found for item in value for found in values_of(item, key)]
    if not isinstance(value, dict):
        return []
    own = [value[key]] if isinstance(value.get(key), (str, list)) else []
    return own + [found for item in value.values() for found in values_of(item, key)]


def test_every_reference_has_its_target_and_every_target_a_reference() -> None:
    assert set(values_of(DOCUMENT, "today")) == DOCUMENT["today"].keys()
    assert {each.rpartition("/")[2] for each in values_of(DOCUMENT, "$ref")} == DOCUMENT["definitions"].keys()
    parts = [DOCUMENT[part] for part in ("statements", "additions")]
    arms = {arm for part in parts for key in ("arms", "plannedArms") for found in values_of(part, key) for arm in found}
    assert arms == words_in("arms").keys()
    assert DOCUMENT["additions"].keys() <= set(action_names())
    for each in SPECS:
        assert {*each.one_of} <= {option.name for option in each.options}


def test_words_of_other_languages_mean_what_can_be_written() -> None:
    assert {meant.split()[0] for meant in elsewhere("statements").values()} <= {*known_verbs(), "set", "each", "else"}
    assert not elsewhere("statements").keys() & {*known_verbs(), *planned_verbs()}
    types = words_in("types")
    assert all(types[meant].is_offered for meant in elsewhere("types").values())
    assert not elsewhere("types").keys() & types.keys()


def test_the_keywords_are_those_of_the_grammar() -> None:
    grammar = read_resource("grammar/flow.lark")
    terminals = dict(re.findall(r'^([A-Z]+): "([a-z]+)"$', grammar, re.MULTILINE))
    rules = grammar.partition("// ── Declarations")[2].partition("// ── The arms of a question")[0]
    begins = {terminals[word] for word in re.findall(r"^[a-z]+: ([A-Z]+)\b", rules, re.MULTILINE) if word in terminals}
    assert {each.name for each in SPECS if each.kind == "keyword"} == {*begins, "->"}


def test_an_unknown_word_has_no_spec() -> None:
    assert spec_of("dance") is None
    assert spec_of("endpoint") is None


@pytest.mark.parametrize(
    ("verb", "roles"),
    [
        ("talk", "text"),
        ("record", "[prompt]"),
        ("connect", "endpoint address…"),
        ("input", "type…"),
        ("raw", "action"),
        ("menu", "[prompt]"),
        ("ask", "name prompt"),
        ("retry", "[question] [instead] [texts]…"),
        ("ring", "endpoint address"),
        ("->", "outcomes… target"),
        ("step", "name [parameters]…"),
    ],
)
def test_operands_by_role(verb: str, roles: str) -> None:
    shown = [
        (each.role if each.required else f"[{each.role}]") + ("…" if each.many else "") for each in spec(verb).operands
    ]
    assert " ".join(shown) == roles


def test_own_options_have_the_shape_of_those_of_actions() -> None:
    timeout = next(option for option in spec("fetch").options if option.name == "timeout")
    assert (timeout.types, timeout.unit, timeout.maximum, timeout.default) == (("number",), "s", 9, 2)
    asked = {option.name: option for option in spec("ask").options}
    assert asked.keys() >= {"digits", "one_of", "min_confidence", "start_timeout", "end_on_silence"}
    assert "context" not in asked
    assert asked["language"].default is None
    rung = {option.name: option.required for option in spec("ring").options}
    assert (rung["then"], rung["timeout"]) == (True, False)
    assert spec("ring").operands[0].words == spec("connect").words
    assert {option.name for option in spec("record").planned_options} == {"into", "shortest", "retries"}
    assert "shortest" not in {option.name for option in spec("record").options}


def test_the_words_of_types_name_the_durations_of_the_language() -> None:
    assert EXAMPLES in words_in("types")["duration"].doc


# ── What is planned ───────────────────────────────────────────────────────────────────────────────────

SECTIONS: tuple[Section, ...] = get_args(Section)


def test_everything_planned_says_what_to_write_today() -> None:
    for section in SECTIONS:
        if section != "arms":  # a placeholder says it with the statement that needs it
            assert [each.name for each in words_in(section).values() if each.planned and not each.today] == []


@pytest.mark.parametrize("verb", sorted(planned_verbs()))
def test_a_planned_verb_is_refused_with_its_hint(verb: str) -> None:
    for text in (f"{verb}\n", f'{verb} "x" {{ 1 -> a }}\n'):
        flow = f'talk "Hello."\n{text}talk "Goodbye."\nstep a {{ hangup }}\n'
        found, *_ = (each for each in compile_source(Source("later.flow", flow)).diagnostics if each.rule is NOT_YET)
        assert (found.rule.name, found.hint) == ("not-in-this-version", words_in("statements")[verb].today)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('talk "Hello." to: "lobby"', "room"),
        ('record { into: "x" }', "outcome"),
        ("record into message", "outcome"),
        ('connect phone "+442079460123" random_from_number on_answer: start', "leg"),
        ('conversation "a" { left -> hangup }', "outcome"),
        ('connect phone "+442079460123" random_from_number { otherwise -> hangup; machine -> hangup }', "machine"),
    ],
)
def test_a_planned_part_is_refused_with_its_hint(text: str, hint: str) -> None:
    (found,) = (each for each in compile_source(Source("later.flow", f"{text}\n")).diagnostics if each.rule is NOT_YET)
    assert found.hint == today_of(hint)


def proposed(text: str) -> set[str]:
    """Return the labels proposed at the sign `¦`."""
    at = text.index("¦")
    analysis = analyse(Source("x.flow", text.replace("¦", "")), "flow", DocumentSettings())
    return {each.label for each in complete(analysis, at)}


def test_nothing_planned_is_proposed() -> None:
    begin = proposed("¦")
    assert begin >= {"talk", "raw", "param"}
    assert begin & {each.name for each in SPECS if each.planned} == set()
    assert proposed('talk "{"12" | ¦}"') == {"digits", "digits(slow)", "spell", "phone"}
    assert proposed("param a: ¦") == {
        "text",
        "number",
        "bool",
        "phone",
        "url",
        "duration",
        "language",
        "key",
        "list",
        "table",
        "secret",
    }
    for each in SPECS:
        if each.kind == "action" and not each.deprecated:
            start = 'connect phone "+442079460123"' if each.name == "connect" else f'{each.name} "x"'
            known = {option.name for option in each.planned_options} - {"on_answer"}
            assert proposed(f"{start} ¦") & known == set()


# ── The description of the language ───────────────────────────────────────────────────────────────────


def rows() -> list[list[str]]:
    """Return the cells of the tables of statements: the statement, its operands, its options and the rest."""
    if not PAGE.exists():
        pytest.skip("the language description is not beside this checkout")
    text = PAGE.read_text(encoding="utf-8").partition("## Statement reference")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in cells if row[0].strip("| ") not in ("Statement", "") and "---" not in row[0]]


def test_the_description_and_the_document_have_the_same_statements_and_options() -> None:
    described = set()
    for row in rows():
        verbs = re.findall(r"[a-z_]+", re.sub(r"into|\.\.\.|routed", "", " ".join(re.findall(r"`([a-z_ ]+)", row[0]))))
        described |= {*verbs}
        for verb in verbs:
            names = {
                option.name for option in (*spec(verb).options, *spec(verb).own_options, *spec(verb).planned_options)
            }
            options = re.findall(r"`([a-z_]+):", row[2]) if len(row) > 2 else []
            assert set(options) <= names, verb
            if len(row) > 4 and row[4].strip("| ") == "-":
                assert spec(verb).result is None, verb
    own = {each.name for each in SPECS if each.planned} - {"->", "arg", "hours", "text", "step", "test"}
    assert own <= described


def test_the_targets_are_those_of_the_description() -> None:
    rows()
    found = re.search(r"never step names: `([a-z_ ]+)`", PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert targets() == set(found[1].split())
