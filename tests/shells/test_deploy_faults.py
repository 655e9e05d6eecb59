"""Test each fault at each step of a deploy, and that the next run repairs it.

After every fault: exit code 3 (or 130, or 0 if the run overcomes it), one application, no lost state, a message that
says what to do, and a next run that succeeds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.deploy.open_provider import connected
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from tests import budget
from tests.deploying import (
    FLOW,
    STATE,
    Done,
    Project,
    application,
    close_wires,
    goes_on,
    is_whole,
    new_project,
    waited_out,
)
from tests.shells.shell import ROOT, as_user, environment

OTHER_NUMBER = "31301234567"
GOES_ON = "the next run goes on from there"


@pytest.fixture(scope="module", params=["vonage", "kpn"])
def emulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator for each provider; every project begins with an empty account."""
    folder = tmp_path_factory.mktemp("public")
    options = EmulatorOptions(provider=request.param, documents=str(folder), limits=False, speed=None)
    with running(options) as emulator:
        yield emulator
        close_wires()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """KPN's sandbox, which lists no applications."""
    folder = tmp_path_factory.mktemp("public")
    with running(EmulatorOptions(provider="kpn", sandbox=True, documents=str(folder), limits=False)) as emulator:
        yield emulator
        close_wires()


@pytest.fixture
def project(emulator: Running, tmp_path: Path) -> Project:
    """A project that was not deployed yet."""
    return new_project(emulator, tmp_path / "project")


@pytest.fixture(scope="module")
def killer() -> Iterator[Callable[..., dict[str, Any]]]:
    """Yield a function that runs a command in a process that is killed at a checkpoint; see `deploy_killed.py`."""
    command = [sys.executable, "-m", "tests.shells.deploy_killed"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment({}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def kill(
            project: Project,
            at: int | None,
            command: str = "deploy",
            replaced: tuple[str, ...] = (),
            runs: int | None = None,
        ) -> Any:
            """Run a command; return its fate, or a list of them if it is run several times at once."""
            asked = {"folder": str(project.folder), "kill": at, "command": command, "replaced": replaced}
            process.stdin.write(json.dumps({**asked, "runs": runs or 1}) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            answers = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return answers if runs else answers[0]

        yield kill
        process.stdin.close()


# ── Killed before and after every remote step ──────────────────────────────────────────────────────────

FIRST = ["upload main", "look main", "create main", "link main"]
UPDATE = ["upload main", "look main", "update main", "link main", "unlink main"]
REPLACE = ["upload main", "look main", "create main", "link main", "delete main"]


def around(steps: list[str]) -> list[str]:
    return [f"{when} {step}" for step in steps for when in ("before", "after")]


def points(emulator: Running, steps: list[str]) -> range:
    """Return the checkpoints at which a run is killed: every other one, other ones at each provider; all in the soak."""
    first = int(emulator.account.is_kpn)
    return budget.of(range(first, len(steps), 2), range(len(steps)))


@pytest.mark.search
def test_killed_while_it_is_made(emulator: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    steps = around(FIRST)
    for at in points(emulator, steps):
        project = new_project(emulator, tmp_path / str(at))
        killed = killer(project, at)
        assert killed["killed"]
        assert killed["passed"] == steps[: at + 1]
        had = list(project.applications)
        done = goes_on(project)
        assert not had or had == list(project.applications)
        assert "took over the lock" in done.err
        gone_on = "it is given up" if steps[at] == "before create main" else "cut off"
        assert (gone_on in done.err) == ("look" not in steps[at])
    assert killer(new_project(emulator, tmp_path / "whole"), None)["passed"] == steps


@pytest.mark.search
def test_killed_while_it_is_changed(emulator: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    steps = around(UPDATE)

    def changed(folder: str) -> Project:
        project = new_project(emulator, tmp_path / folder)
        assert project.run().code == 0
        project.write(application(name="New name", numbers='"+31 30 123 4567"'), main='talk "New."\n')
        return project

    for at in points(emulator, steps):
        project = changed(str(at))
        assert killer(project, at)["passed"] == steps[: at + 1]
        goes_on(project, number=OTHER_NUMBER)
        assert project.state.applications["main"].settings.name == "New name"
    assert killer(changed("whole"), None)["passed"] == steps


@pytest.mark.search
def test_killed_while_it_is_replaced(emulator: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    steps = around(REPLACE)

    def deployed(folder: str) -> Project:
        project = new_project(emulator, tmp_path / folder)
        assert project.run().code == 0
        return project

    for at in points(emulator, steps):
        project = deployed(str(at))
        assert killer(project, at, replaced=("main",))["passed"] == steps[: at + 1]
        # Without --replace: what was begun is finished nevertheless, or was not begun at all.
        waited_out(project, lambda project=project: project.run("main"))  # type: ignore[misc]
        state = project.state
        assert list(project.applications) == [state.applications["main"].id]
        assert project.number() == state.applications["main"].id
        assert state.leaving == {}
        assert project.run(replaced=("main",)).code == 0
        is_whole(project)
    assert killer(deployed("whole"), None, replaced=("main",))["passed"] == steps


@pytest.mark.search
def test_killed_while_it_is_removed(emulator: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    def deployed(folder: str) -> Project:
        project = new_project(emulator, tmp_path / folder)
        assert project.run().code == 0
        return project

    steps = killer(deployed("whole"), None, "destroy")["passed"]
    assert steps[:4] == around(["unlink main", "delete main"])
    assert all(step.split()[1] == "remove" for step in steps[4:])
    for at in points(emulator, steps):
        project = deployed(str(at))
        document = Path(project.store, project.state.applications["main"].document)
        assert killer(project, at, "destroy")["killed"]
        assert project.destroy().code == 0
        assert project.applications == {}
        assert project.number() is None
        assert not document.exists()
        assert not (project.folder / STATE).exists()


def test_killed_at_a_provider_that_cannot_list(sandbox: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    steps = ["before create main", "after create main"]
    for at, step in enumerate(steps):
        project = new_project(sandbox, tmp_path / str(at))
        project.write(application(numbers=""))
        assert killer(project, 4 + at)["passed"][-1] == step
        stuck = project.run()
        assert stuck.code == 3
        mark = project.state.begun["main"]
        # A run that changes nothing names the command that does.
        assert project.command("deploy", "--drift").err.splitlines()[-1] == stuck.err.splitlines()[-1]
        for words in (
            '"Shop"',
            mark,
            "ncco deploy --adopt ID --profile test",
            "ncco destroy --adopt ID --profile test",
            "none",
        ):
            assert words in stuck.err
        assert project.run(only_plan=True).code == 3
        made = list(project.applications)
        done = project.run(adopt=made[0] if made else "none")
        assert done.code == 0, done.err
        is_whole(project, number=None)
        late = project.run(adopt="none")
        assert late.code == 2
        assert "none was" in late.err


def test_what_is_made_late_is_found(emulator: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    project = new_project(emulator, tmp_path / "project")
    assert killer(project, 5)["passed"][-1] == "after create main"
    world = emulator.account
    (made,) = project.applications
    stored = world.applications.pop(made)
    rests: list[float] = []

    def wait(seconds: float) -> None:
        # The killed run's request takes effect while the next run already looks.
        rests.append(seconds)
        if len(rests) == 2:
            world.applications[made] = stored

    done = project.run(sleep=wait)
    assert done.code == 0, done.err
    assert f"the application {made}; it is taken over" in done.err
    assert rests == [0.5, 1.0]
    is_whole(project)


def test_who_can_look_does_not_believe_that_there_is_none(
    emulator: Running, tmp_path: Path, killer: Callable[..., Any]
) -> None:
    project = new_project(emulator, tmp_path / "project")
    assert killer(project, 5)["passed"][-1] == "after create main"
    (made,) = project.applications
    done = project.run(adopt="none")
    assert done.code == 0, done.err
    assert f"the application {made}; it is taken over" in done.err
    is_whole(project)


def test_what_is_adopted_has_to_be_the_one(sandbox: Running, tmp_path: Path, killer: Callable[..., Any]) -> None:
    other = new_project(sandbox, tmp_path / "other")
    other.write(application(numbers=""))
    assert other.run().code == 0
    (theirs,) = other.applications
    project = Project(tmp_path / "project", sandbox, "kpn", other.store)
    project.folder.mkdir()
    project.write(application(numbers=""))
    assert killer(project, 5)["killed"]
    for id, words in ((theirs, "this is another application"), ("0" * 8, "no such application"), ("..", "no such")):
        done = project.run(adopt=id)
        assert done.code == 3
        assert words in done.err
    (ours,) = set(project.applications) - {theirs}
    assert project.run(adopt=ours).code == 0


# ── The network, and what it answers ───────────────────────────────────────────────────────────────────


def requests_of(project: Project) -> list[tuple[str, str]]:
    """Return the requests of a first deploy, except those for tokens."""
    assert project.run().code == 0
    seen = dict.fromkeys((each["method"], each["path"]) for each in project.emulator.account.requests)
    return [("GET", "/documents") if "/documents" in path else (method, path) for method, path in seen]


@pytest.mark.parametrize("when", ["before", "middle", "after"])
def test_the_connection_is_cut_in_every_request(emulator: Running, tmp_path: Path, when: str) -> None:
    requests = requests_of(new_project(emulator, tmp_path / "first"))
    assert len(requests) >= 4
    for number, (method, path) in enumerate(requests):
        fault = Fault(kind="drop", method=method, path=path, when=when)
        project = new_project(emulator, tmp_path / f"once-{number}")
        emulator.account.faults.add(fault)
        once = project.run()
        if when == "before" and method == "POST" and path.endswith("/applications"):
            # It might still appear, so another one is not requested.
            assert once.code == 3
            assert "not confirmed" in once.err
            assert project.applications == {}
            goes_on(project)
        else:
            assert once.code == 0, (path, once.err)
            is_whole(project)
        project = new_project(emulator, tmp_path / f"always-{number}")
        emulator.account.faults.add(replace(fault, times=0))
        always = project.run()
        if always.code != 0:
            # A request that was cut after its effect may be found by looking.
            assert always.code == 3, (path, always.err)
        assert len(project.applications) <= 1
        goes_on(project)


@pytest.mark.parametrize(
    ("status", "headers", "effect"),
    [(429, {"retry-after": "1"}, False), (429, {}, False), (503, {}, False), (502, {}, True), (500, {}, False)],
)
def test_a_storm_is_sat_out_or_told(project: Project, status: int, headers: dict[str, str], effect: bool) -> None:
    faults = project.emulator.account.faults
    faults.add(Fault(kind="status", status=status, headers=headers, effect=effect, times=2))
    done = project.run()
    assert done.code == 0, done.err
    is_whole(project)
    project.write(application(name="New"))
    faults.add(Fault(kind="status", status=status, headers=headers, effect=effect, times=0))
    stormy = project.run()
    assert stormy.code == 3
    assert str(status) in stormy.err
    goes_on(project)


def test_what_changed_while_it_was_written_is_a_stale_plan(project: Project) -> None:
    project.run()
    project.write(application(name="New"))
    project.emulator.account.faults.add(Fault(kind="status", status=412, method="PUT"))
    done = project.run()
    assert done.code == 1
    assert "Run it again, and the plan shows what changed" in done.err
    goes_on(project)


def test_credentials_that_are_refused_are_named(project: Project) -> None:
    project.emulator.account.faults.add(Fault(kind="status", status=401, times=0))
    done = project.run()
    assert done.code == 3
    assert 'the credentials of profile "test"' in done.err
    goes_on(project)


@pytest.mark.parametrize("step", around(FIRST))
def test_tokens_that_die_in_between_are_renewed(project: Project, step: str) -> None:
    def die(passed: str) -> None:
        if passed == step:
            project.emulator.account.revoke()
            project.emulator.account.faults.add(Fault(kind="clock", seconds=4000.0))

    done = project.run(checkpoint=die)
    assert done.code == 0, done.err
    goes_on(project)


@pytest.mark.parametrize("seconds", [-90_000.0, -400.0, 400.0, 90_000.0])
def test_clocks_that_differ_do_not_matter(project: Project, seconds: float) -> None:
    project.emulator.account.faults.add(Fault(kind="clock", seconds=seconds))
    assert project.run(clock=lambda: time.time() - seconds).code == 0
    project.write(application(name="New"))
    assert project.run(clock=lambda: time.time() + seconds).code == 0
    goes_on(project)


def test_a_lost_answer_at_a_provider_that_cannot_list_says_what_to_look_for(sandbox: Running, tmp_path: Path) -> None:
    project = new_project(sandbox, tmp_path / "project")
    project.write(application(numbers=""))
    path = "/communication/nexmo/applications"
    sandbox.account.faults.add(Fault(kind="drop", when="after", method="POST", path=path))
    done = project.run()
    assert done.code == 3
    assert project.state.begun["main"] in done.err
    assert "--adopt ID" in done.err
    (id,) = project.applications
    assert project.run(adopt=id).code == 0
    is_whole(project, number=None)


def test_where_numbers_cannot_be_listed_what_was_made_is_removed_all_the_same(sandbox: Running, tmp_path: Path) -> None:
    project = new_project(sandbox, tmp_path / "project")
    project.write(application(numbers=""))
    assert project.run().code == 0
    done = project.destroy()
    assert done.code == 0, done.err
    assert project.applications == {}


def test_where_there_are_no_numbers_it_is_said_to_want_none(sandbox: Running, tmp_path: Path) -> None:
    project = new_project(sandbox, tmp_path / "project")
    done = project.run()
    assert done.code == 3
    assert "answered with 403" in done.err
    assert "as in KPN's sandbox, take `numbers` out of the profile's applications" in done.err
    assert project.applications == {}


def test_there_is_nothing_to_adopt_where_nothing_was_cut_off(project: Project) -> None:
    project.write()
    for id in ("none", "some-id"):
        done = project.run(adopt=id)
        assert done.code == 2
        assert "was cut off" in done.err
    assert project.applications == {}


def test_without_an_emulator_one_is_told_how_to_start_it(tmp_path: Path) -> None:
    with running(EmulatorOptions(limits=False)) as emulator:
        project = new_project(emulator, tmp_path / "project")
        project.write()
    done = project.run(connect=connected)
    assert done.code == 3
    assert f"nothing listens at {emulator.address.removeprefix('http://')}; is the emulator running?" in done.err
    assert "ncco emulate" in done.err


def test_an_emulator_that_is_there_and_cannot_be_used_is_not_said_to_be_missing(tmp_path: Path) -> None:
    with running(EmulatorOptions(limits=False, tls=True)) as emulator:
        project = new_project(emulator, tmp_path / "project")
        done = project.run(connect=connected)
    assert done.code == 3
    assert "no trusted authority vouches for" in done.err
    assert "ncco emulate" not in done.err


def test_what_was_refused_for_certain_needs_no_adopting(sandbox: Running, tmp_path: Path) -> None:
    project = new_project(sandbox, tmp_path / "project")
    project.write(application(numbers=""))
    path = "/communication/nexmo/applications"
    sandbox.account.faults.add(Fault(kind="status", status=403, method="POST", path=path))
    assert project.run().code == 3
    done = project.run()
    assert done.code == 0, done.err
    is_whole(project, number=None)


def test_a_document_that_nobody_can_read_stops_it(project: Project) -> None:
    faults = project.emulator.account.faults
    for fault, words in (
        (Fault(kind="status", status=403, path="/documents", times=0), "it is not public"),
        (Fault(kind="status", status=404, path="/documents", times=0), "answers with 404"),
        (Fault(kind="status", status=302, path="/documents", times=0), "redirect"),
        (Fault(kind="status", status=200, body=[], path="/documents", times=0), "another document"),
        (Fault(kind="drop", path="/documents", times=0), "no answer"),
    ):
        faults.put([fault])
        done = project.run()
        assert done.code == 3
        assert words in done.err
        assert "`store` is published" in done.err
        assert project.applications == {}
    faults.put([Fault(kind="status", status=404, path="/documents", times=2)])
    assert project.run().code == 0
    goes_on(project)


# ── Two at once, disks, files ──────────────────────────────────────────────────────────────────────────


def test_only_one_deploys_at_a_time(project: Project) -> None:
    second: list[Done] = []

    def meanwhile(step: str) -> None:
        if step == "before create main":
            second.append(project.run())
            second.append(project.run(only_plan=True))

    assert project.run(checkpoint=meanwhile).code == 0
    assert second[1].code == 0
    assert "another run is deploying at this moment" in second[1].err
    assert "cut off" not in second[1].err
    assert second[0].code == 3
    assert f"(process {os.getpid()}) runs on this machine and holds the lock" in second[0].err
    goes_on(project)


HOLDS = """
import sys, time
from ncco_lang.deploy.lock import Lock
with Lock(sys.argv[1], shown="state", clock=time.time, say=print):
    print("held", flush=True)
    input()
"""


def test_a_clock_that_is_ahead_takes_no_lock_of_a_process_that_runs(project: Project) -> None:
    path = project.folder / STATE
    path.parent.mkdir()
    command = [sys.executable, "-c", HOLDS, str(path)]
    holder = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for ahead in (3600, -3600):
            done = project.run(clock=lambda ahead=ahead: time.time() + ahead)  # type: ignore[misc]
            assert done.code == 3
            assert f"(process {holder.pid}) runs on this machine and holds the lock {STATE}.lock" in done.err
        assert project.applications == {}
        holder.kill()
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        # Its parent has not waited for it yet, so its pid is still in use.
        os.kill(holder.pid, 0)
        done = project.run()
        assert (done.code, "that process is gone" in done.err) == (0, True)
    goes_on(project)


def test_those_that_race_make_one_application(project: Project, killer: Callable[..., Any]) -> None:
    codes = [each["code"] for each in killer(project, None, runs=3)]
    assert 0 in codes
    assert set(codes) <= {0, 3}
    goes_on(project)


@pytest.mark.parametrize("step", ["", *around(FIRST)])
def test_a_full_disk_stops_it_before_the_next_step(project: Project, step: str) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(passed: str) -> None:
        if passed == step:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))

    fill("")
    try:
        done = project.run(checkpoint=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.code == 3, done.err
    assert "cannot write" in done.err
    goes_on(project)


@as_user
def test_a_folder_that_cannot_be_written_stops_it(project: Project) -> None:
    folder = project.folder / ".ncco"
    folder.mkdir()
    folder.chmod(0o555)
    done = project.run()
    assert done.code == 3
    assert "cannot make the lock .ncco/test.state.json.lock: permission denied" in done.err
    assert project.applications == {}
    folder.chmod(0o755)
    goes_on(project)


def test_a_place_where_no_state_can_be_stops_it(project: Project) -> None:
    (project.folder / ".ncco").write_text("in the way", encoding="utf-8")
    done = project.run()
    assert done.code == 3
    assert "a file is in its way" in done.err
    assert project.applications == {}
    (project.folder / ".ncco").unlink()
    goes_on(project)


def test_a_damaged_state_is_left_alone_and_can_be_put_back(project: Project) -> None:
    project.run()
    path = project.folder / STATE
    whole = path.read_bytes()
    newer = whole.replace(b'"version": 2', b'"version": 4')
    broken = (b"", whole[: len(whole) // 2], b"\x00" * 100, b"\xff\xfe", b"[]", whole.replace(b'"id"', b'"di"'), newer)
    for damaged in broken:
        path.write_bytes(damaged)
        project.emulator.account.requests.clear()
        for done in (project.run(), project.run("main"), project.run(only_plan=True), project.destroy()):
            assert done.code == 3, done.err
            assert "Nothing was done and the file was left as it is" in done.err
            assert ("update ncco" if damaged == newer else "Put back a good copy") in done.err
        for command in (("deploy", "--drift"), ("deploy", "--history"), ("destroy", "--yes"), ("deploy", "--yes")):
            assert project.command(*command).code == 3
        assert path.read_bytes() == damaged
        assert project.requests() == []
        assert len(project.applications) == 1
    path.unlink()
    path.mkdir()
    done = project.run()
    assert done.code == 3
    assert "it is a folder. Nothing was done" in done.err
    path.rmdir()
    path.write_bytes(whole)
    goes_on(project)


def test_an_application_that_somebody_deleted_is_made_again(project: Project) -> None:
    project.run()
    (id,) = project.applications
    project.emulator.account.forget(id)
    drift = project.command("deploy", "--drift")
    assert drift.code == 1
    assert f"the provider has no application {id} any more" in drift.out
    main = project.state.applications["main"]
    plan = project.run(only_plan=True)
    words = f'+ main: create the application "Shop" (again: the provider has no application {id} any more)\n'
    assert plan.out.partition("\n\n")[2].startswith(words)
    # It keeps its mark, and with it the document and the key pair.
    assert main.document in plan.out
    assert "(new)" not in plan.out
    done = goes_on(project)
    assert words in done.out
    assert done.out.endswith("done: 1 created\n")
    assert project.state.applications["main"].document == main.document


def test_an_application_that_is_deleted_just_now_is_made_again(project: Project) -> None:
    project.run()
    (id,) = project.applications
    project.write(application(name="New"))

    def interfere(step: str) -> None:
        if step == "before update main":
            project.emulator.account.forget(id)

    done = project.run(checkpoint=interfere)
    assert done.code == 1
    assert "was deleted by somebody else just now" in done.err
    goes_on(project)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", around(FIRST))
def test_ctrl_c_leaves_everything_whole(project: Project, step: str, how: signal.Signals) -> None:
    def press(passed: str) -> None:
        if passed == step:
            signal.raise_signal(how)

    done = project.run(checkpoint=press)
    assert done.code == 130
    assert "Run it again" in done.err
    assert not (project.folder / (STATE + ".lock")).exists()
    goes_on(project)


def test_every_fault_says_that_the_next_run_goes_on(project: Project) -> None:
    path = "/number/update" if project.provider == "vonage" else "/communication/nexmo/phone-numbers"
    project.write(application(), main=FLOW)
    project.emulator.account.faults.add(Fault(kind="status", status=403, method="POST", path=path, times=0))
    done = project.run()
    assert done.code == 3
    assert GOES_ON in done.err
    assert len(project.applications) == 1
    assert os.listdir(project.folder / ".ncco").count(Path(STATE).name) == 1  # noqa: PTH208
    goes_on(project)
