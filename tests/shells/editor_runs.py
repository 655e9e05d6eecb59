"""Helpers for tests that run real editors: the page's code blocks, a broken flow, and an empty home folder."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from tests.shells.shell import NCCO, ROOT, environment
from tests.test_docs import blocks

PAGE = ROOT / "docs/editors.md"
# The time-out for an editor that does not end by itself.
LONGEST = 100.0

FIXED_FLOW = (ROOT / "samples/pin-prompt/pin-prompt.flow").read_text(encoding="utf-8")
# A misspelt word, and lines without indentation.
BROKEN = FIXED_FLOW.replace(" premium\n", " premum\n").replace("    ", "")
SETTINGS = '[check]\njson = ["calls/*.json"]\nprovidr = "vonage"\n'
LOOKUP = """step start {
    ask code "Key in your order code." digits: 6 { give_up -> hangup }
    fetch "https://shop.example.com/orders/{code}" into: order {
        404 -> retry code
        otherwise -> hangup
    }
    talk "Your order is {order.state}."
    hangup
}
"""
JSON = '[{"action": "tlak", "text": "Hello."}]\n'


def block(language: str) -> str:
    """Return the one code block of a language on the page."""
    (found,) = blocks(PAGE.read_text(encoding="utf-8"), language)
    return found.text


class Place:
    """A folder with a project that has a broken flow, and a home folder without settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("project/menu.flow", BROKEN)
        self.write("project/orders.flow", LOOKUP)
        self.write("project/ncco.toml", SETTINGS)
        self.write("project/calls/menu.json", JSON)
        self.write("home/.keep", "")
        ncco = self.write("bin/ncco", f'#!/bin/sh\nexec {shlex.join(NCCO)} "$@"\n')
        ncco.chmod(0o755)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def flow(self) -> str:
        """Return the flow in the file."""
        return (self.folder / "project/menu.flow").read_text(encoding="utf-8")

    def run(self, *command: str | Path) -> dict[str, Any]:
        """Run an editor in the project and check that it succeeds; return the observations that it wrote."""
        seen = self.folder / "seen.json"
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder / "project",
            env=environment(self._environment() | {"NCCO_SEEN": str(seen)}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        reported: dict[str, Any] = json.loads(seen.read_text(encoding="utf-8"))
        return reported

    def _environment(self) -> dict[str, str]:
        home = self.folder / "home"
        folders = ("CONFIG_HOME", "CONFIG_DIRS", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")
        return {
            "HOME": str(home),
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]]),
            # Run this checkout's server, in any folder.
            "PYTHONPATH": str(ROOT),
            **{f"XDG_{name}": str(home / name.lower()) for name in folders},
        }
