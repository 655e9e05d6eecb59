"""Describe the word at a position: verbs, options, languages, names, filters, rules and settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ncco_lang.diagnostics import Path
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.cursor_context import CursorContext, find_context, open_brace, read_parts
from ncco_lang.editor.hover_names import describe_name
from ncco_lang.editor.rename import declaration_at, name_at
from ncco_lang.editor.statement_preview import action_of
from ncco_lang.editor.statements import AcceptedParts, accepted_parts, operand_words, read_statement, word_docs
from ncco_lang.editor.types import Hover
from ncco_lang.editor.vocabulary_docs import (
    action_docs,
    code,
    code_block,
    language_docs,
    option_docs,
    table_of,
)
from ncco_lang.program.option_names import find_setting
from ncco_lang.program.params import param_types
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.language_tags import may_be_tag
from ncco_lang.vocabulary.kinds import LANGUAGES, VOICE_LANGUAGE
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.statement_specs import OptionSlot, actions

_MOST_LINES = 25
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
        answer = _in_flow(analysis, find_context(text, analysis.file, offset))
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
    return Hover(answer.span, "\n\n".join([answer.text, "---", *words]))


def _of_setting(text: str, offset: int) -> Hover | None:
    from ncco_lang.editor.completion.toml import about, setting_at

    found = setting_at(text, offset)
    if found is None:
        return None
    span, path, schema = found
    lines = [f"**{'.'.join(path)}**", schema.get("description", ""), about(schema)]
    return Hover(span, "\n\n".join(line for line in lines if line))


# ── Flows ─────────────────────────────────────────────────────────────────────────────────────────────


def _in_flow(analysis: Analysis, context: CursorContext) -> Hover | None:
    text = analysis.source.text
    if context.kind == "comment":
        return _of_rule(text, context)
    word = text[context.word.start : context.word.end]
    if not word:
        return None
    answer: str | None = None
    if context.kind == "text" and (answer := _of_filter(text, context, word)) is not None:
        return Hover(context.word, answer)
    use = name_at(analysis, context.offset)
    if use is not None:
        return Hover(use.span, describe_name(analysis, use.binding))
    if context.kind == "code":
        answer = _of_word(analysis, context, word)
    return None if answer is None else Hover(context.word, answer)


def _of_rule(text: str, context: CursorContext) -> Hover | None:
    """Describe a rule that `// ncco: allow` names."""
    from ncco_lang.rules import find_rule

    line = max(text.rfind("\n", 0, context.offset), text.rfind("\r", 0, context.offset)) + 1
    allow = text.find("allow", line, context.offset)
    if allow < 0 or "ncco:" not in text[line:allow]:
        return None
    for found in _RULE_WORD.finditer(text, allow + len("allow")):
        if found.end() >= context.offset:
            rule = find_rule(found[0]) if found.start() <= context.offset else None
            span = Span(*found.span())
            return (
                None if rule is None else Hover(span, f"**{rule.name}** ({rule.code}, {rule.severity})\n\n{rule.why}")
            )
    return None


def _of_filter(text: str, context: CursorContext, word: str) -> str | None:
    assert context.inside is not None
    brace = open_brace(text, context.inside, context.offset)
    if brace is None:
        return None
    parts = read_parts(text, brace + 1, max(brace + 1, context.word.start))
    is_slow = word == "slow" and len(parts) > 1 and parts[-2].text == "digits"
    if is_slow or (parts and parts[-1].kind == "_BAR"):
        name = "digits(slow)" if is_slow else word
        known = words_in("filters").get(name)
        return f"**{name}** reads {known.doc}" if known is not None and known.is_offered else None
    return None


def _of_word(analysis: Analysis, context: CursorContext, word: str) -> str | None:
    """Describe a verb, a word after it, an option, a value, or the type of a param."""
    before, root = context.before, context.line.chain[0]
    if context.line is root and not before:
        return _of_verb(analysis, context, word) if word in actions() else None
    if context.line is root and [part.text for part in before] == ["default"] and word in actions():
        return f"**{word}**\n\n{action_docs(actions()[word])}"
    if before and before[0].text in ("param", "arg"):
        if len(before) == 3 and word in param_types():
            return f"**{word}**: {param_types()[word]}"
        return _of_tag(word)
    accepted = accepted_parts(context.line)
    if accepted is None and not before:
        # The word is the verb of a statement that has a syntax error.
        return None
    return _of_tag(word) if accepted is None else _in_statement(analysis, context, accepted, word)


def _in_statement(analysis: Analysis, context: CursorContext, accepted: AcceptedParts, word: str) -> str | None:
    before, after = context.before, context.after
    is_option = bool(after) and after[0].kind == "_COLON"
    if is_option or (accepted.is_block and not before):
        setting = find_setting(word, accepted.settings)
        return None if setting is None else _of_option(analysis, context, setting)
    if before and before[-1].kind == "_COLON" and len(before) > 1:
        setting = find_setting(before[-2].text, accepted.settings)
        option = None if setting is None else setting.option
        if option is not None and (word in table_of(option.kind) or _has_tag_shape(word)):
            return language_docs(option.kind, word) or None
        return None if setting is None or option is None else _of_option(analysis, context, setting)
    if accepted.is_block:
        return None
    known = accepted.action.words
    written = operand_words(read_statement(before))
    if word in known and all(each in known for each in written):
        return f"**{accepted.action.name} {word}**\n\n{word_docs(accepted.action, word)}"
    setting = accepted.settings.get(word)
    return _of_tag(word) if setting is None else _of_option(analysis, context, setting)


def _of_tag(word: str) -> str | None:
    return language_docs(VOICE_LANGUAGE, word) or None if _has_tag_shape(word) else None


def _has_tag_shape(word: str) -> bool:
    return "-" in word and may_be_tag(word)


def _of_verb(analysis: Analysis, context: CursorContext, verb: str) -> str:
    """Return the docs of a verb, and the action that its statement compiles to."""
    lines = [f"**{verb}**", action_docs(actions()[verb])]
    action = _compiled(analysis, context)
    if action is not None:
        written = json.dumps(action, ensure_ascii=False, indent=2).split("\n")
        if len(written) > _MOST_LINES:
            written = [*written[:_MOST_LINES], "…"]
        lines.append(code_block("\n".join(written), "json"))
    return "\n\n".join(lines)


def _of_option(analysis: Analysis, context: CursorContext, setting: OptionSlot) -> str:
    """Return the docs of an option, and its value on the wire in this statement."""
    lines = [f"**{setting.option.name}**", option_docs(setting)]
    action = None if context.line.chain[0].parts[:1] == [] else _compiled(analysis, context)
    here = None if action is None else next(_looked_up(action, setting.path), None)
    if isinstance(here, (str, int, float)) and setting.option.kind not in LANGUAGES:
        lines.append(f"here {code(json.dumps(here, ensure_ascii=False)[:200])}")
    return "\n\n".join(lines)


def _compiled(analysis: Analysis, context: CursorContext) -> dict[str, Any] | None:
    """Return the action of the top-level statement that contains a position."""
    found = None if analysis.file is None else declaration_at(analysis.file, context.offset)
    is_here = isinstance(found, ast.Command) and found.span.start <= context.offset <= found.span.end
    return action_of(analysis, found) if is_here and isinstance(found, ast.Command) else None


def _looked_up(value: Any, path: Path) -> Iterator[Any]:
    """Yield the value at a path of an action, if there is one; a list of one item yields that item."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return
    yield value[0] if isinstance(value, list) and len(value) == 1 else value
