"""Plans of `ncco deploy` as values: from the wanted, stored and actual state to actions, their text and their file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ncco_lang.api.types import Application, PhoneNumber, Settings
from ncco_lang.cli.plan_text import count_changes, render_drift, render_plan
from ncco_lang.deploy.differences import LOST, diff_of
from ncco_lang.deploy.errors import PlanError, StalePlan
from ncco_lang.deploy.fingerprint import digest, document_name, fingerprint
from ncco_lang.deploy.plan import Change, FieldChange, NumberChange, Plan, ProviderState, Wanted, find_drift, make_plan
from ncco_lang.deploy.plan_file import check_owner, check_state, check_world, dump_plan, load_plan
from ncco_lang.deploy.provider_state import PAGE, read_applications
from ncco_lang.deploy.state import Deployed, State
from ncco_lang.ncco.emit import render_ncco
from ncco_lang.resources import load_json_resource

MARK = "0123456789abcdef"
NUMBER = "31201234567"
KEY = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\nhkiG9w0BAQEF\n-----END PUBLIC KEY-----\n"
OTHER_KEY = "-----BEGIN PUBLIC KEY-----\nAAAAAAAAAAAA\n-----END PUBLIC KEY-----\n"


def ncco(*texts: str) -> bytes:
    return render_ncco([{"action": "talk", "text": text} for text in texts]).encode()


def wanted(key: str = "main", *, content: bytes = b"", mark: str = MARK, **more: Any) -> Wanted:
    content = content or ncco("Hello.")
    document = document_name(mark, content)
    settings = Settings(name="Shop", answer_url=f"https://x.nl/{document}", public_key=KEY)
    return Wanted(key=key, mark=mark, **{"settings": settings, "document": document, "content": content, **more})


def deployed(one: Wanted, id: str = "id-1") -> Deployed:
    return Deployed(mark=one.mark, id=id, settings=one.settings, document=one.document, numbers=one.numbers)


def state_of(**applications: Deployed) -> State:
    return State(serial=3, profile="live", provider="vonage", account="h/a", applications=applications)


def world_of(
    *applications: tuple[str, Settings], numbers: Mapping[str, str | None] | None = None, **more: Any
) -> ProviderState:
    return ProviderState(
        applications={id: Application(id=id, settings=settings) for id, settings in applications},
        numbers={
            msisdn: PhoneNumber(msisdn=msisdn, country="NL", application_id=id)
            for msisdn, id in (numbers or {}).items()
        },
        **more,
    )


def as_deployed(one: Wanted, **more: Any) -> tuple[State, ProviderState]:
    """Return a state and a provider in which everything is as wanted."""
    numbers = dict.fromkeys(one.numbers, "id-1")
    return state_of(main=deployed(one)), world_of(("id-1", one.settings), numbers=numbers, **more)


def test_what_is_new_is_created() -> None:
    one = wanted(numbers=(NUMBER,))
    (change,) = make_plan({"main": one}, State(), world_of(numbers={NUMBER: None})).changes
    assert change.kind == "create"
    assert change.id is None
    assert change.upload
    assert [field.name for field in change.fields] == ["name", "public_key", "answer_url"]
    assert change.numbers == (NumberChange(NUMBER, "link"),)
    assert change.document_after == one.document


def test_what_is_as_wanted_stays() -> None:
    one = wanted(numbers=(NUMBER,))
    assert make_plan({"main": one}, *as_deployed(one)) == Plan(unchanged=("main",))


def test_a_difference_is_an_update_field_by_field() -> None:
    before, after = wanted(), wanted(content=ncco("Good morning."))
    after = replace(after, settings=replace(after.settings, name="New", region="eu-west"))
    (change,) = make_plan({"main": after}, *as_deployed(before)).changes
    assert change.kind == "update"
    assert change.upload
    assert change.fields == (
        FieldChange("name", "Shop", "New"),
        FieldChange("answer_url", before.settings.answer_url, after.settings.answer_url),
        FieldChange("region", None, "eu-west"),
    )


def test_what_is_not_said_is_left_alone() -> None:
    one = wanted()
    there = replace(one.settings, region="na-east", event_url="https://by.hand/")
    assert not make_plan({"main": one}, state_of(main=deployed(one)), world_of(("id-1", there))).changes


def test_a_change_by_hand_is_put_back_and_marked() -> None:
    one = wanted()
    there = replace(one.settings, name="By hand")
    (change,) = make_plan({"main": one}, state_of(main=deployed(one)), world_of(("id-1", there))).changes
    assert change.fields == (FieldChange("name", "By hand", "Shop", by_hand=True),)


@pytest.mark.parametrize("key", [KEY.replace("\n", "\r\n"), KEY.strip(), KEY.replace("\n", "\\n"), None])
def test_a_public_key_that_is_spelt_otherwise_is_the_same(key: str | None) -> None:
    one = wanted()
    there = replace(one.settings, public_key=key)
    assert not make_plan({"main": one}, state_of(main=deployed(one)), world_of(("id-1", there))).changes


def test_another_public_key_is_a_change() -> None:
    one = wanted()
    there = replace(one.settings, public_key=OTHER_KEY)
    (change,) = make_plan({"main": one}, state_of(main=deployed(one)), world_of(("id-1", there))).changes
    assert change.fields == (FieldChange("public_key", OTHER_KEY, KEY, by_hand=True),)


def test_an_application_that_is_gone_is_made_anew() -> None:
    one = wanted(numbers=(NUMBER,))
    world = world_of(numbers={NUMBER: None})
    (change,) = make_plan({"main": one}, state_of(main=deployed(one)), world).changes
    assert (change.kind, change.id) == ("create", None)
    assert change.reason == "again: the provider has no application id-1 any more"
    assert change.numbers == (NumberChange(NUMBER, "link"),)


def test_replacing_moves_numbers_and_deletes_the_old_one() -> None:
    one = wanted(numbers=(NUMBER,))
    (change,) = make_plan({"main": one}, *as_deployed(one), replaced=("main",)).changes
    assert (change.kind, change.id) == ("replace", "id-1")
    assert change.numbers == (NumberChange(NUMBER, "move", "id-1"),)
    (change,) = make_plan({"main": wanted()}, *as_deployed(one), replaced=("main",)).changes
    assert change.numbers == (NumberChange(NUMBER, "unlink", "id-1"),)


def test_what_was_replaced_and_not_deleted_yet_is_deleted() -> None:
    one = wanted()
    state, world = as_deployed(one)
    world = replace(world, numbers=world_of(numbers={NUMBER: "old"}).numbers)
    (change,) = make_plan({"main": one}, replace(state, leaving={"old": "main"}), world).changes
    assert (change.kind, change.key, change.id) == ("delete", "main", "old")
    assert change.numbers == (NumberChange(NUMBER, "unlink", "old"),)


def test_what_is_not_wanted_any_more_is_deleted_last_with_its_numbers() -> None:
    gone, new = wanted("gone", numbers=(NUMBER,)), wanted("new")
    state = state_of(gone=deployed(gone))
    world = world_of(("id-1", gone.settings), numbers={NUMBER: "id-1", "31201234568": "somebody's"})
    create, delete = make_plan({"new": new}, state, world).changes
    assert create.kind == "create"
    assert (delete.kind, delete.id) == ("delete", "id-1")
    assert delete.numbers == (NumberChange(NUMBER, "unlink", "id-1"),)
    (forgotten,) = make_plan({}, state, world_of()).changes
    assert (forgotten.kind, forgotten.id) == ("delete", None)


def test_numbers_are_linked_moved_and_unlinked() -> None:
    before = wanted(numbers=("311", "312", "313"))
    after = wanted(numbers=("313", "314", "315"))
    numbers = {"311": "id-1", "312": "another", "313": "id-1", "314": None, "315": "another"}
    state = state_of(main=deployed(before))
    (change,) = make_plan({"main": after}, state, world_of(("id-1", after.settings), numbers=numbers)).changes
    assert change.numbers == (
        NumberChange("314", "link"),
        NumberChange("315", "move", "another"),
        NumberChange("311", "unlink", "id-1"),
    )


def test_a_number_that_goes_to_another_of_ours_is_moved_once() -> None:
    one, two = wanted("one", numbers=(NUMBER,)), wanted("two")
    state = state_of(one=deployed(one, "id-1"), two=deployed(two, "id-2"))
    world = world_of(("id-1", one.settings), ("id-2", two.settings), numbers={NUMBER: "id-1"})
    one, two = wanted("one"), wanted("two", numbers=(NUMBER,))
    (change,) = make_plan({"one": one, "two": two}, state, world).changes
    assert change.key == "two"
    assert change.numbers == (NumberChange(NUMBER, "move", "id-1"),)


def test_a_number_of_a_deleted_one_that_another_takes_is_not_unlinked() -> None:
    gone, new = wanted("gone", numbers=(NUMBER,)), wanted("new", numbers=(NUMBER,))
    world = world_of(("id-1", gone.settings), numbers={NUMBER: "id-1"})
    create, delete = make_plan({"new": new}, state_of(gone=deployed(gone)), world).changes
    assert create.numbers == (NumberChange(NUMBER, "move", "id-1"),)
    assert (delete.kind, delete.numbers) == ("delete", ())


def test_a_document_that_was_lost_is_uploaded_again() -> None:
    one = wanted()
    (change,) = make_plan({"main": one}, *as_deployed(one, missing=frozenset({one.document}))).changes
    assert (change.kind, change.upload, change.fields) == ("update", True, ())


def test_a_plan_for_some_keys_leaves_the_others_alone() -> None:
    one, two, three = wanted("one"), wanted("two"), wanted("three")
    state = replace(state_of(two=deployed(two), three=deployed(three)), leaving={"old": "three"})
    plan = make_plan({"one": one}, state, world_of(), scope={"one"})
    assert [change.key for change in plan.changes] == ["one"]


def test_drift_is_what_differs_from_what_was_left() -> None:
    one = wanted(numbers=("311", "312"))
    there = replace(one.settings, name="By hand", region="na-east")
    world = world_of(("id-1", there), numbers={"311": None, "312": "another"}, missing=frozenset({one.document}))
    (found,) = find_drift(state_of(main=deployed(one)), world)
    assert found.fields == (FieldChange("name", "Shop", "By hand", by_hand=True),)
    assert found.numbers == (NumberChange("311", "unlink"), NumberChange("312", "move", "another"))
    assert found.document_after is None
    text = render_drift([found], colour=False)
    assert '"Shop" → "By hand"' in text
    assert "+311 leads nowhere" in text
    assert "not in the store any more" in text
    assert find_drift(*as_deployed(one)) == ()
    (gone,) = find_drift(state_of(main=deployed(one)), world_of())
    assert "has no application id-1 any more" in render_drift([gone], colour=False)


# ── Requests ───────────────────────────────────────────────────────────────────────────────────────────


class Account:
    """A provider that counts its requests; the list has pages of a hundred."""

    def __init__(self, size: int) -> None:
        self.ids = [f"id-{number:05d}" for number in range(size)]
        self.requests = 0

    def list_applications(self) -> Any:
        for index, id in enumerate(self.ids):
            self.requests += index % PAGE == 0
            yield Application(id=id, settings=Settings())

    def read_application(self, id: str) -> Application:
        self.requests += 1
        return Application(id=id, settings=Settings())


@pytest.mark.parametrize(
    ("size", "ours", "most"),
    [
        (1, 1, 1),
        (5000, 1, 2),
        (2, 2, 1),
        (100, 100, 1),
        (1000, 1000, 10),
        (1050, 1000, 10),
        (5000, 2, 4),
        (5000, 20, 40),
    ],
)
def test_the_world_is_read_with_few_requests(size: int, ours: int, most: int) -> None:
    account = Account(size)
    ids = account.ids[-ours:] if size > 2000 else account.ids[:ours]
    seen = read_applications(account, ids)  # type: ignore[arg-type]
    assert seen.keys() >= set(ids)
    assert account.requests <= most


def test_what_slips_from_a_page_while_the_list_is_read_is_not_gone() -> None:
    class Moving(Account):
        def list_applications(self) -> Any:
            for application in super().list_applications():
                # Another client deletes an application, so those after it move up by one place.
                if application.id != self.ids[PAGE]:
                    yield application

    account = Moving(250)
    assert set(read_applications(account, account.ids)) == set(account.ids)  # type: ignore[arg-type]


# ── As text ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_reads_well() -> None:
    before = wanted(content=ncco("Hello.", "We open at nine.", "Goodbye."), numbers=("311",))
    after = wanted(content=ncco("Hello.", "We open at ten.", "Goodbye."), numbers=("312",))
    after = replace(after, settings=replace(after.settings, name="New\x1b[31m"))
    there = replace(before.settings, name="By hand")
    numbers: dict[str, str | None] = {"311": "id-1", "312": "theirs"}
    plan = make_plan({"main": after}, state_of(main=deployed(before)), world_of(("id-1", there), numbers=numbers))
    store = {before.document: before.content}
    diffs = {"main": diff_of(plan.changes[0], after.content, store.get)}
    text = render_plan(plan, {"main": after}, {"id-1": "main"}, diffs, keys=".ncco/keys", colour=False)
    assert "\x1b" not in text
    for line in (
        '"By hand" → "New\\u001b[31m"  (changed by hand)',
        "move +312 here from the application theirs, which is not ours",
        "unlink +311",
        '- talk "We open at nine."',
        '+ talk "We open at ten."',
        '  talk "Goodbye."',
        "1 to update",
    ):
        assert line in text, text
    assert "PUBLIC KEY" not in text
    coloured = render_plan(plan, {"main": after}, {}, diffs, keys="keys", colour=True)
    assert '\x1b[31m- talk "We open at nine."\x1b[0m' in coloured


def test_a_number_that_is_taken_from_somebody_else_is_noticed() -> None:
    one = wanted(numbers=("311", "312", "313"))
    numbers: dict[str, str | None] = {"311": "theirs", "312": "id-2", "313": None}
    plan = make_plan({"main": one}, state_of(), world_of(numbers=numbers))
    texts = {
        colour: render_plan(plan, {"main": one}, {"id-2": "other"}, {}, keys="keys", colour=colour)
        for colour in (False, True)
    }
    assert texts[False].endswith("\n1 to create; 1 number taken from applications that are not ours\n")
    assert "\x1b[31mmove +311 here from the application theirs, which is not ours\x1b[0m\n" in texts[True]
    assert texts[True].endswith("\x1b[31m; 1 number taken from applications that are not ours\x1b[0m\n")
    assert texts[True].count("\x1b[31m") == 2
    quiet = render_plan(plan, {"main": one}, {"id-2": "other", "theirs": "third"}, {}, keys="keys", colour=True)
    assert "\x1b[31m" not in quiet
    assert quiet.endswith("\n1 to create\n")


def test_a_diff_says_when_the_old_document_is_lost() -> None:
    one = wanted()
    change = Change(kind="update", key="main", document_before=f"{MARK}/{'0' * 20}.json", document_after=one.document)
    assert diff_of(change, one.content, lambda _: None) == [f"… {LOST}", '+ talk "Hello."']
    same = replace(change, document_before=one.document)
    assert diff_of(same, one.content, lambda _: None) == []
    odd = replace(change, document_before=f"{MARK}/{'0' * 20}.json")
    assert diff_of(odd, one.content, lambda _: b"\xff no json")[0].startswith("- ")


def test_changes_are_counted() -> None:
    plan = Plan(
        changes=(Change(kind="create", key="a"), Change(kind="create", key="b"), Change(kind="delete", key="c")),
        unchanged=("d",),
    )
    assert count_changes(plan) == "2 to create, 1 to delete, 1 unchanged"
    assert count_changes(Plan()) == "0 unchanged"


# ── As a file ──────────────────────────────────────────────────────────────────────────────────────────


def kept(**more: Any) -> tuple[str, Plan, State]:
    """Return a plan file with a creation, an update and a deletion, and its plan and state."""
    new = wanted("new", mark="f" * 16, numbers=(NUMBER,), makes_key=True)
    new = replace(new, settings=replace(new.settings, public_key=None))
    before, after, gone = wanted("main"), wanted("main", content=ncco("Other.")), wanted("gone", mark="e" * 16)
    state = state_of(main=deployed(before), gone=deployed(gone, "id-2"))
    world = world_of(("id-1", before.settings), ("id-2", gone.settings), numbers={NUMBER: None})
    both = {"main": after, "new": new}
    plan = make_plan(both, state, world)
    return dump_plan(plan, both, state, {"main": ["+ x"]}, **more), plan, state


def test_a_plan_file_comes_back_and_holds_no_key() -> None:
    text, plan, state = kept()
    Draft202012Validator(load_json_resource("schemas/plan.schema.json")).validate(json.loads(text))
    assert "PUBLIC KEY" not in text
    file = load_plan(text, "plan.json")
    assert file.keys == {"main", "new", "gone"}
    check_owner(file, state, "plan.json")
    check_state(file, state, "plan.json")
    check_world(file, plan, "plan.json")
    assert file.wanted["main"].content == ncco("Other.")


def test_a_plan_is_stale_when_state_or_world_moved() -> None:
    text, plan, state = kept()
    file = load_plan(text, "plan.json")
    with pytest.raises(StalePlan, match="from serial 3 to 4"):
        check_state(file, replace(state, serial=4), "plan.json")
    with pytest.raises(StalePlan, match="is another now"):
        check_state(file, replace(state, begun={"x": MARK}), "plan.json")
    with pytest.raises(PlanError, match='for profile "live", and this is "test"'):
        check_owner(file, replace(state, profile="test"), "plan.json")
    with pytest.raises(PlanError, match="account h/a, and the profile reaches vonage account h/b"):
        check_owner(file, replace(state, account="h/b"), "plan.json")
    moved = replace(plan.changes[0], fields=(FieldChange("name", "By hand", "Shop", by_hand=True),))
    with pytest.raises(StalePlan, match=r"main: answer_url, name changed since"):
        check_world(file, replace(plan, changes=(moved, *plan.changes[1:])), "plan.json")
    with pytest.raises(StalePlan, match="gone: there is nothing to do any more"):
        check_world(file, replace(plan, changes=plan.changes[:2]), "plan.json")


def _change(index: int, **more: Any) -> Callable[[dict[str, Any]], Any]:
    def change(data: dict[str, Any]) -> Any:
        data["changes"][index] |= more
        return data

    return change


def _wanted(key: str, **more: Any) -> Callable[[dict[str, Any]], Any]:
    def change(data: dict[str, Any]) -> Any:
        data["wanted"][key] |= more
        return data

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda data: [],
        lambda data: {**data, "version": 0},
        lambda data: {**data, "version": 3},
        lambda data: {**data, "more": 1},
        lambda data: {**data, "wanted": {}},
        _wanted("main", document="../../../etc/passwd"),
        _wanted("main", document=f"{MARK}/{'0' * 20}.json"),
        _wanted("main", content="[]"),
        _wanted("main", content="\ud800"),
        _wanted("main", mark="../.."),
        _wanted("main", settings={"private_key": "x"}),
        # A lone surrogate, which could not be written into the state.
        _wanted("main", settings={"name": "\ud800"}),
        _change(0, kind="destroy"),
        _change(0, upload=False),
        _change(0, key="../main"),
        _change(2, id="../../v1/calls"),
    ],
)
def test_a_plan_file_is_not_trusted(change: Callable[[dict[str, Any]], Any]) -> None:
    text, _, _ = kept()
    with pytest.raises(PlanError, match=r"^plan\.json"):
        load_plan(json.dumps(signed(change(json.loads(text)))), "plan.json")


def signed(data: Any) -> Any:
    """Return a plan with the digest that belongs to its content."""
    if not isinstance(data, dict):
        return data
    data = {name: value for name, value in data.items() if name != "digest"}
    return {**data, "digest": digest(data)}


@pytest.mark.parametrize(
    "change",
    [
        _wanted("main", settings={}),
        _wanted("main", numbers=["31201234568"]),
        _change(0, reason="none"),
        _change(0, diff=["+ y"]),
        lambda data: {**data, "serial": data["serial"] + 1},
        lambda data: {**data, "changes": data["changes"][::-1]},
        lambda data: {**data, "unchanged": ["other"]},
        lambda data: {**data, "digest": "0" * 64},
    ],
)
def test_a_plan_file_that_was_changed_is_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    text, _, _ = kept()
    with pytest.raises(PlanError, match=r"was changed after it was made.*plan again"):
        load_plan(json.dumps(change(json.loads(text))), "plan.json")


def test_a_plan_file_may_be_laid_out_anew() -> None:
    text, _, _ = kept()
    data = json.loads(text)
    assert load_plan(json.dumps(dict(reversed(data.items())), indent=8), "plan.json") == load_plan(text, "plan.json")


def test_an_older_plan_file_asks_for_a_new_plan() -> None:
    data = json.loads(kept()[0])
    del data["digest"]
    for older in ({**data, "version": 1}, data):
        with pytest.raises(PlanError, match="Nothing was done; plan again: ncco deploy --plan -o FILE"):
            load_plan(json.dumps(older), "plan.json")


def test_a_printed_plan_holds_no_hidden_document_and_is_not_applied() -> None:
    text, _, _ = kept(hidden={"main"})
    assert "content" not in json.loads(text)["wanted"]["main"]
    with pytest.raises(PlanError, match="plan again"):
        load_plan(text, "plan.json")


@pytest.mark.parametrize("text", ["", "x", "[" * 100_000])
def test_a_plan_file_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match="it is not JSON"):
        load_plan(text, "plan.json")


def test_a_document_of_a_plan_file_is_a_list_of_actions() -> None:
    text, _, _ = kept()
    data = json.loads(text)
    content = b'{"action": "talk"}'
    data["wanted"]["main"] |= {"content": content.decode(), "document": document_name(MARK, content)}
    with pytest.raises(PlanError, match="no NCCO"):
        load_plan(json.dumps(signed(data)), "plan.json")


def test_fingerprints_tell_keys_apart() -> None:
    assert fingerprint(KEY) != fingerprint(OTHER_KEY)
    assert fingerprint("no key at all") == fingerprint("no key at all")
