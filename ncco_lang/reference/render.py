"""Render entries of the reference: as text for `ncco explain`, as Markdown for `docs/reference.md`. Both have the same facts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from ncco_lang.reference.entries import Entry, OptionEntry, anchor_of, entries
from ncco_lang.reference.examples import TEST, compiled_example
from ncco_lang.reference.option_words import (
    UNITS,
    in_one_line,
    range_of,
    remarks_of,
    since_of,
    written_default_of,
    written_type_of,
)
from ncco_lang.vocabulary.ncco_schema import definition
from ncco_lang.vocabulary.option_specs import OptionSpec

_WIDTH = 88
_COLUMNS = ("option", "type", "range", "default", "since", "in the NCCO", "meaning")


def _since(entry: Entry) -> str:
    return str(definition(entry.spec.name).get("x-since", "")) if entry.spec.kind == "action" else ""


def facts_of(entry: OptionEntry) -> Iterator[tuple[str, str]]:
    """Yield the facts of an option that it has, each with its name."""
    option = entry.option
    yield "type", written_type_of(option)
    yield from (
        (name, text) for name, text in (("range", range_of(option)), ("default", written_default_of(option))) if text
    )
    if entry.form:
        yield "form", entry.topic.rpartition(f".{entry.name}")[0].replace(".", " ")
    if option.required:
        yield "required", "yes"
    if entry.is_operand:
        yield "written", "after the verb, without its name"
    if entry.wire:
        yield "in the NCCO", _wire(entry)
    if since_of(option):
        yield "since", since_of(option)
    for remark in remarks_of(option):
        yield "note", remark


def _wire(entry: OptionEntry) -> str:
    unit = entry.option.unit
    return entry.wire if unit is None else f"{entry.wire}, in {UNITS.get(unit, unit)}"


# ── Text ───────────────────────────────────────────────────────────────────────────────────────────────


def entry_text(entry: Entry) -> str:
    """Return an entry as text for a terminal, with a line break at its end."""
    return "\n".join(_entry_lines(entry)) + "\n"


def option_text(entry: OptionEntry) -> str:
    """Return one option as text for a terminal, with the examples of its statement that have it."""
    lines = [entry.topic, "", *textwrap.wrap(entry.option.doc, _WIDTH), ""]
    facts = list(facts_of(entry))
    width = max(len(name) for name, _ in facts)
    for name, text in facts:
        lines += _hanging(f"  {name:<{width}}  ", text)
    owner = next(each for each in entries().values() if entry in each.options)
    word = entry.name.rpartition(".")[2]
    form = entry.form.replace(" ", "_")
    names = [name for name in owner.examples if not form or name.endswith(f"_{form}")]
    shown = [name for name in names if f"{word}:" in compiled_example(name).flow or entry.is_operand]
    lines += _example_lines(shown[:1])
    return "\n".join(lines) + "\n"


def topics_text(word: str, topics: Sequence[Entry | OptionEntry]) -> list[str]:
    """Return what a word means, each part as text: its statements, and the options that it is the name of."""
    options = [each for each in topics if isinstance(each, OptionEntry)]
    parts = [entry_text(each) for each in topics if isinstance(each, Entry)]
    if len(options) == 1 and not parts:
        parts.append(option_text(options[0]))
    elif options:
        parts.append(several_text(word, options))
    return parts


def several_text(word: str, options: Sequence[OptionEntry]) -> str:
    """Return the options of several statements that have a name in common, one line each."""
    width = max(len(each.topic) for each in options)
    lines = [f"The option {word} (for one of them: ncco explain {options[0].topic}):", ""]
    for each in options:
        lines += _hanging(f"  {each.topic:<{width}}  ", f"{_short(each)}. {each.option.doc}")
    return "\n".join(lines) + "\n"


def _entry_lines(entry: Entry) -> Iterator[str]:
    yield entry.title
    yield ""
    yield from textwrap.wrap(_sentence(entry.spec.doc), _WIDTH)
    if entry.spec.deprecated:
        yield f"Deprecated: {entry.spec.deprecated}."
    if entry.usages:
        yield from ("", *(f"    {usage}" for usage in entry.usages))
    for form, options in entry.options_by_form():
        yield from ("", f"Options of {form}:" if form else "Options:")
        width = max(len(each.name) for each in options)
        for option in options:
            yield from _hanging(f"  {option.name:<{width}}  ", _long(option))
            yield from _hanging(" " * (width + 4), _doc(option.option))
    if entry.limits:
        yield from (
            "",
            "Together:",
            *(line for text in entry.limits for line in _hanging("  - ", text.replace("`", ""))),
        )
    if entry.arms:
        yield from ("", "Outcomes:")
        width = max(len(_outcome(each.name)) for each in entry.arms)
        for arm in entry.arms:
            yield from _hanging(f"  {_outcome(arm.name):<{width}}  ", arm.doc)
    if _since(entry):
        yield from ("", f"In the NCCO reference since: {since_words(_since(entry))}")
    yield from _example_lines(entry.examples)


def _example_lines(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        example = compiled_example(name)
        yield from ("", "Example:", textwrap.indent(example.flow, "    "))
        if name != TEST:
            yield from ("", f"{example.heading}:", textwrap.indent(example.ncco, "    "))


def _short(entry: OptionEntry) -> str:
    option = entry.option
    return in_one_line(option, written_type_of(option), range_of(option), written_default_of(option))


def _long(entry: OptionEntry) -> str:
    """Return the facts of an option in one line, with its name in the NCCO if that differs."""
    since = f"since {since_of(entry.option)}" if since_of(entry.option) else ""
    wire = f"in the NCCO {_wire(entry)}" if entry.wire and _wire(entry) != entry.name else ""
    return "; ".join(filter(None, (_short(entry), wire, since)))


def _doc(option: OptionSpec) -> str:
    """Return what an option is for, and what else limits its value, as sentences."""
    return " ".join((f"{option.doc.removesuffix('.')}.", *map(_sentence, remarks_of(option))))


def _hanging(start: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or [start.rstrip()]


# ── Markdown ───────────────────────────────────────────────────────────────────────────────────────────


def entry_markdown(entry: Entry) -> str:
    """Return an entry as a section of Markdown, whose anchors are the topics."""
    return "\n".join(_markdown_parts(entry))


def _markdown_parts(entry: Entry) -> Iterator[str]:
    yield f'<a id="{anchor_of(entry.topic)}"></a>\n'
    yield f"### {_plain(entry.title)}\n"
    yield f"{_plain(_sentence(entry.spec.doc))}\n"
    if entry.spec.deprecated:
        yield f"**Deprecated:** {_plain(entry.spec.deprecated)}.\n"
    if _since(entry):
        yield f"In the NCCO reference since: {since_words(_since(entry))}.\n"
    if entry.usages:
        yield _fenced("\n".join(entry.usages), "text")
    for form, options in entry.options_by_form():
        if form:
            yield f"Options of `{form}`:\n"
        yield _table(options)
    if entry.limits:
        yield "Options together:\n"
        yield "".join(f"- {text}\n" for text in entry.limits)
    if entry.arms:
        yield "Outcomes:\n"
        yield "| outcome | meaning |\n|---|---|"
        yield "\n".join(f"| `{_outcome(arm.name)}` | {_cell(arm.doc)} |" for arm in entry.arms) + "\n"
    if entry.group == "Words of tests":
        yield "Example: [test](#test).\n"
        return
    for name in entry.examples:
        example = compiled_example(name)
        yield _fenced(example.flow, "flow")
        if name != TEST:
            yield f"{example.heading}:\n"
            yield _fenced(example.ncco, "json")


def _table(options: Sequence[OptionEntry]) -> str:
    rows = [_row(each) for each in options]
    kept = [at for at in range(len(_COLUMNS)) if any(row[at] for row in rows)]
    lines = [[_COLUMNS[at] for at in kept], ["---"] * len(kept), *([row[at] for at in kept] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(entry: OptionEntry) -> tuple[str, ...]:
    option = entry.option
    meaning = [_doc(option)]
    if entry.is_operand:
        meaning.append("Written after the verb, without its name.")
    name = f'<a id="{anchor_of(entry.topic)}"></a>`{entry.name}`'
    default = f"`{written_default_of(option)}`" if written_default_of(option) else "required" if option.required else ""
    wire = entry.wire and _wire(entry).replace(entry.wire, f"`{entry.wire}`", 1)
    kind, span = _cell(written_type_of(option)), _cell(range_of(option))
    return (name, kind, span, default, since_of(option), wire, _cell(" ".join(meaning)))


def since_words(since: str) -> str:
    """Return what `x-since` of an action says, in words."""
    return {"new": "its newest version"}.get(since, since)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _outcome(name: str) -> str:
    return {"key": "1", "phrase": '"phrase"', "value": "NAME", "status": "404"}.get(name, name)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Return words with what Markdown would take for its own made plain."""
    for sign in "\\*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return text


def _fenced(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```\n"
