"""The header of a .safetensors file: which tensors are in it, and where.

Eight bytes, little-endian, say how long the JSON is that follows; then come the tensors' bytes, one tensor
after another. The format's own specification and reference implementation agree on: at most 100 MB of header,
no tensor twice, none that overlaps another, none outside of the file, no byte that belongs to none.
"""

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from tui_embed.errors import SourceError
from tui_embed.json_values import count_values

MOST_HEADER = 100_000_000
MOST_VALUES = 4_000_000
"""Of the JSON: no header of a model has so many."""

MOST_DIMENSIONS = 64

METADATA = "__metadata__"
_LENGTH_BYTES = 8

BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
"""What a number of each type takes."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers of ``dtype``, as the format calls it, in the bytes ``begin`` … ``end`` − 1 of the file."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class SafetensorsHeader:
    """The tensors by name, and what the writer says of them."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]


def read_safetensors_header(path: Path, raw: BinaryIO, size: int) -> SafetensorsHeader:
    """The header of a file of ``size`` bytes, which ``raw`` is at the beginning of; no tensor is read.

    SourceError, with the tensor, for a header that is not as the format wants it.
    """
    try:
        length = int.from_bytes(raw.read(_LENGTH_BYTES), "little")
        begin = _LENGTH_BYTES + length
        if begin > size:
            raise _wrong(path, f"a header of {length:,} bytes in a file of {size:,}")
        if length > MOST_HEADER:
            raise _wrong(path, f"a header of {length:,} bytes, over {MOST_HEADER // 10**6} MB")
        text = raw.read(length)
    except OSError as error:
        raise _wrong(path, (error.strerror or "cannot be read").lower()) from None
    if len(text) < length:
        raise _wrong(path, "the file ends inside of it")
    found = _json(path, text)
    metadata = found.pop(METADATA, {})
    if not _is_object_of(metadata, str):
        raise _wrong(path, f"{METADATA} is no object of texts")
    tensors = {name: _tensor(path, name, given, begin) for name, given in found.items()}
    _check_cover(path, tensors, begin, size)
    return SafetensorsHeader(tensors, metadata)


def tensor_place(name: str) -> str:
    """How an error says which tensor is meant."""
    return f"tensor {name[:80]}"


class _TwiceError(ValueError):
    """A key that an object has twice."""


def _json(path: Path, text: bytes) -> dict[str, Any]:
    if count_values(text) > MOST_VALUES:
        raise _wrong(path, f"over {MOST_VALUES:,} values, more than any model's")
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except _TwiceError as error:
        raise _wrong(path, f"the name {str(error)[:80]} stands twice in it") from None
    except UnicodeDecodeError as error:
        raise _wrong(path, "it is not UTF-8", f", byte {_LENGTH_BYTES + error.start}") from None
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"it is no JSON: {str(error)[:80]}") from None
    if not isinstance(found, dict) or not text.startswith(b"{"):
        raise _wrong(path, "it is no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _tensor(path: Path, name: str, given: Any, data_begin: int) -> Tensor:
    def error(what: str) -> SourceError:
        return SourceError(path, what, tensor_place(name))

    if not isinstance(given, dict) or given.keys() != {"dtype", "shape", "data_offsets"}:
        raise error("not described by a dtype, a shape and data_offsets")
    dtype, shape, offsets = given["dtype"], given["shape"], given["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise error(f"numbers of an unknown type, {str(dtype)[:40]}")
    if not _is_sizes(shape) or len(shape) > MOST_DIMENSIONS:
        raise error(f"its shape is no list of lengths: {str(shape)[:40]}")
    if not _is_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise error(f"its data_offsets are no beginning and end: {str(offsets)[:60]}")
    n_bits = prod(shape) * BITS[dtype]
    n_bytes = offsets[1] - offsets[0]
    if n_bits != 8 * n_bytes:
        shown = " × ".join(map(str, shape))[:60]
        raise error(f"{shown} {dtype} do not take the {n_bytes:,} bytes that its data_offsets give it")
    return Tensor(dtype, tuple(shape), data_begin + offsets[0], data_begin + offsets[1])


def _check_cover(path: Path, tensors: dict[str, Tensor], begin: int, size: int) -> None:
    """SourceError unless each byte behind the header belongs to one tensor."""
    at = begin
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].end)):
        if tensor.begin != at:
            fault = "it overlaps the tensor before it" if tensor.begin < at else "a hole before it"
            raise SourceError(
                path, f"{fault}: it begins at byte {tensor.begin:,}, not {at:,}", tensor_place(name)
            )
        if tensor.end > size:
            what = f"it ends at byte {tensor.end:,} of a file of {size:,}"
            raise SourceError(path, what, tensor_place(name), "the file is cut short, or its header is wrong")
        at = tensor.end
    if at != size:
        raise _wrong(path, f"the last {size - at:,} bytes of the file belong to no tensor")


def _is_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(size) is int and 0 <= size < 1 << 63 for size in value)


def _is_object_of(value: Any, kind: type) -> bool:
    return isinstance(value, dict) and all(isinstance(item, kind) for item in value.values())


def _wrong(path: Path, what: str, place: str = "") -> SourceError:
    return SourceError(path, what, f"header{place}")
