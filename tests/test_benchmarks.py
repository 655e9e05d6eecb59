"""The benchmarks run, with or without peers, and measure what they claim. No test here asserts a time."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from benchmarks import (
    branching,
    caching,
    calling,
    compiling,
    growing,
    languages,
    open_calls,
    peers,
    playing,
    processes,
    run,
    serving,
    token_sizes,
)
from benchmarks.by_hand import play_by_hand
from benchmarks.documents import valid_documents, wrong_documents
from benchmarks.flows import LEAST, Flow, count_tokens, make_flow
from benchmarks.measure import Lane, compare, rounded, table
from benchmarks.menus import MENU, Act
from benchmarks.validators import SIZES
from ncco_lang import is_valid, validate_value
from ncco_lang.compiler import compile_text
from ncco_lang.resources import load_json_resource
from ncco_lang.simulate.types import Press, Request
from ncco_lang.source import Source

NUMBER = r"[0-9][0-9.,]*"
ROW = re.compile(rf"^ +{NUMBER} +{NUMBER}–{NUMBER} .* {{2}}(\S.*)$", re.MULTILINE)


@pytest.mark.parametrize("actions", SIZES)
def test_valid_documents_have_no_finding(actions: int) -> None:
    documents = valid_documents(actions, 50)
    assert {len(document) for document in documents} == {actions}
    assert [validate_value(document) for document in documents] == [[]] * 50


def test_wrong_documents_have_one_error_each() -> None:
    judge = Draft202012Validator(load_json_resource("schemas/ncco.schema.json"))
    documents = wrong_documents(5, 50)
    assert [len(list(judge.iter_errors(document))) for document in documents] == [1] * 50
    assert not any(map(is_valid, documents))


def test_documents_of_the_commands_have_the_findings_that_are_said() -> None:
    documents = (processes.SMALL, processes.NUMBERS, processes.WRONG)
    assert [len(validate_value(document)) for document in documents] == [0, 0, 1]


def test_documents_are_the_same_every_time() -> None:
    assert valid_documents(5, 3) == valid_documents(5, 3)
    assert valid_documents(5, 3) != valid_documents(5, 3, seed=1)


# ── Flows ──────────────────────────────────────────────────────────────────────────────────────────────

# A statement begins at the start of a line; only Jsonnet indents its lists by two.
STATEMENT = {"flow": r"^[a-z]", "sql": r"^SELECT ", "hcl": r"^[a-z]", "jsonnet": r"^  [a-z{]"}


@pytest.mark.parametrize("lines", [LEAST, 11, 16, 25, 50, 100, 1_000])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_flow_compiles_without_a_finding(lines: int, seed: int) -> None:
    flow = make_flow(lines, seed)
    compiled = compile_text(flow.flow)
    assert [finding.message for finding in compiled.diagnostics] == []
    assert compiled.ncco is not None
    assert is_valid(compiled.ncco)
    assert len(re.findall(r"^action ", flow.hcl, re.MULTILINE)) == len(compiled.ncco)


@pytest.mark.parametrize("lines", [LEAST, 50, 1_000])
def test_a_flow_says_as_much_in_every_language(lines: int) -> None:
    flow = make_flow(lines)
    assert flow.flow.count("\n") == lines
    for language, pattern in STATEMENT.items():
        assert len(re.findall(pattern, getattr(flow, language), re.MULTILINE)) == flow.statements, language
    tokens = {language: count_tokens(getattr(flow, language), language) for language in STATEMENT}
    assert all(tokens["flow"] < count < 1.9 * tokens["flow"] for name, count in tokens.items() if name != "flow")
    assert not re.search("~", "".join(getattr(flow, language) for language in STATEMENT))


def test_flows_are_the_same_every_time() -> None:
    assert make_flow(100) == make_flow(100)
    assert make_flow(100) != make_flow(100, seed=1)
    with pytest.raises(ValueError, match="at least 10 lines"):
        make_flow(LEAST - 1)


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("flow", 'talk "Hello {name}." style: 1 // a comment\n', 1 + 4 + 3 + 1),
        ("sql", "SELECT talk('it''s ' || name, style => -1); -- a comment\n", 13),
        ("hcl", 'action "talk" { text = "Hello ${var.name}." } # a comment\n', 1 + 1 + 3 + 4 + 1 + 1),
        ("jsonnet", '  talk { text: "Hello " + name, style: 1 }, // a comment\n', 13),
    ],
)
def test_tokens_are_counted(language: str, text: str, count: int) -> None:
    assert count_tokens(text, language) == count


# ── Reports ────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_are_rounded_against_us() -> None:
    assert [rounded(value, "down") for value in (29.99, 30.0, 0.04567, 1234.5, 8.0)] == [
        "29.9",
        "30.0",
        "0.0456",
        "1,230",
        "8.00",
    ]
    assert [rounded(value, "up") for value in (8.001, 8.0, 99.91, 999.1)] == ["8.01", "8.00", "100.0", "1,000"]


def test_ratios_are_the_peers_time_by_ours() -> None:
    slow = Lane(lambda size: sum(range(size)), (20_000,))
    found = compare(Lane(lambda size: None, (1,)), slow, pairs=3, seconds=0.001)
    assert found.ratio.low <= found.ratio.median <= found.ratio.high
    assert found.ratio.count == 3
    assert found.ratio.median > 1


def test_tables_line_up() -> None:
    assert table(("n", "what"), [("10", "a b"), ("7", "c")]) == "   n  what\n  10  a b\n   7  c"


def test_validators_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.run.QUICK_SECONDS", 0.0)
    monkeypatch.setattr("benchmarks.validators.DOCUMENTS", 8)
    assert run.main(["--quick", "--only", "validators", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "2 pairs a line" in shown
    for actions in ("5 actions", "1 action", "20 actions"):
        assert f"Valid documents of {actions}\n" in shown
    assert re.search(r"^Goal: at least 30 times .*\n  (met|NOT met): is_valid", shown, re.MULTILINE)
    rows = ROW.findall(shown)
    assert [row for row in rows if row.startswith("is_valid against jsonschema 4")]
    assert [row for row in rows if "iter_errors" in row]
    # A validator with our schema gives our verdict; the vendor's models, if installed, do not.
    assert "\n  jsonschema 4" in shown
    assert not [line for line in shown.splitlines() if "NOT the right verdict" in line and "vonage" not in line]


def test_compiling_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.compiling.QUICK", compiling.Scale((10, 50, 100), 50, 10))
    assert run.main(["--quick", "--only", "compiling", "--runs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "NOT the same flow" not in shown
    assert "NOT measured" not in shown
    assert re.search(r"^  lark [0-9.]+: the same flow; ", shown, re.MULTILINE)
    rows = [line.split("  ")[-1] for line in shown.splitlines()]
    assert [row for row in rows if re.fullmatch(r"[0-9]+ lines", row)] == ["10 lines", "50 lines", "100 lines"]
    assert len([row for row in rows if re.fullmatch(r"lark [0-9.]+(, collector paused)?", row)]) == 2
    words = (
        "at most 1.3 times what lark alone takes",
        "a line of 100 lines costs at most 1.3 times",
        "validation takes under 0.2 of",
    )
    for word in words:
        assert re.search(rf"^  (met|NOT met): .*{word}.*: {NUMBER} \(quartiles ", shown, re.MULTILINE)


def test_a_flow_that_does_not_compile_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Flow(lines=1, statements=1, flow="tlak\n", sql="", hcl="", jsonnet="")
    monkeypatch.setattr(compiling, "make_flow", lambda *_: broken)
    *_, last = compiling.report(1, compiling.QUICK)
    assert last.startswith("NOT measured: ")


def test_missing_readers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", refuse)
    found, missing = languages.make_readers()
    assert not found
    assert missing == ["lark", "sqlglot", "jsonnet", "vonage-voice", "python-hcl2"]


def test_a_compiled_sqlglot_is_no_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Native:
        __file__ = "sqlglot/parser.so"
        parse = None

    monkeypatch.setitem(sys.modules, "sqlglot", Native())
    with pytest.raises(ImportError, match="compiled"):
        languages._sqlglot()


def test_missing_peers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", refuse)
    found, missing = peers.make_peers({})
    assert not found
    assert missing == ["jsonschema", "fastjsonschema", "jsonschema-rs", "vonage-voice"]


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system has no wait4")
def test_processes_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    script = processes.script
    monkeypatch.setattr(processes, "script", lambda name: None if name == "check-jsonschema" else script(name))
    assert run.main(["--quick", "--only", "processes", "--runs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "1 rounds" in shown
    assert "note: check-jsonschema is not installed, so it is not compared\n" in shown
    assert re.search(r"^note: interegular (is not|IS) installed", shown, re.MULTILINE)
    rows = ROW.findall(shown)
    assert rows[:4] == [
        "python -c pass",
        "ncco check small.json",
        "ncco check numbers.json, two telephone numbers",
        "ncco check wrong.json, one finding",
    ]
    assert rows[5:7] == ["ncco check bakery.flow, 50 lines", "ncco compile bakery.flow, 50 lines"]
    assert 'python -c "import lark"' in rows
    for command in ("small.json", "bakery.flow, 50 lines"):
        assert re.search(rf"^Goal: `ncco check {command}` .*\n  (met|NOT met): ", shown, re.MULTILINE)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system has no wait4")
def test_a_command_that_ends_otherwise_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = processes.Command("broken", (sys.executable, "-c", "raise SystemExit(3)"))
    base = processes.Command(processes.BASE, (sys.executable, "-c", "pass"))
    monkeypatch.setattr(processes, "_ours", lambda: [base, broken])
    monkeypatch.setattr(processes, "_peers", list)
    shown = "\n".join(processes.report(1))
    assert "note: `broken` ended with 3 instead of 0, so it is left out" in shown
    assert ROW.findall(shown) == ["python -c pass"]
    assert "Goal" not in shown


def test_peak_memory_is_the_commands_own() -> None:
    if not hasattr(os, "wait4"):
        pytest.skip("this system has no wait4")
    ballast = bytearray(64 * 2**20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    command = processes.Command(processes.BASE, (sys.executable, "-c", "pass"))
    assert processes.run(command, processes.ROOT).memory < len(ballast)


def test_bytecode_may_be_written_where_commands_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONHOME", "/somewhere")
    kept = [name for name in processes._environment() if name.startswith("PYTHON")]
    assert kept == ["PYTHONHOME"]


# ── Deploying ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_deploy_is_measured_beside_one_by_hand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.deploying.QUICK", (3,))
    assert run.main(["--quick", "--only", "deploying", "--runs", "1"]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^ +[\d.]+ +[\d.]* +(\d+)  (.*)$", printed, re.MULTILINE) == [
        ("1", what) for what in ("ncco deploy --plan", "ncco deploy --yes, nothing to do", "by hand, vonage")
    ]
    assert printed.count("goal: no more requests than the 1 page of the list: met") == 1


# ── Caching ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system has no wait4")
def test_a_second_check_is_measured_beside_reading_and_ruff(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "QUICK", 20)
    assert run.main(["--quick", "--only", "caching", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "20 files of 50 lines in 20 folders, none changed; finished processes, 2 rounds" in shown
    assert "NOT measured" not in shown
    assert ROW.findall(shown) == ["python -c, reading the flows", "ncco check", "ruff check"]
    assert re.search(
        rf"^Goal: .* 20 unchanged files takes at most 3 times .*\n  (met|NOT met): {NUMBER} times", shown, re.MULTILINE
    )


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system has no wait4")
def test_a_check_that_is_not_remembered_is_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "OURS", processes.Command("ncco check", (*processes.ncco(), "check", "--no-cache")))
    monkeypatch.setattr(caching, "script", lambda name: None)
    monkeypatch.setattr(caching, "_TRIES", 2)
    shown = "\n".join(caching.report(1, 3))
    assert "note: ruff is not installed" in shown
    assert "NOT measured: `ncco check` left nothing behind" in shown
    assert "Goal" not in shown


# ── Playing ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_phone_is_measured_beside_a_state_machine_by_hand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "SECONDS", 0.001)
    assert run.main(["--quick", "--only", "playing", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "6 calls of 6 kinds, with 10 webhooks on average" in shown
    assert "the same 60 webhooks, byte for byte" in shown
    assert [row.split(",")[0] for row in ROW.findall(shown)] == [
        "webhooks as JSON",
        "webhooks and the transcript as JSON",
    ]
    assert re.search(
        rf"^Goal: .*\n  (met|NOT met): {NUMBER} times\n  (met|NOT met): {NUMBER} calls", shown, re.MULTILINE
    )


def test_a_call_that_is_played_differently_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "play_by_hand", lambda call, at: play_by_hand(call, at + 1))
    *_, last = playing.report(1, 1)
    assert last == "NOT measured: the webhooks of a call of the kind notice differ"


# ── Flows that branch ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run on Windows")
def test_serving_is_measured_beside_a_menu_by_hand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "QUICK", 8)
    assert run.main(["--quick", "--only", "serving", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "the same 32 of each server, byte for byte but for the tokens" in shown
    rows = ["by hand, bare Starlette", "ours, store in memory and no log", "ours, as `ncco serve` runs"]
    assert ROW.findall(shown) == [*rows, *rows]
    assert re.search(rf"^Goal: .*\n  (met|NOT met): {NUMBER} times .*\n  .*: {NUMBER} times$", shown, re.MULTILINE)


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run on Windows")
@pytest.mark.parametrize(
    ("name", "peer"), [("values", "by hand, bare Starlette"), ("lookups", "by hand, bare Starlette and httpx")]
)
def test_values_and_lookups_are_measured_beside_the_same_by_hand(
    name: str, peer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "QUICK", 4)
    assert run.main(["--quick", "--only", name, "--runs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "the same 14 of each server, byte for byte but for the tokens" in shown
    rows = [peer, "ours, store in memory and no log", "ours, as `ncco serve` runs"]
    assert ROW.findall(shown) == [*rows, *rows]
    assert re.search(rf"^Goal: .*\n  (met|NOT met): {NUMBER} times .*\n  .*: {NUMBER} times$", shown, re.MULTILINE)


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run on Windows")
def test_a_menu_that_answers_differently_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(caller: serving.Caller, way: tuple[Act, ...], leg: str) -> tuple[list[str], str, dict[str, Any]]:
        return [caller.server.answer_url], "", {}

    monkeypatch.setattr(serving.Caller, "play", play)
    *_, last = serving.report(1, 8)
    assert last == "NOT measured: the answers differ after: press 1"


def test_whole_calls_are_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "SECONDS", 0.001)
    assert run.main(["--quick", "--only", "calling", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "the 5 calls send and hear what they should" in shown
    assert re.search(rf"^Goal: .*\n  (met|NOT met): {NUMBER} calls a second$", shown, re.MULTILINE)


def test_a_call_that_ends_in_another_way_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MENU", MENU.replace("Goodbye", "Bye"))
    *_, last = calling.report(1)
    assert last.startswith("NOT measured: the call 'an order' ends in another way: ")


def test_flows_that_branch_are_measured_by_their_steps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branching, "QUICK", branching.Scale((4, 10), 4))
    monkeypatch.setattr(branching, "STEPS_A_PASS", 1)
    assert run.main(["--quick", "--only", "branching", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert ROW.findall(shown)[0].split()[-2:] == ["4", "steps"]
    for name in ("check", "compile"):
        assert re.search(rf"^  (met|NOT met): {name}: {NUMBER} times \(quartiles ", shown, re.MULTILINE)


# ── Values and lookups ─────────────────────────────────────────────────────────────────────────────────


def test_events_are_measured_by_the_blocks_of_their_bundle(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "EVENTS", 1)
    assert run.main(["--quick", "--only", "growing", "--runs", "1"]) == 0
    shown = capsys.readouterr().out
    assert ROW.findall(shown) == ["13 blocks", "101 blocks"]
    assert re.search(rf"^Goal: .*\n  (met|NOT met): {NUMBER} times$", shown, re.MULTILINE)


def test_tokens_of_calls_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--quick", "--only", "tokens"]) == 0
    shown = capsys.readouterr().out
    rows = re.findall(r"^ +\d+ +\d+ +\d+ +(\d+) +\d+ +(\d+)  (.*)$", shown, re.MULTILINE)
    assert [name for *_, name in rows] == [*token_sizes.SAMPLES, "generated flows", "all"]
    # The part of the address before a token has 56 characters.
    assert all(int(url) == int(token) + 56 for token, url, _ in rows)
    assert re.search(r"^Goal: .*\n  (met|NOT met): \d+ characters of all tokens$", shown, re.MULTILINE)


def test_random_ids_make_tokens_longer() -> None:
    # So many names make states so long that they are deflated, and then it matters what the ids are.
    flow, script = token_sizes.make_flow(8, (10,) * 8), [Press("0123456789")] * 8
    playable, _ = token_sizes._compiled(Source("names.flow", flow))
    outputs = token_sizes._played(playable, script)
    played = [each.hook.url for each in outputs if isinstance(each, Request) and "/i/" in each.hook.url]
    sizes = token_sizes.measured([outputs], 1)
    sealed = 4 * (4 + 4 + 12 + 16) // 3
    shortest = min(len(url.rpartition("/")[2]) for url in played) + sealed
    assert sizes.calls == 1
    assert min(sizes.tokens) > shortest


def test_open_calls_keep_what_is_said_of_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_calls, "QUICK", 20)
    assert run.main(["--quick", "--only", "memory"]) == 0
    shown = capsys.readouterr().out
    assert re.findall(r"^ .*  (.*); rows later: (.*)$", shown, re.MULTILINE) == [
        ("is asked by a menu", "none"),
        ("has entered a secret", "1 data"),
        ("has entered a secret and heard a lookup", "1 data"),
        ("talks to a colleague", "1 legs, 1 notes"),
    ]
