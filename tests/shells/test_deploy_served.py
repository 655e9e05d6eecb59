"""Test `ncco deploy` and `ncco call` of a flow that branches, with an emulator and a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ncco_lang.api.types import Settings
from ncco_lang.emulator.options import API_KEY, API_SECRET, SIGNATURE_SECRET, EmulatorOptions
from ncco_lang.emulator.server import running
from tests.deploying import NUMBER, Project, close_wires, quick, settings_at, target_of
from tests.shells.serving import CALL, MENU, Server, free_port, send, served
from tests.shells.shell import Shell

SETTINGS = """\
profile = "test"

[profiles.test]
provider = "{provider}"
base_url = "http://127.0.0.1:{port}"
api.emulator = "{address}"
{documents}

[profiles.test.applications.main]
flow = "main.flow"
name = "Shop"
numbers = ["+31 20 123 4567"]
"""


class Served(Project):
    """A project whose flow branches, with a port for its server."""

    def settle(self, flow: str = MENU, *, documents: bool = True) -> None:
        """Write the settings and the flow."""
        store = f'documents = {{ store = "{self.store}", url = "{self.emulator.address}/documents" }}'
        text = SETTINGS.format(
            provider=self.provider,
            port=self.port,
            address=self.emulator.address,
            documents=store if documents else "",
        )
        (self.folder / "ncco.toml").write_text(text, encoding="utf-8")
        (self.folder / "main.flow").write_text(flow, encoding="utf-8")

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text(encoding="ascii"))

    def serve(self) -> AbstractContextManager[Server]:
        return served(Shell(self.folder), port=self.port)

    def is_begun_with(self, url: str) -> str:
        """Return the version of the flow that a call begins with."""
        return send(url, CALL).headers["ncco-version"]


def _projects(provider: str, folder: Path) -> Iterator[Served]:
    options = EmulatorOptions(provider=provider, documents=str(folder / "public"), limits=False, speed=0)
    with running(options) as emulator:
        (folder / "port").write_text(str(free_port()), encoding="ascii")
        project = Served(folder, emulator, provider, str(folder / "public"))
        project.settle()
        yield project
        close_wires()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Served]:
    """A project at Vonage."""
    yield from _projects("vonage", tmp_path)


@pytest.fixture
def at_kpn(tmp_path: Path) -> Iterator[Served]:
    """A project at KPN."""
    yield from _projects("kpn", tmp_path)


def test_the_plan_says_that_the_serve_key_is_another_one(project: Served) -> None:
    assert "so a new one was made in " in project.run(only_plan=True).err
    with project.serve():
        assert "serve key" not in project.run().err
    (project.folder / ".ncco/serve/key").unlink()
    plan = project.run(only_plan=True)
    assert "so a new one was made in " in plan.err
    assert "the URLs of main change, because the serve key is not the one of the last deploy" in plan.err


def test_deployed_called_changed_and_rolled_back(project: Served) -> None:
    with project.serve() as server:
        done = project.run()
        assert done.code == 0, done.err
        assert "+ step desk" in done.out
        (id,) = project.applications
        main = project.state.applications["main"]
        assert main.served is not None
        there = settings_at(project, id)
        assert there.event_url == main.settings.event_url
        assert there.answer_url is not None
        assert there.answer_url.startswith(f"{server.address}/ncco-")
        assert there.answer_url.endswith(f"/{main.mark}/answer")
        assert there.event_socket_timeout == 3000
        assert there.fallback_url == f"{project.emulator.address}/documents/{main.document}"
        fallback = json.loads((project.folder / "public" / main.document).read_bytes())
        assert [action["action"] for action in fallback] == ["talk", "talk", "record"]
        assert project.number() == id
        assert "nothing to do" in project.run().out
        # A call goes all the way, and says nothing of the dry run.
        call = project.command("call", "--inbound", NUMBER, "--press", "1", "--transcript", "call.json")
        assert call.code == 0, call.err
        heard = (project.folder / "call.json").read_text(encoding="utf-8")
        assert "One moment." in heard
        assert "Thank you for calling." in heard
        first = project.is_begun_with(there.answer_url)

        # An edit that the server does not have yet.
        project.settle(MENU.replace("One moment.", "Please hold."))
        assert "~ step desk" in project.run(only_plan=True).out
        before = (project.folder / ".ncco/test.state.json").read_bytes()
        refused = project.run()
        assert refused.code == 3
        assert f"has the version {first} of the flow" in refused.err
        assert "Nothing was changed" in refused.err
        assert (project.folder / ".ncco/test.state.json").read_bytes() == before

    with project.serve():
        done = project.run()
        assert done.code == 0, done.err
        assert "done: 1 updated" in done.out
        second = project.is_begun_with(there.answer_url)
        assert first != second
        back = project.run(rollback="")
        assert back.code == 0, back.err
        assert "~ step desk" in back.out
        pinned = settings_at(project, id).answer_url
        assert pinned is not None
        assert pinned.endswith(f"/{main.mark}/{first}/answer")
        assert project.is_begun_with(pinned) == first
        assert project.state.history[-1].hash == project.state.history[0].hash
        again = project.run()
        assert again.code == 0, again.err
        assert settings_at(project, id).answer_url == there.answer_url
        # A version that the server does not hold any more.
        for kept in (project.folder / ".ncco/serve/bundles/main").glob(f"{first}*"):
            kept.unlink()

    with project.serve():
        gone = project.run(rollback="")
        assert gone.code == 3
        assert f"does not hold the version {first}" in gone.err
        assert project.destroy().code == 0
        assert project.applications == {}
        assert not list((project.folder / "public").rglob("*.json"))


def test_without_a_server_nothing_is_changed(project: Served) -> None:
    refused = project.run()
    assert refused.code == 3
    assert "start it with: ncco serve" in refused.err
    assert project.applications == {}
    assert not (project.folder / "public").exists() or not list((project.folder / "public").rglob("*.json"))
    done = project.run(skip_check=True)
    assert done.code == 0, done.err
    assert len(project.applications) == 1


def test_a_server_with_another_key_is_told_from_this_one(project: Served) -> None:
    with project.serve():
        (project.folder / "other.key").write_text("k" * 40, encoding="ascii")
        text = project.settings + '\n[serve]\nkey = "file:other.key"\n'
        (project.folder / "ncco.toml").write_text(text, encoding="utf-8")
        refused = project.run()
    assert refused.code == 3
    assert "(404)" in refused.err
    assert "`key` of [serve]" in refused.err
    assert "k" * 40 not in refused.err


def test_a_plan_file_of_a_flow_that_branches(project: Served) -> None:
    with project.serve():
        assert project.run(only_plan=True, output="plan.json").code == 0
        plan = (project.folder / "plan.json").read_text(encoding="utf-8")
        assert '"event_url"' not in json.dumps(json.loads(plan)["wanted"])
        done = project.run(plan_file="plan.json")
        assert done.code == 0, done.err
        assert "nothing to do" in project.run().out


def test_a_flow_that_branches_no_more_goes_to_the_store(project: Served) -> None:
    with project.serve():
        assert project.run().code == 0
    (id,) = project.applications
    project.settle('talk "We are closed."\n')
    done = project.run()
    assert done.code == 0, done.err
    there = settings_at(project, id)
    assert there.answer_url == f"{project.emulator.address}/documents/{project.state.applications['main'].document}"
    assert (there.event_url, there.fallback_url) == (None, None)
    assert "nothing to do" in project.run().out
    # And back, without a server at first.
    project.settle()
    assert project.run().code == 3
    with project.serve():
        assert project.run().code == 0
    assert settings_at(project, id).fallback_url is not None


def test_without_a_store_a_note_says_what_callers_hear(project: Served) -> None:
    project.settle(documents=False)
    with project.serve():
        done = project.run()
    assert done.code == 0, done.err
    assert "note: main gets no fallback URL, because the profile has no [documents]" in done.err
    (id,) = project.applications
    assert settings_at(project, id).fallback_url is None


def test_kpn_has_no_fallback_url(at_kpn: Served) -> None:
    with at_kpn.serve():
        done = at_kpn.run()
        assert done.code == 0, done.err
        assert "because this provider has none" in done.err
        assert "nothing to do" in at_kpn.run().out
        call = at_kpn.command("call", "--inbound", NUMBER, "--press", "1", "--transcript", "call.json")
        assert call.code == 0, call.err
        assert "One moment." in (at_kpn.folder / "call.json").read_text(encoding="utf-8")


def test_the_flow_of_a_call_alone_cannot_branch(project: Served) -> None:
    with project.serve():
        assert project.run().code == 0
    done = project.command("call", "+31 20 123 4568", "--flow", "main.flow")
    assert done.code == 2
    assert "main.flow branches" in done.err


class Killed(BaseException):
    """The end of a killed process, which the program cannot handle."""


def test_a_killed_deploy_is_completed_by_the_next(project: Served) -> None:
    cases = [(True, "after upload main"), (True, "after create main"), (False, "after create main")]
    with project.serve():
        for documents, name in cases:
            project.settle(documents=documents)

            def kill(at: str, name: str = name) -> None:
                if at == name:
                    raise Killed

            with pytest.raises(Killed):
                project.run(checkpoint=kill)
            done = project.run()
            assert done.code == 0, done.err
            (id,) = project.applications
            main = project.state.applications["main"]
            assert (main.id, project.number()) == (id, id)
            assert main.served is not None
            assert bool(main.document) == documents
            assert settings_at(project, id).answer_url == main.settings.answer_url
            assert "nothing to do" in project.run().out
            assert project.destroy().code == 0


def test_the_check_is_signed_and_drift_is_put_back(project: Served) -> None:
    keys = {"account.key": API_KEY, "account.secret": API_SECRET, "sign.secret": SIGNATURE_SECRET}
    for name, secret in keys.items():
        (project.folder / name).write_text(secret, encoding="ascii")
        (project.folder / name).chmod(0o600)
    credentials = (
        'credentials = { api_key = "file:account.key", api_secret = "file:account.secret", '
        'signature_secret = "file:sign.secret" }\napi.address'
    )
    (project.folder / "ncco.toml").write_text(project.settings.replace("api.emulator", credentials), encoding="utf-8")
    with project.serve():
        done = project.run()
        assert done.code == 0, done.err
        assert "no drift" in project.command("deploy", "--drift").out
        (id,) = project.applications
        with quick(lambda _: None)(target_of(project), "") as provider:
            there = provider.read_application(id)
            provider.update_application(there, Settings(event_url="https://elsewhere.example.com/e"))
        drift = project.command("deploy", "--drift")
        assert drift.code == 1
        assert "event_url" in drift.out
        assert project.run().code == 0
        assert "no drift" in project.command("deploy", "--drift").out
        (project.folder / "sign.secret").write_text("another", encoding="ascii")
        project.settle(MENU.replace("One moment.", "Hold."))
        (project.folder / "ncco.toml").write_text(
            project.settings.replace("api.emulator", credentials), encoding="utf-8"
        )
        refused = project.run()
        assert refused.code == 3
        assert "answers with 401" in refused.err
