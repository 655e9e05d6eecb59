"""Run deploys in a process that is killed at a checkpoint; `test_deploy_faults.py` runs this as a program.

A line on standard input is a JSON object: `folder`, `kill` (the number of the checkpoint, from 0; null: none),
`command` (`deploy` or `destroy`), `replaced` (keys), and `runs` (how many run at the same time; one if left out). Each
run is a fork, so that nothing has to be loaded again; the answer is a line with the fate of each, and the checkpoints
that it passed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.shells.fork_server import preload


def main() -> None:
    """Run commands until standard input ends."""
    # Load everything once, before any fork.
    import_module("tests.deploying")
    preload()

    for line in sys.stdin:
        asked = json.loads(line)
        begun = [start(asked, number) for number in range(asked.get("runs", 1))]
        print(json.dumps([wait_for(*each) for each in begun]), flush=True)  # noqa: T201


def start(asked: dict[str, Any], number: int) -> tuple[int, Path]:
    """Begin a run; return its process id and the file of the checkpoints that it passes."""
    passed = Path(asked["folder"], f"passed-{number}.txt")
    passed.write_text("", encoding="utf-8")
    pid = os.fork()
    if pid == 0:
        os._exit(run(asked, passed))
    return pid, passed


def wait_for(pid: int, passed: Path) -> dict[str, Any]:
    """Wait for the end of a run, and return its fate."""
    _, status = os.waitpid(pid, 0)
    answer = {
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "passed": passed.read_text(encoding="utf-8").splitlines(),
    }
    passed.unlink()
    return answer


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
