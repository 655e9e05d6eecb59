"""Test `ncco deploy` and `ncco destroy` with an emulator, without faults."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.api.types import Settings
from ncco_lang.deploy.deploy_run import Environment
from ncco_lang.deploy.fingerprint import call_document_name, document_name
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import running
from ncco_lang.tokens.keys import make_key_pair, public_of
from tests.deploying import (
    FLOW,
    STATE,
    KeptWire,
    Project,
    application,
    captured,
    close_wires,
    quick,
    run_deploy,
    settings,
    settings_at,
    shared_wire,
    target_of,
)
from tests.shells.shell import LONGEST, NCCO, ROOT, Shell, environment

ASKS_ONLY = {"GET"}


@pytest.fixture(params=["vonage", "kpn"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A project with one application, at each provider."""
    yield from _project(request.param, tmp_path)


@pytest.fixture
def at_vonage(tmp_path: Path) -> Iterator[Project]:
    """A project with one application at Vonage, for tests that do not depend on the provider."""
    yield from _project("vonage", tmp_path)


def _project(provider: str, folder: Path) -> Iterator[Project]:
    options = EmulatorOptions(provider=provider, documents=str(folder / "public"), limits=False, speed=None)
    with running(options) as emulator:
        project = Project(folder, emulator, provider)
        project.write()
        yield project
        close_wires()


def test_a_first_deploy_makes_everything_in_order(project: Project) -> None:
    done = project.run()
    assert done.code == 0, done.err
    (id,) = project.applications
    main = project.state.applications["main"]
    assert main.id == id
    assert project.number() == id
    document = project.folder / "public" / main.document
    assert json.loads(document.read_bytes()) == [
        {"action": "talk", "text": "Hello."},
        {"action": "talk", "text": "Goodbye."},
    ]
    assert main.document == document_name(main.mark, document.read_bytes())
    steps = [line.partition(" ")[2].split()[0] for line in done.err.splitlines()]
    assert steps == ["uploading", "looking", "creating", "created", "linking"]
    assert "+ main: create the application" in done.out
    assert done.out.endswith("done: 1 created\n")
    assert not (project.folder / (STATE + ".lock")).exists()


def test_nothing_secret_is_written_or_printed(project: Project) -> None:
    done = project.run()
    plan = project.run(only_plan=True, as_json=True)
    state = (project.folder / STATE).read_text(encoding="utf-8")
    for text in (done.out, done.err, plan.out, state):
        assert "PRIVATE" not in text
        assert "emulator-secret" not in text
        assert str(project.folder) not in text
    assert "PUBLIC KEY" not in done.out + done.err + plan.out
    if project.provider == "vonage":
        (key,) = project.keys
        public = project.state.applications["main"].settings.public_key
        assert public_of(key.read_text(encoding="utf-8")) == public
        assert settings_at(project, project.state.applications["main"].id).public_key == public
    else:
        assert project.keys == []


def test_a_second_deploy_changes_nothing_says_so_and_asks_little(project: Project) -> None:
    project.run()
    before = (project.folder / STATE).read_bytes()
    project.requests()
    done = project.run(yes=False)
    assert done.code == 0
    assert "nothing to do: 1 application as wanted" in done.out
    assert {method for method, _ in project.requests()} == ASKS_ONLY
    assert (project.folder / STATE).read_bytes() == before


def test_no_more_is_asked_than_paging_forces(project: Project) -> None:
    keys = [f"app{number}" for number in range(3)]
    tables = "".join(application(key, name=key, numbers="") for key in keys)
    project.write(tables, **dict.fromkeys(keys, FLOW))
    assert project.run().code == 0
    project.requests()
    assert project.run().code == 0
    # One page of applications; no numbers, because none is wanted.
    assert len(project.requests()) == 1
    assert project.run("app1").code == 0
    assert len(project.requests()) == 1


def test_a_changed_flow_is_an_update_with_a_diff(project: Project) -> None:
    project.run()
    (id,) = project.applications
    project.write(main='talk "Hello."\ntalk "See you."\n')
    plan = project.run(only_plan=True, detailed=True)
    assert plan.code == 4
    assert '- talk "Goodbye."' in plan.out
    assert '+ talk "See you."' in plan.out
    done = project.run()
    assert done.code == 0
    assert list(project.applications) == [id]
    main = project.state.applications["main"]
    assert settings_at(project, id).answer_url == f"{project.emulator.address}/documents/{main.document}"
    assert project.run(only_plan=True, detailed=True).code == 0


def test_a_plan_changes_nothing_at_all(project: Project) -> None:
    plan = project.run(only_plan=True)
    assert plan.code == 0
    assert "1 to create" in plan.out
    assert project.applications == {}
    assert {method for method, _ in project.requests()} <= ASKS_ONLY
    assert sorted(path.name for path in project.folder.iterdir()) == ["main.flow", "ncco.toml"]


def test_a_renamed_application_stays_the_same_one(project: Project) -> None:
    project.run()
    (id,) = project.applications
    project.write(application(name="Bicycle shop"))
    done = project.run()
    assert '"Shop" → "Bicycle shop"' in done.out
    assert list(project.applications) == [id]
    assert settings_at(project, id).name == "Bicycle shop"


def test_what_nobody_said_is_left_alone(at_vonage: Project) -> None:
    at_vonage.run()
    at_vonage.write(application(name="Bicycle shop", more='region = "eu-west"'))
    assert at_vonage.run().code == 0
    settings = settings_at(at_vonage, at_vonage.state.applications["main"].id)
    assert settings.region == "eu-west"
    at_vonage.write(application(name="Bicycle shop"))
    assert at_vonage.run().out.count("nothing to do") == 1
    assert settings_at(at_vonage, at_vonage.state.applications["main"].id).region == "eu-west"


def test_numbers_are_linked_moved_and_unlinked(project: Project) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other=FLOW)
    project.run()
    main, other = (project.state.applications[key].id for key in ("main", "other"))
    assert project.number() == main
    tables = application("main", numbers='"+31 30 123 4567"') + application("other", name="Other")
    project.write(tables, main=FLOW, other=FLOW)
    done = project.run()
    assert done.code == 0
    assert "move +31201234567 here from our application main" in done.out
    assert project.number() == other
    assert project.number("31301234567") == main
    assert project.state.applications["main"].numbers == ("31301234567",)
    project.write(application("main", numbers="") + application("other", name="Other"), main=FLOW, other=FLOW)
    assert "unlink +31301234567" in project.run().out
    assert project.number("31301234567") is None
    assert "nothing to do" in project.run().out


def test_a_number_of_somebody_elses_application_is_shown_as_a_move(project: Project) -> None:
    project.run()
    owner = project.state.applications["main"].id
    (project.folder / STATE).unlink()
    done = project.run(only_plan=True)
    assert f"move +31201234567 here from the application {owner}, which is not ours" in done.out


def test_a_number_that_the_account_lacks_stops_it(project: Project) -> None:
    project.write(application(numbers='"+31 10 765 4321"'))
    done = project.run()
    assert done.code == 2
    assert "the account has no number +31107654321, and main wants it" in done.err
    assert project.applications == {}


def test_an_application_that_left_the_settings_is_deleted(project: Project) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other=FLOW)
    project.run()
    project.write()
    done = project.run()
    assert "- other: delete the application" in done.out
    assert set(project.applications) == {project.state.applications["main"].id}


def test_a_number_survives_the_application_that_had_it(project: Project) -> None:
    project.run()
    project.write(application("other", name="Other"), other=FLOW)
    assert project.run().code == 0
    other = project.state.applications["other"].id
    assert list(project.applications) == [other]
    assert project.number() == other
    assert "nothing to do" in project.run().out


def test_only_the_named_application_is_deployed(project: Project) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other="what is this")
    assert project.run("main").code == 0
    assert set(project.state.applications) == {"main"}
    assert project.run().code == 1
    wrong = project.run("mian")
    assert wrong.code == 2
    assert 'no application "mian"; it has main, other' in wrong.err


def test_errors_in_a_flow_stop_it_before_anything_is_asked(project: Project) -> None:
    project.write(main='talk "Hello {nobody}."\n')
    done = project.run()
    assert done.code == 1
    assert "main.flow:1:" in done.err
    assert "main has errors; nothing was done" in done.err
    assert project.requests() == []


def test_params_come_from_the_profile_the_application_and_the_command_line(at_vonage: Project) -> None:
    flow = 'param who: text = "nobody"\ntalk "Hello {who}."\n'
    tables = application("main", more='params = { who = "Kim" }') + application("other", name="Other", numbers="")
    at_vonage.write(tables, main=flow, other=flow)
    assert at_vonage.command("deploy", "--yes").code == 0
    texts = {
        key: json.loads((at_vonage.folder / "public" / each.document).read_bytes())[0]["text"]
        for key, each in at_vonage.state.applications.items()
    }
    assert texts == {"main": "Hello Kim.", "other": "Hello nobody."}
    plan = at_vonage.command("deploy", "--plan", "-p", "who=Sam")
    assert plan.out.count('+ talk "Hello Sam."') == 2


def test_params_of_an_application_that_its_flow_lacks_stop_it(at_vonage: Project) -> None:
    flow = 'param who: text = "nobody"\ntalk "Hello {who}."\n'
    tables = application("main", more='params = { whoo = "Kim" }') + application("other", name="Other", numbers="")
    at_vonage.write(tables, main=flow, other='param whoo: text = ""\ntalk "Hello."\n')
    done = at_vonage.run()
    assert done.code == 1
    line = 1 + at_vonage.settings.splitlines().index('params = { whoo = "Kim" }')
    assert f'ncco.toml:{line}:12: error F208 unknown-param: main.flow has no param "whoo"' in done.err
    assert '| params = { whoo = "Kim" }\n' in done.err
    assert "            ^^^^\n" in done.err
    assert 'did you mean "who"?' in done.err
    assert done.err.endswith("ncco: main has errors; nothing was done\n")
    assert at_vonage.requests() == []
    assert at_vonage.run("other").code == 0


def test_flows_are_read_in_the_order_of_the_settings(at_vonage: Project) -> None:
    keys = [f"line{number}" for number in (7, 3, 9, 1, 8, 2, 6, 4)]
    at_vonage.write("".join(application(key, name=key, numbers="") for key in keys))
    done = at_vonage.run(only_plan=True)
    assert done.code == 2
    assert "line7.flow" in done.err


def test_params_of_a_profile_that_no_flow_has_are_told(at_vonage: Project) -> None:
    flow = 'param who: text = "nobody"\ntalk "Hello {who}."\n'
    tables = application("main") + application("other", name="Other", numbers="") + "[profiles.test.params]\n"
    at_vonage.write(tables + 'whoo = "Kim"\nwho = "Kim"\n', main=flow, other=FLOW)
    done = at_vonage.run(only_plan=True)
    assert done.code == 0
    assert 'warning F208 unknown-param: no flow of profile "test" has a param "whoo"' in done.err
    assert done.err.count("F208") == 1
    # It may be for the other application.
    assert "F208" not in at_vonage.run("main", only_plan=True).err
    with (at_vonage.folder / "ncco.toml").open("a", encoding="utf-8") as file:
        file.write('[check.severity]\nunknown-param = "off"\n')
    assert "F208" not in at_vonage.run(only_plan=True).err


# ── Drift, history, plan files ─────────────────────────────────────────────────────────────────────────


def change_by_hand(project: Project, name: str) -> None:
    """Rename the application, as in the provider's dashboard."""
    with quick(lambda _: None)(target_of(project), "") as provider:
        current = provider.read_application(project.state.applications["main"].id)
        provider.update_application(current, Settings(name=name))


def test_drift_is_shown_and_put_back(project: Project) -> None:
    project.run()
    clean = project.command("deploy", "--drift")
    assert (clean.code, clean.out) == (0, "no drift: 1 application as left\n")
    change_by_hand(project, "By hand")
    drift = project.command("deploy", "--drift")
    assert drift.code == 1
    assert '"Shop" → "By hand"' in drift.out
    as_json = project.command("deploy", "--drift", "--json")
    assert json.loads(as_json.out)[0]["fields"][0]["after"] == "By hand"
    assert '"By hand" → "Shop"  (changed by hand)' in project.run().out
    assert project.command("deploy", "--drift").code == 0


def test_a_document_that_was_removed_is_drift_and_comes_back(project: Project) -> None:
    project.run()
    document = project.folder / "public" / project.state.applications["main"].document
    document.unlink()
    assert "is not in the store any more" in project.command("deploy", "--drift").out
    assert project.run().code == 0
    assert document.exists()


def test_another_address_of_the_same_document_is_looked_at_first(project: Project) -> None:
    assert project.run().code == 0
    (before,) = (each.settings.answer_url for each in project.state.applications.values())
    toml = project.folder / "ncco.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('/documents"', '/documents/elsewhere"'), encoding="utf-8")
    project.run(only_plan=True, output="plan.json")
    for done in (project.run(plan_file="plan.json"), project.run()):
        assert done.code == 3
        assert "answers with 404" in done.err
    assert project.state.applications["main"].settings.answer_url == before
    toml.write_text(text, encoding="utf-8")
    assert "nothing to do" in project.run().out


def test_a_version_does_not_name_what_was_only_made_anew(project: Project) -> None:
    more = application(key="other", name="Other", numbers="")
    project.write(application() + more, main=FLOW, other='talk "Hello."\n')
    project.run()
    project.run(replaced=("main",))
    project.write(application() + more, main=FLOW, other='talk "Goodbye."\n')
    project.run()
    newest, oldest = project.command("deploy", "--history").out.splitlines()
    assert newest.split()[2:] == ["other", "←", "deployed", "now"]
    assert oldest.split()[2:] == ["main,", "other"]


def test_a_plan_file_without_changes_says_so(project: Project) -> None:
    project.run()
    assert "nothing to do: 1 application as wanted" in project.run(only_plan=True, output="plan.json").out
    done = project.run(plan_file="plan.json")
    assert done.code == 0
    assert done.out.endswith("nothing to do: the plan has no changes\n")


def test_a_plan_file_is_applied_exactly(project: Project) -> None:
    done = project.run(only_plan=True, output="plan.json")
    assert done.code == 0
    planned = json.loads((project.folder / "plan.json").read_text(encoding="utf-8"))
    # The plan counts, not the current sources.
    project.write(main='talk "Too late."\n')
    assert project.run(plan_file="plan.json").code == 0
    main = project.state.applications["main"]
    assert main.mark == planned["wanted"]["main"]["mark"]
    assert b"Too late" not in (project.folder / "public" / main.document).read_bytes()
    again = project.run(plan_file="plan.json")
    assert again.code == 1
    assert "plan.json is stale: something was deployed since it was made" in again.err


def test_a_plan_file_that_is_cut_off_is_told_to_be_stale(project: Project) -> None:
    project.run(only_plan=True, output="plan.json")
    project.emulator.account.faults.add(Fault(kind="status", status=403, path="/documents", times=0))
    stopped = project.run(plan_file="plan.json")
    assert stopped.code == 3
    assert "a new plan goes on from there; this one is stale now" in stopped.err
    project.emulator.account.faults.clear()
    assert project.run(plan_file="plan.json").code == 1
    project.run(only_plan=True, output="plan.json")
    assert project.run(plan_file="plan.json").code == 0


def test_a_plan_is_refused_when_the_world_has_moved(project: Project) -> None:
    project.run()
    project.write(main='talk "New."\n')
    project.run(only_plan=True, output="plan.json")
    change_by_hand(project, "By hand")
    before = (project.folder / STATE).read_bytes()
    project.requests()
    done = project.run(plan_file="plan.json")
    assert done.code == 1
    assert "plan.json is stale: main: name changed since" in done.err
    assert {method for method, _ in project.requests()} == ASKS_ONLY
    assert (project.folder / STATE).read_bytes() == before


def test_a_plan_of_every_kind_of_change_is_applied(at_vonage: Project) -> None:
    tables = application("main") + application("gone", name="Gone", numbers="")
    at_vonage.write(tables, main=FLOW, gone=FLOW)
    at_vonage.run()
    tables = application("main", numbers='"+31 30 123 4567"') + application("new", name="New")
    at_vonage.write(tables, main='talk "Other."\n', new=FLOW)
    at_vonage.run(only_plan=True, output="plan.json", replaced=("main",))
    done = at_vonage.run(plan_file="plan.json")
    assert done.code == 0, done.err
    assert set(at_vonage.state.applications) == {"main", "new"}
    assert set(at_vonage.applications) == {each.id for each in at_vonage.state.applications.values()}
    assert "nothing to do" in at_vonage.run().out


def test_the_world_may_move_while_the_user_thinks(project: Project) -> None:
    project.run()
    project.write(application(name="New name"))

    def interfere(step: str) -> None:
        if step.startswith("before update"):
            change_by_hand(project, "By hand")

    done = project.run(checkpoint=interfere)
    assert done.code == 1
    assert "was changed by somebody else just now; it is left as it is" in done.err
    assert settings_at(project, project.state.applications["main"].id).name == "By hand"
    assert project.run().code == 0


def test_versions_are_kept_and_put_back(project: Project) -> None:
    project.run()
    project.write(application(name="Bicycle shop"), main='talk "New."\n')
    project.run()
    history = project.command("deploy", "--history")
    newest, oldest = history.out.splitlines()
    assert newest.endswith("← deployed now")
    done = project.run(rollback="")
    assert done.code == 0
    main = project.state.applications["main"]
    assert b"Goodbye" in (project.folder / "public" / main.document).read_bytes()
    settings = settings_at(project, main.id)
    assert (settings.name, settings.answer_url) == ("Shop", main.settings.answer_url)
    again = project.command("deploy", "--history").out.splitlines()[0]
    assert again.split()[0] == oldest.split()[0]
    assert again.endswith(f"  main  (the same as that of {oldest.split()[1]})  ← deployed now")
    back = project.run(rollback=newest.split()[0])
    assert '+ talk "New."' in back.out
    assert "nothing to do" in project.run().out
    versions = json.loads(project.command("deploy", "--history", "--json").out)
    assert [each["is_current"] for each in versions] == [True, False, True, False]
    assert oldest.split()[0] == versions[-1]["hash"][:12]
    unknown = project.run(rollback="0000000")
    assert unknown.code == 2
    assert "ncco deploy --history shows them" in unknown.err


def test_where_nothing_was_deployed_every_way_to_look_back_says_so(at_vonage: Project) -> None:
    at_vonage.write(application("main") + application("other", name="Other", numbers=""), main=FLOW, other=FLOW)
    for arguments, code in ((("--drift",), 0), (("--history",), 0), (("--rollback", "--yes"), 2)):
        shown = at_vonage.command("deploy", *arguments)
        assert shown.code == code
        assert "nothing was deployed with this profile" in shown.out + shown.err
    at_vonage.run("main")
    assert at_vonage.command("deploy", "other", "--drift").out == "not deployed yet: other\n"


def test_a_version_whose_document_is_lost_cannot_be_put_back(project: Project) -> None:
    project.run()
    document = project.folder / "public" / project.state.applications["main"].document
    project.write(main='talk "New."\n')
    project.run()
    document.unlink()
    done = project.run(rollback="")
    assert done.code == 2
    assert "is not in the store any more, so this version cannot be put back" in done.err


# ── Replacing, keys ────────────────────────────────────────────────────────────────────────────────────


def test_replacing_makes_a_new_one_and_deletes_the_old(project: Project) -> None:
    project.run()
    old = project.state.applications["main"]
    done = project.run(replaced=("main",))
    assert done.code == 0, done.err
    new = project.state.applications["main"]
    assert new.id != old.id
    assert new.mark != old.mark
    assert list(project.applications) == [new.id]
    assert project.number() == new.id
    if project.provider == "vonage":
        assert new.settings.public_key != old.settings.public_key
    assert project.state.leaving == {}
    assert "nothing to do" in project.run().out


def test_a_private_key_that_the_profile_names_is_used(at_vonage: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = make_key_pair()
    at_vonage.run()
    monkeypatch.setenv("SHOP_KEY", pair.private)
    at_vonage.write(application(more='private_key = "env:SHOP_KEY"'))
    done = at_vonage.run()
    assert done.code == 0
    assert "public_key" in done.out
    assert "SHA256:" in done.out
    main = at_vonage.state.applications["main"]
    assert main.key_file is None
    assert settings_at(at_vonage, main.id).public_key == pair.public
    assert "nothing to do" in at_vonage.run().out
    monkeypatch.setenv("SHOP_KEY", "nonsense")
    wrong = at_vonage.run()
    assert wrong.code == 2
    assert "env:SHOP_KEY" in wrong.err
    assert "nonsense" not in wrong.err


# ── Places and ways ──


def test_a_private_key_that_is_lost_is_noticed_and_can_be_made_anew(at_vonage: Project) -> None:
    at_vonage.run()
    (key,) = at_vonage.keys
    note = "note: .ncco/keys lacks the private key of main. A deploy does not need it"
    for arguments in (("--plan",), ("--plan", "--json"), ("--drift",)):
        assert "note" not in at_vonage.command("deploy", *arguments).err
    key.unlink()
    for arguments in (("--plan",), ("--plan", "--json"), ("--drift",), ("--yes",)):
        shown = at_vonage.command("deploy", *arguments)
        assert shown.code == 0
        assert shown.err.startswith(note), shown.err
        assert "make a new one: ncco deploy --replace main --profile test\n" in shown.err
    called = at_vonage.command("call", "+31201234568")
    assert called.code == 2
    assert f"cannot read the secret in .ncco/keys/{key.name}: there is no such file" in called.err
    assert "put it back from where it was made" in called.err
    assert "ncco deploy --replace main --profile test" in called.err
    done = at_vonage.run(replaced=("main",))
    assert done.code == 0
    assert "note" not in done.err
    # It is requested with the key.
    assert at_vonage.command("calls").code == 0


def test_a_profile_that_was_renamed_is_noticed(at_vonage: Project) -> None:
    at_vonage.run()
    text = at_vonage.settings
    (at_vonage.folder / "ncco.toml").write_text(
        text.replace("profiles.test", "profiles.prod").replace('"test"', '"prod"'), encoding="utf-8"
    )
    note = 'note: nothing was deployed with profile "prod", but "test", which ncco.toml does not have, has applications'
    plan = at_vonage.command("deploy", "--plan")
    assert plan.code == 0
    assert plan.err.startswith(note)
    # Two existing profiles are not a renamed one.
    with (at_vonage.folder / "ncco.toml").open("a", encoding="utf-8") as file:
        file.write("[profiles.test]\n")
    assert "note" not in at_vonage.command("deploy", "--plan").err
    at_vonage.write()
    assert "note" not in at_vonage.command("deploy", "--plan").err


def test_a_store_behind_fsspec_is_only_looked_into_for_drift(project: Project) -> None:
    text = (project.folder / "ncco.toml").read_text(encoding="utf-8")
    there = f"local://{project.folder}/public"
    (project.folder / "ncco.toml").write_text(text.replace('store = "public"', f'store = "{there}"'), encoding="utf-8")
    assert project.run().code == 0
    document = project.folder / "public" / project.state.applications["main"].document
    document.unlink()
    assert "nothing to do" in project.run().out
    assert project.command("deploy", "--drift").code == 1


def test_a_private_authority_is_trusted_for_the_provider_and_the_documents(tmp_path: Path) -> None:
    options = EmulatorOptions(tls=True, documents=str(tmp_path / "public"), limits=False, speed=None)
    with running(options) as emulator:
        project = Project(tmp_path, emulator, "vonage")
        project.write()
        ncco = Shell(tmp_path)
        _, err = ncco("deploy", "--yes", code=3)
        assert "no trusted authority vouches for 127.0.0.1" in err
        text = (tmp_path / "ncco.toml").read_text(encoding="utf-8")
        text = text.replace("[profiles.test.api]", f'[profiles.test.api]\nca = "{emulator.ca}"')
        (tmp_path / "ncco.toml").write_text(text, encoding="utf-8")
        out, _ = ncco("deploy", "--yes", code=0)
        assert "done: 1 created" in out
        (tmp_path / "ncco.toml").write_text(text.replace(str(emulator.ca), "gone.pem"), encoding="utf-8")
        _, err = ncco("deploy", "--yes", code=2)
        assert "api.ca of [profiles.test]: cannot read the certificates in " in err
        assert "gone.pem: there is no such file" in err


def test_documents_are_looked_at_within_the_time_outs_of_their_application(at_vonage: Project) -> None:
    at_vonage.write(
        application("main", more="answer_connect_timeout = 400\nanswer_socket_timeout = 2000")
        + application("other", name="Other", numbers="")
        + application("third", name="Third", numbers=""),
        main=FLOW,
        other=FLOW,
        third=FLOW,
    )
    made: list[dict[str, object]] = []

    def make(**how: object) -> KeptWire:
        made.append(how)
        return shared_wire()

    outside = Environment(connect=quick(lambda _: None), http_client=make, sleep=lambda _: None)
    assert captured(at_vonage.folder, lambda: run_deploy(outside)).code == 0
    assert [(how["connect"], how["read"]) for how in made] == [(0.4, 2.0), (1.0, 5.0)]


# ── Questions and usage ────────────────────────────────────────────────────────────────────────────────


def test_without_a_terminal_somebody_has_to_say_yes(project: Project) -> None:
    done = project.command("deploy")
    assert done.code == 2
    assert "say --yes" in done.err
    assert project.applications == {}
    assert not (project.folder / (STATE + ".lock")).exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--plan", "--drift"), "take one"),
        (("--json",), "--json goes with"),
        (("-o", "x.json"), "goes with --plan"),
        (("--detailed-exitcode",), "goes with it"),
        (("plan.json", "--plan"), "applied as it is"),
        (("plan.json", "--rollback"), "applied as it is"),
        (("plan.json", "--drift"), "only show"),
        (("--drift", "--replace", "main"), "only show"),
        (("--history", "--rollback"), "only show"),
        (("--history", "main"), "without KEY"),
        (("main", "--rollback", "abcd"), "whole version"),
        (("-p", "novalue"), "has no ="),
        (("plan.json",), "cannot read plan.json"),
    ],
)
def test_what_does_not_go_together_is_said(at_vonage: Project, arguments: tuple[str, ...], words: str) -> None:
    done = at_vonage.command("deploy", *arguments)
    assert done.code == 2
    assert words in done.err


def test_a_state_of_another_account_is_left_alone(at_vonage: Project) -> None:
    at_vonage.run()
    path = at_vonage.folder / STATE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"account": "', '"account": "other.'), encoding="utf-8")
    before = path.read_bytes()
    done = at_vonage.run()
    assert done.code == 3
    assert "is the state of vonage account other." in done.err
    path.write_text(text.replace('"profile": "test"', '"profile": "live"'), encoding="utf-8")
    assert 'is the state of profile "live"' in at_vonage.run().err
    assert at_vonage.run().code == 3
    assert before != path.read_bytes()


def answer(project: Project, typed: bytes, *arguments: str) -> tuple[int, str]:
    """Run it on a terminal and type an answer to its question; return its exit code and its output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*NCCO, *arguments],
        cwd=project.folder,
        env=environment({"NO_COLOR": "1"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
    ) as process:
        os.close(theirs)
        shown = bytearray()
        asked = False
        while True:
            while asked and typed == b"\x03" and not select.select([ours], [], [], 1.0)[0]:
                # A signal between the question and the read of its answer is only seen at the next one, as for a user.
                os.write(ours, typed)
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
            if not asked and b"[y/N]" in shown:
                asked = True
                os.write(ours, typed)
        code = process.wait(LONGEST)
    os.close(ours)
    return code, shown.decode("utf-8")


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        (b"y\n", 0, "done: 1 created"),
        (b"n\n", 1, "nothing was changed"),
        (b"maybe\nYES\n", 0, '\r\nncco: "maybe" is no answer; type y or n\r\n'),
        (b"\n", 1, "nothing was changed"),
        (b"\x04", 1, "\r\nnothing was changed"),
        (b"\x03", 130, "stopped; nothing was changed"),
    ],
)
def test_at_a_terminal_it_asks(at_vonage: Project, typed: bytes, code: int, words: str) -> None:
    ended, shown = answer(at_vonage, typed, "deploy")
    assert ended == code, shown
    assert "1 to create" in shown
    assert words in shown
    assert len(at_vonage.applications) == (code == 0)
    assert not (at_vonage.folder / (STATE + ".lock")).exists()
    # A folder without content is removed.
    assert (at_vonage.folder / ".ncco").exists() == (code == 0)


def test_how_a_kept_plan_is_applied_is_said_last(at_vonage: Project) -> None:
    ended, shown = answer(at_vonage, b"", "deploy", "--plan", "-o", "plan.json")
    assert ended == 0
    assert shown.endswith("1 to create\r\nwrote the plan; apply it with: ncco deploy plan.json\r\n")


def test_the_whole_way_as_a_person_goes_it(project: Project) -> None:
    ncco = Shell(project.folder)
    out, err = ncco("deploy", "--yes", code=0)
    assert "done: 1 created" in out
    assert "main: creating the application" in err
    project.write(main='talk "Hello."\ntalk "See you."\n')
    out, _ = ncco("deploy", "--plan", "-o", "plan.json", "--detailed-exitcode", code=4, env={"FORCE_COLOR": "1"})
    assert '\x1b[32m+ talk "See you."\x1b[0m' in out
    ncco("deploy", "plan.json", "--yes", code=0)
    out, _ = ncco("deploy", code=0)
    assert "nothing to do" in out
    out, _ = ncco("deploy", "--rollback", "--yes", code=0)
    assert '+ talk "Goodbye."' in out
    out, _ = ncco("deploy", "--drift", code=0)
    out, _ = ncco("destroy", "--yes", "--keys", code=0)
    assert "done: 1 deleted, 2 documents removed" in out
    assert project.applications == {}
    assert project.keys == []


# ── destroy ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_profile_for_kpns_emulator_on_the_page_works(tmp_path: Path) -> None:
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    start = page.index("[profiles.local-kpn]")
    ncco = Shell(tmp_path)
    with running(EmulatorOptions(provider="kpn", documents=str(tmp_path / "out/documents"), speed=50)) as emulator:
        text = page[start : page.index("```", start)].replace("http://127.0.0.1:4581", emulator.address)
        ncco.write("ncco.toml", text)
        ncco.write("main.flow", FLOW)
        ncco("deploy", "--yes", "--profile", "local-kpn", code=0)
        ncco("call", "+31201234568", "--profile", "local-kpn", code=0)
        ncco("destroy", "--yes", "--profile", "local-kpn", code=0)


def test_destroying_removes_what_was_made_and_nothing_else(project: Project) -> None:
    project.run()
    project.write(main='talk "Another."\n')
    project.run()
    stranger = project.folder / "public" / "index.html"
    stranger.write_text("mine", encoding="utf-8")
    theirs = project.folder / "public" / project.state.applications["main"].mark / "theirs.json"
    theirs.write_text("mine", encoding="utf-8")
    (ours,) = project.applications
    # An application that was made by hand.
    (project.folder / STATE).rename(project.folder / "kept")
    project.run()
    (other,) = set(project.applications) - {ours}
    strangers_key = project.state.applications["main"].key_file
    (project.folder / "kept").rename(project.folder / STATE)
    asked = project.command("destroy")
    assert asked.code == 2
    assert "- main: delete the application" in asked.out
    done = project.command("destroy", "--yes")
    assert done.code == 0, done.err
    assert list(project.applications) == [other]
    assert project.number() == other
    assert stranger.exists()
    assert theirs.exists()
    assert not (project.folder / STATE).exists()
    assert "nothing to do" in project.command("destroy", "--yes").out
    if project.provider == "vonage":
        # The key of the other application stays, and ours is set aside.
        assert [path.name for path in project.keys] == [strangers_key]
        assert len(list((project.folder / ".ncco/keys/destroyed-test").glob("*.pem"))) == 1


def test_destroying_removes_what_test_calls_left(project: Project) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other=FLOW)
    project.run()
    marks = {key: each.mark for key, each in project.state.applications.items()}
    place = project.folder / "public"
    if project.provider == "kpn":
        for mark in marks.values():
            (place / call_document_name(mark, mark)).write_text("[]", encoding="utf-8")
    left = {key: list((place / mark).glob("call-*.json")) for key, mark in marks.items()}
    assert {len(each) for each in left.values()} == {1 if project.provider == "kpn" else 0}
    mine = place / marks["main"] / "call-me.json"
    mine.write_text("mine", encoding="utf-8")
    done = project.destroy("main")
    assert done.code == 0, done.err
    assert f"{1 + len(left['main'])} document" in done.out
    assert list((place / marks["main"]).iterdir()) == [mine]
    assert all(each.exists() for each in left["other"])
    mine.unlink()
    assert project.destroy().code == 0
    assert sorted(path.name for path in place.rglob("*.json")) == []


def test_a_store_that_does_not_tell_what_lies_in_it_stops_no_destroy(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run()
    mark, listed = project.state.applications["main"].mark, Path.iterdir

    def denied(folder: Path) -> Iterator[Path]:
        if folder.name == mark:
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", denied)
    done = project.destroy()
    assert done.code == 0, done.err
    reported = "what test calls may have left there is not removed: cannot list"
    assert (reported in done.err) == (project.provider == "kpn")
    assert project.applications == {}
    assert not (project.folder / STATE).exists()


def test_keys_that_a_destroy_left_are_removed_by_another(at_vonage: Project) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    at_vonage.write(tables, main=FLOW, other=FLOW)
    at_vonage.run()
    aside = at_vonage.folder / ".ncco/keys/destroyed-test"
    names = sorted(path.name for path in at_vonage.keys)
    done = at_vonage.command("destroy", "--yes")
    assert done.out.endswith(
        "2 private keys stay in .ncco/keys/destroyed-test; ncco destroy --keys --profile test deletes them\n"
    )
    assert at_vonage.keys == []
    assert sorted(path.name for path in aside.iterdir()) == names
    # Of another profile, and of another user.
    others = [at_vonage.folder / ".ncco/keys/destroyed-live" / names[0], at_vonage.folder / ".ncco/keys/mine.pem"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("theirs", encoding="utf-8")
    assert "2 private keys stay in .ncco/keys/destroyed-test" in at_vonage.command("destroy", "--yes").out
    asked = at_vonage.command("destroy", "--keys")
    assert asked.code == 2
    assert f"2 private keys to delete from .ncco/keys: {', '.join(names)}\n" in asked.out
    assert sorted(path.name for path in aside.iterdir()) == names
    assert at_vonage.command("destroy", "main", "--keys", "--yes").out.endswith("1 private key deleted\n")
    assert [path.name for path in aside.iterdir()] == names[1:]
    assert at_vonage.command("destroy", "main", "--keys", "--yes").code == 2
    assert at_vonage.command("destroy", "--keys", "--yes").out.endswith("1 private key deleted\n")
    assert not aside.exists()
    assert all(path.exists() for path in others)
    assert (
        at_vonage.command("destroy", "--keys", "--yes").out == "nothing to do: nothing is deployed with this profile\n"
    )


def test_destroying_one_application_leaves_the_others(project: Project) -> None:
    tables = application("main") + application("other", name="Other", numbers="")
    project.write(tables, main=FLOW, other=FLOW)
    project.run()
    other = project.state.applications["other"]
    done = project.command("destroy", "main", "--yes", "--keys")
    assert done.code == 0, done.err
    assert list(project.applications) == [other.id]
    assert project.number() is None
    assert set(project.state.documents) == {other.document}
    assert (project.folder / "public" / other.document).exists()
    if project.provider == "vonage":
        assert [path.name for path in project.keys] == [other.key_file]
    wrong = project.command("destroy", "main", "--yes")
    assert wrong.code == 2
    assert '"main" is not deployed' in wrong.err


def test_a_plan_that_is_kept_nowhere_shows_no_mark_that_will_not_be(at_vonage: Project) -> None:
    shown = at_vonage.run(only_plan=True)
    assert "/documents/(new)/" in shown.out
    kept = at_vonage.run(only_plan=True, output="plan.json")
    assert "(new)" not in kept.out
    assert kept.err.endswith("ncco deploy plan.json\n")


def test_a_plan_goes_to_standard_output(at_vonage: Project) -> None:
    done = at_vonage.run(only_plan=True, output="-")
    assert [change["kind"] for change in json.loads(done.out)["changes"]] == ["create"]
    assert not (at_vonage.folder / "-").exists()


# ── Values from the environment ──────────────────────────────────────────────────────────────────────


def test_a_plan_shows_no_value_from_the_environment(at_vonage: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the current value nor an earlier one; what is applied has it."""
    project, reported = at_vonage, ""
    more = 'params = { code = "env:NCCO_TEST_CODE" }'
    flow = 'param code: text\ntalk "Code {code | spell}."\ntalk "Hello."\nstream "https://a.test/{code}?k={code}"\n'
    project.write(application(more=more), main=flow)

    def run(**wish: Any) -> str:
        nonlocal reported
        done = project.run(**wish)
        assert done.code == 0, done.err
        reported += done.out + done.err
        return done.out

    monkeypatch.setenv("NCCO_TEST_CODE", "Qx7 Zkw9")
    assert '+ stream "https://a.test/‹code›"' in run()
    document = (project.folder / project.store / project.state.applications["main"].document).read_text()
    assert "Q x 7" in document
    assert "https://a.test/Qx7%20Zkw9?k=Qx7%20Zkw9" in document
    monkeypatch.setenv("NCCO_TEST_CODE", "Vj3 Hy5b")
    assert "only what is not shown changes" in run(only_plan=True)
    project.write(application(more=more), main=flow.replace("Hello", "Goodbye"))
    # If a statement has a value, the text of another version there may have been one.
    assert '- talk "‹code›"\n      + talk "Goodbye."\n' in run(only_plan=True)
    run(only_plan=True, as_json=True)
    plan = str(project.folder / "plan.json")
    run(only_plan=True, output=plan)
    assert "Vj3%20Hy5b" in Path(plan).read_text()
    assert '+ talk "Goodbye."\n' in run(plan_file=plan)
    assert "are not shown" in run(only_plan=True, rollback="")
    # The flow no longer reads it, but the previous document still has it.
    project.write(application(), main='talk "Hello."\n')
    text = settings(project.provider, project.emulator.address, application(), project.store)
    (project.folder / "ncco.toml").write_text(text.replace("[profiles.test.api]", f"{more}\n[profiles.test.api]"))
    run(only_plan=True)
    assert not [word for word in ("Qx7", "Zkw9", "Vj3", "Hy5b", "Q x", "V j") if word in reported]
