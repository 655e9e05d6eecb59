"""What the platform reports of a leg beside its documents: `call.answered_by`, `call.status` and `call.keys`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Fact
from ncco_lang.engine.reports import MOST_KEYS
from ncco_lang.engine.state import dump_state
from ncco_lang.runtime.call_store import MemoryStore
from ncco_lang.runtime.webhooks import Malformed, read_event
from ncco_lang.serve.call_store import SqliteStore
from ncco_lang.values.event_urls import Address, read_address
from tests.test_engine import bundle_of
from tests.test_runtime import CALL, CONVERSATION, LEG, NOW, Call, flow_of, tokens

MENU = """
    menu "{default(call.answered_by, "-")} {default(call.status, "-")} {default(call.keys, "-")}" {
        1 -> repeat
        give_up -> hangup
    }
}"""
READS = bundle_of(f"step start {{\n    input dtmf mode: asynchronous{MENU}")
PLAIN = bundle_of('step start {\ninput dtmf mode: asynchronous\nmenu "Hello." { 1 -> repeat; give_up -> hangup }\n}')
OTHER = "bbbbbbbb-bbbb-cccc-dddd-0123456789ab"


def sent(second: float | None) -> dict[str, str]:
    return {} if second is None else {"timestamp": f"2026-01-05T10:00:{second:06.3f}Z"}


def status(name: Any, second: float | None = None, leg: str = LEG) -> dict[str, Any]:
    id = "call_uuid" if name in ("human", "machine") else "uuid"
    return {"status": name, id: leg, "conversation_uuid": CONVERSATION, **sent(second)}


def key(digits: Any, second: float | None = None) -> dict[str, Any]:
    return {**CALL, "dtmf": {"digits": digits, "timed_out": False}, **sent(second)}


class Reported(Call):
    """A call that begins with an asynchronous input; its menu says what was reported."""

    def __init__(self, *bundles: Bundle, store: Any = None) -> None:
        super().__init__(flow_of(*bundles or (READS,)), store=store)

    def begins(self) -> str:
        """Begin the call; return what its menu says."""
        self.start()
        (self.of_keys,) = [self._at(each) for each in self.document if each.get("mode") == "asynchronous"]
        return self.menu()

    def menu(self) -> str:
        text: str = next(each["text"] for each in self.document if each["action"] == "talk")
        return text

    def reports(self, *events: dict[str, Any]) -> None:
        for each in events:
            answered = self.send("event", each)
            assert (answered.status, answered.body, answered.failures) == (200, b"", ())

    def presses(self, *events: dict[str, Any]) -> None:
        for each in events:
            answered = self.send("k", each, self.of_keys.token)
            assert (answered.status, answered.body, answered.failures) == (200, b"", ())

    def again(self) -> str:
        """Repeat the menu; return what it says."""
        (listening,) = [self._at(each) for each in self.document if "dtmf" in each]
        self.send("i", key("1", self.now % 60), listening.token)
        return self.menu()

    @staticmethod
    def _at(action: dict[str, Any]) -> Address:
        found = read_address(action["eventUrl"][0].removeprefix("https://calls.example"))
        assert found is not None
        return found


def test_what_is_reported_is_known_at_the_next_event(store: Any) -> None:
    call = Reported(store=store)
    call.reports(status("started"), status("ringing"))
    assert call.begins() == "- ringing -"
    call.reports(status("answered"))
    assert call.again() == "- answered -"
    call.reports(status("machine"))
    call.presses(key("1"), key("#"))
    assert call.again() == "machine answered 1#"


def test_it_is_known_before_the_answer_webhook() -> None:
    call = Reported()
    call.reports(status("human", 3), status("answered", 2))
    assert call.begins() == "human answered -"


def test_late_and_repeated_events_set_nothing_back(store: Any) -> None:
    call = Reported(store=store)
    call.begins()
    call.reports(status("answered", 2), status("ringing", 1), status("started", 0), status("ringing", 1))
    call.reports(status("machine", 9), status("human", 5), status("human", 5))
    call.presses(key("3", 6.002), key("1", 4), key("2", 6.001), key("1", 4))
    assert call.again() == "machine answered 123"


@pytest.mark.parametrize("seconds", [(1.0, 1.001), (None, None)])
def test_the_same_key_twice_counts_twice(seconds: tuple[float | None, ...]) -> None:
    call = Reported()
    call.begins()
    call.presses(*(key("1", second) for second in seconds))
    assert call.again() == "- - 11"


def test_events_of_other_legs_are_not_of_this_one() -> None:
    call = Reported()
    call.begins()
    call.reports(status("machine", leg=OTHER), status("answered", leg=OTHER))
    assert call.send("k", {**key("1"), "uuid": OTHER, "conversation_uuid": "CON-x"}, call.of_keys.token).status == 404
    assert call.again() == "- - -"


@pytest.mark.parametrize("name", ["completely new", "transfer", "input", 7, None, ["machine"], "x" * 300])
def test_other_statuses_are_not_kept(name: Any, store: Any) -> None:
    call = Reported(store=store)
    call.reports(status(name))
    assert store.facts(LEG).notes == ()


def test_nothing_is_kept_for_a_flow_that_reads_nothing(store: Any) -> None:
    call = Reported(PLAIN, store=store)
    call.reports(status("answered"), status("machine"))
    call.start()
    assert "eventUrl" not in call.document[0]
    assert store.facts(LEG).notes == ()
    only = Reported(bundle_of('step start {\nmenu "{call.status}" { 1 -> repeat; give_up -> hangup }\n}'), store=store)
    only.reports(status("answered"), status("machine"))
    assert {note.kind for note in store.facts(LEG).notes} == {"status"}


def test_a_version_that_still_has_calls_reads_on() -> None:
    call = Reported()
    call.begins()
    call.flow = flow_of(PLAIN, READS)
    call.reports(status("machine"))
    assert call.again() == "machine answered -"


def test_no_token_and_no_store_shows_the_keys(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "calls.sqlite")
    call = Call(flow_of(READS), tokens(), store)
    reported = Reported(store=store)
    reported.answering = call.answering
    reported.begins()
    reported.presses(*(key(digit, second) for second, digit in enumerate("4711")))
    assert reported.again() == "- - 4711"
    answered = reported.send("i", key("1", 59), reported.address("input").token)
    assert answered.reply is not None
    assert [each for each in answered.reply.addresses if "4711" in dump_state(each.state)] == []
    store.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b'"4"' not in data
    assert b"4711" not in data


def test_keys_are_limited_and_leave_room_for_other_facts(store: Any) -> None:
    call = Reported(store=store)
    call.begins()
    call.presses(*(key("7", number % 60 + number / 1000) for number in range(2 * MOST_KEYS)))
    call.reports(status("machine"))
    said = call.again()
    assert said == f"machine answered {'7' * MOST_KEYS}"


def test_the_end_of_the_call_forgets_it(store: Any) -> None:
    call = Reported(store=store)
    call.begins()
    call.presses(key("1"))
    call.reports(status("machine"), status("completed"))
    assert store.facts(LEG).notes == ()


class BrokenStore(MemoryStore):
    """A store whose medium is gone."""

    def facts(self, leg: str) -> Any:
        raise OSError("gone")

    def keep(self, *_: Any) -> Any:
        raise OSError("gone")


def test_without_the_store_nothing_is_known_and_the_call_goes_on() -> None:
    call = Reported(store=BrokenStore())
    answered = call.send("event", status("machine"))
    assert (answered.status, len(answered.failures)) == (200, 1)
    assert call.begins() == "- - -"
    assert call.send("k", key("1"), call.of_keys.token).status == 200


# ── When it is read ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "statement", "is_late"),
    [
        ('talk "Hello."', 'if call.keys == "1" { talk "A" } else { talk "B" }', True),
        ("wait 5s", 'if call.answered_by == "machine" { talk "A" }', True),
        ('talk "Hello."', "set seen = call.status", True),
        ('talk "Hello."', 'talk "{call.keys}"', True),
        ('talk "Hello."', 'do said(default(call.keys, ""))', True),
        ('talk "Hello."', 'talk "{call.duration}"', False),
        ("set n = 1", 'if call.keys == "1" { talk "A" }', False),
        ('talk "Hello."', 'if call.duration > 5 { talk "A" }', False),
        ("wait 60s", 'if call.duration > 5 { talk "A" }', True),
        ('talk "Hello."', 'menu { if defined(call.keys) { talk "A" }\n1 -> hangup; give_up -> hangup }', False),
    ],
)
def test_it_is_read_when_all_before_it_has_been_heard(before: str, statement: str, is_late: bool) -> None:
    text = f'step start {{\n{before}\n{statement}\ntalk "End."\n}}\nstep said(what: text) {{ talk what }}'
    call = Call(flow_of(bundle_of(text)))
    call.start()
    actions = [each["action"] for each in call.document]
    assert (actions[1:2] == ["notify"]) is is_late
    if is_late:
        call.send("event", status("machine"))
        call.to("notify", {"payload": {}, "conversation_uuid": CONVERSATION})
        assert "notify" not in [each["action"] for each in call.document]


# ── Bodies of keys ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "keys", "moment"),
    [
        (key("1", 3.25), "1", NOW + 3.25),
        ({"dtmf": '{"digits": "*", "timed_out": "false"}', "timestamp": "2026-01-05T10:00:01"}, "*", NOW + 1),
        ({"dtmf": "5", "timestamp": "soon"}, "5", None),
        ({"dtmf": {"digits": None}, "timestamp": 5}, "", None),
        ({"dtmf": {"digits": "1a2<"}, "timestamp": "9" * 200}, "12", None),
        ({"dtmf": {"digits": "1" * 5000}}, "1" * 100, None),
        ({"dtmf": [1]}, "", None),
    ],
)
def test_a_key_is_read_whatever_form_its_body_has(fields: Any, keys: str, moment: float | None) -> None:
    assert read_event("k", fields, NOW) == Fact(time=NOW, kind="key", value=keys, sent=moment)


def test_a_body_without_a_key_is_refused() -> None:
    assert isinstance(read_event("k", status("answered"), NOW), Malformed)
