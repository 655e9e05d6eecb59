"""Test `ncco play` with flows that branch: keys and speech, dialled numbers, a server that dies, and bundles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shells.shell import Shell

FLOW = """param desk: phone = "+31 20 123 4567"
fallback voicemail

step start {
    menu "Press 1 for the desk." {
        1, "the desk" -> agent
        otherwise     -> retry "Sorry."
        give_up       -> voicemail
    }
}

step agent {
    talk "Please hold."
    connect phone desk from: "+31 20 765 4321" {
        busy      -> retry "The desk is busy."
        otherwise -> voicemail
        give_up   -> voicemail
    }
    talk "Thank you for calling."
}

step voicemail { talk "Call again later." }
"""
STORE = "https://store.example.com/shop.json"


@pytest.fixture
def shop(ncco: Shell) -> Shell:
    ncco.write("shop.flow", FLOW)
    return ncco


def heard(out: str) -> list[tuple[str, str]]:
    """Return what the caller heard, each with the line of the flow."""
    found = [line.partition('hears "')[2] for line in out.splitlines() if 'hears "' in line]
    return [(words.partition('"')[0], words.rpartition(")")[2].strip()) for words in found]


def events_of(path: Path) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["events"]
    return events


def test_what_is_heard_has_its_line_in_the_flow(shop: Shell) -> None:
    out, err = shop("play", "shop.flow", "--press", "7", "--say", "the desk, please", code=0)
    assert heard(out) == [
        ("Press 1 for the desk.", "shop.flow:5"),
        ("Sorry.", "shop.flow:7"),
        ("Press 1 for the desk.", "shop.flow:5"),
        ("Please hold.", "shop.flow:13"),
        ("Thank you for calling.", "shop.flow:19"),
    ]
    assert "dials phone 31201234567   shop.flow:14" in out
    assert err == ""


def test_a_number_behaves_as_told(shop: Shell) -> None:
    out, _ = shop("play", "shop.flow", "--press", "1", "--ring", "+31201234567=busy", code=0)
    assert [words for words, _ in heard(out)] == [
        "Press 1 for the desk.",
        "Please hold.",
        "The desk is busy.",
        "The desk is busy.",
        "Call again later.",
    ]


def test_the_transcript_has_no_tokens_and_is_the_same_each_time(shop: Shell) -> None:
    texts = []
    for name in ("a.json", "b.json"):
        shop("play", "shop.flow", "--press", "1", "--transcript", name, code=0)
        texts.append((shop.folder / name).read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    urls = {line["url"] for line in events_of(shop.folder / "a.json") if line["what"] == "webhook"}
    assert urls == {f"https://flow.invalid/{each}" for each in ("answer", "event", "i/token", "c/token", "j/token")}
    assert "ncco-" not in texts[0]


def test_a_bundle_is_played_as_its_flow_is(shop: Shell) -> None:
    shop("compile", "shop.flow", "-o", "build", code=0)
    out, _ = shop("play", "shop.flow", "--press", "1", code=0)
    for name in ("build", "build/bundle.json"):
        assert shop("play", name, "--press", "1", code=0)[0] == out
    shop.write("other.json", '{"graph": {}}')
    assert "is not a bundle that this ncco plays" in shop("play", "other.json", code=2)[1]


@pytest.mark.parametrize("joins", ["notify", "before"])
def test_after_a_connect_the_flow_goes_on_at_each_provider(shop: Shell, joins: str) -> None:
    shop.write("ncco.toml", f'[profiles.live]\nprovider = "vonage"\njoins = "{joins}"\n')
    out, _ = shop("play", "shop.flow", "--profile", "live", "--press", "1", "--transcript", "t.json", code=0)
    assert heard(out)[-1] == ("Thank you for calling.", "shop.flow:19")
    kinds = [line["kind"] for line in events_of(shop.folder / "t.json") if line["what"] == "webhook"]
    assert ("notify" in kinds) is (joins == "notify")


def test_a_wrong_setting_of_another_profile_is_reported_and_the_call_is_played(shop: Shell) -> None:
    shop.write("ncco.toml", '[profiles.live]\nprovider = "vonage"\n[profiles.kpn]\nprovider = "kpn"\njoins = "x"\n')
    out, err = shop("play", "shop.flow", "--profile", "live", "--press", "1", code=0)
    assert heard(out)
    assert "ncco.toml: one setting is wrong and left out; the others hold" in err
    _, err = shop("play", "shop.flow", "--profile", "kpn", "--press", "1", code=2)
    assert 'profile "kpn" is wrong, so nothing was done' in err


@pytest.mark.parametrize("answered", [0, 1])
def test_while_the_server_is_dead_callers_hear_the_tail_or_the_fallback_document(shop: Shell, answered: int) -> None:
    dead = ("play", "shop.flow", "--press", "1", "--dead-after", str(answered))
    sorry = [("Sorry, something went wrong.", ""), ("Call again later.", "")]
    out, _ = shop(*dead, "--fallback-url", STORE, code=0)
    assert heard(out)[-2:] == sorry
    assert f"GET {STORE}" in out
    out, _ = shop(*dead, code=1)
    assert "the server is dead" in out
    # Without a fallback URL, the call has only the tail of the document that it plays.
    assert [words for words, _ in heard(out)][1:] == ([words for words, _ in sorry] if answered else [])


def test_other_addresses_are_answered_from_files(ncco: Shell) -> None:
    ncco.write(
        "shop.flow",
        'step start {\n    menu "Press 1." {\n        1       -> { notify "https://example.com/n" payload: {"a": 1} }\n'
        "        give_up -> hangup\n    }\n}\n",
    )
    ncco.write("n.json", '[{"action": "talk", "text": "Noted."}]')
    out, _ = ncco("play", "shop.flow", "--press", "1", "--webhook", "https://example.com/*=n.json", code=0)
    assert [words for words, _ in heard(out)] == ["Press 1.", "Noted."]


def test_wrong_usage_says_what_is_right(ncco: Shell) -> None:
    ncco.write("plain.flow", 'talk "Hello."\n')
    ncco.write("plain_test.flow", 'test "a" {\n    call\n    hear "Hello."\n}\n')
    assert "--dead-after goes with a flow that branches" in ncco("play", "plain.flow", "--dead-after", "1", code=2)[1]
    assert "ncco test runs them" in ncco("play", "plain_test.flow", code=2)[1]
    assert "bundle.json" in ncco("play", ".", code=2)[1]


def test_only_the_caller_hears_what_comes_from_the_environment(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[profiles.live]\nprovider = "vonage"\n[profiles.live.params]\ndesk = "env:DESK"\n')
    ncco.write("shop.flow", FLOW.replace(' = "+31 20 123 4567"', ""))
    out, err = ncco("play", "shop.flow", "--profile", "live", "--press", "1", code=0, env={"DESK": "+31208888888"})
    assert "8888888" not in out + err


ORDER = """param shop: url = "https://shop.example.com"

step start {
    talk "One moment."
    fetch "{shop}/orders?id=1" into: found timeout: 3s {
        404       -> { talk "There is none."; hangup }
        timeout   -> { talk "It takes too long."; hangup }
        otherwise -> { talk "We are closed."; hangup }
    }
    talk "It is {found.state}."
}
"""


@pytest.mark.parametrize(
    ("fetch", "words", "shown"),
    [
        ("https://shop.*/orders?id=?=order.json", "It is ready.", 'sets found = {"state": "ready"}'),
        (
            "GET https://*=404",
            "There is none.",
            "looks up GET https://shop.example.com/orders?id=1: 404   order.flow:5",
        ),
        ("get *=timeout", "It takes too long.", "1: no answer in time"),
        ("GET *=fails", "We are closed.", "1: no answer"),
    ],
)
def test_lookups_are_answered_as_told(ncco: Shell, fetch: str, words: str, shown: str) -> None:
    ncco.write("order.flow", ORDER)
    ncco.write("order.json", '{"state": "ready"}')
    given = ("--fetch", fetch, "--fetch", "*=500", "--transcript", "call.json")
    out, err = ncco("play", "order.flow", *given, code=0)
    assert [words for words, _ in heard(out)] == ["One moment.", words]
    assert shown in out
    assert not {"lookup", "set"} & {event["what"] for event in events_of(ncco.folder / "call.json")}
    assert err == ""


def test_a_lookup_without_an_answer_ends_the_command(ncco: Shell) -> None:
    ncco.write("order.flow", ORDER)
    out, err = ncco("play", "order.flow", "--fetch", "POST *=200", "--transcript", "call.json", code=2)
    assert 'write --fetch "GET https://shop.example.com/orders?id=1=FILE.json"' in err
    assert "One moment." in out
    assert events_of(ncco.folder / "call.json")


@pytest.mark.parametrize(
    "fetch", ["GET", "GET *", "GOT *=404", "=404", "GET *=", "GET *=order.flow", "GET *=none.json"]
)
def test_a_wrong_fetch_is_refused(ncco: Shell, fetch: str) -> None:
    ncco.write("order.flow", ORDER)
    out, err = ncco("play", "order.flow", "--fetch", fetch, code=2)
    assert out == ""
    assert "--fetch takes" in err or "is not JSON" in err or "cannot read" in err
