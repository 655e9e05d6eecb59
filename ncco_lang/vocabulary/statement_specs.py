"""Build the statements of the language from the NCCO schema: actions, their options, and the forms of a statement.

Reads `schemas/ncco.schema.json` and returns frozen tables. No fact about an action is in this module: its operand is
`x-operand`, a name of its own `x-name`, and an object whose options belong to the statement itself is `x-flat`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.ncco_schema import action_names, definition, merged

_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_MEMBER = re.compile(r'"([A-Za-z-]+)": ("?)([\w./-]+)\2')
_CAMEL = re.compile(r"\b[a-z]+(?:[A-Z][a-z]+)+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One option of an action, or of an object inside it.

    Attributes:
        key: its name on the wire, `bargeIn`.
        name: its name in the language, `barge_in`.
        doc: one line about it.
        types: JSON Schema types; empty if the schema has none.
        unit: `s` or `ms` for a duration.
        required: whether its object needs it.
        kind: what kind of value beyond the type, `url`, `phone`; the schema's `x-kind`.
        since, deprecated: `x-since`, and `x-deprecated` with its reason.
        single: a list that always holds one item; the language writes the item alone.
        data: a JSON object of the author's own.
        flat: an object whose options the language writes on the statement itself.
        item: the items of a list, as an option of the same name.
        options: the options of a nested or flat object.
        variants: for an object of several shapes, each shape by the word that chooses it.
        selector: the key of that word.
        schema: the option's schema, references filled in.
    """

    key: str
    name: str
    doc: str
    types: tuple[str, ...]
    enum: tuple[Any, ...]
    minimum: float | None
    maximum: float | None
    default: Any
    unit: str | None
    required: bool
    kind: str | None
    since: str | None
    deprecated: str | None
    single: bool
    data: bool
    flat: bool
    item: OptionSpec | None
    options: tuple[OptionSpec, ...]
    variants: Mapping[str, Variant]
    selector: str | None
    schema: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def is_block(self) -> bool:
        """Whether the language writes it as a nested block."""
        return "object" in self.types and not self.data and not self.flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One shape of an object that has several: `phone` of `endpoint`."""

    word: str
    doc: str
    operand: str | None
    options: tuple[OptionSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action: its name, its options, and the wire key of the option that its operand fills."""

    name: str
    doc: str
    operand: str | None
    since: str | None
    deprecated: str | None
    options: tuple[OptionSpec, ...]

    @property
    def chooser(self) -> OptionSpec | None:
        """The option that words after the verb fill (`connect phone`); None without such words."""
        for option in self.options:
            if option.key == self.operand and words_of(option):
                return option
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSlot:
    """An option that a statement can set, and its path on the wire, below the action."""

    option: OptionSpec
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of a statement: `talk`, `connect phone`, `input dtmf speech`.

    Attributes:
        words: the words after the verb.
        settings: by the option's name in the language.
        operand: the option that an operand fills; None if the form takes no operand.
        fixed: what the words themselves put on the wire.
    """

    action: ActionSpec
    words: tuple[str, ...]
    settings: Mapping[str, OptionSlot]
    operand: OptionSlot | None
    fixed: tuple[tuple[Path, Any], ...]

    @property
    def title(self) -> str:
        """The statement by its first words."""
        return " ".join((self.action.name, *self.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandBinding:
    """The meaning of each operand of a statement, by its index.

    Attributes:
        form: None if the words that choose a form are missing.
        words: indexes of the words that chose the form.
        operand: index of the value that fills the operand.
        flags: indexes of bare words that name an option.
        extra: indexes of the operands that do not belong there.
    """

    form: Form | None
    words: tuple[int, ...]
    operand: int | None
    flags: tuple[int, ...]
    extra: tuple[int, ...]


# ── Reading the schema ─────────────────────────────────────────────────────────────────────────────────


@cache
def actions() -> Mapping[str, ActionSpec]:
    """Return every action of the schema by its name, in the schema's order."""
    return {name: _action(name) for name in action_names()}


def _action(name: str) -> ActionSpec:
    schema = definition(name)
    return ActionSpec(
        name=name,
        doc=schema["description"],
        operand=schema.get("x-operand"),
        since=schema.get("x-since"),
        deprecated=schema.get("x-deprecated"),
        options=_options(schema, without="action"),
    )


def _options(schema: Mapping[str, Any], *, without: str | None = None) -> tuple[OptionSpec, ...]:
    required = schema.get("required", ())
    return tuple(
        _option(key, merged(part), key in required)
        for key, part in schema.get("properties", {}).items()
        if key != without
    )


def _option(key: str, schema: Mapping[str, Any], required: bool) -> OptionSpec:
    is_list = schema.get("type") == "array"
    inner = merged(schema["items"]) if is_list and "items" in schema else None
    single = is_list and schema.get("minItems") == 1 and schema.get("maxItems") == 1
    shape = inner if single and inner is not None and inner.get("x-flat") else schema
    selector, variants = _variants(shape)
    data = bool(schema.get("x-data"))
    types = schema.get("type", ())
    return OptionSpec(
        key=key,
        name=schema.get("x-name", flow_name(key)),
        doc=schema.get("description", ""),
        types=(types,) if isinstance(types, str) else tuple(types),
        enum=tuple(schema.get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        default=schema.get("default"),
        unit=schema.get("x-unit"),
        required=required,
        kind=schema.get("x-kind"),
        since=schema.get("x-since"),
        deprecated=schema.get("x-deprecated"),
        single=single,
        data=data,
        flat=bool(shape.get("x-flat")),
        item=None if inner is None or shape is inner else _option(key, _item(schema, inner), required=True),
        options=() if data else _options(shape, without=selector),
        variants=variants,
        selector=selector,
        schema=schema,
    )


def _item(schema: Mapping[str, Any], inner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a list's item; a list's kind says more than its item's (`audio-url` over `url`)."""
    kind = schema.get("x-kind")
    return {**inner, "x-kind": kind} if kind else inner


def _variants(schema: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Variant]]:
    """Return the key whose constant chooses a shape, and the shapes; (None, {}) for an object of one shape."""
    found: dict[str, Variant] = {}
    selector = None
    if schema.get("x-flat"):
        for branch in schema.get("allOf", ()):
            ((key, wanted),) = branch["if"]["properties"].items()
            shape = merged(branch["then"])
            word = wanted["const"]
            selector = key
            options = _options(shape, without=key)
            operand = shape.get("x-operand")
            found[word] = Variant(word=word, doc=shape["description"], operand=operand, options=options)
    return selector, found


def flow_name(key: str) -> str:
    """Return a wire name as the language spells it: `bargeIn` is `barge_in`, `content-type` is `content_type`."""
    return _CAPITAL.sub(r"_\1", key).replace("-", "_").lower()


def words_of(option: OptionSpec) -> tuple[str, ...]:
    """Return the words after a verb that make up this option: the shapes of an object, or the items of a list."""
    if option.variants:
        return tuple(option.variants)
    return option.item.enum if option.item is not None and not option.single else ()


def enum_value(option: OptionSpec, word: str, *, bare: bool) -> Any:
    """Return the value of an option's enum that a word means, or None.

    Args:
        bare: a word without quotes; its letter case is free, since names in the language have small letters.
    """
    for value in option.enum:
        if value == word or (bare and str(value).lower() == word.lower()):
            return value
    return None


# ── The forms of a statement ───────────────────────────────────────────────────────────────────────────


@cache
def form(name: str, words: tuple[str, ...] = ()) -> Form | None:
    """Return the form of an action that the words after the verb choose; None if it needs words and has none.

    Raises:
        KeyError: the action or the word does not exist.
    """
    action = actions()[name]
    chooser = action.chooser
    own = list(_settings(action.options, words, chooser))
    if chooser is None:
        return _form(action, (), own, action.operand, ())
    if not words:
        return None
    if not chooser.variants:
        return _form(action, words, own, None, (((chooser.key,), list(words)),))
    variant = chooser.variants[words[0]]
    base: Path = (chooser.key, 0) if chooser.single else (chooser.key,)
    settings = [OptionSlot(option=option, path=(*base, option.key)) for option in variant.options] + own
    assert chooser.selector is not None
    return _form(action, words, settings, variant.operand, (((*base, chooser.selector), words[0]),))


def _settings(options: Sequence[OptionSpec], words: Sequence[str], chooser: OptionSpec | None) -> Iterator[OptionSlot]:
    """Yield the options that a statement sets: its own, and those of its flat objects.

    A flat object that a word of the chooser names (`input dtmf`) counts only with that word.
    """
    choices = () if chooser is None else words_of(chooser)
    for option in options:
        if option is chooser or (option.flat and option.key in choices and option.key not in words):
            continue
        if option.flat:
            yield from (OptionSlot(option=part, path=(option.key, part.key)) for part in option.options)
        else:
            yield OptionSlot(option=option, path=(option.key,))


def _form(
    action: ActionSpec,
    words: tuple[str, ...],
    settings: Sequence[OptionSlot],
    operand: str | None,
    fixed: tuple[tuple[Path, Any], ...],
) -> Form:
    """Build a form.

    Raises:
        ValueError: the schema gives two options of the form one name.
    """
    by_name: dict[str, OptionSlot] = {}
    for setting in settings:
        if setting.option.name in by_name:
            title = " ".join((action.name, *words))
            raise ValueError(f"two options of {title} are named {setting.option.name}")
        by_name[setting.option.name] = setting
    filled = next((setting for setting in settings if setting.option.key == operand), None)
    return Form(action=action, words=words, settings=by_name, operand=filled, fixed=fixed)


def forms(action: ActionSpec) -> Iterator[Form]:
    """Yield every form of an action: one for each shape, or each set of words."""
    chooser = action.chooser
    if chooser is None:
        choices: list[tuple[str, ...]] = [()]
    elif chooser.variants:
        choices = [(word,) for word in chooser.variants]
    else:
        words = words_of(chooser)
        choices = [(word,) for word in words] + ([words] if len(words) > 1 else [])
    for choice in choices:
        found = form(action.name, choice)
        assert found is not None
        yield found


def bind_operands(action: ActionSpec, operands: tuple[str | None, ...]) -> OperandBinding:
    """Return the meaning of each operand of a statement.

    Args:
        operands: in order; a bare word that is not a value as its text, any value as None.
    """
    return _bind_operands(action.name, operands)


@lru_cache(maxsize=1024)
def _bind_operands(name: str, operands: tuple[str | None, ...]) -> OperandBinding:
    """Cached, since most statements of a file have one of a few shapes."""
    action = actions()[name]
    chooser = action.chooser
    words: list[str] = []
    if chooser is not None:
        most = 1 if chooser.variants else len(words_of(chooser))
        for word in operands[:most]:
            if word is None or word not in words_of(chooser) or word in words:
                break
            words.append(word)
    found = form(action.name, tuple(words))
    operand = None
    flags: list[int] = []
    extra: list[int] = []
    for index, word in enumerate(operands[len(words) :], len(words)):
        if found is not None and word is not None and word in found.settings:
            flags.append(index)
        elif found is not None and found.operand is not None and operand is None and word is None:
            operand = index
        else:
            extra.append(index)
    return OperandBinding(
        form=found, words=tuple(range(len(words))), operand=operand, flags=tuple(flags), extra=tuple(extra)
    )


def in_flow_words(message: str) -> str:
    """Return a sentence about options on the wire as a sentence about options of the language."""
    message = _MEMBER.sub(lambda match: f"{flow_name(match[1])}: {match[3]}", message)
    return _CAMEL.sub(lambda match: _flow_names().get(match[0], match[0]), message)


@cache
def _flow_names() -> Mapping[str, str]:
    """Return every wire name of the schema with its name in the language."""
    return {option.key: option.name for action in actions().values() for option in _every(action.options)}


def _every(options: Sequence[OptionSpec]) -> Iterator[OptionSpec]:
    for option in options:
        yield option
        yield from _every(option.options)
        for variant in option.variants.values():
            yield from _every(variant.options)
