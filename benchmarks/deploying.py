"""Measure plan and no-op apply of many flows: requests and seconds, compared with the vendor's client.

The provider is our emulator, over TLS because the vendor's client requires it, without rate limits. Both sides know the
applications' ids. The script with the vendor's client reads the finished NCCOs, hashes them, lists the account's
applications a hundred at a time, and compares every answer URL with the expected one. Ours also compiles flows.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import rounded, table
from ncco_lang.api.emulated import API_KEY, API_SECRET
from ncco_lang.api.provider import Provider
from ncco_lang.api.vonage import VonageClient
from ncco_lang.deploy.deploy_run import Environment, carry_out, plan_for, running
from ncco_lang.deploy.documents import CompiledFlows, compile_applications
from ncco_lang.deploy.profile_paths import ProfilePaths
from ncco_lang.deploy.reading import read_for
from ncco_lang.deploy.wanted import wanted_now
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import Running
from ncco_lang.emulator.server import running as emulating
from ncco_lang.net.http_client import HttpClient
from ncco_lang.project.targets import Target, read_target
from ncco_lang.tokens.keys import make_key_pair
from ncco_lang.workspace.projects import Projects, profile_of

FULL = (1, 100, 1_000)
QUICK = (1, 20)
PAGE = 100
"""The number of applications on a page, the most that the provider allows."""
_LONGEST = 600.0
_ROUNDS, _ROUNDS_OF_MANY = 5, 3

_BY_HAND = """
import hashlib, json, sys
from pathlib import Path
from vonage import Auth, HttpClientOptions, Vonage
from vonage_application import ListApplicationsFilter

known = json.loads(Path("known.json").read_text())
client = Vonage(Auth(api_key=sys.argv[2], api_secret=sys.argv[3]), HttpClientOptions(api_host=sys.argv[1]))
there, page = {}, 1
while page is not None:
    found, page = client.application.list_applications(ListApplicationsFilter(page_size=100, page=page))
    there.update((each.id, each) for each in found)
changes = 0
for id, (document, answer_url) in known.items():
    name = hashlib.sha256(Path(document).read_bytes()).hexdigest()[:20]
    voice = there[id].capabilities.voice
    changes += voice.webhooks.answer_url.address != answer_url or name not in answer_url
print(changes)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds from start to end, and requests to the provider."""

    seconds: float
    requests: int


def report(runs: int, sizes: tuple[int, ...]) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "Deploying\n"
        f"  Whole processes against the emulator on this machine, median of {min(runs, _ROUNDS)} rounds, {min(runs, _ROUNDS_OF_MANY)} for a "
        "thousand flows; requests to the provider.\n"
        "  by hand: the vonage package lists the applications and compares; it neither compiles nor checks."
    )
    has_peer = importlib.util.find_spec("vonage") is not None
    if not has_peer:
        yield "note: vonage is not installed, so there is nothing to compare with"
    for size in sizes:
        yield _measure(size, min(runs, _ROUNDS if size < 1_000 else _ROUNDS_OF_MANY), has_peer)


def _measure(size: int, rounds: int, has_peer: bool) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _deployed(folder, size) as emulator:
            commands = {
                "ncco deploy --plan": [*_NCCO, "deploy", "--plan"],
                "ncco deploy --yes, nothing to do": [*_NCCO, "deploy", "--yes"],
            }
            if has_peer:
                host = emulator.address.removeprefix("https://")
                commands["by hand, vonage"] = [sys.executable, "-c", _BY_HAND, host, API_KEY, API_SECRET]
            measured: dict[str, list[Measured]] = {command: [] for command in commands}
            for _ in range(rounds):
                for command, line in commands.items():
                    measured[command].append(_run(line, folder, emulator))
    return _block(size, measured)


_NCCO = (sys.executable, "-m", "ncco_lang")


def _run(line: list[str], folder: Path, emulator: Running) -> Measured:
    emulator.account.requests.clear()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    done = subprocess.run(
        line,
        cwd=folder,
        env={**kept, "REQUESTS_CA_BUNDLE": str(emulator.ca), "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        encoding="utf-8",
        timeout=_LONGEST,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if done.returncode != 0 or not ("nothing to do" in done.stdout + done.stderr or done.stdout == "0\n"):
        raise RuntimeError(f"{line[1:4]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    paths = [each["path"] for each in emulator.account.requests]
    return Measured(seconds, sum(not path.startswith("/documents") for path in paths))


def _block(size: int, measured: dict[str, list[Measured]]) -> str:
    rows = []
    hand = [each.seconds for each in measured.get("by hand, vonage", ())]
    for command, each in measured.items():
        seconds = [one.seconds for one in each]
        requests = max(one.requests for one in each)
        ratio = ""
        if hand and not command.startswith("by hand"):
            ratio = rounded(median(ours / theirs for ours, theirs in zip(seconds, hand, strict=True)), "up")
        rows.append((rounded(median(seconds), "up"), ratio, str(requests), command))
    pages = -(-size // PAGE)
    goal = "met" if all(each.requests <= pages for name in measured for each in measured[name]) else "NOT MET"
    text = table(("s", "ratio to by hand", "requests", f"{size} flows" if size > 1 else "1 flow"), rows)
    return f"{text}\n  goal: no more requests than the {pages} page{'s' if pages > 1 else ''} of the list: {goal}"


# ── A project that is deployed ─────────────────────────────────────────────────────────────────────────


@contextmanager
def _deployed(folder: Path, size: int) -> Iterator[Running]:
    """Yield an emulator to which the flows of a folder are deployed."""
    options = EmulatorOptions(tls=True, limits=False, documents=str(folder / "public"))
    (folder / "public").mkdir()
    with emulating(options) as emulator:
        _write_project(folder, size, emulator)
        before = Path.cwd()
        os.chdir(folder)
        try:
            _deploy(folder)
        finally:
            os.chdir(before)
        yield emulator


def _write_project(folder: Path, size: int, emulator: Running) -> None:
    # One key pair for all: making a thousand would take a minute and is not measured.
    (folder / "key.pem").write_text(make_key_pair().private, encoding="ascii")
    (folder / "key.pem").chmod(0o600)
    lines = [
        'profile = "bench"',
        "[profiles.bench]",
        'provider = "vonage"',
        f'api = {{ emulator = "{emulator.address}", ca = "{emulator.ca}" }}',
        f'documents = {{ store = "public", url = "{emulator.address}/documents" }}',
    ]
    for number in range(size):
        lines += [
            f"[profiles.bench.applications.flow{number}]",
            f'flow = "flow{number}.flow"',
            'private_key = "file:key.pem"',
            f'event_url = "{emulator.address}/webhooks/event"',
        ]
        flow = f'talk "Line {number} of the shop is closed."\ntalk "Please call again tomorrow." language: "en-GB"\n'
        (folder / f"flow{number}.flow").write_text(flow, encoding="utf-8")
    (folder / "ncco.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _deploy(folder: Path) -> None:
    """Deploy everything once, in this process and without the provider's rate limit."""
    project = Projects().of_folder(str(folder))
    profile = profile_of(project, None)
    assert profile is not None
    target, found = read_target(profile)
    assert target is not None, found
    site = ProfilePaths(project=project, target=target)
    outside = Environment(connect=_unpaced)
    with (
        contextlib.redirect_stderr(io.StringIO()),
        running(site, changing=True, say=_quiet, environment=outside) as run,
    ):
        wanted = wanted_now(run, _compiled(site), ())
        world = read_for(run, wanted, None)
        carry_out(run, plan_for(run, wanted, world), wanted, world)
        known = {
            each.id: (f"public/{each.document}", each.settings.answer_url) for each in run.state.applications.values()
        }
    (folder / "known.json").write_text(json.dumps(known), encoding="utf-8")


@contextmanager
def _unpaced(target: Target, folder: str) -> Iterator[Provider]:
    with HttpClient(ca=target.ca) as wire:
        yield VonageClient(
            api_key=API_KEY,
            api_secret=API_SECRET,
            key_of=lambda _: "",
            address=target.address or "",
            numbers_address=target.address or "",
            http_client=wire,
            sleep=lambda _: None,
        )


def _compiled(site: ProfilePaths) -> CompiledFlows:
    return compile_applications(site.project, site.target, site.target.applications, {})


def _quiet(_: str) -> None:
    return None
