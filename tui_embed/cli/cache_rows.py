"""``tui-embed cache keep`` and ``cache drop``: the rows of one space in the store, and out of it again."""

import shlex
from argparse import Namespace

from tui_embed import figures
from tui_embed.cli import output
from tui_embed.cli.progress import Bytes, progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.printable import printable
from tui_embed.sources.catalog import is_file, is_path, path_of
from tui_embed.sources.file import split_part
from tui_embed.sources.models.files import DESCRIPTIONS
from tui_embed.sources.models.keeping import keep_rows, notes_of_rows
from tui_embed.sources.models.opening import name_of
from tui_embed.sources.store.folder import store_folder
from tui_embed.sources.store.inventory import Stored, kept_as, kept_of, remove
from tui_embed.sources.store.parts import Home, StoredRows

NOT_KEPT = "not kept in the store: "


def keep(options: Namespace) -> None:
    """Put the rows of a checkpoint into the store; they may lie there already."""
    space = opened(settings_of(options))
    home, already, content = _home(space), True, None
    if home is None:
        already = False
        with progress(f"reading {printable(space.name)}", Bytes()) as report:
            content = keep_rows(space, progress=report)
        for note in content.notes:
            if note.startswith(NOT_KEPT):
                raise TuiEmbedError(f"the rows of {space.name} are {note}")
        home = content.rows.home if isinstance(content.rows, StoredRows) else None
    notes = notes_of_rows(space, content)
    n_vocab, d_model = len(space), space.d_model
    kept = [] if home is None else kept_as(home.name)
    if options.json:
        said = {
            **output.space_json(space, notes),
            "n_vocab": n_vocab,
            "d_model": d_model,
            "bytes": 4 * n_vocab * d_model,
        }
        files = [stored.name for stored in kept]
        output.print_json({**said, "already": already, "folder": str(store_folder()), "files": files})
        return
    how = "lie in the store already" if already else "are in the store"
    print(f"the rows of {printable(space.name)} {how}: searches in it are fast from now on")
    source = "" if home is None else f"{home.path}#{home.part}" if home.part else home.path
    output.print_facts(
        [
            ("rows", f"{n_vocab:,} × {d_model:,}, float32"),
            ("size", figures.size(sum(stored.size for stored in kept))),
            ("of", source),
            ("lies in", str(store_folder())),
            ("remove", f"tui-embed cache drop {shlex.quote(options.space)}"),
        ]
    )
    for note in (*space.notes, *notes):
        output.print_note(note)


def drop(options: Namespace) -> None:
    """Take the rows of a space, and what was worked out from them, out of the store. Nothing is opened for
    it: the source may have changed since, or be gone, and no setting matters.
    """
    said = _said(options.space)
    removed = remove(_kept(options.space))
    if not removed:
        hint = "'tui-embed cache' lists what is; 'tui-embed cache prune' removes what is of no use"
        raise UsageError(f"no rows of {said} are in the store", hint)
    freed = sum(stored.size for stored in removed)
    if options.json:
        names = [stored.name for stored in removed]
        output.print_json({"space": said, "folder": str(store_folder()), "freed": freed, "removed": names})
        return
    count = figures.counted(len(removed), "file")
    print(f"the rows of {printable(said)} are no longer in the store: {count}, {figures.size(freed)}")


def _kept(name: str) -> list[Stored]:
    path = path_of(name)
    if path is None:
        return []
    found = kept_of(path)
    if not found and path.name in DESCRIPTIONS:
        # it stands for its folder
        found = kept_of(path.parent)
    return found


def _said(name: str) -> str:
    """What the space ``name`` is called when it is opened, as far as its path tells."""
    path, part = split_part(name)
    if "\0" in name or not (is_path(name) or is_file(name)):
        return name
    path = path.absolute()
    called = name_of(path.parent if path.name in DESCRIPTIONS else path)
    return f"{called}#{part}" if part else called


def _home(space: EmbeddingSpace) -> Home | None:
    rows = space.matrix.rows
    return rows.home if isinstance(rows, StoredRows) else None
