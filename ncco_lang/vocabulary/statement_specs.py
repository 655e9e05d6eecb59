"""Build what each statement takes: operands, options, arms; and the forms of a statement.

Actions are read from `schemas/ncco.schema.json`, all else from `schemas/flow-statements.json`. No fact about a statement
is in this module: the operand of an action is `x-operand`, and an object whose options belong to the statement itself is
`x-flat`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

from ncco_lang.diagnostics import Path
from ncco_lang.vocabulary.language_words import flow_statements, today, words_in
from ncco_lang.vocabulary.ncco_schema import action_names, definition
from ncco_lang.vocabulary.option_specs import OptionSpec, options_of, words_of


class OperandSpec(NamedTuple):
    """One place after the word that begins a statement.

    Attributes:
        role: what it is for: `text`, `endpoint`, `prompt`.
        kind: what it takes: a kind of values as options have, or `word`, `name`, `step`, `expression`.
        words, docs: the bare words that it takes, and a line about each.
        many: several values may follow each other.
        planned: only a later version takes it.
        today: what to write instead of several values, while this version compiles only one.
    """

    role: str
    kind: str
    words: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    required: bool = True
    many: bool = False
    planned: bool = False
    today: str | None = None


class StatementSpec(NamedTuple):
    """What a statement takes: an action of NCCO, or a statement or a declaration of the language itself.

    Attributes:
        kind: `action` of NCCO; `verb` of the language, a name to the grammar; `keyword`, a word of the grammar.
        planned: only a later version compiles it.
        today: what to write instead while it is planned.
        operand: the wire key of the option that the operand of an action or of a word of tests fills.
        operands: what follows the word that begins it, in order.
        planned_options: the options that a later version adds.
        one_of: the options of which it needs exactly one.
        arms: the outcomes that it can route, as in `words_in("arms")`.
        planned_arms: those that a later version adds.
        own_options: the options of an action that the language adds, and that have no key of their own in it.
        result: what it keeps under its name, in words.
        block: what the block of a keyword holds.
    """

    name: str
    doc: str
    kind: Literal["action", "verb", "keyword"]
    planned: bool = False
    today: str | None = None
    operand: str | None = None
    operands: tuple[OperandSpec, ...] = ()
    options: tuple[OptionSpec, ...] = ()
    planned_options: tuple[OptionSpec, ...] = ()
    one_of: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    planned_arms: tuple[str, ...] = ()
    own_options: tuple[OptionSpec, ...] = ()
    result: str | None = None
    block: str | None = None
    deprecated: str | None = None

    @property
    def chooser(self) -> OptionSpec | None:
        """The option that words after the verb fill (`connect phone`); None without such words."""
        for option in self.options:
            if option.key == self.operand and words_of(option):
                return option
        return None

    @property
    def words(self) -> tuple[str, ...]:
        """The words after the verb that choose a form."""
        return self.operands[0].words if self.operands else ()

    @property
    def most_words(self) -> int:
        """How many of these words a statement can have."""
        return len(self.words) if self.operands and self.operands[0].many else 1


class OptionSlot(NamedTuple):
    """An option that a statement can set, and its path on the wire, below the action; an empty one is not sent."""

    option: OptionSpec
    path: Path


class Form(NamedTuple):
    """One form of a statement: `talk`, `connect phone`, `input dtmf speech`.

    Attributes:
        words: the words after the verb.
        settings: by the option's name in the language.
        operand: the option that an operand fills; None if the form takes no operand.
        fixed: what the words themselves put on the wire.
    """

    action: StatementSpec
    words: tuple[str, ...]
    settings: Mapping[str, OptionSlot]
    operand: OptionSlot | None
    fixed: tuple[tuple[Path, Any], ...]

    @property
    def title(self) -> str:
        """The statement by its first words."""
        return " ".join((self.action.name, *self.words))


class OperandBinding(NamedTuple):
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


# ── Reading the schemas ────────────────────────────────────────────────────────────────────────────────


def spec_of(verb: str) -> StatementSpec | None:
    """Return what a statement takes, by the word that begins it (`->` begins an arm); None if the language has none."""
    if verb in action_names():
        return _action(verb)
    return _own(verb) if verb in words_in("statements") else None


@cache
def actions() -> Mapping[str, StatementSpec]:
    """Return every action of the schema by its name, in the schema's order."""
    return {name: _action(name) for name in action_names()}


@cache
def known_verbs() -> tuple[str, ...]:
    """Return the verbs that a statement may begin with, without those of retired actions."""
    actions = (name for name in action_names() if "x-deprecated" not in definition(name))
    own = flow_statements()["statements"].items()
    return (*actions, *(name for name, entry in own if entry["kind"] == "verb" and "status" not in entry))


@cache
def _action(name: str) -> StatementSpec:
    schema, language = definition(name), flow_statements()
    added, every = language["additions"].get(name, {}), language["everyAction"]
    options = options_of(schema, without="action")
    filled = next((option for option in options if option.key == schema.get("x-operand")), None)
    return StatementSpec(
        name=name,
        doc=schema["description"],
        kind="action",
        operand=schema.get("x-operand"),
        operands=(*(() if filled is None else (_filling(filled),)), *map(_operand, added.get("operands", ()))),
        options=options,
        planned_options=options_of({"properties": _local(added.get("planned", {}))}),
        arms=tuple(added.get("arms", ())),
        planned_arms=tuple(added.get("plannedArms", ())),
        own_options=options_of({"properties": _local({**added.get("properties", {}), **every})}),
        result=added.get("result"),
        deprecated=schema.get("x-deprecated"),
    )


def _filling(option: OptionSpec) -> OperandSpec:
    """Return the operand that fills an option of an action: its value, or the words that choose its shape."""
    words = words_of(option)
    kind = "word" if words else option.kind or option.types[0]
    is_list = bool(words) and not option.variants
    return OperandSpec(role=option.name, kind=kind, words=words, required=option.required, many=is_list)


@cache
def _own(name: str) -> StatementSpec:
    return spec_from(name, flow_statements()["statements"][name])


def spec_from(name: str, entry: Mapping[str, Any]) -> StatementSpec:
    """Return what a statement takes, from its entry in `flow-statements.json`."""
    options = options_of({**entry, "properties": _local(entry.get("properties", {}))})
    borrowed = _borrowed(entry.get("optionsOf", ()), {*entry.get("without", ()), *(option.key for option in options)})
    return StatementSpec(
        name=name,
        doc=entry["description"],
        kind=entry["kind"],
        planned="status" in entry,
        today=today(entry),
        operand=entry.get("operand"),
        operands=tuple(map(_operand, entry.get("operands", ()))),
        options=(*options, *borrowed),
        planned_options=options_of({"properties": _local(entry.get("planned", {}))}),
        one_of=tuple(entry.get("oneOf", ())),
        arms=tuple(entry.get("arms", ())),
        planned_arms=tuple(entry.get("plannedArms", ())),
        result=entry.get("result"),
        block=entry.get("block"),
    )


def _operand(entry: Mapping[str, Any]) -> OperandSpec:
    if "of" in entry:
        return next(each for each in _action(entry["of"]).operands if each.role == entry["role"])
    words = entry.get("words", {})
    return OperandSpec(
        *(entry["role"], entry["kind"], tuple(words), tuple(words.values())),
        required=entry.get("required", True),
        many=entry.get("many", False),
        planned="status" in entry,
        today=today(entry),
    )


def _borrowed(path: Sequence[str], without: Collection[str]) -> Iterator[OptionSpec]:
    """Yield the options of an action, or of an object in it, except some keys."""
    if path:
        options = _action(path[0]).options
        for key in path[1:]:
            options = next(option.options for option in options if option.key == key)
        yield from (option for option in options if option.key not in without)


def _local(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas of options of `flow-statements.json`, with its definitions and its hints filled in."""
    definitions = flow_statements()["definitions"]
    whole: dict[str, Any] = {}
    for key, part in properties.items():
        if "$ref" in part:
            part = {**definitions[part["$ref"].removeprefix("#/definitions/")], **part}
            del part["$ref"]
        whole[key] = {**part, "today": today(part)} if "today" in part else part
    return whole


# ── The forms of a statement ───────────────────────────────────────────────────────────────────────────


@cache
def form(name: str, words: tuple[str, ...] = ()) -> Form | None:
    """Return the form of an action that the words after the verb choose; None if it needs words and has none.

    Raises:
        KeyError: the action or the word does not exist.
    """
    action = _action(name)
    chooser = action.chooser
    own = [*_settings(action.options, words, chooser), *(OptionSlot(option, ()) for option in action.own_options)]
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


@cache
def own_form(name: str, words: tuple[str, ...] = ()) -> Form:
    """Return the form of a verb of the language; words after the verb choose the shape of a borrowed object.

    Raises:
        KeyError: the language has no such verb.
    """
    spec = _own(name)
    settings: dict[str, OptionSlot] = {}
    filled = None
    for option in spec.options:
        inner = option.options
        variant = next((option.variants[word] for word in words if word in option.variants), None)
        if variant is not None:
            inner, filled = variant.options, variant.operand
        parts = [OptionSlot(part, (option.key, part.key)) for part in inner] if option.flat or option.variants else []
        for setting in parts or [OptionSlot(option, (option.key,))]:
            settings.setdefault(setting.option.name, setting)
    operand = next((setting for setting in settings.values() if setting.option.key == filled), None)
    return Form(action=spec, words=words, settings=settings, operand=operand, fixed=())


@cache
def planned_settings(name: str) -> Mapping[str, OptionSlot]:
    """Return the options that a later version adds to a statement, by name."""
    spec = spec_of(name)
    options = () if spec is None else spec.planned_options
    return {option.name: OptionSlot(option, (option.key,)) for option in options}


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
    action: StatementSpec,
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


def forms(action: StatementSpec) -> Iterator[Form]:
    """Yield every form of an action: one for each shape, or each set of words."""
    choices: list[tuple[str, ...]] = [(word,) for word in action.words] or [()]
    for choice in (*choices, action.words) if action.most_words > 1 else choices:
        found = form(action.name, choice)
        assert found is not None
        yield found


@cache
def every_setting(name: str) -> Mapping[str, OptionSlot]:
    """Return the options of an action in any of its forms, or of a verb of the language."""
    if name not in actions():
        return own_form(name).settings
    return {word: setting for form in forms(_action(name)) for word, setting in form.settings.items()}


def bind_operands(action: StatementSpec, operands: tuple[str | None, ...]) -> OperandBinding:
    """Return the meaning of each operand of a statement.

    Args:
        operands: in order; a bare word that is not a value as its text, any value as None.
    """
    return _bind_operands(action.name, operands)


@lru_cache(maxsize=1024)
def _bind_operands(name: str, operands: tuple[str | None, ...]) -> OperandBinding:
    """Cached, since most statements of a file have one of a few shapes."""
    action = _action(name)
    words: list[str] = []
    for word in operands[: action.most_words]:
        if word is None or word not in action.words or word in words:
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
