"""Files in memory for tests of imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ncco_lang.compiler import compile_source
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.program.imports import NO_FILE, OtherFile, Unread
from ncco_lang.source import Source


class Files(NamedTuple):
    """A reader of files in memory."""

    home: str
    files: Mapping[str, OtherFile | Unread]

    def read(self, path: str) -> OtherFile | Unread:
        return self.files.get(path, NO_FILE)


def files_of(texts: Mapping[str, str], home: str = "menu.flow") -> Files:
    """Return a reader of texts by their paths."""
    return Files(home, {path: OtherFile(path, Source(path, text)) for path, text in texts.items()})


def check_in(texts: Mapping[str, str], home: str = "menu.flow") -> list[Diagnostic]:
    """Return the findings of the file `home` of some texts, without those about later versions and unused names."""
    found = compile_source(Source(home, texts[home]), reader=files_of(texts, home)).diagnostics
    return [each for each in found if each.rule.code not in ("F139", "F203")]
