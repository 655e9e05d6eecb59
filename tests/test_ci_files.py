"""The files for users' pipelines: valid by the systems' own schemas, and each command in them works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shells.shell import path_of_commands

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
GITHUB, GITLAB = ROOT / "docs/ci/github.yml", ROOT / "docs/ci/gitlab.yml"
DEPLOY, GUIDE = ROOT / "docs/deploy.md", ROOT / "docs/ci/README.md"
SCHEMAS = {
    "github": ("--builtin-schema", "vendor.github-workflows"),
    "gitlab": ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
# No network: a schema that is not built in cannot be fetched.
OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "PATH": "/usr/bin:/bin"}


def yaml_blocks(page: Path) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def workflows() -> list[tuple[str, str]]:
    """Return every workflow that we publish: its system, and its text."""
    found = [("github", GITHUB.read_text(encoding="utf-8")), ("gitlab", GITLAB.read_text(encoding="utf-8"))]
    return found + [("github" if "jobs:" in block else "gitlab", block) for block in yaml_blocks(DEPLOY)]


def judged(system: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "check-jsonschema", *SCHEMAS[system], file],
        env=OFFLINE,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_all_of_them_are_looked_at() -> None:
    assert [system for system, _ in workflows()] == ["github", "gitlab", "github", "gitlab"]
    assert {path.name for path in (ROOT / "docs/ci").iterdir()} == {"README.md", "github.yml", "gitlab.yml"}


@pytest.mark.parametrize("number", range(4))
def test_a_workflow_is_valid(number: int, tmp_path: Path) -> None:
    system, text = workflows()[number]
    file = tmp_path / "workflow.yml"
    file.write_text(text, encoding="utf-8")
    done = judged(system, file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("system", "text", "spoilt"), [("github", "runs-on:", "run-on:"), ("gitlab", "script:", "scripts:")]
)
def test_a_workflow_that_is_not_is_noticed(system: str, text: str, spoilt: str, tmp_path: Path) -> None:
    whole = {"github": GITHUB, "gitlab": GITLAB}[system].read_text(encoding="utf-8")
    file = tmp_path / "workflow.yml"
    file.write_text(whole.replace(f" {text}", f" {spoilt}"), encoding="utf-8")
    assert judged(system, file).returncode != 0


def commands(system: str) -> list[str]:
    """Return the `ncco` commands of a workflow of ours, in order."""
    data: Any = yaml.safe_load({"github": GITHUB, "gitlab": GITLAB}[system].read_text(encoding="utf-8"))
    if system == "github":
        lines = [step["run"] for step in data["jobs"]["flows"]["steps"] if "run" in step]
    else:
        lines = data["flows"]["script"]
    return [line for line in lines if line.startswith("ncco ")]


def run_line(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a workflow that begins with `ncco` in a folder."""
    return subprocess.run(
        shlex.split(line),
        cwd=folder,
        env={**os.environ, "PATH": path_of_commands()},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("system", ["github", "gitlab"])
@pytest.mark.parametrize("good", [True, False])
def test_its_commands_do_what_it_says(system: str, good: bool, tmp_path: Path) -> None:
    (tmp_path / "menu.flow").write_text('talk "Hello"\n' if good else 'tlak   "Hello"\n', encoding="utf-8")
    lines = commands(system)
    assert any("fmt --check" in line for line in lines)
    assert any("compile" in line for line in lines)
    codes = {}
    for line in lines:
        words, _, target = line.partition(" > ")
        done = run_line(words, tmp_path)
        codes[line] = done.returncode
        if target:
            (tmp_path / target).write_text(done.stdout, encoding="utf-8")
    stopped = [code for line, code in codes.items() if "--fail-on never" not in line]
    assert set(stopped) == {0} if good else set(stopped) == {1}
    assert all(code == 0 for line, code in codes.items() if "--fail-on never" in line)
    report = {"github": "findings.sarif", "gitlab": "gl-code-quality-report.json"}[system]
    assert ("F330" in (tmp_path / report).read_text(encoding="utf-8")) is not good
    assert (tmp_path / "out" / "menu.ncco.json").exists() is good


def settings_of_the_page(provider: str) -> str:
    """Return the settings that the deploy page shows for a provider."""
    text = DEPLOY.read_text(encoding="utf-8")
    blocks = [
        re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    ]
    (found,) = (block for block in blocks if block.startswith(f"[profiles.{provider}]"))
    return found


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_the_deploy_page_checks_with_its_own_settings(system: str, tmp_path: Path) -> None:
    (tmp_path / "ncco.toml").write_text(settings_of_the_page("live"), encoding="utf-8")
    (tmp_path / "main.flow").write_text('talk "Hello."\nrecord event_url: "/recordings"\n', encoding="utf-8")
    (text,) = (text for _, text in workflows()[2:] if _ == system)
    lines = re.findall(r"ncco check.*", text)
    assert len(lines) == {"github": 1, "gitlab": 2}[system]
    for line in lines:
        done = run_line(line, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def git(folder: Path, *arguments: str) -> str:
    # As on a runner: no user settings apply.
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return done.stdout


def keeping(system: str) -> list[str]:
    """Return what a workflow of the deploy page does after the deploy, and the line that ends it."""
    (text,) = (text for _, text in workflows()[2:] if _ == system)
    data: Any = yaml.safe_load(text)
    if system == "github":
        lines: list[str] = data["jobs"]["deploy"]["steps"][-1]["run"].splitlines()
        return lines
    script: list[str] = data["deploy"]["script"]
    return [line for line in script if not line.startswith(("pip ", "ncco check"))]


def commit(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "-m", name)


@pytest.mark.parametrize("system", ["github", "gitlab"])
@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize("deploy", ["true", "false"])
def test_the_state_is_kept_although_somebody_has_pushed_meanwhile(
    system: str, changed: bool, deploy: str, tmp_path: Path
) -> None:
    theirs, origin, runner = (tmp_path / name for name in ("theirs", "origin", "runner"))
    theirs.mkdir()
    git(theirs, "init", "--quiet", "--initial-branch", "main")
    commit(theirs, ".ncco/live.state.json", "{}")
    git(tmp_path, "clone", "--quiet", "--bare", "theirs", "origin")
    git(tmp_path, "clone", "--quiet", "--depth", "1", origin.as_uri(), "runner")
    if system == "gitlab":
        git(runner, "checkout", "--quiet", "--detach")
    commit(theirs, "main.flow", 'talk "Hello"')
    git(theirs, "push", "--quiet", str(origin), "main")
    if changed:
        (runner / ".ncco/live.state.json").write_text('{"version": 2}', encoding="utf-8")
    script = "\n".join(keeping(system)).replace("ncco deploy --profile live --yes", deploy)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=runner,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "GIT_CONFIG_NOSYSTEM": "1",
            "STATE_GOES_TO": origin.as_uri(),
            "CI_DEFAULT_BRANCH": "main",
        },
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == (1 if system == "gitlab" and deploy == "false" else 0), done.stderr
    subjects = git(origin, "log", "--format=%s", "main").splitlines()
    kept = ["State of the last deploy [skip ci]"] if changed else []
    assert subjects == [*kept, "main.flow", ".ncco/live.state.json"]


def test_reports_go_where_the_workflow_looks_for_them() -> None:
    github, gitlab = GITHUB.read_text(encoding="utf-8"), GITLAB.read_text(encoding="utf-8")
    assert "> findings.sarif" in github
    assert "sarif_file: findings.sarif" in github
    assert "> gl-code-quality-report.json" in gitlab
    assert "codequality: gl-code-quality-report.json" in gitlab
    for text in (github, gitlab):
        assert ".ncco_cache" in text


def test_the_hooks_and_their_example_are_valid(tmp_path: Path) -> None:
    (block,) = yaml_blocks(GUIDE)
    config = tmp_path / ".pre-commit-config.yaml"
    config.write_text(block, encoding="utf-8")
    for job, file in (("validate-config", config), ("validate-manifest", ROOT / ".pre-commit-hooks.yaml")):
        done = subprocess.run(
            [BIN / "pre-commit", job, file], capture_output=True, encoding="utf-8", timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["id"] for hook in yaml.safe_load(block)["repos"][0]["hooks"]} == offered == {"ncco-check", "ncco-fmt"}
