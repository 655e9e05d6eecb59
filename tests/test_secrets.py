"""References to secrets, read from the environment and from files; and the credentials made of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ncco_lang import __version__
from ncco_lang.api import emulated
from ncco_lang.api.types import Settings
from ncco_lang.deploy.open_provider import connected, exposed_secrets, key_of_state, read_credentials
from ncco_lang.deploy.state import Deployed, State
from ncco_lang.deploy.state_file import dump_state
from ncco_lang.project.config import parse_config
from ncco_lang.project.targets import Reference, Target, read_target
from ncco_lang.source import Source
from ncco_lang.workspace.errors import SettingsError
from ncco_lang.workspace.secrets import exposed, read_secret
from tests.emulated import emulator_of
from tests.shells.shell import as_user

SECRET = "hunter2hunter2"
VONAGE = """\
[profiles.p]
provider = "vonage"
credentials = { api_key = "env:NCCO_TEST_KEY", api_secret = "file:secrets/api" }
"""
KPN = """\
[profiles.p]
provider = "kpn"
credentials = { client_id = "env:NCCO_TEST_KEY", client_secret = "file:secrets/api" }
"""


def target_of(text: str) -> Target:
    config, found = parse_config(Source("ncco.toml", text), __version__, lambda _: True, lambda _: None)
    assert found == []
    target, lacking = read_target(config.profiles["p"], deploying=False)
    assert target is not None, lacking
    return target


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with both secrets in place."""
    monkeypatch.setenv("NCCO_TEST_KEY", "abcd1234")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/api").write_text(SECRET + "\n", encoding="utf-8")
    return tmp_path


# ── One secret ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_has_no_line_end(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCCO_TEST_SECRET", f" {SECRET}{end}")
    (tmp_path / "file").write_bytes(f" {SECRET}{end}".encode())
    for reference in (Reference("env", "NCCO_TEST_SECRET"), Reference("file", "file")):
        assert read_secret(reference, str(tmp_path)) == f" {SECRET}"


def test_where_a_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    for place in (home, project):
        place.mkdir()
        (place / "key").write_text(place.name, encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    assert read_secret(Reference("file", "key"), str(project)) == "project"
    assert read_secret(Reference("file", "~/key"), str(project)) == "home"
    assert read_secret(Reference("file", str(home / "key")), str(project)) == "home"
    with pytest.raises(
        SettingsError, match="cannot read the secret in ~nobody-of-that-name/key: there is no such file"
    ):
        read_secret(Reference("file", "~nobody-of-that-name/key"), str(project))


def test_a_pipe_is_a_file_too(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    try:
        os.write(writer, SECRET.encode())
        os.close(writer)
        assert read_secret(Reference("file", f"/dev/fd/{reader}"), str(tmp_path)) == SECRET
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (
            Reference("env", "NCCO_TEST_NONE"),
            "the environment variable NCCO_TEST_NONE is not set, and a secret is wanted",
        ),
        (Reference("env", "NCCO_TEST_EMPTY"), "the environment variable NCCO_TEST_EMPTY is empty, and a secret"),
        (Reference("env", "NCCO_TEST_BYTES"), "the environment variable NCCO_TEST_BYTES is not UTF-8"),
        (Reference("file", "none"), "cannot read the secret in none: there is no such file"),
        (Reference("file", "empty"), "the file empty is empty, and a secret is wanted from it"),
        (Reference("file", "bytes"), "cannot read the secret in bytes: it is not UTF-8"),
        (Reference("file", "."), "cannot read the secret in .: it is a folder"),
        (Reference("file", "large"), "cannot read the secret in large: it has more than 64 KiB"),
        (Reference("file", "pipe"), "cannot read the secret in pipe: it is a pipe, not a file"),
        (Reference("file", "/dev/zero"), "cannot read the secret in /dev/zero: it is a device, not a file"),
    ],
    ids=str,
)
def test_what_is_no_secret(reference: Reference, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NCCO_TEST_NONE", raising=False)
    monkeypatch.setenv("NCCO_TEST_EMPTY", " \n")
    monkeypatch.setenv("NCCO_TEST_BYTES", f"{SECRET}\udce9")
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(SECRET.encode() + b"\xe9")
    with pytest.raises(SettingsError, match=re.escape(words)) as refused:
        read_secret(reference, str(tmp_path))
    # The chained errors that a debugger would print do not hold it either.
    error: BaseException | None = refused.value
    while error is not None:
        assert SECRET not in repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@as_user
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(SECRET, encoding="utf-8")
    (tmp_path / "file").chmod(0)
    with pytest.raises(SettingsError, match="cannot read the secret in file: permission denied"):
        read_secret(Reference("file", "file"), str(tmp_path))


def test_a_file_that_everybody_can_read_is_worth_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(SECRET, encoding="utf-8")
    for mode, warns in ((0o600, False), (0o640, False), (0o644, True), (0o604, True)):
        path.chmod(mode)
        note = exposed(Reference("file", "file"), str(tmp_path))
        assert (note is not None) is warns
        assert note is None or note.startswith("the file file can be read by everybody on this machine; chmod 600")
    assert exposed(Reference("file", "none"), str(tmp_path)) is None
    assert exposed(Reference("file", "/dev/null"), str(tmp_path)) is None
    assert exposed(Reference("env", "HOME"), str(tmp_path)) is None


def test_warnings_of_a_profile(folder: Path) -> None:
    text = VONAGE + '[profiles.p.applications.a]\nflow = "a.flow"\nprivate_key = "file:secrets/api"\n'
    (folder / "secrets/api").chmod(0o600)
    assert exposed_secrets(target_of(text), str(folder)) == []
    (folder / "secrets/api").chmod(0o644)
    (note,) = exposed_secrets(target_of(text), str(folder))
    assert "secrets/api" in note


# ── Credentials ────────────────────────────────────────────────────────────────────────────────────────


def test_credentials(folder: Path) -> None:
    assert read_credentials(target_of(VONAGE), str(folder)) == {"api_key": "abcd1234", "api_secret": SECRET}
    assert read_credentials(target_of(KPN), str(folder)) == {"client_id": "abcd1234", "client_secret": SECRET}


def test_all_that_is_missing_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NCCO_TEST_KEY")
    (folder / "secrets/api").unlink()
    with pytest.raises(SettingsError) as refused, connected(target_of(VONAGE), str(folder)):
        pytest.fail("there are no credentials")
    assert str(refused.value) == (
        'credentials of profile "p": the environment variable NCCO_TEST_KEY is not set, and a secret is wanted from it '
        "(api_key); cannot read the secret in secrets/api: there is no such file (api_secret)"
    )


@pytest.mark.parametrize(
    ("text", "name", "host"),
    [
        (VONAGE, "vonage", "api.nexmo.com"),
        (KPN, "kpn", "api-prd.kpn.com"),
        (VONAGE + 'api.address = "https://test.example.com"\n', "vonage", "test.example.com"),
        (KPN + 'api.address = "https://test.example.com"\n', "kpn", "test.example.com"),
        # A region's host handles calls; the account keeps its host.
        (VONAGE + 'api.address = "https://api-eu-3.vonage.com"\n', "vonage", "api.nexmo.com"),
    ],
)
def test_a_provider_for_each_profile(text: str, name: str, host: str, folder: Path) -> None:
    with connected(target_of(text), str(folder)) as provider:
        assert provider.name == name
        assert host in provider.account
        assert SECRET not in repr(provider) + repr(vars(provider))


def test_the_emulators_credentials_need_nothing(tmp_path: Path) -> None:
    text = '[profiles.p]\nprovider = "PROVIDER"\napi.emulator = "http://127.0.0.1:1"\n'
    vonage, kpn = (target_of(text.replace("PROVIDER", name)) for name in ("vonage", "kpn"))
    assert read_credentials(vonage, str(tmp_path)) == {
        "api_key": emulated.API_KEY,
        "api_secret": emulated.API_SECRET,
    }
    assert read_credentials(kpn, str(tmp_path)) == {
        "client_id": emulated.CLIENT_ID,
        "client_secret": emulated.CLIENT_SECRET,
    }
    with connected(vonage, str(tmp_path)) as provider:
        assert "127.0.0.1:1" in provider.account


@pytest.mark.parametrize("name", ["vonage", "kpn"])
@pytest.mark.parametrize("tls", [False, True])
def test_a_profile_reaches_the_emulator(name: str, tls: bool, tmp_path: Path) -> None:
    with emulator_of(provider=name, tls=tls) as emulator:
        text = f'[profiles.p]\nprovider = "{name}"\n[profiles.p.api]\nemulator = "{emulator.address}"\n'
        if emulator.ca is not None:
            (tmp_path / "ca.pem").write_bytes(Path(emulator.ca).read_bytes())
            text += 'ca = "ca.pem"\n'
        with connected(target_of(text), str(tmp_path)) as provider:
            assert list(provider.list_applications()) == []
            # Its own numbers, so no request has gone to the provider itself.
            assert {number.msisdn for number in provider.list_numbers()} == set(emulated.NUMBERS)


# ── Private keys ─────────────────────────────────────────────────────────────────────────────────────


def deployed(mark: str, id: str, key_file: str | None = None) -> Deployed:
    document = f"{mark}/00112233445566778899.json"
    return Deployed(mark=mark, id=id, settings=Settings(), document=document, key_file=key_file)


STATE = State(
    serial=1,
    profile="p",
    provider="vonage",
    account="a",
    applications={
        "made": deployed("0123456789abcdef", "id-of-made", "made-0123456789abcdef.pem"),
        "named": deployed("1123456789abcdef", "id-of-named"),
        "adopted": deployed("2123456789abcdef", "id-of-adopted"),
    },
)


def test_the_state_knows_which_key_is_whose(folder: Path) -> None:
    text = VONAGE + '[profiles.p.applications.named]\nflow = "a.flow"\nprivate_key = "env:NCCO_TEST_KEY"\n'
    key_of = key_of_state(target_of(text), str(folder))
    with pytest.raises(SettingsError, match=r"id-of-made is not known here: \.ncco/p\.state\.json does not name it"):
        key_of("id-of-made")
    (folder / ".ncco/keys").mkdir(parents=True)
    (folder / ".ncco/p.state.json").write_text(dump_state(STATE), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"in \.ncco/keys/made-0123456789abcdef\.pem: there is no such file"):
        key_of("id-of-made")
    (folder / ".ncco/keys/made-0123456789abcdef.pem").write_text("PEM", encoding="utf-8")
    assert key_of("id-of-made") == "PEM"
    assert key_of("id-of-named") == "abcd1234"
    with pytest.raises(SettingsError, match=r"private_key in \[profiles\.p\.applications\.adopted\] says where it is"):
        key_of("id-of-adopted")
