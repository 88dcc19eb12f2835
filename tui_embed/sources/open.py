"""A file of vectors, in whatever format, as a space: recognised, read once, then mapped from the store."""

import os
from contextlib import ExitStack
from pathlib import Path

from tui_embed.engine.cancel import CancelToken, Progress, no_progress
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.tokens import Tokenizer
from tui_embed.sources.builder import Content, SpaceBuilder
from tui_embed.sources.codes import use_codes
from tui_embed.sources.file import SourceFile
from tui_embed.sources.recognise import recognise
from tui_embed.sources.store.kept import from_store
from tui_embed.tokenizers.trained import trained_tokenizer
from tui_embed.tokenizers.words import WordTokenizer


def open_file(
    spec: str | Path,
    *,
    cache: bool = True,
    cancel: CancelToken | None = None,
    progress: Progress = no_progress,
) -> EmbeddingSpace:
    """The space in a file, or in the folder of a checkpoint, which its config.json or tokenizer.json stands
    for; ``path#part`` names one of several tensors, arrays, members or columns.

    With ``cache`` it comes from the store, and is put there when it is read for the first time. ``progress``
    counts bytes of the file. SourceError where the file is not what it claims to be.
    """
    # not Path.is_dir, which raises for a name that is too long for any file
    if os.path.isdir(spec):  # noqa: PTH112
        from tui_embed.sources.models.opening import open_folder

        return open_folder(Path(spec), cache=cache)
    with ExitStack() as stack:
        file = stack.enter_context(SourceFile(spec))
        if file.path.suffix == ".json":
            from tui_embed.sources.models.files import folder_around
            from tui_embed.sources.models.opening import open_folder

            folder = folder_around(file)
            if folder is not None:
                return open_folder(folder, cache=cache)
        space = _checkpoint(file, cache)
        if space is not None:
            # its rows are read when they are asked for
            stack.pop_all()
            return space
        if cache:
            return space_of(file, from_store(file, read, cancel, progress))
        return space_of(file, read(SpaceBuilder(file, cancel=cancel, progress=progress)))


def _checkpoint(file: SourceFile, cache: bool) -> EmbeddingSpace | None:
    """``file`` as a model's checkpoint, of which no more is read than is looked at; None for other files, and
    for a part of one.
    """
    title = "" if file.part or file.packing is not None else recognise(file).title
    if title not in ("GGUF", "safetensors"):
        return None
    from tui_embed.sources.models.opening import open_gguf, open_safetensors

    return open_gguf(file, cache=cache) if title == "GGUF" else open_safetensors(file, cache=cache)


def read(builder: SpaceBuilder) -> Content:
    """Everything in the builder's file, by the reader of its format."""
    file = builder.file
    kind = recognise(file)
    builder.format = kind.title if file.packing is None else f"{kind.title}, {file.packing.name}"
    kind.reader()(file, builder)
    file.check_unchanged()
    return builder.finish()


def space_of(file: SourceFile, content: Content) -> EmbeddingSpace:
    """The space that a content is; its name is the file's."""
    vocabulary = content.vocabulary
    tokenizer: Tokenizer | None = None
    if content.training is not None:
        tokenizer = trained_tokenizer(content.training.settings.tokens, vocabulary, content.training.unk)
    elif not content.named_by_number:
        tokenizer = WordTokenizer("words", vocabulary.get, len(vocabulary))
    matrix = EmbeddingMatrix(content.rows, norms=content.norms)
    use_codes(matrix)
    return EmbeddingSpace(
        name=f"{file.path.name}#{file.part}" if file.part else file.path.name,
        vocabulary=vocabulary,
        matrix=matrix,
        positions=content.positions or NoPositions(f"{content.format} has no positions"),
        provenance=content.provenance
        or Provenance(
            trained=True, origin=f"from a file, {content.format}", source=str(file.path.absolute())
        ),
        tokenizer=tokenizer,
        notes=content.notes,
        metadata=content.metadata,
        subwords=content.subwords,
        training=content.training,
    )
