"""List what an object of an NCCO may hold, and describe and write its options as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ncco_lang.diagnostics import Path
from ncco_lang.editor.json_context import OpenContainer
from ncco_lang.editor.snippets import choice, choice_of_few, placeholder, truth
from ncco_lang.editor.vocabulary_docs import code, with_deprecation
from ncco_lang.reference.option_words import TYPES, in_one_line, type_of
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.phrases import range_words
from ncco_lang.vocabulary.statement_specs import Form, actions
from ncco_lang.words import listed


class Entries(NamedTuple):
    """The entries that an object may hold.

    Attributes:
        options: the options, by their names on the wire.
        selector: the key that says which shape the object has; None if it has only one.
        words: the values of that key, with docs.
    """

    options: Mapping[str, OptionSpec]
    selector: str | None = None
    words: Mapping[str, str] = {}


def entries_of(containers: Sequence[OpenContainer]) -> Entries | None:
    """Return the entries of the innermost container; None if it is not an object of the vocabulary."""
    if len(containers) < 2 or not containers[0].is_list or containers[1].is_list:
        return None
    entries = _of_action(containers[1])
    at = 2
    while at < len(containers):
        option = entries.options.get(str(containers[at].step))
        if option is None or option.data:
            return None
        if containers[at].is_list:
            at += 1
            option = option.item or option
        if at == len(containers) or containers[at].is_list or not _is_object(option):
            return None
        entries = _of_option(option, containers[at])
        at += 1
    return entries


def _is_object(option: OptionSpec) -> bool:
    return option.flat or "object" in option.types


def listed_option(containers: Sequence[OpenContainer]) -> OptionSpec | None:
    """Return the option whose list the innermost container is; None if it is not such a list."""
    entries = entries_of(containers[:-1])
    return None if entries is None else entries.options.get(str(containers[-1].step))


def _of_action(container: OpenContainer) -> Entries:
    action = actions().get(container.words.get("action", ""))
    words = {name: each.doc for name, each in actions().items() if each.deprecated is None}
    return Entries({} if action is None else {each.key: each for each in action.options}, "action", words)


def _of_option(option: OptionSpec, container: OpenContainer) -> Entries:
    options = {each.key: each for each in option.options}
    if option.selector is None:
        return Entries(options)
    variant = option.variants.get(container.words.get(option.selector, ""))
    if variant is not None:
        options |= {each.key: each for each in variant.options}
    return Entries(options, option.selector, {word: each.doc for word, each in option.variants.items()})


# ── In words ───────────────────────────────────────────────────────────────────────────────────────────


def wire_detail(option: OptionSpec) -> str:
    """Return type, range and default of an option on the wire, in one line."""
    return in_one_line(option, _type(option), _range(option), _default(option))


def wire_docs(option: OptionSpec) -> str:
    """Return all facts about an option on the wire, as Markdown."""
    facts = [_type(option), *filter(None, [_range(option)])]
    if option.enum and not all(str(word) in facts[0] for word in option.enum):
        facts.append(f"one of {listed([code(json.dumps(word)) for word in option.enum])}")
    if _default(option):
        facts.append(f"default {code(_default(option))}")
    if option.required:
        facts.append("required")
    if option.name != option.key and not option.flat:
        facts.append(f"in a flow {code(option.name)}")
    return with_deprecation(f"{option.doc}\n\n{'; '.join(facts)}".strip(), option.deprecated)


def _default(option: OptionSpec) -> str:
    if option.default is None:
        return ""
    return option.default if isinstance(option.default, str) else json.dumps(option.default)


def _range(option: OptionSpec) -> str:
    has_one = not {"minimum", "maximum", "exclusiveMinimum"}.isdisjoint(option.schema)
    return range_words(dict(option.schema)) if has_one else ""


def _type(option: OptionSpec) -> str:
    if option.item is not None:
        inner = _type(option.item)
        return f"list of one: {inner}" if option.single else f"list: {inner}"
    if option.single:
        return "list of one object"
    if option.unit is not None:
        return TYPES[option.types[0]]
    return "object" if option.types == ("object",) and not option.data else type_of(option)


# ── As JSON ────────────────────────────────────────────────────────────────────────────────────────────


def json_value(option: OptionSpec, number: int) -> str:
    """Return a value of an option as JSON, with placeholders."""
    if option.single and option.item is None:
        return f'[{{"{option.selector}": "{choice(number, list(option.variants))}"$0}}]'
    if "array" in option.types:
        return f"[{json_value(option.item, number) if option.item is not None else f'${number}'}]"
    if _is_object(option):
        return f"{{${number}}}"
    if option.enum:
        words = choice_of_few(number, [str(word) for word in option.enum])
        return f'"{words}"' if "string" in option.types else words
    if "boolean" in option.types:
        return truth(option, number)
    if "string" in option.types:
        return f'"${number}"'
    value = option.default if option.default is not None else option.minimum
    return placeholder(number, f"{value or 0:g}")


_Tree: TypeAlias = "dict[str | int, _Tree | str]"


def form_as_json(form: Form) -> str:
    """Return an action in one of its forms with its required parts, as JSON with placeholders."""
    tree: _Tree = {"action": json.dumps(form.action.name)}
    for path, value in form.fixed:
        _put(tree, path, json.dumps(value))
    number = 1
    for setting in form.settings.values():
        if setting.option.required or setting is form.operand:
            _put(tree, setting.path, json_value(setting.option, number))
            number += 1
    return _dumped(tree)


def _put(tree: Any, path: Path, written: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
    tree[path[-1]] = written


def _dumped(tree: _Tree | str) -> str:
    if isinstance(tree, str):
        return tree
    if all(isinstance(step, int) for step in tree):
        return f"[{', '.join(map(_dumped, tree.values()))}]"
    return f"{{{', '.join(f'{json.dumps(step)}: {_dumped(part)}' for step, part in tree.items())}}}"
