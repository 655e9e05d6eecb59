"""Write a graph of blocks as text: each block with its actions, its exit, and where the exit leads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from ncco_lang.bundle import (
    Action,
    Again,
    Arm,
    Arms,
    Ask,
    Branch,
    Call,
    Dial,
    EachArms,
    End,
    Enter,
    Exit,
    Fetch,
    Goto,
    Graph,
    IfArms,
    Jump,
    Key,
    Leave,
    Outcome,
    Pattern,
    Phrase,
    Question,
    Say,
    Set,
    Status,
    Valued,
)


def render_graph(graph: Graph) -> str:
    """Return the blocks in their order, each question after the block that asks it."""
    return "".join(f"{line}\n" for line in _Writer(graph).lines())


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def lines(self) -> Iterator[str]:
        graph = self.graph
        yield f"entry {graph.blocks[graph.entry].name}"
        if graph.fallback is not None:
            yield f"fallback {graph.steps[graph.fallback].name}"
        for step in graph.steps:
            parameters = ", ".join(graph.names[slot].text for slot in step.parameters)
            yield f"step {step.name}({parameters}) {self._block(step.entry)}"
        for block in graph.blocks:
            yield f"{block.name}:"
            yield from (f"  {self._action(action)}" for action in block.actions)
            yield f"  {self._exit(block.exit)}"
            if isinstance(block.exit, (Ask, Dial)):
                yield from (f"    {line}" for line in self._question(graph.questions[block.exit.question]))

    def _block(self, at: int) -> str:
        return self.graph.blocks[at].name

    def _action(self, action: Action) -> str:
        match action:
            case Say():
                words = " ".join((action.verb, *action.words))
                role = "" if action.role == "written" else f"  ({action.role})"
                return f"{words} {_fields(action.fields)}{role}"
            case Set():
                return f"set {self.graph.names[action.slot].text} = {_json(action.value)}"
            case _:
                assert_never(action)

    def _exit(self, exit: Exit) -> str:
        match exit:
            case Goto():
                return f"goto {self._block(exit.to)}"
            case Branch():
                cases = [f"{_json(when)} {self._block(to)}" for when, to in exit.cases]
                late = f" {exit.volatile}" if exit.volatile else ""
                return f"branch{late} {', '.join((*cases, f'else {self._block(exit.other)}'))}"
            case Jump():
                return f"jump {self.graph.steps[exit.step].name}({', '.join(map(_json, exit.arguments))})"
            case Call():
                step = self.graph.steps[exit.step].name
                return f"do {step}({', '.join(map(_json, exit.arguments))}), then {self._block(exit.back)}"
            case Leave() | End():
                return type(exit).__name__.lower()
            case Enter():
                return f"enter question {exit.question}: {self._block(self.graph.questions[exit.question].start)}"
            case Again():
                return f"{_again(exit)} question {exit.question}"
            case Ask():
                listen = exit.listen
                return f"ask question {exit.question} {listen.form} {_fields(listen.options)}, good {self._block(exit.good)}"
            case Dial():
                endpoints = " ".join(self._action(endpoint) for endpoint in exit.endpoints)
                return f"dial question {exit.question} {endpoints}, good {self._block(exit.good)}"
            case Fetch():
                return self._fetch(exit)
            case _:
                assert_never(exit)

    def _fetch(self, exit: Fetch) -> str:
        parts = {"headers": exit.headers, "json": exit.json, "timeout": exit.timeout}
        given = _fields([(name, value) for name, value in parts.items() if value is not None])
        into = "" if exit.into is None else f" into {self.graph.names[exit.into].text}"
        arms = "".join(f", {line}" for line in self._arms(exit.arms))
        return f"fetch {exit.method} {_json(exit.url)} {given}{into}{arms}, good {self._block(exit.good)}"

    def _question(self, question: Question) -> Iterator[str]:
        yield from self._arms(question.arms)
        give_up = "none" if question.give_up is None else self._block(question.give_up)
        yield f"give up {give_up} after {_json(question.retries)} retries"

    def _arms(self, arms: Sequence[Arms]) -> Iterator[str]:
        for each in arms:
            match each:
                case Arm():
                    yield f"{', '.join(map(_pattern, each.patterns))} -> {self._block(each.target)}"
                case IfArms():
                    yield f"if {_json(each.condition)}"
                    yield from (f"  {line}" for line in self._arms(each.arms))
                case EachArms():
                    yield f"each {self.graph.names[each.slot].text} in {_json(each.values)}"
                    yield from (f"  {line}" for line in self._arms(each.arms))
                case _:
                    assert_never(each)


def _again(exit: Again) -> str:
    words = ["retry" if exit.counts else "repeat", *(["with"] if exit.instead else []), *map(_json, exit.texts)]
    return " ".join(words) + ("" if exit.after is None else f" after {_json(exit.after)}")


def _pattern(pattern: Pattern) -> str:
    match pattern:
        case Key():
            return pattern.keys
        case Phrase():
            return _json(pattern.text)
        case Valued():
            return f"({_json(pattern.value)})"
        case Outcome():
            return pattern.name
        case Status():
            return pattern.code
        case _:
            assert_never(pattern)


def _fields(fields: Sequence[tuple[str, Any]]) -> str:
    return "{" + ", ".join(f"{name}: {_json(value)}" for name, value in fields) + "}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
