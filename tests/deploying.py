"""Helpers for tests of `ncco deploy`: a project in a folder, and ways to run commands in this process."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from ncco_lang.api import emulated
from ncco_lang.api.kpn import KpnClient
from ncco_lang.api.provider import Provider
from ncco_lang.api.types import Settings
from ncco_lang.api.vonage import VonageClient
from ncco_lang.cli.deploy import deploy, read_plan
from ncco_lang.cli.deploy_options import DeployOptions
from ncco_lang.cli.destroy import destroy
from ncco_lang.cli.main import code_of
from ncco_lang.cli.provider_command import chosen, remote
from ncco_lang.deploy.deploy_run import Environment
from ncco_lang.deploy.profile_paths import ProfilePaths
from ncco_lang.deploy.state import State
from ncco_lang.deploy.state_file import read_state
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.server import Running
from ncco_lang.net.http_client import HttpClient
from ncco_lang.project.targets import Target
from ncco_lang.tokens.keys import public_of

FLOW = 'talk "Hello."\ntalk "Goodbye."\n'
STATE = ".ncco/test.state.json"
NUMBER = "31201234567"


def settings(provider: str, address: str, applications: str, store: str) -> str:
    """Return an `ncco.toml` for an emulator."""
    return f"""\
profile = "test"

[profiles.test]
provider = "{provider}"
base_url = "{address}/webhooks"

[profiles.test.api]
emulator = "{address}"

[profiles.test.documents]
store = "{store}"
url = "{address}/documents"

{applications}"""


def application(key: str = "main", *, name: str = "Shop", numbers: str = '"+31 20 123 4567"', more: str = "") -> str:
    """Return the table of one application, with a flow named after its key."""
    return f"""\
[profiles.test.applications.{key}]
flow = "{key}.flow"
name = "{name}"
numbers = [{numbers}]
event_url = "/event"
{more}
"""


def _tables(applications: str | None) -> str:
    return application() if applications is None else applications


class Done(NamedTuple):
    """The result of a run."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A project whose profile `test` deploys to an emulator."""

    folder: Path
    emulator: Running
    provider: str
    store: str = "public"
    rests: list[float] = field(default_factory=list)

    def write(self, applications: str | None = None, **flows: str) -> None:
        """Write the settings and the flows."""
        text = settings(self.provider, self.emulator.address, _tables(applications), self.store)
        (self.folder / "ncco.toml").write_text(text, encoding="utf-8")
        for key, flow in (flows or {"main": FLOW}).items():
            (self.folder / f"{key}.flow").write_text(flow, encoding="utf-8")

    def run(
        self,
        *keys: str,
        yes: bool = True,
        checkpoint: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] | None = None,
        connect: Callable[[Target, str], AbstractContextManager[Provider]] | None = None,
        sleep: Callable[[float], object] | None = None,
        **wish: Any,
    ) -> Done:
        """Run `ncco deploy` in this process, without the pauses between attempts."""
        outside = Environment(
            connect=connect or quick(self.rests.append),
            http_client=shared_wire,
            clock=clock or time.time,
            sleep=sleep or self.rests.append,
            checkpoint=checkpoint,
        )
        return captured(self.folder, lambda: run_deploy(outside, keys=keys, yes=yes, **wish))

    def destroy(self, *keys: str, checkpoint: Callable[[str], None] = lambda _: None, with_keys: bool = False) -> Done:
        """Run `ncco destroy --yes` in this process."""
        outside = Environment(
            connect=quick(self.rests.append), http_client=shared_wire, sleep=self.rests.append, checkpoint=checkpoint
        )
        return captured(self.folder, lambda: run_destroy(outside, keys=keys, with_keys=with_keys))

    def command(self, name: str, *arguments: str) -> Done:
        """Run a command with its arguments as a user types them, in this process."""
        from importlib import import_module

        module = import_module(f"ncco_lang.cli.{name}")
        return captured(
            self.folder, lambda: module.command.main(list(arguments), prog_name=f"ncco {name}", standalone_mode=False)
        )

    def finishes_late(self, seconds: float, *, answer: int | None = None, times: int = 0) -> None:
        """Delay the effect of changes by `seconds`, and answer POSTs with `answer` at once if it is given.

        Args:
            times: how many requests; 0: all. `emulator.advance()` lets pending changes take effect now.
        """
        faults = [Fault(kind="effect_after", seconds=seconds, times=times)]
        if answer is not None:
            faults.append(Fault(kind="status", status=answer, effect=True, method="POST", times=times))
        self.emulator.account.faults.add(*faults)

    @property
    def state(self) -> State:
        """The stored state."""
        return read_state(str(self.folder / STATE))

    @property
    def settings(self) -> str:
        """The text of `ncco.toml`."""
        return (self.folder / "ncco.toml").read_text(encoding="utf-8")

    @property
    def applications(self) -> dict[str, Any]:
        """The applications of the emulator."""
        return dict(self.emulator.account.applications)

    def requests(self) -> list[tuple[str, str]]:
        """Return method and path of every request to the provider, except tokens and documents; clear the list."""
        seen = [(each["method"], each["path"]) for each in self.emulator.account.requests]
        self.emulator.account.requests.clear()
        return [(method, path) for method, path in seen if not path.startswith(("/documents", "/oauth"))]

    def number(self, digits: str = "31201234567") -> str | None:
        """Return the application that a number is linked to."""
        return self.emulator.account.numbers[digits].application_id

    @property
    def keys(self) -> list[Path]:
        """The files of private keys."""
        return sorted((self.folder / ".ncco/keys").glob("*.pem"))


def new_project(emulator: Running, folder: Path) -> Project:
    """Return a project in an empty folder, with an empty account."""
    world = emulator.account
    world.faults.clear()
    for id in list(world.applications):
        world.forget(id)
    world.requests.clear()
    folder.mkdir(exist_ok=True)
    project = Project(folder, emulator, world.options.provider, str(world.options.documents))
    project.write()
    return project


def is_whole(project: Project, *, number: str | None = NUMBER) -> None:
    """Assert that there is exactly one application: that of the state, with its key, its document and its number."""
    state = project.state
    (id,) = project.applications
    main = state.applications["main"]
    assert main.id == id
    assert state.intent is None
    assert state.begun == {}
    assert state.leaving == {}
    assert Path(project.store, main.document).exists()
    assert main.settings.answer_url == f"{project.emulator.address}/documents/{main.document}"
    for each, owned in project.emulator.account.numbers.items():
        assert owned.application_id == (id if each == number else None)
    if project.provider == "vonage":
        assert main.key_file is not None
        private = (project.folder / ".ncco/keys" / main.key_file).read_text(encoding="ascii")
        assert public_of(private) == main.settings.public_key
    assert not (project.folder / (STATE + ".lock")).exists()
    assert not [path for path in (project.folder / ".ncco").iterdir() if path.name.startswith(".")]


def waited_out(project: Project, run: Callable[[], Done]) -> Done:
    """Run; if the run waits for a create, run again eleven minutes later by the provider's clock."""
    done = run()
    if "not confirmed" in done.err:
        assert done.code == 3
        intent = project.state.intent
        assert intent is not None
        assert intent.date is not None
        project.emulator.account.faults.add(Fault(kind="clock", seconds=660.0))
        later = run()
        done = later._replace(err=done.err + later.err)
    return done


def goes_on(project: Project, *, number: str | None = NUMBER) -> Done:
    """Assert that the next run succeeds, and that the run after it has nothing to do."""
    project.emulator.account.faults.clear()
    done = waited_out(project, project.run)
    assert done.code == 0, done.err
    is_whole(project, number=number)
    again = project.run()
    assert "nothing to do" in again.out, again.out
    assert project.state.history
    return done


def run_deploy(outside: Environment, **wish: Any) -> int:
    """Run `ncco deploy --yes` in the working folder, and return its exit code."""
    place = chosen(None, deploying=True)
    asked = DeployOptions(**{"yes": True, **wish})
    return deploy(ProfilePaths(project=place.project, target=place.target), asked, read_plan(asked), outside)


def run_destroy(
    outside: Environment, *, keys: tuple[str, ...] = (), adopt: str | None = None, with_keys: bool = False
) -> int:
    """Run `ncco destroy --yes` in the working folder, and return its exit code."""
    place = chosen(None)
    site = ProfilePaths(project=place.project, target=place.target)
    return destroy(site, keys, with_keys=with_keys, yes=True, adopt=adopt, environment=outside)


def captured(folder: Path, run: Callable[[], Any]) -> Done:
    """Return the output of a command and its exit code, as `cli.main` gives them."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = code_of(remote(run))
    finally:
        os.chdir(before)
    texts = []
    for stream in (out, err):
        stream.flush()
        buffer = stream.detach()
        assert isinstance(buffer, io.BytesIO)
        texts.append(buffer.getvalue().decode("utf-8"))
    return Done(code, *texts)


class KeptWire(HttpClient):
    """A client that many runs share, because creating one reads all certificates of the system."""

    __slots__ = ()

    def close(self) -> None:
        """Stay open."""

    def really_close(self) -> None:
        """Close it."""
        super().close()


_SHARED: dict[int, KeptWire] = {}


def shared_wire(**_: Any) -> KeptWire:
    """Return the client of this process."""
    return _SHARED.setdefault(os.getpid(), KeptWire(connect=5.0, read=5.0))


def close_wires() -> None:
    """Close the client of this process, after an emulator has stopped."""
    for wire in _SHARED.values():
        wire.really_close()
    _SHARED.clear()


def quick(sleep: Callable[[float], object], **more: Any) -> Callable[[Target, str], AbstractContextManager[Provider]]:
    """Return a function that makes clients of the emulator which do not really pause."""

    @contextmanager
    def connect(target: Target, folder: str) -> Iterator[Provider]:
        address = target.address or ""
        with shared_wire() as wire:
            provider: Provider
            if target.provider == "kpn":
                provider = KpnClient(
                    client_id=emulated.CLIENT_ID,
                    client_secret=emulated.CLIENT_SECRET,
                    address=address,
                    http_client=wire,
                    profile=target.profile.name,
                    sleep=sleep,
                    **more,
                )
            else:
                provider = VonageClient(
                    api_key=emulated.API_KEY,
                    api_secret=emulated.API_SECRET,
                    key_of=lambda _: "",
                    address=address,
                    numbers_address=address,
                    http_client=wire,
                    profile=target.profile.name,
                    sleep=sleep,
                    **more,
                )
            yield provider
            provider.close()

    return connect


def target_of(project: Project) -> Any:
    """Return the parts of a target that `quick` reads."""
    name = SimpleNamespace(name="test")
    return SimpleNamespace(provider=project.provider, address=project.emulator.address, profile=name)


def settings_at(project: Project, id: str) -> Settings:
    """Return the provider's settings of an application."""
    with quick(lambda _: None)(target_of(project), "") as provider:
        return provider.read_application(id).settings
