"""Read a list page by page, and make sure that it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ncco_lang.api.errors import ApiError
from ncco_lang.api.json_access import has_more, whole_of
from ncco_lang.net.types import Request

T = TypeVar("T")

PAGE = 100
"""The page size that is requested; the providers allow no more."""
MOST_PAGES = 10_000
MOST_THINGS = 100_000
MOST_BYTES = 64 << 20
"""Limits for one list: pages, things on them, and bytes of all pages together."""
_LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """How a provider lists things of one kind.

    Attributes:
        items: the path to the things in the JSON of a page.
        read: returns a thing from its JSON; None if it cannot be read.
        id_of: returns what identifies a thing.
        size: the query parameter for the size of a page.
        index: the query parameter that chooses a page. first: its value for the first page.
        counts_records: whether `index` counts things instead of pages.
    """

    items: tuple[str, ...]
    read: Callable[[Any], T | None]
    id_of: Callable[[T], str]
    size: str = "page_size"
    index: str
    first: int
    counts_records: bool = False


class Pages(Generic[T]):
    """The progress of reading one list.

    Lists change while they are read: a thing that moves from one page to the next is read twice, and is returned once.
    A list that does not end raises, because the caller searches it and must not take a thing for absent; so does one
    that is larger than any account's.
    """

    __slots__ = ("_fresh", "_id_of", "_ids", "_pages", "_seen", "_size")

    def __init__(self, id_of: Callable[[T], str]) -> None:
        """Args: `id_of` returns what identifies a thing of the list."""
        self._id_of = id_of
        self._ids: set[str] = set()
        self._fresh = 0
        self._pages = 0
        self._seen = 0
        self._size = 0

    def weigh(self, request: Request, size: int) -> None:
        """Count the bytes of a page, before it is parsed.

        Raises:
            ApiError: the pages together have more than `MOST_BYTES`.
        """
        self._size += size
        if self._size > MOST_BYTES:
            raise _too_long(request, f"{MOST_BYTES >> 20} MiB")

    def new(self, things: Iterable[T | None]) -> Iterator[T]:
        """Yield the things on a page that were not on earlier pages; None is one that could not be read."""
        self._fresh = 0
        for thing in things:
            if thing is not None and (id := self._id_of(thing)) not in self._ids:
                self._ids.add(id)
                self._fresh += 1
                yield thing

    def go_on(self, page: Any, request: Request, items: int, *, asked: int = PAGE) -> bool:
        """Return whether there is another page after this one, whose things `new` has yielded.

        Args:
            page: the response to `request`, with `total_pages`, `count` or `_links` if it has them.
            items: how many things are on it. asked: how many were requested.

        Raises:
            ApiError: the list continues, but this page has nothing new, or the list is too long.
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
    """Return how many things a page has room for: the number in it if it makes sense, else `asked`."""
    size = whole_of(page, "page_size")
    return size if size is not None and 0 < size <= _LARGEST_PAGE else asked
