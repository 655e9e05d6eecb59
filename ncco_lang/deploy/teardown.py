"""Removes what was deployed, and nothing else: links of numbers, applications, documents, and last the state."""

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
    """The documents that go: all that were uploaded, or those of some applications."""
    if scope is None:
        return sorted(state.documents)
    marks = marks_of(state, scope)
    return sorted(name for name in state.documents if mark_of(name) in marks)


def documents_of_calls(run: Run, scope: Collection[str] | None) -> list[str]:
    """What test calls left in the store (`call --flow --no-wait` where calls carry no NCCO); no state tells of it.

    Where the store does not tell what lies in it, that is said, and nothing is found.
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
    """Whether anything of an application is left to be removed, be it of a run that was cut off."""
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
    """Do what a plan of deletions says, then remove the documents, and the state when nothing is left.

    Args:
        scope: the keys that this is about; None for all.
        keys: delete the private keys that were made, too; else they are set aside.
        of_calls: what else is removed from the store, see `documents_of_calls`.

    Raises:
        ApiError, StoreError, DeployError: a step did not succeed; run it again, and it goes on there.
    """
    assert run.journal is not None
    names = documents_of(run.state, scope)
    marks = marks_of(run.state, scope)
    state = run.journal.state
    # So that whose documents and keys they are is known when the applications are gone and this is cut off.
    ours = {key: each.mark for key, each in state.applications.items() if scope is not None and key in scope}
    run.journal.write(replace(state, begun={**ours, **state.begun}))
    owner = {each.mark: key for key, each in state.applications.items()}
    carry_out(run, plan, {}, provider_state)
    # Before the documents, which tell of which marks there were keys.
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
