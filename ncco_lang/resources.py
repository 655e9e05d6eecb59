"""The data files that travel with the package: `schemas/` and `grammar/`.

In a wheel they lie in `ncco_lang/_data/`; in a checkout they are the folders at the repository's root.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    packaged = _PACKAGE / "_data"
    return packaged if packaged.is_dir() else _PACKAGE.parent


def read_resource(name: str) -> str:
    """The text of a packaged file.

    Args:
        name: path with forward slashes below the data root, such as `schemas/ncco.schema.json`.

    Raises:
        FileNotFoundError: there is no such file, so the installation is broken.
    """
    return (_root() / name).read_text(encoding="utf-8")


@cache
def load_json_resource(name: str) -> Any:
    """The parsed JSON of a packaged file, read once a process; callers do not change it."""
    return json.loads(read_resource(name))
