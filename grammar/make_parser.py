"""Prepare lark's parser: `grammar/flow.lark` → `grammar/flow.parser.json`. Run by `make grammar`."""

from __future__ import annotations

import sys
from pathlib import Path

from ncco_lang.resources import read_resource
from ncco_lang.syntax.lark_parser import GRAMMAR, PREPARED, make_data, render_data

TARGET = Path(__file__).resolve().parent.parent / PREPARED

if __name__ == "__main__":
    TARGET.write_text(render_data(make_data(read_resource(GRAMMAR))), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name} written\n")
