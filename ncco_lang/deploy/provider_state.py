"""Reads what the provider has, with as few requests as its paging allows.

Applications are looked for in the provider's list, a page at a time, until all are found or the pages read are as many as
single reads of the rest would be; so it never takes more than twice what the better of the two ways takes. Where a create
was given up, the list is read whole, because what it made late may be on any page. What is not on any page is asked for by
its id before it counts as gone: when somebody deletes an application while the pages are read, the others move up, and
one may slip from a page that comes to one that was read. Numbers are read in one list, and only where one is wanted or
was linked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ncco_lang.api.errors import CannotList, Forbidden, NotFound
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application, PhoneNumber
from ncco_lang.deploy.marks import find_surplus
from ncco_lang.deploy.plan import ProviderState
from ncco_lang.deploy.state import State

PAGE = 100
"""Applications on a page of a provider's list."""


def read_world(
    provider: Provider,
    state: State,
    keys: Collection[str],
    *,
    numbers: bool,
    documents: Iterable[str] = (),
    has_document: Callable[[str], bool] = lambda _: True,
) -> ProviderState:
    """Return what is there of what the state knows, and the account's numbers where they are wanted.

    Args:
        keys: of the applications to read.
        numbers: whether to read the account's numbers.
        documents: names of documents that should be in the store.
        has_document: whether the store has one.
    """
    ids = {each.id for key, each in state.applications.items() if key in keys}
    seen = read_applications(provider, ids, whole=bool(state.given_up))
    return ProviderState(
        applications={id: seen[id] for id in ids if id in seen},
        numbers=_read_numbers(provider) if numbers else {},
        missing=frozenset(name for name in documents if not has_document(name)),
        surplus=find_surplus(state, seen.values()),
    )


def check_credentials(provider: Provider) -> None:
    """Ask the provider for something cheap, where a plan that only makes new things would ask it nothing.

    Raises:
        Unauthorized: the credentials of the profile are not accepted.
        ApiError: the provider cannot be reached.
    """
    try:
        next(provider.list_applications(), None)
    except (CannotList, Forbidden):
        # The credentials were accepted before that was said.
        pass


def _read_numbers(provider: Provider) -> dict[str, PhoneNumber]:
    try:
        return {number.msisdn: number for number in provider.list_numbers()}
    except Forbidden as failed:
        failed.advise(
            "where the account has no numbers, as in KPN's sandbox, take `numbers` out of the profile's applications"
        )
        raise


def read_applications(provider: Provider, ids: Collection[str], *, whole: bool = False) -> dict[str, Application]:
    """Return some applications by their ids, and with them all others that were seen on the way.

    Args:
        whole: read the list to its end.
    """
    left = set(ids)
    seen: dict[str, Application] = {}
    if left or whole:
        try:
            for count, application in enumerate(provider.list_applications(), 1):
                seen[application.id] = application
                left.discard(application.id)
                if not whole and count % PAGE == 0 and count // PAGE >= len(left):
                    break
        except CannotList:
            pass
    for id in sorted(left):
        try:
            seen[id] = provider.read_application(id)
        except NotFound:
            pass
    return seen
