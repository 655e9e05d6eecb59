"""How the parser uses lark: its undocumented parts, data for another release, trials, threads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from lark import Lark, Token, UnexpectedToken
from lark.grammar import Rule, Terminal
from lark.lexer import TerminalDef
from lark.parsers.lalr_analysis import Reduce, Shift

from ncco_lang.resources import read_resource
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.lark_parser import GRAMMAR, STARTS, Callbacks, load_parser, make_data, render_data
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.syntax.tree_builder import BUILDERS
from tests.shells.shell import ROOT, environment

FLOW = 'talk "Hello." loop: 2\n'


# ── Undocumented parts of lark ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def lark() -> Lark:
    return Lark(read_resource(GRAMMAR), parser="lalr", lexer="basic", start=STARTS)


@pytest.fixture(scope="module")
def saved(lark: Lark) -> Any:
    return lark.memo_serialize([TerminalDef, Rule])


def test_lark_serialises_its_parser_in_the_form_we_know(saved: Any) -> None:
    data, memo = saved
    table = data["parser"]["parser"]
    assert set(table) == {"tokens", "states", "start_states", "end_states"}
    assert set(table["start_states"]) == set(table["end_states"]) == set(STARTS)
    actions = [action for row in table["states"].values() for action in row.values()]
    assert {kind for kind, _ in actions} == {0, 1}
    assert all(to in table["states"] for kind, to in actions if kind == 0)
    assert all(memo[to["@"]]["__type__"] == "Rule" for kind, to in actions if kind == 1)
    assert sorted(memo) == list(range(len(memo)))


def test_lark_loads_from_a_dict(saved: Any) -> None:
    data, memo = saved
    load: Any = Lark.load
    loaded = load(json.loads(json.dumps({"data": data | {"parser": None}, "memo": {}})) | {"data": data, "memo": memo})
    assert loaded.parse("wait\n", start="start").data == "start"


OF_LARK: dict[str, Callable[[Lark], bool]] = {
    "rules": lambda lark: isinstance(lark.rules[0], Rule),
    "terminals": lambda lark: isinstance(next(iter(lark.terminals)), TerminalDef),
    "lexer_conf.ignore": lambda lark: set(lark.lexer_conf.ignore) < {each.name for each in lark.terminals},
    "Rule.origin.name": lambda lark: any(rule.origin.name == "decl" for rule in lark.rules),
    "Rule.alias": lambda lark: any(rule.alias == "chain" for rule in lark.rules),
    "Rule.options.expand1": lambda lark: {rule.options.expand1 for rule in lark.rules} == {True, False},
    "Rule.expansion, Terminal.filter_out": lambda lark: any(
        isinstance(symbol, Terminal) and symbol.filter_out for rule in lark.rules for symbol in rule.expansion
    ),
    "TerminalDef.priority": lambda lark: lark.get_terminal("_ELSE").priority == 4,
    "TerminalDef.pattern.max_width": lambda lark: lark.get_terminal("STEP").pattern.max_width == 4,
    "TerminalDef.pattern.value": lambda lark: lark.get_terminal("STEP").pattern.value == "step",
    "TerminalDef.pattern.to_regexp": lambda lark: lark.get_terminal("_DOTS").pattern.to_regexp() == r"\.\.",
}


@pytest.mark.parametrize("name", OF_LARK)
def test_attributes_of_the_grammar(name: str, lark: Lark) -> None:
    assert OF_LARK[name](lark)


def test_attributes_of_a_run(lark: Lark) -> None:
    run: Any = lark.parse_interactive(start="start")
    other = lark.parse_interactive(start="start")
    state: Any = run.parser_state
    assert state.parse_conf is not other.parser_state.parse_conf  # so that a run can have callbacks of its own
    assert state.parse_conf.states is other.parser_state.parse_conf.states  # filled once, for all runs
    assert {action for action, _ in state.parse_conf.states[state.position].values()} == {Shift, Reduce}
    assert state.parse_conf.states[state.position] == run.choices()
    assert (state.state_stack, state.value_stack) == ([state.position], [])
    state.parse_conf.callbacks = {rule: lambda parts: ("built", parts) for rule in lark.rules}
    run.feed_token(Token("NAME", ""))
    assert (len(state.state_stack), len(state.value_stack)) == (2, 1)
    built = run.feed_token(Token("$END", ""))
    assert built[0] == "built"


def test_a_state_without_callbacks_builds_nothing(lark: Lark) -> None:
    run = lark.parse_interactive(start="start")
    run.feed_token(Token("NAME", ""))
    state: Any = run.parser_state
    conf = type(state.parse_conf)(state.parse_conf.parse_table, {}, "start")
    trial = type(state)(conf, run.lexer_thread, list(state.state_stack))
    trial.feed_token(Token("$END", ""), True)
    with pytest.raises(UnexpectedToken):
        type(state)(conf, run.lexer_thread, list(state.state_stack)).feed_token(Token("_ARROW", ""), False)
    assert len(state.state_stack) == 2


def test_no_other_module_knows_what_is_inside() -> None:
    """All other modules import only documented names of lark."""
    imports = {
        (path.name, line)
        for path in (ROOT / "ncco_lang").rglob("*.py")
        for line in re.findall(r"^ *(?:from|import) lark\b.*", path.read_text(encoding="utf-8"), re.MULTILINE)
        if path.name != "lark_parser.py"
    }
    assert imports == {("driver.py", "from lark import UnexpectedToken")}


def test_every_keyword_is_a_name_elsewhere() -> None:
    lexicon = load_parser().lexicon
    assert lexicon.keywords
    for word in lexicon.keywords:
        found = lexicon.token.fullmatch(word)
        assert found is not None
        assert found.lastgroup == "NAME"


# ── Data for another release ───────────────────────────────────────────────────────────────────────────

# Makes lark report another release.
OTHER = """
import sys, lark
lark.__version__ = "1.3.99"
from ncco_lang import compile_text
print(compile_text('talk "Hello." loop: 2').ncco)
"""
WITHOUT_GRAMMAR = OTHER.replace("from ncco_lang", "del lark.Lark.__init__; from ncco_lang", 1)
# The path of the cached file, and its content before each load.
BROKEN = (
    OTHER
    + """
from pathlib import Path
from ncco_lang.syntax.lark_parser import load_parser
path = Path(sys.argv[1])
text = path.read_bytes()
for broken in (text[:len(text) // 2], b"[]", bytes([255])):
    path.write_bytes(broken)
    load_parser.cache_clear()
    load_parser()
    assert path.read_bytes() == text, broken
"""
)


def run_with(cache: Path, code: str, *arguments: Path) -> str:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env=environment({"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), "HOME": str(cache)}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    ).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the cache of another system is elsewhere")
def test_another_release_has_its_data_made_once(tmp_path: Path) -> None:
    expected = "[{'action': 'talk', 'text': 'Hello.', 'loop': 2}]\n"
    assert run_with(tmp_path, OTHER) == expected
    (kept,) = (tmp_path / "ncco-lang").iterdir()
    assert "1.3.99" in kept.name
    assert kept.read_text(encoding="utf-8") == render_data(make_data(read_resource(GRAMMAR)) | {"lark": "1.3.99"})
    assert run_with(tmp_path, WITHOUT_GRAMMAR) == expected
    assert run_with(tmp_path, BROKEN, kept) == expected
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_cache_that_cannot_be_written_still_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "Hello." in run_with(tmp_path / "file", OTHER)


# ── Trials and threads ─────────────────────────────────────────────────────────────────────────────────


def test_a_trial_leaves_the_run_as_it_is() -> None:
    """Callbacks of lists fill the list of the run, so a trial has no callbacks."""
    parser = load_parser()
    callbacks = Callbacks(parser, {name: lambda _, parts: list(parts) for name in BUILDERS}, None)
    run = parser.begin("start", callbacks)
    for kind in ("NAME", "_NL", "NAME", "_NL"):
        run.feed(parser.tokens[kind])
    before = repr((run.states, run.values))
    for _ in range(3):
        trial = run.try_from(list(run.states))
        assert all(trial.takes(kind) for kind in ("NAME", "_NL", "NAME", "STRING", "_NL"))
        assert not trial.takes("_ARROW")
        assert trial.takes("$END")
    assert repr((run.states, run.values)) == before


def test_threads_share_the_parser() -> None:
    """A thousand files, read by two threads at the same time, have the same trees and findings as in one thread."""
    texts = [f'talk "{number}, {{a + 1}}" loop: 2\nrecord {{\n  timeout: [{number}, 2]\n}}\n' for number in range(900)]
    texts += [f'talk "{number}, {{a}}" loop = 2\nrecord {{\ntalk "y"\n' for number in range(100)]

    def read(text: str) -> tuple[str, list[Any]]:
        file, found = parse_flow(Source("x", text))
        return ast.dump(file), [(each.span, each.message) for each in found]

    expected = [read(text) for text in texts]
    switches = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(lambda: [read(text) for text in texts]) for _ in range(2)]
            assert all(each.result() == expected for each in both)
    finally:
        sys.setswitchinterval(switches)
