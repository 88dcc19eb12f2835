"""What can be opened: the list under the line of the Open dialog, for each text on that line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import TuiEmbedError
from tui_embed.recent import recent_files
from tui_embed.sources.catalog import SpaceEntry, space_entries
from tui_embed.sources.file import split_part
from tui_embed.tui.files import Entry, Folder, Typed, from_home, is_path, narrowed, read_folder, read_typed

MOST = 300
"""So many of a folder's entries are listed; the rest is counted."""
MOST_FILES, MOST_RECENT = 100, 5
"""So many files, and recent files, while nothing is typed: what stands below is not to be too far away."""

UP, CHECKPOINT = "..", "this checkpoint"
_WEIGHTS = frozenset(("model.safetensors", "model.safetensors.index.json"))
"""What makes a folder a checkpoint: it is opened as a whole, with its tokens and positions."""

Kind = Literal["recent", "space", "fetch", "folder", "file"]


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to open, or a folder to enter; a space to ``fetch`` is not here yet.

    ``target`` is a space's name, or an absolute path, with ``#part`` where one was named; ``name`` is how
    the list calls it and ``note`` what it says beside that. All three are text from outside. ``shape`` is
    ``(n_vocab, d_model)`` and ``size`` in bytes, where they are known.
    """

    kind: Kind
    name: str
    target: str
    note: str = ""
    shape: tuple[int, int] | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """Offers under a title (text from outside). ``n_more`` were left out; ``problem`` is why there are
    none."""

    title: str
    offers: Sequence[Offer]
    n_more: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What is typed, in the folder ``base``. While ``browsing`` that folder is what the person looks at;
    ``left`` is the one in it that they came up from.
    """

    text: str
    base: Path
    browsing: bool = False
    left: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """The list for ``text``, which means ``typed``; ``best`` is the number of the offer meant most likely.

    ``folder`` is what was read for it, to be narrowed again, or None where that could not be read.
    """

    text: str
    typed: Typed
    folder: Folder | None
    sections: Sequence[Section]
    best: int

    @property
    def offers(self) -> list[Offer]:
        return [offer for section in self.sections for offer in section.offers]

    @property
    def names(self) -> list[str]:
        """The names in the folder, as they complete what is typed."""
        entries = [offer for offer in self.offers if offer.kind in ("folder", "file")]
        entries = [offer for offer in entries if offer.name not in (UP, CHECKPOINT)]
        return [f"{offer.name}/" if offer.kind == "folder" else offer.name for offer in entries]

    @property
    def whole_folder(self) -> Path | None:
        """The folder that was typed, where nothing in it was asked for."""
        return self.folder.path if self.folder is not None and self.text and not self.typed.wanted else None


def list_offers(question: Question, known: Folder | None, cancel: CancelToken) -> Listing:
    """What the typed text may mean; ``known`` is a folder read before, which is not read again."""
    text, browsing = question.text, question.browsing
    typed = read_typed(text, question.base)
    folder, files = _files(typed, MOST if text or browsing else MOST_FILES, known, cancel)
    first, last = ([], []) if is_path(text) else _named(text)
    sections = [files, *first, *last] if browsing else [*first, files, *last]
    sections = [section for section in sections if section.offers or section.problem]
    offers = [offer for section in sections for offer in section.offers]
    return Listing(text, typed, folder, sections, _best(offers, typed.wanted or question.left))


def _files(
    typed: Typed, most: int, known: Folder | None, cancel: CancelToken
) -> tuple[Folder | None, Section]:
    path, title = typed.folder, from_home(str(typed.folder))
    try:
        folder = known if known is not None and known.path == path else read_folder(path, cancel)
    except TuiEmbedError as error:
        return None, Section(title, (), problem=str(error))
    matching = narrowed(folder, typed.wanted)
    if typed.part:
        matching = [entry for entry in matching if entry.name == typed.wanted]
    is_top = path == path.parent
    offers = [] if typed.wanted or is_top else [Offer("folder", UP, str(path.parent))]
    if not typed.wanted and any(entry.name in _WEIGHTS for entry in folder.entries):
        offers.append(
            Offer("file", CHECKPOINT, str(path), "all of the folder: rows, positions, tokens, layers")
        )
    for entry in matching[:most]:
        cancel.check()
        offers.append(_file(str(path / entry.name), entry, typed.part))
    return folder, Section(title, offers, max(0, len(matching) - most))


def _file(path: str, entry: Entry, part: str) -> Offer:
    if entry.is_folder:
        return Offer("folder", entry.name, path)
    behind = f"#{part}" if part else ""
    return Offer("file", entry.name + behind, path + behind, size=_size(path))


def _named(text: str) -> tuple[list[Section], list[Section]]:
    """What is called by name: recent files and spaces that are here, and those that are not, or are no more
    than a shape.
    """
    low = text.casefold()
    found = [e for e in space_entries() if low in e.name.casefold() or low in e.what.casefold()]
    found.sort(key=lambda entry: not entry.name.casefold().startswith(low))
    here = [_space(entry) for entry in found if entry.here and entry.trained]
    absent = [_space(entry) for entry in found if not entry.here]
    drawn = [_space(entry) for entry in found if entry.here and not entry.trained]
    return (
        [_recent(text), Section("spaces", here)],
        [Section("spaces to fetch", absent), Section("untrained: the shapes of models", drawn)],
    )


def _recent(text: str) -> Section:
    low = text.casefold()
    offers = []
    for file in recent_files():
        path, part = split_part(file.spec)
        size = _size(str(path))
        if size is not None and low in file.spec.casefold():
            name = f"{path.name}#{part}" if part else path.name
            folder, shape = from_home(str(path.parent)), (file.n_vocab, file.d_model)
            offers.append(Offer("recent", name, file.spec, folder, shape, size))
    return Section("recent files", offers if text else offers[:MOST_RECENT])


def _space(entry: SpaceEntry) -> Offer:
    shape = (entry.n_vocab, entry.d_model)
    if entry.here:
        return Offer("space", entry.name, entry.name, entry.what, shape)
    note = f"{entry.what} ({entry.licence})" if entry.licence else entry.what
    return Offer("fetch", entry.name, entry.name, note, shape, entry.size)


def _best(offers: Sequence[Offer], wanted: str) -> int:
    """The offer of exactly this name, else the first whose name begins so, else the first but ".."."""
    low = wanted.casefold()
    for fits in (str.__eq__, str.startswith):
        for at, offer in enumerate(offers):
            if wanted and fits(offer.name.casefold(), low):
                return at
    return next((at for at, offer in enumerate(offers) if offer.name != UP), 0)


def _size(path: str) -> int | None:
    """The bytes of a file, None where there is none."""
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return None
