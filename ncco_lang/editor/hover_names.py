"""Describe a name: its kind and type, its author's comment, its value and the origin of the value."""

from __future__ import annotations

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.statement_preview import shown, value_of
from ncco_lang.editor.symbol_docs import title_of_name
from ncco_lang.editor.vocabulary_docs import code
from ncco_lang.program.bindings import Binding
from ncco_lang.program.values import UNFIT
from ncco_lang.syntax import ast
from ncco_lang.syntax.comments import read_docs


def describe_name(analysis: Analysis, binding: Binding) -> str:
    """Return the description of a name, as Markdown."""
    assert analysis.file is not None
    docs = next(
        (text for node, text in read_docs(analysis.file, analysis.source.text).items() if node is binding.node), ""
    )
    lines = [f"**{title_of_name(binding)}**", docs, _value(analysis, binding)]
    return "\n\n".join(line for line in lines if line)


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
