"""Folders as a person walks them: what lies in one, and what a typed path means. Called from jobs: a folder
may lie on a slow network.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import SourceError
from tui_embed.sources.file import split_part

CHECK_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder. The names that a file system gives may hold anything but "/" and NUL."""

    name: str
    is_folder: bool


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """A folder's entries: folders first, then by name in either case."""

    path: Path
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a typed text asks for: the entries of ``folder`` whose names match ``wanted``. ``part`` is what
    followed the ``#`` behind a file that exists.
    """

    folder: Path
    wanted: str
    part: str = ""


def read_folder(path: Path, cancel: CancelToken) -> Folder:
    """What lies in ``path``: files and folders, links as what they point to. SourceError where it cannot be
    read.
    """
    entries = []
    try:
        with os.scandir(path) as found:
            for number, entry in enumerate(found):
                if number % CHECK_EVERY == 0:
                    cancel.check()
                if _is(entry.is_dir):
                    entries.append(Entry(entry.name, is_folder=True))
                elif _is(entry.is_file):
                    entries.append(Entry(entry.name, is_folder=False))
    except OSError as error:
        raise SourceError(path, (error.strerror or "cannot be read").lower()) from None
    except ValueError:
        raise SourceError(repr(str(path)), "no folder has such a name") from None
    entries.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))
    return Folder(path, entries)


def is_path(text: str) -> bool:
    """Whether a typed text is a path, rather than a part of some name."""
    return "/" in text or text.startswith("~") or text in (".", "..")


def read_typed(text: str, base: Path) -> Typed:
    """What ``text`` means in the folder ``base``; ``~`` begins at the home folder, as in a shell."""
    whole = str(base / _at_home(text))
    if text in ("", "~") or text.endswith("/"):
        whole += "/"
    elif text == "." or text.endswith("/."):  # the beginning of a hidden name, which a Path leaves out
        whole += "/."
    path, part = split_part(whole)
    if part and path.is_file():
        return Typed(_tidy(path.parent), path.name, part)
    folder, _, wanted = whole.rpartition("/")
    if wanted == "..":
        return Typed(_tidy(Path(whole)), "")
    return Typed(_tidy(Path(folder or "/")), wanted)


def narrowed(folder: Folder, wanted: str) -> list[Entry]:
    """The entries whose names begin with ``wanted`` in either case, then those that hold it elsewhere; hidden
    ones only for a ``wanted`` that begins with a dot.
    """
    hidden = wanted.startswith(".")
    shown = [entry for entry in folder.entries if hidden or not entry.name.startswith(".")]
    low = wanted.casefold()
    first, later = [], []
    for entry in shown:
        name = entry.name.casefold()
        if name.startswith(low):
            first.append(entry)
        elif low in name and not hidden:
            later.append(entry)
    return first + later


def common_beginning(names: Sequence[str], wanted: str) -> str:
    """How far all names that begin with ``wanted`` go together, as a shell completes: those that begin with
    it as typed, or else in either case. ``wanted`` itself where there is none.
    """
    alike = [name for name in names if name.startswith(wanted)]
    if alike:
        first, last = min(alike), max(alike)
        same = (a == b for a, b in zip(first, last, strict=False))
    else:
        alike = [name for name in names if name.casefold().startswith(wanted.casefold())]
        first, last = min(alike, key=str.casefold, default=wanted), max(alike, key=str.casefold, default="")
        same = (a.casefold() == b.casefold() for a, b in zip(first, last, strict=False))
    length = sum(1 for _ in takewhile(bool, same))
    return first[: max(length, len(wanted))]


def from_home(path: str) -> str:
    """``path`` with ``~`` for the home folder."""
    home = os.environ.get("HOME", "")
    if len(home) > 1 and (path == home or path.startswith(f"{home}/")):
        return f"~{path[len(home) :]}"
    return path


def _is(kind: Callable[[], bool]) -> bool:
    try:
        return kind()
    except OSError:  # a link that leads in a circle
        return False


def _at_home(text: str) -> str:
    if not text.startswith("~"):
        return text
    user, _, rest = text.partition("/")
    try:
        return str(Path(user).expanduser() / rest)
    except RuntimeError:  # there is no such user
        return text


def _tidy(path: Path) -> Path:
    """Without the ``..`` of which a folder's own path would grow; links else stay as they are named."""
    return path.resolve() if ".." in path.parts else path.absolute()
