"""Check what an `ask` asks for (Q): that there is one form of answer, that answers exist, and that they can be entered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ncco_lang.checks import question_rules as facts
from ncco_lang.checks.answers import Answer, option_slot
from ncco_lang.checks.ask_rules import SeveralForms
from ncco_lang.checks.voices import unknown_recogniser
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.model import BoundStatement, Slot
from ncco_lang.program.values import UNFIT, Known
from ncco_lang.source import Source, Span
from ncco_lang.values.data import Range
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.vocabulary.ncco_schema import definition

_FORMS = ("digits", "speech", "one_of")


class Entry(NamedTuple):
    """What a caller enters beside the answers of arms and elements.

    Attributes:
        kind: `key` or `phrase`, as `Answer` has it; empty for neither.
        keys: the shortest and the longest entry, as far as their lengths matter.
        most: the entry ends after so many keys; None if the caller ends it.
        written: the option as its author wrote it.
        span: its place.
    """

    kind: str
    keys: tuple[Answer, ...]
    most: int | None
    written: str
    span: Span


def most_keys() -> int:
    """Return the most keys of one entry."""
    most: int = definition("dtmf")["properties"]["maxDigits"]["maximum"]
    return most


def entry_of(source: Source, bound: BoundStatement) -> Entry | None:
    """Return what the caller of an `ask` enters; None for elements, and for what is not known here."""
    slots = [slot for name in _FORMS if (slot := option_slot(bound, name)) is not None]
    if len(slots) != 1 or type(slots[0].value) is not Known or slots[0].wire is UNFIT:
        return None
    slot = slots[0]
    name, data, span = slot.option.name, slots[0].value.data, slot.value.node.span
    written = source.text[slice(slot.key.start, span.end)]
    if name == "speech":
        return Entry("phrase", (), None, written, span)
    ends = (data.low, data.high) if isinstance(data, Range) else (data, data)
    if not all(isinstance(end, int) and end >= 0 for end in ends) or ends[0] > ends[1]:
        return None
    if name == "one_of":
        # The numbers of a range are keyed in.
        keys = tuple(Answer("key", str(end), span) for end in dict.fromkeys(ends))
        return Entry("key", keys, None, written, span)
    submits = option_slot(bound, "submit_on_hash")
    is_ended = isinstance(data, Range) or (submits is not None and submits.wire is True)
    longest = most_keys() if is_ended else min(int(ends[1]), most_keys())
    keys = (Answer("key", "0" * longest, span),)
    return Entry("key", keys, None if is_ended else int(ends[1]), written, span)


def check_ask(
    source: Source, bound: BoundStatement, answers: Sequence[Answer], entry: Entry | None
) -> Iterator[Diagnostic]:
    """Yield the findings about the form of an `ask`, and about keys that its entry is too short for."""
    slots = [slot for name in _FORMS if (slot := option_slot(bound, name)) is not None]
    for slot in slots[1:]:
        facts_of = SeveralForms(first=slots[0].option.name, second=slot.option.name)
        yield flow_finding(source, slot.key, facts_of, also=(slots[0].key,))
    for slot in slots:
        yield from _check_form(source, slot)
    if entry is None or entry.most is None or entry.most > most_keys():
        return
    for answer in answers:
        if answer.kind == "key" and len(answer.text) > entry.most and not answer.is_element:
            found = facts.TooLongForEntry(most=entry.most, option=entry.written)
            yield flow_finding(source, answer.span, found, also=(entry.span,))


def check_recogniser(source: Source, bound: BoundStatement) -> Iterator[Diagnostic]:
    """Yield a finding for a language of a question that no recogniser knows."""
    for slot in (option_slot(bound, "language"), option_slot(bound, "speech")):
        data = slot.value.data if slot is not None and type(slot.value) is Known else None
        if slot is not None and isinstance(data, str) and (unknown := unknown_recogniser(str(data))) is not None:
            yield flow_finding(source, slot.value.node.span, unknown)


def _check_form(source: Source, slot: Slot) -> Iterator[Diagnostic]:
    """Yield a finding for a form that no answer has."""
    data = slot.value.data if type(slot.value) is Known else None
    span = slot.value.node.span
    if isinstance(data, Range) and data.low > data.high:
        yield flow_finding(source, span, facts.EmptyRange())
    elif isinstance(data, Range) and slot.option.name == "one_of":
        for end in dict.fromkeys(data):
            if not isinstance(end, int) or end < 0:
                yield flow_finding(source, span, facts.ImpossibleElement())
                return
            if len(str(end)) > most_keys():
                yield flow_finding(source, span, facts.ImpossibleKey(key=str(end), most=most_keys()))
                return
    elif slot.option.name == "one_of" and isinstance(data, (list, dict)) and not data:
        yield flow_finding(source, span, facts.NothingToChoose())
