"""Test an invariant: after any edits, kills, faults, manual changes, rollbacks and removals, two runs repair
everything.

Each sequence is drawn from its seed, which a failure names: `run_sequence("vonage", 17, …)`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from ncco_lang.api.types import Settings
from ncco_lang.deploy.fingerprint import is_document
from ncco_lang.deploy.history import content_hash, release_of
from ncco_lang.emulator.applications import Stored
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import NUMBERS, EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.tokens.keys import KeyPair, make_key_pair, public_of
from tests.deploying import STATE, Project, application, close_wires, settings_at
from tests.shells.shell import ROOT, environment

KEYS = ("main", "other", "third")
THEIRS, *OURS = NUMBERS
"""A number of another user, and those that a project may want."""
ADDRESSES = {
    "vonage": ("/v2/applications", "/account/numbers", "/number/update"),
    "kpn": (
        "/communication/nexmo/applications",
        "/communication/nexmo/phone-numbers/account/numbers",
        "/communication/nexmo/phone-numbers/number/update",
        "/oauth",
    ),
}


class Killed(BaseException):
    """The end of a killed process, which the program cannot handle."""


@dataclass
class Story:
    """One sequence of events. `apps` is what `ncco.toml` wants, `theirs` the application of another user."""

    project: Project
    random: Random
    theirs: str
    gone: int
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    reported: list[str] = field(default_factory=list)
    untouched: set[str] = field(default_factory=set)
    plan: str | None = None

    # ── What somebody does to the project ──

    def edit(self) -> None:
        """Change the settings or a flow, or add or remove an application."""
        draw = self.random
        key = draw.choice(KEYS)
        if key in self.apps and len(self.apps) > 1 and draw.random() < 0.2:
            del self.apps[key]
        app = self.apps.setdefault(draw.choice(KEYS), {"name": "Shop", "numbers": [], "text": "0", "more": ""})
        match draw.randrange(5):
            case 0:
                app["name"] = draw.choice(("Shop", "Bicycles", 'Bell & "Spoke"', "Ünï"))
            case 1:
                app["text"] = str(draw.randrange(5))
            case 2:
                app["more"] = draw.choice(("", 'region = "eu-west"', "answer_socket_timeout = 3000"))
            case _:
                number = draw.choice(OURS)
                for each in self.apps.values():
                    each["numbers"] = [other for other in each["numbers"] if other != number]
                if draw.random() < 0.7:
                    app["numbers"].append(number)
        self.untouched -= self.wanted_numbers.keys()
        self.write()

    @property
    def wanted_numbers(self) -> dict[str, str]:
        """Return number → key of the application that it is to be linked to."""
        return {number: key for key, app in self.apps.items() for number in app["numbers"]}

    def write(self) -> None:
        """Write the settings and flows."""
        tables, flows = "", {}
        for key, app in self.apps.items():
            numbers = ", ".join(f'"+{number}"' for number in app["numbers"])
            more = app["more"] if self.project.provider == "vonage" else ""
            name = app["name"].replace('"', '\\"')
            tables += application(key, name=name, numbers=numbers, more=more)
            flows[key] = f'talk "Hello {key} {app["text"]}."\ntalk "Goodbye."\n'
        self.project.write(tables, **flows)

    # ── What somebody does at the provider ──

    def by_hand(self) -> None:
        """Delete or rename one of our applications, or link a number elsewhere."""
        world, draw = self.project.emulator.account, self.random
        ours = [id for id in world.applications if id != self.theirs]
        match draw.randrange(3):
            case 0 if ours:
                world.forget(draw.choice(ours))
            case 1 if ours:
                world.applications[draw.choice(ours)].body["name"] = "By hand"
            case _:
                number = draw.choice(OURS)
                to = draw.choice((None, self.theirs))
                world.numbers[number].link(to)
                self.untouched.discard(number)
                if to is not None and number not in self.wanted_numbers:
                    self.untouched.add(number)

    def faults(self) -> None:
        """Let the provider fail for a while."""
        draw = self.random
        for _ in range(draw.randint(1, 3)):
            status = draw.choice((429, 500, 502, 503, 403, 412, 401))
            self.project.emulator.account.faults.add(
                Fault(
                    kind=draw.choice(("drop", "drop", "status", "status", "latency", "clock")),
                    method=draw.choice(("", "", "GET", "POST", "PUT", "DELETE")),
                    path=draw.choice(("", *ADDRESSES[self.project.provider], "/documents")),
                    times=draw.choice((1, 1, 2, 3, 5, 0)),
                    chance=draw.choice((1.0, 0.5)),
                    status=status,
                    # A 4xx means that the request had no effect.
                    effect=status >= 500 and draw.random() < 0.5,
                    when=draw.choice(("before", "middle", "after")),
                    seconds=draw.choice((0.002, 0.01)),
                )
            )

    # ── Runs ──

    def run(self, ways: dict[str, Any], *, destroy: tuple[str, ...] | None = None, quiet: bool = False) -> int | None:
        """Run `deploy` or `destroy` with possible events at a checkpoint; return its exit code, None if killed."""
        draw = self.random
        at, what = draw.randrange(12), "" if quiet else draw.choice(("", "", "kill", "hand"))
        passed = 0
        lock = self.project.folder / (STATE + ".lock")
        left = ""

        def checkpoint(_: str) -> None:
            nonlocal passed, left
            passed += 1
            if passed == at + 1 and what == "hand":
                self.by_hand()
            elif passed == at + 1 and what == "kill":
                left = lock.read_text(encoding="utf-8")
                raise Killed

        try:
            if destroy is not None:
                done = self.project.destroy(*destroy, checkpoint=checkpoint)
            else:
                done = self.project.run(*ways.pop("keys", ()), checkpoint=checkpoint, **ways)
        except Killed:
            # A killed process leaves its lock, and is gone.
            lock.write_text(json.dumps({**json.loads(left), "pid": self.gone}), encoding="utf-8")
            self.reported.append(f"  killed at checkpoint {at}")
            return None
        self.reported.append(f"  {what} → {done.code} {done.err.splitlines()[-1:]}")
        usual = (0, 1, 3) if destroy is None and "rollback" not in ways else (0, 1, 2, 3)
        assert done.code in usual, done.err
        assert "Traceback" not in done.err
        return done.code

    def step(self, kill: Callable[..., Any] | None) -> None:
        """Do one event."""
        draw = self.random
        events: list[tuple[int, str]] = [
            (6, "edit"),
            (5, "deploy"),
            (3, "faults"),
            (2, "clear"),
            (3, "hand"),
            (1, "rollback"),
            (1, "replace"),
            (1, "destroy"),
            (1, "destroy one"),
            (1, "deploy one"),
            (1, "plan"),
            (1, "lost document"),
            (1 if kill is not None else 0, "really killed"),
        ]
        event = draw.choices([name for _, name in events], [weight for weight, _ in events])[0]
        self.reported.append(event)
        state = self.project.state if (self.project.folder / STATE).exists() else None
        match event:
            case "edit":
                self.edit()
            case "deploy":
                self.run({})
            case "deploy one":
                self.run({"keys": (draw.choice(sorted(self.apps)),)}, quiet=True)
            case "faults":
                self.faults()
            case "clear":
                self.project.emulator.account.faults.clear()
            case "hand":
                self.by_hand()
            case "rollback":
                self.untouched.clear()
                self.run({"rollback": ""})
            case "replace":
                self.run({"replaced": (draw.choice(sorted(self.apps)),)})
            case "destroy":
                self.run({}, destroy=())
            case "destroy one":
                self.run({}, destroy=(draw.choice(KEYS),))
            case "plan":
                self._plan()
            case "lost document" if state is not None and state.documents:
                name = draw.choice(sorted(state.documents))
                Path(self.project.store, name).unlink(missing_ok=True)
            case "really killed" if kill is not None:
                kill(self.project, draw.randrange(12), draw.choice(("deploy", "deploy", "destroy")))

    def _plan(self) -> None:
        if self.plan is None:
            done = self.project.run(only_plan=True, output="plan.json")
            assert done.code in (0, 1, 3), done.err
            self.plan = "plan.json" if done.code == 0 else None
        else:
            self.untouched.clear()
            self.run({"plan_file": self.plan})
            self.plan = None


# ── The law ────────────────────────────────────────────────────────────────────────────────────────────


def is_right(story: Story) -> None:
    """Check that provider, state, store and keys are as the settings want, and that nothing else was changed."""
    project = story.project
    world, state = project.emulator.account, project.state
    ids = {key: each.id for key, each in state.applications.items()}
    assert ids.keys() == story.apps.keys()
    assert set(world.applications) == {*ids.values(), story.theirs}
    assert len(set(ids.values())) == len(ids)
    assert (state.intent, state.leaving, state.goal) == (None, {}, None)
    # What an interrupted --replace had begun waits for the next one.
    assert not set(state.begun.values()) & {each.mark for each in state.applications.values()}
    for key, app in story.apps.items():
        deployed = state.applications[key]
        there = settings_at(project, deployed.id)
        assert there.name == app["name"]
        assert there.event_url == f"{project.emulator.address}/webhooks/event"
        assert there.answer_url == f"{project.emulator.address}/documents/{deployed.document}"
        for name in Settings.__slots__:
            left = getattr(deployed.settings, name)
            assert left is None or name == "public_key" or left == getattr(there, name), name
        content = Path(project.store, deployed.document).read_bytes()
        assert is_document(deployed.document, content)
        assert json.loads(content)[0]["text"] == f"Hello {key} {app['text']}."
        assert deployed.numbers == tuple(sorted(app["numbers"]))
        if project.provider == "vonage":
            assert (app["more"] != 'region = "eu-west"') or there.region == "eu-west"
            assert deployed.key_file is not None
            private = (project.folder / ".ncco/keys" / deployed.key_file).read_text(encoding="ascii")
            assert public_of(private) == world.applications[deployed.id].public_key == deployed.settings.public_key
    for number, owned in world.numbers.items():
        wanted = story.wanted_numbers.get(number)
        if number == THEIRS or number in story.untouched:
            assert owned.application_id == story.theirs, number
        elif wanted is None:
            assert owned.application_id in (None, story.theirs), number
        else:
            assert owned.application_id == ids[wanted], number
    assert world.applications[story.theirs].body == {"name": "Theirs"}
    files = {str(path.relative_to(project.store)) for path in Path(project.store).rglob("*.json")}
    assert files <= state.documents
    assert state.history[-1].hash == content_hash({key: release_of(each) for key, each in state.applications.items()})
    assert sorted(path.name for path in (project.folder / ".ncco").iterdir() if path.name != "keys") == [
        Path(STATE).name
    ]


def run_sequence(emulator: Running, folder: Path, seed: int, gone: int, kill: Callable[..., Any] | None = None) -> None:
    """Draw a sequence of events, then check that two runs repair everything."""
    world, draw = emulator.account, Random(seed)
    world.faults.clear()
    for id in list(world.applications):
        world.forget(id)
    store = Path(world.options.documents or "")
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()
    theirs = str(uuid4())
    world.applications[theirs] = Stored(theirs, {"name": "Theirs"}, _pair().public)
    for number, owned in world.numbers.items():
        owned.link(theirs if number == THEIRS else None)
    folder.mkdir()
    project = Project(folder, emulator, world.options.provider, str(store))
    story = Story(project, draw, theirs, gone)
    story.edit()
    try:
        for _ in range(draw.randint(4, 14)):
            story.step(kill)
        world.faults.clear()
        # A create that had no effect is given up after ten minutes by the provider's clock.
        world.faults.add(Fault(kind="clock", seconds=660.0))
        codes = [story.run({}, quiet=True)]
        if codes != [0]:
            codes.append(story.run({}, quiet=True))
        assert codes[-1] == 0
        is_right(story)
        project.requests()
        again = project.run(yes=False)
        assert again.code == 0
        assert "nothing to do" in again.out
        assert {method for method, _ in project.requests()} <= {"GET"}
        is_right(story)
        assert project.destroy().code == 0
        assert set(world.applications) == {theirs}
        assert not list(store.rglob("*.json"))
        assert not (folder / STATE).exists()
        assert world.numbers[THEIRS].application_id == theirs
    except BaseException as failed:
        failed.add_note(f"{project.provider}, seed {seed}:\n" + "\n".join(story.reported))
        raise
    shutil.rmtree(folder)


_PAIRS: list[KeyPair] = []


def _pair() -> KeyPair:
    """Return the key pair of another user's application."""
    if not _PAIRS:
        _PAIRS.append(make_key_pair())
    return _PAIRS[0]


@pytest.fixture(scope="module", params=["vonage", "kpn"])
def emulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator for each provider."""
    folder = tmp_path_factory.mktemp("chaos") / "public"
    with running(EmulatorOptions(provider=request.param, documents=str(folder), limits=False, speed=None)) as emulator:
        yield emulator
        close_wires()


@pytest.fixture(scope="module")
def gone() -> int:
    """The pid of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


@pytest.fixture(scope="module")
def killer() -> Iterator[Callable[..., Any]]:
    """Yield a function that runs a command in a process that is killed at a checkpoint; see `deploy_killed.py`."""
    command = [sys.executable, "-m", "tests.shells.deploy_killed"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment({}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        stdin, stdout = process.stdin, process.stdout

        def kill(project: Project, at: int | None, command: str) -> Any:
            asked = {"folder": str(project.folder), "kill": at, "command": command, "replaced": ()}
            stdin.write(json.dumps(asked) + "\n")
            stdin.flush()
            assert stdout is not None
            (answer,) = json.loads(stdout.readline())
            Path(project.folder, "said.txt").unlink(missing_ok=True)
            return answer

        yield kill
        stdin.close()


@pytest.mark.parametrize("seed", range(6))
def test_two_runs_put_everything_right(emulator: Running, tmp_path: Path, gone: int, seed: int) -> None:
    run_sequence(emulator, tmp_path / "project", seed, gone)


def test_two_runs_put_right_what_was_really_killed(
    emulator: Running, tmp_path: Path, gone: int, killer: Callable[..., Any]
) -> None:
    run_sequence(emulator, tmp_path / "project", 1000, gone, killer)


@pytest.mark.soak
def test_soak_two_runs_put_everything_right(
    emulator: Running, tmp_path: Path, gone: int, killer: Callable[..., Any]
) -> None:
    for seed in range(2_000, 6_000):
        run_sequence(emulator, tmp_path / str(seed), seed, gone, killer if seed % 10 == 0 else None)
