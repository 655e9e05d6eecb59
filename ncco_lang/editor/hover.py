"""Describe the word at a position: verbs, options, languages, names, filters, rules and settings."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.hover_expressions import describe_expression_word
from ncco_lang.editor.hover_names import describe_name
from ncco_lang.editor.hover_statements import describe_statement_word
from ncco_lang.editor.marker import Spot, find_spot
from ncco_lang.editor.rename import at_home, name_at
from ncco_lang.editor.types import Hover, WordDocs
from ncco_lang.editor.vocabulary_docs import (
    language_docs,
)
from ncco_lang.program.params import param_types
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.language_tags import may_be_tag
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.language_words import outcomes, targets, words_in
from ncco_lang.vocabulary.words_of_tests import word_of_test

_MOST_RULES = 2
_RULE_WORD = re.compile(r"[\w-]+")


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """Return the hover at an offset; None if there is nothing to show. Never raises, for any text and offset."""
    text = analysis.source.text
    offset = max(0, min(offset, len(text)))
    answer: Hover | None = None
    if analysis.kind == "toml":
        answer = _of_setting(text, offset)
    elif analysis.kind == "ncco":
        from ncco_lang.editor.hover_json import hover_json

        answer = hover_json(text, offset)
    else:
        answer = _in_flow(analysis, offset)
    return _with_rules(analysis, offset, answer)


def _with_rules(analysis: Analysis, offset: int, answer: Hover | None) -> Hover | None:
    """Return the hover with the reasons of the findings at the offset added."""
    found = [each for each in analysis.findings if each.span.start <= offset < max(each.span.end, each.span.start + 1)]
    rules = {each.rule: each.span for each in sorted(found, key=lambda each: each.span.end - each.span.start)}
    if not rules:
        return answer
    words = [f"**{rule.name}** ({rule.code}): {rule.why}" for rule in list(rules)[:_MOST_RULES]]
    if answer is None:
        return Hover(next(iter(rules.values())), "\n\n".join(words))
    return replace(answer, text="\n\n".join([answer.text, "---", *words]))


def _of_setting(text: str, offset: int) -> Hover | None:
    from ncco_lang.editor.completion.toml import about, setting_at

    found = setting_at(text, offset)
    if found is None:
        return None
    span, path, schema = found
    lines = [f"**{'.'.join(path)}**", schema.get("description", ""), about(schema)]
    return Hover(span, "\n\n".join(line for line in lines if line))


# ── Flows ─────────────────────────────────────────────────────────────────────────────────────────────


def _in_flow(analysis: Analysis, offset: int) -> Hover | None:
    text = analysis.source.text
    spot = find_spot(text, analysis.file, offset)
    if spot.kind == "comment":
        return _of_rule(text, offset)
    word = text[spot.word.start : spot.word.end]
    if not word:
        return None
    if spot.kind == "text" and (docs := _of_filter(spot, word)) is not None:
        return Hover(spot.word, docs)
    use = name_at(analysis, offset)
    home, at = at_home(analysis, offset) if use is None or use.binding.kind == "import" else (analysis, offset)
    known = name_at(home, at)
    if known is not None:
        elsewhere = "" if home is analysis else f"\n\nin {PurePath(home.source.name).name}"
        return Hover(spot.word if use is None else use.span, describe_name(home, known) + elsewhere)
    answer = describe_expression_word(analysis, spot.word.start, word)
    if answer is None and spot.kind == "code":
        answer = _of_word(analysis, offset, spot, word)
    return None if answer is None else Hover(spot.word, answer.text, answer.topic)


def _of_rule(text: str, offset: int) -> Hover | None:
    """Describe a rule that `// ncco: allow` names."""
    from ncco_lang.rules import find_rule

    line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    allow = text.find("allow", line, offset)
    if allow < 0 or "ncco:" not in text[line:allow]:
        return None
    for found in _RULE_WORD.finditer(text, allow + len("allow")):
        if found.end() >= offset:
            rule = find_rule(found[0]) if found.start() <= offset else None
            span = Span(*found.span())
            return (
                None if rule is None else Hover(span, f"**{rule.name}** ({rule.code}, {rule.severity})\n\n{rule.why}")
            )
    return None


def _of_filter(spot: Spot, word: str) -> str | None:
    around = next((node for node in spot.path if isinstance(node, ast.Filter)), None)
    if around is None:
        return None
    if spot.path[-1] is not around.name:
        word = f"{around.name.text}({word})"
    known = words_in("filters").get(word)
    return f"**{word}** reads {known.doc}" if known is not None and known.is_offered else None


def _of_word(analysis: Analysis, offset: int, spot: Spot, word: str) -> WordDocs | None:
    """Describe a verb, a word after it, an option, a value, or the type of a param."""
    declaration = spot.path[0] if spot.path else None
    if isinstance(declaration, (ast.Param, ast.Arg)):
        if spot.path[-1] is declaration.type and word in param_types():
            return WordDocs(f"**{word}**: {param_types()[word]}")
        return _of_tag(word)
    described = _of_arm(spot, word) or describe_statement_word(analysis, offset, spot.word) or _of_keyword(spot, word)
    return _of_tag(word) if described is None else described


def _of_arm(spot: Spot, word: str) -> WordDocs | None:
    """Describe an outcome, or a target that is not a step."""
    around = spot.path[-2] if len(spot.path) > 1 else None
    if isinstance(around, ast.Arm):
        known = word if word in outcomes() else _shown_arm(spot, word)
        return None if known is None else WordDocs(f"**{word}**\n\n{words_in('arms')[known].doc}", "arm")
    if isinstance(around, ast.Jump) and word in targets():
        return WordDocs(f"**{word}**\n\n{words_in('statements')[word].doc}", word)
    return None


def _shown_arm(spot: Spot, word: str) -> str | None:
    """Return which arm a number is that is written for an outcome: a status of a lookup, or a key."""
    asked = [each.verb.text for each in spot.path if isinstance(each, ast.Command)]
    if not word[:1].isdigit():
        return None
    return "status" if asked[-1:] == ["fetch"] else "key"


def _of_keyword(spot: Spot, word: str) -> WordDocs | None:
    """Describe a word that begins a declaration, or the words that begin a line of a test."""
    around = next((each for each in reversed(spot.path) if isinstance(each, ast.Command)), None)
    if around is None:
        return None
    marker = spot.path[-1]
    if not isinstance(spot.path[0], ast.Test):
        known, is_own, topic = words_in("statements").get(word), marker is around.verb, word
    else:
        named: list[ast.Name | ast.Word] = [each for each in around.operands if isinstance(each, ast.Name)]
        named = named or [each.name for each in around.options[:1]]
        operands = [word if each is marker else each.text for each in named]
        name, taken = word_of_test(word if marker is around.verb else around.verb.text, tuple(operands))
        known, topic = words_in("tests").get(name), f"test {name}"
        is_own = marker is around.verb or any(each is marker for each in named[:taken])
        word = name
    if known is None or not known.is_offered or not is_own:
        return None
    return WordDocs(f"**{word}**\n\n{known.doc}", topic)


def _of_tag(word: str) -> WordDocs | None:
    docs = language_docs(VOICE_LANGUAGE, word) if _has_tag_shape(word) else ""
    return WordDocs(docs) if docs else None


def _has_tag_shape(word: str) -> bool:
    return "-" in word and may_be_tag(word)
