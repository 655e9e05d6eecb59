"""Following a call: the provider's answers, one per poll, and what is reported of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest

from ncco_lang.api.errors import ApiError, Down, Limited, NotFound, Unauthorized, Unconfirmed, Unreachable
from ncco_lang.api.events import Heard, read_events
from ncco_lang.api.poll_call import PAUSE, TOLERATED, follow_call
from ncco_lang.api.provider import Provider
from ncco_lang.api.statuses import STATUSES, meaning_of, outcome_of, was_answered
from ncco_lang.api.types import END_STATES, Call
from ncco_lang.net.rate_limit import Pace

ENDED = {"start_time": "2026-11-24T10:00:00Z", "duration": "4", "price": "0.01"}


class Line:
    """A provider of one call: each poll takes the next answer; the last one repeats. It also keeps the time."""

    def __init__(self, answers: Iterable[str | Call | ApiError]) -> None:
        self.answers = list(answers)
        self.now = 0.0
        self.looks: list[float] = []
        self.missed: list[ApiError] = []

    def read_call(self, application_id: str, uuid: str, *, pace: Pace | None = None) -> Call:
        assert (application_id, uuid) == ("app", "leg")
        assert pace is not None
        pace.wait()
        self.looks.append(self.now)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ApiError):
            raise answer
        return answer if isinstance(answer, Call) else call(answer)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def follow(self, **more: Any) -> list[str | None]:
        calls = follow_call(
            cast(Provider, self),
            "app",
            "leg",
            sleep=self.sleep,
            clock=lambda: self.now,
            missed=self.missed.append,
            **more,
        )
        return [each.status for each in calls]


def call(status: str | None, **fields: Any) -> Call:
    return Call(uuid="leg", status=status, **(ENDED if status == "completed" and not fields else fields))


def test_each_change_is_told_once_until_the_end() -> None:
    line = Line(["started", "started", "ringing", "ringing", "answered", "answered", "completed"])
    assert line.follow() == ["started", "ringing", "answered", "completed"]


def test_what_is_known_already_is_not_told_again() -> None:
    assert Line(["started", "ringing", "completed"]).follow(known="started") == ["ringing", "completed"]


@pytest.mark.parametrize("end", sorted(END_STATES))
def test_every_end_state_ends_it(end: str) -> None:
    assert Line(["ringing", end, "answered"]).follow() == ["ringing", end]


def test_a_status_that_comes_late_is_old_news() -> None:
    line = Line(["answered", "ringing", "started", "answered", "human", "answered", "completed"])
    assert line.follow() == ["answered", "human", "completed"]


def test_a_status_that_nobody_knows_is_told() -> None:
    assert Line(["ringing", "queued", "answered", "completed"]).follow()[:2] == ["ringing", "queued"]


def test_a_call_without_a_status_is_asked_again() -> None:
    assert Line([call(None), call(None), "completed"]).follow() == ["completed"]


def test_nobody_looks_more_often_than_once_a_second() -> None:
    line = Line(["started", NotFound("x"), "ringing", "answered", call("completed", start_time="x"), "completed"])
    line.follow()
    assert line.looks == [PAUSE * (number + 1) for number in range(6)]


@pytest.mark.parametrize("hiccup", [Unreachable("cut"), Down("502"), Limited("429"), NotFound("not yet")])
def test_hiccups_do_not_lose_the_call(hiccup: ApiError) -> None:
    failing = [hiccup] * TOLERATED
    line = Line(["ringing", *failing, "answered", *failing, "completed"])
    assert line.follow() == ["ringing", "answered", "completed"]
    assert len(line.missed) == 2 * TOLERATED


def test_a_network_that_stays_away_ends_it() -> None:
    line = Line(["ringing", Unreachable("no network")])
    with pytest.raises(Unreachable, match="no network"):
        line.follow()
    assert len(line.looks) == 1 + TOLERATED + 1


def test_what_does_not_pass_ends_it_at_once() -> None:
    line = Line(["ringing", Unauthorized("credentials")])
    with pytest.raises(Unauthorized):
        line.follow()
    assert len(line.looks) == 2


def test_a_call_that_never_ends_is_given_up() -> None:
    line = Line(["answered"])
    with pytest.raises(Unconfirmed, match="leg has not ended after 2 minutes; look with: ncco calls leg"):
        line.follow(longest=120.0)
    assert len(line.looks) == 121


def test_the_record_is_given_a_moment_for_its_price() -> None:
    line = Line(["answered", call("completed", start_time="x"), NotFound("x"), call("completed", price="0.02")])
    last = list(
        follow_call(cast(Provider, line), "app", "leg", sleep=line.sleep, clock=lambda: line.now)
    )[-1]  # fmt: skip
    assert last.price == "0.02"


def test_a_price_that_does_not_come_is_not_waited_for() -> None:
    line = Line(["answered", call("completed", start_time="x")])
    assert line.follow() == ["answered", "completed"]
    assert len(line.looks) == 5


@pytest.mark.parametrize(
    ("ended", "answered"),
    [
        (call("completed", start_time="2026-11-24T10:00:00Z", duration="0"), True),
        (call("completed", duration="12"), True),
        (call("completed", duration="0"), False),
        (call("completed", duration=None, price=None), False),
        (call("busy"), False),
        (call("machine"), True),
        (call("ringing"), False),
    ],
)
def test_the_record_tells_whether_anybody_answered(ended: Call, answered: bool) -> None:
    assert was_answered(ended) is answered


def test_a_call_that_ended_unseen_and_unanswered_is_not_called_over() -> None:
    assert "without an answer" in outcome_of(call("completed", duration="0"), False).words
    assert outcome_of(call("completed"), True).words == "the call is over"


def event(status: str) -> dict[str, str]:
    return {"status": status, "uuid": "leg", "timestamp": "2026-01-05T10:00:03.000Z"}


ERROR = {"reason": "a.test answered\n404", "conversation_uuid": "CON-1", "timestamp": "2026-01-05T10:00:03.000Z"}
LATER = {**ERROR, "timestamp": "2026-01-05T10:00:04.000Z"}


@pytest.mark.parametrize(
    ("events", "heard"),
    [
        ([], Heard()),
        ([None, 5, [], {"status": {}}], Heard()),
        ([event("started"), event("answered"), event("completed")], Heard(is_known=True)),
        ([event("answered"), ERROR, event("completed")], Heard(is_known=True, no_ncco="a.test answered 404")),
        ([event("answered"), event("machine"), event("completed")], Heard(is_known=True, answered_by="machine")),
        # A failed transfer: the call goes on with its NCCO.
        ([event("answered"), LATER, event("completed")], Heard(is_known=True)),
        ([event("answered"), event("human"), LATER, event("completed")], Heard(is_known=True, answered_by="person")),
        ([event("human"), ERROR], Heard(is_known=True, answered_by="person", no_ncco="a.test answered 404")),
        ([event("answered"), {"type": "transfer"}, ERROR], Heard(is_known=True)),
    ],
)
def test_events_tell_who_answered_and_whether_there_was_an_ncco(events: list[Any], heard: Heard) -> None:
    assert read_events(events) == heard


def test_a_call_that_ends_at_once_has_advice_where_no_events_can_be_read() -> None:
    short = call("completed", duration="1", start_time="x")
    assert "`reason`" in (outcome_of(short, True).advice or "")
    assert outcome_of(short, True, Heard(is_known=True)).advice is None


def test_every_status_has_words_of_its_own() -> None:
    words = {meaning_of(status).words for status in STATUSES}
    assert len(words) == len(STATUSES)
    assert meaning_of("queued").words == 'the provider calls it "queued"'
    assert all(meaning_of(status).advice for status in END_STATES - {"completed", "cancelled"})
