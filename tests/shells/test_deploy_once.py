"""Test that a slow provider gets one application: creates without a response that take effect late.

Most tests run in this process, so pauses and the provider's clock are passed in; `effect_after` delays an effect until
the pauses add up to it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.deploy.state_file import load_state
from ncco_lang.emulator.applications import Stored
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from tests.deploying import (
    STATE,
    Done,
    Project,
    application,
    close_wires,
    goes_on,
    is_whole,
    new_project,
)
from tests.shells.shell import environment

PATHS = {"vonage": "/v2/applications", "kpn": "/communication/nexmo/applications"}
LATER = Fault(kind="clock", seconds=660.0)
"""Eleven minutes by the provider's clock."""


both = pytest.mark.parametrize("emulator", ["vonage", "kpn"], indirect=True)


class Killed(BaseException):
    """The end of a killed process, which the program cannot handle."""


@pytest.fixture(scope="module")
def emulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator, of Vonage unless the test says `both`; every project begins with an empty account."""
    provider = getattr(request, "param", "vonage")
    folder = tmp_path_factory.mktemp("public")
    with running(EmulatorOptions(provider=provider, documents=str(folder), limits=False, speed=None)) as emulator:
        yield emulator
        close_wires()


@pytest.fixture
def project(emulator: Running, tmp_path: Path) -> Project:
    """A project that was not deployed yet."""
    return new_project(emulator, tmp_path / "project")


@dataclass
class Late:
    """A gateway that answers 504 at once, and a backend that creates the application after `seconds` of pauses."""

    project: Project
    seconds: float
    waited: float = 0.0
    held: tuple[str, Stored] | None = None

    def begin(self) -> None:
        """Let the next create get a 504 although it takes effect."""
        path = PATHS[self.project.provider]
        fault = Fault(kind="status", status=504, method="POST", path=path, effect=True)
        self.project.emulator.account.faults.add(fault)

    def sleep(self, seconds: float) -> None:
        """Hide the application until its time, and count the pauses."""
        world = self.project.emulator.account
        self.waited += seconds
        if self.held is None:
            ((id, stored),) = world.applications.items()
            self.held = id, stored
            del world.applications[id]
        if self.waited >= self.seconds:
            world.applications.setdefault(*self.held)


def posts(project: Project) -> int:
    """Return how many creates were requested since the last call."""
    return sum(request == ("POST", PATHS[project.provider]) for request in project.requests())


def date_of(project: Project) -> str | None:
    """Return the date of the create that is waited for."""
    assert project.state.intent is not None
    return project.state.intent.date


def killed(step: str) -> Callable[[str], None]:
    """Return a checkpoint at which the process is killed."""

    def checkpoint(passed: str) -> None:
        if passed == step:
            raise Killed

    return checkpoint


def cut_off(project: Project, step: str = "before create main", **more: Any) -> None:
    """Do a run that is killed, and leaves no lock."""
    with pytest.raises(Killed):
        project.run(checkpoint=killed(step), **more)


def another(project: Project, id: str = "11111111-2222-3333-4444-555555555555") -> str:
    """Make a second application like the existing one at the provider."""
    world = project.emulator.account
    stored = next(iter(world.applications.values()))
    world.applications[id] = Stored(id, dict(stored.body), stored.public_key)
    return id


# ── A create that finishes late ──


@both
@pytest.mark.parametrize("seconds", [2.0, 6.0, 15.0])
def test_a_create_that_finishes_late_is_found_by_the_same_run(project: Project, seconds: float) -> None:
    late = Late(project, seconds)
    late.begin()
    done = project.run(sleep=late.sleep)
    assert done.code == 0, done.err
    assert "looking for it for up to 120 s" in done.err
    assert f"found {next(iter(project.applications))}" in done.err
    assert posts(project) == 1
    is_whole(project)


@pytest.mark.parametrize("seconds", [2.0, 6.0, 15.0])
def test_a_create_of_a_killed_run_that_finishes_late_is_found_by_the_next(project: Project, seconds: float) -> None:
    cut_off(project, "after create main")
    late = Late(project, seconds)
    # It does not exist yet when the next run begins.
    world = project.emulator.account
    ((id, stored),) = world.applications.items()
    late.held = id, stored
    del world.applications[id]
    done = project.run(sleep=late.sleep)
    assert done.code == 0, done.err
    assert f"the application {id}; it is taken over" in done.err
    assert "main: not listed after" in done.err
    is_whole(project)


KILLED_AT = [2.0, *(pytest.param(seconds, marks=pytest.mark.soak) for seconds in (6.0, 15.0))]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("seconds", KILLED_AT)
def test_a_process_that_is_stopped_during_a_create_makes_one_application(
    project: Project, seconds: float, how: signal.Signals
) -> None:
    project.emulator.account.faults.add(
        Fault(kind="effect_after", seconds=seconds, method="POST", path=PATHS["vonage"])
    )
    command = [sys.executable, "-m", "ncco_lang", "deploy", "--yes"]
    with subprocess.Popen(
        command, cwd=project.folder, env=environment({}), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        # The request has arrived whole, and waits for its effect.
        while len(project.emulator.account.late) == 0:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(how)
        process.communicate()
    assert process.returncode == (-how if how == signal.SIGKILL else 130)
    assert project.applications == {}
    done = project.run(sleep=time.sleep)
    assert done.code == 0, done.err
    assert "it is taken over" in done.err
    # The application that was requested before the interruption exists by now.
    is_whole(project)
    assert project.destroy().code == 0
    assert project.applications == {}


@both
def test_a_create_that_never_comes_is_waited_for_and_then_asked_for_again(project: Project) -> None:
    path = PATHS[project.provider]
    project.emulator.account.faults.add(Fault(kind="status", status=504, method="POST", path=path))
    rests: list[float] = []
    first = project.run(sleep=rests.append)
    assert first.code == 3
    assert "not confirmed" in first.err
    assert "--adopt none" in first.err
    # Twice the read time-out and a minute, and no pause shorter than the one before.
    assert sum(rests) >= 2 * 30 + 60
    assert rests == sorted(rests)
    intent = project.state.intent
    assert intent is not None
    assert intent.date is not None
    runs: tuple[Callable[[], Done], ...] = (project.run, project.destroy, lambda: project.run(only_plan=True))
    for run in runs:
        again = run()
        assert again.code == 3, again.err
        assert "not confirmed" in again.err
        assert project.state.intent == intent
    assert posts(project) == 1
    # Our clock does not matter: only the provider's counts.
    assert project.run(clock=lambda: 4e9).code == 3
    project.emulator.account.faults.add(LATER)
    done = project.run()
    assert done.code == 0, done.err
    assert "it is given up" in done.err
    assert posts(project) == 1
    assert set(project.state.given_up.values()) == {"main"}
    is_whole(project)


def test_none_is_believed_after_one_look(project: Project) -> None:
    cut_off(project)
    rests: list[float] = []
    done = project.run(adopt="none", sleep=rests.append)
    assert done.code == 0, done.err
    assert rests == []
    is_whole(project)


def test_a_clock_that_goes_back_makes_nobody_create_again(project: Project) -> None:
    project.emulator.account.faults.add(Fault(kind="clock", seconds=86_400.0))
    cut_off(project)
    ahead = project.state.intent
    project.emulator.account.faults.clear()
    assert project.run().code == 3
    # The time counts from now on, so that the create is not waited for for a day.
    corrected = project.state.intent
    assert ahead is not None
    assert corrected is not None
    assert (corrected.date or "") < (ahead.date or "")
    project.emulator.account.faults.add(LATER)
    assert project.run().code == 0
    is_whole(project)


@pytest.mark.parametrize("date", ["", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_provider_without_a_clock_is_waited_for_until_the_user_says(project: Project, date: str) -> None:
    world = project.emulator.account
    clockless = Fault(kind="status", status=504, method="POST", path=PATHS[project.provider])
    # Every response has an unusable time, as from a fault of every read.
    listing = {"_embedded": {"applications": []}, "total_pages": 1, "count": 0}
    reads = Fault(kind="status", status=200, body=listing, headers={"date": date}, method="GET", times=0)
    project.write(application(numbers=""))
    world.faults.put([clockless, reads])
    assert project.run().code == 3
    assert date_of(project) is None
    assert project.run().code == 3
    # With a clock again the ten minutes begin.
    world.faults.clear()
    assert project.run().code == 3
    assert date_of(project) is not None
    world.faults.add(LATER)
    assert project.run().code == 0
    is_whole(project, number=None)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_same_run", [True, False])
def test_ctrl_c_while_it_is_looked_for_keeps_the_intent(
    project: Project, how: signal.Signals, is_same_run: bool
) -> None:
    path = PATHS[project.provider]
    if is_same_run:
        project.emulator.account.faults.add(Fault(kind="status", status=504, method="POST", path=path))
    else:
        cut_off(project)
    done = project.run(sleep=lambda _: signal.raise_signal(how))
    assert done.code == 130
    assert "not confirmed; the next run looks for it first" in done.err
    assert project.state.intent is not None
    goes_on(project)


def test_a_provider_in_trouble_is_looked_at_again(project: Project) -> None:
    world, path = project.emulator.account, PATHS[project.provider]
    late = Late(project, 6.0)
    late.begin()

    def sleep(seconds: float) -> None:
        late.sleep(seconds)
        if late.waited < 5:
            world.faults.put([Fault(kind="status", status=503, method="GET", path=path, times=4)])

    done = project.run(sleep=sleep)
    assert done.code == 0, done.err
    assert "cannot look for it now" in done.err
    is_whole(project)


# ── Two applications ──


def surplus_lines(done: Done) -> list[str]:
    return [line for line in done.out.splitlines() if "surplus" in line]


def test_a_surplus_application_is_in_every_plan_and_is_removed_after_asking(project: Project) -> None:
    assert project.run().code == 0
    ours = project.state.applications["main"].id
    extra = another(project)
    plan = project.run(only_plan=True, detailed=True)
    assert plan.code == 4
    assert surplus_lines(plan) == [
        f'- main: delete the application "Shop" {extra} (surplus: an earlier run asked for it, and it is not the one in use)'
    ]
    assert ours not in plan.out
    # Without a terminal there is no answer.
    assert project.run(yes=False).code == 2
    assert set(project.applications) == {ours, extra}
    # A plan file removes only this one.
    assert project.run(only_plan=True, output="plan.json").code == 0
    done = project.run(plan_file="plan.json")
    assert done.code == 0, done.err
    assert list(project.applications) == [ours]
    is_whole(project)
    another(project)
    assert project.run().code == 0
    is_whole(project)
    goes_on(project)


def test_a_surplus_application_goes_beside_other_changes_and_gives_its_numbers_back(project: Project) -> None:
    assert project.run().code == 0
    extra = another(project)
    project.emulator.account.numbers["31201234567"].link(extra)
    project.write(application(name="New"), main='talk "New."\n')
    done = project.run()
    assert done.code == 0, done.err
    assert "move +31201234567 here from our application main" in done.out
    is_whole(project)


@both
def test_destroy_removes_both(project: Project) -> None:
    assert project.run().code == 0
    another(project)
    assert project.destroy("main").code == 0
    assert project.applications == {}
    project.write()
    assert project.run().code == 0
    another(project)
    done = project.destroy()
    assert done.code == 0, done.err
    assert project.applications == {}
    assert not (project.folder / STATE).exists()


@both
def test_what_was_given_up_and_comes_after_all_is_a_surplus(project: Project) -> None:
    cut_off(project, "after create main")
    world = project.emulator.account
    ((late, stored),) = world.applications.items()
    del world.applications[late]
    world.faults.add(LATER)
    assert project.run().code == 0
    (ours,) = project.applications
    # It appears among many others, on the last page.
    for number in range(250):
        world.applications[f"00000000-0000-0000-0000-{number:012}"] = Stored(
            f"00000000-0000-0000-0000-{number:012}", {"name": "Theirs"}, ""
        )
    world.applications[late] = stored
    plan = project.run(only_plan=True, detailed=True)
    assert plan.code == 4, plan.out + plan.err
    assert late in plan.out
    assert project.run().code == 0
    assert ours in project.applications
    assert late not in project.applications
    assert len(project.applications) == 251


def test_a_surplus_that_is_taken_over_meanwhile_stays(project: Project) -> None:
    cut_off(project, "after create main")
    world = project.emulator.account
    ((late, stored),) = world.applications.items()
    del world.applications[late]
    world.faults.add(LATER)
    # A run gives it up and is interrupted, and the application appears before the next one begins.
    cut_off(project, "before upload main")
    world.applications[late] = stored
    # The response to the second create is lost, so it is looked for by its mark, and the first one is found.
    world.faults.add(Fault(kind="status", status=504, method="POST", path=PATHS[project.provider]))
    done = project.run()
    assert done.code == 0, done.err
    assert surplus_lines(done)
    assert f"{late} was taken over just now, and stays" in done.err
    assert list(project.applications) == [late]
    is_whole(project)


def test_others_are_left_alone(project: Project) -> None:
    assert project.run().code == 0
    (stored,) = project.applications.values()
    world = project.emulator.account
    mark = project.state.applications["main"].mark
    theirs = json.loads(json.dumps(stored.body).replace(mark, "0123456789abcdef"))
    world.applications["theirs"] = Stored("theirs", theirs, stored.public_key)
    assert "nothing to do" in project.run().out
    assert "theirs" in project.applications
    world.forget("theirs")


# ── The format of the state ──


def old_state(project: Project) -> bytes:
    """Write the state in the format of version 1."""
    path = project.folder / STATE
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["given_up"]
    data.get("intent", {}).pop("date", None)
    text = json.dumps({**data, "version": 1}, indent=2)
    path.write_text(text, encoding="utf-8")
    return text.encode()


def test_a_state_of_version_1_is_upgraded_and_kept(project: Project) -> None:
    assert project.run().code == 0
    before = project.state
    old = old_state(project)
    backup = project.folder / f"{STATE}.v1.bak"
    # A plan writes nothing.
    assert project.run(only_plan=True).code == 0
    assert (project.folder / STATE).read_bytes() == old
    assert not backup.exists()
    project.write(application(name="New"))
    done = project.run()
    assert done.code == 0, done.err
    assert f"the old one is kept as {STATE}.v1.bak" in done.err
    assert backup.read_bytes() == old
    assert json.loads((project.folder / STATE).read_text(encoding="utf-8"))["version"] == 2
    assert project.state.applications["main"].id == before.applications["main"].id
    # A run of version 1 may have made a second one, so the whole list is read.
    assert set(project.state.given_up.values()) == {"main"}
    # Another old state gets its own backup beside the first.
    other = old_state(project)
    project.write(application(name="Newer"))
    assert project.run().code == 0
    assert backup.read_bytes() == old
    assert (project.folder / f"{STATE}.v1.2.bak").read_bytes() == other
    for kept in project.folder.glob(f"{STATE}.v1*"):
        kept.unlink()
    goes_on(project)


def test_an_intent_of_version_1_is_counted_from_the_first_look(project: Project) -> None:
    cut_off(project)
    old_state(project)
    assert project.run().code == 3
    assert project.state.intent is not None
    assert project.state.intent.date is not None
    goes_on_later = project.emulator.account.faults
    goes_on_later.add(LATER)
    assert project.run().code == 0
    assert load_state((project.folder / STATE).read_text(encoding="utf-8"), "x").intent is None


def test_a_backup_that_cannot_be_written_stops_it(project: Project) -> None:
    assert project.run().code == 0
    old = old_state(project)
    (project.folder / f"{STATE}.v1.bak").mkdir()
    project.write(application(name="New"))
    done = project.run()
    assert done.code == 3
    assert "it would be the backup of" in done.err
    assert (project.folder / STATE).read_bytes() == old
