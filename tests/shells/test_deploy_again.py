"""Test runs after an interrupted one, and after changes at the provider."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.deploy.fingerprint import digest
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from tests.deploying import (
    FLOW,
    NUMBER,
    STATE,
    Project,
    application,
    close_wires,
    goes_on,
    new_project,
    settings_at,
)

OTHER_NUMBER = "31301234567"


class CutOff(BaseException):
    """The end of a run that the program cannot handle."""


@pytest.fixture(scope="module", params=["vonage", "kpn"])
def emulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator for each provider; every project begins with an empty account."""
    folder = tmp_path_factory.mktemp("public")
    with running(EmulatorOptions(provider=request.param, documents=str(folder), limits=False, speed=None)) as emulator:
        yield emulator
        close_wires()


@pytest.fixture
def project(emulator: Running, tmp_path: Path) -> Project:
    """A project that was not deployed yet."""
    return new_project(emulator, tmp_path / "project")


@pytest.fixture
def at_vonage(project: Project) -> Project:
    """A project that was not deployed yet, at Vonage."""
    if project.provider != "vonage":
        pytest.skip("KPN keeps the keys")
    return project


def at(step: str, act: Callable[[], Any]) -> Callable[[str], None]:
    """Return a checkpoint that calls `act` at a step."""

    def checkpoint(passed: str) -> None:
        if passed == step:
            act()

    return checkpoint


def cut_off() -> None:
    """End the run."""
    raise CutOff


# ── Runs that were cut off ─────────────────────────────────────────────────────────────────────────────


def test_a_number_that_was_being_linked_and_is_not_wanted_any_more_is_unlinked(project: Project) -> None:
    with pytest.raises(CutOff):
        project.run(checkpoint=at("after link main", cut_off))
    assert project.number() is not None
    project.write(application(numbers=""))
    goes_on(project, number=None)


def goal(project: Project) -> str | None:
    """Return the version that a rollback is restoring."""
    return project.state.goal


def test_a_rollback_that_was_cut_off_can_be_asked_for_again(project: Project) -> None:
    assert project.run().code == 0
    project.write(application(name="Second"), main='talk "Second."\n')
    assert project.run().code == 0
    first, second = (version.hash for version in project.state.history)
    for step in ("before update main", "after update main"):
        with pytest.raises(CutOff):
            project.run(rollback="", checkpoint=at(step, cut_off))
        assert goal(project) == first
        done = project.run(rollback="")
        assert f"rolling back to {first[:12]}" in done.err
        assert settings_at(project, project.state.applications["main"].id).name == "Shop"
        assert goal(project) is None
        assert project.run(rollback=second[:12]).code == 0
    # A deploy in between clears it.
    with pytest.raises(CutOff):
        project.run(rollback=first[:12], checkpoint=at("after update main", cut_off))
    assert project.run().code == 0
    assert goal(project) is None
    assert f"rolling back to {first[:12]}" in project.run(rollback="").err


def test_a_rollback_that_is_done_and_not_yet_remembered_can_be_asked_for_again(project: Project) -> None:
    assert project.run().code == 0
    project.write(application(name="Second", numbers=""))
    assert project.run().code == 0
    with pytest.raises(CutOff):
        project.run(rollback="", checkpoint=at("after link main", cut_off))
    done = project.run(rollback="")
    assert done.code == 0
    assert settings_at(project, project.state.applications["main"].id).name == "Shop"
    assert [version.hash for version in project.state.history][-1] == project.state.history[0].hash


@pytest.mark.parametrize("step", ["before delete main", "after delete main", "before remove", "after remove"])
def test_the_removal_of_one_application_goes_on(project: Project, step: str) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other=FLOW)
    assert project.run().code == 0
    project.write(tables, main='talk "Second."\n', other=FLOW)
    assert project.run(replaced=("main",)).code == 0
    mark = project.state.applications["main"].mark
    with pytest.raises(CutOff):
        project.destroy("main", checkpoint=lambda passed: cut_off() if passed.startswith(step) else None)
    done = project.command("destroy", "main", "--yes", "--keys")
    assert done.code == 0, done.err
    assert set(project.applications) == {project.state.applications["other"].id}
    assert not Path(project.store, mark).exists()
    assert not [path for path in project.keys if mark in path.name]
    assert not [name for name in project.state.documents if name.startswith(mark)]
    assert project.command("destroy", "main", "--yes").code == 2


def test_a_removal_that_was_cut_off_and_is_not_wanted_any_more_leaves_nothing(project: Project) -> None:
    assert project.run().code == 0
    old = project.state.applications["main"]
    with pytest.raises(CutOff):
        project.destroy("main", checkpoint=at("before delete main", cut_off))
    assert project.run(replaced=("main",)).code == 0
    new = project.state.applications["main"]
    assert new.mark != old.mark
    assert list(project.applications) == [new.id]
    with pytest.raises(CutOff):
        project.destroy("main", checkpoint=at("before delete main", cut_off))
    goes_on(project)
    assert project.state.applications["main"].id == new.id


@pytest.mark.parametrize("number", [1, 2])
def test_all_keys_go_although_it_was_cut_off(at_vonage: Project, number: int) -> None:
    assert at_vonage.run().code == 0
    assert at_vonage.run(replaced=("main",)).code == 0
    assert len(at_vonage.keys) == 2
    removed: list[str] = []

    def checkpoint(passed: str) -> None:
        if passed.startswith("before remove"):
            removed.append(passed)
            if len(removed) == number:
                raise CutOff

    with pytest.raises(CutOff):
        at_vonage.destroy(checkpoint=checkpoint, with_keys=True)
    assert at_vonage.command("destroy", "--yes", "--keys").code == 0
    assert at_vonage.keys == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_before_anything_has_begun_ends_it_with_a_sentence(project: Project, how: signal.Signals) -> None:
    @contextmanager
    def connect(*_: object) -> Iterator[Any]:
        signal.raise_signal(how)
        yield

    done = project.run(connect=connect)
    assert done.code == 130
    assert done.err == "\nncco: stopped; nothing was changed\n"
    goes_on(project)


def test_what_a_killed_run_was_writing_is_swept_up(project: Project) -> None:
    assert project.run().code == 0
    folder = (project.folder / STATE).parent
    for name in ("abcd_123", "lock.0bcd_12x"):
        (folder / f".{Path(STATE).name}.{name}").write_text("{", encoding="utf-8")
    other = folder / f".{Path(STATE).name}.of-mine"
    other.write_text("mine", encoding="utf-8")
    assert project.run().code == 0
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == [other.name]


# ── A world that moves ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("numbers", ['"+31 20 123 4567"', '"+31 30 123 4567"', ""])
def test_a_number_that_somebody_moves_meanwhile_is_left_alone(project: Project, numbers: str) -> None:
    tables = application("main", numbers=numbers) + application("theirs", name="Theirs", numbers="")
    project.write(tables, main=FLOW, theirs=FLOW)
    if NUMBER[2:] in numbers.replace(" ", ""):
        assert project.run("theirs").code == 0
        step = "before link main"
    else:
        project.write(tables.replace(f"[{numbers}]", '["+31 20 123 4567"]', 1), main=FLOW, theirs=FLOW)
        assert project.run().code == 0
        step = "before unlink main"
        project.write(tables, main=FLOW, theirs=FLOW)
    theirs = project.state.applications["theirs"].id
    number = project.emulator.account.numbers[NUMBER]
    done = project.run(checkpoint=at(step, lambda: number.link(theirs)))
    assert done.code == 1
    assert "+31201234567 was linked to another application by somebody else just now" in done.err
    assert project.number() == theirs
    assert project.state.intent is None
    assert project.run(only_plan=True).code == 0


def test_what_else_a_number_is_set_to_meanwhile_stays(project: Project) -> None:
    number = project.emulator.account.numbers[NUMBER]
    done = project.run(checkpoint=at("before link main", lambda: setattr(number, "mo_url", "https://sms.example/in")))
    assert done.code == 0
    assert number.mo_url == "https://sms.example/in"
    number.mo_url = ""


def test_numbers_of_a_replaced_application_that_nobody_wants_are_unlinked(project: Project) -> None:
    assert project.run().code == 0
    project.write(application(numbers='"+31 30 123 4567"'))
    done = project.run(replaced=("main",))
    assert done.code == 0, done.err
    assert "unlink +31201234567" in done.out
    assert "main: unlinking +31201234567" in done.err
    assert project.number() is None
    assert project.number(OTHER_NUMBER) == project.state.applications["main"].id


def test_a_document_that_somebody_changed_is_seen_and_put_back(project: Project) -> None:
    assert project.run().code == 0
    first = project.state.applications["main"].document
    path = Path(project.store, first)
    whole = path.read_bytes()
    path.write_bytes(b'[{"action":"talk","text":"Hacked."}]')
    assert project.command("deploy", "--drift").code == 1
    done = project.run()
    assert done.code == 0
    assert "is another now" in done.out
    assert path.read_bytes() == whole
    project.write(main='talk "Second."\n')
    assert project.run().code == 0
    path.write_bytes(b'[{"action":"talk","text":"Hacked."}]')
    back = project.run(rollback="")
    assert back.code == 2
    assert "is not in the store any more as it was, so this version cannot be put back" in back.err


def test_an_application_that_nobody_knows_has_no_drift(project: Project) -> None:
    assert project.run().code == 0
    done = project.command("deploy", "--drift", "mian")
    assert done.code == 2
    assert 'no application "mian"; it has main' in done.err


def test_a_plan_that_gives_an_application_the_mark_of_another_is_refused(project: Project) -> None:
    assert project.run().code == 0
    mark = project.state.applications["main"].mark
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other=FLOW)
    assert project.run(only_plan=True, output="plan.json").code == 0
    path = project.folder / "plan.json"
    text = path.read_text(encoding="utf-8")
    new = text.partition('"mark": "')[2][:16]
    path.write_text(text.replace(new, mark), encoding="utf-8")
    assert "was changed after it was made" in project.run(plan_file="plan.json").err
    # Recomputing the digest does not help.
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["digest"]
    path.write_text(json.dumps({**data, "digest": digest(data)}), encoding="utf-8")
    done = project.run(plan_file="plan.json")
    assert done.code == 2
    assert "gives other the mark of main" in done.err


# ── Files ──────────────────────────────────────────────────────────────────────────────────────────────


def test_secrets_that_everybody_can_read_are_told_once(at_vonage: Project) -> None:
    key = at_vonage.folder / "key.pem"
    from ncco_lang.tokens.keys import make_key_pair

    key.write_text(make_key_pair().private, encoding="ascii")
    key.chmod(0o644)
    at_vonage.write(application(more='private_key = "file:key.pem"'))
    for done in (at_vonage.run(), at_vonage.run(only_plan=True), at_vonage.destroy()):
        assert done.code == 0, done.err
        assert done.err.count("warning: the file key.pem can be read by everybody") == 1
    key.chmod(0o600)
    assert "warning" not in at_vonage.run().err


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until nothing more fits."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                pass
    return path


def test_a_disk_that_is_really_full_stops_it_before_the_next_step(emulator: Running, tmp_path: Path) -> None:
    steps = [f"{when} {step} main" for step in ("upload", "look", "create", "link") for when in ("before", "after")]
    with small_disk(tmp_path / "disk") as disk:
        for number, step in enumerate(["", *steps]):
            project = new_project(emulator, disk / str(number))
            filler = fill(disk) if not step else disk / "filler"
            done = project.run(checkpoint=at(step, lambda: fill(disk)))
            filler.unlink()
            assert done.code == 3, (step, done.err)
            assert "no space left on device" in done.err.lower(), done.err
            assert len(project.applications) <= 1
            assert not (project.folder / (STATE + ".lock")).exists()
            goes_on(project)
            if project.provider == "vonage":
                assert (project.folder / ".ncco/keys/.gitignore").read_text(encoding="ascii") == "*\n"


def test_a_disk_that_is_read_only_stops_it_wherever_it_is(emulator: Running, tmp_path: Path) -> None:
    steps = [f"{when} {step} main" for step in ("upload", "look", "create", "link") for when in ("before", "after")]
    with small_disk(tmp_path / "disk") as disk:

        def remount(how: str) -> None:
            subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)

        for number, step in enumerate(["", *steps]):
            project = new_project(emulator, disk / str(number))
            if not step:
                remount("ro")
            done = project.run(checkpoint=at(step, lambda: remount("ro")))
            remount("rw")
            assert done.code == 3, (step, done.err)
            assert "read-only file system" in done.err.lower(), done.err
            assert len(project.applications) <= 1
            # It could not be removed. It names a process that is gone, except in this test, whose process is alive.
            (project.folder / (STATE + ".lock")).unlink(missing_ok=not step)
            goes_on(project)
        remount("ro")
        # A plan writes nothing.
        assert project.run(only_plan=True).code == 0
        assert project.command("deploy", "--drift").code == 0
        assert project.destroy().code == 3
        remount("rw")
        assert project.destroy().code == 0
