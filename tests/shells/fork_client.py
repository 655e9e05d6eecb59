"""`ncco` as a program for scripts: it has a fork server run the command, with its own streams, folder and environment.

It begins in a tenth of the time of an interpreter with the package. SIGTERM and SIGINT go on to the command, and the
command's exit code or signal is that of the program. Its first argument is the address of the server, without the zero
byte; `ForkServer.write_command` writes the script that gives it.
"""

import _socket
import json
import os
import signal
import sys


def run(address: str, arguments: list[str]) -> int:
    """Have the server run the command; return its wait status."""
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.connect(f"\0{address}")
    folder = os.getcwd()  # noqa: PTH109 (pathlib takes as long to import as all else)
    asked = {"arguments": arguments, "folder": folder, "env": dict(os.environ), "is_logged": False}
    request = json.dumps(asked).encode()
    streams = b"".join(fd.to_bytes(4, sys.byteorder) for fd in range(3))
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)
    connection.sendmsg([len(request).to_bytes(4, "big")], [rights])
    connection.sendall(request)
    with os.fdopen(connection.detach()) as answers:
        pid = int(answers.readline())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: os.kill(pid, number))
        return int(answers.readline())


def end(status: int) -> None:
    """End as the command did."""
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    end(run(sys.argv[1], sys.argv[2:]))
