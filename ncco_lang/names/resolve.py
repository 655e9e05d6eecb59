"""Resolve a file: return its tree with every value of its statements a literal, and with the defaults filled in.

The vocabulary decides where a bare word means itself (a flag, a word of an enum, a language); anywhere else it is a
name. Statements that are already literal are not copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.names.bare_words import no_such_word
from ncco_lang.names.defaults import Defaults
from ncco_lang.names.evaluate import Evaluator
from ncco_lang.names.interpolate import EscapeContext
from ncco_lang.names.params import check_given, check_type
from ncco_lang.names.rules import NO_BASE_URL, UNUSED_NAME
from ncco_lang.names.symbols import check_names, read_names
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding
from ncco_lang.vocabulary.kinds import LANGUAGES, WEB_ADDRESSES
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.speech import corrected_tag, written_tag
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OperandBinding,
    OptionSlot,
    StatementSpec,
    bind_operands,
    every_setting,
    spec_of,
)
from ncco_lang.words import listed

_MOST_NAMED = 5


def resolve_file(
    file: ast.File,
    source: Source,
    given: Mapping[str, Given],
    base_url: str | None = None,
    having_base_url: Sequence[str] = (),
) -> tuple[ast.File, list[Diagnostic], list[Diagnostic]]:
    """Evaluate every value.

    Args:
        file: the tree as parsed.
        source: its text.
        given: values for its params.
        base_url: the base of addresses that begin with a slash.
        having_base_url: the profiles that have a base URL.

    Returns:
        the resolved tree; the findings; and findings that matter only without others: unused names and defaults.
    """
    names = read_names(file)
    evaluator = Evaluator(source, names, given)
    evaluator.diagnostics += check_names(file, source)
    evaluator.diagnostics += check_given(file, source, given)
    for declaration in file.declarations:
        if isinstance(declaration, ast.Param):
            evaluator.diagnostics += check_type(source, declaration)
    evaluator.fold_declared()
    resolver = Resolver(evaluator, base_url, having_base_url)
    defaults = Defaults(source, resolver.option)
    evaluator.diagnostics += defaults.read(file)
    declarations = []
    for declaration in file.declarations:
        if isinstance(declaration, ast.Command):
            declaration = defaults.fill(resolver.command(declaration))
        elif isinstance(declaration, ast.Flow):
            evaluator.fold(declaration.title)
        declarations.append(declaration)
    idle = [*_unused(source, names, evaluator.read_names()), *defaults.idle()]
    return ast.File(file.span, tuple(declarations), file.comments), evaluator.diagnostics, idle


def _unused(source: Source, names: Mapping[str, ast.Node], used: set[str]) -> Iterator[Diagnostic]:
    for name, declaration in names.items():
        if isinstance(declaration, (ast.Param, ast.Let)) and name not in used:
            what = "param" if isinstance(declaration, ast.Param) else "let"
            message = f"nothing reads the {what} {name}"
            yield finding(UNUSED_NAME, source, declaration.name.span, message, hint="use it, or take it out")


class Resolver:
    """Evaluates the values of statements, each for its option."""

    def __init__(self, evaluator: Evaluator, base_url: str | None, having_base_url: Sequence[str] = ()) -> None:
        self.evaluator = evaluator
        self.base_url = base_url
        self.having_base_url = having_base_url

    def command(self, command: ast.Command) -> ast.Command:
        """Return a statement with literal values; a statement that is not an action stays as it is."""
        action = spec_of(command.verb.text)
        if action is None or action.kind != "action":
            return self._plain(command)
        binding = bind_operands(action, bare_words(action, command, self.evaluator.names))
        form = binding.form
        if form is None:
            return command
        operands = self._operands(command, binding)
        options = tuple([self.option(option, form.settings) for option in command.options])
        block = None if command.block is None else self._block(command.block, form.settings)
        if operands == command.operands and options == command.options and block is command.block:
            return command
        return ast.Command(command.span, command.verb, operands, options, block, command.listed)

    def _plain(self, command: ast.Command) -> ast.Command:
        """Evaluate `raw`, whose object holds expressions."""
        if not any(isinstance(operand, ast.Object) for operand in command.operands):
            return command
        operands = tuple(
            self.evaluator.fold(operand) if isinstance(operand, ast.Object) else operand for operand in command.operands
        )
        return ast.Command(command.span, command.verb, operands, command.options, command.block, command.listed)

    def _operands(self, command: ast.Command, binding: OperandBinding) -> tuple[ast.Value, ...]:
        form = binding.form
        if form is None or form.operand is None:
            return command.operands
        operands = list(command.operands)
        if binding.operand is not None:
            at = binding.operand
            operands[at] = self.value(form.operand.option, operands[at])
        elif binding.extra:
            self._read_words(operands, binding, form)
        return tuple(operands)

    def _read_words(self, operands: list[ast.Value], binding: OperandBinding, form: Form) -> None:
        """Report words in place of the operand: a misspelt name, or a text without its quotes."""
        assert form.operand is not None
        first = next((at for at in binding.extra if isinstance(operands[at], ast.Name)), None)
        if first is None:
            return
        last = first
        while last + 1 in binding.extra and isinstance(operands[last + 1], ast.Name):
            last += 1
        span = Span(operands[first].span.start, operands[last].span.end)
        known = [*self.evaluator.names, *form.settings]
        self.evaluator.diagnostics.append(no_such_word(self.evaluator.source, form.operand.option, span, known))
        for at in range(first, last + 1):
            operands[at] = ast.Missing(operands[at].span)

    def _block(self, block: ast.Block, settings: Mapping[str, OptionSlot]) -> ast.Block:
        entries = tuple([self._entry(entry, settings) for entry in block.entries])
        return block if entries == block.entries else ast.Block(block.span, entries)

    def _entry(self, entry: ast.Entry, settings: Mapping[str, OptionSlot]) -> ast.Entry:
        if isinstance(entry, ast.Option):
            return self.option(entry, settings)
        if not isinstance(entry, ast.Command) or entry.block is None:
            return entry
        setting = find_setting(entry.verb.text, settings)
        if setting is None or not setting.option.is_block:
            return entry
        inner = {part.name: OptionSlot(option=part, path=(part.key,)) for part in setting.option.options}
        block = self._block(entry.block, inner)
        if block is entry.block:
            return entry
        return ast.Command(entry.span, entry.verb, entry.operands, entry.options, block, entry.listed)

    def option(self, option: ast.Option, settings: Mapping[str, OptionSlot]) -> ast.Option:
        """Return an option with a literal value; an option that the statement does not have stays as it is."""
        setting = find_setting(option.name.text, settings)
        if setting is None:
            return option
        value = self.value(setting.option, option.value)
        return option if value is option.value else ast.Option(option.span, option.name, value)

    def value(self, option: OptionSpec, value: ast.Value) -> ast.Value:
        """Return a value as a literal, or as the bare word that the option knows."""
        if isinstance(value, ast.Name) and self._is_word(option, value.text):
            return value
        if option.single and option.item is not None:
            return self.value(option.item, value)
        is_unknown = isinstance(value, ast.Name) and value.text and not self._is_known(value.text)
        if isinstance(value, ast.Name) and is_unknown and not (option.kind in LANGUAGES and corrected_tag(value.text)):
            found = no_such_word(self.evaluator.source, option, value.span, self.evaluator.names)
            self.evaluator.diagnostics.append(found)
            return ast.Missing(value.span)
        folded = self.evaluator.fold(value, _manner(option))
        if isinstance(folded, ast.Text) and option.kind in WEB_ADDRESSES and folded.value.startswith("/"):
            return self._below(folded)
        return folded

    def _is_word(self, option: OptionSpec, word: str) -> bool:
        """Return whether a bare word means itself: the option knows it, or no declaration has that name."""
        item = option.item if option.single and option.item is not None else option
        if item.enum:
            return word not in self.evaluator.names or enum_value(item, word, bare=True) is not None
        table = LANGUAGES.get(item.kind or "")
        return (
            table is not None
            and corrected_tag(word) is None
            and (word not in self.evaluator.names or written_tag(word, table) is not None)
        )

    def _is_known(self, name: str) -> bool:
        return name in self.evaluator.names or name in words_in("values")

    def _below(self, address: ast.Text) -> ast.Value:
        """Return an address that begins with a slash with the base URL before it."""
        if self.base_url is None:
            hint = "give one: --base-url, or base_url in a profile of ncco.toml; or write the whole address"
            if self.having_base_url:
                these = listed([f"--profile {name}" for name in self.having_base_url[:_MOST_NAMED]])
                hint = f"take {these}; or give --base-url, or write the whole address"
            message = "this address is below a base URL, and there is none"
            return self.evaluator.report(NO_BASE_URL, address.span, message, hint=hint)
        start = Span(address.span.start, address.span.start)
        base = self.base_url.rstrip("/")
        return ast.Text(address.span, (ast.Piece(start, base, base), *address.pieces), address.is_long)


def find_setting(name: str, settings: Mapping[str, OptionSlot]) -> OptionSlot | None:
    """Return the setting of a name in the language or on the wire."""
    setting = settings.get(name)
    if setting is None:
        setting = next((each for each in settings.values() if each.option.key == name), None)
    return setting


def _manner(option: OptionSpec) -> EscapeContext:
    if option.kind == "speech":
        return "speech"
    return "url" if option.kind in WEB_ADDRESSES else "plain"


def bare_words(action: StatementSpec, command: ast.Command, names: Mapping[str, object]) -> tuple[str | None, ...]:
    """Return each operand as `bind_operands` takes it: a bare word that is not a name as its text, all else as None."""
    flags, known, most = every_setting(action.name), action.words, action.most_words
    words: list[str | None] = []
    for operand in command.operands:
        word = operand.text if isinstance(operand, ast.Name) else None
        chooses = word in known and len(words) < most and None not in words
        words.append(None if word in names and word not in flags and not chooses else word)
    return tuple(words)
