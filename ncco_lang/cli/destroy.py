"""`ncco destroy`: remove what `ncco deploy` created, and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import click

from ncco_lang.cli.console import Refused, emit, wants_colour
from ncco_lang.cli.deploy_session import agreed, check_former, going_on, interrupted, say
from ncco_lang.cli.options import complete_key
from ncco_lang.cli.provider_command import chosen, profile_option, remote
from ncco_lang.cli.render import count_words, visible

if TYPE_CHECKING:
    from ncco_lang.deploy.deploy_run import Environment, Run
    from ncco_lang.deploy.profile_paths import ProfilePaths
    from ncco_lang.project.targets import Target


@click.command(
    epilog="""\b
Examples:
  ncco destroy --profile test                  ask, then remove everything deployed with this profile
  ncco destroy main --yes                      remove one application without asking
  ncco destroy --keys                          also delete the private keys on this machine

Exit codes: 0 done or nothing to do, 1 "no" to the question, 2 wrong usage, settings or files, 3 the provider, the
network, the store or the state (held by another run, damaged, unwritable) refused, 130 Ctrl-C.
"""
)
@click.argument("keys", nargs=-1, metavar="[KEY...]", shell_complete=complete_key)
@profile_option
@click.option("--keys", "with_keys", is_flag=True, help="Also delete the private keys that ncco created.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--adopt", metavar="ID|none", help="The application that a create with a lost answer made; none: it made none."
)
@click.pass_context
@remote
def command(
    ctx: click.Context, keys: tuple[str, ...], profile: str | None, with_keys: bool, yes: bool, adopt: str | None
) -> None:
    """Remove deployed applications, number links and documents. Without KEY: all of the profile.

    Everything that ncco did not create stays, and so do the flows and the settings.
    """
    # Imported here, so that `--help` does not load it.
    from ncco_lang.deploy.profile_paths import ProfilePaths

    place = chosen(profile)
    ctx.exit(
        destroy(
            ProfilePaths(project=place.project, target=place.target), keys, with_keys=with_keys, yes=yes, adopt=adopt
        )
    )


def destroy(
    paths: ProfilePaths,
    keys: tuple[str, ...],
    *,
    with_keys: bool,
    yes: bool,
    adopt: str | None = None,
    environment: Environment | None = None,
) -> int:
    """Show what would be removed, ask, and remove it; return the exit code.

    Args:
        keys: the keys of the applications; empty for all.
        with_keys: whether to delete the private keys on this machine too.
        adopt: the value of `--adopt`.
        environment: see `cli.deploy.deploy`.
    """
    from ncco_lang.cli.plan_text import render_plan
    from ncco_lang.deploy import deploy_run, teardown
    from ncco_lang.deploy.marks import marks_of
    from ncco_lang.deploy.plan import make_plan
    from ncco_lang.deploy.reading import read_all

    target = paths.target
    scope = frozenset(keys) or None
    with (
        interrupted() as has_begun,
        deploy_run.running(
            paths, changing=True, adopt=adopt, say=say, environment=environment or deploy_run.ORDINARY
        ) as run,
    ):
        for key in keys:
            if not teardown.is_deployed(run.state, key) and not (with_keys and _left(run, {key})):
                raise Refused(f'"{key}" is not deployed with profile "{target.profile.name}"')
        of_calls = teardown.documents_of_calls(run, scope)
        documents = [*teardown.documents_of(run.state, scope), *of_calls]
        provider_state = read_all(run, scope)
        plan = make_plan({}, run.state, provider_state, scope=scope)
        is_gone = not plan.changes and not documents and run.read.serial == 0
        if is_gone and not (with_keys and _left(run, scope)):
            emit("nothing to do: nothing is deployed with this profile\n")
            check_former(run, only_shown=True)
            _tell_left(run, scope)
            return 0
        emit(f"profile {target.profile.name}: {target.provider}, account {visible(run.provider.account)}\n\n")
        emit(render_plan(plan, {}, deploy_run.ours(run, provider_state), {}, keys=target.keys, colour=wants_colour()))
        going = [*run.keyring.named(marks_of(run.state, scope)), *_left(run, scope)] if with_keys else []
        _show_files(target, documents, going)
        if not agreed(yes=yes, question="Remove all this?"):
            emit("nothing was changed\n", err=True)
            return 1
        has_begun.set()
        with going_on():
            teardown.tear_down(run, plan, provider_state, scope, keys=with_keys, of_calls=of_calls)
        emit(f"done: {len(plan.changes)} deleted, {count_words(len(documents), 'document')} removed\n")
        if with_keys:
            emit(f"{count_words(len(going), 'private key')} deleted\n")
        _tell_left(run, scope)
    return 0


def _show_files(target: Target, documents: Collection[str], keys: Collection[str]) -> None:
    if documents:
        emit(f"{count_words(len(documents), 'document')} to remove from {visible(target.store)}\n")
    if keys:
        emit(f"{count_words(len(keys), 'private key')} to delete from {visible(target.keys)}: {', '.join(keys)}\n")


def _left(run: Run, keys: Collection[str] | None) -> list[str]:
    """Return the private keys that an earlier `ncco destroy` of this profile kept on this machine."""
    return run.keyring.named_aside(run.paths.target.profile.name, keys)


def _tell_left(run: Run, scope: Collection[str] | None) -> None:
    """Print where private keys are kept, and how to delete them."""
    profile, number = run.paths.target.profile.name, len(_left(run, scope))
    if number:
        stay, them = ("stays", "it") if number == 1 else ("stay", "them")
        where = visible(run.keyring.shown_aside(profile))
        emit(
            f"{count_words(number, 'private key')} {stay} in {where}; ncco destroy --keys --profile {profile} deletes {them}\n"
        )
