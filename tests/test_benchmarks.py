"""The benchmarks run, with peers or without, and measure what they say. No test here looks at a time."""

from __future__ import annotations

import os
import re
import sys

import pytest
from jsonschema import Draft202012Validator

from benchmarks import peers, processes, run
from benchmarks.documents import valid_documents, wrong_documents
from benchmarks.measure import Lane, compare, rounded, table
from benchmarks.validators import SIZES
from ncco_lang import is_valid, validate_value
from ncco_lang.resources import load_json_resource

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
    # Whoever reads our schema gives our verdict; the vendor's models do not, where they are installed.
    assert "\n  jsonschema 4" in shown
    assert not [line for line in shown.splitlines() if "NOT the right verdict" in line and "vonage" not in line]


def test_missing_peers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", refuse)
    found, missing = peers.make_peers({})
    assert not found
    assert missing == ["jsonschema", "fastjsonschema", "jsonschema-rs", "vonage-voice"]


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system has no wait4")
def test_processes_report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    script = processes._script
    monkeypatch.setattr(processes, "_script", lambda name: None if name == "check-jsonschema" else script(name))
    assert run.main(["--quick", "--only", "processes", "--runs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "2 rounds" in shown
    assert "note: check-jsonschema is not installed, so it is not compared\n" in shown
    assert re.search(r"^note: interegular (is not|IS) installed", shown, re.MULTILINE)
    rows = ROW.findall(shown)
    assert rows[:4] == [
        "python -c pass",
        "ncco check small.json",
        "ncco check numbers.json, two telephone numbers",
        "ncco check wrong.json, one finding",
    ]
    assert re.search(r"^Goal: `ncco check small.json` .*\n  (met|NOT met): ", shown, re.MULTILINE)


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
