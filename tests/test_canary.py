"""Put a canary from the environment in place of every value of every example, and check that nothing prints it.

The search is for every run of a few letters or digits of the canary, with any characters between them: values are
printed cut short, spelt out, escaped and with blanks between their digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ncco_lang.cli.render import render_text
from ncco_lang.cli.reporters import render_github, render_gitlab, render_json, render_sarif
from ncco_lang.compiler import Compiled, CompileOptions, compile_source
from ncco_lang.diagnostics import Rule
from ncco_lang.editor.analysis import analyse
from ncco_lang.editor.completion.complete import complete
from ncco_lang.editor.fixes import actions_at
from ncco_lang.editor.hover import hover
from ncco_lang.editor.inlay_hints import hints
from ncco_lang.editor.links import links
from ncco_lang.editor.symbols import symbols
from ncco_lang.editor.types import DocumentSettings
from ncco_lang.ncco.emit import render_ncco
from ncco_lang.project.params import Given
from ncco_lang.rule_examples import examples
from ncco_lang.rules import RULES
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.statement_specs import StatementSpec, actions, forms

CANARIES = {
    "text": "Qx7 Zkw9é+Vj3<b>&Hy5.Mw2/Pf8",
    "phone": "+31 6 5839 7214 00",
    "url": "https://qx7zkw9.example/vj3hy5?mw=2pf8",
    "number": "583972",
    "duration": "583972s",
}
"""Type of a param → a value that fits almost nowhere and contains nothing else that is printed."""
_RUN = 5
_PLAIN = re.compile(r"[^a-z0-9]")


def plain(text: str) -> str:
    return _PLAIN.sub("", text.lower())


RUNS = {
    kind: {
        word[at : at + _RUN] for word in [plain(re.sub("^https://", "", value))] for at in range(len(word) - _RUN + 1)
    }
    - {"examp", "xampl", "ample"}
    for kind, value in CANARIES.items()
}


def given(kind: str) -> dict[str, Given]:
    return {"canary": Given(CANARIES[kind], 'profile "live" in ncco.toml', from_env=True)}


def printed(compiled: Compiled) -> Iterator[str]:
    """Yield everything that commands print about a flow."""
    found = list(compiled.diagnostics)
    yield render_text(found)
    yield render_json(found, 1)
    yield render_sarif(found, 1)
    yield render_github(found, 1)
    yield render_gitlab(found, 1)
    yield repr([(each.message, each.hint, each.labels, each.fix) for each in found])
    shown = None if compiled.product is None else compiled.product.shown
    yield "" if shown is None else render_ncco(shown)


def editor_texts(source: Source, options: CompileOptions) -> Iterator[str]:
    """Yield everything that an editor shows of a flow."""
    analysis = analyse(source, "flow", DocumentSettings(options=options))
    whole = Span(0, len(source.text))
    yield repr(analysis.findings) + repr(analysis.ncco)
    yield (
        repr(actions_at(analysis, whole))
        + repr(hints(analysis, whole))
        + repr(links(analysis))
        + repr(symbols(analysis))
    )
    for offset in (word.start() for word in re.finditer(r"\w+", source.text)):
        yield repr(hover(analysis, offset))
    for use in re.finditer("canary", source.text):
        yield repr(complete(analysis, use.end()))


def leaks(kind: str, text: str) -> set[str]:
    found = plain(text)
    return {run for run in RUNS[kind] if run in found}


def check(kind: str, flow: str, *, in_editor: bool) -> None:
    source = Source("menu.flow", f"param canary: {kind}\n{flow}\n")
    options = CompileOptions(params=given(kind), base_url="https://flows.test")
    compiled = compile_source(source, options)
    for text in printed(compiled):
        assert not leaks(kind, text), (source.text, text)
    if in_editor:
        for text in editor_texts(source, options):
            assert not leaks(kind, text), (source.text, text)


def literals(flow: str) -> Iterator[ast.Node]:
    """Yield the texts, numbers and durations of a flow that are not part of another."""
    waiting: list[object] = [parse_flow(Source("flow", flow))[0]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Text, ast.Number, ast.Duration)):
            yield node
        elif isinstance(node, ast.Node):
            for name in node.__slots__:
                value = getattr(node, name)
                waiting += value if isinstance(value, tuple) else [value]


def with_canary(flow: str) -> Iterator[tuple[str, str]]:
    """Yield a flow with a canary in place of each of its values, as kind and text."""
    for node in literals(flow):
        before, after = flow[: node.span.start], flow[node.span.end :]
        if isinstance(node, ast.Text):
            yield "text", f'{before}"{{canary}}"{after}'
            yield "phone", f'{before}"tel {{canary}} {{canary | spell}}"{after}'
            yield "url", f"{before}canary{after}"
        elif isinstance(node, ast.Number):
            yield "number", f"{before}canary{after}"
            yield "phone", f"{before}canary{after}"
        else:
            yield "duration", f"{before}canary{after}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_no_finding_of_a_rule_shows_a_value_from_the_environment(rule: Rule) -> None:
    for example in examples(rule):
        if example.language == "flow":
            for number, (kind, flow) in enumerate(with_canary(example.text)):
                check(kind, flow, in_editor=number == 0)


@pytest.mark.parametrize("action", actions().values(), ids=lambda action: action.name)
def test_no_option_shows_a_value_from_the_environment(action: StatementSpec) -> None:
    for form in forms(action):
        verb = " ".join((form.action.name, *form.words))
        operand = "" if form.operand is None else ' "https://example.com/a.mp3"'
        flows = [f'{verb} "{{canary}}"', f"{verb} canary"]
        for name in form.settings:
            flows += [f'{verb}{operand} {name}: "{{canary}}"', f"{verb}{operand} {name}: canary"]
            flows.append(f'{verb}{operand} {name}: [{{ "{{canary}}": canary }}]')
        for number, flow in enumerate(flows):
            kinds = list(CANARIES)
            for kind in {"text", kinds[number % len(kinds)]}:
                check(kind, flow, in_editor=kind == "text" and number < 4)
