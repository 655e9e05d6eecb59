"""The runtime: webhooks of a call → their answers, and what it keeps between them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.bundle import Arm, Block, BlockId, Bundle, Expression, Fetch, Outcome
from ncco_lang.engine.events import (
    Connect,
    Ended,
    Event,
    Fact,
    Facts,
    Heard,
    Input,
    Joined,
    Lookup,
    Note,
    Result,
    Started,
)
from ncco_lang.engine.state import State
from ncco_lang.runtime.answering import Answering
from ncco_lang.runtime.answers import SHORT, Answered, Flow, Pending
from ncco_lang.runtime.call_store import MOST_NOTES, REPLY_SECONDS, Begun, Kept, MemoryStore
from ncco_lang.runtime.rescuing import last_words
from ncco_lang.runtime.tokens import PlainSealer, pack, read_payload, unpack
from ncco_lang.runtime.turn import MOST_LOOKUPS
from ncco_lang.runtime.webhooks import Malformed, read_event
from ncco_lang.serve.call_store import SqliteStore
from ncco_lang.serve.log_lines import event_line, failure_line, mask
from ncco_lang.tokens.sealed import LEAST_SECRET, TokenKey, Tokens
from ncco_lang.values.event_urls import LONGEST_URL, Address, Webhook, read_address, without_tokens
from tests.budget import searched
from tests.bundles import BUNDLES
from tests.judge import judge
from tests.test_engine import MUSEUM, bundle_of

NOW = 1_767_607_200.0
PART = "ncco-" + "a" * 22
BASE = f"https://calls.example/{PART}"
LEG, CONVERSATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
CALL = {"from": "31612345678", "to": "31201234567", "uuid": LEG, "conversation_uuid": CONVERSATION}


def keys(digits: str | None) -> dict[str, Any]:
    return {"dtmf": {"digits": digits, "timed_out": not digits}, "speech": {"results": []}, **CALL}


def status(name: str, leg: str = "other") -> dict[str, Any]:
    return {"status": name, "uuid": leg, "conversation_uuid": CONVERSATION, "from": "31201234567", "to": "31207654321"}


NOTIFY = {"payload": {}, "conversation_uuid": CONVERSATION, "timestamp": "2026-01-05T10:00:30.000Z"}


def tokens(secret: str = "s" * LEAST_SECRET, seconds: float = 14_400.0) -> Tokens:
    counter = iter(range(1 << 30))
    return Tokens((TokenKey(secret),), seconds, lambda size: next(counter).to_bytes(size, "big"))


def flow_of(*bundles: Bundle, name: str = "museum") -> Flow:
    """Return a flow whose newest bundle is the first one."""
    return Flow(name=name, base=BASE, newest=bundles[0], bundles={bundle.version[:SHORT]: bundle for bundle in bundles})


def looking_up(url: Expression = "https://shop.example/1", rounds: int = 2, timeout: str = "2") -> Bundle:
    """Return a bundle that looks up so many times at the beginning, and then says what came of it."""
    text = 'step start { menu "Press 1." { 1 -> found; otherwise -> sorry } }'
    graph = bundle_of(f'{text}\nstep found {{ talk "Found." }}\nstep sorry {{ talk "Not found." }}').graph
    found, sorry = (next(step.entry for step in graph.steps if step.name == name) for name in ("found", "sorry"))
    size = len(graph.blocks)
    more = list[Block]()
    for number in range(1, rounds + 1):
        good = BlockId(size + number) if number < rounds else found
        arms = (Arm((Outcome("otherwise"),), sorry),)
        fetch = Fetch("get", url, ["object"], ["undefined"], ["duration", timeout, "s"], None, arms, good)
        more.append(Block(f"start.{number}", (), fetch))
    return replace(MUSEUM, graph=replace(graph, blocks=(*graph.blocks, *more), entry=BlockId(size)), lines=())


class Call:
    """A call: sends webhooks to the event URLs of its newest document."""

    def __init__(self, flow: Flow | None = None, sealer: Any = None, store: Any = None) -> None:
        self.flow = flow_of(MUSEUM) if flow is None else flow
        self.answering = Answering(sealer or tokens(), store or MemoryStore())
        self.now = NOW
        self.document: list[dict[str, Any]] = []
        self.lookups: list[Lookup] = []
        self.results: list[Result] = []

    def send(self, webhook: Webhook, fields: Mapping[str, Any], token: str = "", **more: str) -> Answered:
        self.now += 1
        answered = self.answering.answer(self.flow, webhook, fields, self.now, token=token, **more)
        while isinstance(answered, Pending):
            self.lookups.append(answered.lookup)
            answered = answered.resume(self.results.pop(0))
        if answered.status == 200 and answered.body:
            self.document = json.loads(answered.body)
            assert judge(self.document) == []
        return answered

    def start(self) -> list[str]:
        self.send("answer", CALL)
        return self.said()

    def to(self, action: str, fields: Mapping[str, Any]) -> Answered:
        """Send the event of an action of the newest document."""
        address = self.address(action)
        return self.send(address.webhook, fields, address.token)

    def address(self, action: str) -> Address:
        (url,) = [each["eventUrl"][0] for each in self.document if each["action"] == action and "eventUrl" in each]
        found = read_address(url.removeprefix("https://calls.example"))
        assert found is not None
        assert len(url) <= LONGEST_URL
        return found

    def said(self) -> list[str]:
        """Return what the caller hears before the first action that waits."""
        texts = list[str]()
        for each in self.document:
            if each["action"] in ("input", "connect", "record", "notify"):
                return [*texts, each["action"]]
            texts.append(each.get("text", each["action"]))
        return texts


# ── Whole calls ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sealer", [tokens(), PlainSealer()])
def test_a_call_goes_through_a_menu_to_a_connect(sealer: Any) -> None:
    call = Call(sealer=sealer)
    assert call.start()[-1] == "input"
    assert call.to("input", keys("7")).status == 200
    assert call.said()[0] == "That was not one of the keys."
    call.to("input", keys("1"))
    call.to("input", keys("12"))
    assert call.said() == ["One moment.", "connect"]
    assert call.to("connect", status("ringing")).body == b""
    answered = call.to("connect", status("answered"))
    assert (answered.status, answered.body) == (200, b"")
    call.to("notify", NOTIFY)
    assert call.said() == ["Thank you for calling."]


def test_a_busy_desk_takes_its_arm_with_and_without_its_event() -> None:
    documents = []
    for is_lost in (False, True):
        call = Call()
        call.start()
        call.to("input", keys("0"))
        if is_lost:
            call.to("notify", NOTIFY)
        else:
            call.to("connect", status("busy"))
        documents.append(without_tokens(json.dumps(call.document)))
    assert "Leave a message" in documents[0]
    assert "does not answer" in documents[1]


def test_a_late_event_of_a_connect_changes_nothing() -> None:
    call = Call()
    call.start()
    call.to("input", keys("0"))
    connect = call.address("connect")
    call.to("notify", NOTIFY)
    assert call.send("c", status("timeout"), connect.token).body == b""


def test_a_late_event_of_a_connect_in_the_same_document_as_a_question() -> None:
    text = 'step start { connect phone "+31 20 765 4321" { otherwise -> hangup }\n menu "Press 1." { 1 -> hangup; otherwise -> repeat } }'
    call = Call(flow_of(bundle_of(text, joins="before")))
    assert call.start() == ["connect"]
    connect = call.address("connect")
    call.to("input", keys("7"))
    assert call.said() == ["Press 1.", "input"]
    assert call.send("c", status("busy"), connect.token).body == b""


def test_the_same_event_again_gets_the_same_answer_and_does_nothing(store: Any) -> None:
    call = Call(store=store)
    call.start()
    menu = call.address("input")
    first = call.send("i", keys("0"), menu.token)
    again = call.send("i", keys("0"), menu.token)
    assert again.body == first.body
    assert again.is_repeated
    assert not first.is_repeated
    connect = call.address("connect")
    for _ in range(3):
        call.send("c", status("answered"), connect.token)
    assert len(store.facts(LEG).notes) == 1
    assert store.facts(LEG).serial == 2
    call.now += REPLY_SECONDS
    later = call.send("i", keys("0"), menu.token)
    assert not later.is_repeated
    assert without_tokens(later.body.decode()) == without_tokens(first.body.decode())


def test_a_call_stays_in_the_version_that_it_began_with() -> None:
    newer = bundle_of('step start { menu "Press 1." { 1 -> hangup; otherwise -> repeat } }')
    call = Call()
    call.start()
    call.flow = flow_of(newer, MUSEUM)
    call.to("input", keys("2"))
    assert call.said()[0] == "We are beside the station."
    call.send("answer", {**CALL, "uuid": "first"})
    assert call.said() == ["Press 1.", "input"]
    pinned = call.send("answer", {**CALL, "uuid": "second"}, version=MUSEUM.version[:SHORT])
    assert pinned.bundle == MUSEUM


def test_a_call_whose_version_is_gone_takes_the_fallback_route() -> None:
    call = Call()
    call.start()
    address = call.address("input")
    newer = bundle_of('fallback sorry\nstep start { talk "New."\ngoto sorry }\nstep sorry { talk "Sorry." }')
    call.flow = flow_of(newer)
    answered = call.send("i", keys("2"), address.token)
    assert (answered.status, call.said()) == (200, ["Sorry."])
    assert answered.leg == LEG


def test_an_error_of_the_engine_takes_the_fallback_route() -> None:
    broken = replace(MUSEUM.graph, steps=MUSEUM.graph.steps[-1:])
    call = Call()
    call.start()
    call.flow = replace(call.flow, bundles={MUSEUM.version[:SHORT]: replace(MUSEUM, graph=broken)})
    answered = call.to("input", keys("1"))
    assert answered.status == 200
    assert call.said() == ["Leave a message after the beep.", "record"]
    assert [type(each) for each in answered.failures] == [IndexError]


class BrokenStore(MemoryStore):
    """A store whose medium is full."""

    def facts(self, leg: str) -> Facts:
        raise OSError("the disk is full")

    def keep(self, kept: Kept, now: float) -> bytes:
        raise OSError("the disk is full")

    def put(self, leg: str, data: bytes, until: float) -> bytes:
        raise OSError("the disk is full")


def test_a_store_that_fails_ends_no_call() -> None:
    call = Call(store=BrokenStore())
    call.start()
    answered = call.to("input", keys("1"))
    assert call.said()[0] == "Press 1 for adults, or 12 for a group."
    assert [str(each) for each in answered.failures] == ["the disk is full"]


def test_a_state_that_is_too_large_for_a_url_is_kept() -> None:
    text = json.dumps("".join(map(str, range(100, 1500))))
    flow = f'step start {{ goto asked({text}) }}\nstep asked(long: text) {{ menu "Press 1." {{ 1 -> next(long); otherwise -> repeat }} }}'
    flow += '\nstep next(long: text) { talk "{long}" }'
    call = Call(flow_of(bundle_of(flow)))
    call.start()
    call.to("input", keys("1"))
    assert call.document[0]["text"].startswith("100101102")


def test_a_flow_of_one_document_is_served() -> None:
    call = Call(Flow(name="static", base=BASE, document=[{"action": "talk", "text": "Closed."}]))
    assert call.start() == ["Closed."]
    assert call.send("event", status("completed")).body == b""
    assert call.send("fallback", CALL).body


def test_the_end_of_a_call_forgets_its_facts(store: Any) -> None:
    call = Call(store=store)
    call.start()
    assert store.legs(CONVERSATION) == []
    call.to("input", keys("0"))
    assert store.legs(CONVERSATION) == [LEG]
    call.send("event", status("completed", LEG))
    assert store.facts(LEG) == Facts()
    assert store.legs(CONVERSATION) == []


def test_the_fallback_webhook_takes_the_route_that_needs_nothing() -> None:
    call = Call()
    call.send("fallback", {**CALL, "reason": "Connection closed.", "original_request": {"type": "answer"}})
    assert call.said() == ["Leave a message after the beep.", "record"]
    assert judge(last_words(MUSEUM)) == []
    assert judge(last_words(replace(MUSEUM, rescue=999))) == []


# ── Lookups ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lookup_is_made_by_the_caller_of_the_runtime() -> None:
    call = Call(flow_of(looking_up()))
    call.results = [Result(200), Result(200)]
    assert call.start() == ["Found."]
    assert [(each.method, each.url, each.timeout) for each in call.lookups] == [
        ("get", "https://shop.example/1", 2)
    ] * 2
    assert call.lookups[0].key != call.lookups[1].key
    call.results = [Result(200), Result(None, is_late=True)]
    call.send("answer", {**CALL, "uuid": "second"})
    assert call.said() == ["Not found."]


def test_a_server_cannot_find_by_its_key_what_a_caller_keyed_in() -> None:
    bundle = bundle_of(
        'step start { menu "Key in a number." { 1, 2 -> ask_it; otherwise -> retry; give_up -> hangup } }\n'
        'step ask_it { fetch "https://shop.example/a" method: post { otherwise -> hangup }\ntalk "Done." }'
    )

    def key_with(sealer: Tokens) -> str:
        call = Call(flow_of(bundle), sealer)
        call.results.append(Result(200))
        call.start()
        call.to("input", keys("1"))
        return call.lookups[0].key

    # The same call and the same keys, but a token that no server has seen.
    assert key_with(tokens()) == key_with(tokens())
    assert key_with(tokens()) != key_with(tokens("o" * LEAST_SECRET))


def test_an_event_that_is_repeated_makes_no_lookup_again(store: Any) -> None:
    bundle = looking_up(["text", "url", "https://shop.example/", ["put", ["call", "from"], []]])
    flow = flow_of(bundle)

    def again(time: float) -> Answered | Pending:
        """Answer in another process, that has the same store."""
        return Answering(tokens(), store).answer(flow, "answer", CALL, time)

    first = again(NOW)
    assert isinstance(first, Pending)
    repeated = again(NOW + 2)
    assert isinstance(repeated, Pending)
    assert (repeated.lookup, repeated.key, repeated.number) == (first.lookup, first.key, 0)
    second = first.resume(Result(200, {"a": [1.5, None]}))
    assert isinstance(second, Pending)
    # The first process is killed here. The result of a process that was slower does not count.
    late = repeated.resume(Result(503))
    assert isinstance(late, Pending)
    assert late.lookup == second.lookup
    last = again(NOW + 5)
    assert isinstance(last, Pending)
    assert (last.lookup, last.number) == (second.lookup, 1)
    done = last.resume(Result(404))
    assert isinstance(done, Answered)
    assert json.loads(done.body)[0]["text"] == "Not found."
    kept = again(NOW + 20)
    assert isinstance(kept, Answered)
    assert (kept.body, kept.is_repeated) == (done.body, True)
    # A slower process gives the answer that was given.
    slow = second.resume(Result(200))
    assert isinstance(slow, Answered)
    assert slow.body == done.body


def test_an_event_without_end_takes_the_fallback_route() -> None:
    call = Call(flow_of(looking_up(rounds=30, timeout="0.1")))
    call.results = [Result(200)] * 30
    answered = call.send("answer", CALL)
    assert len(call.lookups) == MOST_LOOKUPS
    assert [type(each) for each in answered.failures] == [LookupError]


# ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────

PIN = """step start { goto asked("4711") }
step asked(pin: text) { menu "Press 1." { 1 -> told(pin); 2 -> start; otherwise -> last } }
step told(pin: text) { talk "{pin}"; menu "Press 2." { 2 -> told(pin); otherwise -> last } }
step last { menu "Press 3." { 3 -> last; otherwise -> last } }
"""


def with_a_secret() -> Bundle:
    """Return a bundle whose names are all secret."""
    bundle = bundle_of(PIN)
    return replace(
        bundle, graph=replace(bundle.graph, names=tuple(replace(each, secret=True) for each in bundle.graph.names))
    )


class SeenStore(MemoryStore):
    """A store that keeps what it was given and when that expires."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[bytes, tuple[bytes, float]] = {}

    def put(self, leg: str, data: bytes, until: float) -> bytes:
        reference = super().put(leg, data, until)
        self.seen[reference] = data, until
        return reference

    def set_until(self, reference: bytes, until: float) -> None:
        super().set_until(reference, until)
        self.seen[reference] = self.seen[reference][0], until


def test_a_secret_is_in_the_store_and_in_no_token() -> None:
    store = SeenStore()
    call = Call(flow_of(with_a_secret()), PlainSealer(), store)
    call.start()
    assert b"4711" not in unplain(call.address("input").token)
    call.to("input", keys("1"))
    assert call.said()[0] == "4711"
    call.to("input", keys("2"))
    assert call.said()[0] == "4711"
    # The parameter of the first step is gone, and that of the second one is kept as long as its newest token is valid.
    first = call.now - 1 + REPLY_SECONDS
    assert [until for _, until in store.seen.values()] == [first, call.now + call.flow.seconds]
    call.to("input", keys("9"))
    assert [until for _, until in store.seen.values()] == [first, call.now + REPLY_SECONDS]
    assert call.said()[0] == "Press 3."
    call.send("event", status("completed", LEG))
    assert [store.get(each) for each in store.seen] == [None, None]


def test_what_a_store_keeps_of_a_call_is_sealed(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "calls.sqlite")
    call = Call(flow_of(with_a_secret()), tokens(), store)
    call.start()
    call.to("input", keys("1"))
    assert call.said()[0] == "4711"
    store.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [each for each in (b"4711", b"Press", b"eventUrl") if each in data] == []


def test_a_call_whose_secret_is_gone_takes_the_route_for_failures() -> None:
    store = MemoryStore()
    call = Call(flow_of(with_a_secret()), store=store)
    call.start()
    store.forget(LEG)
    answered = call.to("input", keys("1"))
    assert call.said() == ["Sorry, something went wrong."]
    assert [type(each) for each in answered.failures] == [LookupError, LookupError]


def test_a_call_whose_secret_cannot_be_kept_takes_the_route_for_failures() -> None:
    call = Call(flow_of(with_a_secret()), store=BrokenStore())
    assert call.start() == ["Sorry, something went wrong."]


def unplain(token: str) -> bytes:
    """Return what a token of a `PlainSealer` has, inflated."""
    opened = PlainSealer().unseal(token, about=b"", now=0)
    assert opened is not None
    payload = read_payload(opened[1])
    assert payload.secrets is not None
    return (unpack(payload.state) or "").encode()


# ── Tokens ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_opens_for_its_flow_and_its_webhook_alone() -> None:
    call = Call()
    call.start()
    token = call.address("input").token
    altered = token[:40] + ("B" if token[40] != "B" else "C") + token[41:]
    shorter, other = token[:-4], Call(sealer=tokens("o" * LEAST_SECRET))
    other.start()
    results = [
        call.send("i", keys("1"), altered),
        call.send("i", keys("1"), shorter),
        call.send("i", keys("1"), "AAAA"),
        call.send("i", keys("1"), other.address("input").token),
        call.send("c", status("busy"), token),
        call.send("j", NOTIFY, token),
        Answering(tokens(), MemoryStore()).answer(replace(call.flow, name="x"), "i", keys("1"), NOW, token=token),
        Answering(tokens(), MemoryStore()).answer(call.flow, "i", keys("1"), NOW + 15_000, token=token),
    ]
    answers = [each for each in results if isinstance(each, Answered)]
    assert [(each.status, each.body, each.event) for each in answers] == [(404, b"", None)] * len(results)
    assert call.send("i", keys("1"), token).status == 200


OTHER = {"uuid": "bbbbbbbb-0000-0000-0000-000000000000", "conversation_uuid": "CON-b"}


@pytest.mark.parametrize(
    ("webhook", "fields", "code"),
    [
        ("i", OTHER, 404),
        ("i", {"uuid": OTHER["uuid"], "conversation_uuid": None}, 404),
        ("i", {"uuid": LEG.replace("-", "").upper(), "conversation_uuid": "CON-b"}, 200),
        ("i", {"conversation_uuid": CONVERSATION, "uuid": "b"}, 200),
        ("i", {"uuid": None, "conversation_uuid": None}, 200),
        ("j", OTHER, 404),
        ("j", {"conversation_uuid": CONVERSATION}, 200),
        ("c", OTHER, 404),
        ("c", {"uuid": "b", "conversation_uuid": CONVERSATION}, 200),
        ("c", {"call_uuid": "b", "uuid": None, "conversation_uuid": None}, 200),
    ],
)
def test_a_token_is_for_the_webhooks_of_its_call(webhook: Webhook, fields: dict[str, Any], code: int) -> None:
    call = Call()
    call.start()
    call.to("input", keys("0"))
    token = call.address("connect" if webhook == "c" else "notify").token
    if webhook == "i":
        call.start()
        token = call.address("input").token
    before = {"i": keys("1"), "j": NOTIFY, "c": status("busy")}[webhook]
    assert call.send(webhook, {**before, **fields}, token).status == code


def test_a_leg_may_join_another_conversation() -> None:
    call = Call(
        flow_of(
            bundle_of(
                'step start { menu "Press 1." { 1 -> hangup; otherwise -> meet } }\nstep meet { conversation "room" }'
            )
        )
    )
    call.start()
    assert call.to("input", {**keys("1"), **OTHER}).status == 200


@searched(100, 5000)
@given(st.data())
def test_no_altered_token_opens(data: st.DataObject) -> None:
    sealer = tokens()
    token = sealer.seal(b"payload", version=b"abcdef", about=b"i", now=NOW)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCXYZabcxyz0189-_=."))
    altered = token[:at] + other + token[at + 1 :]
    opened = sealer.unseal(altered, about=b"i", now=NOW)
    assert (opened is None) == (altered != token)


def test_a_second_key_opens_tokens_and_does_not_seal() -> None:
    old, new = TokenKey("o" * LEAST_SECRET), TokenKey("n" * LEAST_SECRET)
    before = Tokens((old,), 60, bytes).seal(b"x", version=b"abcdef", about=b"", now=NOW)
    both = Tokens((new, old), 60, bytes)
    assert both.unseal(before, about=b"", now=NOW) == (b"abcdef", b"x")
    after = both.seal(b"x", version=b"abcdef", about=b"", now=NOW)
    assert Tokens((old,), 60, bytes).unseal(after, about=b"", now=NOW) is None
    with pytest.raises(ValueError, match="it takes 32 or more"):
        TokenKey("short")


def test_a_payload_is_packed_and_unpacked() -> None:
    state = State(block=3, leg=LEG, conversation=CONVERSATION, values={0: "a" * 400})
    assert len(pack(state)) < 150
    assert unpack(pack(state)) is not None
    assert [unpack(each) for each in (b"\0", b"\0\xff\xff", b"\xff", b"\0" + b"\x03")] == [None] * 4


# ── Webhooks ───────────────────────────────────────────────────────────────────────────────────────────

READ: list[tuple[Webhook, dict[str, Any], Event]] = [
    ("answer", CALL, Started(time=NOW, leg=LEG, conversation=CONVERSATION, caller="31612345678", called="31201234567")),
    ("answer", {"uuid": "a", "from_user": "alice"}, Started(time=NOW, leg="a", user="alice")),
    ("i", keys("12"), Input(time=NOW, digits="12", timed_out=False)),
    ("i", {"dtmf": '{"digits": "1#", "timed_out": "true"}', "speech": "{"}, Input(time=NOW, digits="1#")),
    ("i", keys(None), Input(time=NOW)),
    ("i", {"dtmf": {"digits": "", "timed_out": False}, "speech": {"results": []}}, Input(time=NOW, timed_out=False)),
    ("i", {"dtmf": {"digits": None, "timed_out": False}}, Input(time=NOW, timed_out=False)),
    ("i", {"dtmf": {"digits": "12"}}, Input(time=NOW, digits="12")),
    (
        "i",
        {
            "speech": {
                "timeout_reason": "end_on_silence_timeout",
                "results": [{"confidence": "0.94", "text": "sales"}, {"confidence": "nan", "text": "sails"}, 7, {}],
            },
            "dtmf": {"digits": None, "timed_out": False},
        },
        Input(time=NOW, heard=(Heard("sales", 0.94), Heard("sails", 0.0)), spoke=True),
    ),
    ("i", {"speech": {"error": "ERR1: Failed to analyze audio"}}, Input(time=NOW, spoke=True)),
    ("i", {"speech": {"error": "Speech was not enabled"}}, Input(time=NOW)),
    ("i", {"speech": {"timeout_reason": "start_timeout", "results": []}}, Input(time=NOW)),
    ("c", status("busy"), Connect(time=NOW, status="busy", leg="other")),
    ("c", {"status": "machine", "call_uuid": "m"}, Connect(time=NOW, status="machine", leg="m")),
    ("c", {"reason": "Syntax error in NCCO."}, Fact(time=NOW, kind="other")),
    ("j", NOTIFY, Joined(time=NOW)),
    ("event", status("completed"), Ended(time=NOW)),
    ("event", status("ringing"), Fact(time=NOW, kind="status", value="ringing")),
]


@pytest.mark.parametrize(("webhook", "fields", "event"), READ)
def test_fields_become_an_event(webhook: Webhook, fields: dict[str, Any], event: Event) -> None:
    assert read_event(webhook, fields, NOW) == event


@pytest.mark.parametrize(("webhook", "fields"), [("answer", {}), ("i", CALL), ("c", {"status": 7}), ("j", {"a": 1})])
def test_other_fields_are_refused(webhook: Webhook, fields: dict[str, Any]) -> None:
    assert isinstance(read_event(webhook, fields, NOW), Malformed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = "uuid call_uuid conversation_uuid from to status dtmf speech payload digits timed_out results text confidence timestamp"
FIELDS = st.dictionaries(
    st.sampled_from(NAMES.split()),
    JSON | st.dictionaries(st.sampled_from(NAMES.split()), JSON, max_size=4),
    max_size=6,
)
WEBHOOKS: tuple[Webhook, ...] = ("answer", "event", "fallback", "i", "c", "w", "r", "j", "k")


@searched(60, 5000)
@given(BUNDLES, st.lists(st.tuples(st.sampled_from(WEBHOOKS), FIELDS), max_size=6))
def test_nothing_raises_and_every_document_is_valid(bundle: Bundle, events: list[tuple[Webhook, Any]]) -> None:
    call = Call(flow_of(replace(bundle, version="0123456789abcdef")), PlainSealer())
    call.start()
    for webhook, fields in events:
        urls = [each["eventUrl"][0] for each in call.document if PART in str(each.get("eventUrl"))]
        token = next((url.rpartition("/")[2] for url in urls if f"/{webhook}/" in url), "AAAA")
        assert call.send(webhook, fields, token).status in (200, 400, 404)


# ── The store ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_store_keeps_what_an_event_leaves_behind(store: Any) -> None:
    note = Note("connect", 2, "answered", NOW)
    kept = Kept("leg", "con", (note,), 3, "key", b"[]", NOW + 100)
    assert store.keep(kept, NOW) == b"[]"
    assert store.keep(kept._replace(body=b"other"), NOW + 1) == b"[]"
    assert store.facts("leg") == Facts((note,), 3)
    store.keep(kept._replace(key="later", serial=2, notes=(), until=NOW), NOW)
    assert store.facts("leg") == Facts((note,), 3)
    assert store.facts("other") == Facts()
    assert store.legs("con") == ["leg"]
    assert store.begun("key", NOW + 59) == Begun(NOW, (), b"[]")
    assert store.begun("key", NOW + REPLY_SECONDS) is None
    store.keep(kept._replace(leg="", key="anonymous"), NOW)
    assert store.legs("con") == ["leg"]


def test_a_store_forgets(store: Any) -> None:
    store.keep(Kept("leg", "con", (Note("connect", 1, "busy", NOW),), 1, "key", b"x", NOW + 100), NOW)
    state, secret = store.put("leg", b"state", NOW + 100), store.put("leg", b"secret", NOW + 100)
    assert state != secret
    store.set_until(secret, NOW + 60)
    store.begin("key", NOW)
    store.keep_result("key", 0, b"result", NOW)
    store.sweep(NOW + 61)
    assert [store.get(each) for each in (state, secret, bytes(16))] == [b"state", None, None]
    assert store.begun("key", NOW) is None
    assert store.facts("leg").serial == 1
    store.sweep(NOW + 101)
    assert (store.get(state), store.facts("leg")) == (None, Facts())
    store.keep(Kept("leg", "con", (), None, "nothing", b"", NOW + 100), NOW)
    assert store.legs("con") == []
    store.keep(Kept("leg", "con", (), 1, "other", b"", NOW + 100), NOW)
    assert store.facts("leg") == Facts((), 1)
    store.forget("leg")
    assert store.legs("con") == []


def test_a_store_keeps_the_results_of_an_event_and_the_time_of_its_first_try(store: Any) -> None:
    assert store.begun("key", NOW) is None
    assert store.begin("key", NOW) == NOW
    assert store.begin("key", NOW + 5) == NOW
    assert store.keep_result("key", 0, b"first", NOW + 1) == b"first"
    assert store.keep_result("key", 0, b"late", NOW + 2) == b"first"
    store.keep_result("key", 1, b"second", NOW + 2)
    assert store.begun("key", NOW + 9) == Begun(NOW, (b"first", b"second"))
    store.keep(Kept("", "", (), None, "key", b"[]", NOW), NOW + 3)
    assert store.begun("key", NOW + 62) == Begun(NOW, (b"first", b"second"), b"[]")
    assert store.begin("key", NOW + 63) == NOW + 63
    assert store.begun("key", NOW + 63) == Begun(NOW + 63)


def test_a_store_keeps_a_limited_number_of_facts(store: Any) -> None:
    for number in range(MOST_NOTES + 5):
        notes = (Note("connect", 1, "busy", NOW), Note("connect", 1, "busy", NOW))
        store.keep(Kept("leg", "con", notes, None, f"key{number}", b"", NOW + 100), NOW)
    assert len(store.facts("leg").notes) == MOST_NOTES


def test_one_process_at_a_time_holds_an_event(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "calls.sqlite")
    store.begin("key", NOW)
    assert store.hold("key", 0, "1.1", NOW, NOW + 4) == "1.1"
    assert store.hold("key", 0, "2.1", NOW + 1, NOW + 9) == "1.1"
    assert store.hold("key", 0, "1.1", NOW + 1, NOW + 5) == "1.1"
    store.release("key", "2.1")
    assert store.hold("key", 0, "2.1", NOW + 4, NOW + 9) == "1.1"
    assert store.hold("key", 0, "2.1", NOW + 5, NOW + 9) == "2.1"
    store.release("key", "2.1")
    store.keep_result("key", 0, b"x", NOW)
    assert store.hold("key", 0, "3.1", NOW + 6, NOW + 9) is None
    assert store.hold("key", 1, "3.1", NOW + 6, NOW + 9) == "3.1"
    store.keep(Kept("", "", (), None, "key", b"[]", NOW), NOW + 7)
    assert store.hold("key", 1, "3.1", NOW + 8, NOW + 9) is None
    store.close()


# ── Addresses ──────────────────────────────────────────────────────────────────────────────────────────

MARK, VERSION = "0123456789abcdef", "0123456789ab"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (f"/{PART}/answer", Address(PART, "answer")),
        (f"/{PART}/{MARK}/answer", Address(PART, "answer")),
        (f"/{PART}/{MARK}/{VERSION}/answer", Address(PART, "answer", version=VERSION)),
        (f"/{PART}/{VERSION}/fallback", Address(PART, "fallback", version=VERSION)),
        (f"/{PART}/i/to-ken", Address(PART, "i", "to-ken")),
        (f"/{PART}/x/token", None),
        (f"/{PART}/i/", None),
        (f"/{PART}/{MARK}", None),
        (f"/{PART}/{MARK}/{MARK}/answer", None),
        ("/answer", None),
        ("/", None),
    ],
)
def test_a_path_is_read(path: str, address: Address | None) -> None:
    assert read_address(path) == address


def test_a_transcript_has_neither_token_nor_host() -> None:
    text = f"{BASE}/{MARK}/answer http://127.0.0.1:4590/a/b/{PART}/i/tok-en_, {BASE}/{MARK}/{VERSION}/event {BASE}/x"
    shown = "https://flow.invalid/answer https://flow.invalid/i/token, https://flow.invalid/event "
    assert without_tokens(text) == f"{shown}{BASE}/x"


# ── The log of a server ────────────────────────────────────────────────────────────────────────────────


def test_a_log_has_no_numbers_and_no_lines_of_others() -> None:
    assert [mask(each) for each in ("31612345678", "+31612345678", "1234567", "sip:me", None)] == [
        *("316•••78", "316•••78", "•••", "•••", "unknown"),
    ]
    call = Call()
    answered = call.send("answer", {**CALL, "uuid": "a\nb c"})
    assert event_line("shop", answered) == "shop a?b?c call from 316•••78 to 312•••67 → main_menu x.flow:10"
    lines = [
        event_line("shop", call.to("input", keys("123"))),
        event_line("shop", call.send("event", {**status("com\nplet"), "uuid": "x"})),
        event_line("shop", Answered(body=b"[]", event=Started(time=NOW, leg="y"), leg="y")),
    ]
    assert lines == [
        "shop a?b?c 3 keys → main_menu x.flow:10",
        "shop x status com?plet",
        "shop y call from unknown to unknown → the document",
    ]


def test_a_log_says_where_an_internal_error_was() -> None:
    broken = replace(MUSEUM.graph, steps=MUSEUM.graph.steps[-1:])
    call = Call()
    call.start()
    call.flow = replace(call.flow, bundles={MUSEUM.version[:SHORT]: replace(MUSEUM, graph=broken)})
    answered = call.to("input", keys("1"))
    (failed,) = answered.failures
    line = failure_line("shop", answered, failed)
    assert re.fullmatch(r"shop aaaaaaaa internal error at main_menu x.flow:10: IndexError \(\w+\.py:\d+\)", line)
