"""The vocabulary of the language compared with the schema that it is made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ncco_lang.compiler import compile_source
from ncco_lang.diagnostics import Path
from ncco_lang.resources import read_resource
from ncco_lang.source import Source
from ncco_lang.syntax.reserved import WORDS
from ncco_lang.vocabulary import kinds, statement_specs
from ncco_lang.vocabulary.ncco_schema import action_names, definition, merged
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import Form, OptionSlot, StatementSpec, actions, bind_operands, form, forms
from tests.judge import judge

FORMS = [found for action in actions().values() for found in forms(action)]


def test_the_kinds_in_code_are_kinds_of_the_schema() -> None:
    known = set(re.findall(r'"x-kind": "([a-z-]+)"', read_resource("schemas/ncco.schema.json")))
    assert {*kinds.LANGUAGES, *kinds.ADDRESSES} <= known
    assert {kind for kind in known if kind.endswith(("-language", "url", "uri"))} == {
        *kinds.LANGUAGES,
        *kinds.ADDRESSES,
    }


# ── Walking the schema ─────────────────────────────────────────────────────────────────────────────────


def schema_paths(schema: Any, path: Path = ()) -> Iterator[Path]:
    """Yield every path that an action can have on the wire; a list counts as its first item, data as a leaf."""
    schema = merged(schema)
    for branch in schema.get("allOf", ()):
        if set(branch) == {"if", "then"} and "$ref" in branch["then"]:
            yield from schema_paths(branch["then"], path)
    for key, part in schema.get("properties", {}).items():
        part = merged(part)
        here = (*path, key)
        yield here
        if part.get("type") == "array" and merged(part.get("items", {})).get("type") == "object":
            yield from schema_paths(part["items"], (*here, 0))
        elif not part.get("x-data"):
            yield from schema_paths(part, here)


def language_paths(found: Form) -> Iterator[Path]:
    """Yield every path that a form of a statement can fill."""
    yield ("action",)
    for path, _ in found.fixed:
        yield path
    for setting in filter(is_sent, found.settings.values()):
        yield setting.path
        yield from below(setting.option, setting.path)


def is_sent(setting: OptionSlot) -> bool:
    """Return whether an option is one of the action; the language alone has the others."""
    return bool(setting.path)


def below(option: OptionSpec, path: Path) -> Iterator[Path]:
    inner = option.item if option.item is not None and not option.single else None
    for part in option.options if inner is None else inner.options:
        here = (*path, part.key) if inner is None else (*path, 0, part.key)
        yield here
        yield from below(part, here)


@pytest.mark.parametrize("name", action_names())
def test_every_option_of_the_schema_is_in_some_form_and_no_other(name: str) -> None:
    reached = {path for found in forms(actions()[name]) for path in language_paths(found)}
    # A list of objects of several shapes (the prompts of a payment) is written as JSON.
    wanted = {path for path in schema_paths(definition(name)) if not (name == "pay" and path[:2] == ("prompts", 0))}
    reached = {path for path in reached if not (name == "pay" and path[:2] == ("prompts", 0))}
    # The path of a flat option creates the objects above it.
    reached |= {path[:length] for path in reached for length in range(1, len(path)) if path[length - 1] != 0}
    assert reached == wanted


def test_every_action_is_a_verb() -> None:
    assert tuple(actions()) == action_names()


@pytest.mark.parametrize("found", FORMS, ids=lambda found: found.title)
def test_no_two_options_of_a_form_have_one_name(found: Form) -> None:
    """Building the form refuses a collision; this compares with the schema's own count."""
    paths = [setting.path for setting in found.settings.values() if setting.path]
    assert len(set(paths)) == len(paths)


def test_a_collision_is_refused() -> None:
    action = actions()["talk"]
    setting = next(iter(FORMS[0].settings.values()))
    with pytest.raises(ValueError, match="two options of talk are named text"):
        statement_specs._form(action, (), [setting, setting], None, ())


@pytest.mark.parametrize("found", FORMS, ids=lambda found: found.title)
def test_names_are_names_of_the_language(found: Form) -> None:
    def check(option: OptionSpec) -> None:
        assert re.fullmatch(r"[a-z_][a-z0-9_]*", option.name)
        assert option.name not in WORDS
        assert option.doc
        for part in option.options:
            check(part)

    for setting in found.settings.values():
        check(setting.option)


def test_the_operand_of_every_action_is_one_of_its_options() -> None:
    for action in actions().values():
        assert action.operand is None or action.operand in {option.key for option in action.options}
        if action.chooser is not None:
            for variant in action.chooser.variants.values():
                assert variant.operand in {option.key for option in variant.options}


def test_timeout_is_one_word_everywhere() -> None:
    names = {setting.option.name for found in FORMS for setting in found.settings.values()}
    assert "timeout" in names
    assert "time_out" not in names


# ── Each option can be written ─────────────────────────────────────────────────────────────────────────


def sample(option: OptionSpec) -> str:
    """Return a value of an option, as the language writes it."""
    if option.enum:
        return f'"{option.enum[0]}"'
    if option.data:
        return '{ "User-to-User": "abc" }' if "properties" in option.schema else '{ "key": "value" }'
    if option.item is not None:
        inner = option.item
        if option.single:
            return sample(inner)
        return "[]" if "object" in inner.types else f"[{sample(inner)}]"
    if option.unit is not None:
        return f"{option.minimum if option.minimum != 0 else 1}{option.unit}"
    if "boolean" in option.types:
        return "true"
    if "string" not in option.types:
        return str(option.minimum if option.minimum is not None else 9.99)
    examples = {
        "phone": "+44 20 7946 0123",
        "url": "https://example.com/a",
        "audio-url": "https://example.com/a.mp3",
        "websocket-url": "wss://example.com/a",
        "sip-uri": "sip:desk@example.com",
    }
    match = re.search(r'"(CON-[^"]*)"', option.schema.get("x-expected", ""))
    return f'"{match[1] if match else examples.get(option.kind or "", "123")}"'


def written(option: OptionSpec) -> str:
    if option.is_block:
        return f"{option.name} {{ {'; '.join(written(part) for part in option.options)} }}"
    return f"{option.name}: {sample(option)}"


def flow_of(found: Form, name: str) -> str:
    """Return a statement that sets one option and what its form requires."""
    needed = [
        written(setting.option)
        for other, setting in found.settings.items()
        if other == name or setting.option.required or (setting.option.key == found.action.operand)
    ]
    if found.operand is not None and not any(line.startswith(f"{found.operand.option.name}:") for line in needed):
        # A SIP endpoint has a user at a domain, or an address.
        pair = [n for n in ("user", "domain") if n in found.settings and not found.operand.option.required]
        if name in pair:
            needed += [written(found.settings[other].option) for other in pair if other != name]
        else:
            needed.append(written(found.operand.option))
    return f"{found.title} {{\n" + "\n".join(dict.fromkeys(needed)) + "\n}\n"


# Some options need another option or statement next to them, which the tables do not know.
NEEDS_COMPANY = frozenset({"conflicting-options", "channels-without-split", "barge-in-without-input"})

CASES = [
    (found, name)
    for found in FORMS
    if not found.action.deprecated
    for name, setting in found.settings.items()
    if is_sent(setting)
]


@pytest.mark.parametrize(("found", "name"), CASES, ids=lambda case: case if isinstance(case, str) else case.title)
def test_every_option_can_be_set_and_passes_the_judge(found: Form, name: str) -> None:
    text = flow_of(found, name)
    compiled = compile_source(Source("x", text))
    errors = [item for item in compiled.diagnostics if item.severity == "error"]
    assert [error for error in errors if error.rule.name not in NEEDS_COMPANY] == [], text
    if compiled.ncco is not None:
        assert judge(compiled.ncco) == []
        value: Any = compiled.ncco[0]
        for step in found.settings[name].path:
            value = value[step]


# ── Forms and operands ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("verb", "operands", "words", "operand", "flags", "extra"),
    [
        ("talk", [None], (), 0, (), ()),
        ("talk", [None, "premium", None], (), 0, (1,), (2,)),
        ("talk", ["premium", None], (), 1, (0,), ()),
        ("connect", ["phone", None, "random_from_number"], (0,), 1, (2,), ()),
        ("connect", ["phone", "phone"], (0,), None, (), (1,)),
        ("input", ["dtmf", "speech", "save_audio"], (0, 1), None, (2,), ()),
        ("input", ["dtmf", "dtmf"], (0,), None, (), (1,)),
        ("record", [None], (), None, (), (0,)),
    ],
)
def test_arrange(
    verb: str,
    operands: list[str | None],
    words: tuple[int, ...],
    operand: int | None,
    flags: tuple[int, ...],
    extra: tuple[int, ...],
) -> None:
    found = bind_operands(actions()[verb], tuple(operands))
    assert (found.words, found.operand, found.flags, found.extra) == (words, operand, flags, extra)


@pytest.mark.parametrize(("verb", "operands"), [("connect", []), ("connect", [None]), ("input", ["fax"])])
def test_arrange_without_the_word_that_chooses(verb: str, operands: list[str | None]) -> None:
    assert bind_operands(actions()[verb], tuple(operands)).form is None


def test_a_form_of_an_unknown_action_is_misuse() -> None:
    with pytest.raises(KeyError):
        form("dance")


def test_an_action_knows_its_doc() -> None:
    talk: StatementSpec = actions()["talk"]
    assert talk.doc == definition("talk")["description"]
