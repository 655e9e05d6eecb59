"""Test profiles, credentials and keys of a deploy: a plan's profile, a renamed one, keys of other applications."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ncco_lang.deploy.state_file import read_state
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running, running
from ncco_lang.tokens.keys import make_key_pair
from tests.deploying import FLOW, Project, application, close_wires, new_project

pytestmark = pytest.mark.usefixtures("_wires")


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    folder = str(tmp_path_factory.mktemp("documents"))
    options = EmulatorOptions(documents=folder, limits=False, speed=None)
    with running(options) as vonage, running(replace(options, provider="kpn", sandbox=True)) as kpn:
        yield {"vonage": vonage, "kpn": kpn}


@pytest.fixture(scope="module")
def _wires(emulators: dict[str, Running]) -> Iterator[None]:
    yield
    close_wires()


@pytest.fixture
def project(emulators: dict[str, Running], tmp_path: Path) -> Project:
    return new_project(emulators["vonage"], tmp_path / "shop")


def rename(project: Project, old: str, new: str) -> None:
    text = project.settings.replace(f"profiles.{old}", f"profiles.{new}").replace(f'"{old}"', f'"{new}"')
    (project.folder / "ncco.toml").write_text(text, encoding="utf-8")


def state_of(project: Project, name: str) -> Path:
    return project.folder / f".ncco/{name}.state.json"


# ── The profile of a plan ──


def test_a_plan_file_names_its_profile_and_is_applied_without_a_question(project: Project) -> None:
    rename(project, "test", "live")
    assert project.command("deploy", "--plan", "-o", "plan.json", "--profile", "live").code == 0
    text = project.settings.replace('profile = "live"\n', 'profile = "other"\n')
    (project.folder / "ncco.toml").write_text(text + "[profiles.other]\n", encoding="utf-8")
    other = project.command("deploy", "plan.json", "--profile", "other")
    assert other.code == 2
    assert 'plan.json is a plan for profile "live", and --profile says "other"; leave --profile out' in other.err
    assert project.applications == {}
    done = project.command("deploy", "plan.json")
    assert (done.code, len(project.applications)) == (0, 1), done.err
    assert state_of(project, "live").exists()


# ── A renamed profile ──


def test_a_renamed_profile_takes_over_what_was_deployed(project: Project) -> None:
    project.run()
    (id,) = project.applications
    rename(project, "test", "live")
    hint = project.command("deploy", "--plan")
    assert "ncco deploy --moved-from test --profile live" in hint.err
    before = state_of(project, "test").read_bytes()
    shown = project.command("deploy", "--plan", "--moved-from", "test")
    assert (shown.code, "nothing to do" in shown.out) == (0, True)
    assert state_of(project, "test").read_bytes() == before
    assert not state_of(project, "live").exists()
    done = project.command("deploy", "--moved-from", "test", "--yes")
    assert "nothing to do" in done.out
    assert 'what was deployed with profile "test" is now that of "live"' in done.err
    assert list(project.applications) == [id]
    assert not state_of(project, "test").exists()
    state = read_state(str(state_of(project, "live")))
    assert (state.profile, state.applications["main"].id) == ("live", id)
    again = project.command("deploy", "--yes")
    assert ("nothing to do" in again.out, again.err) == (True, "")
    assert project.command("calls").code == 0


@pytest.mark.parametrize("key", ["main", "desk"])
def test_a_renamed_profile_never_makes_a_second_application_by_itself(project: Project, key: str) -> None:
    project.run()
    rename(project, "test", "live")
    text = project.settings.replace("applications.main]", f"applications.{key}]")
    (project.folder / "ncco.toml").write_text(text, encoding="utf-8")
    for options in (["--yes"], ["--plan", "-o", "plan.json"]):
        refused = project.command("deploy", *options)
        assert refused.code == 2
        assert "ncco deploy --moved-from test --profile live" in refused.err
        assert "--moved-from none" in refused.err
    nothing = project.command("destroy", "--yes")
    assert (nothing.code, "--moved-from test" in nothing.err) == (0, True)
    assert (len(project.applications), state_of(project, "live").exists()) == (1, False)
    # A new profile that is meant to be one goes its own way, also with a plan that is kept.
    assert project.command("deploy", "--plan", "-o", "plan.json", "--moved-from", "none").code == 0
    assert project.command("deploy", "plan.json").code == 0
    assert len(project.applications) == 2
    assert project.command("deploy", "--yes").code == 0


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_a_plan_file_is_for_its_user_alone(project: Project) -> None:
    plan = project.folder / "plan.json"
    for _ in range(2):
        assert project.command("deploy", "--plan", "-o", "plan.json").code == 0
        assert plan.stat().st_mode & 0o777 == 0o600
        plan.chmod(0o644)


def test_moving_goes_on_where_it_was_cut_off_and_moves_over_nothing(project: Project) -> None:
    project.run()
    keys = project.keys
    rename(project, "test", "live")
    text = project.settings.replace('provider = "vonage"', 'provider = "vonage"\nkeys = "secrets"')
    (project.folder / "ncco.toml").write_text(text, encoding="utf-8")
    # As a killed run leaves it after it has moved the state: the old name is still in it.
    state_of(project, "test").rename(state_of(project, "live"))
    refused = project.command("deploy", "--yes")
    assert refused.code == 3
    assert "ncco deploy --moved-from test --profile live" in refused.err
    state_of(project, "live").rename(state_of(project, "test"))
    # And a run that was killed between the keys and the state.
    (project.folder / "secrets").mkdir()
    keys[0].rename(project.folder / "secrets" / keys[0].name)
    assert project.command("deploy", "--moved-from", "test", "--yes").code == 0
    assert [path.name for path in (project.folder / "secrets").glob("*.pem")] == [keys[0].name]
    assert len(project.applications) == 1
    # There is nothing left to move; a second state is never overwritten.
    kept = state_of(project, "live").read_bytes()
    state_of(project, "test").write_bytes(kept.replace(b'"live"', b'"test"'))
    for name, words in (
        ("test", 'profile "live" has a state already'),
        ("never", 'profile "live" has a state already'),
        ("live", 'ncco.toml still has the profile "live"'),
    ):
        refused = project.command("deploy", "--moved-from", name, "--yes")
        assert (refused.code, words in refused.err) == (2, True), refused.err
    assert state_of(project, "live").read_bytes() == kept
    state_of(project, "live").unlink()
    missing = project.command("deploy", "--moved-from", "never", "--yes")
    assert (missing.code, 'nothing was deployed with a profile "never"' in missing.err) == (2, True)


def test_a_profile_with_a_state_file_of_its_own_is_renamed_in_it(project: Project) -> None:
    own = project.settings.replace('provider = "vonage"', 'provider = "vonage"\nstate = "state.json"\nkeys = "secrets"')
    (project.folder / "ncco.toml").write_text(own, encoding="utf-8")
    project.run()
    rename(project, "test", "live")
    assert project.command("deploy", "--yes").code == 3
    assert "nothing to do" in project.command("deploy", "--moved-from", "test", "--yes").out
    assert read_state(str(project.folder / "state.json")).profile == "live"
    assert len(list((project.folder / "secrets").glob("*.pem"))) == 1


def test_what_a_killed_run_began_is_moved_too(project: Project) -> None:
    def killed(step: str) -> None:
        if step == "after create main":
            raise SystemExit(9)

    with pytest.raises(SystemExit):
        project.run(checkpoint=killed)
    assert project.state.intent is not None
    rename(project, "test", "live")
    done = project.command("deploy", "--moved-from", "test", "--yes")
    assert done.code == 0, done.err
    assert "it is taken over" in done.err
    assert len(project.applications) == 1


# ── Credentials and private keys ──


def test_a_plan_of_a_new_application_asks_whether_the_credentials_are_right(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(application(numbers=""), main=FLOW)
    assert project.run(only_plan=True).code == 0
    assert project.requests() == [("GET", "/v2/applications")]
    text = project.settings.replace("emulator =", "address =")
    text += '[profiles.test.credentials]\napi_key = "env:KEY"\napi_secret = "env:SECRET"\n'
    (project.folder / "ncco.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("KEY", "abcd1234")
    monkeypatch.setenv("SECRET", "NotTheSecret")
    wrong = project.command("deploy", "--plan")
    assert wrong.code == 3
    assert 'the credentials of profile "test" were not accepted' in wrong.err
    assert "to create" not in wrong.out


def test_a_sandbox_without_a_list_has_taken_the_credentials_all_the_same(
    emulators: dict[str, Running], tmp_path: Path
) -> None:
    project = new_project(emulators["kpn"], tmp_path / "shop")
    project.write(application(numbers=""), main=FLOW)
    shown = project.run(only_plan=True)
    assert (shown.code, "1 to create" in shown.out) == (0, True)


def test_a_private_key_of_another_application_is_noticed_by_a_plan(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run()
    (key,) = project.keys
    other = make_key_pair().private
    for text, words in ((other, "has another public key"), ("/keys/main.pem", "it looks like a path")):
        key.write_text(text, encoding="ascii")
        for arguments in (("--plan",), ("--drift",)):
            shown = project.command("deploy", *arguments)
            assert shown.code == 0
            assert "warning: the private key of main in .ncco/keys is not that of its application" in shown.err
            assert words in shown.err
            assert text not in shown.err
            assert "ncco deploy --replace main --profile test" in shown.err
    monkeypatch.setenv("SHOP_KEY", repr(other))
    project.write(application(more='private_key = "env:SHOP_KEY"'))
    shown = project.run(only_plan=True)
    assert "warning: private_key of main (env:SHOP_KEY) is not the key that its application has now" in shown.err
    assert project.run().code == 0
    assert "warning" not in project.run().err


# ── Wrong settings ──


def test_a_wrong_key_of_the_profile_stops_a_deploy_and_one_elsewhere_does_not(project: Project) -> None:
    own = project.settings
    for text, place in (
        (own + 'regoin = "eu-west"\n', f"{own.count(chr(10)) + 1}:1"),
        (own.replace("[profiles.test.api]", "[profiles.test.apis]"), "7:2"),
    ):
        (project.folder / "ncco.toml").write_text(text, encoding="utf-8")
        for arguments in (("--plan",), ("--yes",)):
            done = project.command("deploy", *arguments)
            assert (done.code, done.out) == (2, "")
            assert f"ncco.toml:{place}: error F801 invalid-setting: there is no setting" in done.err
            assert done.err.count("error F801") == 1
    assert project.applications == {}
    (project.folder / "ncco.toml").write_text(own + "[profiles.other]\nparms = 1\n[check]\nprovidr = 1\n", "utf-8")
    done = project.command("deploy", "--yes")
    assert (done.code, done.err.count("error F801")) == (0, 2)
    assert len(project.applications) == 1
