"""Test the extension for VS Code: its own tests under node, its package, and what can be checked without node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.compiler import compile_text
from tests.shells.shell import path_of_commands

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "editors/vscode"
PACKAGE: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
LOCK = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
SNIPPETS: dict[str, Any] = json.loads((FOLDER / "snippets.json").read_text(encoding="utf-8"))
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None or not (FOLDER / "node_modules/vscode-languageclient").exists(),
    reason="needs node, and the packages of editors/vscode (npm ci there installs them)",
)
TESTS = ("--test", "--test-reporter=spec", "test/find.test.js", "test/extension.test.js")


def node(*words: str | Path, **environment: str) -> str:
    """Run node in the extension's folder and check that it succeeds; return its output."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, *(str(word) for word in words)],
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def server() -> str:
    """Return the command of the real server, for the tests under node, which add `lsp`; it is forked where possible."""
    command = [str(shutil.which("ncco", path=path_of_commands()))]
    reported = subprocess.run([*command, "lsp", "--help"], capture_output=True, timeout=60, check=False)
    if reported.returncode != 0:
        pytest.skip("this ncco has no lsp")
    return json.dumps(command)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vsix")
    node("build.js", folder)
    return folder


@needs_node
def test_the_extensions_own_tests_pass_with_the_real_server(server: str) -> None:
    printed = node(*TESTS, NCCO_SERVER=server)
    assert "fail 0" in printed
    assert "skipped 0" in printed


@needs_node
def test_the_bundle_passes_the_same_tests(packed: Path, server: str) -> None:
    printed = node(*TESTS, NCCO_SERVER=server, NCCO_EXTENSION=str(packed / "extension.js"))
    assert "fail 0" in printed
    assert "skipped 0" in printed


@needs_node
def test_types_are_right() -> None:
    assert node("node_modules/typescript/bin/tsc", "--noEmit", "-p", ".") == ""


@needs_node
def test_the_package_holds_what_it_names_and_is_the_same_bytes_every_time(packed: Path, tmp_path: Path) -> None:
    name = f"{PACKAGE['name']}-{PACKAGE['version']}.vsix"
    node("build.js", tmp_path)
    assert (packed / name).read_bytes() == (tmp_path / name).read_bytes()
    with zipfile.ZipFile(packed / name) as archive:
        assert archive.testzip() is None
        files = {entry: archive.read(entry).decode("utf-8") for entry in archive.namelist()}
    shipped = json.loads(files["extension/package.json"])
    assert "devDependencies" not in shipped
    named = [shipped["main"]]
    for where in ("languages", "grammars", "snippets"):
        named += [each.get("path", each.get("configuration")) for each in shipped["contributes"][where]]
    assert {f"extension/{path.removeprefix('./')}" for path in named} < set(files)
    assert {"[Content_Types].xml", "extension.vsixmanifest", "extension/README.md"} < set(files)
    assert f'Version="{PACKAGE["version"]}"' in files["extension.vsixmanifest"]
    for bundled in ("vscode-languageclient", "vscode-jsonrpc", "semver", "minimatch"):
        assert f"\n{bundled} " in f"\n{files['extension/NOTICES.txt']}"
    assert files["extension/LICENSE.txt"] == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert str(ROOT) not in "".join(files.values())


# ── What needs no node ─────────────────────────────────────────────────────────────────────────────────


def test_the_version_is_that_of_the_compiler() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert PACKAGE["version"] == project["version"]
    assert json.loads(LOCK)["version"] == project["version"]


def test_the_lock_is_whole_and_names_no_host() -> None:
    lock = json.loads(LOCK)["packages"]
    assert lock[""]["devDependencies"] == PACKAGE["devDependencies"]
    exact = re.compile(r"\d+\.\d+\.\d+(-[\w.]+)?")
    assert all(exact.fullmatch(version) for version in PACKAGE["devDependencies"].values())
    assert all("integrity" in entry for path, entry in lock.items() if path)
    assert not any("resolved" in entry for entry in lock.values())
    assert not any(entry.get("hasInstallScript") for path, entry in lock.items() if path != "node_modules/esbuild")
    assert "ignore-scripts=true" in (FOLDER / ".npmrc").read_text(encoding="utf-8")


def test_every_command_that_is_offered_is_there() -> None:
    source = (FOLDER / "src/extension.js").read_text(encoding="utf-8")
    registered = set(re.findall(r'registerCommand\("([\w.]+)"', source))
    assert {each["command"] for each in PACKAGE["contributes"]["commands"]} == registered


def filled(body: str | list[str]) -> str:
    """Return the text of a snippet with its default values."""
    text = body if isinstance(body, str) else "\n".join(body)
    text = re.sub(r"\$\{\d+\|([^,|]*)[^}]*\}", r"\1", text)
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    return re.sub(r"\$\d+", "", text) + "\n"


@pytest.mark.parametrize("name", SNIPPETS)
def test_every_snippet_compiles(name: str) -> None:
    text = filled(SNIPPETS[name]["body"])
    if name == "A param":
        text = text.replace("= ", '= "+44 20 7946 0123"') + "connect phone name from: name\n"
    assert "$" not in text
    found = [each for each in compile_text(text).diagnostics if each.severity == "error"]
    assert [each.message for each in found] == [], text


CONFIGURATION: dict[str, Any] = json.loads((FOLDER / "language-configuration.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("line", "opens", "closes"),
    [
        ("record {", True, False),
        ("record { // so", True, False),
        ('notify "https://example.com/{" payload: {', True, False),
        ('talk "a {"', False, False),
        ("// so {", False, False),
        ("record { timeout: 2m }", False, False),
        ("}", False, True),
        ("    ] {", True, True),
    ],
)
def test_the_next_line_is_indented_behind_an_open_bracket(line: str, opens: bool, closes: bool) -> None:
    rules = CONFIGURATION["indentationRules"]
    assert bool(re.search(rules["increaseIndentPattern"], line)) == opens
    assert bool(re.search(rules["decreaseIndentPattern"], line)) == closes


@pytest.mark.parametrize("word", ["en-GB", "barge_in", "500ms", "talk"])
def test_a_word_is_taken_whole(word: str) -> None:
    found = re.search(CONFIGURATION["wordPattern"], f"x: {word} y".removeprefix("x: "))
    assert found is not None
    assert found[0] == word
