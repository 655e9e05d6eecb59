"""Describe the word of a statement at a position: its verb, a word that chooses its form, an option, a word of an option."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ncco_lang.editor.roles import parts_of
from ncco_lang.editor.statement_preview import action_of
from ncco_lang.editor.types import WordDocs
from ncco_lang.editor.vocabulary_docs import (
    action_docs,
    code,
    code_block,
    language_docs,
    option_docs,
    table_of,
    word_docs,
)
from ncco_lang.program.model import BoundArm, BoundStatement, DefaultLine, Program, Slot
from ncco_lang.program.values import Known
from ncco_lang.program.walk import inner
from ncco_lang.reference.find import topic_of_option
from ncco_lang.reference.option_words import default_of, wire_of
from ncco_lang.source import Span
from ncco_lang.syntax import ast
from ncco_lang.values.language_tags import may_be_tag
from ncco_lang.vocabulary.kinds import LANGUAGES
from ncco_lang.vocabulary.statement_specs import OptionSlot, StatementSpec, spec_of

if TYPE_CHECKING:
    from ncco_lang.editor.analysis import Analysis
    from ncco_lang.editor.call_preview import Preview
    from ncco_lang.program.model import Bound

_FETCH = "fetch"
_SAMPLES = "In a call, with `{…}` or a sample for each value that only the call knows:"
_MOST_LINES, _MOST_LINES_OF_QUESTION = 25, 50
_TEXTS = re.compile(r'\[\s+"[^"\\\s]*"(?:,\s+"[^"\\\s]*")*\s+\]')
"""Lists of texts without blanks."""


def describe_statement_word(analysis: Analysis, offset: int, word: Span) -> WordDocs | None:
    """Return the docs of the word of a statement or a `default` at an offset; None if it has none."""
    program = analysis.shown_program
    if program is None:
        return None
    found = _statement_at(program, offset)
    if found is None:
        return None
    text = analysis.source.text[word.start : word.end]
    parts = parts_of(found)
    spec = spec_of(parts.verb.text)
    if _holds(parts.verb.span, offset):
        return None if spec is None or spec.planned else WordDocs(_of_verb(analysis, spec, found), spec.name)
    if spec is not None and any(_holds(each.span, offset) for each in parts.words):
        return WordDocs(f"**{spec.name} {text}**\n\n{word_docs(spec, text)}", spec.name)
    if isinstance(found, BoundStatement) and (docs := _of_operand(found, offset, text)):
        owner = parts.verb.text if spec is not None else f"test {found.spec.name}" if found.spec is not None else ""
        return WordDocs(f"**{text}**\n\n{docs}", owner)
    for slot in found.slots.values() if isinstance(found, DefaultLine) else found.slots:
        if isinstance(found, BoundStatement) and slot.origin is not None:
            continue
        if slot.name is not None and _holds(slot.name.span, offset):
            return _of_option(parts.verb.text, slot)
        if _holds(slot.value.node.span, offset) and not isinstance(slot.value.node, (ast.Text, ast.Object, ast.List)):
            return _of_value(parts.verb.text, slot, text)
    return None


def _of_operand(found: BoundStatement, offset: int, word: str) -> str:
    """Return what a bare word says that is an operand at an offset; empty for another operand."""
    roles = {role for role, value in found.operands if _holds(value.node.span, offset) and type(value) is Known}
    operands = () if found.spec is None else found.spec.operands
    docs = (dict(zip(each.words, each.docs, strict=False)) for each in operands if each.role in roles)
    return next((known[word] for known in docs if word in known), "")


def _statement_at(program: Program, offset: int) -> BoundStatement | DefaultLine | None:
    """Return the innermost statement, or the `default` line, that contains an offset."""
    at = bisect_right(program.defaults, offset, key=lambda line: line.node.span.start) - 1
    if at >= 0 and _holds(program.defaults[at].node.span, offset):
        return program.defaults[at]
    here = _top_at(program.statements, offset) or _top_at(program.tests, offset)
    found: BoundStatement | None = None
    while here is not None and _holds(here.node.span, offset):
        found = here if isinstance(here, BoundStatement) else found
        here = next((each for each in inner(here) if _holds(each.node.span, offset)), None)
    return found


def _top_at(bounds: Sequence[Bound], offset: int) -> Bound | None:
    at = bisect_right(bounds, offset, key=lambda bound: bound.node.span.start) - 1
    return bounds[at] if at >= 0 and _holds(bounds[at].node.span, offset) else None


def _holds(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end


def _of_verb(analysis: Analysis, spec: StatementSpec, found: BoundStatement | DefaultLine) -> str:
    """Return the docs of a statement, and the JSON that it compiles to; for a question, what asks it."""
    lines = [f"**{spec.name}**", action_docs(spec)]
    if isinstance(found, DefaultLine):
        return "\n\n".join(lines)
    if spec.name == _FETCH:
        lines += _request(analysis, found)
    elif (made := _preview(analysis, found)) is not None:
        lines += (_SAMPLES,) if made.has_samples else ()
        lines.append(code_block("\n".join(_written(made.json)), "json"))
    return "\n\n".join(lines)


def _preview(analysis: Analysis, found: BoundStatement) -> Preview | None:
    """Return the JSON that a statement compiles to; None if it has an error."""
    # Imported here, because only what a call completes needs the engine.
    from ncco_lang.editor.call_preview import Preview, preview_action, preview_question

    if any(isinstance(each, BoundArm) for each in found.body):
        return preview_question(analysis, found)
    made = action_of(analysis, found.node)
    return preview_action(analysis, found.node) if made is None else Preview(made, has_samples=False)


def _request(analysis: Analysis, found: BoundStatement) -> Iterator[str]:
    """Yield the request of a lookup, as its author wrote it and its defaults, and how long it waits."""
    text = analysis.source.text
    written = {slot.option.name: text[slice(*slot.value.node.span)] for slot in found.slots}
    address = next((text[slice(*value.node.span)] for _, value in found.operands), "")
    options = () if found.spec is None else found.spec.options
    default = next((default_of(each) for each in options if each.name == "timeout"), "")
    request = " ".join(f"{written.get('method', 'get').upper()} {address}".split())
    yield f"sends {code(request)}, and waits {written.get('timeout', default)} for the answer"


def _written(made: object) -> list[str]:
    """Return the lines of JSON, with lists of texts on one line."""
    text = json.dumps(made, ensure_ascii=False, indent=2)
    written = _TEXTS.sub(lambda texts: " ".join(texts[0].split()).replace("[ ", "[").replace(" ]", "]"), text).split(
        "\n"
    )
    most = _MOST_LINES if isinstance(made, dict) else _MOST_LINES_OF_QUESTION
    return written if len(written) <= most else [*written[:most], "…"]


def _of_option(verb: str, slot: Slot) -> WordDocs:
    """Return the docs of an option, and its value on the wire in this statement."""
    spec = spec_of(verb)
    is_sent = spec is not None and (spec.kind == "action" or len(slot.path) > 1)
    lines = [f"**{slot.option.name}**", option_docs(OptionSlot(slot.option, slot.path), is_sent=is_sent)]
    here: Any = slot.wire[0] if isinstance(slot.wire, list) and len(slot.wire) == 1 else slot.wire
    if is_sent and isinstance(here, (str, int, float)) and slot.option.kind not in LANGUAGES:
        lines.append(f"here {code(json.dumps(here, ensure_ascii=False)[:200])}")
    return WordDocs("\n\n".join(lines), topic_of_option(verb, wire_of(slot.path) or slot.option.name, slot.option))


def _of_value(verb: str, slot: Slot, word: str) -> WordDocs | None:
    if word in table_of(slot.option.kind) or ("-" in word and may_be_tag(word)):
        docs = language_docs(slot.option.kind, word)
        return WordDocs(docs) if docs else None
    return None if slot.name is None else _of_option(verb, slot)
