"""The rows of a checkpoint in the store, on request: mapped, with their norms, so that searches are fast."""

from copy import copy
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.sources.builder import Content
from tui_embed.sources.codes import use_codes
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.beside import is_of_names
from tui_embed.sources.models.tensors import StoredTensor, TensorRows
from tui_embed.sources.store.kept import found_in_store, from_store
from tui_embed.sources.store.parts import StoredRows


def matrix_of(tensor: StoredTensor, *, cache: bool) -> EmbeddingMatrix:
    """The rows of ``tensor``: out of the store where they were put there, else as they lie in their file."""
    content = _kept(tensor) if cache else None
    if content is None or content.rows.shape != tensor.shape:
        return EmbeddingMatrix(TensorRows(tensor))
    matrix = EmbeddingMatrix(content.rows, norms=content.norms)
    use_codes(matrix)
    return matrix


def keep_rows(
    space: EmbeddingSpace, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> Content:
    """Put the rows of ``space`` into the store, from where they are taken when it is opened again;
    ``progress`` counts bytes. UsageError for a space whose rows lie there already, or in no file.
    """
    from tui_embed.sources.open import read

    rows = space.matrix.rows
    if not isinstance(rows, TensorRows):
        stored = isinstance(rows, StoredRows)
        what = "lie in the store already" if stored else "are not read from a checkpoint"
        raise UsageError(f"the rows of {space.name} {what}", "nothing is to be kept")
    with _opened(rows.tensor) as file:
        return from_store(file, read, cancel, progress)


def notes_of_rows(space: EmbeddingSpace, content: Content | None = None) -> list[str]:
    """What was found odd when all rows were read into the store, and is not among the notes of ``space``
    already; ``content`` is given where that was now. Nothing for rows that are not there.
    """
    from tui_embed.sources.open import read

    rows = space.matrix.rows
    if content is None and isinstance(rows, StoredRows):
        with SourceFile(Path(rows.home.path), rows.home.part) as file:
            content = found_in_store(file, read)
    found = () if content is None else content.notes
    return [note for note in found if note not in space.notes and not is_of_names(note)]


def with_kept_rows(
    space: EmbeddingSpace, cancel: CancelToken | None = None, progress: Progress = no_progress
) -> EmbeddingSpace:
    """``space`` with its rows put into the store and taken from there, as :func:`keep_rows`."""
    rows = space.matrix.rows
    content = keep_rows(space, cancel, progress)
    found = copy(space)
    if isinstance(rows, TensorRows):
        found.matrix = matrix_of(rows.tensor, cache=True)
    found.notes = (*space.notes, *(note for note in content.notes if "not kept" in note))
    return found


def _kept(tensor: StoredTensor) -> Content | None:
    from tui_embed.sources.open import read

    with _opened(tensor) as file:
        return found_in_store(file, read)


def _opened(tensor: StoredTensor) -> SourceFile:
    # path and part apart: a tensor's name may have a # of its own
    return SourceFile(tensor.file.path.absolute(), tensor.name)
