"""One array in NumPy's .npy format, its tokens in a file beside it."""

from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import Matrix, NumberType, add_rows, checked_matrix, number_type, said
from tui_embed.sources.formats.beside import name_rows
from tui_embed.sources.formats.columns import add_columns, columns_in_memory, columns_on_disk
from tui_embed.sources.formats.npy_header import NpyHeader, read_npy_header
from tui_embed.sources.stream import ByteStream

PICKLE = "its items are Python objects, a pickle, which can run programs when it is read"
HOW_TO_SAVE = "save numbers: np.save(path, np.asarray(vectors, dtype=np.float32))"

_PLACE = "header"


def read(file: SourceFile, builder: SpaceBuilder) -> None:
    """Read ``file`` into ``builder``."""
    with file.stream() as stream:
        header = read_npy_header(stream, _PLACE)
        matrix = checked_matrix(file, _PLACE, header.shape, numbers_of(file, header, _PLACE))
        if not file.packing:
            _check_room(file, header.size, matrix)
        if header.is_fortran:
            _add_columns(file, builder, stream, matrix)
        else:
            add_rows(builder, stream, matrix)
        if _goes_on(file, stream, header.size + matrix.n_bytes):
            builder.note("the file goes on behind its array: what follows was not read")
    name_rows(builder, matrix.d_model)


def numbers_of(file: SourceFile, header: NpyHeader, place: str) -> NumberType:
    """How the array keeps its numbers. SourceError for an array of anything else."""
    if header.is_pickle:
        raise file.error(PICKLE, place, HOW_TO_SAVE)
    numbers = None if header.dtype is None else number_type(header.dtype)
    if numbers is None:
        raise file.error(f"an array of {header}, not of real numbers", place)
    return numbers


def _check_room(file: SourceFile, begin: int, matrix: Matrix) -> None:
    """SourceError for a shape that the file has no room for, before room is made for it."""
    if begin + matrix.n_bytes > file.size:
        claimed = f"{said((matrix.n_rows, matrix.d_model))} {matrix.numbers.name}"
        what = f"{claimed} take {matrix.n_bytes:,} bytes, there are {file.size - begin:,}"
        raise file.error(what, matrix.place, "the file is cut short, or its header is wrong")


def _add_columns(file: SourceFile, builder: SpaceBuilder, stream: ByteStream, matrix: Matrix) -> None:
    if file.packing:
        add_columns(builder, matrix, columns_in_memory(builder, stream, matrix))
        return
    with file.raw() as raw:
        add_columns(builder, matrix, columns_on_disk(file, raw, stream.position, matrix))


def _goes_on(file: SourceFile, stream: ByteStream, end: int) -> bool:
    return bool(stream.read(1)) if file.packing else file.size > end
