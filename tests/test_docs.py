"""The documents are true: paths exist, links lead somewhere, commands print what is shown below them.

In a fenced block marked `console`, the `$ ncco …`, `$ python -m ncco_lang …`, `$ cat …` and `$ cmp …` lines run in
order, in a copy of the repository's samples, and the output shown must be the output. A line of only `…` matches
anything; `$ echo $?` shows the exit code of the command before it. `$ cd` enters a folder, and `$ ncco emulate … &` and
`$ ncco serve … &` run until the document ends, on other ports than the reader's. Commands of other programs (`$ make`,
`$ git`, `$ pip`) do not run.

A block marked `flow` has no warnings, and one marked `toml` is valid; a name after the mark (`flow main.flow`) is the
file that the reader writes there. A block marked `python` runs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.make_reference import PAGE as REFERENCE
from docs.make_reference import render_reference
from docs.make_rules import PAGE, render_rules
from ncco_lang import Diagnostic, __version__
from ncco_lang.compiler import check_flow
from ncco_lang.project.config import parse_config
from ncco_lang.rules import RULES, find_rule, nearest_rule
from ncco_lang.source import Source
from tests.conftest import Golden
from tests.shells.shell import path_of_commands

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("samples", "schemas", "grammar")
SOURCES = ("ncco_lang", "tests", "grammar", "docs", "benchmarks")

# A program's name ends with a space or the end of the line, so that `ncco-lang` is another program.
RUNNABLE = re.compile(r"(?:ncco|cat|cmp|python -m ncco_lang)(?:\s|$)")
EXIT_CODE = "echo $?"
ANYTHING = "…"
SERVERS = {
    "ncco emulate ": ("127.0.0.1:4580", "--port 0 --speed 0"),
    "ncco serve ": ("127.0.0.1:4590", "--port 0"),
    "uvicorn ": ("127.0.0.1:4600", "--port 0"),
}
"""The commands that run until the document ends, with the address at which the settings of `ncco init` expect each, and
the options with which the tests run them: on a free port, and calls take no time, where a reader's go on for minutes."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line of a document, and the output shown below it, if any."""

    line: int
    text: str
    shown: str | None

    @property
    def runs(self) -> bool:
        return all(RUNNABLE.match(part.strip()) for part in self.text.split(" | "))


@dataclass(frozen=True, slots=True)
class File:
    """A file of a document, which the reader writes."""

    line: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what follows the language, and its numbered lines without the fence's indentation."""

    language: str
    name: str
    lines: list[tuple[int, str]]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for _, line in self.lines)


def every_block(markdown: str) -> Iterator[Block]:
    fence: re.Match[str] | None = None
    block: list[tuple[int, str]] = []
    for number, line in enumerate(markdown.splitlines(), 1):
        if fence is None:
            fence = re.match(r"(\s*)(`{3,})\s*(\S*)\s*(\S*)", line)
            block = []
        elif line.strip() == fence[2]:
            yield Block(fence[3], fence[4], block)
            fence = None
        else:
            block.append((number, line.removeprefix(fence[1])))


def blocks(markdown: str, language: str) -> Iterator[Block]:
    return (block for block in every_block(markdown) if block.language == language)


def commands(block: list[tuple[int, str]]) -> Iterator[Command]:
    """Split a block at its prompts; a backslash at a command's end continues it."""
    started: tuple[int, str] | None = None
    shown: list[str] = []
    for number, line in block:
        if started is not None and started[1].endswith("\\"):
            started = (started[0], started[1][:-1] + line.strip().removeprefix("> "))
        elif line.startswith("$ "):
            if started is not None:
                yield Command(*started, shown=tidy("\n".join(shown)) or None)
            started, shown = (number, line[2:].strip()), []
        else:
            shown.append(line)
    if started is not None:
        yield Command(*started, shown=tidy("\n".join(shown)) or None)


def tidy(text: str) -> str:
    """Drop trailing white space from every line and empty lines from the ends."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def agrees(shown: str, printed: str) -> bool:
    """Return whether the output is the one shown; `…` on a line of its own matches any lines."""
    pattern = "\n".join("(?:.*\n)*?.*" if line.strip() == ANYTHING else re.escape(line) for line in shown.split("\n"))
    return re.fullmatch(pattern, printed) is not None


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def prose() -> list[Path]:
    return sorted({*documents(), *ROOT.glob("*.md")})


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands_of(markdown: str) -> list[Command]:
    return [command for block in blocks(markdown, "console") for command in commands(block.lines)]


def steps_of(markdown: str) -> Iterator[Command | File]:
    """Yield what a reader runs and writes, in order."""
    for block in every_block(markdown):
        if block.language == "console":
            yield from commands(block.lines)
        elif block.name:
            yield File(block.lines[0][0], block.name, block.text)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def run(command: str, workspace: Path) -> tuple[int, str]:
    """Run a command line as a reader would, with a prepared `ncco` and without colour."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=workspace,
        env=reader(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, tidy(done.stdout)


def reader() -> dict[str, str]:
    """Return the environment of a reader."""
    forced = ("FORCE_COLOR", "CLICOLOR_FORCE")
    return {name: value for name, value in os.environ.items() if name not in forced} | {
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "PATH": path_of_commands(),
    }


def start(command: str, folder: Path, stack: ExitStack, moved: dict[str, str]) -> None:
    """Start a server on a free port, change the settings of the folder to it, and stop it with the stack."""
    expected, options = next(each for name, each in SERVERS.items() if command.startswith(name))
    process = stack.enter_context(
        subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command.removesuffix('&').strip()} {options}"],
            cwd=folder,
            env=reader(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if command.startswith("uvicorn ") else subprocess.DEVNULL,
            encoding="utf-8",
        )
    )
    stack.callback(process.terminate)
    assert process.stdout is not None
    said = (re.search(r"(?:at|running on) http://(127\.0\.0\.1:\d+)", line) for line in process.stdout)
    address = next((found[1] for found in said if found is not None), None)
    assert address is not None
    moved[expected] = address
    replace_addresses(folder / "ncco.toml", moved)


def replace_addresses(path: Path, moved: dict[str, str]) -> None:
    """Write the addresses at which servers really are into a file."""
    text = path.read_text(encoding="utf-8")
    for expected, address in moved.items():
        # Not a longer port that begins with this one: another server may have it.
        text = re.sub(rf"{re.escape(expected)}(?!\d)", address, text)
    path.write_text(text, encoding="utf-8")


def complaints(markdown: str, workspace: Path) -> Iterator[str]:
    """Follow a document in order, and yield where it is wrong."""
    code, folder = 0, workspace
    moved: dict[str, str] = {}
    with ExitStack() as stack:
        for step in steps_of(markdown):
            if isinstance(step, File):
                (folder / step.name).write_text(step.text, encoding="utf-8")
                replace_addresses(folder / step.name, moved)
                continue
            asked = f"line {step.line}: $ {step.text}"
            if step.text == EXIT_CODE:
                if step.shown != str(code):
                    yield f"{asked}\nis {code}, not {step.shown}"
            elif step.text.startswith("cd "):
                folder = (folder / step.text.removeprefix("cd ")).resolve()
            elif step.text.endswith("&") and step.text.startswith(tuple(SERVERS)):
                start(step.text, folder, stack, moved)
            elif step.runs:
                code, printed = run(step.text, folder)
                if code not in (0, 1):
                    # 0 and 1 are answers; any other code means that the command itself is wrong.
                    yield f"{asked}\nended with exit code {code}:\n{printed}"
                elif step.shown is not None and not agrees(step.shown, printed):
                    yield f"{asked}\nprinted:\n{printed}\nbut shows:\n{step.shown}"


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_commands_print_what_is_shown(document: Path, workspace: Path) -> None:
    found = list(complaints(document.read_text(encoding="utf-8"), workspace))
    assert not found, "\n\n".join([relative(document), *found])


def test_readme_runs_something() -> None:
    assert any(command.runs for command in commands_of((ROOT / "README.md").read_text(encoding="utf-8")))


def test_paths_in_architecture_exist() -> None:
    markdown = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    paths = list(dict.fromkeys(paths_in(markdown)))
    assert paths
    assert [path for path in paths if not exists(path)] == []


def paths_in(markdown: str) -> Iterator[str]:
    """Yield the words in backticks that look like a path of ours."""
    for word in re.findall(r"`([^`\s]+)`", without_fences(markdown)):
        if re.fullmatch(r"[\w.*/-]+", word) and ("/" in word or word.endswith((".py", ".md", ".lark"))):
            yield word


def exists(path: str) -> bool:
    """Return whether a path exists, from the root or inside the package; a bare name may be anywhere among them."""
    if path.startswith("/"):
        return False
    path = path.rstrip("/")
    for top in (ROOT, ROOT / "ncco_lang"):
        if any(top.glob(path)):
            return True
    if "/" in path:
        return False
    return any(any((ROOT / top).rglob(path)) for top in SOURCES)


@pytest.mark.parametrize("document", prose(), ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", without_fences(document.read_text(encoding="utf-8")))
    assert [link for link in links if not re.match(r"[a-z]+:", link) and not leads_somewhere(document, link)] == []


def leads_somewhere(document: Path, link: str) -> bool:
    """Return whether the file of a link exists and has the anchor after the `#`."""
    path, _, place = link.partition("#")
    target = document.parent / path if path else document
    if not place or not target.exists():
        return target.exists()
    return place in set(places_in(target.read_text(encoding="utf-8")))


def places_in(markdown: str) -> Iterator[str]:
    """Yield the anchors of a document: its headings, as web sites that show Markdown name them."""
    markdown = without_fences(markdown)
    yield from re.findall(r'<a id="([^"]+)"></a>', markdown)
    for heading in re.findall(r"^#+ +(.+)$", markdown, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def without_fences(markdown: str) -> str:
    return re.sub(r"^(```+).*?^\1", "", markdown, flags=re.MULTILINE | re.DOTALL)


# The page of rules shows wrong examples next to right ones; tests of the rules check both.
@pytest.mark.parametrize("document", [path for path in documents() if path != PAGE], ids=relative)
def test_flows_and_settings_hold(document: Path) -> None:
    assert list(faults(document.read_text(encoding="utf-8"))) == []


def faults(markdown: str) -> Iterator[str]:
    """Yield the flows and settings of a document that have findings above the level of a note."""
    for language, check in (("flow", check_flow), ("toml", check_settings)):
        for block in blocks(markdown, language):
            for finding in check(Source(f"example.{language}", block.text)):
                if finding.severity != "info":
                    line = block.lines[0][0] + block.text[: finding.span.start].count("\n")
                    yield f"line {line}: {finding.rule.code} {finding.message}"


def check_settings(source: Source) -> list[Diagnostic]:
    return parse_config(source, __version__, lambda word: find_rule(word) is not None, nearest_rule)[1]


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_python_runs(document: Path, workspace: Path) -> None:
    for block in blocks(document.read_text(encoding="utf-8"), "python"):
        done = subprocess.run(
            [sys.executable, "-c", block.text], cwd=workspace, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"line {block.lines[0][0]}: {done.stderr}"


def test_page_of_rules_is_fresh(golden: Golden) -> None:
    golden.check(PAGE, render_rules())
    markdown = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^### ([FLPQS]\d{3}) ", markdown, re.MULTILINE) == [rule.code for rule in RULES]
    assert all(f"](#{rule.code.lower()})" in markdown for rule in RULES)


def test_reference_is_fresh(golden: Golden) -> None:
    golden.check(REFERENCE, render_reference())


# ── The checks themselves ────────────────────────────────────────────────────────────────────────────


SAMPLE = """
```console
$ make demo
anything at all
$ ncco check \\
> a.json
a.json: fine\x20

$ echo $?
0
```

```sh
$ ncco is not run here
```

1. in a list:

   ```console
   $ cat a.json | ncco check -
   …
   done
   $ ncco-lang
   ```
"""


def test_console_blocks_are_split() -> None:
    assert [(command.line, command.text, command.shown) for command in commands_of(SAMPLE)] == [
        (3, "make demo", "anything at all"),
        (5, "ncco check a.json", "a.json: fine"),
        (9, "echo $?", "0"),
        (20, "cat a.json | ncco check -", "…\ndone"),
        (23, "ncco-lang", None),
    ]
    assert [command.runs for command in commands_of(SAMPLE)] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nc", False),
        ("a", "a\nb", False),
        ("a\n…", "a\nb\nc", True),
        ("…\nc", "a\nb\nc", True),
        ("a\n…\nc", "a\nc", False),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a.c", "abc", False),
    ],
)
def test_output_agrees(shown: str, printed: str, expected: bool) -> None:
    assert agrees(shown, printed) is expected


@pytest.mark.parametrize(
    "lie",
    [
        "```console\n$ cat note.txt\nsomething else\n```",
        "```console\n$ cat note.txt\n$ echo $?\n1\n```",
        "```console\n$ ncco no-such-command\n```",
    ],
)
def test_a_lie_is_found(lie: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("something\n", encoding="utf-8")
    assert len(list(complaints(lie, tmp_path))) == 1


def test_the_truth_passes(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("something\n", encoding="utf-8")
    truth = "```console\n$ cat note.txt\nsomething\n$ cat missing.txt\n…\n$ echo $?\n1\n```"
    assert list(complaints(truth, tmp_path)) == []


def test_a_file_is_written_where_the_reader_is(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    page = (
        "```console\n$ cd shop\n```\n\n```text note.txt\nsomething\n```\n\n```console\n$ cat note.txt\nsomething\n```\n"
    )
    assert list(complaints(page, tmp_path)) == []
    assert (tmp_path / "shop/note.txt").read_text(encoding="utf-8") == "something\n"


def test_paths_are_told_from_words() -> None:
    words = "`syntax/ast.py` `.flow` `ncco check` `ncco.toml` `compiler.py` `tests/` `a/*.json`"
    markdown = f"{words}\n```\n`x/y`\n```\n"
    assert list(paths_in(markdown)) == ["syntax/ast.py", "compiler.py", "tests/", "a/*.json"]
    assert not exists("no/such/path.py")
    assert not exists("no_such_module.py")
    assert exists("tests/test_docs.py")
    assert exists("architecture.py")
    assert exists("diagnostics/")
    assert not exists("no_such_folder/")


def test_a_flow_that_does_not_compile_is_found() -> None:
    markdown = '# Talk\n\n```flow\ntalk "Hello"\ntlak "Hello"\n```\n\n```text\ntlak\n```\n'
    (fault,) = faults(markdown)
    assert fault.startswith("line 5: F330")


def test_links_into_a_document(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text('# Talk, and `wait`\n\n<a id="f301"></a>\n\n```\n# no heading\n```\n', encoding="utf-8")
    links = ("a.md", "a.md#talk-and-wait", "#f301", "#no-heading", "a.md#f302", "b.md", "b.md#f301")
    assert [link for link in links if leads_somewhere(page, link)] == ["a.md", "a.md#talk-and-wait", "#f301"]
