"""What is written down when this program is at fault, for whoever mends it."""

import os
import platform
import sys
import time
import traceback
from collections.abc import Iterator
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
MOST_FRAMES = 60
VARIABLES = ("TERM", "COLORTERM", "LANG", "LC_ALL")
PRESENT = ("NO_COLOR", "TMUX", "SSH_TTY")
"""Variables whose values are no matter, and may be names that the person gave."""
TEXT_LEFT_OUT = "(its text is left out: it may hold what you work on)"


def fault(error: BaseException, doing: str, kind: str) -> TuiEmbedError:
    """The one line for a person about an ``error`` that nobody foresaw while ``doing`` something; the report
    is written, and named in it. It says what was done by its ``kind``, which names nothing of the person's.
    """
    what = f"{doing} failed: {type(error).__name__}: {error}"
    path = write_report(error, kind)
    where = "a report could not be written" if path is None else f"a report for whoever mends it: {path}"
    return TuiEmbedError(what, where)


def write_report(error: BaseException, kind: str) -> Path | None:
    """Write a :func:`report` to a new file for the user alone; the oldest go. None where that fails: the
    error itself is what matters.
    """
    folder = state_folder() / "reports"
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    path = folder / f"{stamp}-{os.getpid()}-{time.monotonic_ns() % 10**6:06}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(report(error, kind))
        for old in sorted(folder.glob("*.txt"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


def report(error: BaseException, kind: str) -> str:
    """The text of a report: versions, what ``kind`` of thing was done, the types of the errors and the lines
    of code that they came through. No error's text: it may hold what the person works on.
    """
    lines = [
        f"tui-embed {__version__}",
        f"Python {platform.python_version()}, {platform.platform()}",
        f"packages: {', '.join(_packages())}",
        f"terminal: {', '.join(_variables())}",
        f"command: {Path(sys.argv[0]).name} with {len(sys.argv) - 1} arguments",
        f"while: {kind}",
        *_traced(error),
    ]
    return "".join(f"{_shown(line)}\n" for line in lines[:MOST_LINES])


def _variables() -> list[str]:
    return [
        *(f"{name}={os.environ[name]}" for name in VARIABLES if name in os.environ),
        *(name for name in PRESENT if name in os.environ),
    ]


def _traced(error: BaseException) -> Iterator[str]:
    """The error and those that it came of, each once, the last of them first."""
    waiting, seen = [("", error)], {id(error)}
    while waiting:
        came_by, one = waiting.pop(0)
        number = f", errno {one.errno}" if isinstance(one, OSError) and type(one.errno) is int else ""
        yield ""
        yield f"{came_by}{_type_name(type(one))}{number} {TEXT_LEFT_OUT}"
        for frame in traceback.extract_tb(one.__traceback__, limit=-MOST_FRAMES):
            yield from _framed(frame)
        for came_by, other in _sources(one):
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append((came_by, other))


def _sources(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    if error.__cause__ is not None:
        yield "caused by ", error.__cause__
    elif error.__context__ is not None and not error.__suppress_context__:
        yield "raised while this was handled: ", error.__context__
    if isinstance(error, BaseExceptionGroup):
        yield from (("among them ", one) for one in error.exceptions)


def _type_name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _framed(frame: traceback.FrameSummary) -> Iterator[str]:
    """Where a frame stands, and its line where that is code that was imported."""
    place = _import_name(frame.filename)
    yield f"  {place or Path(frame.filename).name}:{frame.lineno} in {frame.name}"
    if place is not None and frame.line:
        yield f"    {frame.line}"


def _import_name(path: str) -> str | None:
    """A file's path from the folder that it was imported from: the folders above may be named for a person,
    or for what they work on. None where it was not imported.
    """
    above = [root for root in map(Path, sys.path) if root.is_absolute() and root in Path(path).parents]
    return None if not above else str(Path(path).relative_to(max(above, key=lambda root: len(root.parts))))


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
