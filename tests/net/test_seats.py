"""The seats at a host: what hangs leaves some for others, and none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ncco_lang.net.seats import Seats
from tests.budget import searched

COUNT = 12


class Room:
    """Requests that have or want a seat, by kind."""

    def __init__(self) -> None:
        self.seats = Seats(COUNT)
        self.sitting: list[str] = []
        self.tasks: list[tuple[str, asyncio.Event, asyncio.Task[None]]] = []

    async def ask(self, *kinds: str) -> None:
        """Let requests come, and let them get as far as they can."""
        for kind in kinds:
            end = asyncio.Event()
            self.tasks.append((kind, end, asyncio.create_task(self._sit(kind, end))))
        await settle()

    async def _sit(self, kind: str, end: asyncio.Event) -> None:
        async with self.seats.seat(kind):
            self.sitting.append(kind)
            try:
                await end.wait()
            finally:
                self.sitting.remove(kind)

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(self.sitting))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_kind_that_hangs_leaves_seats_for_others() -> None:
    async def test() -> None:
        room = Room()
        await room.ask(*"a" * 50)
        assert room.counts == {"a": 6}
        await room.ask(*"b" * 50)
        assert room.counts == {"a": 6, "b": 3}
        await room.ask(*"cd")
        assert room.counts == {"a": 6, "b": 3, "c": 1, "d": 1}
        # When one of the first has ended, another one of it waits until fewer are taken than are free.
        room.tasks[0][1].set()
        await settle()
        assert room.counts == {"a": 5, "b": 3, "c": 1, "d": 1}
        for _, end, _ in room.tasks:
            end.set()
        await asyncio.gather(*(task for *_, task in room.tasks))
        assert room.counts == {}

    asyncio.run(test())


@searched(50, 2000)
@given(
    st.lists(st.tuples(st.sampled_from(["ask", "end", "cancel", "both"]), st.sampled_from("abc"), st.integers(0, 40)))
)
def test_no_seat_is_lost_and_each_request_gets_one(acts: list[tuple[str, str, int]]) -> None:
    async def test() -> None:
        room = Room()
        for act, kind, number in acts:
            if act == "ask":
                await room.ask(*kind * (number % 9))
            elif room.tasks:
                _, end, task = room.tasks[number % len(room.tasks)]
                if act != "cancel":
                    end.set()
                if act == "both":
                    # Without a pause: another one gets the seat and is cancelled in the same moment.
                    room.tasks[(number + 1) % len(room.tasks)][2].cancel()
                if act == "cancel":
                    task.cancel()
                await settle()
            assert len(room.sitting) <= COUNT
        for _, end, _ in room.tasks:
            end.set()
        await asyncio.gather(*(task for *_, task in room.tasks), return_exceptions=True)
        assert room.counts == {}
        room.tasks.clear()
        await room.ask(*"a" * COUNT)
        assert room.counts == {"a": COUNT // 2}
        for _, _, task in room.tasks:
            task.cancel()

    asyncio.run(test())
