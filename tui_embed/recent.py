"""The files of vectors that were opened last, kept between runs."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tui_embed.locations import state_folder

MOST = 20
MOST_BYTES = 1 << 20
MOST_PATH = 4096
MOST_ROWS = 1 << 48
_NAME = "recent.json"


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A file that was opened: its absolute path, with ``#part`` if one was named, and the space's shape."""

    spec: str
    n_vocab: int
    d_model: int


def recent_files() -> list[RecentFile]:
    """What was opened, newest first, at most MOST; nothing where the list is missing or damaged."""
    try:
        with (state_folder() / _NAME).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        found = json.loads(content) if len(content) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return []
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, list):
        return []
    read = [file for file in map(_checked, files[:MOST]) if file is not None]
    return list({file.spec: file for file in reversed(read)}.values())[::-1]


def remember(opened: RecentFile) -> None:
    """Put ``opened`` first. OSError where it cannot be written; the list from before is then whole."""
    files = [opened, *(file for file in recent_files() if file.spec != opened.spec)]
    content = json.dumps({"files": [asdict(file) for file in files[:MOST]]}, indent=1)
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # a temporary file is the user's own, 0600
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix=_NAME, delete=False) as file:
        written = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            written.replace(folder / _NAME)
        except BaseException:
            written.unlink(missing_ok=True)
            raise


def _checked(found: Any) -> RecentFile | None:
    """An item of the list, or None for what this program did not write."""
    if not isinstance(found, Mapping):
        return None
    spec, n_vocab, d_model = (found.get(name) for name in ("spec", "n_vocab", "d_model"))
    if not isinstance(spec, str) or not spec.startswith("/") or len(spec) > MOST_PATH or "\0" in spec:
        return None
    if not isinstance(n_vocab, int) or not isinstance(d_model, int):
        return None
    sizes_fit = 0 < n_vocab < MOST_ROWS and 0 < d_model < MOST_ROWS
    return RecentFile(spec, n_vocab, d_model) if sizes_fit else None
