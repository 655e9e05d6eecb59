"""The state file, the lock, the keys and the history of `ncco deploy`."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ncco_lang.api.types import Settings
from ncco_lang.cli.plan_text import render_history
from ncco_lang.deploy.errors import Busy, NotSaved, StateError
from ncco_lang.deploy.history import MOST, content_hash, find_version, release_of, releases_at, with_version
from ncco_lang.deploy.journal import Journal
from ncco_lang.deploy.keyring import Keyring, key_file_name
from ncco_lang.deploy.lock import LEASE, Lock
from ncco_lang.deploy.process_identity import this_machine
from ncco_lang.deploy.state import Deployed, Intent, ServedFlow, State, Version
from ncco_lang.deploy.state_file import Lines, dump_state, load_state, read_state
from ncco_lang.resources import load_json_resource

MARK = "0123456789abcdef"
OTHER = "fedcba9876543210"
THIRD = "0f1e2d3c4b5a6978"
NOW = 1_800_000_000.0
unix = pytest.mark.skipif(os.name != "posix", reason="earlier versions could not tell on Windows")


def deployed(text: str = "1", *, mark: str = MARK, **more: Any) -> Deployed:
    settings = Settings(
        name="Shop é", answer_url=f"https://x.nl/{mark}/a.json", signed_callbacks=False, region="eu-west"
    )
    return Deployed(
        mark=mark,
        id=f"id-{mark}",
        settings=settings,
        document=f"{mark}/{text * 20}.json",
        numbers=("31201234567",),
        **more,
    )


FULL = State(
    serial=7,
    profile="live",
    provider="vonage",
    account="api.nexmo.com/abc",
    applications={"main": deployed(key_file="main-x.pem"), "other": deployed("2", mark=OTHER)},
    begun={"third": THIRD},
    leaving={"old-id": "main"},
    documents=frozenset({f"{MARK}/{'1' * 20}.json", f"{MARK}/{'2' * 20}.json"}),
    intent=Intent(kind="create", key="third", mark=THIRD, document=f"{THIRD}/{'3' * 20}.json", name="Third"),
    history=(Version(hash="a" * 64, when="2026-11-24T02:00:00Z", changed={}, removed=("gone",)),),
)


@pytest.mark.parametrize(
    "state", [FULL, State(profile="x", provider="kpn", account="a"), replace(FULL, intent=None, goal="b" * 64)]
)
def test_a_state_comes_back_from_its_text(state: State) -> None:
    text = dump_state(state)
    assert load_state(text, "x") == state
    assert dump_state(load_state(text, "x")) == text
    Draft202012Validator(load_json_resource("schemas/state.schema.json")).validate(json.loads(text))


def test_lines_that_are_kept_are_those_of_the_state() -> None:
    known: Lines = {}
    for state in (FULL, replace(FULL, serial=99, history=()), replace(FULL, applications={}), FULL):
        assert dump_state(state, known) == dump_state(state)
    changed = {key: replace(each, id="other") for key, each in FULL.applications.items()}
    assert dump_state(replace(FULL, applications=changed), known) == dump_state(replace(FULL, applications=changed))


def test_what_a_provider_says_never_makes_a_state_that_cannot_be_read() -> None:
    odd = Settings(name="x" * 5000, answer_method="PATCH", region="", conversations_ttl=-1, public_key="no\x00key")
    taken = replace(deployed(), id="a b:c.é", settings=odd)
    state = replace(FULL, applications={"main": taken}, leaving={"d e:f.é": "main"})
    assert load_state(dump_state(state), "x") == state


def test_each_application_has_a_line_of_its_own() -> None:
    lines = dump_state(FULL).splitlines()
    assert sum('"main": {' in line and "id-0123456789abcdef" in line for line in lines) == 1
    assert sum('"other": {' in line for line in lines) == 1


def test_a_file_that_is_not_there_is_a_profile_that_was_never_deployed(tmp_path: Path) -> None:
    assert read_state(str(tmp_path / "no/state.json")) == State()


def _without(word: str) -> Callable[[dict[str, Any]], Any]:
    return lambda data: {key: value for key, value in data.items() if key != word}


@pytest.mark.parametrize(
    "change",
    [
        _without("serial"),
        _without("history"),
        lambda data: {**data, "more": 1},
        lambda data: {**data, "serial": -1},
        lambda data: {**data, "serial": "7"},
        lambda data: {**data, "version": 0},
        lambda data: {**data, "documents": ["../../etc/passwd"]},
        lambda data: {**data, "documents": [f"{MARK}/{'1' * 20}.json\n"]},
        lambda data: {**data, "applications": {"../x": data["applications"]["main"]}},
        lambda data: {**data, "applications": {"main": {**data["applications"]["main"], "key_file": "../../id_rsa"}}},
        lambda data: {**data, "applications": {"main": {**data["applications"]["main"], "settings": {"nme": "x"}}}},
        lambda data: {**data, "begun": {"a b": MARK}},
        # A lone surrogate, which could not be written again.
        lambda data: {**data, "leaving": {"\ud800": "main"}},
        lambda data: [data],
        lambda _: None,
    ],
)
def test_a_damaged_state_is_refused_in_a_sentence(change: Callable[[dict[str, Any]], Any]) -> None:
    data = json.loads(dump_state(FULL))
    with pytest.raises(StateError, match=r"here\.json is no state that ncco can read: .*Put back a good copy"):
        load_state(json.dumps(change(data)), "here.json")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"applications": {"a": deployed(), "b": replace(deployed(), mark=OTHER)}}, "a and b have the same id"),
        ({"applications": {"a": deployed(), "b": replace(deployed(), id="id-2")}}, "a and b have the same mark"),
        ({"begun": {"third": MARK}}, "main and third have the same mark"),
        (
            {"applications": {"a": deployed(key_file="x.pem"), "b": deployed(mark=OTHER, key_file="x.pem")}},
            "a and b have the same key_file, x.pem",
        ),
        ({"leaving": {f"id-{OTHER}": "main"}}, f"other has the id id-{OTHER}, which is also to be deleted"),
    ],
)
def test_a_state_that_contradicts_itself_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(StateError, match=rf"here\.json is no state that ncco can read: {reason}"):
        load_state(dump_state(replace(FULL, **change)), "here.json")


def test_an_application_that_is_made_anew_may_keep_its_mark() -> None:
    state = replace(FULL, begun={"main": MARK})
    assert load_state(dump_state(state), "x") == state


@pytest.mark.parametrize("text", ["", "{", "\x00\x00", "[" * 100_000, '{"version": 1', "NaN"])
def test_a_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(StateError, match="left as it is"):
        load_state(text, "here.json")


def test_a_state_of_a_newer_version_asks_for_an_update() -> None:
    data = {**json.loads(dump_state(FULL)), "version": 4, "what": "nobody knows"}
    with pytest.raises(StateError, match="newer ncco"):
        load_state(json.dumps(data), "here.json")


# ── The lock ───────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes() -> list[str]:
    return []


def lock(folder: Path, clock: Clock, notes: list[str]) -> Lock:
    return Lock(str(folder / "state.json"), shown="state.json", clock=clock, say=notes.append)


def test_a_lock_is_held_by_one_and_given_back(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    with (
        lock(tmp_path, clock, notes),
        pytest.raises(
            Busy, match=rf"process {os.getpid()}\) runs on this machine and holds the lock state\.json\.lock"
        ),
    ):
        lock(tmp_path, clock, notes).__enter__()
    assert list(tmp_path.iterdir()) == []
    with lock(tmp_path, clock, notes):
        pass
    assert notes == []


def test_a_lock_is_given_back_after_an_error(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    with pytest.raises(KeyboardInterrupt), lock(tmp_path, clock, notes):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_ran_out_is_taken_over_and_its_holder_notices(
    tmp_path: Path, clock: Clock, notes: list[str]
) -> None:
    slept = lock(tmp_path, clock, notes)
    slept.__enter__()
    _rewrite(tmp_path, **ELSEWHERE)
    clock.now += LEASE + 1
    with lock(tmp_path, clock, notes) as second:
        assert "it had run out" in notes[0]
        with pytest.raises(Busy, match="not ours any more"):
            slept.renew()
        slept.__exit__()
        second.renew()
    assert list(tmp_path.iterdir()) == []


def test_a_renewed_lock_holds_longer(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    with lock(tmp_path, clock, notes) as first:
        clock.now += LEASE - 1
        first.renew()
        clock.now += LEASE - 1
        with pytest.raises(Busy):
            lock(tmp_path, clock, notes).__enter__()
    assert notes == []


def test_a_lock_that_ran_out_and_is_still_ours_goes_on(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    with lock(tmp_path, clock, notes) as first:
        clock.now += 10 * LEASE
        first.renew()
        with pytest.raises(Busy):
            lock(tmp_path, clock, notes).__enter__()


def test_a_clock_that_was_set_back_does_not_keep_a_lock_from_being_renewed(
    tmp_path: Path, clock: Clock, notes: list[str]
) -> None:
    with lock(tmp_path, clock, notes) as first:
        clock.now -= 100_000
        first.renew()
        with pytest.raises(Busy):
            lock(tmp_path, clock, notes).__enter__()


ELSEWHERE: dict[str, Any] = {"machine": "elsewhere", "boot": "another", "owner": "kim@elsewhere", "pid": 2**22 + 1}
EARLIER = ("owner", "machine", "pid", "token", "expires")
"""The fields of a lock of an earlier version."""


def _rewrite(tmp_path: Path, keys: tuple[str, ...] = (), **more: Any) -> None:
    """Change a lock file, and keep only the given keys if there are any."""
    path = tmp_path / "state.json.lock"
    data = {**json.loads(path.read_text(encoding="utf-8")), **more}
    path.write_text(json.dumps({key: data[key] for key in keys or data}), encoding="utf-8")


def _holder(tmp_path: Path, clock: Clock, notes: list[str], keys: tuple[str, ...] = (), **more: Any) -> None:
    """Write a lock file as a run leaves it."""
    path = tmp_path / "state.json.lock"
    with lock(tmp_path, clock, notes):
        text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    _rewrite(tmp_path, keys, **more)


def test_the_lock_of_a_process_that_is_gone_is_taken_over_at_once(
    tmp_path: Path, clock: Clock, notes: list[str]
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    _holder(tmp_path, clock, notes, pid=gone.pid)
    with lock(tmp_path, clock, notes):
        assert "that process is gone" in notes[0]


def test_the_lock_of_another_machine_is_waited_for(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    _holder(tmp_path, clock, notes, **ELSEWHERE)
    with pytest.raises(Busy, match=r"kim@elsewhere .* until \d\d:\d\d:\d\d UTC"):
        lock(tmp_path, clock, notes).__enter__()
    clock.now += LEASE + 1
    with lock(tmp_path, clock, notes):
        pass


def test_a_lock_from_a_clock_that_is_far_ahead_locks_nobody_out(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    _holder(tmp_path, clock, notes, **{**ELSEWHERE, "expires": NOW + 1e6})
    with lock(tmp_path, clock, notes):
        assert "a clock was wrong" in notes[0]


def test_the_lock_of_a_process_that_runs_here_is_never_taken(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    _holder(tmp_path, clock, notes)
    for ahead in (LEASE + 1, 3600, 1e6, -1e6):
        clock.now = NOW + ahead
        assert lock(tmp_path, clock, notes).is_held()
        with pytest.raises(Busy, match=rf"process {os.getpid()}"):
            lock(tmp_path, clock, notes).__enter__()
    assert notes == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"started": "1"}, "belongs to another one now"),
        ({"pid": 2**22 + 1}, "that process is gone"),
        ({"pid": 10**30}, "that process is gone"),
        ({"boot": "00000000-0000-0000-0000-000000000000 pid:[4026531836]"}, "the machine has restarted since"),
    ],
)
def test_the_lock_of_a_process_of_this_machine_that_ended_is_taken_at_once(
    tmp_path: Path, clock: Clock, notes: list[str], change: dict[str, Any], words: str
) -> None:
    if "boot" in change and not this_machine().name:
        pytest.skip("this machine has no id, or is a container")
    _holder(tmp_path, clock, notes, **change)
    with lock(tmp_path, clock, notes):
        assert words in notes[0]


def test_a_container_of_this_machine_is_another_machine(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    boot = this_machine().boot.partition(" ")[0] + " pid:[1]"
    _holder(tmp_path, clock, notes, machine="", boot=boot, pid=2**22 + 1)
    with pytest.raises(Busy, match="until"):
        lock(tmp_path, clock, notes).__enter__()


@unix
def test_a_lock_of_an_earlier_version_is_understood(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    host = socket.gethostname()
    with suppress(OSError):
        host = f"{host} {Path('/proc/self/ns/pid').readlink()}"
    _holder(tmp_path, clock, notes, EARLIER, machine=host)
    with pytest.raises(Busy, match=rf"process {os.getpid()}\).*until"):
        lock(tmp_path, clock, notes).__enter__()
    _rewrite(tmp_path, EARLIER, pid=2**22 + 1)
    with lock(tmp_path, clock, notes):
        assert "that process is gone" in notes[0]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"owner": 1}', "null", "\x00" * 10_000])
def test_a_damaged_lock_is_taken_over_when_it_is_old(tmp_path: Path, clock: Clock, notes: list[str], text: str) -> None:
    path = tmp_path / "state.json.lock"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (clock.now - 1, clock.now - 1))
    with pytest.raises(Busy, match="try again in a moment"):
        lock(tmp_path, clock, notes).__enter__()
    os.utime(path, (clock.now - 60, clock.now - 60))
    with lock(tmp_path, clock, notes):
        assert "it is damaged" in notes[0]


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    with pytest.raises(NotSaved, match=r"cannot make the lock state\.json\.lock: .*nothing was done"):
        lock(tmp_path / "not there", clock, notes).__enter__()


# ── The journal ────────────────────────────────────────────────────────────────────────────────────────


def journal(tmp_path: Path, held: Lock, **more: Any) -> Journal:
    path = str(tmp_path / "state.json")
    return Journal(path, read_state(path), held, shown="state.json", **more)


def test_a_step_writes_its_intent_before_and_its_result_after(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    seen: list[str] = []
    path = str(tmp_path / "state.json")
    with lock(tmp_path, clock, notes) as held:
        book = journal(tmp_path, held, checkpoint=seen.append)
        book.write(State(profile="p", provider="kpn", account="a"))

        def act() -> str:
            intent = read_state(path).intent
            assert intent is not None
            assert intent.kind == "update"
            return "done"

        result = book.step(
            Intent(kind="update", key="main"), act, lambda state, _: replace(state, begun={"main": MARK})
        )
        assert result == "done"
    state = read_state(path)
    assert state.intent is None
    assert state.begun == {"main": MARK}
    assert state.serial == 3
    assert seen == ["before update main", "after update main"]


def test_a_state_that_somebody_else_wrote_is_left_alone(tmp_path: Path, clock: Clock, notes: list[str]) -> None:
    path = tmp_path / "state.json"
    with lock(tmp_path, clock, notes) as held:
        book = journal(tmp_path, held)
        book.write(State(profile="p", provider="kpn", account="a"))
        path.write_text("theirs", encoding="utf-8")
        with pytest.raises(Busy, match="changed by somebody else"):
            book.write(State(profile="p", provider="kpn", account="b"))
    assert path.read_text(encoding="utf-8") == "theirs"


# ── Keys ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_key_is_made_once_for_its_owner_alone_and_kept_out_of_version_control(tmp_path: Path) -> None:
    keyring = Keyring(str(tmp_path / "keys"), "keys")
    name = key_file_name("main", MARK)
    public = keyring.public_key(name)
    assert public.startswith("-----BEGIN PUBLIC KEY-----")
    path = tmp_path / "keys" / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "keys/.gitignore").read_text(encoding="ascii") == "*\n"
    private = path.read_bytes()
    assert keyring.public_key(name) == public
    assert path.read_bytes() == private
    assert sorted(each.name for each in (tmp_path / "keys").iterdir()) == [".gitignore", name]
    keyring.remove(OTHER)
    assert keyring.has(name)
    keyring.remove(MARK)
    assert not keyring.has(name)


def test_a_key_that_cannot_be_kept_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("in the way", encoding="utf-8")
    with pytest.raises(NotSaved, match="Nothing was sent"):
        Keyring(str(tmp_path / "keys"), "keys").public_key("main-x.pem")


# ── History ────────────────────────────────────────────────────────────────────────────────────────────


def _with(**applications: Deployed) -> State:
    return State(profile="p", provider="kpn", account="a", applications=applications)


def test_a_version_holds_what_changed_and_can_be_put_together_again() -> None:
    state = with_version(_with(main=deployed("1"), other=deployed("2", mark=OTHER)), "2026-01-01T00:00:00Z")
    state = with_version(replace(state, applications={"main": deployed("3")}), "2026-01-02T00:00:00Z")
    first, second = state.history
    assert set(first.changed) == {"main", "other"}
    assert set(second.changed) == {"main"}
    assert second.removed == ("other",)
    assert set(releases_at(state.history, 0)) == {"main", "other"}
    assert releases_at(state.history, 1) == {"main": release_of(deployed("3"))}
    assert content_hash(releases_at(state.history, 1)) == second.hash


def test_what_did_not_change_makes_no_version() -> None:
    state = with_version(_with(main=deployed("1")), "2026-01-01T00:00:00Z")
    assert with_version(state, "2026-01-02T00:00:00Z") == state
    assert with_version(_with(), "2026-01-01T00:00:00Z").history == ()


def test_a_hash_knows_content_and_neither_mark_nor_id_nor_key() -> None:
    one = {"main": release_of(deployed("1"))}
    elsewhere = deployed("1", mark=OTHER, key_file="x.pem")
    assert content_hash(one) == content_hash({"main": release_of(elsewhere)})
    assert content_hash(one) != content_hash({"main": release_of(deployed("2"))})
    assert content_hash(one) != content_hash({"more": release_of(deployed("1"))})


def test_the_last_versions_are_kept_and_the_oldest_of_them_says_all() -> None:
    state = _with(other=deployed("0", mark=OTHER))
    for number in range(MOST + 20):
        digits = f"{number:020d}"
        one = replace(deployed(), document=f"{MARK}/{digits}.json")
        state = with_version(replace(state, applications={**state.applications, "main": one}), "2026-01-01T00:00:00Z")
    assert len(state.history) == MOST
    assert set(releases_at(state.history, 0)) == {"main", "other"}
    for index, version in enumerate(state.history):
        assert content_hash(releases_at(state.history, index)) == version.hash


def test_a_version_is_found_by_the_beginning_of_its_hash() -> None:
    state = with_version(_with(main=deployed("1")), "2026-01-01T00:00:00Z")
    with pytest.raises(LookupError, match="no version before"):
        find_version(state, None)
    state = with_version(replace(state, applications={"main": deployed("2")}), "2026-01-02T00:00:00Z")
    assert find_version(state, None) == 0
    assert find_version(state, state.history[0].hash[:6].upper()) == 0
    assert find_version(state, state.history[1].hash) == 1
    for wrong in ("zzzz", state.history[0].hash + "0"):
        with pytest.raises(LookupError, match="no version"):
            find_version(state, wrong)
    for short in ("0", state.history[0].hash[:3]):
        with pytest.raises(LookupError, match="is too short for a version: at least 4 digits"):
            find_version(state, short)
    with pytest.raises(LookupError, match="nothing was deployed"):
        find_version(_with(), None)


def test_a_version_is_found_by_the_version_of_its_flow_as_a_plan_shows_it() -> None:
    first, second = (ServedFlow(version=digit * 64) for digit in "cd")
    state = with_version(_with(main=deployed("1", served=first)), "2026-01-01T00:00:00Z")
    state = with_version(replace(state, applications={"main": deployed("2", served=first)}), "2026-01-02T00:00:00Z")
    state = with_version(replace(state, applications={"main": deployed("2", served=second)}), "2026-01-03T00:00:00Z")
    assert find_version(state, "cccc") == 1
    assert find_version(state, "d" * 12) == 2
    newest, *_, oldest = render_history(state.history, None).splitlines()
    assert newest.endswith(f"(flow {'d' * 12})")
    assert oldest.endswith(f"(flow {'c' * 12})")


def test_the_version_before_is_that_before_the_last_rollback_too() -> None:
    state = with_version(_with(main=deployed("1")), "2026-01-01T00:00:00Z")
    state = with_version(replace(state, applications={"main": deployed("2")}), "2026-01-02T00:00:00Z")
    state = with_version(replace(state, applications={"main": deployed("1")}), "2026-01-03T00:00:00Z")
    assert state.history[0].hash == state.history[2].hash
    assert find_version(state, None) == 1
