"""Evaluate the value of an option: a bare word that the option knows means itself, all else is an expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.bare_words import no_such_word
from ncco_lang.program.expression_facts import NoBaseUrl, SecretRead
from ncco_lang.program.expressions import Folder
from ncco_lang.program.model import Slot
from ncco_lang.program.positions import Positions
from ncco_lang.program.value_types import check_type
from ncco_lang.program.values import UNFIT, Deferred, Invalid, Known
from ncco_lang.program.wire import WireWriter
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.values.data import Word
from ncco_lang.values.escape import Place
from ncco_lang.vocabulary.kinds import ADDRESSES, LANGUAGES, TONES, URL_GLOB, WEB_ADDRESSES
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.option_specs import OptionSpec, enum_value
from ncco_lang.vocabulary.phrases import Guesses
from ncco_lang.vocabulary.speech import corrected_tag, written_tag
from ncco_lang.vocabulary.statement_specs import OptionSlot

if TYPE_CHECKING:
    from ncco_lang.program.bindings import Scope
    from ncco_lang.program.context import Context
    from ncco_lang.program.values import Value


class OptionValues:
    """Evaluates the values of one file, each for its option.

    Attributes:
        folder: folds expressions, with the names of the file.
        wires: converts values to JSON.
        found: the findings.
    """

    __slots__ = ("_base_url", "_having_base_url", "folder", "found", "positions", "source", "wires")

    def __init__(self, folder: Folder, base_url: str | None, having_base_url: Sequence[str]) -> None:
        self.folder = folder
        self.source: Source = folder.names.source
        self.found: list[Diagnostic] = folder.names.diagnostics
        self.positions = Positions(folder)
        self.wires = WireWriter(self.source, self.positions, self.found)
        self._base_url = base_url
        self._having_base_url = having_base_url

    def slot(self, setting: OptionSlot, node: ast.Value, name: ast.Word | None, key: Span, context: Context) -> Slot:
        """Return the slot of an option with its value."""
        value = self.value(setting.option, node, context)
        if type(value) is Deferred and not setting.option.schema.get("x-secret"):
            self._check_secret(value)
        return self.slot_of(setting, value, key, name)

    def slot_of(self, setting: OptionSlot, value: Value, key: Span, name: ast.Word | None = None) -> Slot:
        """Return the slot of an option with a value that is evaluated already."""
        wire: Any = UNFIT
        if type(value) is Known:
            wire = self.wires.option(setting.option, value)
        elif type(value) is Deferred:
            self.found += check_type(self.source, setting.option, value)
        return Slot(setting.option, setting.path, value, wire, name, key, value.node.span)

    @property
    def guesses(self) -> Guesses:
        """Guesses what the author means by a misspelt name."""
        return self.folder.names.guesses

    def fold(self, node: ast.Value, context: Context, place: Place = "plain", *, is_kept: bool = False) -> Value:
        """Return the value of an expression, which may read no secret.

        Args:
            is_kept: the value stays inside of the call, so it may read a secret answer.
        """
        value = self._fold(node, context, place)
        self._check_secret(value, is_kept=is_kept)
        return value

    def _fold(self, node: ast.Value, context: Context, place: Place) -> Value:
        return self.folder.fold(node, place, context.names if context.is_in_call else None)

    def operand(self, kind: str, node: ast.Value, context: Context) -> Value:
        """Return the value of an operand of the language's own statements, by its kind in the vocabulary."""
        return self.fold(node, context, place_of_kind(kind))

    def _check_secret(self, value: Value, *, is_kept: bool = False) -> None:
        if type(value) is Deferred:
            read = value.secret if value.secret is not None or is_kept else value.answer
            if read is not None:
                self.folder.names.report(value.node.span, SecretRead(name=read))

    def arguments(self, node: ast.Ref, context: Context) -> list[Value]:
        """Return the arguments of a step: `book(slot)`."""
        given = [trailer for trailer in node.trailers if isinstance(trailer, ast.Arguments)]
        return [self.fold(value, context, is_kept=True) for trailer in given for value in trailer.values]

    def value(self, option: OptionSpec, node: ast.Value, context: Context) -> Value:
        """Return the value that is written for an option."""
        if isinstance(node, ast.Missing):
            return Invalid(node)
        if option.kind in ("name", "step") and isinstance(node, ast.Name):
            return Known(Word(node.text), node)
        if option.kind == "step" and isinstance(node, ast.Ref):
            self.arguments(node, context)  # for their findings
            return Known(Word(node.name.text), node)
        if type(node) is ast.Name:
            if is_word(option, node.text, context.names):
                return Known(Word(node.text), node)
            item = option.written
            is_unknown = node.text and not (node.text in context.names or node.text in words_in("values"))
            if is_unknown and not (item.kind in LANGUAGES and corrected_tag(node.text)):
                self.found.append(no_such_word(self.source, item, node.span, context.names, self.guesses))
                return Invalid(node)
        option = option.written
        value = self._fold(node, context, place_of_option(option))
        if type(value) is Known and option.kind in WEB_ADDRESSES:
            data = value.data
            if type(data) is str and data.startswith("/"):
                return self._below(data, node)
        return value

    def _below(self, address: str, node: ast.Value) -> Value:
        """Return an address that begins with a slash with the base URL before it."""
        if self._base_url is not None:
            return Known(self._base_url.rstrip("/") + address, node)
        self.folder.names.report(node.span, NoBaseUrl(profiles=tuple(self._having_base_url)))
        return Invalid(node)


def is_word(option: OptionSpec, word: str, names: Scope) -> bool:
    """Return whether a bare word means itself: the option knows it, or no declaration has that name."""
    item = option.written
    if item.enum:
        return word not in names or enum_value(item, word, bare=True) is not None
    table = LANGUAGES.get(item.kind or "")
    return (
        table is not None
        and corrected_tag(word) is None
        and (word not in names or written_tag(word, table) is not None)
    )


def place_of_option(option: OptionSpec) -> Place:
    """Return the place of the text of an option, which decides how values in it are escaped."""
    return place_of_kind(option.kind)


def place_of_kind(kind: str | None) -> Place:
    """Return the place of a text of a kind."""
    if kind == "speech":
        return "speech"
    if kind == TONES:
        return "tones"
    return "url" if kind in ADDRESSES or kind == URL_GLOB else "plain"
