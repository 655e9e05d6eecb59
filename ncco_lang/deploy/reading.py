"""Read the provider and the store before a plan is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ncco_lang.api.errors import CannotList, Forbidden
from ncco_lang.deploy.deploy_run import Run
from ncco_lang.deploy.fingerprint import is_document
from ncco_lang.deploy.plan import ProviderState, Wanted
from ncco_lang.deploy.provider_state import check_credentials, read_world
from ncco_lang.deploy.state import Deployed


def read_for(
    run: Run, wanted: Mapping[str, Wanted], scope: Collection[str] | None, *, thorough: bool = False
) -> ProviderState:
    """Return what the provider has of everything that is wanted or in the state.

    Args:
        scope: the keys to read; None for all.
        thorough: read the store even if it is remote.
    """
    remembered = _remembered(run, scope)
    numbers = any(each.numbers for each in wanted.values()) or any(each.numbers for each in remembered.values())
    documents: Iterable[str] = (each.document for each in remembered.values() if each.document)
    if not (thorough or run.paths.is_local_store):
        documents = ()
    if wanted and not remembered and not numbers:
        check_credentials(run.provider)
    return read_world(
        run.provider,
        run.state,
        remembered,
        numbers=numbers,
        documents=documents,
        has_document=lambda name: is_document(name, run.store.get(name)),
    )


def read_all(run: Run, scope: Collection[str] | None) -> ProviderState:
    """Return what the provider has of everything in the state, with all numbers if it has a list of them.

    KPN's sandbox has no list; if the state has a linked number nevertheless, that is an error.
    """
    remembered = _remembered(run, scope)
    try:
        return read_world(run.provider, run.state, remembered, numbers=bool(remembered))
    except (CannotList, Forbidden):
        if any(each.numbers for each in remembered.values()):
            raise
        return read_world(run.provider, run.state, remembered, numbers=False)


def _remembered(run: Run, scope: Collection[str] | None) -> dict[str, Deployed]:
    """Return the applications of the state that a run is about, by their keys."""
    return {key: each for key, each in run.state.applications.items() if scope is None or key in scope}
