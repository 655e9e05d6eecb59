"""Describe a name: its kind and type, its author's comment, its value and the origin of the value, and where it is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.marker import path_to
from ncco_lang.editor.statement_preview import shown, value_of
from ncco_lang.editor.symbol_docs import title_of_name
from ncco_lang.editor.vocabulary_docs import code
from ncco_lang.program.bindings import Binding
from ncco_lang.program.values import UNFIT
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.comments import read_docs
from ncco_lang.vocabulary.language_words import words_in

if TYPE_CHECKING:
    from ncco_lang.program.uses import Use

_MOST_PLACES = 6
_OF_CALL = frozenset({"variable", "result", "question"})


def describe_name(analysis: Analysis, use: Use) -> str:
    """Return the description of a name where it is used, as Markdown."""
    assert analysis.file is not None
    binding = use.binding
    docs = next(
        (text for node, text in read_docs(analysis.file, analysis.source.text).items() if node is binding.node), ""
    )
    if binding.slot is None:
        lines = [f"**{title_of_name(binding)}**", docs, _value(analysis, binding)]
    else:
        lines = _of_call(analysis, use, docs)
    return "\n\n".join(line for line in lines if line)


def _of_call(analysis: Analysis, use: Use, docs: str) -> list[str]:
    """Return the lines about a name whose value only a call knows."""
    # Imported here, because only flows with such names need the blocks.
    from ncco_lang.editor.call_names import call_names_at

    program, binding = analysis.program, use.binding
    assert program is not None  # a name is of a flow
    known = call_names_at(program, use.span.start)
    lines = [f"**{title_of_name(binding, known.type_of(binding))}**", docs, _origin(analysis, binding)]
    if binding.is_secret:
        lines.append("secret: kept out of logs, transcripts, addresses and what the caller hears")
    is_kept = binding.kind in _OF_CALL or binding.kind == "arg"
    if is_kept and known.is_set is not None and not any(word.span == use.span for word in binding.words):
        is_sure = not known.may_be_unset(binding)
        lines.append("set on every path to here" if is_sure else "not set on every path to here")
    return lines


def _origin(analysis: Analysis, binding: Binding) -> str:
    """Return what sets a name of a call."""
    node, text = binding.node, analysis.source.text
    match binding.kind:
        case "key":
            return words_in("values")["key"].doc
        case "each" if isinstance(node, ast.Each):
            return f"each item of {code(text[slice(*node.values.span)])}"
        case "arg" if isinstance(node, ast.Arg):
            if node.value is None:
                return "given to an outbound call; without a default, no inbound call sets it"
            return f"given to an outbound call; its default is {code(text[slice(*node.value.span)])}"
        case "variable" | "result" | "question" if binding.words:
            places = [_setter(analysis, word.span) for word in binding.words[:_MOST_PLACES]]
            more = [] if len(binding.words) <= _MOST_PLACES else ["…"]
            return f"set by {', '.join([*places, *more])}"
        case _:
            return ""


def _setter(analysis: Analysis, span: Span) -> str:
    """Return the statement that sets a name at a place, with its line."""
    assert analysis.file is not None
    path = path_to(analysis.file, span.start)
    statement = next((each for each in reversed(path) if isinstance(each, ast.Command | ast.Set)), None)
    verb = statement.verb.text if isinstance(statement, ast.Command) else "set"
    return f"{code(verb)} in line {analysis.source.position(span.start).line}"


def _value(analysis: Analysis, binding: Binding) -> str:
    """Return the value of a param or a let, and its origin; never a value from the environment, and never a secret."""
    name, declaration = binding.name, binding.node
    if isinstance(declaration, ast.Let):
        value = value_of(analysis, name)
        return "" if value is UNFIT else f"is {code(shown(value))}"
    if not isinstance(declaration, ast.Param):
        return ""
    given = analysis.settings.options.params.get(name)
    origin = analysis.settings.origins.get(name)
    if given is not None:
        origin = origin or given.origin
    elif declaration.value is not None:
        origin = "its default"
    if given is not None and given.from_env:
        return f"its value comes from {origin}, and is not shown"
    if declaration.type.text == "secret":
        return f"a secret, from {origin}" if origin else "a secret that has no value yet"
    value = value_of(analysis, name)
    if value is UNFIT:
        return (
            ""
            if given is not None or declaration.value is not None
            else "has no value yet: give one with `-p`, or in ncco.toml"
        )
    return f"is {code(shown(value))}, from {origin}" if origin else f"is {code(shown(value))}"
