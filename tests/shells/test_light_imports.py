"""Who checks or compiles loads nothing of what talks to a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shells.shell import LONGEST, environment

HEAVY = {"httpx", "httpcore", "jwt", "cryptography", "fsspec", "starlette", "uvicorn", "ssl", "asyncio"}
ROOMS = {f"ncco_lang.{room}" for room in ("net", "tokens", "store", "api", "emulator", "deploy")}


@pytest.mark.parametrize("code", ["import ncco_lang", "check a.flow", "check a.json", "compile a.flow", "--help"])
def test_nothing_heavy_is_loaded(code: str, tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_text('talk "Hello."\n')
    (tmp_path / "a.json").write_text('[{"action": "talk", "text": "Hello."}]')
    is_code = code.startswith("import")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *(("-c", code) if is_code else ("-m", "ncco_lang", *code.split()))],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(Path(__file__).resolve().parents[2])}),
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "ncco_lang" in imported
    assert imported & (HEAVY | ROOMS) == set()
