"""Who checks or compiles loads nothing of what talks to a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shells.shell import imported

HEAVY = {"httpx", "httpcore", "jwt", "cryptography", "fsspec", "starlette", "uvicorn", "ssl", "asyncio"}
ROOMS = {f"ncco_lang.{room}" for room in ("net", "tokens", "store", "api", "emulator", "deploy")}


@pytest.mark.parametrize("code", ["import ncco_lang", "check a.flow", "check a.json", "compile a.flow", "--help"])
def test_nothing_heavy_is_loaded(code: str, tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_text('talk "Hello."\n')
    (tmp_path / "a.json").write_text('[{"action": "talk", "text": "Hello."}]')
    is_code = code.startswith("import")
    loaded = imported(tmp_path, *(("-c", code) if is_code else ("-m", "ncco_lang", *code.split())))
    assert "ncco_lang" in loaded
    assert loaded & (HEAVY | ROOMS) == set()
