"""Measure the language server: start to ready, edit to diagnostics and completion, compared with Pyright driven by the
same client.

Ours edits flows, Pyright edits Python with as many lines and about as many statements per line. An edit changes one
number in the middle of the text; the time runs from sending it to having read the diagnostics of that version, including
each server's pause. Pyright is installed from benchmarks/pyright if npm is available.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from benchmarks.flows import make_flow
from benchmarks.lsp_client import Client
from benchmarks.measure import rounded, table

ROOT = Path(__file__).resolve().parent.parent
PYRIGHT = ROOT / "benchmarks" / "pyright"
FULL = (50, 500, 5_000)
QUICK = (50,)
PROJECT = 200
"""The number of files of a project."""
_LINES_OF_A_FILE = 50
_BASE = 'talk "The edited line says 1000000."\n'
_PYTHON_BASE = "edited: int = 1000000\n"


@dataclass(frozen=True, slots=True)
class Server:
    """A server, the names of its files, and the line that is edited."""

    name: str
    command: tuple[str, ...]
    suffix: str
    language: str
    edited: str


OURS = Server("ncco lsp", (sys.executable, "-m", "ncco_lang", "lsp"), ".flow", "ncco-flow", _BASE)


def report(edits: int, sizes: tuple[int, ...]) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "The language server\n"
        f"  {edits} edits and completions a line; milliseconds from sending to having read the answer, pauses included.\n"
        "  ratio: OUR time ÷ Pyright's, lower is better."
    )
    servers = [OURS]
    pyright = _pyright()
    if pyright is None:
        yield "note: Pyright cannot be installed here (npm and node are needed), so there is nothing to compare with"
    else:
        servers.append(pyright)
    for size in sizes:
        yield _block(f"{size:,} lines", servers, [_measure(server, size, 1, edits) for server in servers], size)
    yield _block(
        f"a project of {PROJECT} files",
        servers,
        [_measure(server, _LINES_OF_A_FILE, PROJECT, edits) for server in servers],
        None,
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds: from start to the first diagnostics, of each edit, and of each completion."""

    ready: float
    edits: tuple[float, ...]
    completions: tuple[float, ...]


def _measure(server: Server, lines: int, files: int, edits: int) -> Measured:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        text = _text(server, lines)
        for number in range(files):
            (folder / f"file{number}{server.suffix}").write_text(text, encoding="utf-8")
        begun = time.perf_counter()
        client = Client(server.command, folder, _environment())
        try:
            return _session(client, server, folder / f"file0{server.suffix}", text, begun, edits)
        finally:
            client.close()


def _session(client: Client, server: Server, path: Path, text: str, begun: float, edits: int) -> Measured:
    uri = path.as_uri()
    client.request("initialize", _initialize(path.parent))
    client.notify("initialized", {})
    document = {"uri": uri, "languageId": server.language, "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})
    ready = client.diagnostics(uri, 1).at - begun
    line = text[: text.index(server.edited)].count("\n")
    at = server.edited.index("1000000")
    took, completed = [], []
    for number in range(edits):
        change = {
            "range": {"start": {"line": line, "character": at}, "end": {"line": line, "character": at + 7}},
            "text": str(1_000_001 + number),
        }
        sent = time.perf_counter()
        client.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": number + 2}, "contentChanges": [change]},
        )
        took.append(client.diagnostics(uri, number + 2).at - sent)
        asked = time.perf_counter()
        where = {"textDocument": {"uri": uri}, "position": {"line": line + 1, "character": 0}}
        completed.append(client.request("textDocument/completion", where).at - asked)
    return Measured(ready, tuple(took), tuple(completed))


def _initialize(folder: Path) -> dict[str, Any]:
    return {
        "processId": os.getpid(),
        "rootUri": folder.as_uri(),
        "workspaceFolders": [{"uri": folder.as_uri(), "name": "project"}],
        "capabilities": {
            "textDocument": {
                "synchronization": {},
                "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
                "completion": {"completionItem": {"snippetSupport": True}},
            },
            "workspace": {"configuration": True, "workspaceFolders": True},
        },
    }


# ── Texts ──────────────────────────────────────────────────────────────────────────────────────────────


def _text(server: Server, lines: int) -> str:
    if server is OURS:
        flow = make_flow(lines - 1).flow
        half = flow.index("\ntalk ", len(flow) // 2) + 1
        return flow[:half] + _BASE + flow[half:]
    return _python(lines)


def _python(lines: int) -> str:
    """Return typed Python: functions that call each other, with texts and numbers as a flow has them."""
    text = ["from dataclasses import dataclass", "", "@dataclass", "class Call:", "    to: str", "    seconds: int", ""]
    number = 0
    while len(text) < lines - 1:
        if len(text) >= lines // 2 and _PYTHON_BASE.strip() not in text:
            text.append(_PYTHON_BASE.strip())
        text += [
            f"def step{number}(call: Call, name: str = 'shop{number}') -> Call:",
            f"    words = f'Hello {{name}}, press {number} for {{call.to}}.'",
            f"    return Call(to=words, seconds=call.seconds + {number})",
            "",
        ]
        number += 1
    return "\n".join(text[: lines - 1]) + "\n" + f"last = step{number - 2}(Call('a', 1))\n"


# ── Pyright ────────────────────────────────────────────────────────────────────────────────────────────


def _pyright() -> Server | None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    server = PYRIGHT / "node_modules" / "pyright" / "langserver.index.js"
    if not server.is_file():
        done = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=PYRIGHT, capture_output=True, check=False)
        if done.returncode != 0:
            return None
    command = (node, str(server), "--stdio")
    return Server("Pyright", command, ".py", "python", _PYTHON_BASE)


def _environment() -> dict[str, str]:
    left_out = ("PYTHONDONTWRITEBYTECODE",)
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "PYTHONPATH": str(ROOT)}


# ── Tables ─────────────────────────────────────────────────────────────────────────────────────────────


def _block(what: str, servers: list[Server], measured: list[Measured], size: int | None) -> str:
    peer = measured[1] if len(measured) > 1 else None
    rows = []
    for server, each in zip(servers, measured, strict=True):
        toward: Literal["up", "down"] = "up" if server is OURS else "down"
        ratio = ""
        if peer is not None and server is OURS:
            ratio = rounded(_p99(each.edits) / _p99(peer.edits), "up")
        rows.append(
            (
                rounded(each.ready * 1000, toward),
                rounded(median(each.edits) * 1000, toward),
                rounded(_p99(each.edits) * 1000, toward),
                ratio,
                rounded(median(each.completions) * 1000, toward),
                rounded(_p99(each.completions) * 1000, toward),
                server.name,
            )
        )
    heads = ("ready", "edit p50", "edit p99", "ratio", "completion p50", "completion p99", what)
    text = table(heads, rows)
    if size == FULL[-1] and peer is not None:
        ours, theirs = _p99(measured[0].edits), _p99(peer.edits)
        text += (
            f"\n  goal: p99 of an edit in {size:,} lines under Pyright's: {'met' if ours < theirs else 'NOT MET'}, "
            f"{rounded(ours * 1000, 'up')} ms and {rounded(theirs * 1000, 'down')} ms"
        )
    return text


def _p99(values: tuple[float, ...]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
