"""A real sshd on this machine, for one test: keys, configuration and processes are its own."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from getpass import getuser

from e2e.terminal import APP, ROOT

SECONDS = 20.0


@contextmanager
def sshd(folder):
    """The command line that logs in; what is run is put behind it."""
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    assert os.path.exists(program), "no sshd here: install openssh-server"  # noqa: PTH110
    if os.getuid() == 0:
        # where it gives up its rights while it talks to strangers
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # noqa: PTH103
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, capture_output=True)
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "sshd.conf").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile {folder}/pid\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n"
        "PrintMotd no\nPrintLastLog no\n"
    )
    server = subprocess.Popen(
        [program, "-D", "-e", "-f", str(folder / "sshd.conf")], stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        quiet = (
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
        )
        yield (
            "ssh",
            "-F",
            "/dev/null",
            *quiet,
            "-i",
            str(folder / "user"),
            "-p",
            str(port),
            "-tt",
            f"{getuser()}@127.0.0.1",
        )
    finally:
        server.kill()
        server.wait()


def remote(folder, variables=None, *arguments):
    """What a shell at the other end runs: the app with a home of its own. TERM is what the terminal says."""
    given = " ".join(f"{name}={value}" for name, value in {"HOME": str(folder), **(variables or {})}.items())
    return f"cd {ROOT} && env -u COLORTERM {given} {' '.join(APP)} {' '.join(arguments)}"


def _wait_for(port):
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, "sshd does not answer"
            time.sleep(0.05)
        else:
            return
