"""Recover from a step that an earlier run began and did not finish: look at the provider, then forget it or take it
over.

Only the create of an application needs care, because a second one would be made: see `looking.py`. All other steps can
safely be repeated, or are seen when the plan is made from what the provider has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ncco_lang.api.errors import NotFound
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application
from ncco_lang.deploy.errors import DeployError, NothingToAdopt, Undecided
from ncco_lang.deploy.keyring import Keyring, key_file_name
from ncco_lang.deploy.looking import NONE, Search, what_to_look_for
from ncco_lang.deploy.marks import has_mark
from ncco_lang.deploy.state import Deployed, Intent, State


def recover(
    state: State,
    keyring: Keyring,
    search: Search,
    *,
    adopt: str | None = None,
    keep: Callable[[State], object] = lambda _: None,
) -> State:
    """Return the state with the result of the unfinished step; equal if there was none. Nothing remote is changed here.

    Args:
        search: looks for an application that may have been made.
        adopt: the id of the application that was made, or `none`, if the user has looked. If the provider has a list,
            `none` is accepted only after one look.
        keep: writes a state that later runs need, even if this run fails.

    Raises:
        NotConfirmed: the application does not exist, and may still appear.
        Undecided: the provider has no list, and the user has not decided.
        NothingToAdopt: no step was interrupted.
        DeployError: `adopt` names another application.
        ApiError: a request failed.
    """
    intent, say = state.intent, search.say
    if intent is None or intent.kind != "create":
        if adopt is not None:
            raise NothingToAdopt("--adopt is for a deploy that was cut off while it made an application, and none was")
        if intent is not None:
            say(f"an earlier run was cut off: {_words(intent)}; the plan is made from what is there now")
        return replace(_with_link(state, intent), intent=None)
    made = _made_by(intent, state, search, adopt, keep)
    if made is None:
        say(
            f"{intent.key}: an earlier run asked for the application, and the provider does not have it; it is given up"
        )
        given_up = {**state.given_up, intent.mark or "": intent.key}
        return replace(state, intent=None, given_up=given_up)
    say(
        f"{intent.key}: an earlier run was cut off after the provider had made the application {made.id}; it is taken over"
    )
    return _with_made(state, intent, made, keyring)


def _made_by(
    intent: Intent, state: State, search: Search, adopt: str | None, keep: Callable[[State], object]
) -> Application | None:
    """Return the application that an interrupted create made; None if it is given up."""
    if adopt is not None and adopt != NONE:
        return _adopted(intent, state.profile, search.provider, adopt)
    try:
        # Look even if the user says that no application was made.
        found = search.look(intent, state)
    except Undecided:
        if adopt == NONE:
            return None
        raise
    if found is not None or adopt == NONE:
        return found
    intent = search.dated(intent)
    keep(replace(state, intent=intent))
    return None if search.is_old(intent) else search.keep_looking(intent, state)


def _adopted(intent: Intent, profile: str, provider: Provider, adopt: str) -> Application:
    mark = intent.mark or ""
    try:
        application = provider.read_application(adopt)
    except (NotFound, ValueError) as failed:
        raise DeployError(
            f"--adopt {adopt}: the provider has no such application. {what_to_look_for(intent, profile)}"
        ) from failed
    if not has_mark(application, mark):
        raise DeployError(
            f"--adopt {adopt}: this is another application; the answer URL of the one that is looked for holds {mark}"
        )
    return application


def _with_link(state: State, intent: Intent | None) -> State:
    """Return the state with a number that may have been linked, so that it is unlinked if it is not wanted any more."""
    if intent is None or intent.kind != "link" or intent.number is None:
        return state
    there = state.applications.get(intent.key)
    if there is None or there.id != intent.id:
        return state
    linked = replace(there, numbers=tuple(sorted({*there.numbers, intent.number})))
    return replace(state, applications={**state.applications, intent.key: linked})


def _with_made(state: State, intent: Intent, made: Application, keyring: Keyring) -> State:
    assert intent.mark is not None
    key_file = key_file_name(intent.key, intent.mark)
    deployed = Deployed(
        mark=intent.mark,
        id=made.id,
        settings=made.settings,
        document=intent.document or "",
        key_file=key_file if keyring.has(key_file) else None,
    )
    leaving = dict(state.leaving)
    if intent.id is not None:
        leaving[intent.id] = intent.key
    return replace(
        state,
        applications={**state.applications, intent.key: deployed},
        begun={key: mark for key, mark in state.begun.items() if key != intent.key},
        leaving=leaving,
        intent=None,
    )


def _words(intent: Intent) -> str:
    match intent.kind:
        case "upload":
            return f"it was uploading a document of {intent.key}"
        case "update":
            return f"it was updating {intent.key}"
        case "delete":
            return f"it was deleting {intent.key}"
        case "remove":
            return "it was removing documents"
        case _:
            return f"it was linking +{intent.number} for {intent.key}"
