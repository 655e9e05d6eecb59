"""A call's record for users and for programs: times with their zone, amounts without trailing zeros."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ncco_lang.api.types import Call
from ncco_lang.cli.call_records import call_as_json, local_times, plain_amount, render_call


@pytest.fixture(autouse=True)
def amsterdam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in a time zone with summer time, set so that no time zone data are needed."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def test_the_zone_of_all_times_is_said_once() -> None:
    assert local_times(["2026-11-24T10:15:03.000Z", None, "2026-11-24 23:30:00"]) == (
        "+01:00",
        ["2026-11-24 11:15", None, "2026-11-25 00:30"],
    )


def test_on_both_sides_of_a_change_each_time_says_its_own() -> None:
    assert local_times(["2026-07-01T10:00:00Z", "2026-12-01T10:00:00+02:00"]) == (
        None,
        ["2026-07-01 12:00+02:00", "2026-12-01 09:00+01:00"],
    )


@pytest.mark.parametrize("time", ["soon", "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_a_time_that_is_none_is_shown_as_it_is(time: str) -> None:
    assert local_times([time]) == (None, [time])
    assert render_call(Call(uuid="1", start_time=time)).splitlines()[-1].split() == ["started", *time.split()]


def test_programs_get_what_the_provider_said_with_its_zone() -> None:
    call = Call(uuid="1", start_time="2020-01-01 12:00:00", end_time="2020-01-01T12:00:07.000Z", price="0.0100")
    record = call_as_json(call)
    assert (record["start_time"], record["end_time"]) == ("2020-01-01T12:00:00Z", "2020-01-01T12:00:07.000Z")
    assert record["price"] == "0.0100"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.00140000", "0.0014"),
        ("0.00000000", "0"),
        ("100", "100"),
        ("10.00", "10"),
        ("-1.50", "-1.5"),
        ("1E+9", "1E+9"),
        ("1.5 0", "1.5 0"),
        (None, None),
    ],
)
def test_an_amount_is_shown_without_the_zeros_that_end_it(amount: str | None, shown: str | None) -> None:
    assert plain_amount(amount) == shown
