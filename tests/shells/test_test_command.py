"""Test `ncco test` as a process: which tests run, the exit codes, and the forms of its results."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from tests.shells.shell import Shell

FLOW = """step start {
    menu "Press 1." {
        1       -> good
        give_up -> hangup
    }
}
fallback good
step good { talk "Good." }
"""
PASSES = 'test "one" {\n    call\n    hear "Press 1."\n    press "1"\n    hear "Good."\n    expect hangup\n}\n'
FAILS = 'test "two" {\n    call\n    hear "Press 2."\n}\n'


def test_tests_of_a_flow_and_of_the_file_beside_it(ncco: Shell) -> None:
    ncco.write("shop.flow", FLOW + PASSES)
    ncco.write("shop_test.flow", 'test "three" {\n    call\n    hear "Press 1."\n}\n')
    ncco.write("plain.flow", 'talk "Hello."\n')
    assert ncco("test", code=0) == ("2 tests passed\n", "")
    assert ncco("test", "-v", "shop.flow", code=0)[0] == (
        'passed shop.flow "one"\npassed shop_test.flow "three"\n2 tests passed\n'
    )
    assert ncco("test", "shop_test.flow", code=0)[0] == "1 test passed\n"
    assert ncco("test", "-k", "ONE", code=0)[0] == "1 test passed\n"
    assert ncco("test", "shop.flow", ".", "shop_test.flow", code=0)[0] == "2 tests passed\n"
    assert ncco("check", code=0)[0] == "no findings in 3 files\n"


def test_a_failure_gives_exit_code_1(ncco: Shell) -> None:
    ncco.write("shop.flow", FLOW + PASSES + FAILS)
    out, err = ncco("test", code=1)
    assert out.startswith('FAILED shop.flow:16:6 "two": something else is heard\n')
    assert out.endswith("1 test passed, 1 failed\n")
    assert 'heard "Press 1." from shop.flow:2:10\n' in out
    assert err == ""


def test_what_no_test_matches(ncco: Shell) -> None:
    out, err = ncco("test", code=0)
    assert (out, err) == ("", "ncco: no tests here; docs/testing.md explains how to write one\n")
    ncco.write("plain.flow", 'talk "Hello."\n')
    assert "plain.flow has no tests" in ncco("test", "plain.flow", code=2)[1]
    assert "missing.flow" in ncco("test", "missing.flow", code=2)[1]
    ncco.write("shop.flow", FLOW + PASSES)
    assert 'no test has "x" in its name' in ncco("test", "-k", "x", code=2)[1]
    assert "not a flow" in ncco("test", "ncco.json", code=2)[1]
    assert "not a flow" in ncco("test", "-", code=2)[1]


def test_a_flow_with_errors_is_a_failure(ncco: Shell) -> None:
    ncco.write("shop.flow", 'tlak "x"\n' + PASSES)
    out, err = ncco("test", code=1)
    assert out == "0 tests passed, 1 flow with errors\n"
    assert 'there is no statement "tlak"' in err
    ncco.write("shop.flow", FLOW)
    ncco.write("shop_test.flow", PASSES.replace("press", "perss"))
    assert 'tests have no word "perss"' in ncco("test", code=1)[1]
    ncco.write("shop_test.flow", PASSES + 'talk "x"\n')
    assert "a file of tests has no statements of a flow" in ncco("test", code=1)[1]


def test_a_file_of_tests_without_its_flow(ncco: Shell) -> None:
    ncco.write("shop_test.flow", PASSES)
    for command in ("test", "check"):
        out, err = ncco(command, code=1)
        assert 'cannot import "shop.flow": there is no such file' in out + err


def test_a_file_of_tests_is_not_compiled(ncco: Shell) -> None:
    ncco.write("shop.flow", 'talk "Hello."\n')
    ncco.write("shop_test.flow", 'test "a" {\n    call\n    hear "Hello."\n}\n')
    ncco("compile", ".", "-o", "out", code=0)
    assert ncco.files() == ["out", "out/shop.ncco.json", "shop.flow", "shop_test.flow"]
    assert "ncco test runs them" in ncco("compile", "shop_test.flow", code=2)[1]


def test_the_cache_knows_the_flow_beside_a_file_of_tests(ncco: Shell) -> None:
    ncco.write("shop.flow", 'let word = "Hello."\ntalk word\n')
    ncco.write("shop_test.flow", 'test "a" {\n    call\n    hear word\n}\n')
    for _ in range(2):
        assert ncco("check", code=0)[0] == "no findings in 2 files\n"
    ncco.write("shop.flow", 'let words = "Hello."\ntalk words\n')
    assert "word" in ncco("check", code=1)[0]


def test_a_param_that_only_the_file_of_tests_reads_is_used(ncco: Shell) -> None:
    ncco.write("shop.flow", 'param number: phone = "+31201234567"\ntalk "Hello."\n')
    assert "F203" in ncco("check", "--fail-on", "warning", code=1)[0]
    ncco.write("shop_test.flow", 'test "a" {\n    call from: number\n    hear "Hello."\n}\n')
    for _ in range(2):
        assert ncco("check", "--fail-on", "warning", code=0)[0] == "no findings in 2 files\n"
    ncco.write("shop_test.flow", 'test "a" {\n    call\n    hear "Hello."\n}\n')
    assert "F203" in ncco("check", "--fail-on", "warning", code=1)[0]


def test_values_from_the_environment_are_not_shown(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[profiles.live]\nprovider = "vonage"\n[profiles.live.params]\ndesk = "env:DESK"\n')
    ncco.write(
        "shop.flow",
        'param desk: phone\nconnect phone desk from: "+31207654321"\n'
        'test "a" {\n    given ring desk busy\n    call\n    hear "x"\n}\n',
    )
    for form in ("text", "json", "junit"):
        out, err = ncco("test", "--profile", "live", "--format", form, code=1, env={"DESK": "+31208888888"})
        assert "8888888" not in out + err


def test_params_are_given(ncco: Shell) -> None:
    ncco.write("shop.flow", 'param word: text\ntalk "{word}"\ntest "a" {\n    call\n    hear word\n}\n')
    assert ncco("test", "-p", "word=Hello", code=0)[0] == "1 test passed\n"
    assert "F206" in ncco("test", code=1)[1]
    ncco.write("other.flow", 'param place: text = "here"\ntalk place\n')
    ncco.write("other_test.flow", 'param more: text = "x"\ntest "b" {\n    call\n    hear place\n    hear nothing\n}\n')
    given = ("-p", "word=Hello", "-p", "place=there", "-p", "more=y")
    assert ncco("test", *given, code=0)[0] == "2 tests passed\n"
    assert "nobody" in ncco("test", "-p", "nobody=1", "-p", "word=Hello", code=1)[1]


@pytest.mark.parametrize("code", [0, 1])
def test_results_for_programs(ncco: Shell, code: int) -> None:
    ncco.write("shop.flow", FLOW + PASSES + (FAILS if code else ""))
    report = json.loads(ncco("test", "--format", "json", "--coverage", code=code)[0])
    assert (report["passed"], report["failed"]) == (1, code)
    assert [(part["kind"], part["name"]) for part in report["coverage"][0]["missed"]] == [("arm", "give_up")]
    suite = ElementTree.fromstring(ncco("test", "--format", "junit", code=code)[0])
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (str(1 + code), str(code), "0")
    assert len(suite.findall("./testsuite/testcase/failure")) == code


def test_the_coverage_may_be_too_low(ncco: Shell) -> None:
    ncco.write("shop.flow", FLOW + PASSES)
    out, err = ncco("test", "--fail-under", "99.5", code=1)
    share = re.search(r"visited \((\d+) %\)", out)
    assert share is not None
    assert "no test visits the arm give_up" in out
    assert f"the tests visit {share[1]} % of the flows, and --fail-under requires 99.5 %" in err
    assert ncco("test", "--fail-under", share[1], "--format", "json", code=0)[1] == ""
    assert ncco("test", "--fail-under", "101", code=2)[0] == ""


def test_the_results_of_nothing(ncco: Shell) -> None:
    assert json.loads(ncco("test", "--format", "json", code=0)[0])["tests"] == []
    assert ElementTree.fromstring(ncco("test", "--format", "junit", code=0)[0]).get("tests") == "0"
