"""Read what the provider has, with as few requests as its paging allows.

Applications are looked for in the provider's list, page by page, until all are found or as many pages were read as
applications are left; so this never takes more than twice the requests of the better of the two ways. If a create was
given up, the whole list is read, because an application it made late may be on any page. An application that is on no
page is requested by its id before it counts as gone: if another client deletes an application while the pages are read,
later ones move up, and one may move from an unread page to one that was read. Numbers are read in one list, and only if
one is wanted or was linked.
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
    """Return what the provider has of the applications in the state, and the account's numbers if they are wanted.

    Args:
        keys: the keys of the applications to read.
        numbers: whether to read the account's numbers.
        documents: names of documents that should be in the store.
        has_document: returns whether the store has a document.
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
    """Send a cheap request, if a plan that only makes new applications would send none.

    Raises:
        Unauthorized: the provider does not accept the credentials of the profile.
        ApiError: the request failed.
    """
    try:
        next(provider.list_applications(), None)
    except (CannotList, Forbidden):
        # The provider has accepted the credentials before it refuses.
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
    """Return some applications by their ids, and all others that were read on the way.

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
