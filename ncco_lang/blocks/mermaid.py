"""Write the chart of a flow as a flowchart in Mermaid, which GitHub, GitLab and wikis draw.

Mermaid reads entities (`#34;`) in labels, so every character of the author that could be syntax is written as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ncco_lang.blocks.chart import Chart, Edge, Group, Node, Shape

if TYPE_CHECKING:
    from ncco_lang.diagnostics import Severity

_SHAPES: Mapping[Shape, tuple[str, str]] = {
    "actions": ("[", "]"),
    "menu": ("{{", "}}"),
    "connect": ("[[", "]]"),
    "branch": ("{", "}"),
    "lookup": ("[/", "/]"),
}
_STYLES: Mapping[Severity, str] = {
    "error": "fill:#fee4e2,stroke:#b42318,color:#111",
    "warning": "fill:#fef0c7,stroke:#b54708,color:#111",
    "info": "fill:#e0eaff,stroke:#3538cd,color:#111",
}
_SPECIAL = re.compile(r"[^\w .,!?'()/+=“”…-]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|ﬂ")
"""Signs that Mermaid could read: `:` ends a name after the word `style`, `ﬂ` begins an entity in its own spelling."""
_CALL, _FALLBACK, _END = "call", "fallback", "ended"
"""Nodes beside the blocks; the id of a block ends with a number."""


def render_mermaid(chart: Chart) -> str:
    """Return a chart as the text of a Mermaid flowchart."""
    return "".join(f"{line}\n" for line in _lines(chart))


def _lines(chart: Chart) -> Iterator[str]:
    if chart.title:
        title = "".join(sign if sign.isprintable() else " " for sign in chart.title)
        yield from ("---", f"title: {json.dumps(title, ensure_ascii=False)}", "---")
    yield "flowchart TD"
    ids = {node.block: node.name.replace(".", "_") for group in chart.groups for node in group.nodes}
    yield f'    {_CALL}(["call"]) --> {ids[chart.entry]}'
    if chart.fallback is not None:
        yield f'    {_FALLBACK}(["if all else fails"]) --> {ids[chart.fallback]}'
    for group in chart.groups:
        yield f"    subgraph step_{group.name} [{_label([group.name, *group.marks])}]"
        yield from (f"        {_node(node, ids[node.block])}" for node in group.nodes)
        yield "    end"
    yield from (f"    {_edge(edge, ids)}" for edge in chart.edges)
    if any(edge.end is None for edge in chart.edges):
        yield f'    {_END}(["call ends"])'
    yield from (f"    {line}" for line in _classes(chart.groups, ids))


def _node(node: Node, name: str) -> str:
    opening, closing = _SHAPES[node.shape]
    return f"{name}{opening}{_label([*node.lines, *node.marks])}{closing}"


def _edge(edge: Edge, ids: Mapping[int, str]) -> str:
    arrow = "-.->" if edge.is_again else "-->"
    label = f"|{_label(edge.labels)}|" if edge.labels else ""
    return f"{ids[edge.start]} {arrow}{label} {_END if edge.end is None else ids[edge.end]}"


def _classes(groups: Sequence[Group], ids: Mapping[int, str]) -> Iterator[str]:
    """Yield the colours of findings, and the nodes and steps that have them."""
    marked: dict[Severity, list[str]] = {}
    for group in groups:
        if group.worst is not None:
            marked.setdefault(group.worst, []).append(f"step_{group.name}")
        for node in group.nodes:
            if node.worst is not None:
                marked.setdefault(node.worst, []).append(ids[node.block])
    for severity, style in _STYLES.items():
        if severity in marked:
            yield f"classDef {severity} {style}"
            yield f"class {','.join(marked[severity])} {severity}"


def _label(lines: Sequence[str]) -> str:
    return f'"{"<br/>".join(map(_escaped, lines))}"'


def _escaped(line: str) -> str:
    return _SPECIAL.sub(lambda sign: f"#{ord(sign[0])};", line)
