"""The values of the names of a file, each evaluated once, and findings about names that have none.

A value that only a call can know gets one finding, "not in this version".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix
from ncco_lang.program import expression_facts as facts
from ncco_lang.program.declarations import Declared, word_of
from ncco_lang.program.params import check_default, given_value, missing_value, secret_variable
from ncco_lang.program.values import UNFIT
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.ast.walk import nodes
from ncco_lang.syntax.recovery.mistakes.spelling import meant_name
from ncco_lang.syntax.syntax_rules import not_yet
from ncco_lang.values.data import UNDEFINED, Word
from ncco_lang.values.environment import Unknown
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.language_words import elsewhere, words_in
from ncco_lang.vocabulary.phrases import Guesses
from ncco_lang.vocabulary.speech import corrected_tag

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Binding, Scope

LONGEST_CHAIN = 100
"""The longest chain of names in which each is made of the next."""

_CONSTANTS = frozenset({"true", "false", "null"})
_IN_CALL: Final[Mapping[str, str | None]] = {"language": "language", "now": "text", "call": "table"}
"""The values that every call has, each with its type."""


class NameValues:
    """The params and lets of one file.

    Attributes:
        declared: the declarations of the file.
        given: values for its params.
        diagnostics: the findings so far.
        secret: the last secret of the server that an expression has read.
        answer: the name of the last secret answer that an expression has read.
        guesses: guesses what the author means by a misspelt name.
    """

    def __init__(
        self,
        source: Source,
        declared: Mapping[str, Declared],
        given: Mapping[str, Given],
        fold: Callable[[ast.Value], Any],
        imported: Collection[str] = (),
        outer: NameValues | None = None,
    ) -> None:
        """Make the names of a file.

        Args:
            fold: returns the data of an expression, or `UNFIT`.
            imported: the names of `use`.
            outer: the names of the flow that a file of tests is about.
        """
        self.source = source
        self.declared = declared
        self.given = given
        self.diagnostics: list[Diagnostic] = []
        self.guesses = Guesses()
        self.secret: str | None = None
        self.answer: str | None = None
        self._fold = fold
        self._imported = imported
        self._outer = outer
        self._used: set[str] = set()
        self._used_by: dict[str, set[str]] = {}
        self._is_too_long = False
        self._values: dict[str, Any] = {}
        self._open: list[str] = []

    def report(self, span: Span, facts: Facts, *, fix: Fix | None = None) -> Any:
        """Add a finding, and return the data to put in place of the faulty value."""
        self.diagnostics.append(flow_finding(self.source, span, facts, fix=fix))
        return UNFIT

    def later(self, span: Span, what: str, today: str | None) -> Any:
        """Add a finding that this version does not compile something; the arguments are those of `not_yet`."""
        self.diagnostics.append(not_yet(self.source, span, what, today))
        return UNFIT

    def value_of(self, name: str) -> Any:
        """Return the value of a declared name."""
        (self._used_by.setdefault(self._open[-1], set()) if self._open else self._used).add(name)
        if name not in self._values:
            self._evaluate(name)
        return self._values[name]

    def fold_declared(self) -> None:
        """Evaluate the declarations in the order of the file, each after those that it is made of, without recursion."""
        for name, declaration in self.declared.items():
            if isinstance(declaration, (ast.Param, ast.Let)):
                self._prepare(name)

    def defaults_of_args(self) -> dict[str, Any]:
        """Return the defaults of the args by name; a faulty one has its finding, and is left out."""
        found: dict[str, Any] = {}
        for name, declaration in self.declared.items():
            if isinstance(declaration, ast.Arg) and declaration.value is not None:
                self._open.append(name)
                value = self._default_of(declaration, declaration.value)
                self._open.pop()
                if value is not UNFIT:
                    found[name] = value
        return found

    def read_names(self) -> set[str]:
        """Return the names that statements read, and the names that these are made of."""
        found: set[str] = set()
        waiting = list(self._used)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._used_by.get(name, ())
        return found

    def look_up(
        self, name: str, span: Span, unknown: type[facts.UnknownName] = facts.UnknownName, scope: Scope | None = None
    ) -> Any:
        """Return the value of a name that is read at a place; `UNFIT`, with a finding, if it has none.

        Args:
            unknown: the facts of an unknown name.
            scope: the names there, if a call runs what reads the name: one that only the call knows is an `Unknown`.
        """
        if scope is not None:
            binding = scope.find(name)
            if binding is None and name in _IN_CALL:
                return Unknown(_IN_CALL[name], [name]) if name != "call" else self.report(span, facts.WholeCall())
            if binding is not None and (binding.kind not in ("param", "let") or binding.type == "secret"):
                return self._known_by_call(binding, span)
        if name not in self.declared and self._outer is not None and name in self._outer.declared:
            return self._of_flow(self._outer, name, span)
        if name not in self.declared:
            return self._unknown(name, span, unknown, scope)
        if name in self._open:
            through = self._open[self._open.index(name) + 1 :][:4]
            return self.report(span, facts.MadeOfItself(name=name, through=tuple(through)))
        if len(self._open) > LONGEST_CHAIN and name not in self._values:
            if self._is_too_long:
                return UNFIT
            self._is_too_long = True
            return self.report(span, facts.LongChain(most=LONGEST_CHAIN))
        declaration = self.declared[name]
        if isinstance(declaration, ast.Arg):
            return self.report(span, facts.OnlyInCall(written=name))
        value = self.value_of(name)
        if value is not UNFIT and isinstance(declaration, ast.Param) and declaration.type.text == "secret":
            return self.report(span, facts.SecretWritten(name=name))
        return value

    def _of_flow(self, flow: NameValues, name: str, span: Span) -> Any:
        """Return the value of a name of the flow that a file of tests is about."""
        declaration = flow.declared[name]
        if isinstance(declaration, ast.Arg):
            return self.report(span, facts.OnlyInCall(written=name))
        if not isinstance(declaration, (ast.Param, ast.Let)):
            what = f'the name "{name}" as a value'
            return self.later(span, what, words_in("statements")[word_of(declaration)].today)
        if isinstance(declaration, ast.Param) and declaration.type.text == "secret":
            return self.report(span, facts.SecretWritten(name=name))
        return flow.value_of(name)

    def _known_by_call(self, binding: Binding, span: Span) -> Any:
        name = binding.name
        if binding.type == "secret" and binding.kind == "param":
            self.secret = name
            return self.value_of(name)
        if binding.type is not None and binding.type not in words_in("types"):
            return UNFIT  # the unknown type of a parameter has its finding
        if binding.is_secret:
            self.answer = name
        if binding.slot is not None:
            return Unknown(binding.type, ["slot", binding.slot])
        if binding.kind == "step":
            return self.report(span, facts.StepAsValue(name=name))
        return Unknown(binding.type, ["declared", name])

    def joined(self, chain: ast.Chain, scope: Scope | None) -> str | None:
        """Return `my-shop` for names and numbers between dashes that are one word; None for a calculation."""
        parts = [operand.text for operand in chain.operands if isinstance(operand, (ast.Name, ast.Number))]
        if len(parts) < len(chain.operands) or any(operator.text != "-" for operator in chain.operators):
            return None
        joined = "-".join(parts)
        is_one = joined == self.source.text[slice(*chain.span)] or corrected_tag(joined) is not None
        known: Container[str] = self.declared if scope is None else scope
        is_one = is_one and not joined[0].isdigit() and not any(part in known for part in parts)
        return joined if is_one else None

    def unknown_joined(self, joined: str, span: Span, scope: Scope | None) -> Any:
        """Add a finding for words with dashes between them, none of which is declared: one misspelt word."""
        tag, name = corrected_tag(joined), meant_name(joined)
        if tag is not None:
            return self._report_tag(tag, span)
        return self._report_unknown(joined, name, span, facts.UnknownName, scope)

    def _prepare(self, name: str) -> None:
        """Evaluate a name after those that it is made of; the open names are those from the first one to it."""
        waiting = [(name, self._parts(name))]
        self._open.append(name)
        while waiting:
            name, parts = waiting[-1]
            part = next((each for each in parts if each not in self._values and each not in self._open), None)
            if part is not None and len(self._open) <= LONGEST_CHAIN:
                waiting.append((part, self._parts(part)))
                self._open.append(part)
                continue
            waiting.pop()
            self._open.pop()
            self._evaluate(name)

    def _parts(self, name: str) -> Iterator[str]:
        """Yield the params and lets that the value of a name reads."""
        value = getattr(self.declared[name], "value", None)
        for node in () if value is None or name in self._values else nodes(value):
            part = node.text if isinstance(node, ast.Name) else node.name.text if isinstance(node, ast.Ref) else ""
            if isinstance(self.declared.get(part), (ast.Param, ast.Let)):
                yield part

    def _evaluate(self, name: str) -> None:
        if name not in self._values:
            self._open.append(name)
            self._values[name] = UNFIT
            self._values[name] = self._declared(self.declared[name])
            self._open.pop()

    def _declared(self, declaration: Declared) -> Any:
        if isinstance(declaration, ast.Let):
            return self._fold(declaration.value)
        if not isinstance(declaration, ast.Param):
            what = f'the name "{declaration.name.text}" as a value'
            return self.later(declaration.name.span, what, words_in("statements")[word_of(declaration)].today)
        given = self.given.get(declaration.name.text)
        if declaration.type.text == "secret":
            variable, found = secret_variable(self.source, declaration, given)
            self.diagnostics += found
            return UNFIT if variable is None else Unknown("secret", ["secret", variable])
        if given is not None and (given.value is not None or given.is_needed):
            value, found = given_value(self.source, declaration, given)
            self.diagnostics += found
            return UNFIT if value is UNDEFINED else value
        word, kind = declaration.value, declaration.type.text
        if word is None:
            if kind:
                self.diagnostics.append(missing_value(self.source, declaration))
            return UNFIT
        return self._default_of(declaration, word)

    def _default_of(self, declaration: ast.Param | ast.Arg, word: ast.Value) -> Any:
        kind = declaration.type.text
        if isinstance(word, ast.Name) and word.text not in self.declared:
            if kind in ("text", "phone", "url"):
                return self._unknown(word.text, word.span, is_text=True)
            # `ar` and `zh` are languages and plain words, so such a default is not a reference.
            if kind == "language" and corrected_tag(word.text) is None:
                return self._checked(declaration, Word(word.text))
        return self._checked(declaration, self._fold(word))

    def _checked(self, declaration: ast.Param | ast.Arg, value: Any) -> Any:
        if value is UNFIT:
            return UNFIT
        wrong = list(check_default(self.source, declaration, value))
        self.diagnostics += wrong
        return UNFIT if wrong else value

    def _unknown(
        self,
        name: str,
        span: Span,
        unknown: type[facts.UnknownName] = facts.UnknownName,
        scope: Scope | None = None,
        *,
        is_text: bool = False,
    ) -> Any:
        if not name or name in self._imported:
            # The `use` of an imported name has a finding.
            return UNFIT
        if scope is None and name in _IN_CALL:
            return self.report(span, facts.OnlyInCall(written=name))
        tag = corrected_tag(name)
        if tag is not None:
            return self._report_tag(tag, span)
        if name in words_in("values"):
            return self.report(span, facts.OutsideEach(name=name))
        return self._report_unknown(name, name, span, unknown, scope, is_text=is_text)

    def _report_unknown(
        self,
        written: str,
        name: str,
        span: Span,
        unknown: type[facts.UnknownName],
        scope: Scope | None = None,
        *,
        is_text: bool = False,
    ) -> Any:
        value = elsewhere("values").get(name)
        if value in _CONSTANTS or (value is not None and scope is not None and not is_text):
            meant = Fix(f"write {value}", (Edit(span, value),), unsafe=value not in _CONSTANTS)
            return self.report(span, unknown(written=written, name=name, near=value), fix=meant)
        readable = chain(self.declared, () if self._outer is None else self._outer.declared)
        near = self.guesses.meant(name, readable if scope is None else _values_in(scope), scope)
        fix = Fix("put it in quotes", (Edit(span, f'"{name}"'),), unsafe=True) if is_text else None
        if near is not None:
            fix = Fix(f'write "{near}"', (Edit(span, near),), unsafe=True)
        return self.report(span, unknown(written=written, name=name, near=near), fix=fix)

    def _report_tag(self, tag: str, span: Span) -> Any:
        fix = Fix(f"write {tag}", (Edit(span, tag),))
        return self.report(span, facts.MisspeltTag(tag=tag), fix=fix)


def _values_in(scope: Scope) -> Iterator[str]:
    """Yield the names that have a value; a step has none."""
    return (name for name in scope if (found := scope.find(name)) is not None and found.kind != "step")
