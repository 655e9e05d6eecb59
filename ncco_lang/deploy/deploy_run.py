"""Run `ncco deploy` or `ncco destroy`: settings, lock, state, provider, plan and changes.

The commands ask and print; all other work is in the functions of this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ncco_lang.api.provider import Provider
from ncco_lang.api.response_times import iso
from ncco_lang.deploy.apply import Tools, apply_plan
from ncco_lang.deploy.errors import StateError
from ncco_lang.deploy.history import with_version
from ncco_lang.deploy.journal import Journal, sweep
from ncco_lang.deploy.lock import Lock, folder_of
from ncco_lang.deploy.looking import Search
from ncco_lang.deploy.moved import former_site, move, renamed
from ncco_lang.deploy.open_provider import connected, exposed_secrets
from ncco_lang.deploy.plan import Plan, ProviderState, Wanted, make_plan
from ncco_lang.deploy.profile_paths import ProfilePaths
from ncco_lang.deploy.recover import recover
from ncco_lang.deploy.serving import Serving
from ncco_lang.deploy.state import State
from ncco_lang.deploy.state_file import read_state
from ncco_lang.deploy.verify_published import PublishedVerifier
from ncco_lang.project.targets import Target
from ncco_lang.workspace.errors import SettingsError

if TYPE_CHECKING:
    from ncco_lang.net.http_client import HttpClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The external dependencies of a run.

    Attributes:
        connect: opens the provider of a target; its second argument is the folder of `ncco.toml`.
        http_client: makes the HTTP client that fetches documents; None for `net.http_client.HttpClient`.
        clock: returns seconds since 1970.
        sleep: waits for a number of seconds.
        checkpoint: see `journal.Journal`.
    """

    connect: Callable[[Target, str], AbstractContextManager[Provider]] = connected
    http_client: Callable[..., HttpClient] | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    checkpoint: Callable[[str], None] = lambda _: None


ORDINARY = Environment()
_A_MINUTE = 60.0


class Run:
    """A run with an open provider. `state` is the state after recovery; `read` is the state in the file.

    `search` looks for an application whose create got no response. `journal` is None if the run changes nothing;
    otherwise the run holds the lock.
    """

    __slots__ = (
        "environment",
        "journal",
        "keyring",
        "paths",
        "provider",
        "read",
        "say",
        "search",
        "serving",
        "state",
        "store",
    )

    def __init__(
        self,
        paths: ProfilePaths,
        provider: Provider,
        read: State,
        state: State,
        journal: Journal | None,
        search: Search,
        say: Callable[[str], None],
        environment: Environment,
    ) -> None:
        self.paths = paths
        self.environment = environment
        self.provider = provider
        self.read = read
        self.state = state
        self.journal = journal
        self.search = search
        self.store = paths.documents
        self.keyring = paths.keyring
        self.serving = Serving(paths)
        self.say = say


@contextmanager
def running(
    paths: ProfilePaths,
    *,
    changing: bool,
    adopt: str | None = None,
    moved_from: str | None = None,
    say: Callable[[str], None],
    environment: Environment = ORDINARY,
) -> Iterator[Run]:
    """Begin a run, and release everything it holds when it ends, also after an error.

    Args:
        changing: whether the run may change anything; only then it takes the lock and writes.
        adopt: see `recover.recover`.
        moved_from: the former name of the profile, whose state this run takes over.
        say: receives each line of progress.

    Raises:
        Busy: another run is deploying with this state.
        StateError: the state cannot be used.
        CannotMove: `moved_from` has no state, or the profile already has one.
        NotConfirmed, Undecided: an earlier run was interrupted, and its result is not known.
    """
    for warning in exposed_secrets(paths.target, paths.project.folder):
        say(f"warning: {warning}")
    with ExitStack() as stack:
        provider = stack.enter_context(environment.connect(paths.target, paths.project.folder))
        lock = Lock(paths.state, shown=paths.shown_state, clock=environment.clock, say=say)
        if changing:
            stack.enter_context(folder_of(paths.state))
            stack.enter_context(lock)
            sweep(paths.state)
        former = paths if moved_from is None else former_site(paths, moved_from)
        there = read_state(former.state, former.shown_state)
        read = _owned(there if moved_from is None else renamed(there, paths), paths, provider)
        if changing and moved_from is not None:
            move(former, paths, there, Lock(former.state, shown=former.shown_state, clock=environment.clock, say=say))
            say(f'what was deployed with profile "{moved_from}" is now that of "{read.profile}"')
        journal = None
        if changing:
            # The journal writes only what differs from `known`, so the former name makes it write the new one.
            known = read if moved_from is None else there
            journal = Journal(
                paths.state, known, lock, shown=paths.shown_state, say=say, checkpoint=environment.checkpoint
            )
        search = _search(paths, provider, say, environment, lock if changing else None)
        if not changing and lock.is_held():
            say("another run is deploying at this moment; this is how far it has come")
            state = replace(read, intent=None)
        elif journal is None:
            state = recover(read, paths.keyring, search, adopt=adopt)
        else:
            journal.write(recover(read, paths.keyring, search, adopt=adopt, keep=journal.write))
            state = journal.state
        yield Run(paths, provider, read, state, journal, search, say, environment)


def _search(
    paths: ProfilePaths, provider: Provider, say: Callable[[str], None], environment: Environment, lock: Lock | None
) -> Search:
    """Return the search of a run. It looks for twice the read timeout of a response plus one minute."""

    def sleep(seconds: float) -> None:
        environment.sleep(seconds)
        if lock is not None:
            lock.renew()

    return Search(provider=provider, say=say, sleep=sleep, patience=2 * paths.target.read + _A_MINUTE)


def _owned(state: State, paths: ProfilePaths, provider: Provider) -> State:
    """Return the state if it belongs to this profile and account.

    Raises:
        StateError: it belongs to another.
    """
    name, target = paths.shown_state, paths.target
    if state == State():
        return State(profile=target.profile.name, provider=target.provider, account=provider.account)
    if state.profile != target.profile.name:
        raise StateError(
            f'{name} is the state of profile "{state.profile}", not of "{target.profile.name}"; nothing was done. Give each '
            "profile a state of its own (`state` in ncco.toml). If the profile was renamed: "
            f"ncco deploy --moved-from {state.profile} --profile {target.profile.name}"
        )
    if (state.provider, state.account) != (target.provider, provider.account):
        raise StateError(
            f"{name} is the state of {state.provider} account {state.account}, and the profile reaches {target.provider} "
            f"account {provider.account}; nothing was done. Put back the old account, or move {name} away to begin anew there"
        )
    return state


# ── Plan and changes ───────────────────────────────────────────────────────────────────────────────────


def plan_for(
    run: Run,
    wanted: Mapping[str, Wanted],
    provider_state: ProviderState,
    scope: Collection[str] | None = None,
    replaced: Collection[str] = (),
) -> Plan:
    """Return the plan.

    Raises:
        SettingsError: the account does not have a wanted number.
    """
    for key, each in wanted.items():
        for number in each.numbers:
            if number not in provider_state.numbers:
                raise SettingsError(
                    f"the account has no number +{number}, and {key} wants it; nothing was done. Rent it first, or take it "
                    "out of `numbers`"
                )
    return make_plan(wanted, run.state, provider_state, scope=scope, replaced=replaced)


def carry_out(
    run: Run,
    plan: Plan,
    wanted: Mapping[str, Wanted],
    provider_state: ProviderState,
    *,
    goal: str | None = None,
) -> None:
    """Apply a plan, and record the result as a version.

    Args:
        goal: the hash of the version that a rollback restores, so that an interrupted rollback can be run again.

    Raises:
        ApiError, StoreError, DeployError: a step failed; the steps before it are done and recorded.
    """
    assert run.journal is not None
    if plan.changes:
        run.journal.write(replace(run.journal.state, goal=goal))
    verifier = _verifier(run)
    tools = Tools(
        provider=run.provider,
        store=run.store,
        keyring=run.keyring,
        journal=run.journal,
        look=verifier.look,
        search=run.search,
        say=run.say,
    )
    try:
        apply_plan(plan, wanted, provider_state, tools)
    finally:
        verifier.close()
    run.journal.write(with_version(replace(run.journal.state, goal=None), iso(run.environment.clock())))
    run.state = run.journal.state


def _verifier(run: Run) -> PublishedVerifier:
    target = run.paths.target
    return PublishedVerifier(
        ca=run.paths.ca,
        sleep=run.environment.sleep,
        emulator=target.address if target.emulator else None,
        make=run.environment.http_client,
    )


def rehearse(run: Run, plan: Plan, wanted: Mapping[str, Wanted]) -> None:
    """Ask the server of each flow that branches and is to change for its answer, before anything is changed.

    Raises:
        NotReady: a server does not answer, or has another version of the flow.
        SettingsError: the secret that signs webhooks cannot be read.
    """
    from ncco_lang.deploy.rehearsal import rehearsal_of, to_rehearse

    changed = list(to_rehearse(plan, wanted))
    if not changed:
        return
    verifier = _verifier(run)
    try:
        for one in changed:
            rehearsal_of(
                run.paths.target,
                run.paths.project.folder,
                verifier,
                one.settings,
                say=run.say,
                sleep=run.environment.sleep,
            ).check(one)
    finally:
        verifier.close()


def ours(run: Run, provider_state: ProviderState) -> dict[str, str]:
    """Return the ids of our applications with their keys, so that a plan can name them."""
    return {**provider_state.surplus, **{each.id: key for key, each in run.state.applications.items()}}
