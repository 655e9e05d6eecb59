"""`ncco deploy`: compare settings and flows with what the provider has, show the plan, ask, and carry it out."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Refused, emit, emit_findings, wants_colour
from ncco_lang.cli.deploy_options import DeployOptions, check_usage
from ncco_lang.cli.deploy_prepare import Prepared, prepare
from ncco_lang.cli.deploy_session import agreed, check_former, check_keys, going_on, interrupted, say, tell_keys
from ncco_lang.cli.options import PATH, complete_key, params_option
from ncco_lang.cli.provider_command import chosen, profile_option, remote
from ncco_lang.cli.render import count_words, visible

if TYPE_CHECKING:
    from ncco_lang.deploy.deploy_run import Environment, Run
    from ncco_lang.deploy.documents import CompiledFlows
    from ncco_lang.deploy.plan_file import PlanFile
    from ncco_lang.deploy.profile_paths import ProfilePaths
    from ncco_lang.project.params import Given

_PENDING = 4


@click.command(
    epilog="""\b
Examples:
  ncco deploy                                  show the plan, ask, and carry it out
  ncco deploy --plan                           only show the plan
  ncco deploy main --profile live --yes        deploy one application without asking (in a build)
  ncco deploy --plan -o plan.json              write the plan to a file ...
  ncco deploy plan.json                        ... and apply exactly that plan, or nothing if it is stale
  ncco deploy --drift                          show what was changed by hand since the last deploy
  ncco deploy --history
  ncco deploy --rollback                       restore the previous version; a second rollback undoes that
  ncco deploy --rollback 3f2a                  restore the version whose hash in --history begins with 3f2a
  ncco deploy --replace main                   create the application again, with a new key pair
  ncco deploy --moved-from test --profile live the profile was named test: keep what it deployed

The next run completes an interrupted one. If the answer to a create was lost, ncco looks for the application;
"not confirmed" means that it was not found yet. --adopt ID or --adopt none decides.

Exit codes: 0 done or nothing to do, 1 no (errors in a flow, drift, a stale plan, "no" to the question), 2 wrong usage,
settings or files, 3 the provider, the network, the store or the state (held by another run, damaged, unwritable)
refused, 4 changes are pending (--detailed-exitcode), 130 Ctrl-C.
"""
)
@click.argument("what", nargs=-1, type=PATH, metavar="[KEY...|PLAN.json]", shell_complete=complete_key)
@profile_option
@params_option
@click.option("--plan", "only_plan", is_flag=True, help="Show the plan, without carrying it out.")
@click.option(
    "-o", "--output", type=PATH, metavar="FILE", help="With --plan: write the plan to this file, to apply it later."
)
@click.option("--json", "as_json", is_flag=True, help="With --plan, --drift and --history: print JSON.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--detailed-exitcode", "detailed", is_flag=True, help="With --plan: exit with 4 if there are changes, 0 if not."
)
@click.option(
    "--drift",
    is_flag=True,
    help="Show what changed at the provider since the last deploy; exit with 1 if anything did.",
)
@click.option(
    "--replace",
    "replaced",
    multiple=True,
    metavar="KEY",
    shell_complete=complete_key,
    help="Create this application again, with a new key pair.",
)
@click.option(
    "--adopt", metavar="ID|none", help="The application that a create with a lost answer made; none: it made none."
)
@click.option(
    "--moved-from",
    metavar="OLD|none",
    help="The profile was named OLD before: take over its state and private keys; none: it is new.",
)
@click.option("--history", is_flag=True, help="Show the deployed versions.")
@click.option(
    "--rollback",
    is_flag=False,
    flag_value="",
    metavar="[VERSION]",
    help="Restore a version, given by at least 4 digits of its hash. Default: the previous version.",
)
@click.option(
    "--skip-check",
    is_flag=True,
    help="Do not ask the server of a flow that branches for its answer before the provider is changed.",
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
    skip_check: bool,
) -> None:
    """Deploy flows: show what would change, ask, and change it. Without KEY: all applications of the profile.

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
        skip_check=skip_check,
    )
    check_usage(options)
    # Imported here, so that `--help` does not load it.
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
    """Return the plan file to apply; None if the user named none.

    Raises:
        InputError: the file cannot be read.
        PlanError: the file is not a plan that can be applied.
    """
    from ncco_lang.deploy.plan_file import load_plan
    from ncco_lang.workspace.files import read_source

    return None if options.plan_file is None else load_plan(read_source(options.plan_file).text, options.plan_file)


# ── Plan, question, changes ────────────────────────────────────────────────────────────────────────────


def deploy(
    paths: ProfilePaths, options: DeployOptions, file: PlanFile | None = None, environment: Environment | None = None
) -> int:
    """Make the plan, show it, ask, and carry it out; return the exit code.

    A plan file is applied without a question: the user agreed to it when it was made.

    Args:
        file: the plan file that `options` names.
        environment: the provider, the clock and the pauses; for tests.
    """
    from ncco_lang.deploy.deploy_run import ORDINARY, rehearse, running

    scope = _scope(paths, options, file)
    compiled = None if file is not None or options.rollback is not None else _compile(paths, scope, options.params)
    with (
        interrupted() as has_begun,
        running(
            paths,
            changing=not options.only_plan,
            adopt=options.adopt,
            moved_from=options.former,
            say=say,
            environment=environment or ORDINARY,
        ) as run,
    ):
        if options.moved_from is None and file is None:
            check_former(run, only_shown=options.only_plan and options.output is None)
        prepared = prepare(run, options, file, scope, compiled)
        is_changing = bool(prepared.plan.changes)
        _show(run, options, prepared)
        if options.only_plan:
            return _PENDING if options.detailed and is_changing else 0
        if is_changing and not agreed(yes=options.yes or file is not None):
            emit("nothing was changed\n", err=True)
            return 1
        if not options.skip_check:
            rehearse(run, prepared.plan, prepared.wanted)
        has_begun.set()
        carry_out(run, prepared, by_plan_file=file is not None)
    if is_changing:
        from ncco_lang.cli.plan_text import count_done

        emit(f"done: {count_done(prepared.plan)}\n")
    return 0


def _scope(paths: ProfilePaths, options: DeployOptions, file: PlanFile | None) -> frozenset[str] | None:
    """Return the keys of the applications to deploy; None for all.

    Raises:
        Refused: an application is neither in the settings nor deployed.
    """
    if file is not None:
        return file.keys
    check_keys(paths, (*options.keys, *options.replaced))
    for key in options.replaced:
        if key not in paths.target.applications:
            raise Refused(f"{key} is not in the settings any more, so it cannot be made anew")
    return frozenset((*options.keys, *options.replaced)) if options.keys else None


def _compile(paths: ProfilePaths, scope: Collection[str] | None, params: Mapping[str, Given]) -> CompiledFlows:
    """Compile the applications' flows; print findings as `ncco compile` does, and those about unused params.

    Raises:
        FlowErrors: a flow has errors.
        SettingsError: the profile lacks what its flows need.
    """
    from ncco_lang.deploy.documents import compile_applications
    from ncco_lang.deploy.errors import FlowErrors
    from ncco_lang.deploy.requirements import check_requirements
    from ncco_lang.deploy.unused_params import held_against_flows

    keys = [key for key in paths.target.applications if scope is None or key in scope]
    compiled = compile_applications(paths.project, paths.target, keys, params)
    compiled = held_against_flows(compiled, paths.project.config, paths.target)
    for number, findings in enumerate(compiled.findings):
        emit_findings(findings, err=True, apart=number > 0)
    wrong = [key for key in keys if key not in compiled.keys]
    if wrong:
        has = "has" if len(wrong) == 1 else "have"
        raise FlowErrors(f"{', '.join(wrong)} {has} errors; nothing was done")
    check_requirements(paths.target, compiled.documents.keys(), compiled.bundles.keys())
    return compiled


def _show(run: Run, options: DeployOptions, prepared: Prepared) -> None:
    """Print the plan, and write it to a file if the user asks; print last how to apply it."""
    from ncco_lang.cli.plan_text import marks_to_draw, render_plan
    from ncco_lang.deploy.deploy_run import ours
    from ncco_lang.deploy.plan_file import dump_plan
    from ncco_lang.workspace.files import write_atomic

    plan, wanted = prepared.plan, prepared.wanted
    diffs = prepared.diffs
    to_stdout = options.as_json or options.output == "-"
    # A plan file to apply holds whole documents; a plan that is only printed does not.
    hidden = prepared.hidden if options.output is None else ()
    text = dump_plan(plan, wanted, run.read, diffs, hidden=hidden) if to_stdout or options.output is not None else ""
    target = run.paths.target
    if options.output is not None and options.output != "-":
        # It holds whole documents, and those hold what params take from the environment.
        write_atomic(options.output, text, private=True)
    for note in prepared.notes:
        say(f"note: {note}")
    made_anew = {change.key for change in plan.changes if change.makes_key}
    tell_keys(run, wanted.keys() - made_anew, prepared.provider_state, wanted.values())
    if to_stdout:
        emit(text, product=True)
    else:
        # A plan that is not kept does not fix the marks of new applications.
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
            # A plan file does not list the unchanged applications.
            emit("nothing to do: the plan has no changes\n")
        else:
            emit(f"nothing to do: {count_words(len(plan.unchanged), 'application')} as wanted\n")
    if options.output not in (None, "-"):
        say(f"wrote the plan; apply it with: ncco deploy {shlex.quote(options.output)}")


def carry_out(run: Run, prepared: Prepared, *, by_plan_file: bool) -> None:
    """Carry out the plan; completed steps stay done if a later one fails."""
    from ncco_lang.deploy import deploy_run

    with going_on(by_plan_file=by_plan_file):
        deploy_run.carry_out(
            run,
            prepared.plan,
            prepared.wanted,
            prepared.provider_state,
            goal=prepared.goal,
        )
