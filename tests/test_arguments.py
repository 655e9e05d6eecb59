"""The args of a call: what the flow declares, and how their values travel to the runtime."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import Any

import pytest

from ncco_lang.bundle import Bundle
from ncco_lang.bundler import Bundled
from ncco_lang.compiler import compile_text
from ncco_lang.program.params import ArgumentError, read_arguments
from ncco_lang.runtime.answering import Answering
from ncco_lang.runtime.answers import SHORT, Answered, Flow
from ncco_lang.runtime.arguments import LONGEST_TOKEN, open_arguments, pack_arguments, seal_arguments
from ncco_lang.runtime.call_store import MemoryStore
from ncco_lang.runtime.tokens import StateTooLarge
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.tokens.sealed import TokenKey, Tokens
from ncco_lang.values.data import Duration, Key, Tag
from ncco_lang.values.event_urls import Address, read_address, with_arguments, without_tokens

FLOW = """\
param shop: text = "the shop"
arg patient: text
arg visit: text = "your visit to {shop}"
arg pause: duration = 2s
arg tongue: language = en-GB
arg pin: secret
arg prices: table = { "small": 5 }
step start {
    talk "Hello {default(patient, "there")}, {visit}: {prices.small}." language: tongue
    wait pause
    menu "Press 1." {
        1       -> { talk "Bye {default(patient, "")}."; hangup }
        give_up -> hangup
    }
}
"""
FIELDS = {"from": "31201234567", "to": "31612345678", "uuid": "leg", "conversation_uuid": "CON-1"}
NOW, HOUR = 1_000_000.0, 3600.0
BASE = f"https://flow.example.com/ncco-{'a' * 22}"
SEALER = Tokens((TokenKey("k" * 40),), HOUR, os.urandom)


def bundle_of(text: str) -> Bundle:
    product = compile_text(text).product
    assert isinstance(product, Bundled)
    return product.bundle


BUNDLE = bundle_of(FLOW)
RUNTIME = Flow(name="main", base=BASE, newest=BUNDLE, bundles={BUNDLE.version[:SHORT]: BUNDLE})


def begun(token: str, *, store: MemoryStore | None = None, now: float = NOW) -> Answered:
    answered = Answering(SEALER, store or MemoryStore()).answer(RUNTIME, "answer", FIELDS, now, token=token)
    assert isinstance(answered, Answered)
    return answered


def first(answered: Answered) -> list[Any]:
    return [json.loads(answered.body)[at] for at in range(2)]


def sealed(values: dict[str, Any], store: MemoryStore | None = None, application: str = "main") -> str:
    token = seal_arguments(SEALER, application, pack_arguments(values), NOW, store, HOUR)
    assert token is not None
    return token


def test_a_call_has_its_args_and_the_defaults_of_the_others() -> None:
    said, wait = first(begun(sealed({"patient": "Kim", "pause": Duration("5", "s"), "tongue": Tag("en-US")})))
    assert (said["text"], said["language"]) == ("Hello Kim, your visit to the shop: 5.", "en-US")
    assert wait == {"action": "wait", "timeout": 5}


def test_a_call_without_args_has_the_defaults_and_a_name_without_one_is_unset() -> None:
    said, wait = first(begun(""))
    assert (said["text"], said["language"], wait["timeout"]) == ("Hello there, your visit to the shop: 5.", "en-GB", 2)


def test_an_arg_that_the_flow_does_not_have_is_left_out() -> None:
    assert first(begun(sealed({"patient": "Kim", "other": 1})))[0]["text"].startswith("Hello Kim,")


def test_a_flow_that_reads_no_arg_is_one_document() -> None:
    assert compile_text('arg patient: text\ntalk "Hello."').ncco == [{"action": "talk", "text": "Hello."}]


def test_a_secret_arg_stays_out_of_tokens() -> None:
    assert [name.text for name in BUNDLE.graph.names if name.secret] == ["pin"]


def test_values_of_every_type_travel() -> None:
    values = {
        "text": 'a "b" {c} \ud83d',
        "number": Decimal("0.1"),
        "bool": False,
        "duration": Duration("1.5", "s"),
        "language": Tag("nl-NL"),
        "key": Key("#"),
        "list": ["a", [1, None]],
        "table": {"small": 5, "": {"x": Decimal("2.5")}},
    }
    assert open_arguments(SEALER, "main", sealed(values), NOW, MemoryStore()) == values


@pytest.mark.parametrize(
    "token",
    ["x", "A" * 90, sealed({"patient": "Kim"}, application="other"), sealed({"patient": "Kim"})[:-4] + "AAAA"],
    ids=["short", "forged", "foreign", "altered"],
)
def test_a_forged_altered_or_foreign_token_changes_nothing(token: str) -> None:
    answered = begun(token)
    assert (answered.status, answered.body, answered.event) == (404, b"", None)


def test_an_expired_token_changes_nothing() -> None:
    assert begun(sealed({"patient": "Kim"}), now=NOW + HOUR + 1).status == 404


def test_long_args_are_in_the_store_sealed() -> None:
    store, words = MemoryStore(), [str(number * 7919 % 10007) for number in range(900)]
    payload = pack_arguments({"patient": words})
    assert seal_arguments(SEALER, "main", payload, NOW, None, HOUR) is None
    token = sealed({"patient": words}, store)
    assert len(token) <= LONGEST_TOKEN
    assert open_arguments(SEALER, "main", token, NOW, store) == {"patient": words}
    # Without them the call goes the route that needs nothing.
    answered = begun(token)
    assert [type(failed) for failed in answered.failures] == [LookupError]
    assert json.loads(answered.body)[0]["text"] == "Sorry, something went wrong."


def test_args_have_a_most() -> None:
    with pytest.raises(StateTooLarge, match="they may have 65536"):
        pack_arguments({"patient": "x" * 70_000})


@pytest.mark.parametrize("between", ["", f"/{'0' * 16}", f"/{'1' * 12}", f"/{'0' * 16}/{'1' * 12}"])
def test_the_answer_url_with_args(between: str) -> None:
    url = with_arguments(f"{BASE}{between}/answer", "tok_en-1")
    assert url == f"{BASE}{between}/args-tok_en-1/answer"
    version = "1" * 12 if "1" in between else ""
    assert read_address(url.removeprefix("https://flow.example.com")) == Address(
        f"ncco-{'a' * 22}", "answer", "tok_en-1", version
    )
    assert without_tokens(f"from {url}?x") == "from https://flow.invalid/answer?x"
    assert with_arguments(url, "more") is None


@pytest.mark.parametrize(
    "path", ["/args-/answer", "/args-a/b/answer", "/args-a/event", "/args-a/args-b/answer", "/tok/answer"]
)
def test_other_paths_are_none_of_a_runtime(path: str) -> None:
    assert read_address(f"/ncco-{'a' * 22}{path}") is None
    assert with_arguments(f"https://example.com{path}", "token") is None


FILE, _ = parse_flow(Source("main.flow", FLOW))


def test_values_of_the_command_line_have_the_types_of_the_args() -> None:
    given = {"patient": "5", "pin": "4242", "pause": "500ms", "tongue": "nl-NL", "prices": '{"small": 2.5}'}
    assert read_arguments(FILE, given) == {
        "patient": "5",
        "pin": "4242",
        "pause": Duration("500", "ms"),
        "tongue": Tag("nl-NL"),
        "prices": {"small": Decimal("2.5")},
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "patient has no default"),
        ({"patient": "a", "paus": "2s"}, "there is no|no arg paus; did you mean pause?"),
        ({"patient": "a", "zzz": "2s"}, "no arg zzz; it has patient and visit"),
        ({"patient": "a", "pause": "2"}, 'pause needs a value of type duration, not "2"; write a duration like'),
    ],
)
def test_what_an_arg_does_not_take(given: dict[str, str], words: str) -> None:
    with pytest.raises(ArgumentError, match=words.replace("?", r"\?")):
        read_arguments(FILE, given)


def test_a_secret_is_not_shown() -> None:
    file, _ = parse_flow(Source("x.flow", "arg pin: secret\narg other: text"))
    with pytest.raises(ArgumentError) as refused:
        read_arguments(file, {"pin": "4242", "othr": "4242"})
    assert "4242" not in str(refused.value)
