"""What is to be opened, the job that opens it, and what is said of it meanwhile and afterwards."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.figures import duration, percent, size
from tui_embed.locations import at_home
from tui_embed.pace import Pace
from tui_embed.printable import fit
from tui_embed.recent import RecentFile, remember
from tui_embed.settings import Settings
from tui_embed.sources.catalog import (
    BUNDLED,
    UNTRAINED_SUFFIX,
    Drawing,
    is_file,
    is_path,
    open_space,
    space_entries,
)
from tui_embed.tui.jobs import Job, Work

NAME_CELLS = 40
NOTE_CELLS = 160


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be opened: a ``space`` by its name, or one that is first to ``fetch``; or a ``file`` by its
    absolute path, with ``#part`` if one is meant; or a space again whose rows are first to ``keep``.
    """

    kind: Literal["space", "fetch", "file", "keep"]
    target: str

    @property
    def name(self) -> str:
        """What it is called, printable and not too long."""
        return fit(self.target.rpartition("/")[2] if self.kind == "file" else self.target, NAME_CELLS)


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A space that was opened, and why the file is not among the recent ones, if it is not."""

    space: EmbeddingSpace
    forgotten: str = ""

    @property
    def notice(self) -> str:
        """What a person should know at once, printable: the first of what was odd in the source."""
        notes = [*self.space.notes, *([self.forgotten] if self.forgotten else [])]
        if not notes:
            return ""
        more = f" … and {len(notes) - 1} more" if len(notes) > 1 else ""
        said = f"{fit(self.space.name, NAME_CELLS)}: {fit(notes[0], NOTE_CELLS)}{more}"
        return f"{said}\nF10 tells all about this space"


@dataclass(eq=False, slots=True)
class Opening:
    """An opening that runs, and how fast it goes."""

    wanted: Wanted
    job: Job
    pace: Pace = field(default_factory=Pace)

    @property
    def title(self) -> str:
        """What runs, printable."""
        doing = {"fetch": "Fetching", "keep": "Keeping the rows of"}.get(self.wanted.kind, "Opening")
        return f"{doing} {self.wanted.name}"

    @property
    def figures(self) -> tuple[str, ...]:
        """How far it is, most telling first."""
        pace, figures = self.pace, []
        if pace.share is not None and pace.done:
            figures.append(percent(pace.share))
        if pace.seconds_left is not None:
            left = max(1, round(pace.seconds_left))
            figures.append(f"{left} s left" if left < 100 else f"{duration(max(120, left))} left")
        if pace.rate is not None:
            figures.append(f"{size(int(pace.rate))}/s")
        if pace.done:
            figures.append(f"{size(pace.done)} of {size(pace.total)}" if pace.total else size(pace.done))
        return tuple(figures)


def opening(wanted: Wanted, drawing: Drawing, cache: bool) -> Work:
    """The work of a job that gives :class:`Opened`; its progress is in bytes."""

    def work(cancel: CancelToken, progress: Progress) -> Opened:
        if wanted.kind == "fetch":
            from tui_embed.sources.fetch.fetch import fetch

            fetch(wanted.target, cancel=cancel, progress=progress)
        space = open_space(wanted.target, drawing, cache=cache, cancel=cancel, progress=progress)
        cancel.check()
        return Opened(space, _remembered(wanted, space) if wanted.kind == "file" else "")

    return work


def keeping(space: EmbeddingSpace) -> Work:
    """The work of a job that puts the rows of a checkpoint into the store, and gives :class:`Opened`."""

    def work(cancel: CancelToken, progress: Progress) -> Opened:
        from tui_embed.sources.models.keeping import with_kept_rows

        return Opened(with_kept_rows(space, cancel, progress))

    return work


def drawing_of(settings: Settings) -> Drawing:
    """How ``settings`` draw the rows of untrained spaces."""
    return Drawing(settings.seed, "uniform" if settings.init == "uniform" else "normal")


def first_of(name: str, drawing: Drawing) -> EmbeddingSpace | Wanted:
    """The space ``name``, or, where that takes its time to read, what is to be opened in sight: a fetched
    space or a file. TuiEmbedError for what is neither.
    """
    if name in BUNDLED or (name.endswith(UNTRAINED_SUFFIX) and not is_file(name)):
        return open_space(name, drawing)
    if is_path(name):
        return wanted_file(at_home(name))
    if name in (entry.name for entry in space_entries()):
        return Wanted("space", name)
    return wanted_file(name) if is_file(name) else open_space(name, drawing)


def wanted_file(spec: str | Path) -> Wanted:
    """The file, or the folder of a checkpoint, of ``spec``, looked at and not yet read. SourceError where it
    holds no vectors.
    """
    if Path(spec).is_dir():
        from tui_embed.sources.models.files import weights_in

        weights_in(Path(spec))
        return Wanted("file", str(Path(spec).absolute()))
    # only here: what unpacks and recognises files takes milliseconds of a start without one
    from tui_embed.sources.file import SourceFile
    from tui_embed.sources.recognise import recognise

    with SourceFile(spec) as file:
        recognise(file)
        part = f"#{file.part}" if file.part else ""
        return Wanted("file", f"{file.path.absolute()}{part}")


def folder_of(wanted: Wanted) -> Path | None:
    """The folder of the file that is wanted, if it is one."""
    return Path(wanted.target).parent if wanted.kind == "file" else None


def _remembered(wanted: Wanted, space: EmbeddingSpace) -> str:
    try:
        remember(RecentFile(wanted.target, len(space), space.d_model))
    except OSError as error:
        return f"the recent files could not be kept: {error.strerror}"
    return ""
