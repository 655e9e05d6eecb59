"""Propose what can be written at a position: from the vocabulary and from the names of the file.

Nothing is compiled: the tokens around the position give the context, and the tree gives the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.completion.starts import declaration_words, param_types, statement_starts, verbs
from ncco_lang.editor.completion.values import Proposer, value_proposals
from ncco_lang.editor.cursor_context import (
    WORDS,
    CursorContext,
    CursorLine,
    Part,
    find_context,
    open_brace,
    read_parts,
)
from ncco_lang.editor.statements import (
    OPERATORS,
    AcceptedParts,
    accepted_parts,
    given_options,
    has_operand,
    operand_words,
    read_statement,
    word_docs,
)
from ncco_lang.editor.suppressions import allowable
from ncco_lang.editor.symbol_docs import Names, names_at
from ncco_lang.editor.types import Completion
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.brackets import CLOSING
from ncco_lang.syntax.driver import BEFORE_DATA
from ncco_lang.syntax.reserved import OPERATOR_WORDS
from ncco_lang.values.language_tags import is_tag
from ncco_lang.vocabulary.kinds import VOICE_LANGUAGE
from ncco_lang.vocabulary.language_words import words_in
from ncco_lang.vocabulary.option_specs import OptionSpec
from ncco_lang.vocabulary.statement_specs import spec_of

_ALLOW = re.compile(r"//[ \t]*ncco:[ \t]*allow\b[\w, \t-]*\Z")
_ALLOWING = "ncco: allow"
_RULE_WORD = re.compile(r"[\w-]*\Z")
_RULE_REST = re.compile(r"[\w-]*")


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
    context = find_context(text, file, offset)
    # A colon begins a value only among tokens; the other characters only a value of a text.
    if trigger and (trigger == ":") == (context.kind == "text"):
        return []
    found: Iterator[Completion]
    if context.kind == "comment":
        found = _rules(text, context)
    elif context.kind == "text":
        found = _in_text(text, context, names_at(analysis.scopes, offset), file)
    else:
        found = _in_code(text, context, names_at(analysis.scopes, offset), file)
    return list(found)


# ── Comments and texts ────────────────────────────────────────────────────────────────────────────────


def _rules(text: str, context: CursorContext) -> Iterator[Completion]:
    """Propose the rules that `// ncco: allow` can name."""
    start = max(text.rfind("\n", 0, context.offset), text.rfind("\r", 0, context.offset)) + 1
    slashes = text.find("//", start, context.offset)
    if slashes < 0 or _ALLOW.match(text, slashes, context.offset) is None:
        said = text[slashes : context.offset].lstrip("/ \t")
        if slashes >= 0 and _ALLOWING.startswith(" ".join(said.split())):
            span = Span(context.offset - len(said), context.offset)
            yield Completion(_ALLOWING, "keyword", span, f"{_ALLOWING} ", "say that a finding below is meant")
        return
    word, rest = _RULE_WORD.search(text, slashes, context.offset), _RULE_REST.match(text, context.offset)
    assert word is not None
    assert rest is not None
    if word.start() == slashes + 2 or text[word.start() : word.end()] == "allow":
        return
    span = Span(word.start(), rest.end())
    for rule in allowable():
        docs = f"{rule.code}, {rule.severity}\n\n{rule.why}"
        yield Completion(rule.name, "value", span, rule.name, rule.code, docs, sort=f"1{rule.name}")
        yield Completion(rule.code, "value", span, rule.code, rule.name, docs, sort=f"2{rule.code}")


def _in_text(text: str, context: CursorContext, names: Names, file: ast.File | None) -> Iterator[Completion]:
    assert context.inside is not None
    brace = open_brace(text, context.inside, context.offset)
    if brace is not None:
        yield from _in_braces(read_parts(text, brace + 1, max(brace + 1, context.word.start)), context.word, names)
        return
    place = _option_at(context, context.before)
    option = place[0] if place is not None else None
    if option is None or text.startswith('"""', context.inside.start - 3):
        return
    words = [word for word in (*option.enum, *option.schema.get("x-suggest", ())) if isinstance(word, str)]
    for number, word in enumerate(words):
        yield Completion(word, "value", context.inside, word, option.name, option.doc, sort=f"{number:03}")


def _in_braces(parts: Sequence[Part], word: Span, names: Names) -> Iterator[Completion]:
    """Propose names, and filters after the bar."""
    last = parts[-1] if parts else None
    if last is not None and last.kind == "_BAR":
        for number, known in enumerate(each for each in words_in("filters").values() if each.is_offered):
            yield Completion(known.name, "filter", word, known.name, known.doc, sort=str(number))
    elif last is not None and last.kind == "LPAR":
        if len(parts) > 1 and parts[-2].text == "digits":
            yield Completion("slow", "value", word, "slow", words_in("filters")["digits(slow)"].doc)
    elif last is not None and last.kind == "DOT":
        yield from _fields(parts, word, names)
    elif last is None or _wants_value(last):
        yield from Proposer(word, names).names(names.in_texts())


# ── Code ──────────────────────────────────────────────────────────────────────────────────────────────


def _in_code(text: str, context: CursorContext, names: Names, file: ast.File | None) -> Iterator[Completion]:
    before = context.before
    root = context.line.chain[0]
    last = before[-1] if before else None
    if last is not None and last.kind == "DOT":
        yield from _fields(before, context.word, names)
    elif context.line is root and (last is None or _is_declaration(before)):
        yield from _in_declaration(text, context, names, file)
    elif context.after_block:
        return
    else:
        accepted = accepted_parts(context.line)
        if accepted is not None:
            yield from _in_statement(context, accepted, names, file)
        elif last is None and root.parts and _holds_statements(root.parts[0].text):
            yield from verbs(context.word)


def _holds_statements(word: str) -> bool:
    spec = spec_of(word)
    return spec is not None and spec.block == "statements"


def _is_declaration(before: Sequence[Part]) -> bool:
    return before[0].text in ("param", "arg", "let", "flow") or (before[0].text == "default" and len(before) == 1)


def _in_declaration(text: str, context: CursorContext, names: Names, file: ast.File | None) -> Iterator[Completion]:
    """Propose at the beginning of a statement, or in a declaration."""
    before, word = context.before, context.word
    if not before:
        if context.after and context.after[0].kind == "_COLON":
            return
        yield from statement_starts(word, has_rest=bool(context.after))
        yield from declaration_words(word, file, has_rest=bool(context.after))
        return
    head, last = before[0].text, before[-1]
    others = Names({name: each for name, each in names.all.items() if len(before) < 2 or name != before[1].text})
    if head == "default":
        yield from verbs(word, with_forms=False)
    elif head in ("param", "arg") and last.kind == "_COLON" and len(before) == 3:
        yield from param_types(word)
    elif head in ("param", "arg") and last.kind == "_EQUAL":
        yield from value_proposals(Proposer(word, others), before[3].text if len(before) > 3 else "")
    elif head == "let" and (last.kind == "_EQUAL" or (len(before) > 3 and _wants_value(last))):
        yield from value_proposals(Proposer(word, others), "" if last.kind == "_EQUAL" else "expression")


def _in_statement(
    context: CursorContext, accepted: AcceptedParts, names: Names, file: ast.File | None
) -> Iterator[Completion]:
    before, word = context.before, context.word
    proposer = Proposer(word, names)
    place = _option_at(context, before)
    if place is not None:
        option, is_grouped = place
        yield from proposer.values(option, _language(context.line, accepted, file), is_grouped=is_grouped)
        return
    last = before[-1] if before else None
    if context.opened or (last is not None and _wants_value(last) and not _ends_value(before)):
        if last is not None and (_wants_value(last) or last.kind in CLOSING) and not _is_key(context):
            yield from proposer.names(list(names.all))
        return
    if last is not None and accepted.is_block:
        return
    root = context.line.chain[0]
    statement = read_statement(root.parts)
    # Before a colon, only the name of an option is possible.
    is_named = bool(context.after) and context.after[0].kind == "_COLON"
    if not accepted.is_block and not is_named:
        yield from _words(context, accepted)
        if accepted.lacks_word:
            return
        if statement.is_default:
            yield from _tags(context, accepted)
        elif accepted.form is not None and accepted.form.operand is not None and not has_operand(statement, accepted):
            yield from proposer.values(accepted.form.operand.option, None, is_operand=True)
    given = {name for name, _ in given_options(context.line, accepted)}
    yield from proposer.options(accepted, given, is_named=is_named)


def _words(context: CursorContext, accepted: AcceptedParts) -> Iterator[Completion]:
    """Propose the words after a verb, if only such words are before the position."""
    statement = read_statement(context.before)
    known = accepted.action.words
    written = operand_words(statement)
    if statement.options or any(word not in known for word in written):
        return
    chooser = accepted.action.chooser
    if chooser is None or (chooser.variants and written):
        return
    taken = {word for word in operand_words(read_statement(context.line.chain[0].parts)) if word is not None}
    for number, name in enumerate(known):
        if name not in taken:
            docs = word_docs(accepted.action, name)
            yield Completion(
                name, "keyword", context.word, name, f"{accepted.action.name} {name}", docs, sort=f"0{number}"
            )


def _tags(context: CursorContext, accepted: AcceptedParts) -> Iterator[Completion]:
    """Propose the languages that a `default` may be bound to."""
    operands = read_statement(context.line.parts).operands
    is_spoken = any(setting.option.kind == VOICE_LANGUAGE for setting in accepted.settings.values())
    if not is_spoken or any(operand[0].kind == "LANG" for operand in operands):
        return
    for each in Proposer(context.word, Names({})).languages(VOICE_LANGUAGE):
        if is_tag(each.label):
            yield each


def _option_at(context: CursorContext, before: Sequence[Part]) -> tuple[OptionSpec, bool] | None:
    """Return the option whose value begins at the position, and whether it is in round brackets; None elsewhere."""
    if not before:
        return None
    accepted = accepted_parts(context.line)
    if accepted is None:
        return None
    last, opened = before[-1], context.opened
    colon = len(before) - 1
    if opened:
        colon = before.index(opened[0]) - 1
        begins_item = last is opened[0] or (last.kind == "_COMMA" and opened[0].kind == "LSQB")
        if len(opened) > 1 or not begins_item:
            return None
    if colon < 1 or before[colon].kind != "_COLON" or before[colon - 1].kind not in WORDS:
        at = accepted.form.operand if accepted.form is not None else None
        is_first = not opened and context.kind == "text" and at is not None and not has_operand_before(before, accepted)
        return (at.option, False) if is_first and at is not None else None
    setting = accepted.settings.get(before[colon - 1].text)
    if setting is None:
        return None
    option = setting.option
    if opened and opened[0].kind == "LSQB":
        return (option.item, False) if option.item is not None and not option.single else None
    if opened and opened[0].kind == "LBRACE":
        return None
    return option, bool(opened)


def has_operand_before(before: Sequence[Part], accepted: AcceptedParts) -> bool:
    """Return whether the statement's operand is among these parts."""
    return has_operand(read_statement(before), accepted)


def _language(line: CursorLine, accepted: AcceptedParts, file: ast.File | None) -> str | None:
    """Return the language of a statement: its own, or that of the first `default` that has one."""
    for name, value in given_options(line, accepted):
        if name == "language" and len(value) == 1:
            return value[0].text.strip('"')
    root = read_statement(line.chain[0].parts)
    for operand in root.operands if root.is_default else ():
        if operand[0].kind == "LANG":
            return operand[0].text
    for each in file.declarations if file is not None else ():
        if isinstance(each, ast.Default) and each.verb.text == accepted.action.name:
            tag = next((operand.text for operand in each.operands if isinstance(operand, ast.Tag)), None)
            if tag is not None:
                return tag
    setting = accepted.settings.get("language")
    return None if setting is None else setting.option.default


# ── Small questions ───────────────────────────────────────────────────────────────────────────────────


def _wants_value(last: Part) -> bool:
    """Return whether a value must follow: after a colon, a comma, an operator, an opening bracket."""
    return last.kind in OPERATORS or last.kind in BEFORE_DATA or last.text in OPERATOR_WORDS


def _ends_value(before: Sequence[Part]) -> bool:
    """Return whether an operator character is a telephone key: `end_on_key: *`."""
    return before[-1].kind == "STAR" and len(before) > 1 and before[-2].kind == "_COLON"


def _is_key(context: CursorContext) -> bool:
    """Return whether the position is at the key of a JSON object, which is the author's own text."""
    return (
        bool(context.opened) and context.opened[-1].kind == "LBRACE" and context.before[-1].kind in ("_COMMA", "LBRACE")
    )


def _fields(before: Sequence[Part], word: Span, names: Names) -> Iterator[Completion]:
    """Propose the fields of a table, after its name and a dot."""
    known = names.all.get(before[-2].text) if len(before) > 1 else None
    value = known.node.value if known is not None and isinstance(known.node, ast.Param | ast.Let) else None
    if isinstance(value, ast.Object):
        for pair in value.pairs:
            key = pair.key.value
            if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
                yield Completion(key, "value", word, key, f"of {before[-2].text}")
