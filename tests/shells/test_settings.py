"""Test `ncco.toml`, profiles, params and the environment with the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ncco_lang import __version__
from tests.shells.shell import LONGEST, ROOT, Shell, codes, environment

FLOW = """\
param desk: phone = "+31 20 123 4567"
param name: text = "default"
talk "This is {name}."
connect phone desk event_url: "/events"
"""
SETTINGS = """\
profile = "test"

[profiles.test]
base_url = "https://test.example.com/calls/"
[profiles.test.params]
name = "test"

[profiles.live]
base_url = "https://live.example.com"
provider = "kpn"
params.name = "live"
params.desk = "env:DESK"
"""
DESK = "+31 20 765 4321"


@pytest.fixture
def project(ncco: Shell) -> Shell:
    ncco.write("ncco.toml", SETTINGS)
    ncco.write("sub/a.flow", FLOW)
    return ncco


def compiled(ncco: Shell, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[str, str, str]:
    """Return what a caller hears, who is called, and the event URL."""
    out, _ = ncco("compile", "sub/a.flow", *arguments, code=0, env=env)
    talk, connect = json.loads(out)
    return talk["text"], connect["endpoint"][0]["number"], connect["eventUrl"][0]


# ── Profiles ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_profile_that_the_settings_name(project: Shell) -> None:
    assert compiled(project) == ("This is test.", "31201234567", "https://test.example.com/calls/events")


def test_a_profile_by_name(project: Shell) -> None:
    assert compiled(project, "--profile", "live", env={"DESK": DESK}) == (
        "This is live.",
        "31207654321",
        "https://live.example.com/events",
    )


def test_no_profile_at_all(project: Shell) -> None:
    project.write("ncco.toml", "[profiles.test]\n")
    assert compiled(project, "--base-url", "https://x.example.com")[0] == "This is default."


def test_an_address_without_a_base_url_names_the_profiles_that_have_one(project: Shell) -> None:
    project.write("ncco.toml", SETTINGS.replace('profile = "test"\n', "", 1) + "[profiles.bare]\n")
    for chosen in ((), ("--profile", "bare")):
        out, _ = project("check", "sub/a.flow", *chosen, code=1)
        assert "hint: take --profile test or --profile live; or give --base-url, or write the whole address" in out
    project.write("ncco.toml", "[profiles.bare]\n")
    assert "base_url in a profile of ncco.toml" in project("check", "sub/a.flow", code=1)[0]


def test_the_command_line_stands_above_the_profile(project: Shell) -> None:
    # The environment is not even read for a param that the command line gives.
    arguments = ("--profile", "live", "-p", "desk=" + DESK, "-p", "name=a=b, c", "--base-url", "https://x.example.com")
    assert compiled(project, *arguments) == ("This is a=b, c.", "31207654321", "https://x.example.com/events")


def test_every_command_takes_them(project: Shell) -> None:
    arguments = ("--profile", "live", "-p", "desk=" + DESK)
    out, _ = project("show", "--ncco", "sub/a.flow", *arguments, code=0)
    assert json.loads(out)[0]["text"] == "This is live."
    project("check", *arguments, code=0)
    _, err = project("check", "-p", "dsk=1", "sub/a.flow", code=1)
    assert err == ""


def test_a_profile_has_a_provider(project: Shell) -> None:
    project.write("a.json", '[{"action": "talk", "text": "a"}, {"action": "wait"}]\n')
    assert codes(project("check", "a.json", code=0)[0]) == []
    assert codes(project("check", "--profile", "live", "a.json", code=0)[0]) == [("a.json", "F701")]
    assert codes(project("check", "--profile", "live", "--provider", "vonage", "a.json", code=0)[0]) == []


@pytest.mark.parametrize(
    ("settings", "name", "words"),
    [
        (SETTINGS, "lvie", 'there is no profile "lvie" in ncco.toml; did you mean "live"? there are "test" and "live"'),
        (SETTINGS, "zzz", 'there is no profile "zzz" in ncco.toml; there are "test" and "live"'),
        ("[profiles.a]\n", "zzz", 'there is no profile "zzz" in ncco.toml; there is "a"'),
        ("", "live", 'there is no profile "live" in ncco.toml; begin one with [profiles.live]'),
        (None, "live", 'there is no profile "live", because no ncco.toml was found'),
    ],
)
def test_a_profile_that_does_not_exist(ncco: Shell, settings: str | None, name: str, words: str) -> None:
    if settings is not None:
        ncco.write("ncco.toml", settings)
    ncco.write("sub/a.flow", FLOW)
    ncco.write("a.ncco.json", "[]")
    for command in (("compile", "sub/a.flow"), ("check", "sub/a.flow"), ("check", "a.ncco.json"), ("check",)):
        assert ncco(*command, "--profile", name, code=2) == ("", f"ncco: {words}\n")


# ── The environment ──────────────────────────────────────────────────────────────────────────────────


def test_a_variable_that_is_not_set(project: Shell) -> None:
    _, err = project("compile", "sub/a.flow", "--profile", "live", "-o", "a.json", code=1)
    assert 'error F206 missing-param: desk has no value: the environment variable "DESK" is not set\n' in err
    assert 'set DESK, which profile "live" in ncco.toml (ncco.toml:12:1) names' in err
    assert not (project.folder / "a.json").exists()
    project.write("ncco.toml", '[profiles.x.params]\na = "text"\nb = ["env:B", { c = "env:C" }]\n')
    _, err = project("check", "--profile", "x", code=2)
    assert err == (
        'ncco: profile "x" wants variables that are not set in the environment: '
        "B (ncco.toml:3, b), C (ncco.toml:3, b)\n"
    )


def test_a_secret_need_not_be_set_where_its_flow_is_compiled(project: Shell) -> None:
    project.write("ncco.toml", '[profiles.live.params]\ntoken = "env:CRM_TOKEN"\n')
    project.write(
        "a.flow",
        'param token: secret\nfetch "https://example.com/a" headers: { "X": token } { otherwise -> hangup }\ntalk "Hi."\n',
    )
    out, _ = project("check", "a.flow", code=1)
    assert "--profile live gives it a value; so does -p token=env:NAME" in out
    for env in ({}, {"CRM_TOKEN": "hunter2"}):
        project("check", "a.flow", "--profile", "live", code=0, env=env)
        project("compile", "a.flow", "--profile", "live", "-o", "out", code=0, env=env)
        bundle = (project.folder / "out/bundle.json").read_text(encoding="utf-8")
        assert '["secret","CRM_TOKEN"]' in bundle
        assert "hunter2" not in bundle
    project("compile", "a.flow", "-p", "token=env:OTHER", "-o", "out", code=0)
    assert '["secret","OTHER"]' in (project.folder / "out/bundle.json").read_text(encoding="utf-8")
    for output in project("check", "a.flow", "-p", "token=hunter2", code=1):
        assert "hunter2" not in output


def test_json_does_not_need_the_environment(project: Shell) -> None:
    project.write("a.json", '[{"action": "talk", "text": "a"}]')
    project("check", "--profile", "live", "a.json", code=0)


def test_a_value_from_the_environment_is_never_shown(project: Shell) -> None:
    for command in ("check", "compile"):
        done = project(command, "sub/a.flow", "--profile", "live", code=1, env={"DESK": "hunter2"})
        assert 'profile "live" in ncco.toml' in "".join(done)
        assert "ncco.toml:12" in "".join(done)
        assert "hunter2" not in "".join(done)


def test_a_variable_that_is_no_text(project: Shell) -> None:
    _, err = project("compile", "sub/a.flow", "--profile", "live", code=2, env={"DESK": "caf\udce9"})
    assert err == "ncco: the environment variable DESK is not UTF-8\n"


# ── Params on the command line ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("name",), '-p takes NAME=VALUE, and "name" has no ='),
        (("",), '-p takes NAME=VALUE, and "" has no ='),
        (("Name=x",), '-p: "Name" is not a name for a param; it is made of small letters, digits and _'),
        (("=secret",), '-p: "" is not a name for a param'),
        (("name=a", "name=secret"), "-p name is given twice"),
        (("name=caf\udce9",), "-p name: the value is not UTF-8"),
    ],
)
def test_params_of_the_wrong_shape(project: Shell, words: tuple[str, ...], message: str) -> None:
    given = [argument for word in words for argument in ("-p", word)]
    for command in ("check", "compile"):
        out, err = project(command, "sub/a.flow", *given, code=2)
        assert out == ""
        assert message in err
        assert "secret" not in err


def test_a_param_that_the_flow_does_not_have(project: Shell) -> None:
    _, err = project("compile", "sub/a.flow", "-p", "nmae=x", code=1)
    assert '-p nmae: this file has no param "nmae"' in err
    assert 'did you mean "name"?' in err


def test_one_run_gives_several_flows_what_each_has(project: Shell) -> None:
    project.write("sub/b.flow", 'param greeting: text\ntalk "{greeting}"\n')
    # `b` does not have the desk, and the environment is not read for it there either.
    given = ("--profile", "live", "-p", "greeting=Hi", "-p", "desk=" + DESK)
    assert project("check", ".", *given, code=0)[0].endswith(" in 2 files\n")
    project("compile", "sub", "-o", "out", *given, code=0)
    assert json.loads((project.folder / "out/b.ncco.json").read_text(encoding="utf-8"))[0]["text"] == "Hi"
    assert DESK.replace(" ", "")[1:] in (project.folder / "out/a.ncco.json").read_text(encoding="utf-8")
    for command in (("check", "."), ("compile", "sub", "-o", "out")):
        reported = "".join(project(*command, *given, "-p", "greetin=Hi", code=1))
        assert codes(reported).count(("sub/a.flow", "F208")) == codes(reported).count(("sub/b.flow", "F208")) == 1


def test_an_empty_value_is_a_value(project: Shell) -> None:
    assert compiled(project, "-p", "name=")[0] == "This is ."


# ── What is wrong in the file ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("profile = 1\n", "1:1", "profile takes a text, not a number"),
        ('profile = "lvie"\n[profiles.live]\n', "1:1", 'did you mean "live"?'),
        ('profile = "live"\n', "1:1", "begin one with [profiles.live]"),
        ("profiles = 1\n", "1:1", "profiles takes an object"),
        ("[profiles]\nlive = 1\n", "2:1", "profiles.live takes an object"),
        ('[profiles."live eu"]\n', "1:2", '"live eu" is not a name for a profile'),
        ('profile = "lvie"\n[profiles.live]\n', "1:1", 'hint: did you mean "live"?\n'),
        ('[profile.live]\nprovider = "kpn"\n', "1:2", "did you mean [profiles.live]?"),
        ("[profiles.live]\nparms = {}\n", "2:1", 'did you mean "params"?'),
        ('[profiles.live]\nprovider = "kpm"\n', "2:1", '"vonage" or "kpn"'),
        ('[profiles.live]\nbase_url = "example.com"\n', "2:1", 'hint: write "https://example.com"'),
        ('[profiles.live]\nbase_url = "https://example.com/?a"\n', "2:1", "write an http or https address"),
        ('[profiles.live.params]\nDesk = "x"\n', "2:1", '"Desk" is not a name for a param'),
        ('[profiles.live]\nparams = { "a-b" = "x" }\n', "2:12", '"a-b" is not a name for a param'),
        ("[profiles.live.params]\na = 1979-05-27\n", "2:1", "a param cannot be a date or a time"),
        ("[profiles.live.params]\na = { b = [1, { c = 07:32:00 }] }\n", "2:17", "a param cannot be a date or a time"),
        ("[profiles.live.params]\na = inf\n", "2:1", "a param cannot be infinite, nor nan"),
        ("[profiles.live.params]\na = 0xffffffffffffffff\n", "2:1", "a whole number has at most 64 bits"),
        ('[profiles.live.params]\na = "env:"\n', "2:1", 'the name of an environment variable follows "env:"'),
        (f"[profiles.live.params]\na = {'[' * 200}{']' * 200}\n", "2:1", "the value nests more than 100 deep"),
        ('[check]\njson = ["""\n[profiles.x]\nprovidr = 1"""]\nprovidr = 1\n', "5:1", 'no setting "providr"'),
        ('[check]\njson = ["[z-a].json"]\n', "2:1", "the range z-a runs backwards"),
        ('[check]\njson = ["a", "b\\\\"]\n', "2:1", "check.json.1 cannot be"),
        ("edition = 2027\nnew_setting = 1\n", "1:1", f"ncco {__version__} does not know the edition 2027"),
        ("edition = 1.5\n", "1:1", "edition takes a whole number, not 1.5"),
        ('requires = ">=99"\nnew_setting = 1\n', "1:1", f"needs ncco >=99, and this is {__version__}"),
        ('requires = "99"\n', "1:1", 'write a lowest version, like ">=0.1"'),
    ],
)
def test_findings_in_the_file(ncco: Shell, text: str, place: str, words: str) -> None:
    ncco.write("ncco.toml", text)
    ncco.write("a.flow", 'talk "Hello"\n')
    # With a newer version none of it is valid; only commands that use a profile need to know which one is meant.
    is_lost = text.startswith(("edition = 2027", 'requires = ">=99"'))
    is_choice = text.startswith(("profile", "[profile."))
    for command, makes in (
        (("check", "a.flow"), False),
        (("compile", "a.flow"), True),
        (("show", "--ncco", "a.flow"), True),
    ):
        out, err = ncco(*command, code=2)
        assert err.startswith(f"ncco.toml:{place}: error F801 invalid-setting: ")
        assert err.count("error F801") == 1
        assert words in err
        if is_lost:
            assert out == ""
            assert err.endswith("ncco: ncco.toml is not usable; nothing was done\n")
        elif makes and is_choice:
            assert out == ""
            assert err.endswith(
                "ncco: ncco.toml: the choice of a profile is wrong, so nothing was done; correct it first\n"
            )
        else:
            assert "Hello" in out or out == "no findings in 1 file\n"
            assert err.endswith("ncco: ncco.toml: one setting is wrong and left out; the others hold\n")


def test_a_misspelt_key_costs_that_key_alone(project: Shell) -> None:
    project.write("ncco.toml", '[check]\nprovidr = "kpn"\nfail_on = "error"\n[check.severity]\nF999 = "off"\n')
    with (project.folder / "ncco.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.replace('profile = "test"\n', ""))
    out, err = project("compile", "sub/a.flow", "--profile", "test", code=2)
    assert (json.loads(out)[0]["text"], err.count("error F801")) == ("This is test.", 2)
    assert "ncco: ncco.toml: 2 settings are wrong and left out; the others hold\n" in err


def test_an_invalid_pattern_costs_that_pattern_alone(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[check]\njson = ["[z-a]", "!", "calls/*.json"]\n')
    ncco.write(".gitignore", "[z-a]\n!\ncalls/b.json\n")
    for name in ("a", "b"):
        ncco.write(f"calls/{name}.json", '[{"action": "talk", "text": "Hello",}]')
    out, err = ncco("check", ".", code=2)
    assert (out.count("error F102"), "calls/a.json" in out) == (1, True)
    assert err.count("error F801") == 2


def test_a_misspelt_key_of_a_profile_stops_what_is_made_with_it(ncco: Shell) -> None:
    ncco.write("a.flow", 'param desk: text\ntalk "{desk}"\n')
    ncco.write(
        "ncco.toml",
        '[profiles.live]\nbase_urll = "x"\nparams = { desk = "Hello" }\n[profiles.test.params]\ndesk = "Hi"\n',
    )
    out, _ = ncco("check", "a.flow", "--profile", "live", code=2)
    assert out == "no findings in 1 file\n"
    assert ncco("compile", "a.flow", "--profile", "live", code=2)[0] == ""
    assert "Hi" in ncco("compile", "a.flow", "--profile", "test", code=2)[0]


# ── The deploying half ───────────────────────────────────────────────────────────────────────────────

DEPLOYING = """\
[profiles.live]
provider = "vonage"
base_url = "https://live.example.com"
credentials = { api_key = "env:NCCO_TEST_UNSET", api_secret = "file:none" }
documents = { store = "s3://bucket", url = "https://static.example.com" }
api.ca = "none.pem"

[profiles.live.applications.main]
flow = "none.flow"
numbers = ["+31 20 123 4567"]
params.nobody = "x"
"""


def test_who_compiles_needs_nothing_of_what_a_deploy_needs(ncco: Shell) -> None:
    ncco.write("ncco.toml", DEPLOYING)
    ncco.write("sub/a.flow", FLOW)
    ncco("check", "sub", "--profile", "live", code=0)
    assert compiled(ncco, "--profile", "live")[2] == "https://live.example.com/events"


def test_who_compiles_loads_nothing_of_what_a_deploy_needs(ncco: Shell) -> None:
    ncco.write("ncco.toml", DEPLOYING)
    ncco.write("a.flow", 'talk "Hello"\n')
    heavy = ("httpx", "cryptography", "jwt", "fsspec", "phonenumbers", "ncco_lang.project.targets", "ncco_lang.deploy")
    code = (
        "import sys; from ncco_lang.cli.main import _run; "
        f"code = _run(['check', 'a.flow', '--profile', 'live']); sys.exit(code or str({heavy!r} & sys.modules.keys()))"
    ).replace(f"{heavy!r}", f"set({heavy!r})")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ncco.folder,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("no findings in 1 file\n", "set()\n")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_a_secret_in_the_file_is_not_printed(ncco: Shell, form: str) -> None:
    ncco.write("ncco.toml", DEPLOYING.replace("file:none", "hunter2"))
    ncco.write("a.flow", FLOW)
    out, err = ncco("check", "a.flow", "--format", form, code=2)
    assert "hunter2" not in out + err
    assert "profiles.live.credentials.api_secret names the place of a secret, not the secret itself" in err
    # The reference beside it is hidden only if it is not a valid reference.
    assert "  4 | credentials = " in err


def test_the_first_of_two_projects_is_written_when_the_second_is_unusable(ncco: Shell) -> None:
    """An unusable project counts like a flow with errors, or one that cannot be read."""
    ncco.write("one/a.flow", 'talk "Hello"\n')
    ncco.write("two/b.flow", FLOW)
    ncco.write("two/ncco.toml", "profile = 1\n")
    _, err = ncco("compile", ".", "-o", "out", code=2)
    assert err.endswith("\n1 file could not be read or written, 1 written\n")
    assert [path.name for path in (ncco.folder / "out").rglob("*.json")] == ["a.ncco.json"]


def test_a_link_that_goes_round_in_a_circle(ncco: Shell) -> None:
    (ncco.folder / "b").symlink_to("b")
    _, err = ncco("check", "b/x.flow", code=2)
    assert err.startswith("ncco: cannot read b/x.flow: ")


# ── What has their name and is no file ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to("gone/ncco.toml"), "it is a link that leads nowhere"),
        (lambda path: path.symlink_to("ncco.toml"), ""),
        (lambda path: path.mkdir(), "it is a folder"),
        (os.mkfifo, "it is a pipe, not a file"),
    ],
    ids=["dangling", "loop", "folder", "pipe"],
)
@pytest.mark.parametrize("where", [".", ".."], ids=["here", "above"])
def test_settings_that_are_no_file_are_not_passed_over(
    ncco: Shell, make: Callable[[Path], object], reason: str, where: str
) -> None:
    top, ncco.folder = ncco.folder, ncco.folder / "in"
    path = ncco.write("a.flow", 'talk "Hello."\n').parent / where / "ncco.toml"
    an_hour_ago = time.time() - 3600
    for file in (ncco.folder, ncco.folder / "a.flow"):
        os.utime(file, (an_hour_ago, an_hour_ago))
    # A run without findings is cached, and must not answer for the next one.
    assert ncco("check", code=0)[0] == "no findings in 1 file\n"
    make(path)
    shown = "ncco.toml" if where == "." else str(top / "ncco.toml")
    for arguments in (("check",), ("check", "a.flow"), ("compile", "a.flow")):
        out, err = ncco(*arguments, code=2)
        assert (out, f"ncco: cannot read {shown}: {reason}" in err) == ("", True)


def test_settings_that_are_a_link_to_a_file_hold(ncco: Shell) -> None:
    ncco.write("sub/a.flow", FLOW)
    ncco.write("kept/settings.toml", SETTINGS)
    (ncco.folder / "ncco.toml").symlink_to("kept/settings.toml")
    assert compiled(ncco)[0] == "This is test."


def test_a_param_without_a_value_names_the_profiles_that_have_one(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[profiles.live]\nparams = { desk = "+31 20 123 4567" }\n[profiles.test]\n')
    ncco.write("a.flow", 'param desk: phone\nparam other: text\ntalk "{desk} {other}"\n')
    out, _ = ncco("check", "a.flow", code=1)
    assert "hint: --profile live gives it a value; so does -p desk=…\n" in out
    assert "hint: -p other=…, a profile in ncco.toml" in out


def test_the_names_in_a_hidden_table_are_shown(ncco: Shell) -> None:
    ncco.write("ncco.toml", '[profiles.live]\ncredentials = { api_kye = "env:KEY", api_secret = "opensesame" }\n')
    ncco.write("a.flow", 'talk "Hello."\n')
    _, err = ncco("check", "a.flow", code=2)
    assert 'credentials = { api_kye = "env:KEY", api_secret = ************ }' in err
    assert "opensesame" not in err


APPLICATIONS = """\
[profiles.live]
params = { company = "Quillmark", colour = "red" }
[profiles.live.applications.front]
flow = "mian.flow"
[profiles.live.applications.back]
flow = "main.flow"
params = { compny = "Quillmark" }
"""


def test_check_compares_the_applications_with_their_flows(ncco: Shell) -> None:
    ncco.write("ncco.toml", APPLICATIONS)
    ncco.write("main.flow", 'param company: text = "Q"\ntalk "{company}"\n')
    out, _ = ncco("check", code=1)
    assert codes(out) == [("ncco.toml", "F801"), ("ncco.toml", "F208")]
    assert 'ncco.toml:4:1: error F801 invalid-setting: front has the flow "mian.flow", which does not exist' in out
    assert 'hint: did you mean "main.flow"?' in out
    assert 'ncco.toml:7:12: error F208 unknown-param: main.flow has no param "compny"' in out
    ncco.write("mian.flow", 'talk "Hello."\n')
    assert 'warning F208 unknown-param: no flow of profile "live" has a param "colour"' in ncco("check", code=1)[0]
    # Another flow may use the profile too.
    ncco.write("other.flow", 'param colour: text\ntalk "{colour}"\n')
    assert "colour" not in ncco("check", "--profile", "live", code=1)[0]
    # A single file is checked alone.
    assert ncco("check", "main.flow", code=0)[0] == "no findings in 1 file\n"
