"""What is written down when this program is at fault, for whoever mends it."""

import os
import platform
import sys
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tui_embed import __version__
from tui_embed.errors import TuiEmbedError
from tui_embed.locations import state_folder
from tui_embed.printable import fit, printable

MOST_KEPT = 20
MOST_LINES = 400
LINE_CELLS = 400
PACKAGES = (
    *("numpy", "textual", "rich", "tiktoken", "tokenizers", "gguf", "pyarrow", "gensim", "scipy"),
    *("openTSNE", "umap-learn", "matplotlib", "numkong", "textual-serve"),
)
VARIABLES = ("TERM", "COLORTERM", "LANG", "LC_ALL", "NO_COLOR", "TMUX", "SSH_TTY")


def fault(error: BaseException, doing: str) -> TuiEmbedError:
    """The one line for a person about an ``error`` that nobody foresaw while ``doing`` something; the report
    is written, and named in it.
    """
    what = f"{doing} failed: {type(error).__name__}: {error}"
    path = write_report(error, doing)
    where = "a report could not be written" if path is None else f"a report for whoever mends it: {path}"
    return TuiEmbedError(what, where)


def write_report(error: BaseException, doing: str) -> Path | None:
    """Write versions and the traceback, and nothing of what was worked on, to a new file for the user alone;
    the oldest go. None where that fails: the error itself is what matters.
    """
    folder = state_folder() / "reports"
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    path = folder / f"{stamp}-{os.getpid()}-{time.monotonic_ns() % 10**6:06}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(report(error, doing))
        for old in sorted(folder.glob("*.txt"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


def report(error: BaseException, doing: str) -> str:
    """The text of a report; whatever stood in the error is harmless in it."""
    lines = [
        f"tui-embed {__version__}",
        f"Python {platform.python_version()}, {platform.platform()}",
        f"packages: {', '.join(_packages())}",
        f"terminal: {', '.join(f'{name}={os.environ[name]}' for name in VARIABLES if name in os.environ)}",
        f"command: {Path(sys.argv[0]).name} with {len(sys.argv) - 1} arguments",
        f"while: {doing}",
        "",
    ]
    for piece in traceback.format_exception(error, limit=-60):
        lines += piece.rstrip("\n").split("\n")
    return "".join(f"{_shown(line)}\n" for line in lines[:MOST_LINES])


def _shown(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * min(indent, 40) + fit(line.lstrip(" "), LINE_CELLS) if line.strip() else printable(line)


def _packages() -> list[str]:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found
