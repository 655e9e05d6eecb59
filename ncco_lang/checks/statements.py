"""Check the statements of a `.flow` file against the vocabulary: verbs, operands, options, missing values.

Takes the tree and yields findings in the order of the file. `option_values` checks the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ncco_lang.checks.operand_mistakes import find_loose_units, find_slips
from ncco_lang.checks.option_names import Scope, find_option
from ncco_lang.checks.option_values import check_json, check_option_value
from ncco_lang.checks.verbs import (
    RAW,
    as_param,
    is_option_below,
    loose_word,
    missing_word,
    no_such_verb,
    without_line,
)
from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Label
from ncco_lang.names.symbols import word_of
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.vocabulary.language_words import planned_verbs, words_in
from ncco_lang.vocabulary.option_rules import (
    EMPTY_FLOW,
    MISPLACED_STATEMENT,
    MISSING_VALUE,
    NO_SUCH_OPTION,
    OPTION_TWICE,
    OPTION_WITHOUT_VALUE,
    STRAY_VALUE,
)
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import (
    Form,
    OperandBinding,
    OptionSlot,
    StatementSpec,
    bind_operands,
    every_setting,
    planned_options,
    spec_of,
)


def check_statements(file: ast.File, source: Source) -> Iterator[Diagnostic]:
    """Yield every finding about the statements of a file."""
    last = file.declarations[-1] if file.declarations else None
    above: ast.Command | None = None
    for declaration in file.declarations:
        match declaration:
            case ast.Flow():
                for option in declaration.options:
                    yield _of_flow(source, option)
            case ast.Command() if above is not None and is_option_below(source, above, declaration):
                yield loose_word(source, above, declaration)
                continue
            case ast.Command():
                yield from _check_statement(source, declaration, is_last=declaration is last)
            case ast.Param() | ast.Let() | ast.Default():
                pass  # checked before, when names are resolved
            case (
                ast.Use()
                | ast.Arg()
                | ast.Hours()
                | ast.TextDeclaration()
                | ast.Step()
                | ast.Test()
                | ast.On()
                | ast.Anywhere()
                | ast.If()
                | ast.Set()
                | ast.Each()
            ):
                yield _not_yet(source, declaration)
            case _:
                assert_never(declaration)
        above = declaration if isinstance(declaration, ast.Command) else None


def _of_flow(source: Source, option: ast.Option) -> Diagnostic:
    name, flow = option.name.text, spec_of("flow")
    planned = {each.name: each.today for each in flow.planned_options} if flow is not None else {}
    if name in planned:
        return not_yet(source, option.span, f"{name}: of a flow", planned[name])
    return finding(NO_SUCH_OPTION, source, option.name.span, f'a flow has no option "{name}"', hint="take it out")


def check_entry(file: ast.File, source: Source) -> Iterator[Diagnostic]:
    """Yield a finding if the flow has no statement."""
    silent = (ast.Flow, ast.Param, ast.Let, ast.Default)
    if all(isinstance(declaration, silent) for declaration in file.declarations):
        message = "nothing happens in this flow, so the call ends at once"
        span = Span(0, 0) if not file.declarations else file.declarations[0].span
        yield finding(EMPTY_FLOW, source, span, message, hint='begin with a statement: talk "Hello."')


# ── Statements ─────────────────────────────────────────────────────────────────────────────────────────


def _check_statement(source: Source, command: ast.Command, *, is_last: bool) -> Iterator[Diagnostic]:
    later = _later(command)
    if later is not None:
        is_idle = command.verb.text == "go_on" or (command.verb.text == "hangup" and is_last)
        fix = without_line(source, command.span) if is_idle else None
        yield not_yet(source, first_line(source, command.span), *later, fix=fix)
    elif not command.verb.text:
        return  # a missing verb has its finding
    elif command.verb.text == RAW:
        yield from _check_raw(source, command)
    elif (action := spec_of(command.verb.text)) is None or action.kind != "action":
        yield no_such_verb(source, command)
    else:
        binding = bind_operands(action, operand_words(command))
        if binding.form is None:
            yield missing_word(source, action, command)
            yield from _check_options_of(source, action, command)
        else:
            yield from _check_form(source, command, binding, binding.form)


def _check_options_of(source: Source, action: StatementSpec, command: ast.Command) -> Iterator[Diagnostic]:
    """Check the option names of a statement whose kind is missing. Their values are not checked."""
    scope = Scope(source=source, title=action.name, settings=every_setting(action.name), form=None)
    yield from find_loose_units(scope, command)
    for option in command.options:
        _, problem = find_option(scope, option.name)
        if problem is not None:
            yield problem


def operand_words(command: ast.Command) -> tuple[str | None, ...]:
    """Return the operands of a resolved statement as `bind_operands` takes them: None for all but bare words."""
    return tuple([operand.text if type(operand) is ast.Name else None for operand in command.operands])


def first_line(source: Source, span: Span) -> Span:
    """Return the part of a span on its first line, for a finding about something long."""
    end = source.line_span(source.position(span.start).line).end
    return Span(span.start, max(span.start, min(span.end, end)))


def in_words(node: ast.Declaration | ast.Entry) -> str:
    """Return how a message names something that a later version compiles."""
    match node:
        case ast.TextDeclaration():
            return 'the declaration "text"'
        case ast.Arm():
            return "an arm (->)"
        case _:
            return f'"{word_of(node)}"'


def _not_yet(source: Source, node: ast.Declaration | ast.Entry) -> Diagnostic:
    fix = as_param(node) if isinstance(node, ast.Arg) else None
    return not_yet(source, first_line(source, node.span), in_words(node), _today(node), fix=fix)


def _today(node: ast.Declaration | ast.Entry) -> str | None:
    """Return what to write instead of something that a later version compiles."""
    return words_in("statements")["->" if isinstance(node, ast.Arm) else word_of(node)].today


def _later(command: ast.Command) -> tuple[str, str | None] | None:
    """Return what only a later version compiles, as arguments of `not_yet`; None if this version compiles it all."""
    verb = command.verb.text
    if verb in planned_verbs():
        return f'"{verb}"', words_in("statements")[verb].today
    # `record into message` lacks its colon; this version would not read the rest either.
    if any(isinstance(operand, ast.Name) and operand.text == "into" for operand in command.operands):
        return f'"{verb}" with into', planned_options()["into"]
    entries = command.block.entries if command.block is not None else ()
    for option in (*command.options, *entries):
        if isinstance(option, ast.Command) and option.verb.text == "on" and option.block is not None:
            return f'"{verb}" with on', words_in("statements")["->"].today
        if isinstance(option, ast.Option) and option.name.text in planned_options():
            return f'"{verb}" with {option.name.text}:', planned_options()[option.name.text]
    for entry in entries:
        if isinstance(entry, (ast.Arm, ast.If, ast.Set, ast.Each)):
            return f'"{verb}" with {in_words(entry)}', _today(entry)
    return None


def _check_raw(source: Source, command: ast.Command) -> Iterator[Diagnostic]:
    first = command.operands[0] if command.operands else None
    if isinstance(first, ast.Missing) or (command.block is not None and any(map(_is_gap, command.block.entries))):
        return
    if not isinstance(first, ast.Object):
        message = f"{RAW} needs the action as a JSON object"
        hint = f'{RAW} {{ "action": "talk", "text": "Hello" }}'
        yield finding(MISSING_VALUE, source, command.verb.span, message, hint=hint)
        return
    yield from check_json(source, first)
    for part in (*command.operands[1:], *command.options, *((command.block,) if command.block else ())):
        yield finding(STRAY_VALUE, source, part.span, f"nothing may follow the object of {RAW}")


def _check_form(source: Source, command: ast.Command, binding: OperandBinding, form: Form) -> Iterator[Diagnostic]:
    scope = Scope(source=source, title=form.title, settings=form.settings, form=form)
    slips = find_slips(scope, command, binding)
    yield from slips.findings
    scope.guessed.update(slips.options)
    if binding.operand is not None and form.operand is not None:
        value = command.operands[binding.operand]
        scope.given[form.operand.option.name] = value.span
        if binding.operand not in slips.operands:
            yield from check_option_value(source, form.operand.option, value)
    for index in binding.flags:
        flag = command.operands[index]
        if isinstance(flag, ast.Name) and index not in slips.operands:
            yield from _check_flag(scope, flag)
    for index in binding.extra:
        if index not in slips.operands:
            yield from _check_extra(scope, command.operands[index])
    for option in command.options:
        if option.name.text not in slips.options:
            yield from _check_option(scope, option)
    if command.block is not None:
        yield from _check_block(scope, command.block)
    start = command.verb.span.start
    last = command.operands[binding.words[-1]].span if binding.words else command.verb.span
    if not _is_incomplete(command):
        yield from _check_missing(scope, Span(start, last.end))


def _is_incomplete(command: ast.Command) -> bool:
    """Return whether a value is missing that has its finding: what else is missing may be a consequence of it."""
    entries = command.block.entries if command.block is not None else ()
    values = (*command.operands, *(option.value for option in command.options))
    return any(isinstance(value, ast.Missing) for value in values) or any(map(_is_gap, entries))


def _is_gap(entry: ast.Entry) -> bool:
    """Return whether an entry of a block replaces something that could not be read."""
    return isinstance(entry, ast.Command) and not entry.verb.text


def _check_extra(scope: Scope, value: ast.Value) -> Iterator[Diagnostic]:
    if isinstance(value, ast.Name):
        setting, problem = find_option(scope, ast.Word(span=value.span, text=value.text))
        if problem is not None:
            yield problem
        if setting is not None:
            yield from _check_flag(scope, ast.Name(span=value.span, text=setting.option.name))
        return
    if isinstance(value, ast.Missing):
        return
    form = scope.form
    if form is not None and form.operand is not None:
        several = next((operand.today for operand in form.action.operands if operand.today), None)
        if several is not None:
            what = f"{form.title} with more than one {form.operand.option.name}"
            yield not_yet(scope.source, value.span, what, several)
            return
        message, hint = f"{scope.title} takes one value", "write a second statement for a second one"
    else:
        message, hint = f"{scope.title} takes options only", "an option is a name, a colon and a value"
    yield finding(STRAY_VALUE, scope.source, value.span, message, hint=hint)


# ── Options ────────────────────────────────────────────────────────────────────────────────────────────


def _check_block(scope: Scope, block: ast.Block) -> Iterator[Diagnostic]:
    for entry in block.entries:
        match entry:
            case ast.Option():
                yield from _check_option(scope, entry)
            case ast.Command():
                yield from _check_command(scope, entry)
            case ast.Arm() | ast.If() | ast.Set() | ast.Each():
                yield _not_yet(scope.source, entry)
            case _:
                assert_never(entry)


def _check_option(scope: Scope, option: ast.Option) -> Iterator[Diagnostic]:
    if not option.name.text:
        return
    setting, problem = find_option(scope, option.name)
    if problem is not None:
        yield problem
    if isinstance(option.value, ast.Missing):
        scope.guessed.add(option.name.text if setting is None else setting.option.name)
    elif setting is not None:
        yield from _check_twice(scope, setting.option, option.name.span)
        yield from check_option_value(scope.source, setting.option, option.value)


def _check_flag(scope: Scope, flag: ast.Name) -> Iterator[Diagnostic]:
    option = scope.settings[flag.text].option
    yield from _check_twice(scope, option, flag.span)
    if "boolean" in option.types:
        return
    hint = f"write it in a block: {{ {flag.text} {{ … }} }}" if option.is_block else f"write {flag.text}: …"
    message = f"{flag.text} is not true or false by itself"
    yield finding(OPTION_WITHOUT_VALUE, scope.source, flag.span, message, hint=hint)


def _check_command(scope: Scope, command: ast.Command) -> Iterator[Diagnostic]:
    """Check an entry of a block that looks like a statement: a nested block, or an option without its colon."""
    verb = command.verb
    if not verb.text:
        return
    spec = None if verb.text in scope.settings else spec_of(verb.text)
    if spec is not None and spec.kind != "keyword":
        message = f"a statement cannot be among the options of {scope.title}"
        hint = "put it after the block"
        yield finding(MISPLACED_STATEMENT, scope.source, verb.span, message, hint=hint)
        return
    setting, problem = find_option(scope, verb)
    if problem is not None:
        yield problem
    if setting is None:
        return
    option = setting.option
    yield from _check_twice(scope, option, verb.span)
    if option.is_block and command.block is not None and not command.operands and not command.options:
        settings = {part.name: OptionSlot(option=part, path=(part.key,)) for part in option.options}
        inner = Scope(source=scope.source, title=option.name, settings=settings, form=None)
        yield from _check_block(inner, command.block)
        if not any(map(_is_gap, command.block.entries)):
            yield from _check_missing(inner, verb.span)
        return
    end = Span(verb.span.end, verb.span.end)
    message = f"{verb.text} needs a colon and its value"
    how: str | None = None
    fix: Fix | None = None
    if option.is_block:
        message, how = f"{verb.text} needs its block", f"write {verb.text} {{ … }}"
    elif "boolean" in option.types and not command.operands and command.block is None:
        message, how = f"in a block {verb.text} needs its value", f"write {verb.text}: true"
        fix = Fix(f"write {verb.text}: true", (Edit(end, ": true"),))
    elif len(command.operands) == 1 or (option.data and command.block is not None):
        fix = Fix("put a colon in", (Edit(end, ":"),))
    yield finding(OPTION_WITHOUT_VALUE, scope.source, verb.span, message, hint=how, fix=fix)


def _check_twice(scope: Scope, option: OptionSpec, span: Span) -> Iterator[Diagnostic]:
    if option.name in scope.given:
        message = f"{option.name} is given twice"
        labels = (Label(scope.given[option.name], "here first"),)
        yield finding(OPTION_TWICE, scope.source, span, message, hint="keep one of the two", labels=labels)
    scope.given.setdefault(option.name, span)


def _check_missing(scope: Scope, span: Span) -> Iterator[Diagnostic]:
    operand = scope.form.operand if scope.form is not None else None
    for name, setting in scope.settings.items():
        option = setting.option
        if not option.required or name in scope.given or name in scope.guessed or option.key in scope.guessed:
            continue
        if operand is not None and setting is operand:
            hint = f'write it after {scope.title}: {scope.title} "…"'
        else:
            hint = f"add {name} {{ … }}" if option.is_block else f"add {name}: …"
        message = f"{scope.title} needs its {name}"
        yield finding(MISSING_VALUE, scope.source, span, message, hint=hint)
