"""A list that comes page by page: how it goes on, and that it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from ncco_lang.api.errors import ApiError
from ncco_lang.api.json_access import has_more, whole_of
from ncco_lang.net.types import Request

T = TypeVar("T")

PAGE = 100
"""Things that are asked for at once; the providers give no more."""
MOST_PAGES = 10_000
MOST_THINGS = 100_000
MOST_BYTES = 64 << 20
"""What is read of one list: pages, things on them, and bytes of all pages together."""
_LARGEST_PAGE = 1000


class Pages(Generic[T]):
    """What came of one list so far.

    Lists change while they are read: what moves from one page to the next comes twice, and is given once. A list that
    would never end raises, because whoever reads it looks for something and must not take it for absent. So does one
    that is larger than any account's.
    """

    __slots__ = ("_fresh", "_id_of", "_ids", "_pages", "_seen", "_size")

    def __init__(self, id_of: Callable[[T], str]) -> None:
        """Args: `id_of` what tells a thing of the list from another."""
        self._id_of = id_of
        self._ids: set[str] = set()
        self._fresh = 0
        self._pages = 0
        self._seen = 0
        self._size = 0

    def weigh(self, request: Request, size: int) -> None:
        """Count the bytes of a page, before anything is made of it.

        Raises:
            ApiError: the pages have more than `MOST_BYTES` together.
        """
        self._size += size
        if self._size > MOST_BYTES:
            raise _too_long(request, f"{MOST_BYTES >> 20} MiB")

    def new(self, things: Iterable[T | None]) -> Iterator[T]:
        """Of the things on a page, None where one could not be read, those that were not on the ones before."""
        self._fresh = 0
        for thing in things:
            if thing is not None and (id := self._id_of(thing)) not in self._ids:
                self._ids.add(id)
                self._fresh += 1
                yield thing

    def go_on(self, page: Any, request: Request, items: int, *, asked: int = PAGE) -> bool:
        """Whether there is another page behind this one, of which `new` has been read to its end.

        Args:
            page: the answer to `request`, with `total_pages`, `count` or `_links` where it has them.
            items: how many things are on it. asked: how many were asked for.

        Raises:
            ApiError: the list goes on, and this page has nothing that was not on the ones before, or there are too many.
        """
        self._pages += 1
        self._seen += items
        total = whole_of(page, "total_pages")
        if not items or (
            self._pages >= total if total is not None else not has_more(page, items, self._seen, size_of(page, asked))
        ):
            return False
        if not self._fresh:
            raise ApiError(
                f"the list of {request.shown} does not end: a page says that more follow, and has nothing new; "
                "is the address in the profile right?",
                request=request.shown,
            )
        if self._pages >= MOST_PAGES:
            raise _too_long(request, f"{MOST_PAGES} pages")
        if self._seen >= MOST_THINGS:
            raise _too_long(request, f"{MOST_THINGS} entries")
        return True


def _too_long(request: Request, what: str) -> ApiError:
    return ApiError(f"the list of {request.shown} has more than {what}, and no more is read", request=request.shown)


def size_of(page: Any, asked: int = PAGE) -> int:
    """How many things a page has room for: what it says, where that makes sense."""
    size = whole_of(page, "page_size")
    return size if size is not None and 0 < size <= _LARGEST_PAGE else asked
