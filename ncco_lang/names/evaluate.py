"""Evaluate expressions to literals: names are replaced by their values, and interpolations are inserted into texts.

A value that is known only during a call gets one finding, "not in this version", and becomes `Missing`, as does every
value with another finding: later passes do not report it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from ncco_lang.diagnostics import Diagnostic, Edit, Fix, Rule
from ncco_lang.names.interpolate import EscapeContext, escape_context_of, escaped, spoken
from ncco_lang.names.literals import kind_of, with_span
from ncco_lang.names.operators import calculate, negate
from ncco_lang.names.params import check_default, given_value, missing_value
from ncco_lang.names.rules import ENDLESS_NAME, NO_SUCH_PART, SECRET_IN_NCCO, TOO_MUCH, UNKNOWN_NAME, WRONG_OPERAND
from ncco_lang.names.symbols import Declared, word_of
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.depth import DEEPEST_DATA
from ncco_lang.syntax.recovery.mistakes.spelling import meant_name
from ncco_lang.syntax.syntax_rules import finding, not_yet
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.phrases import did_you_mean
from ncco_lang.vocabulary.speech import corrected_tag

LONGEST_TEXT = 64 * 1024
"""Characters of one text after interpolation (language description, bounds: 64 KiB of compile-time text)."""
MOST_VALUES = 10_000
"""Values in one list or object, including those of nested lists and objects each time they are read."""
LONGEST_CHAIN = 100
"""The longest chain of names in which each is made of the next."""

_QUOTES = "declare it: let {name} = …, or put a text in quotes"
_FIELD = "declare its table: let {name} = …, or write {{{{ for a brace that is meant"
_BRACE = "declare it: param {name}: text = …, or write {{{{ for a brace that is meant"


class Evaluator:
    """Evaluates the values of one file.

    Attributes:
        names: the declarations of the file.
        given: values for its params.
        diagnostics: the findings so far.
        used: names that a statement read.
    """

    def __init__(self, source: Source, names: Mapping[str, Declared], given: Mapping[str, Given]) -> None:
        self.source = source
        self.names = names
        self.given = given
        self.diagnostics: list[Diagnostic] = []
        self.used: set[str] = set()
        self._used_by: dict[str, set[str]] = {}
        self._is_too_long = False
        self._values: dict[str, ast.Value] = {}
        self._open: list[str] = []
        self._measures: dict[int, tuple[Any, int, int]] = {}

    def fold(self, value: ast.Value, escape_context: EscapeContext = "plain") -> ast.Value:
        """Return a value as a literal; `Missing`, with a finding, if it cannot be known."""
        match value:
            case ast.Text():
                return self._text(value, escape_context)
            case ast.Name():
                return self._name(value.text, value.span)
            case ast.List():
                items = tuple([self.fold(item) for item in value.items])
                return value if items == value.items else self._bounded(ast.List(value.span, items))
            case ast.Object():
                return self._object(value)
            case ast.Group():
                return self.fold(value.value, escape_context)
            case ast.Ref():
                return self._ref(value)
            case ast.Unary():
                return self._unary(value)
            case ast.Chain():
                return self._chain(value)
            case (
                ast.Number()
                | ast.Duration()
                | ast.Tag()
                | ast.Constant()
                | ast.Key()
                | ast.Date()
                | ast.TimeRange()
                | ast.Range()
                | ast.Missing()
            ):
                return value
            case _:
                assert_never(value)

    def report(
        self, rule: Rule, span: Span, message: str, *, hint: str | None = None, fix: Fix | None = None
    ) -> ast.Missing:
        """Add a finding, and return the value to put in place of the faulty one."""
        self.diagnostics.append(finding(rule, self.source, span, message, hint=hint, fix=fix))
        return ast.Missing(span)

    def later(self, span: Span, what: str, today: str | None) -> ast.Missing:
        """Add a finding that this version does not compile something; the arguments are those of `not_yet`."""
        self.diagnostics.append(not_yet(self.source, span, what, today))
        return ast.Missing(span)

    # ── Names ─────────────────────────────────────────────────────────────────────────────────────────

    def value_of(self, name: str) -> ast.Value:
        """Return the value of a declared name, evaluated once."""
        (self._used_by.setdefault(self._open[-1], set()) if self._open else self.used).add(name)
        return self._folded(name)

    def fold_declared(self) -> None:
        """Evaluate the declarations in the order of the file, so that names above are known without recursion."""
        for name, declaration in self.names.items():
            if isinstance(declaration, (ast.Param, ast.Let)):
                self._folded(name)

    def read_names(self) -> set[str]:
        """Return the names that statements read, and the names that these are made of."""
        found: set[str] = set()
        waiting = list(self.used)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._used_by.get(name, ())
        return found

    def _folded(self, name: str) -> ast.Value:
        if name not in self._values:
            self._open.append(name)
            self._values[name] = ast.Missing(self.names[name].span)
            self._values[name] = self._declared(self.names[name])
            self._open.pop()
        return self._values[name]

    def _declared(self, declaration: Declared) -> ast.Value:
        if isinstance(declaration, ast.Let):
            return self.fold(declaration.value)
        if not isinstance(declaration, ast.Param):
            what = f'the name "{declaration.name.text}" as a value'
            return self.later(declaration.name.span, what, words_in("statements")[word_of(declaration)].today)
        given = self.given.get(declaration.name.text)
        if given is not None:
            value, found = given_value(self.source, declaration, given)
            self.diagnostics += found
            return value if value is not None else ast.Missing(declaration.span)
        if declaration.value is None and not declaration.type.text:
            return ast.Missing(declaration.span)
        if declaration.value is None:
            self.diagnostics.append(missing_value(self.source, declaration))
            return ast.Missing(declaration.span)
        word = declaration.value
        # `ar` and `zh` are languages and plain words, so such a default is not a reference.
        is_word = isinstance(word, ast.Name) and word.text not in self.names and corrected_tag(word.text) is None
        is_word = is_word and declaration.type.text == "language"
        if (
            isinstance(word, ast.Name)
            and word.text not in self.names
            and declaration.type.text in ("text", "phone", "url")
        ):
            return self._unknown(word.text, word.span, is_text=True)
        value = word if is_word else self.fold(word)
        wrong = list(check_default(self.source, declaration, value))
        self.diagnostics += wrong
        return ast.Missing(declaration.span) if wrong else value

    def _name(self, name: str, span: Span, instead: str = _QUOTES) -> ast.Value:
        if name not in self.names:
            return self._unknown(name, span, instead)
        if name in self._open:
            through = self._open[self._open.index(name) + 1 :][:4]
            round_about = f", by way of {' and '.join(through)}" if through else ""
            return self.report(ENDLESS_NAME, span, f"{name} is made of itself{round_about}")
        if len(self._open) > LONGEST_CHAIN and name not in self._values:
            if self._is_too_long:
                return ast.Missing(span)
            self._is_too_long = True
            message = f"more than {LONGEST_CHAIN} names are made of each other here, each of one below it"
            return self.report(ENDLESS_NAME, span, message, hint="put what a name is made of above it")
        declaration = self.names[name]
        value = self.value_of(name)
        if isinstance(value, ast.Missing):
            return ast.Missing(span)
        if isinstance(declaration, ast.Param) and declaration.type.text == "secret":
            hint = "secrets are read while a call runs, which this version does not compile"
            return self.report(SECRET_IN_NCCO, span, f"the secret {name} would be written into the NCCO", hint=hint)
        return with_span(value, span)

    def _unknown(self, name: str, span: Span, instead: str = _QUOTES, *, is_text: bool = False) -> ast.Missing:
        if not name:
            return ast.Missing(span)
        if (known := words_in("values").get(name)) is not None:
            return self.later(span, f"the value {name}", known.today)
        tag = corrected_tag(name)
        if tag is not None:
            return self._report_tag(tag, span)
        near = did_you_mean(name, self.names)
        if near is not None:
            fix = Fix(f'write "{near}"', (Edit(span, near),), unsafe=True)
            return self.report(
                UNKNOWN_NAME, span, f'nothing is named "{name}"', hint=f'did you mean "{near}"?', fix=fix
            )
        hint = instead.format(name=name)
        quoted = Fix("put it in quotes", (Edit(span, f'"{name}"'),), unsafe=True) if is_text else None
        return self.report(UNKNOWN_NAME, span, f'nothing is named "{name}"', hint=hint, fix=quoted)

    def _joined(self, chain: ast.Chain) -> str | None:
        """Return `my-shop` for names and numbers between dashes that are one word; None for a calculation."""
        parts = [operand.text for operand in chain.operands if isinstance(operand, (ast.Name, ast.Number))]
        if len(parts) < len(chain.operands) or any(operator.text != "-" for operator in chain.operators):
            return None
        joined = "-".join(parts)
        is_one = joined == self.source.text[slice(*chain.span)] or corrected_tag(joined) is not None
        return joined if is_one and self.names.keys().isdisjoint(parts) and not joined[0].isdigit() else None

    def _unknown_joined(self, joined: str, span: Span) -> ast.Missing:
        """Add a finding for words with dashes between them, none of which is declared: one misspelt word."""
        tag, name = corrected_tag(joined), meant_name(joined)
        if tag is not None:
            return self._report_tag(tag, span)
        message, hint = f'nothing is named "{joined}"', _QUOTES.format(name=name)
        near = did_you_mean(name, self.names)
        if near is None:
            return self.report(UNKNOWN_NAME, span, message, hint=hint)
        fix = Fix(f'write "{near}"', (Edit(span, near),), unsafe=True)
        return self.report(UNKNOWN_NAME, span, message, hint=f'did you mean "{near}"?', fix=fix)

    def _report_tag(self, tag: str, span: Span) -> ast.Missing:
        return self.report(
            UNKNOWN_NAME, span, f"a language tag is written {tag}", fix=Fix(f"write {tag}", (Edit(span, tag),))
        )

    # ── Values with values in them ────────────────────────────────────────────────────────────────────

    def _text(self, text: ast.Text, escape_context: EscapeContext) -> ast.Value:
        if not any(isinstance(piece, ast.Interpolation) for piece in text.pieces):
            return text
        escape_context = escape_context_of(text, escape_context)
        pieces: list[ast.Piece] = []
        length = 0
        is_known = True
        for index, piece in enumerate(text.pieces):
            if isinstance(piece, ast.Interpolation):
                said = spoken(self.source, piece, self._in_text(piece.value))
                if not isinstance(said, str):
                    self.diagnostics += () if said is None else (said,)
                    is_known = False
                    continue
                written = said if escape_context == "url" and index == 0 else escaped(said, escape_context)
                piece = ast.Piece(piece.span, written, written)
            pieces.append(piece)
            length += len(piece.value)
        if length > LONGEST_TEXT:
            message = f"this text has more than {LONGEST_TEXT} characters with all that is read into it"
            return self.report(TOO_MUCH, text.span, message)
        return ast.Text(text.span, tuple(pieces), text.is_long) if is_known else ast.Missing(text.span)

    def _in_text(self, value: ast.Value) -> ast.Value:
        """Return the value between the braces of a text; the author may not mean an unknown word there as a name."""
        if isinstance(value, ast.Name):
            return self._name(value.text, value.span, _BRACE)
        return self._ref(value, _FIELD) if isinstance(value, ast.Ref) else self.fold(value)

    def _object(self, value: ast.Object) -> ast.Value:
        pairs = []
        for pair in value.pairs:
            key, inner = self.fold(pair.key), self.fold(pair.value)
            is_same = key is pair.key and inner is pair.value
            if isinstance(key, ast.Text):
                pairs.append(pair if is_same else ast.Pair(pair.span, key, inner))
        folded = tuple(pairs)
        return value if folded == value.pairs else self._bounded(ast.Object(value.span, folded))

    def _bounded(self, value: ast.List | ast.Object) -> ast.Value:
        """Return a list or object with evaluated items, unless it has become too large."""
        size, depth = self._measure(value)
        if size > MOST_VALUES:
            return self.report(TOO_MUCH, value.span, f"more than {MOST_VALUES} values have come together here")
        if depth > DEEPEST_DATA:
            return self.report(TOO_MUCH, value.span, f"lists and objects have come to nest deeper than {DEEPEST_DATA}")
        return value

    def _measure(self, value: ast.Value) -> tuple[int, int]:
        """Return the number of values in a value, with itself, and their depth; each list is counted once."""
        if not isinstance(value, (ast.List, ast.Object)):
            return 1, 0
        inside = value.items if isinstance(value, ast.List) else value.pairs
        if id(inside) not in self._measures:
            inner = [self._measure(part.value if isinstance(part, ast.Pair) else part) for part in inside]
            size, depth = 1 + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)
            # The tuple is kept, so that no other object gets its id.
            self._measures[id(inside)] = (inside, size, depth)
        return self._measures[id(inside)][1:]

    def _ref(self, ref: ast.Ref, instead: str = _QUOTES) -> ast.Value:
        name, first = ref.name.text, ref.trailers[0]
        if isinstance(first, ast.Arguments):
            return self._call(ref, first)
        if (known := words_in("values").get(name)) is not None:
            return self.later(ref.span, f"the value {_shown(self.source, ref.span)}", known.today)
        value = self._name(name, ref.name.span, instead)
        for trailer in ref.trailers:
            if isinstance(value, ast.Missing):
                return ast.Missing(ref.span)
            if isinstance(trailer, ast.Arguments):
                message = f"{_shown(self.source, ref.span)} is a value, not something that can be called"
                return self.report(WRONG_OPERAND, trailer.span, message)
            value = self._part(value, trailer)
        return with_span(value, ref.span)

    def _part(self, value: ast.Value, trailer: ast.Field | ast.Index) -> ast.Value:
        if isinstance(trailer, ast.Field):
            which: ast.Value = ast.Text(trailer.name.span, (ast.Piece(trailer.name.span, trailer.name.text, ""),))
        else:
            which = self.fold(trailer.value)
        if isinstance(which, ast.Missing):
            return which
        if isinstance(value, ast.Object) and isinstance(which, ast.Text):
            for pair in value.pairs:
                if pair.key.value == which.value:
                    return pair.value
            keys = [pair.key.value for pair in value.pairs]
            near = did_you_mean(which.value, keys)
            hint = f'did you mean "{near}"?' if near else f"it has {', '.join(keys[:10])}" if keys else None
            return self.report(NO_SUCH_PART, trailer.span, f'there is no "{which.value}" in it', hint=hint)
        if isinstance(value, ast.List) and isinstance(which, ast.Number):
            index = which.value
            if isinstance(index, int) and 0 <= index < len(value.items):
                return value.items[index]
            hint = f"it has {len(value.items)}, counted from 0"
            return self.report(NO_SUCH_PART, trailer.span, f"there is no item {which.text} in this list", hint=hint)
        message = f"{kind_of(value)} has no part that {kind_of(which)} names"
        hint = None
        if isinstance(value, ast.List):
            hint = "its items are counted from 0: [0] is the first"
        elif isinstance(value, ast.Object) and value.pairs:
            hint = f"its parts have names: {', '.join(pair.key.value for pair in value.pairs[:10])}"
        return self.report(NO_SUCH_PART, trailer.span, message, hint=hint)

    def _call(self, ref: ast.Ref, arguments: ast.Arguments) -> ast.Value:
        name, functions = ref.name.text, words_in("functions")
        if name not in functions:
            near = did_you_mean(name, functions)
            hint = f'did you mean "{near}"?' if near else "length is the one that is known when compiling"
            return self.report(UNKNOWN_NAME, ref.name.span, f'there is no function "{name}"', hint=hint)
        if functions[name].planned or len(ref.trailers) > 1:
            return self.later(ref.span, f"the value {_shown(self.source, ref.span)}", functions[name].today)
        values = [self.fold(value) for value in arguments.values]
        if any(isinstance(value, ast.Missing) for value in values):
            return ast.Missing(ref.span)
        only = values[0] if len(values) == 1 else None
        if isinstance(only, ast.List):
            return ast.Number(ref.span, str(len(only.items)))
        if isinstance(only, ast.Text):
            return ast.Number(ref.span, str(len(only.value)))
        return self.report(WRONG_OPERAND, arguments.span, "length takes one list or one text")

    def _unary(self, value: ast.Unary) -> ast.Value:
        operand = self.fold(value.operand)
        if isinstance(operand, ast.Missing):
            return ast.Missing(value.span)
        result = negate(value.operator.text, operand, value.span)
        if result is not None:
            return result
        message = f"{value.operator.text} does not go with {kind_of(operand)}"
        return self.report(WRONG_OPERAND, value.span, message)

    def _chain(self, chain: ast.Chain) -> ast.Value:
        joined = self._joined(chain)
        if joined is not None:
            return self._unknown_joined(joined, chain.span)
        operands = [self.fold(operand) for operand in chain.operands]
        if any(isinstance(operand, ast.Missing) for operand in operands):
            return ast.Missing(chain.span)
        result = operands[0]
        for operator, operand in zip(chain.operators, operands[1:], strict=True):
            if (known := words_in("operators").get(operator.text)) is not None:
                return self.later(chain.span, f'"{operator.text}"', known.today)
            found = calculate(operator.text, result, operand, chain.span)
            if found is None:
                if operator.text == "/" and isinstance(operand, ast.Number) and isinstance(result, ast.Number):
                    return self.report(WRONG_OPERAND, operator.span, "nothing can be divided by 0")
                message = f"{operator.text} does not go between {kind_of(result)} and {kind_of(operand)}"
                return self.report(WRONG_OPERAND, operator.span, message)
            result = found
        return result


def _shown(source: Source, span: Span) -> str:
    written = " ".join(source.text[span.start : span.end].split())
    return written if len(written) <= 40 else written[:39] + "…"
