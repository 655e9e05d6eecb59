"""Test `ncco call`, `calls`, `apps` and `recording` with an emulator."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.api.types import Endpoint
from ncco_lang.cli.call_endpoints import read_callee
from ncco_lang.cli.console import Refused
from ncco_lang.deploy.fingerprint import CALL_DOCUMENT
from ncco_lang.emulator.faults import Fault
from ncco_lang.emulator.options import API_KEY, API_SECRET, EmulatorOptions
from ncco_lang.emulator.server import Running, running
from tests.shells.shell import LONGEST, Shell, environment, forks, in_shell, limited, run

ANSWERS = "+31 20 123 4500"
BUSY = "+31201234591"
INVALID = "+31201234581"
RINGS = "+31201234590"
STAYS = "+31201234599"
NOBODY = "00000000-0000-0000-0000-000000000000"
NUMBERS = 'numbers = ["+31 20 123 4567"]\n'
FLOW = """\
param company: text = "Nobody"
talk "Hello from {company}."
"""
OTHER = """\
param desk: text = "nobody"
talk "This is {desk}."
"""


class Account:
    """An emulator, and a project that is deployed to it."""

    def __init__(self, provider: str, emulator: Running, ncco: Shell) -> None:
        self.provider = provider
        self.emulator = emulator
        self.ncco = ncco

    def fresh(self) -> Account:
        self.emulator.account.faults.clear()
        self.emulator.account.requests.clear()
        return self

    def requests(self) -> list[dict[str, Any]]:
        return list(self.emulator.account.requests)

    def calls(self) -> list[Any]:
        return list(self.emulator.account.calls.values())

    def last(self) -> Any:
        return self.calls()[-1]


def settings(provider: str, address: str, *, is_sandbox: bool = False) -> str:
    """Return an `ncco.toml`. KPN's sandbox has no numbers to link."""
    numbers = "" if is_sandbox else NUMBERS
    return f"""\
profile = "test"

[profiles.test]
provider = "{provider}"
params = {{ company = "Pedal and Spoke" }}

[profiles.test.api]
emulator = "{address}"

[profiles.test.documents]
store = "public"
url = "{address}/documents"

[profiles.test.applications.main]
flow = "main.flow"
name = "Pedal and Spoke"
{numbers}event_url = "{address}/webhooks/event"
"""


@contextmanager
def project(provider: str, folder: Path, **more: Any) -> Iterator[Account]:
    """Yield an emulator, and a project that is deployed to it."""
    (folder / "public").mkdir()
    with running(EmulatorOptions(provider=provider, documents=str(folder / "public"), speed=10, **more)) as emulator:
        shell = Shell(folder)
        shell.write("ncco.toml", settings(provider, emulator.address, is_sandbox=emulator.account.options.sandbox))
        shell.write("main.flow", FLOW)
        shell.write("other.flow", OTHER)
        shell("deploy", "--yes", code=0)
        yield Account(provider, emulator, shell)


@pytest.fixture(scope="module")
def vonage_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with project("vonage", tmp_path_factory.mktemp("vonage")) as account:
        yield account


@pytest.fixture(scope="module")
def kpn_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with project("kpn", tmp_path_factory.mktemp("kpn")) as account:
        yield account


@pytest.fixture
def vonage(vonage_all: Account) -> Account:
    """An account at Vonage, with only the calls of earlier tests left."""
    return vonage_all.fresh()


@pytest.fixture
def real(vonage: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A copy of the project at Vonage whose profile does not say that its provider is an emulator."""
    shell = Shell(tmp_path / "copy")
    shutil.copytree(vonage.ncco.folder, shell.folder)
    text = (shell.folder / "ncco.toml").read_text(encoding="utf-8").replace("emulator = ", "address = ")
    shell.write("ncco.toml", text + '[profiles.test.credentials]\napi_key = "env:KEY"\napi_secret = "env:SECRET"\n')
    monkeypatch.setenv("KEY", API_KEY)
    monkeypatch.setenv("SECRET", API_SECRET)
    return shell


@pytest.fixture
def kpn(kpn_all: Account) -> Account:
    """An account at KPN, with only the calls of earlier tests left."""
    return kpn_all.fresh()


@pytest.fixture(params=["vonage", "kpn"])
def account(request: pytest.FixtureRequest) -> Account:
    """Each of the accounts, for tests of both providers."""
    found: Account = request.getfixturevalue(request.param)
    return found


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


# ── Calls that are placed ──────────────────────────────────────────────────────────────────────────────


def test_an_answered_call_ends_with_its_record(account: Account) -> None:
    out, err = account.ncco("call", ANSWERS, code=0)
    reported = lines(out)
    assert err == ""
    last = reported[-1]
    assert (last["status"], last["answered"], last["ended"]) == ("completed", True, True)
    assert (last["duration"], last["price"], last["currency"]) == (2, "0.00040000", "EUR")
    assert last["start_time"] < last["end_time"]
    assert last["to"] == {"type": "phone", "address": "31201234500"}
    assert last["from"] == {"type": "phone", "address": "31201234567"}
    assert all(line["uuid"] == last["uuid"] and line["words"] for line in reported)
    assert reported[0]["status"] == "started"
    assert not any("ended" in line for line in reported[:-1])
    fetched = [each for each in account.requests() if each["path"].startswith("/documents/")]
    # Once by us, before it rings, and once by the provider.
    assert [each["status"] for each in fetched] == [200, 200]


def test_a_call_without_an_ncco_is_not_a_success(account: Account) -> None:
    account.emulator.account.faults.put([Fault(kind="status", status=404, path="/documents/", times=0)])
    out, err = account.ncco("call", ANSWERS, code=1)
    last = lines(out)[-1]
    (url,) = {each["path"] for each in account.requests() if each["path"].startswith("/documents/")}
    why = f"{account.emulator.address}{url}: it answered 404"
    assert last["words"] == f"answered, but the call had no NCCO: {why}"
    assert (last["answered"], last["no_ncco"], last["status"]) == (True, why, "completed")
    assert err.startswith(f"ncco: warning: the call will have no NCCO: its answer URL {account.emulator.address}{url} ")
    assert "answers with 404; ncco deploy puts it right, --no-check skips" in err
    account.fresh()
    account.emulator.account.faults.put([Fault(kind="status", status=404, path="/documents/")])
    _, err = account.ncco("call", ANSWERS, "--no-check", "--no-wait", code=0)
    assert err == ""


def test_an_answer_address_of_others_is_not_asked_before_a_call(vonage: Account) -> None:
    (application,) = vonage.emulator.account.applications.values()
    webhooks = application.body["capabilities"]["voice"]["webhooks"]
    ours = webhooks["answer_url"]["address"]
    webhooks["answer_url"]["address"] = f"{vonage.emulator.address}/documents/other.json"
    try:
        vonage.ncco("call", RINGS, "--no-wait", code=0)
    finally:
        webhooks["answer_url"]["address"] = ours
    assert not [each for each in vonage.requests() if each["path"].startswith("/documents/")]
    vonage.ncco("calls", vonage.last().uuid, "--hang-up", code=0)


def test_a_machine_between_two_looks_is_reported(account: Account) -> None:
    # The emulator's states last a hundredth of a second here, and the call is read once a second.
    out, _ = account.ncco("call", "+31201234597", "--detect", "hangup", code=0)
    reported = lines(out)
    assert "machine" not in {line["status"] for line in reported}
    assert (reported[-1]["answered_by"], reported[-1]["words"]) == ("machine", "a machine answered; the call is over")


def test_a_busy_callee_is_no_answer(vonage: Account) -> None:
    out, _ = vonage.ncco("call", BUSY, "--json", code=1)
    last = lines(out)[-1]
    assert (last["status"], last["answered"]) == ("busy", False)
    assert last["words"] == "busy: the callee is on another call"
    assert last["advice"] == "try again later"


def test_a_refused_number_says_what_to_look_at(kpn: Account) -> None:
    out, _ = kpn.ncco("call", INVALID, code=1)
    assert "look at the number" in lines(out)[-1]["advice"]


def test_a_sip_address_is_rung(vonage: Account) -> None:
    out, _ = vonage.ncco("call", "sip:desk@example.com", "--from", "0031 30 123 4567", "--no-wait", "--json", code=0)
    call = vonage.emulator.account.calls[lines(out)[0]["uuid"]]
    assert call.to == {"type": "sip", "uri": "sip:desk@example.com"}
    assert call.from_["number"] == "31301234567"


def test_nobody_waits_when_told_so(account: Account) -> None:
    out, err = account.ncco("call", ANSWERS, "--no-wait", code=0)
    assert err == ""
    assert account.emulator.account.calls[out.strip()].to["number"] == "31201234500"
    assert not [each for each in account.requests() if each["method"] == "GET" and out.strip() in each["path"]]


def test_a_flow_that_is_not_deployed_is_run_inline(vonage: Account) -> None:
    vonage.ncco("call", ANSWERS, "--flow", "other.flow", "-p", "desk=the workshop", "--no-wait", code=0)
    assert vonage.last().order.ncco == [{"action": "talk", "text": "This is the workshop."}]
    assert vonage.last().order.answer is None


def test_the_params_of_the_profile_hold_for_a_flow(vonage: Account) -> None:
    vonage.ncco("call", ANSWERS, "--flow", "main.flow", "--no-wait", code=0)
    assert vonage.last().order.ncco == [{"action": "talk", "text": "Hello from Pedal and Spoke."}]


def test_where_nothing_is_inline_the_flow_is_put_where_it_can_be_fetched(kpn: Account) -> None:
    before = kpn.ncco.files()
    kpn.ncco("call", ANSWERS, "--flow", "other.flow", code=0)
    address = kpn.last().order.answer.address
    assert address.startswith(f"{kpn.emulator.address}/documents/")
    # ncco destroy finds the remaining documents by this name.
    assert CALL_DOCUMENT.fullmatch(address.partition("/documents/")[2])
    fetched = [each for each in kpn.requests() if each["path"] == address.removeprefix(kpn.emulator.address)]
    # Once by us, to see that it is there, and once by the provider.
    assert [each["status"] for each in fetched] == [200, 200]
    assert [name for name in kpn.ncco.files() if name.endswith(".json")] == [
        name for name in before if name.endswith(".json")
    ]


def test_a_flow_that_cannot_be_fetched_is_not_rung(kpn: Account, tmp_path: Path) -> None:
    elsewhere = Shell(tmp_path / "copy")
    shutil.copytree(kpn.ncco.folder, elsewhere.folder)
    text = (elsewhere.folder / "ncco.toml").read_text(encoding="utf-8")
    elsewhere.write("ncco.toml", text.replace('store = "public"', 'store = "private"'))
    _, err = elsewhere("call", ANSWERS, "--flow", "other.flow", code=3)
    assert "its public address does not give it" in err
    assert not [name for name in elsewhere.files() if "call-" in name]
    assert not [each for each in kpn.requests() if each["method"] == "POST" and each["path"].endswith("/calls")]


def test_a_flow_with_errors_is_not_rung(account: Account, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.flow"
    wrong.write_text("talk 5\n", encoding="utf-8")
    out, err = account.ncco("call", ANSWERS, "--flow", str(wrong), code=1)
    assert out == ""
    assert "error F" in err
    assert account.requests() == []
    # The message names it as it was typed.
    typed = os.path.relpath(wrong, account.ncco.folder)
    assert typed.startswith("..")
    _, err = account.ncco("call", ANSWERS, "--flow", typed, code=1)
    assert err.startswith(f"{typed}:1:")
    _, err = account.ncco("call", ANSWERS, "--flow", f"{typed}x", code=2)
    assert f"cannot read {typed}x: there is no such file" in err


def test_a_machine_is_detected_behind_its_beep(vonage: Account) -> None:
    vonage.ncco("call", "+31201234597", "--detect", "beep", "--no-wait", code=0)
    assert (vonage.last().order.beep, vonage.last().order.detection) == (True, "continue")
    vonage.ncco("call", "+31201234597", "--detect", "hangup", "--no-wait", code=0)
    assert (vonage.last().order.beep, vonage.last().order.detection) == (False, "hangup")


def test_a_network_that_hiccups_does_not_lose_the_call(vonage: Account) -> None:
    faults = [
        Fault(kind="drop", method="GET", path="/v1/calls/"),
        # A call that was just placed may not be found yet; the client itself does not retry.
        Fault(kind="status", status=404, method="GET", path="/v1/calls/", times=2),
    ]
    vonage.emulator.account.faults.put(faults)
    out, _ = vonage.ncco("call", ANSWERS, code=0)
    assert lines(out)[-1]["status"] == "completed"
    assert vonage.emulator.account.faults.left == []


def test_a_provider_that_says_no_ends_it_with_a_sentence(account: Account) -> None:
    path = "/v1/calls" if account.provider == "vonage" else "/communication/nexmo/voice/calls"
    account.emulator.account.faults.put([Fault(kind="status", status=403, method="POST", path=path)])
    out, err = account.ncco("call", ANSWERS, code=3)
    assert out == ""
    assert err.startswith("ncco: ")
    assert err.count("\n") == 1


def test_without_anybody_to_tell_there_is_no_call_and_what_to_write_is_said(vonage: Account) -> None:
    (application,) = vonage.emulator.account.applications.values()
    event, application.event = application.event, None
    try:
        _, err = vonage.ncco("call", ANSWERS, code=3)
    finally:
        application.event = event
    assert err.endswith("; write event_url into the application's settings, then: ncco deploy\n")


def test_an_application_that_is_gone_is_deployed_again(account: Account) -> None:
    ((id, stored),) = account.emulator.account.applications.items()
    del account.emulator.account.applications[id]
    try:
        _, err = account.ncco("call", ANSWERS, code=3)
    finally:
        account.emulator.account.applications[id] = stored
    assert id in err
    assert err.endswith("; ncco deploy makes it again\n")


def test_a_call_that_is_lost_sight_of_can_still_be_ended(vonage: Account) -> None:
    vonage.emulator.account.faults.put([Fault(kind="status", status=403, method="GET", path="/v1/calls/")])
    _, err = vonage.ncco("call", STAYS, code=3)
    uuid = vonage.last().uuid
    assert f"the call may go on, end it with: ncco calls {uuid} --hang-up" in err
    vonage.ncco("calls", uuid, "--hang-up", code=0)
    assert vonage.emulator.account.calls[uuid].is_over


# ── Ctrl-C ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_call_whose_output_cannot_be_written_can_still_be_ended(vonage: Account) -> None:
    for arguments in ([], ["--no-wait"]):
        done = in_shell(vonage.ncco, 'exec "$@" >/dev/full', "call", STAYS, *arguments)
        uuid = vonage.last().uuid
        assert done.returncode == 2
        assert done.stderr.startswith("ncco: the output cannot be written: ")
        assert done.stderr.endswith(f"; the call may go on, end it with: ncco calls {uuid} --hang-up\n")
        vonage.ncco("calls", uuid, "--hang-up", code=0)
    number = len(vonage.calls())
    assert in_shell(vonage.ncco, 'exec "$@" >&-', "call", ANSWERS).returncode == 2
    assert len(vonage.calls()) == number


def test_progress_that_cannot_be_written_does_not_end_a_call(real: Shell) -> None:
    code, shown = on_terminal(real, "call", BUSY, stderr="/dev/full")
    assert code == 1
    assert "status        busy" in shown


def interrupted(
    shell: Shell,
    *arguments: str,
    until: str,
    by: signal.Signals = signal.SIGINT,
    then: Callable[[], object] | None = None,
) -> tuple[str, str]:
    """Return the output if two signals are sent as soon as a line of it has this status."""
    with shell.begin(*arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        head = b""
        for line in process.stdout:
            head += line
            if json.loads(line)["status"] == until:
                process.send_signal(by)
                break
        if then is not None:
            then()
            process.send_signal(by)
        rest, err = process.stdout.read(), process.stderr.read()
        assert process.wait(LONGEST) == 128 + by, err
    return (head + rest).decode(), err.decode()


@pytest.mark.parametrize(("to", "until"), [(RINGS, "ringing"), (STAYS, "answered")])
def test_ctrl_c_hangs_up(account: Account, to: str, until: str) -> None:
    out, err = interrupted(account.ncco, "call", to, until=until)
    uuid = lines(out)[0]["uuid"]
    assert account.emulator.account.calls[uuid].is_over
    assert err.strip().endswith(f"ncco: hung up: the call {uuid}")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_the_program_hangs_up(vonage: Account, by: signal.Signals) -> None:
    _, err = interrupted(vonage.ncco, "call", STAYS, until="answered", by=by)
    assert err == f"ncco: hung up: the call {vonage.last().uuid}\n"
    assert vonage.last().is_over


def test_a_signal_that_comes_twice_still_hangs_up(vonage: Account) -> None:
    vonage.emulator.account.faults.put([Fault(kind="latency", method="PUT", path="/v1/calls", seconds=1)])
    _, err = interrupted(vonage.ncco, "call", STAYS, until="answered", then=lambda: taken_up(vonage))
    assert "hanging up as soon as the provider has answered (Ctrl-C again leaves at once)" in err
    assert err.endswith(f"ncco: hung up: the call {vonage.last().uuid}\n")
    assert vonage.last().is_over


def test_a_reader_that_goes_does_not_end_a_call(vonage: Account) -> None:
    done = in_shell(vonage.ncco, '{ "$@"; echo "code $?" >&2; } | head -n 1', "call", BUSY)
    assert ([each["status"] for each in lines(done.stdout)], done.stderr) == (["started"], "code 1\n")


def taken_up(account: Account) -> None:
    """Wait until the emulator has received the request that a fault applies to."""
    until = time.monotonic() + LONGEST
    while account.emulator.account.faults.left and time.monotonic() < until:
        time.sleep(0.01)
    assert account.emulator.account.faults.left == []


def test_ctrl_c_before_the_provider_has_answered_hangs_up_too(vonage: Account) -> None:
    vonage.emulator.account.faults.put([Fault(kind="latency", method="POST", path="/v1/calls", seconds=1)])
    with vonage.ncco.begin("call", RINGS) as process:
        taken_up(vonage)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONGEST)
    assert process.returncode == 130, err
    assert b"hanging up as soon as the provider has answered" in err
    assert f"hung up: the call {vonage.last().uuid}" in err.decode()
    assert vonage.last().is_over
    assert out == b""


def test_ctrl_c_leaves_no_part_of_a_recording(vonage: Account, tmp_path: Path) -> None:
    vonage.emulator.account.faults.put([Fault(kind="latency", path="/v1/files", seconds=5)])
    arguments = ["recording", recording_url(vonage), "-o", str(tmp_path / "a.mp3")]
    with vonage.ncco.begin(*arguments) as process:
        taken_up(vonage)
        assert len(parts(tmp_path)) == 1
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LONGEST)
    assert process.returncode == 130, err
    assert b"Traceback" not in err
    assert parts(tmp_path) == []


def test_hanging_up_that_fails_is_said(vonage: Account) -> None:
    vonage.emulator.account.faults.put([Fault(kind="status", status=403, method="PUT", path="/v1/calls")])
    out, err = interrupted(vonage.ncco, "call", RINGS, until="ringing")
    uuid = lines(out)[0]["uuid"]
    assert f"the call {uuid} could not be hung up" in err
    assert f"ncco calls {uuid} --hang-up" in err
    assert not vonage.emulator.account.calls[uuid].is_over
    vonage.ncco("calls", uuid, "--hang-up", code=0)


# ── A terminal ─────────────────────────────────────────────────────────────────────────────────────────


def on_terminal(shell: Shell, *arguments: str, stderr: str | None = None, columns: int = 80) -> tuple[int, str]:
    """Return the exit code and the output on a terminal, of both streams, unless `stderr` is a file."""
    ours, theirs = pty.openpty()
    other = theirs if stderr is None else os.open(stderr, os.O_WRONLY)
    try:
        env = environment({"COLUMNS": str(columns)})
        process = forks().start(arguments, (theirs, theirs, other), folder=shell.folder, env=env)
    finally:
        for end in {theirs, other}:
            os.close(end)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:
        # Linux reports with this that the other end is closed.
        pass
    finally:
        os.close(ours)
    return process.wait(LONGEST), shown.decode()


def test_a_terminal_has_one_line_that_changes_and_then_the_record(real: Shell) -> None:
    code, shown = on_terminal(real, "call", BUSY)
    assert code == 1
    first, *rest = shown.split("\r\n")
    assert "\r0:00  the call is being set up" in first
    assert first.rpartition("\r")[2].startswith("uuid ")
    text = "\n".join([first.rpartition("\r")[2], *rest])
    assert "status        busy: the callee is on another call" in text
    assert "what to do: try again later" in text
    assert "{" not in shown


# ── Refused before anything is asked ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("112", "is an emergency number"),
        ("+44 999", "is an emergency number"),
        ("+31 900 1234567", "is a premium-rate number"),
        ("020 123 4567", "it has no country code; write it with one, in the Netherlands +31201234567"),
        ("help", 'write it with its country code, like "+31 20 123 4567"'),
        ("sip:", "is not a number to call"),
        ("", "is not a number to call"),
        ("help", "or a SIP address"),
    ],
)
def test_what_is_not_rung(to: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_callee(to, force=False)
    assert words in str(refused.value)


def test_a_sender_is_a_number_and_no_sip_address(vonage: Account) -> None:
    _, err = vonage.ncco("call", ANSWERS, "--from", "help", code=2)
    hint = 'write it with its country code, like "+31 20 123 4567"'
    assert err == f'ncco: --from takes a number of your account, and "help" is none: {hint}\n'


def test_a_flow_is_a_file(vonage: Account) -> None:
    _, err = vonage.ncco("call", ANSWERS, "--flow", "-", stdin=b'talk "Hello."', code=2)
    assert err.startswith("ncco: a flow is read from a file, not from standard input")


def test_what_is_not_rung_is_not_asked_for_either(vonage: Account) -> None:
    out, err = vonage.ncco("call", "112", code=2)
    assert out == ""
    assert err.startswith('ncco: "112" is an emergency number')
    assert vonage.requests() == []


@pytest.mark.parametrize(
    ("to", "kind", "address"),
    [
        ("+31 20 123 4567", "phone", "31201234567"),
        ("0031 (0)20-1234567", "phone", "31201234567"),
        ("31201234567", "phone", "31201234567"),
        ("sip:desk@example.com", "sip", "sip:desk@example.com"),
        ("SIPS:desk@example.com;transport=tls", "sip", "SIPS:desk@example.com;transport=tls"),
    ],
)
def test_what_is_rung(to: str, kind: str, address: str) -> None:
    assert read_callee(to, force=False) == Endpoint(type=kind, address=address)


def test_emergency_numbers_are_rung_when_that_is_meant() -> None:
    assert read_callee("1 1 2", force=True) == Endpoint(type="phone", address="112")


def test_a_premium_rate_number_is_rung_when_that_is_meant(vonage: Account) -> None:
    vonage.ncco("call", "+31 900 1234567", "--force", "--no-wait", code=0)
    assert vonage.last().order.address == "319001234567"


def test_kpn_has_no_beep_and_no_random_number(kpn: Account, tmp_path: Path) -> None:
    _, err = kpn.ncco("call", ANSWERS, "--detect", "beep", code=2)
    assert "KPN does not wait for the beep" in err
    elsewhere = Shell(tmp_path / "copy")
    shutil.copytree(kpn.ncco.folder, elsewhere.folder)
    text = (elsewhere.folder / "ncco.toml").read_text(encoding="utf-8")
    elsewhere.write("ncco.toml", text.replace(NUMBERS, ""))
    _, err = elsewhere("call", ANSWERS, code=2)
    assert "KPN wants to know from which number: say --from" in err
    assert kpn.requests() == []


def test_without_a_number_of_its_own_a_call_comes_from_any(vonage: Account, tmp_path: Path) -> None:
    elsewhere = Shell(tmp_path / "copy")
    shutil.copytree(vonage.ncco.folder, elsewhere.folder)
    text = (elsewhere.folder / "ncco.toml").read_text(encoding="utf-8")
    elsewhere.write("ncco.toml", text.replace(NUMBERS, ""))
    elsewhere("call", ANSWERS, "--no-wait", code=0)
    assert vonage.last().order.from_["number"] in vonage.emulator.account.numbers
    elsewhere("deploy", "--yes", code=0)
    _, err = elsewhere("call", ANSWERS, code=3)
    assert "no number is linked to the application); say --from, or write numbers = […] into the application" in err
    vonage.ncco("deploy", "--yes", code=0)


@pytest.mark.parametrize("arguments", [["call", ANSWERS], ["calls"], ["recording", "https://x.nexmo.com/1", "-o", "r"]])
def test_what_is_not_deployed_yet_is_said(ncco: Shell, arguments: list[str]) -> None:
    ncco.write("ncco.toml", settings("vonage", "http://127.0.0.1:9"))
    ncco.write("main.flow", FLOW)
    _, err = ncco(*arguments, code=2)
    assert err == 'ncco: "main" of profile "test" is not deployed yet; first: ncco deploy --profile test\n'


@pytest.mark.parametrize("arguments", [["call", ANSWERS], ["calls"], ["apps"]])
def test_without_a_profile_those_there_are_are_named(ncco: Shell, arguments: list[str]) -> None:
    _, err = ncco(*arguments, code=2)
    assert "there is no ncco.toml here or above" in err
    ncco.write("ncco.toml", "[profiles.live]\n[profiles.test]\n")
    _, err = ncco(*arguments, code=2)
    assert "no profile is chosen: take --profile live or --profile test" in err
    _, err = ncco(*arguments, "--profile", "live", code=2)
    assert "does not say who the provider is" in err


def test_among_several_applications_one_is_named(ncco: Shell) -> None:
    more = '[profiles.test.applications.night]\nflow = "night.flow"\nname = "By night"\n'
    ncco.write("ncco.toml", settings("vonage", "http://127.0.0.1:9") + more)
    ncco.write("main.flow", FLOW)
    ncco.write("night.flow", FLOW)
    _, err = ncco("call", ANSWERS, code=2)
    assert 'profile "test" has several applications; say which: --app main or --app night' in err
    _, err = ncco("call", ANSWERS, "--app", "day", code=2)
    assert 'has no application "day"; it has main or night' in err
    for arguments in (["--app", "night"], ["--app", "By night"], ["--flow", "night.flow"]):
        _, err = ncco("call", ANSWERS, *arguments, code=2)
        assert '"night" of profile "test" is not deployed yet' in err


def test_values_for_what_is_deployed_are_refused(ncco: Shell) -> None:
    _, err = ncco("call", ANSWERS, "-p", "company=Us", code=2)
    assert "-p and --base-url go with --flow" in err


# ── ncco calls ─────────────────────────────────────────────────────────────────────────────────────────


def test_calls_are_listed_the_newest_first(account: Account) -> None:
    for number in (ANSWERS, BUSY):
        account.ncco("call", number, "--no-wait", code=0)
    account.emulator.settle()
    newest = [call.uuid for call in account.calls()][::-1]
    out, err = account.ncco("calls", "--limit", "1", "--json", code=0)
    assert [line["uuid"] for line in lines(out)] == newest[:1]
    out, err = account.ncco("calls", "--limit", "2", code=0, env={"TZ": "UTC"})
    head, *rows = out.splitlines()
    assert head.split() == ["UUID", "STATUS", "TO", "STARTED", "(+00:00)", "SECONDS", "EUR", "FROM", "DIRECTION"]
    assert [row.split()[0] for row in rows] == newest[:2]
    assert err == "these are the newest 2; --limit shows more\n"


def test_calls_are_filtered(vonage: Account) -> None:
    vonage.ncco("call", BUSY, "--no-wait", code=0)
    call = vonage.last()
    out, _ = vonage.ncco("calls", "--conversation", call.conversation, "--since", "1h", "--json", code=0)
    assert [line["uuid"] for line in lines(out)] == [call.uuid]
    _, err = vonage.ncco("calls", "--until", "2020-01-01", code=0)
    assert err == "no calls\n"
    asked = [each["query"] for each in vonage.requests() if each["path"] == "/v1/calls" and each["method"] == "GET"]
    assert "conversation_uuid" in str(asked[0])
    assert "date_end" in str(asked[1])


def test_a_call_is_shown(account: Account) -> None:
    out, _ = account.ncco("call", ANSWERS, code=0)
    uuid = lines(out)[-1]["uuid"]
    out, _ = account.ncco("calls", uuid, code=0)
    assert "status        completed (the call is over)\n" in out
    assert "price         EUR 0.0004 (0.012 a minute)\n" in out
    assert "to            +31201234500\n" in out
    out, _ = account.ncco("calls", uuid, "--json", code=0)
    (line,) = lines(out)
    assert (line["uuid"], line["duration"], line["raw"]["uuid"]) == (uuid, 2, uuid)
    assert (line["price"], line["rate"], line["start_time"][-1]) == ("0.00040000", "0.01200000", "Z")
    assert list(line)[-1] == "raw"
    # A call that is not found may be in another region.
    _, err = account.ncco("calls", NOBODY, code=1)
    assert err.startswith("ncco: there is no such call")
    assert "region" in err


def test_times_are_those_of_the_machine(vonage: Account) -> None:
    vonage.ncco("call", ANSWERS, code=0)
    call = vonage.last()
    there = datetime.fromtimestamp(call.leg.answered or 0.0, timezone(timedelta(hours=5, minutes=30)))
    # A time zone that needs no time zone data.
    zone = {"TZ": "XXX-05:30"}
    out, _ = vonage.ncco("calls", call.uuid, code=0, env=zone)
    assert f"started       {there:%Y-%m-%d %H:%M:%S}+05:30\n" in out
    out, _ = vonage.ncco("calls", "--limit", "1", code=0, env=zone)
    head, row = out.splitlines()
    assert "  STARTED (+05:30)  " in head
    assert f"  {there:%Y-%m-%d %H:%M}  " in row


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a/b"], "is no uuid of a call"),
        (["CON-1"], "is a conversation; its calls: ncco calls --conversation CON-1"),
        (["--hang-up"], "--hang-up wants the UUID"),
        (["1", "--status", "busy"], "are for lists"),
        (["--status", "bussy"], 'there is no status "bussy"'),
        (["--since", "yesterday"], "is no time"),
        (["--since", "999999d"], "is no time"),
        (["--limit", "0"], "--limit"),
        (["--since", "1h", "--until", "2h"], "--since is later than --until"),
    ],
)
def test_what_cannot_be_asked_about_calls(ncco: Shell, arguments: list[str], words: str) -> None:
    assert words in ncco("calls", *arguments, code=2)[1]


def test_a_call_is_hung_up_and_one_that_has_ended_is_as_well(account: Account) -> None:
    uuid = account.ncco("call", STAYS, "--no-wait", code=0)[0].strip()
    assert account.ncco("calls", uuid, "--hang-up", code=0) == ("", f"hung up: the call {uuid}\n")
    assert account.ncco("calls", uuid, "--hang-up", code=0) == ("", f"the call {uuid} had ended already\n")
    assert "no such call" in account.ncco("calls", NOBODY, "--hang-up", code=1)[1]


def test_a_table_fits_the_terminal(vonage: Account) -> None:
    vonage.ncco("call", ANSWERS, code=0)
    code, shown = on_terminal(vonage.ncco, "calls", "--limit", "1")
    rows = shown.replace("\r\n", "\n").splitlines()
    assert code == 0
    assert max(map(len, rows)) <= 80
    assert rows[1].startswith(vonage.last().uuid)
    assert "+31201234500" in rows[1]
    assert "left out: SECONDS, EUR, FROM, DIRECTION; a wider terminal or --json has them" in rows
    _, shown = on_terminal(vonage.ncco, "calls", "--limit", "30", columns=160)
    assert "left out" not in shown
    _, shown = on_terminal(vonage.ncco, "apps", columns=50)
    assert shown.endswith("left out: KEY, ANSWER URL; a wider terminal or --json has them\r\n")


# ── ncco apps ──────────────────────────────────────────────────────────────────────────────────────────


def test_applications_are_listed_and_shown_without_secrets(account: Account) -> None:
    (id,) = account.emulator.account.applications
    out, _ = account.ncco("apps", code=0)
    _, row = out.splitlines()
    assert row.startswith(f"{id}  Pedal and Spoke  main  ")
    assert f"{account.emulator.address}/documents/" in row
    out, _ = account.ncco("apps", "--json", code=0)
    assert [(line["id"], line["name"], line["deployed_as"]) for line in lines(out)] == [(id, "Pedal and Spoke", "main")]
    for wanted in (id, "main", "Pedal and Spoke"):
        out, err = account.ncco("apps", wanted, code=0)
        assert json.loads(out)["id"] == id
        assert "PRIVATE KEY" not in out
        assert err == 'deployed with profile "test" as "main"\n'
    assert len(account.ncco("apps", id, "--json", code=0)[0].splitlines()) == 1
    for wanted in ("nobody", NOBODY):
        _, err = account.ncco("apps", wanted, code=1)
        assert err == f'ncco: there is no application "{wanted}"; ncco apps lists them\n'


def test_applications_are_filtered(account: Account, tmp_path: Path) -> None:
    world = account.emulator.account
    (id,) = world.applications
    # Another project in the same account.
    other = Shell(tmp_path)
    text = settings(account.provider, account.emulator.address, is_sandbox=True)
    text = text.replace('store = "public"', f'store = "{account.ncco.folder}/public"')
    other.write("ncco.toml", text.replace("Pedal and Spoke", "The Bakery"))
    other.write("main.flow", FLOW)
    other("deploy", "--yes", code=0)
    try:
        assert len(account.ncco("apps", "--json", code=0)[0].splitlines()) == 2
        for arguments in (["--ours"], ["--name", "pedal*"], ["--ours", "--name", "*SPOKE"]):
            out, _ = account.ncco("apps", "--json", *arguments, code=0)
            assert [line["id"] for line in lines(out)] == [id], arguments
        assert account.ncco("apps", "--ours", "--name", "*Bakery", code=0) == ("", "no such applications\n")
        assert "are for lists" in account.ncco("apps", id, "--ours", code=2)[1]
        stored = world.applications.pop(id)
        _, err = account.ncco("apps", "--ours", code=0)
        assert err.startswith(f"ncco: {id} (main) is not there any more; ncco deploy makes it again\n")
        world.applications[id] = stored
    finally:
        other("destroy", "--yes", code=0)


def test_names_from_outside_cannot_steer_a_terminal(vonage: Account) -> None:
    (stored,) = vonage.emulator.account.applications.values()
    before = stored.body["name"]
    stored.body["name"] = "evil\x1b[2J\u202e"
    try:
        for arguments in (["apps"], ["apps", "--json"], ["apps", "main"], ["apps", "main", "--json"]):
            out, _ = vonage.ncco(*arguments, code=0)
            assert "evil" in out
            assert all(sign.isprintable() for sign in out.replace("\n", "")), arguments
    finally:
        stored.body["name"] = before


def test_where_nothing_can_be_listed_those_of_the_project_are(tmp_path: Path) -> None:
    with project("kpn", tmp_path, sandbox=True) as account:
        out, err = account.ncco("apps", "--json", code=0)
        assert [line["deployed_as"] for line in lines(out)] == ["main"]
        assert err == "ncco: this account cannot list its applications; these are the ones of this profile\n"
        _, err = account.ncco("apps", "nobody", code=1)
        assert err.endswith('ncco: there is no application "nobody"; ncco apps lists them\n')


# ── ncco recording ─────────────────────────────────────────────────────────────────────────────────────


def recording_url(account: Account) -> str:
    return f"{account.emulator.address}/v1/files/aaaaaaaa-bbbb-cccc-dddd-0123456789ab"


def parts(folder: Path) -> list[str]:
    """Return the files of a folder, with hidden ones."""
    return sorted(path.name for path in folder.iterdir())


def test_a_recording_is_fetched_whole(vonage: Account, tmp_path: Path) -> None:
    target = tmp_path / "message.mp3"
    out, err = vonage.ncco("recording", recording_url(vonage), "-o", str(target), code=0)
    data = target.read_bytes()
    assert out == ""
    assert err.startswith(f"wrote {target} ({len(data)} bytes, audio/")
    assert len(data) > 100
    target.write_bytes(b"mine")
    _, err = vonage.ncco("recording", recording_url(vonage), "-o", str(target), code=2)
    assert err == f"ncco: {target} is there already; --force writes over it\n"
    assert target.read_bytes() == b"mine"
    vonage.ncco("recording", recording_url(vonage), "-o", str(target), "--force", code=0)
    assert target.read_bytes() == data
    assert parts(tmp_path) == ["message.mp3"]


def test_a_recording_goes_to_standard_output(vonage: Account) -> None:
    done = run(["recording", recording_url(vonage), "-o", "-"], vonage.ncco.folder, {})
    assert done.returncode == 0, done.stderr
    assert f"wrote standard output ({len(done.stdout)} bytes" in done.stderr.decode()
    code, shown = on_terminal(vonage.ncco, "recording", recording_url(vonage), "-o", "-")
    assert code == 2
    assert "a recording is nothing for a terminal" in shown


def test_a_recording_that_is_cut_leaves_nothing(vonage: Account, tmp_path: Path) -> None:
    vonage.emulator.account.faults.put([Fault(kind="drop", path="/v1/files", when="middle", times=0)])
    _, err = vonage.ncco("recording", recording_url(vonage), "-o", str(tmp_path / "a.mp3"), code=3)
    assert err.startswith("ncco: ")
    assert parts(tmp_path) == []


def test_a_full_disk_leaves_nothing(vonage: Account, tmp_path: Path) -> None:
    done = limited(vonage.ncco, 0, "recording", recording_url(vonage), "-o", str(tmp_path / "a.mp3"))
    assert done.returncode == 2, done.stderr
    assert "cannot write" in done.stderr
    assert parts(tmp_path) == []


@pytest.mark.parametrize("url", ["https://example.com/v1/files/1", "https://api.nexmo.com.example.com/v1/files/1"])
def test_no_token_goes_to_strangers(vonage: Account, tmp_path: Path, url: str) -> None:
    _, err = vonage.ncco("recording", url, "-o", str(tmp_path / "a.mp3"), code=3)
    assert "no token is sent there" in err
    assert parts(tmp_path) == []


@pytest.mark.parametrize(
    ("url", "output", "words"),
    [
        ("file:///etc/hosts", "a.mp3", "is no address"),
        ("https://api.nexmo.com/v1/files/1", "nowhere/a.mp3", "there is no such folder"),
        ("https://api.nexmo.com/v1/files/1", ".", "it is a folder"),
    ],
)
def test_what_cannot_be_fetched(vonage: Account, url: str, output: str, words: str) -> None:
    assert words in vonage.ncco("recording", url, "-o", output, code=2)[1]
    assert vonage.requests() == []
