"""What a statement or a `default` takes beside what is written, without the marker that is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ncco_lang.program.bindings import Scope
from ncco_lang.program.statements import bare_words
from ncco_lang.program.verb_binder import form_of
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.raw_options import RAW
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OptionSlot,
    StatementSpec,
    bind_operands,
    every_setting,
    forms,
    spec_of,
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a statement takes.

    Attributes:
        spec: what its verb takes.
        form: the form that its words choose; None for a default of every form, and if words are missing.
        settings: its options by name.
        given: the names of the options that it has, flags and the operand included.
        words: the bare words after the verb.
        has_operand: its operand is written.
        lacks_word: the word that chooses its form is missing.
    """

    spec: StatementSpec
    form: Form | None
    settings: Mapping[str, OptionSlot]
    given: frozenset[str]
    words: tuple[str, ...]
    has_operand: bool
    lacks_word: bool

    @property
    def operands(self) -> frozenset[str]:
        """The names of options that are written after the verb as operands."""
        if self.form is not None:
            return frozenset() if self.form.operand is None else frozenset({self.form.operand.option.name})
        if self.spec.kind != "action":
            return frozenset()
        filled = (form.operand.option for form in forms(self.spec) if form.operand is not None)
        return frozenset(option.name for option in filled if option.required)


def spec_for(node: ast.Command | ast.Default) -> StatementSpec | None:
    """Return what a statement takes; None for an unknown verb, and for `raw`, which takes the author's own data."""
    spec = spec_of(node.verb.text)
    return None if spec is None or spec.kind == "keyword" or spec.name == RAW else spec


def accepted_by(
    node: ast.Command | ast.Default, spec: StatementSpec, names: Scope, marker: ast.Node | None
) -> Accepted:
    """Return what a statement takes.

    Args:
        names: the names that it can read; a bare word that is one of them is a value.
        marker: the node to leave out: an operand, or an option.
    """
    operands = tuple(each for each in node.operands if each is not marker)
    words = tuple(each.text for each in operands if isinstance(each, ast.Name))
    settings: Mapping[str, OptionSlot]
    given = set(_given(node, marker))
    given |= set(spec.one_of) if given & {*spec.one_of} else set()
    if spec.kind != "action" and isinstance(node, ast.Default):
        # A name belongs to one statement.
        settings = {name: each for name, each in every_setting(spec.name).items() if each.option.kind != "name"}
        return Accepted(spec, None, settings, frozenset(given | {*words}), words, False, False)
    if spec.kind != "action":
        assert isinstance(node, ast.Command)
        own = form_of(spec, ast.Command(node.span, node.verb, operands, node.options, node.block))
        return Accepted(spec, own, own.settings, frozenset(given | {*words}), words, bool(operands), False)
    if isinstance(node, ast.Default):
        binding = bind_operands(spec, tuple(each.text if isinstance(each, ast.Name) else None for each in operands))
    else:
        alone = ast.Command(node.span, node.verb, operands, node.options, node.block)
        binding = bind_operands(spec, bare_words(spec, alone, names))
    found = binding.form
    has_operand = found is not None and (binding.operand is not None or bool(binding.extra))
    form = None if found is None or (isinstance(node, ast.Default) and not found.words) else found
    settings = every_setting(spec.name) if form is None else form.settings
    given |= {word for word in words if word in settings}
    if form is not None and form.operand is not None and has_operand:
        given.add(form.operand.option.name)
    lacks_word = found is None and isinstance(node, ast.Command)
    return Accepted(spec, form, settings, frozenset(given), words, has_operand, lacks_word)


def language_of(node: ast.Command | ast.Default, accepted: Accepted, file: ast.File | None) -> str | None:
    """Return the language of a statement: its own, or that of the first `default` that has one."""
    entries = node.block.entries if isinstance(node, ast.Command) and node.block is not None else ()
    for each in (*node.options, *entries):
        if isinstance(each, ast.Option) and each.name.text == "language":
            if isinstance(each.value, ast.Text):
                return each.value.value
            if isinstance(each.value, (ast.Tag, ast.Name)):
                return each.value.text
    tags = [each for each in node.operands if isinstance(each, ast.Tag)]
    for default in file.declarations if file is not None and isinstance(node, ast.Command) else ():
        if isinstance(default, ast.Default) and default.verb.text == accepted.spec.name:
            tags += [each for each in default.operands if isinstance(each, ast.Tag)]
    if tags:
        return tags[0].text
    setting = accepted.settings.get("language")
    return None if setting is None else setting.option.default


def _given(node: ast.Command | ast.Default, marker: ast.Node | None) -> list[str]:
    block = node.block if isinstance(node, ast.Command) else None
    entries = () if block is None else block.entries
    found = [
        each.name.text for each in (*node.options, *entries) if isinstance(each, ast.Option) and each is not marker
    ]
    return found + [each.verb.text for each in entries if isinstance(each, ast.Command) and each is not marker]
