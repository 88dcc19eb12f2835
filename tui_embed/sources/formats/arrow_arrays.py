"""Columns of Arrow as vectors and texts. pyarrow is imported by whoever calls this."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.formats.table_columns import Kind
from tui_embed.sources.formats.table_rows import Texts, wrong_width
from tui_embed.sources.formats.written_numbers import (
    NoNumberError,
    as_rows,
    kind_of_texts,
    listed_floats,
    listed_rows,
)

Weigh = Callable[[int], None]
"""Called with bytes that are about to be made; raises where they are too many."""


def kind_of(pa: Any, type_: Any, sample: Any) -> Kind:
    """What a column of ``type_`` holds; ``sample`` is an array of its first rows."""
    types = pa.types
    plain = _plain_type(pa, type_)
    if _is_text(types, plain):
        texts = _plain(pa, sample).cast(pa.binary()).to_pylist()
        kind = kind_of_texts(text.decode("utf-8", "replace") for text in texts if text)
        # what is typed as text is no number, though it may look like one
        return kind if kind is Kind.WRITTEN_NUMBERS else Kind.TEXT
    if types.is_integer(plain) or types.is_floating(plain) or types.is_decimal(plain):
        return Kind.NUMBER
    if _is_list(types, plain):
        inner = plain.value_type
        if types.is_floating(inner) or types.is_decimal(inner):
            return Kind.NUMBERS
        return Kind.WHOLE_NUMBERS if types.is_integer(inner) else Kind.OTHER
    if _is_bytes(types, plain):
        return Kind.BYTES
    return Kind.OTHER


def vectors_of(pa: Any, array: Any, d_model: int, builder: SpaceBuilder, name: str, weigh: Weigh) -> Floats:
    """A column of lists of numbers, or of texts that list them, as ``(m, d_model)``; a ``d_model`` of 0 is
    that of the first row. SourceError, with the row, for the first that is no such vector.
    """
    _weigh_repeats(pa, array, weigh)
    array = _plain(pa, array)
    if array.null_count:
        row = _first_null(array)
        raise builder.file.error(f"column “{name}”: there is no vector", builder.place(builder.n_rows + row))
    if _is_text(pa.types, array.type):
        return _written_vectors(array.cast(pa.binary()).to_pylist(), d_model, builder, name)
    if pa.types.is_fixed_size_list(array.type):
        lengths = np.full(len(array), array.type.list_size, dtype=np.int64)
    else:
        lengths = np.diff(array.offsets.to_numpy()).astype(np.int64)
    d_model = d_model or int(lengths[0])
    _check_widths(lengths, d_model, builder)
    values = array.flatten()
    if values.null_count:
        row = _first_null(values) // d_model
        raise builder.file.error(f"column “{name}”: a number is missing", builder.place(builder.n_rows + row))
    return _floats(pa, values).reshape(len(array), d_model)


def spread_vectors(pa: Any, arrays: Sequence[Any], builder: SpaceBuilder, names: Sequence[str]) -> Floats:
    """Columns of numbers, one for each of a vector's, as ``(m, len(arrays))``."""
    rows = np.empty((len(arrays[0]), len(arrays)), dtype=np.float32)
    for place, (array, name) in enumerate(zip(arrays, names, strict=True)):
        plain = _plain(pa, array)
        if plain.null_count:
            row = builder.n_rows + _first_null(plain)
            raise builder.file.error(f"column “{name}”: a number is missing", builder.place(row))
        rows[:, place] = _floats(pa, plain)
    return rows


def texts_of(pa: Any, array: Any, weigh: Weigh) -> Texts:
    """Any column as texts; null is the empty one, a nested value is written as JSON."""
    _weigh_repeats(pa, array, weigh)
    types = pa.types
    array = _plain(pa, array)
    if types.is_float16(array.type):
        array = array.cast(pa.float32())
    try:
        if not _is_text(types, array.type) and not _is_bytes(types, array.type):
            array = array.cast(pa.string())
        array = array.cast(pa.large_binary())
    except pa.ArrowException:
        return Texts.of(_json(value) for value in array.to_pylist())
    array = array.fill_null(b"")
    _, offsets, blob = array.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    used = b"" if blob is None else blob[int(places[0]) : int(places[-1])].to_pybytes()
    return Texts(used, np.diff(places))


def nulls(pa: Any, array: Any) -> list[int]:
    """The rows of a block, from 0, that hold nothing."""
    if not array.null_count and not pa.types.is_dictionary(array.type):
        return []
    return np.flatnonzero(_plain(pa, array).is_null().to_numpy(zero_copy_only=False)).tolist()


def _weigh_repeats(pa: Any, array: Any, weigh: Weigh) -> None:
    """Tell how many bytes the texts of a dictionary will have, before each row has its own."""
    if pa.types.is_dictionary(array.type) and _is_text(pa.types, array.type.value_type):
        lengths = pa.compute.binary_length(array.dictionary)
        weigh(pa.compute.sum(lengths.take(array.indices).cast(pa.int64())).as_py() or 0)


def _written_vectors(texts: Sequence[bytes], d_model: int, builder: SpaceBuilder, name: str) -> Floats:
    written = [text.decode("utf-8", "replace") for text in texts]
    plain = listed_rows(written, d_model) if d_model else None
    if plain is not None:
        return plain
    flat: list[float] = []
    for row, text in enumerate(written, builder.n_rows):
        try:
            numbers = listed_floats(text)
        except NoNumberError as error:
            raise builder.file.error(f"column “{name}”: {error}"[:160], builder.place(row)) from None
        d_model = d_model or len(numbers)
        if len(numbers) != d_model:
            raise wrong_width(len(numbers), d_model, builder, row)
        flat += numbers
    return as_rows(flat, len(texts))


def _check_widths(lengths: NDArray[np.int64], d_model: int, builder: SpaceBuilder) -> None:
    wrong = np.flatnonzero(lengths != d_model)
    if len(wrong):
        row = int(wrong[0])
        raise wrong_width(int(lengths[row]), d_model, builder, builder.n_rows + row)


def _floats(pa: Any, values: Any) -> Floats:
    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    with np.errstate(over="ignore"):
        floats: Floats = values.to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    return floats


def _plain(pa: Any, array: Any) -> Any:
    """The values themselves, without an extension type or a dictionary around them."""
    while isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _plain_type(pa: Any, type_: Any) -> Any:
    while isinstance(type_, pa.BaseExtensionType):
        type_ = type_.storage_type
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def _is_text(types: Any, type_: Any) -> bool:
    return bool(types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_))


def _is_bytes(types: Any, type_: Any) -> bool:
    return bool(types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_))


def _is_list(types: Any, type_: Any) -> bool:
    return bool(types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_))


def _first_null(array: Any) -> int:
    return int(np.argmax(array.is_null().to_numpy(zero_copy_only=False)))


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
