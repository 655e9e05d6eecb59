"""Propose what can be written at a position among the tokens of a flow: the marker's place in the tree says what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ncco_lang.editor.completion import branching
from ncco_lang.editor.completion.accepted import Accepted, accepted_by, language_of, spec_for
from ncco_lang.editor.completion.around import is_in_object, kinds_before, rest_of_line
from ncco_lang.editor.completion.expressions import fields, questions, settable, values
from ncco_lang.editor.completion.holders import Holder, holder_of
from ncco_lang.editor.completion.starts import SECRET, control_words, declaration_words, param_types, verbs
from ncco_lang.editor.completion.test_words import in_test_line, test_words
from ncco_lang.editor.completion.values import Proposer, value_proposals
from ncco_lang.editor.marker import Spot
from ncco_lang.editor.symbol_docs import Names
from ncco_lang.editor.types import Completion
from ncco_lang.editor.vocabulary_docs import word_docs
from ncco_lang.program.bindings import Scope
from ncco_lang.program.scopes import SET_VALUES
from ncco_lang.program.verb_binder import operand_roles
from ncco_lang.syntax import ast
from ncco_lang.values.language_tags import is_tag
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.language_words import targets
from ncco_lang.vocabulary.ncco_schema import definition
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import OperandSpec, OptionSlot, StatementSpec, known_verbs, spec_of

_STARTS = re.compile(r"(?:\A|[\r\n;{>])[ \t\ufeff]*\Z")
_LONGEST_BLANK = 200
_TEXTS = frozenset({"text", "phone", "url"})


@dataclass(frozen=True, slots=True)
class Code:
    """A position among the tokens of a flow.

    Attributes:
        text: the flow.
        file: its tree.
        names: the names whose values can be read there.
        scope: all names there, steps too.
    """

    text: str
    file: ast.File | None
    spot: Spot
    names: Names
    scope: Scope

    @property
    def proposer(self) -> Proposer:
        """Proposals that replace the word at the position."""
        return Proposer(self.spot.word, self.names)

    def complete(self) -> Iterator[Completion]:
        """Yield the proposals."""
        holder, (entry, *inner) = holder_of(self.spot.path)
        if isinstance(self.spot.path[-2], ast.Field):
            yield from fields(self.text, self.spot, self.names)
            return
        if is_in_object(self.text, self.spot, entry):
            return  # a key of JSON is the author's own
        match entry:
            case ast.Command() if inner[0] is entry.verb:
                yield from self._start(entry, holder)
            case ast.Command() if holder.kind == "test":
                yield from in_test_line(entry, inner, self.proposer)
            case ast.Command() | ast.Default():
                yield from self._in_statement(entry, inner)
            case ast.Option():
                yield from self._option_in_block(entry, inner, holder)
            case ast.Arm():
                yield from self._arm(entry, inner, holder)
            case ast.Param() | ast.Arg() | ast.Let():
                yield from self._declaration(entry, inner)
            case ast.Step() if isinstance(inner[0], ast.Parameter) and inner[1] is inner[0].type:
                yield from (each for each in param_types(self.spot.word) if each.label != SECRET)
            case ast.Set() | ast.Each():
                yield from self._of_keyword(entry, inner)
            case ast.If():
                yield from values(self.proposer, is_condition=True)
            case _:
                pass

    def _of_keyword(self, entry: ast.Set | ast.Each, inner: Sequence[ast.Node]) -> Iterator[Completion]:
        """Propose what is set, and what it is set to; what `each` takes the items of."""
        is_name = inner[0] is entry.name
        if isinstance(entry, ast.Set) and is_name:
            yield from settable(self.spot.word, self.scope, has_rest="=" in rest_of_line(self.text, self.spot))
        elif isinstance(entry, ast.Set) and "_EQUAL" not in kinds_before(self.text, self.spot, entry):
            return  # the name is not over
        elif isinstance(entry, ast.Set) and entry.name.text in SET_VALUES and len(inner) == 1:
            yield from self.proposer.languages(VOICE_LANGUAGE)
            yield from self.proposer.names(self.names.of_types({"language", "text"}))
        elif isinstance(entry, ast.Set) and not is_name:
            yield from values(self.proposer)
        elif not is_name:
            whole = len(inner) == 1
            yield from self.proposer.names(self.names.of_types({"list", "table"}) if whole else self.names.readable())

    # ── Where a statement begins ──────────────────────────────────────────────────────────────────────

    def _start(self, entry: ast.Command, holder: Holder) -> Iterator[Completion]:
        word = self.spot.word
        before = self.text[max(0, word.start - _LONGEST_BLANK) : word.start]
        if _STARTS.search(before) is None:
            return  # another statement ends on this line
        has_rest = bool(entry.operands or entry.options or entry.block)
        match holder.kind:
            case "file":
                yield from verbs(word, _statements(in_file=True), with_forms=not has_rest)
                yield from control_words(word, has_rest=has_rest)
                yield from declaration_words(word, self.file, has_rest=has_rest)
            case "statements":
                in_arm = any(isinstance(node, ast.Arm) for node in self.spot.path)
                yield from verbs(word, _statements(in_arm=in_arm), with_forms=not has_rest)
                yield from control_words(word, has_rest=has_rest)
            case "test":
                around = holder.owner.verb.text if isinstance(holder.owner, ast.Command) else None
                yield from test_words(word, around, has_rest=has_rest)
            case "option":
                given = {name for each in holder.entries if each is not entry for name in _named(each)}
                yield from self.proposer.options(holder.settings, given, is_block=True)
            case "statement" if holder.spec is not None:
                yield from self._in_block(entry, holder, holder.spec, has_rest=has_rest)
            case _:
                pass

    def _in_block(
        self, entry: ast.Node, holder: Holder, spec: StatementSpec, *, has_rest: bool
    ) -> Iterator[Completion]:
        """Propose what belongs to a statement: options, the prompts of a question, arms."""
        word = self.spot.word
        if isinstance(holder.owner, ast.Command):
            accepted = accepted_by(holder.owner, spec, self.scope, entry)
            yield from self.proposer.options(accepted.settings, accepted.given | accepted.operands, is_block=True)
        if spec.block == "prompts" and isinstance(holder.owner, ast.Command):
            prompts = (each for each in known_verbs() if _is_prompt(each))
            yield from verbs(word, prompts, with_forms=not has_rest)
            yield from control_words(word, has_rest=has_rest, in_question=True)
        yield from branching.arms(word, spec, self._all_entries(holder), has_rest=has_rest)

    def _all_entries(self, holder: Holder) -> Sequence[ast.Node]:
        """Return the entries of a question's block, also where the position is in a condition inside it."""
        owner = holder.owner
        block = None if owner is None else owner.block
        return holder.entries if block is None else block.entries

    # ── Statements ────────────────────────────────────────────────────────────────────────────────────

    def _in_statement(self, node: ast.Command | ast.Default, inner: Sequence[ast.Node]) -> Iterator[Completion]:
        """Propose in a statement on its line: words, operands, options and their values."""
        first = inner[0]
        if isinstance(node, ast.Default) and first is node.verb:
            yield from verbs(self.spot.word, filter(_has_defaults, known_verbs()), with_forms=False)
            return
        spec = spec_for(node)
        if spec is None:
            return
        if isinstance(first, ast.Option):
            accepted = accepted_by(node, spec, self.scope, first)
            if inner[1] is first.name:
                yield from self.proposer.options(accepted.settings, accepted.given | accepted.operands, is_named=True)
            else:
                yield from self._value(accepted.settings, first, inner[1:], language_of(node, accepted, self.file))
            return
        accepted = accepted_by(node, spec, self.scope, first)
        if spec.kind == "verb" and isinstance(node, ast.Command):
            yield from self._operand_of_verb(node, accepted, inner)
        elif isinstance(first, ast.Name):
            yield from self._operand_of_action(node, accepted, first)
        else:
            yield from self.proposer.names(self.names.readable())

    def _operand_of_action(
        self, node: ast.Command | ast.Default, accepted: Accepted, marker: ast.Name
    ) -> Iterator[Completion]:
        at = next(index for index, each in enumerate(node.operands) if each is marker)
        operand = None if accepted.form is None else accepted.form.operand
        if isinstance(node, ast.Command) and at and at - 1 in node.listed and operand is not None:
            yield from self.proposer.values(operand.option, None)
            return
        yield from self._words(node, accepted, at)
        if accepted.lacks_word:
            return
        if isinstance(node, ast.Default):
            yield from self._tags(node, accepted)
        elif operand is not None and not accepted.has_operand:
            yield from self.proposer.values(operand.option, None, is_operand=True)
        yield from self.proposer.options(accepted.settings, accepted.given | accepted.operands)

    def _words(self, node: ast.Command | ast.Default, accepted: Accepted, at: int) -> Iterator[Completion]:
        """Propose the words after a verb, if only such words are before the position."""
        spec, chooser = accepted.spec, accepted.spec.chooser
        before = node.operands[:at]
        start = node.operands[at].span.start
        is_plain = all(isinstance(each, ast.Name) and each.text in spec.words for each in before)
        if any(option.span.start < start for option in node.options) or not is_plain:
            return
        if chooser is None or (chooser.variants and before):
            return
        for number, name in enumerate(spec.words):
            if name not in accepted.words:
                docs = word_docs(spec, name)
                detail = f"{spec.name} {name}"
                yield Completion(name, "keyword", self.spot.word, name, detail, docs, sort=f"0{number}")

    def _tags(self, node: ast.Default, accepted: Accepted) -> Iterator[Completion]:
        """Propose the languages that a `default` may be bound to."""
        is_spoken = any(setting.option.kind == VOICE_LANGUAGE for setting in accepted.settings.values())
        if is_spoken and not any(isinstance(each, ast.Tag) for each in node.operands):
            languages = Proposer(self.spot.word, Names({})).languages(VOICE_LANGUAGE)
            yield from (each for each in languages if is_tag(each.label))

    def _operand_of_verb(
        self, node: ast.Command, accepted: Accepted, inner: Sequence[ast.Node]
    ) -> Iterator[Completion]:
        """Propose an operand of a statement of the language, by its role, and its options."""
        first = inner[0]
        roles = operand_roles(node, accepted.spec, accepted.settings, self.scope)
        at = next(index for index, each in enumerate(node.operands) if each is first)
        role = roles[at]
        if isinstance(first, ast.Ref) and role is not None and role.kind == "step":
            yield from self._step(first.name, inner[-1], _arguments_of(first))
            return
        if not isinstance(first, ast.Name):
            yield from self.proposer.names(self.names.readable())
            return
        taken = {each.role for each in roles[:at] if each is not None and not each.many}
        found: dict[str, Completion] = {}
        for operand in accepted.spec.operands:
            is_first = not at or operand.kind != "name"  # a question is named before the words about it
            if operand.role not in taken and (role is operand or not operand.required) and is_first:
                for each in self._role(operand):
                    found.setdefault(each.label, each)
        yield from found.values()
        yield from self.proposer.options(accepted.settings, accepted.given)

    def _role(self, operand: OperandSpec) -> Iterator[Completion]:
        word = self.spot.word
        match operand.kind:
            case "step":
                yield from branching.steps(word, self.scope, has_arguments=False)
            case "word":
                for each in operand.words:
                    yield Completion(each, "keyword", word, each, sort=f"1{each}")
            case "speech" | "text":
                label = f'"{operand.role}"'
                yield Completion(label, "snippet", word, '"$1"', is_snippet=True, sort="0")
                yield from self.proposer.names(self.names.without_secrets(self.names.of_types(_TEXTS)))
            case "name" if not operand.required:
                yield from questions(word, self.scope)
            case "name" | "object":
                pass
            case _:
                yield from self.proposer.names(self.names.without_secrets(self.names.of_types(_TEXTS)))

    # ── Options and their values ──────────────────────────────────────────────────────────────────────

    def _option_in_block(self, option: ast.Option, inner: Sequence[ast.Node], holder: Holder) -> Iterator[Completion]:
        owner, spec = holder.owner, holder.spec
        if spec is None or not isinstance(owner, ast.Command):
            return
        settings = settings_of(holder, option, self.scope)
        accepted = accepted_by(owner, spec, self.scope, option)
        if inner[0] is option.name:
            given = {name for each in holder.entries if each is not option for name in _named(each)}
            given |= accepted.given | accepted.operands if holder.kind == "statement" else set()
            yield from self.proposer.options(settings, given, is_named=True, is_block=True)
        else:
            yield from self._value(settings, option, inner, language_of(owner, accepted, self.file))

    def _value(
        self, settings: Mapping[str, OptionSlot], option: ast.Option, inner: Sequence[ast.Node], language: str | None
    ) -> Iterator[Completion]:
        """Propose the value of an option, or part of it."""
        setting = settings.get(option.name.text)
        spec = None if setting is None else value_spec(setting.option, inner)
        if spec is not None and spec.kind == "step":
            yield from branching.steps(self.spot.word, self.scope, has_arguments=False)
        elif spec is not None and spec.kind != "name":
            is_grouped = isinstance(inner[0], ast.Group)
            yield from self.proposer.values(spec, language, is_grouped=is_grouped)
        elif spec is None:
            is_sent = setting is not None and setting.option.schema.get("x-secret") is True
            yield from values(self.proposer, is_sent=is_sent)

    # ── Arms and declarations ─────────────────────────────────────────────────────────────────────────

    def _arm(self, arm: ast.Arm, inner: Sequence[ast.Node], holder: Holder) -> Iterator[Completion]:
        word, target = self.spot.word, arm.target
        if isinstance(inner[0], ast.Jump):
            jump = inner[0]
            if inner[1] is jump.name:
                arrow = "" if "_ARROW" in kinds_before(self.text, self.spot, arm) else "-> "
                for each in self._targets(has_arguments=jump.arguments is not None):
                    yield replace(each, insert=f"{arrow}{each.insert}")
            else:
                yield from self._step(jump.name, inner[-1], jump.arguments or ())
        elif inner[0] is target and isinstance(target, ast.Command):
            if inner[1] is target.verb:
                yield from branching.ready_made(word)
                yield from verbs(word, _others(), with_forms=False)
            else:
                yield from self._in_statement(target, inner[1:])
        elif inner[0] is target:
            yield from self.proposer.names(self.names.readable())
        elif holder.spec is not None:
            has_rest = "->" in rest_of_line(self.text, self.spot)
            yield from branching.arms(word, holder.spec, self._all_entries(holder), has_rest=has_rest)

    def _targets(self, *, has_arguments: bool) -> Iterator[Completion]:
        """Propose where an arm can lead: only steps have arguments."""
        yield from branching.steps(self.spot.word, self.scope, has_arguments=has_arguments)
        if not has_arguments:
            yield from branching.ready_made(self.spot.word)
            yield from verbs(self.spot.word, _others())

    def _step(self, name: ast.Word, marker: ast.Node, given: Sequence[ast.Value]) -> Iterator[Completion]:
        """Propose the name of a step that has arguments, or one of them."""
        index = next((at for at, each in enumerate(given) if each is marker), None)
        if name is marker:
            yield from branching.steps(self.spot.word, self.scope, has_arguments=True)
        elif index is not None:
            yield from branching.arguments(self.proposer, self.scope, name.text, index)
        else:
            yield from self.proposer.names(self.names.readable())

    def _declaration(self, node: ast.Param | ast.Arg | ast.Let, inner: Sequence[ast.Node]) -> Iterator[Completion]:
        first = inner[0]
        if first is node.name:
            return
        proposer = Proposer(self.spot.word, self.names.without(node.name.text))
        if isinstance(node, ast.Let):
            kind = "" if isinstance(first, ast.Name) else "expression"
            yield from value_proposals(proposer, kind)
        elif first is node.type:
            yield from param_types(self.spot.word)
        elif isinstance(first, ast.Name):
            yield from value_proposals(proposer, node.type.text)


def settings_of(holder: Holder, option: ast.Option, scope: Scope) -> Mapping[str, OptionSlot]:
    """Return the options that a block can have in which an option is."""
    if holder.kind == "option" or holder.spec is None or not isinstance(holder.owner, ast.Command):
        return holder.settings
    return accepted_by(holder.owner, holder.spec, scope, option).settings


def value_spec(option: OptionSpec, inner: Sequence[ast.Node]) -> OptionSpec | None:
    """Return the option whose whole value is at the end of a path that begins with a value; None for a part of one."""
    match inner:
        case [ast.List(), ast.Name() | ast.Text(), *rest] if not any(isinstance(each, ast.Name) for each in rest):
            return option.item if option.item is not None and not option.single else None
        case [ast.Group(), ast.Name()] | [ast.Name()] | [ast.Text(), *_]:
            return option
        case _:
            return None


def _arguments_of(ref: ast.Ref) -> Sequence[ast.Value]:
    return next((each.values for each in ref.trailers if isinstance(each, ast.Arguments)), ())


def _named(entry: ast.Node) -> Iterator[str]:
    if isinstance(entry, ast.Option):
        yield entry.name.text
    elif isinstance(entry, ast.Command):
        yield entry.verb.text


def _statements(*, in_file: bool = False, in_arm: bool = False) -> list[str]:
    """Return the verbs of statements: `fallback` is of the file, and what asks a question again is of its arms."""
    again = targets() - {"hangup"}
    return [name for name in known_verbs() if (in_arm or name not in again) and (in_file or name != "fallback")]


def _others() -> list[str]:
    """Return the verbs of statements that are targets of arms, but no ready-made ones."""
    return [name for name in _statements() if name not in targets()]


def _has_defaults(verb: str) -> bool:
    spec = spec_of(verb)
    return spec is not None and bool(spec.options) and verb not in targets()


def _is_prompt(verb: str) -> bool:
    spec = spec_of(verb)
    return spec is not None and spec.kind == "action" and definition(verb).get("x-role") == "prompt"
