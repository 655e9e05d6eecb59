"""Removes what was deployed, and nothing else: links of numbers, applications, documents, and last the state."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ncco_lang.deploy.engine import Run, carry_out
from ncco_lang.deploy.plan import Plan, World
from ncco_lang.deploy.state import Intent, State


def documents_of(state: State, scope: Collection[str] | None) -> list[str]:
    """The documents that go: all that were uploaded, or those of some applications."""
    if scope is None:
        return sorted(state.documents)
    marks = {each.mark for key, each in state.applications.items() if key in scope}
    marks |= {mark for key, mark in state.begun.items() if key in scope}
    return sorted(name for name in state.documents if name.partition("/")[0] in marks)


def tear_down(run: Run, plan: Plan, world: World, scope: Collection[str] | None, *, keys: bool) -> list[str]:
    """Do what a plan of deletions says, then remove the documents, and the state when nothing is left.

    Args:
        scope: the keys that this is about; None for all.
        keys: delete the private keys that were made, too.

    Returns:
        the names of the key files that were deleted.

    Raises:
        ApiError, StoreError, DeployError: a step did not succeed; run it again, and it goes on there.
    """
    assert run.journal is not None
    names = documents_of(run.state, scope)
    marks = {name.partition("/")[0] for name in names}
    carry_out(run, plan, {}, world)
    owner = {each.mark: key for key, each in run.state.applications.items()}
    for name in names:
        mark = name.partition("/")[0]
        run.say(f"removing {name}")
        run.journal.step(
            Intent(kind="remove", key=owner.get(mark, mark), mark=mark, document=name),
            lambda name=name: run.store.delete(name),  # type: ignore[misc]
            lambda state, _, name=name: replace(state, documents=state.documents - {name}),  # type: ignore[misc]
        )
    removed = [file for mark in sorted(marks) for file in run.keyring.remove(mark)] if keys else []
    if scope is None:
        run.journal.forget()
    else:
        state = run.journal.state
        run.journal.write(replace(state, begun={key: mark for key, mark in state.begun.items() if key not in scope}))
    return removed
