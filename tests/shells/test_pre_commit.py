"""Test the repository's hooks as pre-commit runs them for a user, from a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shells.shell import ROOT

PRE_COMMIT = Path(sys.executable).parent / "pre-commit"
# The sources of a package, and the hooks.
PARTS = (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE", "ncco_lang", "grammar", "schemas")
WITHOUT_NETWORK = re.compile(
    r"No matching distribution|Could not find a version|name resolution|NewConnectionError|ConnectTimeout|ReadTimeout"
)
LONGEST = 240.0
GOOD = 'talk "Hello"\n'

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


class Repository:
    """A copy of the checkout in a git repository of its own, with an environment for hooks that is made once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.config = folder / "config.yaml"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "VIRTUAL"))}
        self.environment = kept | {
            "PRE_COMMIT_HOME": str(folder / "hooks"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "PIP_RETRIES": "1",
            "PRE_COMMIT_COLOR": "never",
            "NO_COLOR": "1",
        }

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )

    def git(self, *arguments: str) -> None:
        done = self.run("git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments)
        assert done.returncode == 0, done.stdout

    def hooks(self, *arguments: str) -> tuple[int, str]:
        """Run the hooks of this repository on files of it; return the exit code and the output.

        `pre-commit try-repo` would make their environment again each time.
        """
        done = self.run(PRE_COMMIT, "run", "--config", self.config, *arguments)
        if "An unexpected error" in done.stdout and WITHOUT_NETWORK.search(done.stdout):
            pytest.skip("pip cannot install packages here, and pre-commit needs them")
        assert "An unexpected error" not in done.stdout, done.stdout
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("pre_commit"))
    made.folder.mkdir()
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, made.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, made.folder / name)
    files = {
        "good.flow": GOOD,
        "bad.flow": 'tlak "Hello"\n',
        "ugly.flow": 'talk   "Hello"\n',
        "menu.ncco.json": '[{"action": "tlak", "text": "Hello"}]\n',
        "package.json": "{}\n",
        "notes.txt": "tlak\n",
    }
    for name, text in files.items():
        (made.folder / name).write_text(text, encoding="utf-8")
    made.git("init", "--quiet")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "A copy")
    hooks = ", ".join(f"{{id: {name}}}" for name in ("ncco-check", "ncco-fmt"))
    commit = made.run("git", "rev-parse", "HEAD").stdout.strip()
    made.config.write_text(f"repos: [{{repo: {made.folder}, rev: {commit}, hooks: [{hooks}]}}]\n", encoding="utf-8")
    return made


def test_the_hooks_find_format_and_leave_other_files_alone(repository: Repository) -> None:
    code, out = repository.hooks("--files", "good.flow")
    assert code == 0, out
    assert re.search(r"^ncco check\.+Passed$", out, re.MULTILINE)
    assert re.search(r"^ncco fmt\.+Passed$", out, re.MULTILINE)

    code, out = repository.hooks("--files", "bad.flow", "menu.ncco.json", "package.json", "notes.txt", "ugly.flow")
    assert code == 1, out
    assert "bad.flow:1:1: error F330" in out
    assert "menu.ncco.json:1:13: error F301" in out
    assert "2 errors in 3 files" in out
    assert re.search(r"^ncco fmt\.+Failed$", out, re.MULTILINE)
    assert (repository.folder / "ugly.flow").read_text(encoding="utf-8") == GOOD
    assert (repository.folder / "notes.txt").read_text(encoding="utf-8") == "tlak\n"
