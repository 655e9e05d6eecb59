"""The installed package: the wheel works elsewhere, builds are reproducible, pins are complete."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import textwrap
import tomllib
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

import ncco_lang.api

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PYPROJECT["project"]["version"]
RELEASED = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

# Any fixed time: builds of the same tree at the same time must have the same bytes.
MOMENT = "1700000000"

# Folders of a checkout that a release does not have.
NOT_OURS = shutil.ignore_patterns(
    ".git", ".venv*", "node_modules", "syntaxes", "dist", "build", "__pycache__", ".*_cache", ".hypothesis"
)


def run(*command: str | Path, cwd: Path = ROOT, code: int = 0) -> str:
    """Run a program, check its exit code, and return its output."""
    # Python's own variables would make this checkout visible in the fresh environment.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment | {"SOURCE_DATE_EPOCH": MOMENT, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create an environment with the wheel and this environment's libraries, but without this checkout."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    # A folder named in a .pth file is searched, but .pth files inside it are not followed: so the libraries are found
    # without a network, and the editable install of this checkout is not.
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    libraries = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (site / "libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    # --ignore-installed: pip sees the libraries' folder too, and would consider ncco-lang installed.
    run(
        *(sys.executable, "-m", "pip", "--quiet", "--python", python),
        *("install", "--no-deps", "--no-index", "--no-compile", "--ignore-installed", wheel),
    )
    return folder / "bin"


def test_wheel_holds_the_tables(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packaged = {name for name in names if name.startswith("ncco_lang/_data/")}
    tables = {name for name in packaged if not name.startswith(("ncco_lang/_data/docs/", "ncco_lang/_data/samples/"))}
    assert tables == {
        f"ncco_lang/_data/{path.relative_to(ROOT).as_posix()}"
        for folder in ("grammar", "schemas")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".json", ".lark", ".flow")
    }
    assert "ncco_lang/_data/schemas/ncco.schema.json" in packaged
    # Without this file type checkers ignore every annotation (PEP 561), whatever the classifiers say.
    assert "ncco_lang/py.typed" in names
    assert f"ncco_lang-{VERSION}.dist-info/licenses/LICENSE" in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"ncco_lang", f"ncco_lang-{VERSION}.dist-info"}


def test_every_link_of_an_installed_page_leads_somewhere(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        pages = {name: archive.read(name).decode("utf-8") for name in names if name.endswith(".md")}
    assert "ncco_lang/_data/docs/language.md" in pages
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    for page, text in pages.items():
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            wanted = posixpath.normpath(f"{posixpath.dirname(page)}/{target}")
            assert wanted in names | folders, (page, target)


def test_installed_package_is_the_wheels(fresh: Path, tmp_path: Path) -> None:
    where = run(fresh / "python", "-c", "import ncco_lang; print(ncco_lang.__file__)", cwd=tmp_path).strip()
    assert Path(where).resolve().is_relative_to(fresh.parent.resolve())


def test_installed_command_says_its_version(fresh: Path, tmp_path: Path) -> None:
    assert VERSION in run(fresh / "python", "-m", "ncco_lang", "--version", cwd=tmp_path)
    assert VERSION in run(fresh / "ncco", "--version", cwd=tmp_path)


def test_installed_command_checks(fresh: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('[{"action": "talk", "text": "Hello."}]\n', encoding="utf-8")
    bad.write_text('[{"action": "tlak", "text": "Hello."}]\n', encoding="utf-8")
    run(fresh / "ncco", "check", "good.json", cwd=tmp_path)
    assert "tlak" in run(fresh / "ncco", "check", "bad.json", cwd=tmp_path, code=1)


def test_installed_command_compiles(fresh: Path, tmp_path: Path) -> None:
    (tmp_path / "hello.flow").write_text('talk "Hello from a flow file."\n', encoding="utf-8")
    printed = run(fresh / "ncco", "compile", "hello.flow", cwd=tmp_path)
    assert "Hello from a flow file." in printed


def test_installed_package_has_its_types(fresh: Path, tmp_path: Path) -> None:
    """Without the marker of PEP 561 a user's type checker takes everything for Any; then the last comment is unused."""
    lines = (ncco_lang.api.__doc__ or "").splitlines()
    example = textwrap.dedent("\n".join(line for line in lines if line.startswith("    ") or not line))
    wrong = "VonageClient(api_key=5, api_secret='', key_of=str)  # type: ignore[arg-type]\n"
    (tmp_path / "shop.py").write_text(example + wrong, encoding="utf-8")
    mypy = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache")
    assert "Success" in run(*mypy, "--python-executable", fresh / "python", "shop.py", cwd=tmp_path)


def digests(tree: Path, folder: Path) -> dict[str, str]:
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, tree)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_builds_are_reproducible(wheel: Path, tmp_path: Path) -> None:
    """Another folder, other times and another umask give the same bytes, and so does skipping the sdist."""
    copy = tmp_path / "somewhere" / "else"
    shutil.copytree(ROOT, copy, ignore=NOT_OURS, copy_function=shutil.copy)
    for path in copy.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    first = digests(ROOT, tmp_path / "first")
    second = digests(copy, tmp_path / "second")
    assert first == second
    assert sorted(first) == [f"ncco_lang-{VERSION}-py3-none-any.whl", f"ncco_lang-{VERSION}.tar.gz"]
    assert first[wheel.name] == hashlib.sha256(wheel.read_bytes()).hexdigest()

    with tarfile.open(tmp_path / "first" / f"ncco_lang-{VERSION}.tar.gz") as archive:
        members = {name.split("/", 1)[1] for name in archive.getnames()}
    for needed in ("tests/test_packaging.py", "docs/dependencies.md", "samples/demo.sh", ".ci/run"):
        assert needed in members


def test_a_release_leaves_nothing_out() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in our_files()} <= set(RELEASED)


def test_locks_were_found() -> None:
    assert {path.name for path in LOCKS} >= {"runtime.txt", "build.txt", "dev.txt", "bench.txt"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_is_pinned_hashed_and_neutral(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    requirements = text.replace("\\\n", "").splitlines()
    for line in requirements:
        if not line.startswith("#"):
            assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.!+]+ ", line), line
            assert re.search(r" --hash=sha256:[0-9a-f]{64}\b", line), line
    for alien in ("://", "--index", "--extra-index", "--find-links", "--trusted-host", " @ "):
        assert alien not in text
    assert not re.search(r"(?<!\S)/", text), "an absolute path"


def test_locked_runtime_is_the_declared_one() -> None:
    written = (ROOT / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
    extras = [line for extra in PYPROJECT["project"]["optional-dependencies"].values() for line in extra]
    wanted = [*PYPROJECT["project"]["dependencies"], *(line for line in extras if not line.startswith("ncco-lang["))]
    assert [line for line in written if not line.startswith("#")] == wanted


def test_locks_agree_on_versions() -> None:
    """`make demo`, then `make test`, must not replace what the first installed."""

    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.-]+)==([^ ;]+)", text, flags=re.MULTILINE))

    assert pins("runtime.txt").items() <= pins("build.txt").items()
    assert pins("build.txt").items() <= pins("dev.txt").items()
    assert pins("build.txt").items() <= pins("bench.txt").items()


# Written in pieces so that this file does not contain what it forbids.
HOSTS = [
    "".join(pieces)
    for pieces in (
        ("py", "pi.org"),
        ("py", "pi.python.org"),
        ("python", "hosted.org"),
        ("py", "pi.tuna"),
        ("npm", "js.org"),
        ("npm", "js.com"),
        ("conda", ".anaconda.org"),
        ("proxy.gol", "ang.org"),
        ("crat", "es.io"),
        ("rubyg", "ems.org"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:wo[r]k|ro[o]t|ho[m]e|Use[r]s)/")


def our_files() -> list[Path]:
    """Return the files that git tracks or would add; an unpacked release has no git, but a list of its own."""
    if not (ROOT / ".git").exists():
        found = [path for top in RELEASED for path in [ROOT / top, *(ROOT / top).rglob("*")]]
        return [
            path for path in found if path.is_file() and not {"__pycache__", "node_modules"}.intersection(path.parts)
        ]
    # A mounted checkout often belongs to another user, which git refuses without this option.
    listed = run(
        *("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"),
        *("--cached", "--others", "--exclude-standard"),
    )
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def aliens(text: str) -> list[str]:
    return [host for host in HOSTS if host in text.lower()] + MACHINE_PATH.findall(text)


def test_files_name_no_registry_and_no_machine() -> None:
    files = our_files()
    assert ROOT / "pyproject.toml" in files
    found = {
        path.relative_to(ROOT).as_posix(): alien
        for path in files
        if (alien := aliens(path.read_bytes().decode("utf-8", errors="replace")))
    }
    assert found == {}


def test_a_registry_or_a_machine_is_noticed() -> None:
    assert aliens("see https://" + HOSTS[0] + "/simple")
    assert aliens('"' + "/ho" + 'me/someone/calls.json"')
    assert aliens("file://" + "/ro" + "ot/wheels/")
    assert not aliens("https://example.com/home/page")
    assert not aliens("samples/home/menu.json")
