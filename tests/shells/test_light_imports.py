"""Test that each command imports only the libraries that it needs, for a short start-up time."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ncco_lang.cli.commands import COMMANDS
from ncco_lang.emulator.options import EmulatorOptions
from ncco_lang.emulator.server import running
from tests import architecture
from tests.shells.shell import LONGEST, ROOT, Shell, environment, imported
from tests.shells.test_call_commands import ANSWERS, settings

ANY = range(5)
LIBRARIES = frozenset(architecture.OWNER)
# Modules for the network or an editor, and modules of the standard library that are slow to load.
HEAVY = {"ssl", "asyncio", *(f"ncco_lang.{room}" for room in architecture.SHELLS - {"cli", "workspace"})}
CLIENT = {"click", "httpcore", "httpx", "phonenumbers"}
SIGNS = {*CLIENT, "cryptography", "jwt"}

# Arguments of Python → the libraries that it then imports.
ALONE: dict[str, set[str]] = {
    "-c 'import ncco_lang'": set(),
    "-c 'import ncco_lang; ncco_lang.compile_text'": {"lark"},
    "-m ncco_lang --help": {"click"},
    "-m ncco_lang help": {"click"},
    "-m ncco_lang version": {"click"},
    "-m ncco_lang check a.flow": {"click", "lark"},
    "-m ncco_lang check a.json": {"click"},
    "-m ncco_lang check .": {"click", "lark", "pathspec"},
    "-m ncco_lang compile a.flow": {"click", "jsonschema", "lark"},
    "-m ncco_lang fmt --check a.flow": {"click", "lark"},
    "-m ncco_lang decompile a.json": {"click", "lark"},
    "-m ncco_lang show --ncco a.flow": {"click", "lark"},
    "-m ncco_lang graph a.flow": {"click", "lark"},
    "-m ncco_lang init shop": {"click"},
    "-m ncco_lang explain F401": {"click", "lark"},
    "-m ncco_lang schema": {"click"},
    "-m ncco_lang completion bash": {"click"},
    "-m ncco_lang lsp": {"click", "lark", "lsprotocol", "pygls"},
    "-m ncco_lang test a.flow": {"click", "lark"},
    "-m ncco_lang play a.flow": {"click", "lark"},
    "-m ncco_lang serve a.flow --host 0.0.0.0": {"click"},
    "-m ncco_lang emulate --documents a.flow": {"click", "starlette", "uvicorn"},
}
# Arguments of `ncco` in a project whose provider is an emulator → the libraries that it then imports.
DEPLOYED: dict[str, set[str]] = {
    "deploy --plan": {*CLIENT, "jsonschema", "lark"},
    "deploy --yes": {*CLIENT, "cryptography", "jsonschema", "lark"},
    "apps": CLIENT,
    "calls": SIGNS,
    f"call '{ANSWERS}'": SIGNS,
    "recording ADDRESS/v1/files/00000000-0000-0000-0000-000000000000 -o message.mp3": SIGNS,
    "destroy --yes": CLIENT,
}


@pytest.mark.parametrize("run", ALONE)
def test_imports(run: str, tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_text('talk "Hello."\ntest "greeting" {\n    call\n    hear "Hello."\n}\n')
    (tmp_path / "a.json").write_text('[{"action": "talk", "text": "Hello."}]')
    loaded = imported(tmp_path, *shlex.split(run), codes=ANY)
    assert "ncco_lang" in loaded
    assert loaded & LIBRARIES == ALONE[run]
    # `play` may ask a server.
    if "play" not in run and not ALONE[run] - {"click", "jsonschema", "pathspec"}:
        assert loaded & HEAVY == set()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, str]]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "public").mkdir()
    with running(EmulatorOptions(documents=str(folder / "public"), speed=50)) as emulator:
        shell = Shell(folder)
        shell.write("ncco.toml", settings("vonage", emulator.address))
        shell.write("main.flow", 'param company: text\ntalk "Hello from {company}."\n')
        yield shell, emulator.address


@pytest.mark.parametrize("run", DEPLOYED)
def test_imports_of_what_is_deployed(run: str, project: tuple[Shell, str]) -> None:
    shell, address = project
    arguments = shlex.split(run.replace("ADDRESS", address))
    assert imported(shell.folder, "-m", "ncco_lang", *arguments, codes=ANY) & LIBRARIES == DEPLOYED[run]


def test_every_command_is_run() -> None:
    assert {word for run in [*ALONE, *DEPLOYED] for word in run.split()} >= set(COMMANDS)


@pytest.mark.parametrize("library", ["click", "jsonschema"])
def test_a_broken_installation_is_reported(library: str, tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_text('talk "Hello."\n')
    code = (
        f"import sys; sys.modules[{library!r}] = None; from ncco_lang.cli.main import main; main(['compile', 'a.flow'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT)}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"library of ncco-lang does not load: import of {library}" in done.stderr
    assert "pip install --force-reinstall ncco-lang" in done.stderr
