"""Propose what can be written at a position: from the vocabulary and from the names of the file.

Nothing is compiled: a marker at the position gives its place in the tree, and the bound program the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.completion.accepted import accepted_by, spec_for
from ncco_lang.editor.completion.code import Code, settings_of, value_spec
from ncco_lang.editor.completion.expressions import fields, functions
from ncco_lang.editor.completion.holders import holder_of
from ncco_lang.editor.completion.values import Proposer
from ncco_lang.editor.marker import Spot, find_spot
from ncco_lang.editor.names_in_tests import names_of_flow
from ncco_lang.editor.suppressions import allowable
from ncco_lang.editor.symbol_docs import Names, names_at, title_of_name
from ncco_lang.editor.types import Completion
from ncco_lang.program.bindings import Scope
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import OptionSlot

_ALLOW = re.compile(r"//[ \t]*ncco:[ \t]*allow\b[\w, \t-]*\Z")
_ALLOWING = "ncco: allow"
_RULE_WORD = re.compile(r"[\w-]*\Z")
_RULE_REST = re.compile(r"[\w-]*")
_WITH_COLON = (ast.Option, ast.Pair, ast.Param, ast.Arg, ast.Parameter)


def complete(analysis: Analysis, offset: int, trigger: str = "") -> list[Completion]:
    """Return the proposals at an offset. Never raises, for any text and offset.

    Args:
        trigger: one of `TRIGGERS` if the editor asks because the user typed it. Then there are no proposals where a
            line is likely to end, because Enter would accept one.
    """
    if analysis.kind == "toml":
        from ncco_lang.editor.completion.toml import complete_toml

        return complete_toml(analysis.source.text, offset)
    if analysis.kind == "ncco":
        from ncco_lang.editor.completion.json import complete_json

        return complete_json(analysis.source.text, offset) if trigger != "{" else []
    text, file = analysis.source.text, analysis.file
    offset = max(0, min(offset, len(text)))
    spot = find_spot(text, file, offset)
    # A colon begins a value only among tokens; the other characters only a value of a text.
    if trigger and (trigger == ":") == (spot.kind == "text"):
        return []
    if spot.kind == "comment":
        return list(_rules(text, offset))
    if not spot.path:
        return []
    if trigger == ":" and not any(isinstance(node, _WITH_COLON) for node in spot.path):
        return []
    program = analysis.program
    assert program is not None  # of a flow
    names, scope = names_at(program, offset, spot.path[0]), program.scopes.scope_around(offset)
    if isinstance(spot.path[0], ast.Test):
        others, beside = names_of_flow(analysis)
        names, text = names.and_also(others), f"{text}\n{beside}"
    if spot.is_in_braces:
        return list(_in_braces(text, spot, names, scope))
    if spot.kind == "text":
        return list(_arg_names(spot, names) or _in_text(spot, scope))
    return list(Code(text, file, spot, names, scope).complete())


# ── Comments and texts ────────────────────────────────────────────────────────────────────────────────


def _rules(text: str, offset: int) -> Iterator[Completion]:
    """Propose the rules that `// ncco: allow` can name."""
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    slashes = text.find("//", start, offset)
    if slashes < 0 or _ALLOW.match(text, slashes, offset) is None:
        said = text[slashes:offset].lstrip("/ \t")
        if slashes >= 0 and _ALLOWING.startswith(" ".join(said.split())):
            span = Span(offset - len(said), offset)
            yield Completion(_ALLOWING, "keyword", span, f"{_ALLOWING} ", "say that a finding below is meant")
        return
    word, rest = _RULE_WORD.search(text, slashes, offset), _RULE_REST.match(text, offset)
    assert word is not None
    assert rest is not None
    if word.start() == slashes + 2 or text[word.start() : word.end()] == "allow":
        return
    span = Span(word.start(), rest.end())
    for rule in allowable():
        docs = f"{rule.code}, {rule.severity}\n\n{rule.why}"
        yield Completion(rule.name, "value", span, rule.name, rule.code, docs, sort=f"1{rule.name}")
        yield Completion(rule.code, "value", span, rule.code, rule.name, docs, sort=f"2{rule.code}")


def _in_braces(text: str, spot: Spot, names: Names, scope: Scope) -> Iterator[Completion]:
    """Propose names, and filters after the bar."""
    node, around = spot.path[-1], spot.path[-2]
    if isinstance(around, ast.Filter) and node is around.name:
        for number, known in enumerate(each for each in words_in("filters").values() if each.is_offered):
            yield Completion(known.name, "filter", spot.word, known.name, known.doc, sort=str(number))
    elif isinstance(around, ast.Filter):
        if around.name.text == "digits":
            yield Completion("slow", "value", spot.word, "slow", words_in("filters")["digits(slow)"].doc)
    elif isinstance(around, ast.Field):
        yield from fields(text, spot, names)
    elif isinstance(node, ast.Name):
        if isinstance(spot.path[0], ast.Test) and not any(map(_is_condition, spot.path)):
            names = names.fixed()
        setting, _ = _setting_around(spot, scope)
        is_sent = setting is not None and setting.option.schema.get("x-secret") is True
        yield from Proposer(spot.word, names).names(list(names.all) if is_sent else names.in_texts())
        yield from functions(spot.word, names, {"defined"} if is_sent else {"defined", "env"})


def _is_condition(node: ast.Node) -> bool:
    return isinstance(node, ast.Option) and node.name.text == "that"


def _arg_names(spot: Spot, names: Names) -> list[Completion]:
    """Propose the args of the flow where a test gives them."""
    option = next((each for each in spot.path if isinstance(each, ast.Option)), None)
    is_key = any(isinstance(pair, ast.Pair) and key is pair.key for pair, key in pairwise(spot.path))
    if not is_key or option is None or option.name.text != "args" or not isinstance(spot.path[0], ast.Test):
        return []
    assert spot.inside is not None
    args = (each for each in names.all.values() if each.kind == "arg")
    return [Completion(each.name, "param", spot.inside, each.name, title_of_name(each)) for each in args]


def _in_text(spot: Spot, scope: Scope) -> Iterator[Completion]:
    """Propose the values that a text can have as a whole."""
    option = _option_of_text(spot, scope)
    assert spot.inside is not None
    if option is None or any(isinstance(node, ast.Text) and node.is_long for node in spot.path):
        return
    words = [word for word in (*option.enum, *option.schema.get("x-suggest", ())) if isinstance(word, str)]
    for number, word in enumerate(words):
        yield Completion(word, "value", spot.inside, word, option.name, option.doc, sort=f"{number:03}")


def _option_of_text(spot: Spot, scope: Scope) -> OptionSpec | None:
    """Return the option whose value a text is."""
    _, (entry, *inner) = holder_of(spot.path)
    setting, value = _setting_around(spot, scope)
    if value:
        return None if setting is None else value_spec(setting.option, value)
    spec = spec_for(entry) if isinstance(entry, (ast.Command, ast.Default)) else None
    if spec is None or not isinstance(entry, (ast.Command, ast.Default)):
        return None
    accepted = accepted_by(entry, spec, scope, inner[0])
    if accepted.form is None or accepted.form.operand is None or accepted.has_operand:
        return None
    return accepted.form.operand.option


def _setting_around(spot: Spot, scope: Scope) -> tuple[OptionSlot | None, Sequence[ast.Node]]:
    """Return the option in whose value a position is, and the path in the value; empty if it is in no option."""
    holder, (entry, *inner) = holder_of(spot.path)
    if isinstance(entry, ast.Option):
        return settings_of(holder, entry, scope).get(entry.name.text), inner
    spec = spec_for(entry) if isinstance(entry, (ast.Command, ast.Default)) else None
    if not isinstance(entry, (ast.Command, ast.Default)) or spec is None or not isinstance(inner[0], ast.Option):
        return None, ()
    return accepted_by(entry, spec, scope, inner[0]).settings.get(inner[0].name.text), inner[1:]
