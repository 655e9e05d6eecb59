"""A strict reading of the Mermaid flowcharts that `ncco graph` writes: one statement a line, every text in quotes."""

from __future__ import annotations

import json
import re

_ID = r"[a-z_][a-z0-9_]*"
_LABEL = r'"(?:[\w .,!?\'()/+=“”…-]|<br/>|#[0-9]+;)*"'
_NODE = re.compile(
    rf"({_ID})(?:\[{_LABEL}\]|\[/{_LABEL}/\]|\{{\{{{_LABEL}\}}\}}|\[\[{_LABEL}\]\]|\{{{_LABEL}\}}|\(\[{_LABEL}\]\))"
)
_EDGE = re.compile(rf"({_ID}) (?:-->|-\.->)(?:\|{_LABEL}\|)? ({_ID})")
_FIRST = re.compile(rf"({_ID})(?:\(\[{_LABEL}\]\)) --> ({_ID})")
_SUBGRAPH = re.compile(rf"subgraph ({_ID}) \[{_LABEL}\]")
_CLASS = re.compile(rf"class ({_ID}(?:,{_ID})*) (error|warning|info)")
_STYLE = re.compile(r"classDef (error|warning|info) (?:(?:fill|stroke|color):#[0-9a-f]{3,6},?)+")


def check_mermaid(text: str) -> None:
    """Assert that a text is a flowchart: every line is a statement, and every name in it belongs to a node or subgraph."""
    lines = text.splitlines()
    if lines[0] == "---":
        assert lines[2] == "---"
        assert json.loads(lines[1].removeprefix("title: "))
        lines = lines[3:]
    assert lines[0] == "flowchart TD"
    declared: list[str] = []
    named: set[str] = set()
    classes: set[str] = set()
    opened = 0
    for line in map(str.strip, lines[1:]):
        if found := _FIRST.fullmatch(line):
            declared.append(found[1])
            named.add(found[2])
        elif found := _NODE.fullmatch(line) or _SUBGRAPH.fullmatch(line):
            declared.append(found[1])
            opened += line.startswith("subgraph ")
        elif found := _EDGE.fullmatch(line):
            named |= {found[1], found[2]}
        elif found := _STYLE.fullmatch(line):
            classes.add(found[1])
        elif found := _CLASS.fullmatch(line):
            named |= set(found[1].split(","))
            assert found[2] in classes
        else:
            assert line == "end", line
            opened -= 1
    assert opened == 0
    assert len(set(declared)) == len(declared)
    assert named <= set(declared)
