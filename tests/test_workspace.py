"""The library's calls for files, with their settings, their profile and the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ncco_lang.workspace.errors import AlreadyThere, InputError, OutputError, SettingsError, WorkspaceError
from ncco_lang.workspace.files import make_folder, read_source, replacing, write_atomic
from ncco_lang.workspace.flows import check_file, compile_file
from ncco_lang.workspace.projects import Projects

FLOW = 'param name: text = "nobody"\ntalk "This is {name}."\nconnect phone "+44 20 7946 0151" from: "+44 20 7946 0152" event_url: "/events"\n'
SETTINGS = """\
profile = "test"
check.severity.plain-http = "error"
[profiles.test]
base_url = "http://test.example.com"
params.name = "test"
[profiles.live]
base_url = "https://live.example.com"
params.name = "env:NCCO_TEST_NAME"
"""


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "a.flow"
    path.parent.mkdir()
    path.write_text(FLOW, encoding="utf-8")
    (tmp_path / "ncco.toml").write_text(SETTINGS, encoding="utf-8")
    return path


def said(path: Path | str, **more: object) -> str:
    compiled = compile_file(path, **more)  # type: ignore[arg-type]
    assert compiled.ncco is not None, compiled.diagnostics
    return f"{compiled.ncco[0]['text']} {compiled.ncco[1]['eventUrl'][0]}"


def test_compile_file(flow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCCO_TEST_NAME", "live")
    assert said(flow, profile="live") == "This is live. https://live.example.com/events"
    assert said(str(flow), profile="live", params={"name": "me"}) == "This is me. https://live.example.com/events"
    assert said(flow, base_url="https://x.example.com/") == "This is test. https://x.example.com/events"
    # The settings made the plain http of the profile an error.
    assert compile_file(flow).ncco is None


def test_check_file(flow: Path) -> None:
    assert [finding.rule.name for finding in check_file(flow)] == ["plain-http"]
    assert check_file(flow, base_url="https://x.example.com") == []
    assert [finding.message for finding in check_file(flow, params={"nmae": 1}, base_url="https://x.example.com")] == [
        'params["nmae"]: this file has no param "nmae"'
    ]
    ncco = flow.with_suffix(".json")
    ncco.write_text('[{"action": "tlak", "text": "Hello"}]', encoding="utf-8")
    assert [finding.rule.name for finding in check_file(ncco)] == ["unknown-action"]


def test_what_cannot_be_used(flow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NCCO_TEST_NAME", raising=False)
    with pytest.raises(InputError, match="there is no such file"):
        compile_file(flow.parent / "none.flow")
    unset = compile_file(flow, profile="live")
    assert unset.ncco is None
    assert [finding.rule.name for finding in unset.diagnostics] == ["missing-param"]
    assert "NCCO_TEST_NAME" in unset.diagnostics[0].message
    with pytest.raises(SettingsError, match='there is no profile "lvie"'):
        check_file(flow, profile="lvie")
    with pytest.raises(ValueError, match="base_url"):
        compile_file(flow, base_url="example.com")
    (flow.parent / "ncco.toml").write_text("profile = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        compile_file(flow)
    assert [finding.rule.name for finding in refused.value.findings] == ["invalid-setting"]
    assert isinstance(refused.value, WorkspaceError)


def test_each_settings_file_is_read_once(flow: Path) -> None:
    projects = Projects()
    first = projects.of_file(str(flow))
    (flow.parent.parent / "ncco.toml").unlink()
    assert projects.of_folder(str(flow.parent.parent)) is first
    assert projects.of_folder(str(flow.parent)) is first
    assert Projects().of_file(str(flow)) is not first


def test_what_cannot_be_written_as_text_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OutputError, match=r"a\.json"):
        write_atomic(str(path), "\ud800")
    with pytest.raises(OutputError):
        write_atomic("a\0b", "")
    with pytest.raises(InputError):
        read_source("a\0b")
    assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ["old"]


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with replacing(str(path), over=False) as file:
        file.write(b"mine")
    with pytest.raises(AlreadyThere), replacing(str(path), over=False):
        pytest.fail("it was there before")
    other = tmp_path / "b"
    with pytest.raises(AlreadyThere), replacing(str(other), over=False):
        other.write_bytes(b"theirs")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a": b"mine", "b": b"theirs"}


def test_a_file_that_is_replaced_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.touch(0o640)
    link.symlink_to(path)
    with replacing(str(link)) as file:
        file.write(b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o640, True)


def test_what_stops_the_writing_leaves_nothing_and_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(str(tmp_path / "a")) as file:
        file.write(b"half" * (1 // 0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("has_settings", [True, False])
def test_nothing_is_written_through_a_link_that_leaves_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_settings: bool
) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    (project / "in").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").write_text("old")
    if has_settings:
        (project / "ncco.toml").touch()
    else:
        monkeypatch.chdir(project)
    (project / "file").symlink_to(outside / "kept")
    (project / "new").symlink_to(outside / "none")
    (project / "folder").symlink_to(outside)
    (project / "up").symlink_to("..")
    (project / "in/twice").symlink_to("../file")
    for way in ("file", "new", "folder/kept", "folder/none", "up/outside/kept", "in/twice"):
        with pytest.raises(OutputError, match=rf"is a link that leads out of the project, to {tmp_path}.*is meant"):
            write_atomic(str(project / way), "new")
        with pytest.raises(OutputError, match="leads out"), replacing(str(project / way)):
            pass
    with pytest.raises(OutputError, match="folder is a link that leads out"):
        make_folder(str(project / "folder/made"))
    assert {each.name for each in outside.iterdir()} == {"kept"}
    assert (outside / "kept").read_text() == "old"


def test_a_link_inside_the_project_is_written_through(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "in").mkdir(parents=True)
    (project / "ncco.toml").touch()
    (project / "in/link").symlink_to("../file")
    # Links above the project do not count.
    (tmp_path / "way").symlink_to(project)
    assert write_atomic(str(tmp_path / "way/in/link"), "new")
    assert (project / "file").read_text() == "new"
    assert (project / "in/link").is_symlink()


def test_a_file_outside_of_any_project_has_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/near").symlink_to("file")
    (tmp_path / "a/far").symlink_to("../file")
    (tmp_path / "b").symlink_to("a")
    assert write_atomic(str(tmp_path / "b/near"), "new")
    with pytest.raises(OutputError, match="leads out"):
        write_atomic(str(tmp_path / "a/far"), "new")


def test_what_the_shell_hands_over_is_written_to(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+b") as file:
        assert write_atomic(f"/dev/fd/{file.fileno()}", "new")
    assert (tmp_path / "file").read_text() == "new"
    reader, writer = os.pipe()
    try:
        assert write_atomic(f"/dev/fd/{writer}", "new")
        assert os.read(reader, 9) == b"new"
    finally:
        os.close(reader)
        os.close(writer)


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ours = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with replacing(str(pipe), over=False) as file:
            file.write(b"new")
        assert os.read(ours, 9) == b"new"
        assert write_atomic(str(pipe), "again")
        assert os.read(ours, 9) == b"again"
    finally:
        os.close(ours)
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


# ── Imports ──────────────────────────────────────────────────────────────────────────────────────────


def imported(folder: Path, path: str, name: str = "main.flow") -> list[str]:
    """Return the findings of a flow that imports a file, without those about later versions and unused names."""
    (folder / name).write_text(f'use a from "{path}"\ntalk "Hello."\n', encoding="utf-8")
    return [each.message for each in check_file(folder / name) if each.rule.code not in ("F139", "F203")]


def test_a_project_is_the_folder_of_its_settings_else_of_the_file(tmp_path: Path) -> None:
    sub = tmp_path / "sub"
    sub.mkdir()
    (tmp_path / "a.flow").write_text("let a = 1\n", encoding="utf-8")
    assert imported(sub, "../a.flow") == ['cannot import "../a.flow": it is outside the project']
    (tmp_path / "ncco.toml").write_text("edition = 2026\n", encoding="utf-8")
    assert imported(sub, "../a.flow") == []
    assert imported(sub, "../sub/main.flow") == ["this file imports itself"]


def test_links_lead_to_files_of_the_project_only(tmp_path: Path) -> None:
    root, outside = tmp_path / "in", tmp_path / "out"
    for folder in (root, outside):
        folder.mkdir()
        (folder / "a.flow").write_text("let a = 1\n", encoding="utf-8")
    (root / "link.flow").symlink_to("a.flow")
    (root / "again").symlink_to(".")
    (root / "away.flow").symlink_to(outside / "a.flow")
    (root / "gone").symlink_to(outside)
    assert imported(root, "link.flow") == imported(root, "again/again/a.flow") == []
    assert imported(root, "again/main.flow") == ["this file imports itself"]
    for path in ("away.flow", "gone/a.flow"):
        assert imported(root, path) == [f'cannot import "{path}": it is a link that leads out of the project']


@pytest.mark.skipif(os.name != "posix", reason="needs a named pipe")
def test_what_is_no_text_is_not_imported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.flow")
    (tmp_path / "folder.flow").mkdir()
    (tmp_path / "large.flow").write_bytes(b" " * (1 << 20) + b" ")
    (tmp_path / "bytes.flow").write_bytes(b"let a = 1\nlet b = \xff")
    why = {
        "pipe.flow": "it is a pipe, not a file",
        "folder.flow": "it is a folder",
        "large.flow": "it is larger than 1 MiB",
        "bytes.flow": "it is not UTF-8 (byte 0xff at line 2, byte 9); save it as UTF-8",
        f"{'x' * 300}.flow": "File name too long",
    }
    for path, words in why.items():
        (message,) = imported(tmp_path, path)
        assert message.endswith(f": {words}")
    assert imported(tmp_path, "a\\u0000.flow")[0].endswith(": its path is not valid for a file")


def test_a_flow_outside_of_its_project_imports_from_its_own_folder(tmp_path: Path) -> None:
    root, outside = tmp_path / "in", tmp_path / "out"
    for folder in (root, outside):
        folder.mkdir()
    (root / "ncco.toml").write_text("edition = 2026\n", encoding="utf-8")
    (root / "inner.flow").write_text("let a = 1\n", encoding="utf-8")
    (outside / "outer.flow").write_text("let a = 1\n", encoding="utf-8")
    (root / "main.flow").symlink_to(outside / "main.flow")
    assert imported(root, "outer.flow") == []
    assert imported(root, "inner.flow") == ['cannot import "inner.flow": there is no such file']
    assert imported(root, "../in/inner.flow") == ['cannot import "../in/inner.flow": it is outside the project']


def test_an_emulator_reaches_private_addresses(tmp_path: Path) -> None:
    path = tmp_path / "a.flow"
    path.write_text('talk "Hello."\nstream "/a.mp3"\n', encoding="utf-8")
    (tmp_path / "ncco.toml").write_text(
        """
        [profiles.here]
        base_url = "https://localhost:8080"
        [profiles.here.api]
        emulator = "http://localhost:8090"
        [profiles.tunnel]
        base_url = "https://localhost:8080"
        """,
        encoding="utf-8",
    )
    found = {
        name: [each.rule.name for each in compile_file(path, profile=name).diagnostics] for name in ("here", "tunnel")
    }
    assert found == {"here": [], "tunnel": ["unreachable-address"]}
