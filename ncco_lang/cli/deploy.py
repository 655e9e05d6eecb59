"""`ncco deploy`: compares the settings and flows with what the provider has, shows the difference, asks, and makes it so."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

import click

from ncco_lang.cli.console import Refused, emit, emit_findings, wants_colour
from ncco_lang.cli.deploy_options import DeployOptions, check_usage
from ncco_lang.cli.deploy_session import agreed, check_keys, going_on, interrupted, say, tell_keys
from ncco_lang.cli.options import PATH, params_option
from ncco_lang.cli.provider_command import chosen, profile_option, remote
from ncco_lang.cli.render import count_words, visible

if TYPE_CHECKING:
    from ncco_lang.deploy.deploy_run import Environment, Run
    from ncco_lang.deploy.documents import CompiledFlows
    from ncco_lang.deploy.plan import Change, Plan, ProviderState, Wanted
    from ncco_lang.deploy.plan_file import PlanFile
    from ncco_lang.deploy.profile_paths import ProfilePaths
    from ncco_lang.deploy.state import Version
    from ncco_lang.ncco.veil import Veil
    from ncco_lang.project.params import Given

_PENDING = 4


class Prepared(NamedTuple):
    """A plan and what it was made of.

    Attributes:
        goal: the version that it puts back.
        diffs: by key, the lines of the flow that change, as they may be shown.
        hidden: the keys whose documents may hold values from the environment.
    """

    plan: Plan
    wanted: Mapping[str, Wanted]
    provider_state: ProviderState
    goal: str | None
    diffs: Mapping[str, list[str]]
    hidden: Collection[str]


@click.command(
    epilog="""\b
Examples:
  ncco deploy                                  show the plan, ask, and do it
  ncco deploy --plan                           only show it
  ncco deploy main --profile live --yes        one application, without a question (in a build)
  ncco deploy --plan -o plan.json              keep the plan …
  ncco deploy plan.json                        … and do exactly that, or nothing when the world has moved
  ncco deploy --drift                          what somebody changed by hand
  ncco deploy --history
  ncco deploy --rollback                       back to the version before; once more undoes that
  ncco deploy --rollback 3f2a                  back to that version, as far as --history goes
  ncco deploy --replace main                   make the application anew, with a new key pair
  ncco deploy --moved-from test --profile live the profile was called test: keep what it deployed

A run that was cut off is put right by the next one. A create whose answer was lost is looked for; "not confirmed" means that
the application is not there yet. --adopt ID or --adopt none says what became of it.

Exit codes: 0 done or nothing to do, 1 no (errors in a flow, drift, a stale plan, "no" to the question), 2 wrong usage,
settings or files, 3 the provider, the network, the store or the state (held by another run, damaged, unwritable) said
no, 4 changes are pending (--detailed-exitcode), 130 Ctrl-C.
"""
)
@click.argument("what", nargs=-1, type=PATH, metavar="[KEY...|PLAN.json]")
@profile_option
@params_option
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("-o", "--output", type=PATH, metavar="FILE", help="With --plan: write the plan here, to apply it later.")
@click.option("--json", "as_json", is_flag=True, help="With --plan, --drift and --history: print JSON.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--detailed-exitcode", "detailed", is_flag=True, help="With --plan: 4 when there are changes, 0 when none."
)
@click.option("--drift", is_flag=True, help="Show what is not as it was left, and do nothing; 1 when anything is.")
@click.option("--replace", "replaced", multiple=True, metavar="KEY", help="Make this application anew.")
@click.option(
    "--adopt", metavar="ID|none", help="What a create whose answer was lost has made; none: do not wait for it."
)
@click.option(
    "--moved-from", metavar="OLD", help="The profile was renamed: take over the state and the private keys of OLD."
)
@click.option("--history", is_flag=True, help="Show the versions that were deployed.")
@click.option(
    "--rollback",
    is_flag=False,
    flag_value="",
    metavar="[VERSION]",
    help="Put back a version, by at least 4 digits of its hash; without one the version before, so twice goes forward again.",
)
@click.pass_context
@remote
def command(
    ctx: click.Context,
    what: tuple[str, ...],
    profile: str | None,
    params: dict[str, Given],
    only_plan: bool,
    output: str | None,
    as_json: bool,
    yes: bool,
    detailed: bool,
    drift: bool,
    replaced: tuple[str, ...],
    adopt: str | None,
    moved_from: str | None,
    history: bool,
    rollback: str | None,
) -> None:
    """Deploy flows: show what is to change, ask, and change it. Without KEY all applications of the profile.

    A second deploy changes nothing and says so.
    """
    plan_file = what[0] if len(what) == 1 and what[0].lower().endswith(".json") else None
    options = DeployOptions(
        keys=() if plan_file else what,
        plan_file=plan_file,
        params=params,
        only_plan=only_plan,
        output=output,
        as_json=as_json,
        yes=yes,
        detailed=detailed,
        drift=drift,
        history=history,
        replaced=replaced,
        adopt=adopt,
        rollback=rollback,
        moved_from=moved_from,
    )
    check_usage(options)
    # Imported here, so that `--help` does not pay for it.
    from ncco_lang.cli import deploy_views
    from ncco_lang.deploy.profile_paths import ProfilePaths

    file = read_plan(options)
    if file is not None and profile not in (None, file.profile):
        raise Refused(
            f'{options.plan_file} is a plan for profile "{file.profile}", and --profile says "{profile}"; leave --profile out'
        )
    place = chosen(profile if file is None else file.profile, deploying=not (history or drift))
    paths = ProfilePaths(project=place.project, target=place.target)
    if history:
        deploy_views.show_history(paths, as_json=as_json)
    elif drift:
        ctx.exit(deploy_views.show_drift(paths, options.keys, as_json=as_json))
    else:
        ctx.exit(deploy(paths, options, file))


def read_plan(options: DeployOptions) -> PlanFile | None:
    """The plan file that is to be applied; None where none was named.

    Raises:
        InputError: it cannot be read, or (PlanError) it is not a plan that can be applied.
    """
    from ncco_lang.deploy.plan_file import load_plan
    from ncco_lang.workspace.files import read_source

    return None if options.plan_file is None else load_plan(read_source(options.plan_file).text, options.plan_file)


# ── Plan, question, changes ────────────────────────────────────────────────────────────────────────────


def deploy(
    paths: ProfilePaths, options: DeployOptions, file: PlanFile | None = None, environment: Environment | None = None
) -> int:
    """Plan, show, ask and change. A plan file was agreed to when it was made, so it is applied without a question.

    Args:
        file: the plan file that `options` names.
        outside: where the provider, the time and the rests come from, if not from where they usually do.

    Returns:
        the exit code.
    """
    from ncco_lang.deploy.deploy_run import ORDINARY, running

    scope = _scope(paths, options, file)
    compiled = None if file is not None or options.rollback is not None else _compile(paths, scope, options.params)
    with (
        interrupted() as has_begun,
        running(
            paths,
            changing=not options.only_plan,
            adopt=options.adopt,
            moved_from=options.moved_from,
            say=say,
            environment=environment or ORDINARY,
        ) as run,
    ):
        prepared = _prepare(run, options, file, scope, compiled)
        is_changing = bool(prepared.plan.changes)
        _show(run, options, prepared)
        if options.only_plan:
            return _PENDING if options.detailed and is_changing else 0
        if is_changing and not agreed(yes=options.yes or file is not None):
            emit("nothing was changed\n", err=True)
            return 1
        has_begun.set()
        carry_out(run, prepared, by_plan_file=file is not None)
    if is_changing:
        from ncco_lang.cli.plan_text import count_done

        emit(f"done: {count_done(prepared.plan)}\n")
    return 0


def _scope(paths: ProfilePaths, options: DeployOptions, file: PlanFile | None) -> frozenset[str] | None:
    """The keys that this run is about; None for all.

    Raises:
        Refused: there is no such application, neither in the settings nor deployed.
    """
    if file is not None:
        return file.keys
    check_keys(paths, (*options.keys, *options.replaced))
    for key in options.replaced:
        if key not in paths.target.applications:
            raise Refused(f"{key} is not in the settings any more, so it cannot be made anew")
    return frozenset((*options.keys, *options.replaced)) if options.keys else None


def _compile(paths: ProfilePaths, scope: Collection[str] | None, params: Mapping[str, Given]) -> CompiledFlows:
    """The documents of the applications; findings are printed as `ncco compile` does, with those about given params.

    Raises:
        FlowErrors: a flow has errors.
    """
    from ncco_lang.deploy.documents import compile_applications
    from ncco_lang.deploy.errors import FlowErrors
    from ncco_lang.deploy.unused_params import held_against_flows

    keys = [key for key in paths.target.applications if scope is None or key in scope]
    compiled = compile_applications(paths.project, paths.target, keys, params)
    compiled = held_against_flows(compiled, paths.project.config, paths.target)
    for number, findings in enumerate(compiled.findings):
        emit_findings(findings, err=True, apart=number > 0)
    wrong = [key for key in keys if key not in compiled.documents]
    if wrong:
        has = "has" if len(wrong) == 1 else "have"
        raise FlowErrors(f"{', '.join(wrong)} {has} errors; nothing was done")
    return compiled


def _prepare(
    run: Run,
    options: DeployOptions,
    file: PlanFile | None,
    scope: Collection[str] | None,
    compiled: CompiledFlows | None,
) -> Prepared:
    from ncco_lang.deploy import deploy_run, plan_file
    from ncco_lang.deploy.history import releases_at
    from ncco_lang.deploy.reading import read_for

    replaced: Collection[str] = options.replaced
    goal = None
    veils: Mapping[str, Veil | None] = {} if compiled is None else compiled.veils
    if file is not None:
        assert options.plan_file is not None
        plan_file.check_owner(file, run.read, options.plan_file)
        plan_file.check_state(file, run.read, options.plan_file)
        wanted, replaced = deploy_run.wanted_by(run, file), file.replaced
    elif options.rollback is not None:
        version = _version(run, options.rollback)
        goal = version.hash
        wanted = deploy_run.wanted_then(run, releases_at(run.state.history, run.state.history.index(version)))
        # Which parts of an older document come from the environment is not known.
        veils = dict.fromkeys(run.paths.target.reading_environment(wanted))
    else:
        wanted = deploy_run.wanted_now(run, {} if compiled is None else compiled.documents, replaced)
    provider_state = read_for(run, wanted, scope)
    plan = deploy_run.plan_for(run, wanted, provider_state, scope, replaced)
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
    return Prepared(plan, wanted, provider_state, goal, diffs, hidden)


def _diff(run: Run, change: Change, wanted: Wanted, veils: Mapping[str, Veil | None]) -> list[str]:
    from ncco_lang.deploy.differences import diff_of, veiled_lines

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


def _show(run: Run, options: DeployOptions, prepared: Prepared) -> None:
    """Print the plan, and write it where it is wanted; how to apply it is said last."""
    from ncco_lang.cli.plan_text import marks_to_draw, render_plan
    from ncco_lang.deploy.deploy_run import ours
    from ncco_lang.deploy.plan_file import dump_plan
    from ncco_lang.deploy.profile_paths import former_profile
    from ncco_lang.workspace.files import write_atomic

    plan, wanted = prepared.plan, prepared.wanted
    diffs = prepared.diffs
    to_stdout = options.as_json or options.output == "-"
    # A file that is to be applied holds whole documents; what is only printed does not.
    hidden = prepared.hidden if options.output is None else ()
    text = dump_plan(plan, wanted, run.read, diffs, hidden=hidden) if to_stdout or options.output is not None else ""
    target = run.paths.target
    if options.output is not None and options.output != "-":
        write_atomic(options.output, text)
    former = None if options.moved_from is not None else former_profile(run.paths, run.provider.account)
    if former is not None:
        say(
            f'note: nothing was deployed with profile "{target.profile.name}", but its applications were with "{former}", '
            f"which ncco.toml does not have. If it was renamed, keep what was deployed: ncco deploy --moved-from {former} "
            f"--profile {target.profile.name}; otherwise there will be two of each"
        )
    made_anew = {change.key for change in plan.changes if change.makes_key}
    tell_keys(run, wanted.keys() - made_anew, prepared.provider_state, wanted.values())
    if to_stdout:
        emit(text, product=True)
    else:
        # A plan that is kept nowhere does not settle the marks of what is new.
        drawn = marks_to_draw(plan, run.state) if options.only_plan and options.output is None else frozenset()
        emit(f"profile {target.profile.name}: {target.provider}, account {visible(run.provider.account)}\n\n")
        if plan.changes:
            emit(
                render_plan(
                    plan,
                    wanted,
                    ours(run, prepared.provider_state),
                    diffs,
                    keys=target.keys,
                    colour=wants_colour(),
                    drawn=drawn,
                )
            )
        elif options.plan_file is not None:
            # Of those that are as wanted a plan file says nothing.
            emit("nothing to do: the plan has no changes\n")
        else:
            emit(f"nothing to do: {count_words(len(plan.unchanged), 'application')} as wanted\n")
    if options.output not in (None, "-"):
        say(f"wrote the plan; apply it with: ncco deploy {shlex.quote(options.output)}")


def carry_out(run: Run, prepared: Prepared, *, by_plan_file: bool) -> None:
    """Make the changes; what is done stays done, whatever comes between."""
    from ncco_lang.deploy import deploy_run

    with going_on(by_plan_file=by_plan_file):
        deploy_run.carry_out(run, prepared.plan, prepared.wanted, prepared.provider_state, goal=prepared.goal)
