"""Apply `default VERB options`: options for all statements of that verb that do not set them.

`default talk TAG …` is about one language: its options apply to what is spoken in it, and the first such line gives the
language of statements without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.names.bare_words import unit_apart
from ncco_lang.names.rules import IDLE_DEFAULT
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.language_words import targets
from ncco_lang.vocabulary.ncco_schema import action_names
from ncco_lang.vocabulary.option_rules import (
    NO_SUCH_OPTION,
    NO_SUCH_VERB,
    OPTION_TWICE,
    OPTION_WITHOUT_VALUE,
    STRAY_VALUE,
)
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OptionSlot,
    StatementSpec,
    bind_operands,
    every_setting,
    spec_of,
)

_Key: TypeAlias = tuple[str, tuple[str, ...], str | None]
"""What a line applies to: the verb, the words after it and the language."""
_Option: TypeAlias = tuple[int, "ast.Option", "DefaultLine"]
"""An option of a line: its place in the file, the option, and its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultLine:
    """One `default` of the file.

    Attributes:
        words: the words after the verb; empty for every form of the statement.
        tag: the language that it applies to.
        options: its options, with literal values, without the language.
        used: names of the options that some statement took.
    """

    declaration: ast.Default
    words: tuple[str, ...]
    tag: ast.Tag | None
    options: dict[str, ast.Option]
    used: set[str] = field(default_factory=set)


class Defaults:
    """The defaults of one file."""

    def __init__(
        self, source: Source, fold_option: Callable[[ast.Option, Mapping[str, OptionSlot]], ast.Option]
    ) -> None:
        """Args: `fold_option` returns an option with a literal value; it gets the options that its statement has."""
        self.source = source
        self._fold_option = fold_option
        self.lines: dict[str, list[DefaultLine]] = {}
        self._first: dict[str, ast.Tag] = {}
        self._spoken: set[_Key] = set()
        self._options: dict[_Key, dict[str, _Option]] = {}

    def read(self, file: ast.File) -> Iterator[Diagnostic]:
        """Read every `default` of a file; yield findings about them."""
        for declaration in file.declarations:
            if not isinstance(declaration, ast.Default):
                continue
            verb = declaration.verb
            spec = spec_of(verb.text)
            if spec is not None and spec.planned and spec.options and verb.text not in targets():
                yield not_yet(self.source, declaration.span, f'"default {verb.text}"', spec.today)
            elif spec is None or spec.kind != "action":
                near = did_you_mean(verb.text, action_names())
                message = f'there is no statement "{verb.text}" that could have a default'
                hint = f'did you mean "{near}"?' if near else f"there are {', '.join(action_names())}"
                fix = Fix(f'write "{near}"', (Edit(verb.span, near),), unsafe=True) if near else None
                yield finding(NO_SUCH_VERB, self.source, verb.span, message, hint=hint, fix=fix)
            else:
                yield from self._read_line(declaration, spec)

    def _read_line(self, declaration: ast.Default, action: StatementSpec) -> Iterator[Diagnostic]:
        settings = every_setting(action.name)
        words: list[str] = []
        tag = None
        options: dict[str, ast.Option] = {}
        parts = sorted((*declaration.operands, *declaration.options), key=lambda part: part.span)
        for before, part in zip((None, *parts), parts, strict=False):
            if isinstance(before, ast.Option) and isinstance(part, ast.Name):
                setting = settings.get(before.name.text)
                apart = unit_apart(self.source, before.value, part)
                if apart is not None and setting is not None and setting.option.unit is not None:
                    yield apart
                    options.pop(before.name.text, None)
                    continue
            if isinstance(part, ast.Tag):
                if tag is not None or not any(_is_language(setting) for setting in settings.values()):
                    message = f"a default of {action.name} has no place for this language"
                    yield finding(STRAY_VALUE, self.source, part.span, message, hint="one line a language")
                tag = tag or part
            elif isinstance(part, ast.Name) and part.text in action.words and not options:
                words.append(part.text)
            else:
                yield from self._read_option(action.name, part, settings, options)
        line = DefaultLine(declaration=declaration, words=tuple(words), tag=tag, options=options)
        yield from self._keep(line)

    def _read_option(
        self,
        title: str,
        part: ast.Name | ast.Option,
        settings: Mapping[str, OptionSlot],
        options: dict[str, ast.Option],
    ) -> Iterator[Diagnostic]:
        """Read a flag or an option of a `default`."""
        word = part.name if isinstance(part, ast.Option) else ast.Word(part.span, part.text)
        setting = settings.get(word.text)
        if isinstance(part, ast.Option) and isinstance(part.value, ast.Missing):
            return  # a missing value has its finding
        if setting is None:
            near = did_you_mean(word.text, settings)
            hint = f'did you mean "{near}"?' if near else f"it has {', '.join(settings)}"
            fix = Fix(f"write {near}", (Edit(word.span, near),), unsafe=True) if near else None
            message = f'{title} has no option "{word.text}"'
            yield finding(NO_SUCH_OPTION, self.source, word.span, message, hint=hint, fix=fix)
            return
        if isinstance(part, ast.Name):
            if "boolean" not in setting.option.types:
                message = f"{word.text} is not true or false by itself"
                yield finding(OPTION_WITHOUT_VALUE, self.source, word.span, message, hint=f"write {word.text}: …")
                return
            part = ast.Option(part.span, word, ast.Constant(part.span, True))
        if word.text in options:
            labels = (Label(options[word.text].span, "here first"),)
            yield finding(OPTION_TWICE, self.source, part.span, f"{word.text} is given twice", labels=labels)
        options.setdefault(word.text, self._fold_option(part, settings))

    def _keep(self, line: DefaultLine) -> Iterator[Diagnostic]:
        """Keep a line; yield a finding for each option that an earlier line gives the same statements."""
        verb = line.declaration.verb.text
        self.lines.setdefault(verb, []).append(line)
        if line.tag is not None:
            self._first.setdefault(verb, line.tag)
        given = self._options.setdefault(_key(line), {})
        for name, option in line.options.items():
            if name in given:
                labels = (Label(given[name][1].span, "here first"),)
                yield finding(OPTION_TWICE, self.source, option.span, f"{name} has a default already", labels=labels)
            else:
                given[name] = (option.span.start, option, line)

    # ── Filling in ────────────────────────────────────────────────────────────────────────────────────

    def fill(self, command: ast.Command) -> ast.Command:
        """Return a statement with the options of the defaults that it does not set itself, after its own."""
        if command.verb.text not in self.lines:
            return command
        words = [operand.text if isinstance(operand, ast.Name) else None for operand in command.operands]
        action = spec_of(command.verb.text)
        assert action is not None  # `read` keeps the lines of actions only
        binding = bind_operands(action, tuple(words))
        form = binding.form
        if form is None:
            return command
        given = _given(command, form, binding.operand is not None)
        added: list[ast.Option] = []
        language = _language_of(command, form)
        first = self._first.get(command.verb.text)
        if language is None and first is not None and "language" in form.settings:
            language = first.text
            added.append(ast.Option(first.span, ast.Word(first.span, "language"), first))
            given.add("language")
        keys = {(command.verb.text, words, tag) for words in ((), form.words) for tag in (None, language)}
        self._spoken |= keys
        found = [option for key in keys for option in self._options.get(key, {}).values()]
        for _, option, line in sorted(found, key=lambda each: each[0]):
            name = option.name.text
            if name in form.settings and name not in given:
                added.append(option)
                given.add(name)
                line.used.add(name)
        if not added:
            return command
        return ast.Command(
            command.span, command.verb, command.operands, (*command.options, *added), command.block, command.listed
        )

    def idle(self) -> Iterator[Diagnostic]:
        """Yield findings for options of defaults that no statement took."""
        for lines in self.lines.values():
            for line in lines:
                verb = line.declaration.verb.text
                if line.tag is not None and _key(line) not in self._spoken:
                    message = f"no {verb} is in {line.tag.text}, so nothing takes this default"
                    yield finding(IDLE_DEFAULT, self.source, line.declaration.span, message)
                    continue
                for name, option in line.options.items():
                    if name not in line.used:
                        message = f"no {verb} takes {name} from its default"
                        yield finding(IDLE_DEFAULT, self.source, option.span, message, hint="take it out")


def _key(line: DefaultLine) -> _Key:
    return line.declaration.verb.text, line.words, None if line.tag is None else line.tag.text


def _is_language(setting: OptionSlot) -> bool:
    return setting.option.kind == VOICE_LANGUAGE


def _given(command: ast.Command, form: Form, has_operand: bool) -> set[str]:
    """Return the names of the options that a statement sets itself."""
    entries = command.block.entries if command.block is not None else ()
    given = {operand.text for operand in command.operands if isinstance(operand, ast.Name)}
    given |= {option.name.text for option in (*command.options, *entries) if isinstance(option, ast.Option)}
    given |= {entry.verb.text for entry in entries if isinstance(entry, ast.Command)}
    if has_operand and form.operand is not None:
        given.add(form.operand.option.name)
    return given


def _language_of(command: ast.Command, form: Form) -> str | None:
    """Return the language that a statement sets itself."""
    name = next((name for name, setting in form.settings.items() if _is_language(setting)), None)
    entries = command.block.entries if command.block is not None else ()
    for option in (*command.options, *entries):
        if isinstance(option, ast.Option) and option.name.text == name:
            value = option.value
            return value.value if isinstance(value, ast.Text) else getattr(value, "text", None)
    return None
