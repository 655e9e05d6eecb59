"""The bound program and its graph → the bundle that a runtime walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Literal

from ncco_lang.blocks.draft import Places
from ncco_lang.blocks.edges import targets
from ncco_lang.blocks.live import LiveValues, find_needs
from ncco_lang.blocks.references import references_in
from ncco_lang.bundle import Arm, Ask, Block, BlockId, Bundle, Dial, Expression, Fields, Graph, Jump, Outcome, Say
from ncco_lang.bundle_json import with_version
from ncco_lang.program.model import Program
from ncco_lang.program.values import Known
from ncco_lang.syntax import ast
from ncco_lang.values.constants import quote


def build_bundle(
    program: Program,
    graph: Graph,
    places: Places,
    *,
    live: LiveValues | None = None,
    joins: Literal["notify", "before"] = "notify",
    mixed_barge_in: bool = False,
) -> Bundle:
    """Return the bundle of a program, with its version.

    Args:
        program: a program without errors.
        graph: its blocks, from `lower_program`.
        places: the places of their actions and exits, from there too.
        live: that of `live_values`, if it is known already.
        joins: as the profile has it.
        mixed_barge_in: as the profile has it.
    """
    flow = next((each for each in program.file.declarations if isinstance(each, ast.Flow)), None)
    zones = (each.value for each in flow.options if each.name.text == "zone") if flow is not None else ()
    zone = next((value.value for value in zones if isinstance(value, ast.Text)), None)
    bundle = Bundle(
        graph=graph,
        title="" if flow is None else flow.title.value,
        zone=zone,
        data=_data(program, graph),
        voices=_voices(program),
        joins=joins,
        mixed_barge_in=mixed_barge_in,
        source=PurePath(program.source.name).name,
        lines=tuple(_lines(program, graph, places)),
        rescue=find_rescue(graph),
    )
    return with_version(replace(bundle, needs=find_needs(live_values(graph) if live is None else live)))


def live_values(graph: Graph) -> LiveValues:
    """Return which values a call still reads, at each block."""
    return LiveValues(Bundle(graph, rescue=find_rescue(graph)))


def _data(program: Program, graph: Graph) -> dict[str, Expression]:
    """Return the lists and tables that a call reads by their names."""
    names = program.positions.folder.names
    read = {str(each[1]) for each in references_in((graph.blocks, graph.questions)) if each[0] == "declared"}
    values = {name: names.value_of(name) for name in sorted(read) if name in names.declared}
    return {name: quote(value) for name, value in values.items() if isinstance(value, (list, dict))}


def _lines(program: Program, graph: Graph, places: Places) -> Iterator[tuple[int, ...]]:
    for number, block in enumerate(graph.blocks):
        spans = [places[number, index] for index in (*range(len(block.actions)), -1)]
        yield tuple(program.source.position(span.start).line for span in spans)


def _voices(program: Program) -> dict[str, Fields]:
    """Return what the `default talk` lines add to a talk, by language; `""` is a language that no line names."""
    lines = [line for line in program.defaults if line.node.verb.text == "talk"]
    tags = {line.tag.text: line.tag for line in reversed(lines) if line.tag is not None}
    voices: dict[str, Fields] = {}
    for tag in (*reversed(tags), ""):
        found: list[tuple[int, str, Expression]] = []
        if tag:
            found.append((tags[tag].span.start, "language", ["tag", tag]))
        for line in lines:
            if line.tag is None or line.tag.text == tag:
                slots = ((slot, slot.value) for slot in line.slots.values())
                found += [
                    (slot.key.start, slot.option.name, quote(value.data))
                    for slot, value in slots
                    if type(value) is Known
                ]
        given: dict[str, Expression] = {}
        for _, name, value in sorted(found, key=lambda each: each[0]):
            given.setdefault(name, value)
        if given or tag:
            voices[tag] = tuple(given.items())
    return voices


def find_rescue(graph: Graph) -> BlockId | None:
    """Return where the route begins that needs no runtime (language description, The tail).

    It is the step that `fallback` names, else the first connect that a caller reaches without a key, else the
    first record.
    """
    if graph.fallback is not None:
        return graph.steps[graph.fallback].entry
    reached = list(_reached_without_a_key(graph))
    for verb in ("connect", "record"):
        for start, at in reached:
            if _has(graph.blocks[at], verb):
                return start
    return None


def _has(block: Block, verb: str) -> bool:
    is_dial = verb == "connect" and isinstance(block.exit, Dial)
    return is_dial or any(isinstance(action, Say) and action.verb == verb for action in block.actions)


def _reached_without_a_key(graph: Graph) -> Iterator[tuple[BlockId, BlockId]]:
    """Yield each block that a caller reaches without a key, after the block where a route to it begins.

    That is the block itself, or the one with the jump that gives its step values.
    """
    seen = {graph.entry}
    waiting: list[tuple[BlockId | None, BlockId]] = [(None, graph.entry)]
    for start, at in waiting:
        yield at if start is None else start, at
        exit = graph.blocks[at].exit
        if isinstance(exit, Ask):
            question, start = graph.questions[exit.question], None
            silent = [each for each in question.arms if isinstance(each, Arm)]
            following = [arm.target for arm in silent if any(isinstance(each, Outcome) for each in arm.patterns)]
            following += [] if question.give_up is None else [question.give_up]
        else:
            following = list(targets(exit, graph.questions, graph.steps))
        if isinstance(exit, Jump):
            start = None if not exit.arguments else at if start is None else start
        for to in following:
            if to not in seen:
                seen.add(to)
                waiting.append((start, to))
