"""What is on the Map screen, written to a file whose end says the format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.maps.heat import HeatMap, PositionPicture
from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import UsageError
from tui_embed.locations import at_home
from tui_embed.pictures import said
from tui_embed.pictures.figure import map_figure
from tui_embed.pictures.heat_figure import heat_figure, positions_figure
from tui_embed.pictures.page import map_page
from tui_embed.pictures.table import heat_table, map_table
from tui_embed.printable import printable
from tui_embed.sources.convert import Target, write_space
from tui_embed.sources.writers.atomic import atomic

MAP_ENDS = (".svg", ".png", ".html", ".csv", ".pbtxt", "/")
HEAT_ENDS = (".svg", ".png", ".csv")


@dataclass(frozen=True, slots=True)
class Saved:
    """The files that were written, and what there is to say of them (text from outside)."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


Content = tuple[bytes, list[str]]


def checked_end(path: str, ends: tuple[str, ...]) -> str:
    """What the end of ``path`` says: one of ``ends``. UsageError where it says nothing."""
    found = next((end for end in ends if path.lower().endswith(end)), None)
    if found is None and "/" in ends and at_home(path).is_dir():
        found = "/"
    if found is None:
        known = ", ".join(end for end in ends if end != "/")
        projector = ", or a folder/ for the Embedding Projector" if "/" in ends else ""
        raise UsageError(f"{path}: the end of its name says no format", f"ends that do: {known}{projector}")
    return found


def files_of(path: str, ends: tuple[str, ...]) -> tuple[Path, ...]:
    """The files that would be written or replaced. UsageError as :func:`checked_end`."""
    if checked_end(path, ends) in (".pbtxt", "/"):
        return Target.of(path).files
    return (at_home(path),)


def write_map(
    drawn: PointMap, path: str, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> Saved:
    """Write a map to ``path``. UsageError for an end that says nothing; TuiEmbedError where a package is
    missing and where the system refuses anything: what was there is then as it was.
    """
    end = checked_end(path, MAP_ENDS)
    if end in (".pbtxt", "/"):
        written = write_space(_as_space(drawn), path, cancel=cancel, progress=progress)
        return Saved(written.files)
    makers: Mapping[str, Callable[[], Content]] = {
        ".svg": lambda: map_figure(drawn, "svg"),
        ".png": lambda: map_figure(drawn, "png"),
        ".html": lambda: (map_page(drawn), []),
        ".csv": lambda: (map_table(drawn), []),
    }
    return _write(path, makers[end])


def write_heat(maps: tuple[HeatMap, ...], space: EmbeddingSpace, path: str) -> Saved:
    """Write one or two heat maps; a table is that of the first. Errors as :func:`write_map`."""
    end = checked_end(path, HEAT_ENDS)
    if end == ".csv":
        return _write(path, lambda: (heat_table(maps[0]), []))
    return _write(path, lambda: heat_figure(maps, said.origin(space), end[1:]))


def write_positions(pictures: tuple[PositionPicture, ...], space: EmbeddingSpace, path: str) -> Saved:
    """Write the cosines and curves of position rows; a table is of the first kind's cosines."""
    end = checked_end(path, HEAT_ENDS)
    if end == ".csv":
        return _write(path, lambda: (heat_table(pictures[0].cosines), []))
    return _write(path, lambda: positions_figure(pictures, said.origin(space), end[1:]))


def _write(path: str, made: Callable[[], Content]) -> Saved:
    content, notes = made()
    target = at_home(path)
    with atomic(target) as file:
        file.write(content)
    return Saved((target,), tuple(notes))


def _as_space(drawn: PointMap) -> EmbeddingSpace:
    """The rows that are shown as a space of their own, with the cluster of each."""
    ids = drawn.subject.ids.tolist()
    tokens = [drawn.space.vocabulary.token_bytes(token_id) for token_id in ids]
    columns = {
        name: TextColumn.from_texts([column[token_id] for token_id in ids])
        for name, column in drawn.space.metadata.items()
    }
    if drawn.clusters is not None and "cluster" not in columns:
        labels = [str(label + 1) for label in drawn.clusters.labels.tolist()]
        columns["cluster"] = TextColumn.from_texts(labels)
    return EmbeddingSpace(
        f"{drawn.space.name}: {printable(drawn.subject.title)}",
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(np.array(drawn.rows, dtype=np.float32))),
        NoPositions("a map's rows"),
        drawn.space.provenance,
        metadata=columns,
    )
