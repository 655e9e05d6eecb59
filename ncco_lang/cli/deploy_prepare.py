"""Make the plan of `ncco deploy`, with the differences that it shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ncco_lang.cli.console import Refused, emit
from ncco_lang.cli.deploy_options import DeployOptions

if TYPE_CHECKING:
    from ncco_lang.deploy.deploy_run import Run
    from ncco_lang.deploy.documents import CompiledFlows
    from ncco_lang.deploy.plan import Change, Plan, ProviderState, Wanted
    from ncco_lang.deploy.plan_file import PlanFile
    from ncco_lang.deploy.state import Version
    from ncco_lang.ncco.veil import Veil


class Prepared(NamedTuple):
    """A plan and what it was made from.

    Attributes:
        goal: the version that a rollback restores.
        diffs: by application key, the changed lines of the flow, without hidden values.
        hidden: the keys of applications whose documents may hold values from the environment.
        notes: what callers hear when a server does not answer.
    """

    plan: Plan
    wanted: Mapping[str, Wanted]
    provider_state: ProviderState
    goal: str | None
    diffs: Mapping[str, list[str]]
    hidden: Collection[str]
    notes: tuple[str, ...] = ()


def prepare(
    run: Run,
    options: DeployOptions,
    file: PlanFile | None,
    scope: Collection[str] | None,
    compiled: CompiledFlows | None,
) -> Prepared:
    """Return the plan that the options ask for.

    Args:
        file: the plan file to apply.
        scope: the keys of the applications to plan for; None for all.
        compiled: the flows; None for a plan file and a rollback.

    Raises:
        InputError: the plan, the version or the settings cannot be used.
        DeployError, ApiError, StoreError: the provider, the store or the state refused, or the plan is stale.
    """
    from ncco_lang.deploy import plan_file
    from ncco_lang.deploy.deploy_run import plan_for
    from ncco_lang.deploy.history import releases_at
    from ncco_lang.deploy.reading import read_for
    from ncco_lang.deploy.wanted import wanted_by, wanted_now, wanted_then

    replaced: Collection[str] = options.replaced
    goal = None
    veils: Mapping[str, Veil | None] = {} if compiled is None else compiled.veils
    if file is not None:
        assert options.plan_file is not None
        plan_file.check_owner(file, run.read, options.plan_file)
        plan_file.check_state(file, run.read, options.plan_file)
        wanted, replaced = wanted_by(run, file), file.replaced
    elif options.rollback is not None:
        version = _version(run, options.rollback)
        goal = version.hash
        wanted = wanted_then(run, releases_at(run.state.history, run.state.history.index(version)))
        # It is not known which parts of an older document come from the environment.
        veils = dict.fromkeys(run.paths.target.reading_environment(wanted))
    else:
        assert compiled is not None
        wanted = wanted_now(run, compiled, replaced)
    provider_state = read_for(run, wanted, scope)
    plan = plan_for(run, wanted, provider_state, scope, replaced)
    if file is not None:
        assert options.plan_file is not None
        plan_file.check_world(file, plan, options.plan_file)
        return Prepared(plan, wanted, provider_state, goal, file.diffs, ())
    diffs = {
        change.key: lines
        for change in plan.changes
        if change.kind != "delete" and (lines := _diff(run, change, wanted[change.key], veils))
    }
    hidden = [key for key, veil in veils.items() if veil is None or veil.slots]
    return Prepared(plan, wanted, provider_state, goal, diffs, hidden, tuple(_notes(run, plan, wanted, compiled)))


def _notes(run: Run, plan: Plan, wanted: Mapping[str, Wanted], compiled: CompiledFlows | None) -> Iterator[str]:
    from ncco_lang.deploy.serving import fallback_note

    for change in plan.changes:
        product = None if compiled is None or change.kind == "delete" else compiled.bundles.get(change.key)
        if product is not None and (note := fallback_note(run.paths.target, wanted[change.key], product)):
            yield note
    yield from _key_notes(run, plan, wanted)


def _key_notes(run: Run, plan: Plan, wanted: Mapping[str, Wanted]) -> Iterator[str]:
    """Yield what a serve key that is not the one of the last deploy changes: the URLs of the webhooks."""
    from ncco_lang.workspace.projects import from_here

    made = run.serving.new_key
    if made is not None:
        yield (
            f"there was no serve key, so a new one was made in {from_here(made)}; the URLs of the webhooks come from it. A "
            "server elsewhere needs the same key: [serve] key in ncco.toml"
        )
    for change in plan.changes:
        before = run.state.applications.get(change.key)
        if change.kind != "delete" and before is not None and before.served is not None:
            parts = _part_of(before.settings.answer_url), _part_of(wanted[change.key].settings.answer_url)
            if all(parts) and parts[0] != parts[1]:
                yield f"the URLs of {change.key} change, because the serve key is not the one of the last deploy"


def _part_of(url: str | None) -> str:
    """Return the unguessable part of an answer URL, which comes from the serve key; empty without one."""
    return (url or "").partition("/ncco-")[2].partition("/")[0]


def _diff(run: Run, change: Change, wanted: Wanted, veils: Mapping[str, Veil | None]) -> list[str]:
    from ncco_lang.deploy.differences import diff_of, steps_diff, veiled_lines

    deployed = run.state.applications.get(change.key)
    before = None if deployed is None else deployed.served
    if wanted.served is not None:
        return steps_diff(before, wanted.served)
    if before is not None:
        # The document before is that of the fallback route, which is not the flow.
        change = replace(change, document_before=None)
    lines_of = veiled_lines(veils[change.key]) if change.key in veils else None
    return diff_of(change, wanted.content, run.store.get, lines_of)


def _version(run: Run, wanted: str) -> Version:
    from ncco_lang.deploy.history import find_version

    try:
        index = find_version(run.state, wanted or None)
    except LookupError as failed:
        raise Refused(str(failed.args[0])) from failed
    version = run.state.history[index]
    emit(f"rolling back to {version.hash[:12]} of {version.when}\n", err=True)
    return version
