"""Reads what the provider has, with as few requests as its paging allows.

One application is read by its id. Several are looked for in the provider's list, a page at a time, until all are found
or the pages read are as many as single reads of the rest would be; so it never takes more than twice what the better of
the two ways takes. What is not on any page is asked for by its id before it counts as gone: when somebody deletes an
application while the pages are read, the others move up, and one may slip from a page that comes to one that was read.
Numbers are read in one list, and only where one is wanted or was linked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ncco_lang.api.errors import CannotList, Forbidden, NotFound
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application, Number
from ncco_lang.deploy.plan import World

PAGE = 100
"""Applications on a page of a provider's list."""


def read_world(
    provider: Provider,
    ids: Iterable[str],
    *,
    numbers: bool,
    documents: Iterable[str] = (),
    has_document: Callable[[str], bool] = lambda _: True,
) -> World:
    """What is there of some applications, and the account's numbers where they are wanted.

    Args:
        ids: of the applications.
        numbers: whether to read the account's numbers.
        documents: names of documents that should be in the store.
        has_document: whether the store has one.
    """
    return World(
        applications=_read_applications(provider, sorted(set(ids))),
        numbers=_read_numbers(provider) if numbers else {},
        missing=frozenset(name for name in documents if not has_document(name)),
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


def _read_numbers(provider: Provider) -> dict[str, Number]:
    try:
        return {number.msisdn: number for number in provider.list_numbers()}
    except Forbidden as failed:
        failed.advise(
            "where the account has no numbers, as in KPN's sandbox, take `numbers` out of the profile's applications"
        )
        raise


def _read_applications(provider: Provider, ids: list[str]) -> dict[str, Application]:
    found: dict[str, Application] = {}
    left = set(ids)
    if len(left) > 1:
        try:
            for count, application in enumerate(provider.list_applications(), 1):
                if application.id in left:
                    left.remove(application.id)
                    found[application.id] = application
                if not left:
                    return found
                if count % PAGE == 0 and count // PAGE >= len(left):
                    break
        except CannotList:
            pass
    for id in sorted(left):
        try:
            found[id] = provider.read_application(id)
        except NotFound:
            pass
    return found


def find_marked(provider: Provider, mark: str) -> list[Application]:
    """The applications whose answer URL has a mark in its path.

    Raises:
        CannotList: the provider cannot tell.
    """
    return [application for application in provider.list_applications() if has_mark(application, mark)]


def has_mark(application: Application, mark: str) -> bool:
    """Whether an application's answer URL has a mark in its path."""
    return f"/{mark}/" in (application.settings.answer_url or "")
