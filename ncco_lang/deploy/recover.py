"""What to do about a step that an earlier run began and did not finish: look at the world, then forget or take over.

Only the making of an application needs care, because a second one would be made. All other steps are either harmless
when done twice, or seen when the plan is made from what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ncco_lang.api.errors import CannotList, NotFound
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Application
from ncco_lang.deploy.errors import DeployError, NothingToAdopt, Undecided
from ncco_lang.deploy.keyring import Keyring, key_file_name
from ncco_lang.deploy.state import Deployed, Intent, State
from ncco_lang.deploy.world import find_marked, has_mark

NONE = "none"
"""What `--adopt` takes where there is nothing to take over."""
_LOOKS = 3
_REST = 1.0


def recover(
    state: State,
    provider: Provider,
    keyring: Keyring,
    *,
    adopt: str | None = None,
    say: Callable[[str], None],
    sleep: Callable[[float], object],
) -> State:
    """The state with the result of what was going on; equal where nothing was. Nothing is written or changed here.

    Args:
        adopt: the id of the application that was made, or `none`, where the user has looked; `none` is believed only
            where the provider has no list.
        say: gets a sentence about what was found.
        sleep: waits so many seconds.

    Raises:
        Undecided: nobody can tell, and the user has not said.
        NothingToAdopt: nothing was cut off.
        DeployError: what `adopt` names is not it.
        ApiError: the provider cannot be asked.
    """
    intent = state.intent
    if intent is None or intent.kind != "create":
        if adopt is not None:
            raise NothingToAdopt("--adopt is for a deploy that was cut off while it made an application, and none was")
        if intent is not None:
            say(f"an earlier run was cut off: {_words(intent)}; the plan is made from what is there now")
        return replace(_with_link(state, intent), intent=None)
    made = _made_by(intent, state.profile, provider, adopt, sleep)
    if made is None:
        say(f"{intent.key}: an earlier run was cut off before the provider had made the application")
        return replace(state, intent=None)
    say(
        f"{intent.key}: an earlier run was cut off after the provider had made the application {made.id}; it is taken over"
    )
    return _with_made(state, intent, made, keyring)


def _made_by(
    intent: Intent, profile: str, provider: Provider, adopt: str | None, sleep: Callable[[float], object]
) -> Application | None:
    """The application that a cut-off step made, if it did."""
    mark = intent.mark or ""
    if adopt is not None and adopt != NONE:
        return _adopted(intent, profile, provider, adopt)
    try:
        # Also where the user says that there is none: who can look need not believe it.
        found = _looked_for(provider, mark, sleep)
    except CannotList as failed:
        if adopt == NONE:
            return None
        raise Undecided(what_to_look_for(intent, profile)) from failed
    if len(found) > 1:
        ids = ", ".join(application.id for application in found)
        raise DeployError(
            f"{intent.key}: the provider has {len(found)} applications whose answer URL holds {mark}: {ids}. Delete all "
            "but one of them and run it again"
        )
    return found[0] if found else None


def _looked_for(provider: Provider, mark: str, sleep: Callable[[float], object]) -> list[Application]:
    """The applications with a mark.

    The request of a run that was killed a moment ago may still be at work, and a list may lag.
    """
    for attempt in range(_LOOKS):
        if attempt:
            sleep(_REST * attempt)
        found = find_marked(provider, mark)
        if found:
            return found
    return []


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


def what_to_look_for(intent: Intent, profile: str) -> str:
    """What the user is to do about an application that may have been made, where the provider has no list."""
    how = f"--adopt ID --profile {profile}"
    return (
        f"{intent.key}: the making of an application was cut off, and this provider has no list to look in. Look in its "
        f'portal for the application "{intent.name or intent.key}" whose answer URL holds {intent.mark}, then say "ncco '
        f'deploy {how}", or "ncco destroy {how}" where all is to go; {NONE} instead of ID when there is none'
    )


def _with_link(state: State, intent: Intent | None) -> State:
    """The state with a number that may have been linked, so that it is unlinked when nobody wants it any more."""
    if intent is None or intent.kind != "link" or intent.number is None:
        return state
    there = state.applications.get(intent.key)
    if there is None or there.id != intent.id:
        return state
    linked = replace(there, numbers=tuple(sorted({*there.numbers, intent.number})))
    return replace(state, applications={**state.applications, intent.key: linked})


def _with_made(state: State, intent: Intent, made: Application, keyring: Keyring) -> State:
    assert intent.mark is not None
    assert intent.document is not None
    key_file = key_file_name(intent.key, intent.mark)
    deployed = Deployed(
        mark=intent.mark,
        id=made.id,
        settings=made.settings,
        document=intent.document,
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
