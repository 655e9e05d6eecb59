"""Cases of the editor's tests: texts with a mark at the cursor, several in a file, and the expected output for each.

A case begins with `=== title`; `‸` is the cursor, since `|` is a character of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ncco_lang.compiler import CompileOptions
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.types import DocumentSettings, Kind
from ncco_lang.source import Source

FIXTURES = Path(__file__).resolve().parent / "fixtures" / "editor"
CURSOR = "‸"


def read_cases(path: Path) -> Iterator[tuple[str, str]]:
    """Yield title and text of every case of a file."""
    for part in path.read_text(encoding="utf-8").split("=== ")[1:]:
        title, _, text = part.partition("\n")
        yield title, text.removesuffix("\n").removesuffix("\n")


def at_cursor(text: str, kind: Kind = "flow", settings: DocumentSettings | None = None) -> tuple[Analysis, int]:
    """Return the analysis of a text without its mark, and the offset of the mark."""
    offset = text.index(CURSOR)
    source = Source(f"case.{kind}", text.replace(CURSOR, ""))
    return analyse(source, kind, settings or DocumentSettings(options=CompileOptions())), offset


def kind_of_cases(path: Path) -> Kind:
    """Return the kind of the texts of a file of cases, by its name: flows unless it says otherwise."""
    kinds: dict[str, Kind] = {"toml": "toml", "json": "ncco"}
    return kinds.get(path.stem, "flow")


def rendered(path: Path, render: Callable[[Analysis, int], str]) -> str:
    """Return the output for every case of a file, in the form of its expected file."""
    kind = kind_of_cases(path)
    return "".join(f"=== {title}\n{render(*at_cursor(text, kind)).rstrip()}\n\n" for title, text in read_cases(path))
