"""Run deploys in a process that is killed at a checkpoint; `test_deploy_faults.py` runs this as a program.

A line on standard input is a JSON object: `folder`, `kill` (the number of the checkpoint, from 0; null: none),
`command` (`deploy` or `destroy`) and `replaced` (keys). Each command runs in a fork, so that nothing has to be loaded
again; the answer is a line with the fate of the child, and the checkpoints that it passed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    """Run commands until standard input ends."""
    # Load these once, before any fork.
    for module in ("ncco_lang.compiler", "ncco_lang.decompiler", "ncco_lang.tokens.keys", "tests.deploying"):
        import_module(module)

    for line in sys.stdin:
        asked = json.loads(line)
        passed = Path(asked["folder"], asked.get("passed", "passed.txt"))
        passed.write_text("", encoding="utf-8")
        pid = os.fork()
        if pid == 0:
            os._exit(run(asked, passed))
        _, status = os.waitpid(pid, 0)
        answer = {
            "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "passed": passed.read_text(encoding="utf-8").splitlines(),
        }
        passed.unlink()
        print(json.dumps(answer), flush=True)  # noqa: T201


def run(asked: dict[str, Any], passed: Path) -> int:
    """Run one command, killed at its checkpoint; return its exit code."""
    from ncco_lang.deploy.deploy_run import Environment
    from tests.deploying import captured, quick, run_deploy, run_destroy, shared_wire

    count = 0

    def checkpoint(step: str) -> None:
        nonlocal count
        with passed.open("a", encoding="utf-8") as file:
            file.write(step + "\n")
        if count == asked["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    outside = Environment(
        connect=quick(lambda _: None), http_client=shared_wire, sleep=lambda _: None, checkpoint=checkpoint
    )

    def command() -> int:
        if asked["command"] == "destroy":
            return run_destroy(outside)
        return run_deploy(outside, replaced=tuple(asked["replaced"]))

    done = captured(Path(asked["folder"]), command)
    Path(asked["folder"], "said.txt").write_text(done.out + done.err, encoding="utf-8")
    return done.code


if __name__ == "__main__":
    main()
