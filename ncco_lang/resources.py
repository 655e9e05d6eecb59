"""Read the data files of the package: `schemas/` and `grammar/`, and the pages for users in `docs/`, to which editors link.

In a wheel they are in `ncco_lang/_data/`; in a checkout they are the folders at the repository's root.
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


def resource_path(name: str) -> str:
    """Return the absolute path of a packaged file, which may be missing; `name` is as for `read_resource`."""
    return str(_root() / name)


def read_resource(name: str) -> str:
    """Return the text of a packaged file.

    Args:
        name: path with forward slashes below the data root, such as `schemas/ncco.schema.json`.

    Raises:
        FileNotFoundError: the file is missing, so the installation is broken.
    """
    return (_root() / name).read_text(encoding="utf-8")


@cache
def load_json_resource(name: str) -> Any:
    """Return the parsed JSON of a packaged file, read once per process; callers must not change it."""
    return json.loads(read_resource(name))
