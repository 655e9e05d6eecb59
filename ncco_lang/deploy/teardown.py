"""Remove what was deployed, and nothing else: links of numbers, applications, documents, and last the state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ncco_lang.deploy.deploy_run import Run, carry_out
from ncco_lang.deploy.fingerprint import CALL_DOCUMENT
from ncco_lang.deploy.marks import mark_of, marks_of
from ncco_lang.deploy.plan import Plan, ProviderState
from ncco_lang.deploy.state import Intent, State
from ncco_lang.store.errors import StoreError


def documents_of(state: State, scope: Collection[str] | None) -> list[str]:
    """Return the documents to remove: all that were uploaded, or those of some applications."""
    if scope is None:
        return sorted(state.documents)
    marks = marks_of(state, scope)
    return sorted(name for name in state.documents if mark_of(name) in marks)


def documents_of_calls(run: Run, scope: Collection[str] | None) -> list[str]:
    """Return what test calls left in the store (`call --flow --no-wait` if calls carry no NCCO); no state records it.

    If the store cannot list its documents, say so and return none.
    """
    if not run.paths.target.uploads_calls:
        return []
    found: list[str] = []
    for mark in sorted(marks_of(run.state, scope)):
        try:
            found += (name for name in run.store.names(mark) if CALL_DOCUMENT.fullmatch(name))
        except StoreError as failed:
            run.say(f"what test calls may have left there is not removed: {failed}")
            break
    return found


def is_deployed(state: State, key: str) -> bool:
    """Return whether anything of an application is left to be removed, even if only of an interrupted run."""
    known = {*state.applications, *state.begun, *state.leaving.values(), *state.given_up.values()}
    return key in known or bool(documents_of(state, (key,)))


def tear_down(
    run: Run,
    plan: Plan,
    provider_state: ProviderState,
    scope: Collection[str] | None,
    *,
    keys: bool,
    of_calls: Collection[str] = (),
) -> None:
    """Apply a plan of deletions, then remove the documents, and the state if nothing is left.

    Args:
        scope: the keys to remove; None for all.
        keys: also delete the private keys that deploys made; otherwise they are set aside.
        of_calls: other documents to remove from the store, see `documents_of_calls`.

    Raises:
        ApiError, StoreError, DeployError: a step failed; another run continues there.
    """
    assert run.journal is not None
    names = documents_of(run.state, scope)
    marks = marks_of(run.state, scope)
    state = run.journal.state
    # Keep the owners of the documents and keys, in case this run is interrupted after it has deleted the applications.
    ours = {key: each.mark for key, each in state.applications.items() if scope is not None and key in scope}
    run.journal.write(replace(state, begun={**ours, **state.begun}))
    owner = {each.mark: key for key, each in state.applications.items()}
    carry_out(run, plan, {}, provider_state)
    # Before the documents, whose names are the record of which marks had keys.
    profile = run.paths.target.profile.name
    if keys:
        run.keyring.remove_aside(profile, scope)
    for mark in sorted(marks):
        if keys:
            run.keyring.remove(mark)
        else:
            run.keyring.set_aside(mark, profile)
    for name in of_calls:
        run.say(f"removing {name}")
        run.store.delete(name)
    for name in names:
        mark = mark_of(name)
        run.say(f"removing {name}")
        run.journal.step(
            Intent(kind="remove", key=owner.get(mark, mark), mark=mark, document=name),
            lambda name=name: run.store.delete(name),  # type: ignore[misc]
            lambda state, _, name=name: replace(state, documents=state.documents - {name}),  # type: ignore[misc]
        )
    if scope is None:
        run.journal.forget()
    else:
        state = run.journal.state
        run.journal.write(replace(state, begun={key: mark for key, mark in state.begun.items() if key not in scope}))
