"""Apply a plan, one remote step at a time, and write the state before and after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ncco_lang.api.errors import ApiError, NotFound, Unconfirmed
from ncco_lang.api.provider import Provider
from ncco_lang.api.response_times import iso
from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.deploy.errors import NotConfirmed, StalePlan
from ncco_lang.deploy.journal import Journal
from ncco_lang.deploy.keyring import Keyring
from ncco_lang.deploy.looking import Search
from ncco_lang.deploy.marks import held_ids
from ncco_lang.deploy.plan import Change, NumberChange, Plan, ProviderState, Wanted, remembered
from ncco_lang.deploy.state import Deployed, Intent, State
from ncco_lang.store.documents import Documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The dependencies of `apply_plan`.

    Attributes:
        look: checks that a URL serves a document; `verify_published.PublishedVerifier.look`.
        search: looks for an application whose create got no response.
        say: receives each line of progress.
    """

    provider: Provider
    store: Documents
    keyring: Keyring
    journal: Journal
    look: Callable[[str, bytes, Settings], None]
    search: Search
    say: Callable[[str], None]


def apply_plan(plan: Plan, wanted: Mapping[str, Wanted], provider_state: ProviderState, tools: Tools) -> None:
    """Apply the changes of a plan in order.

    Raises:
        StalePlan: an application is no longer as the plan has it.
        ApiError, StoreError, DeployError: a step failed; the steps before it are done and recorded.
    """
    for change in plan.changes:
        match change.kind:
            case "create" | "replace":
                _create(change, wanted[change.key], tools)
            case "update":
                _update(change, wanted[change.key], provider_state, tools)
            case "delete":
                _delete(change, tools, is_surplus=change.id in provider_state.surplus)
    _settle_unchanged(plan, wanted, tools)


# ── Steps ──────────────────────────────────────────────────────────────────────────────────────────────


def _create(change: Change, wanted: Wanted, tools: Tools) -> None:
    if change.upload:
        _upload(wanted, tools)
    settings = _with_key(wanted, tools)
    old = change.id
    name = settings.name or wanted.key
    tools.say(f'{wanted.key}: creating the application "{name}"')

    def settle(state: State, made: Application) -> State:
        deployed = replace(remembered(wanted, made.id, settings.public_key), numbers=())
        return replace(
            state,
            applications={**state.applications, wanted.key: deployed},
            begun={key: mark for key, mark in state.begun.items() if key != wanted.key},
            leaving=state.leaving if old is None else {**state.leaving, old: wanted.key},
        )

    now = tools.provider.server_time()
    intent = Intent(
        kind="create",
        key=wanted.key,
        mark=wanted.mark,
        id=old,
        document=wanted.document or None,
        name=settings.name,
        date=None if now is None else iso(now),
    )
    made = tools.journal.step(
        intent,
        lambda: _made(settings, intent, tools),
        settle,
        begun=lambda state: _with_begun(state, wanted),
        is_refusal=_is_refusal,
    )
    tools.say(f"{wanted.key}: created {made.id}")
    _change_numbers(change.numbers, wanted.key, made.id, tools)
    if old is not None:
        _delete(Change(kind="delete", key=wanted.key, id=old), tools)


def _made(settings: Settings, intent: Intent, tools: Tools) -> Application:
    """Request an application once, and search for it if the response is lost."""
    try:
        return tools.provider.create_application(settings)
    except Unconfirmed as unsure:
        tools.say(f"{intent.key}: {unsure}")
        found = tools.search.keep_looking(intent, tools.journal.state)
        if found is None:
            raise NotConfirmed(f"{intent.key}: not confirmed: {unsure}. Run it again") from unsure
        return found


def _update(change: Change, wanted: Wanted, provider_state: ProviderState, tools: Tools) -> None:
    assert change.id is not None
    id = change.id
    if change.upload:
        _upload(wanted, tools)
    if change.fields:
        settings = _with_key(wanted, tools)
        tools.say(f"{wanted.key}: updating {', '.join(field.name for field in change.fields)}")

        def act() -> Application:
            # The plan may be out of date by now, and an update writes the whole object.
            current = _read_again(id, change, provider_state, tools)
            return tools.provider.update_application(current, settings)

        def settle(state: State, _: Application) -> State:
            before = state.applications[wanted.key]
            now = replace(remembered(wanted, id, settings.public_key), numbers=before.numbers)
            return replace(state, applications={**state.applications, wanted.key: now})

        tools.journal.step(
            Intent(kind="update", key=wanted.key, mark=wanted.mark, id=id, document=wanted.document or None),
            act,
            settle,
            is_refusal=_is_stale,
        )
    _change_numbers(change.numbers, wanted.key, id, tools)


def _read_again(id: str, change: Change, provider_state: ProviderState, tools: Tools) -> Application:
    try:
        current = tools.provider.read_application(id)
    except NotFound as failed:
        raise StalePlan(
            f"{change.key}: the application {id} was deleted by somebody else just now; run it again"
        ) from failed
    if current.settings != provider_state.applications[id].settings:
        raise StalePlan(
            f"{change.key}: the application {id} was changed by somebody else just now; it is left as it is. Run it "
            "again, and the plan shows what changed"
        )
    return current


def _delete(change: Change, tools: Tools, *, is_surplus: bool = False) -> None:
    key = change.key
    if is_surplus and change.id in held_ids(tools.journal.state):
        tools.say(f"{key}: {change.id} was taken over just now, and stays")
        return
    _change_numbers(change.numbers, key, None, tools)
    id = change.id
    if id is None:
        tools.say(f"{key}: was gone already, and is forgotten")
        tools.journal.write(_without(tools.journal.state, key, None))
        return
    tools.say(f"{key}: deleting the application {id}")
    tools.journal.step(
        Intent(kind="delete", key=key, id=id),
        lambda: tools.provider.delete_application(id),
        lambda state, _: _without(state, key, id),
    )


def _without(state: State, key: str, id: str | None) -> State:
    """Return the state without an application: the one with the id, or if `id` is None the one with the key."""
    there = state.applications.get(key)
    goes = there is not None and (id is None or there.id == id)
    return replace(
        state,
        applications={name: each for name, each in state.applications.items() if name != key or not goes},
        leaving={name: each for name, each in state.leaving.items() if name != id},
    )


def _upload(wanted: Wanted, tools: Tools) -> None:
    """Write the document to the store, and check that the provider can read it."""
    name = wanted.document
    tools.say(f"{wanted.key}: uploading {name}")

    def begun(state: State) -> State:
        return replace(_with_begun(state, wanted), documents=state.documents | {name})

    tools.journal.step(
        Intent(kind="upload", key=wanted.key, mark=wanted.mark, document=name),
        lambda: tools.store.put(name, wanted.content),
        lambda state, _: state,
        begun=begun,
    )
    settings = wanted.settings if wanted.served is None else _as_answer(wanted.settings)
    assert settings.answer_url is not None
    tools.say(f"{wanted.key}: looking at {settings.answer_url}")
    tools.journal.checkpoint(f"before look {wanted.key}")
    tools.look(settings.answer_url, wanted.content, settings)
    tools.journal.checkpoint(f"after look {wanted.key}")


def _with_begun(state: State, wanted: Wanted) -> State:
    """Return the state with the mark of an application that is made, which has no id yet."""
    is_new = wanted.key not in state.applications or state.applications[wanted.key].mark != wanted.mark
    return replace(state, begun={**state.begun, wanted.key: wanted.mark}) if is_new else state


def _as_answer(settings: Settings) -> Settings:
    """Return settings whose answer webhook is the fallback webhook, from which the document is read."""
    return Settings(
        answer_url=settings.fallback_url,
        answer_method=settings.fallback_method,
        answer_connect_timeout=settings.fallback_connect_timeout,
        answer_socket_timeout=settings.fallback_socket_timeout,
    )


def _with_key(wanted: Wanted, tools: Tools) -> Settings:
    """Return the settings to send. A new key pair is saved first."""
    if not wanted.makes_key:
        return wanted.settings
    assert wanted.key_file is not None
    return replace(wanted.settings, public_key=tools.keyring.public_key(wanted.key_file))


def _change_numbers(numbers: tuple[NumberChange, ...], key: str, id: str | None, tools: Tools) -> None:
    for change in numbers:
        _change_number(change, key, None if change.action == "unlink" else id, tools)


def _change_number(change: NumberChange, key: str, id: str | None, tools: Tools) -> None:
    words = {"link": "linking", "move": "moving here", "unlink": "unlinking"}
    tools.say(f"{key}: {words[change.action]} +{change.number}")

    def settle(state: State, _: None) -> State:
        applications = {
            name: _with_number(deployed, change.number, name == key and id is not None)
            for name, deployed in state.applications.items()
        }
        return replace(state, applications=applications)

    def act() -> None:
        # The plan may be out of date by now, and an update also writes the number's other settings.
        number = _number_again(change, key, id, tools)
        if number.application_id != id:
            tools.provider.link_number(number, id)

    tools.journal.step(
        Intent(kind="unlink" if id is None else "link", key=key, id=id, number=change.number),
        act,
        settle,
        is_refusal=_is_stale,
    )


def _number_again(change: NumberChange, key: str, id: str | None, tools: Tools) -> PhoneNumber:
    number = tools.provider.find_number(change.number)
    if number is None:
        raise StalePlan(f"{key}: the account has no number +{change.number} any more; run it again")
    # The number has no application if the one it was linked to was deleted: by another process, or by this plan.
    if number.application_id not in (None, id, change.other):
        raise StalePlan(
            f"{key}: the number +{change.number} was linked to another application by somebody else just now; it is left "
            "as it is. Run it again, and the plan shows what changed"
        )
    return number


def _with_number(deployed: Deployed, number: str, has: bool) -> Deployed:
    if (number in deployed.numbers) == has:
        return deployed
    numbers = {each for each in deployed.numbers if each != number} | ({number} if has else set())
    return replace(deployed, numbers=tuple(sorted(numbers)))


def _settle_unchanged(plan: Plan, wanted: Mapping[str, Wanted], tools: Tools) -> None:
    """Record what is already as wanted without a step of this run: another process or an interrupted run did it."""
    state = tools.journal.state
    applications = dict(state.applications)
    changed = {change.key for change in plan.changes if change.kind != "delete"}
    for key in (*plan.unchanged, *changed):
        there = applications[key]
        applications[key] = remembered(wanted[key], there.id, there.settings.public_key)
    # Drop marks that an interrupted removal left and that are not wanted any more.
    begun = {
        key: mark for key, mark in state.begun.items() if key not in applications or mark != applications[key].mark
    }
    tools.journal.write(replace(state, applications=applications, begun=begun))


def _is_stale(failed: Exception) -> bool:
    """Return whether nothing was done because the plan is stale."""
    return isinstance(failed, StalePlan)


def _is_refusal(failed: Exception) -> bool:
    """Return whether a create certainly made no application."""
    return isinstance(failed, ApiError) and not isinstance(failed, Unconfirmed)
