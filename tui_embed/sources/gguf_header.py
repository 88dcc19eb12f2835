"""The header of a GGUF file, versions 2 and 3, by the specification in ggml's docs/gguf.md: what the model's
tokens are, and where its tensors lie.

Whatever a hostile header claims, nothing is taken or looped over that the file has not the bytes for.
"""

from dataclasses import dataclass, field
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tui_embed.errors import SourceError
from tui_embed.sources.file import SourceFile

MAGIC = b"GGUF"
VERSIONS = (2, 3)

MOST_STRINGS = 1 << 24
"""Of all keys and arrays together: each takes a step to pass over."""

MOST_TOKENS = 1 << 22
MOST_TENSORS = 1 << 16
MOST_DIMENSIONS = 4
MOST_NAME = 1 << 16
"""Bytes of a key, a token or the name of a tensor."""

MOST_NESTED = 4
MOST_KEYS = 1 << 14
MOST_TEXTS = 1 << 12
"""Keys, and texts that are kept; a model has dozens."""

MOST_KEPT = 64 << 20
"""Bytes of all strings that are kept: those of the largest vocabularies, with their merges, have 10 MB."""

TOKENS = "tokenizer.ggml.tokens"
ALIGNMENT = "general.alignment"
DEFAULT_ALIGNMENT = 32

TYPES: dict[int, tuple[str, int, int]] = {
    **{0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20)},
    **{6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34)},
    **{10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176)},
    **{14: ("Q6_K", 256, 210), 16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74)},
    **{18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110)},
    **{22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2)},
    **{26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56)},
    **{30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17)},
    **{40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18)},
}
"""The types of tensors: name, numbers in a block, bytes of a block."""


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """``shape`` as NumPy has it, the numbers of a row last; ``n_bytes`` is None for a type not known here."""

    type_id: int
    shape: tuple[int, ...]
    begin: int
    n_bytes: int | None

    @property
    def type_name(self) -> str:
        return TYPES[self.type_id][0] if self.type_id in TYPES else f"type {self.type_id}"


Number = int | float | bool


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The tensors by name, and the tokens in the order of their ids, None where the file has none.

    ``numbers`` and ``texts`` are what other keys say; ``string_arrays`` and ``number_arrays`` are those that
    were asked for.
    """

    tensors: dict[str, GgufTensor]
    tokens: list[bytes] | None
    numbers: dict[str, Number] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    string_arrays: dict[str, list[bytes]] = field(default_factory=dict)
    number_arrays: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        """The model's name in front of its own keys; "" where the file does not say."""
        return self.texts.get("general.architecture", "")

    def number(self, key: str) -> Number | None:
        """What the model's own ``key`` says."""
        return self.numbers.get(f"{self.architecture}.{key}")


def read_gguf_header(file: SourceFile, raw: BinaryIO, arrays: frozenset[str] = frozenset()) -> GgufHeader:
    """The header of ``file``, which ``raw`` is at the beginning of; no tensor is read. Of arrays the tokens
    are kept, and those that ``arrays`` names.

    SourceError, with the byte, key or tensor, for one that is not as the format wants it.
    """
    cursor = _Cursor(file, raw)
    try:
        return _header(cursor, arrays)
    except OSError as error:
        raise cursor.error((error.strerror or "cannot be read").lower()) from None


def _header(cursor: "_Cursor", arrays: frozenset[str]) -> GgufHeader:
    file = cursor.file
    _check_version(cursor)
    n_tensors = cursor.count(24, "tensors", MOST_TENSORS)
    n_keys = cursor.count(13, "keys", MOST_KEYS)
    values = _Values(cursor, arrays)
    for _ in range(n_keys):
        values.take()
    infos = [_info(cursor, values.alignment) for _ in range(n_tensors)]
    data = cursor.position + -cursor.position % values.alignment
    tensors: dict[str, GgufTensor] = {}
    for name, type_id, shape, offset in infos:
        if name in tensors:
            raise file.error("there are two tensors of this name", tensor_place(name))
        tensors[name] = _placed(file, name, type_id, shape, data + offset)
    _check_apart(file, tensors)
    return GgufHeader(
        tensors, values.tokens, values.numbers, values.texts, values.string_arrays, values.number_arrays
    )


def tensor_place(name: str) -> str:
    """How an error says which tensor is meant."""
    return f"tensor {name[:80]}"


class _Cursor:
    """Takes the header's parts in order, none that the file has not the bytes for."""

    def __init__(self, file: SourceFile, raw: BinaryIO) -> None:
        self.file = file
        self.position = 0
        self._raw = raw
        self._strings_left = MOST_STRINGS
        self._kept_left = MOST_KEPT

    @property
    def left(self) -> int:
        return self.file.size - self.position

    def error(self, what: str) -> SourceError:
        return self.file.error(what, f"header, byte {self.position}")

    def take(self, n: int) -> bytes:
        found = self._raw.read(n) if n <= self.left else b""
        if len(found) < n:
            raise self.error("the file ends inside of it")
        self.position += n
        return found

    def skip(self, n: int) -> None:
        if n > self.left:
            raise self.error(f"the file ends inside of {n:,} bytes of values")
        self._raw.seek(n, 1)
        self.position += n

    def u32(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def u64(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def count(self, least: int, what: str, most: int | None = None) -> int:
        """How many things follow, each of ``least`` bytes or more."""
        n = self.u64()
        if most is not None and most < n <= self.left // least:
            raise self.error(f"{n:,} {what}, over {most:,}, are no model's")
        if n > self.left // least:
            raise self.error(f"it claims {n:,} {what}, and there are {self.left:,} bytes for them")
        return n

    def string(self, what: str) -> bytes:
        (found,) = self.strings(1, what)
        return found

    def strings(self, n: int, what: str) -> list[bytes]:
        """The next ``n`` strings, of which none is long, to be kept."""
        begin = self.position
        found = self._strings(n, what, self._kept_left)
        self._kept_left -= self.position - begin
        return found

    def pass_over_strings(self, n: int, what: str) -> None:
        """Look at the next ``n`` strings as at those that are kept."""
        for start in range(0, n, _AT_ONCE):
            self._strings(min(_AT_ONCE, n - start), what, self.left)

    def _strings(self, n: int, what: str, most: int) -> list[bytes]:
        """The next ``n`` strings, of ``most`` bytes in all. A model has hundreds of thousands of them."""
        self._count_strings(n)
        found = []
        read, number, at = self._raw.read, int.from_bytes, self.position
        end = min(self.file.size, at + most)
        for _ in range(n):
            length = number(read(8), "little")
            at += 8 + length
            if at > end or length > MOST_NAME:
                self.position = at - length
                raise self._string_error(length, what)
            found.append(read(length))
        self.position = at
        return found

    def peek_length(self) -> int:
        """The length of the string that comes next."""
        length = self.u64()
        self._raw.seek(-8, 1)
        self.position -= 8
        return length

    def skip_string(self) -> None:
        self._count_strings(1)
        length = self.u64()
        if length > self.left:
            raise self._string_error(length, "string")
        self.skip(length)

    def _count_strings(self, n: int) -> None:
        self._strings_left -= n
        if self._strings_left < 0:
            raise self.error(f"it has over {MOST_STRINGS:,} strings")

    def _string_error(self, length: int, what: str) -> SourceError:
        if length > self.left:
            return self.error(f"it claims a {what} of {length:,} bytes, and {max(0, self.left):,} are left")
        if length > MOST_NAME:
            return self.error(f"a {what} of {length:,} bytes")
        return self.error(f"it has strings of over {MOST_KEPT >> 20} MB, more than any model's")


def _check_version(cursor: _Cursor) -> None:
    if cursor.take(4) != MAGIC:
        raise cursor.error("this is no GGUF file")
    version = cursor.take(4)
    if int.from_bytes(version, "big") in VERSIONS:
        raise cursor.error("it is big-endian, which is not read")
    if int.from_bytes(version, "little") not in VERSIONS:
        raise cursor.error(f"version {int.from_bytes(version, 'little')} of the format, known are 2 and 3")


_STRING, _ARRAY = 8, 9
_NUMBERS: dict[int, np.dtype[Any]] = {
    **{0: np.dtype("u1"), 1: np.dtype("i1"), 2: np.dtype("<u2"), 3: np.dtype("<i2"), 4: np.dtype("<u4")},
    **{5: np.dtype("<i4"), 6: np.dtype("<f4"), 7: np.dtype("?"), 10: np.dtype("<u8"), 11: np.dtype("<i8")},
    12: np.dtype("<f8"),
}
"""The types of which a value has always as many bytes."""
_U32 = 4

_AT_ONCE = 1 << 12
"""Strings that are passed over together."""


class _Values:
    """The keys and their values, of which the short ones are kept, and the arrays that are asked for."""

    def __init__(self, cursor: _Cursor, arrays: frozenset[str]) -> None:
        self.alignment = DEFAULT_ALIGNMENT
        self.tokens: list[bytes] | None = None
        self.numbers: dict[str, Number] = {}
        self.texts: dict[str, str] = {}
        self.string_arrays: dict[str, list[bytes]] = {}
        self.number_arrays: dict[str, NDArray[Any]] = {}
        self._arrays = arrays
        self._cursor = cursor
        self._keys: set[str] = set()

    def take(self) -> None:
        """The next key and its value."""
        cursor = self._cursor
        key = cursor.string("key").decode("utf-8", "replace")
        if key in self._keys:
            raise cursor.error(f"the key {key[:80]} stands twice in it")
        self._keys.add(key)
        type_id = cursor.u32()
        if key == TOKENS:
            self.tokens = self._token_list(type_id)
        elif key == ALIGNMENT:
            self.alignment = self._checked_alignment(type_id)
        elif type_id in _NUMBERS:
            dtype = _NUMBERS[type_id]
            self.numbers[key] = np.frombuffer(cursor.take(dtype.itemsize), dtype)[0].item()
        elif type_id == _STRING and len(self.texts) < MOST_TEXTS:
            self._keep_text(key)
        elif type_id == _ARRAY and key in self._arrays:
            self._keep_array(key)
        else:
            self._pass_over(type_id, 0)

    def _keep_text(self, key: str) -> None:
        length = self._cursor.peek_length()
        if length > MOST_NAME:
            self._cursor.skip_string()
        else:
            self.texts[key] = self._cursor.string("text").decode("utf-8", "replace")

    def _keep_array(self, key: str) -> None:
        cursor = self._cursor
        of = cursor.u32()
        if of == _STRING:
            self.string_arrays[key] = cursor.strings(cursor.count(8, "strings", MOST_TOKENS), "string")
        elif of in _NUMBERS:
            n = cursor.count(_NUMBERS[of].itemsize, "numbers", MOST_TOKENS)
            self.number_arrays[key] = np.frombuffer(cursor.take(n * _NUMBERS[of].itemsize), _NUMBERS[of])
        else:
            raise cursor.error(f"{key[:80]} is an array of the type {of}")

    def _token_list(self, type_id: int) -> list[bytes]:
        cursor = self._cursor
        if type_id != _ARRAY or cursor.u32() != _STRING:
            raise cursor.error(f"{TOKENS} is no array of strings")
        return cursor.strings(cursor.count(8, "tokens", MOST_TOKENS), "token")

    def _checked_alignment(self, type_id: int) -> int:
        alignment = self._cursor.u32() if type_id == _U32 else 0
        if alignment.bit_count() != 1:
            raise self._cursor.error(f"{ALIGNMENT} is no power of 2")
        return alignment

    def _pass_over(self, type_id: int, depth: int) -> None:
        cursor = self._cursor
        if type_id in _NUMBERS:
            cursor.skip(_NUMBERS[type_id].itemsize)
        elif type_id == _STRING:
            cursor.skip_string()
        elif type_id == _ARRAY and depth < MOST_NESTED:
            of = cursor.u32()
            n = cursor.count(_NUMBERS[of].itemsize if of in _NUMBERS else 8, "values of an array")
            if of in _NUMBERS:
                cursor.skip(n * _NUMBERS[of].itemsize)
            elif of == _STRING:
                cursor.pass_over_strings(n, "string of an array")
            else:
                for _ in range(n):
                    self._pass_over(of, depth + 1)
        else:
            raise cursor.error(f"a value of the unknown type {type_id}")


def _info(cursor: _Cursor, alignment: int) -> tuple[str, int, tuple[int, ...], int]:
    """The name, type, shape and offset of the next tensor."""
    name = cursor.string("tensor's name").decode("utf-8", "replace")
    n_dimensions = cursor.u32()
    if n_dimensions > MOST_DIMENSIONS:
        what = f"{n_dimensions:,} dimensions, at most {MOST_DIMENSIONS} are possible"
        raise cursor.file.error(what, tensor_place(name))
    shape = tuple(cursor.u64() for _ in range(n_dimensions))[::-1]
    if prod(shape) >= 1 << 63:
        raise cursor.file.error(
            f"{' × '.join(map(str, shape))} numbers are more than any file has", tensor_place(name)
        )
    type_id, offset = cursor.u32(), cursor.u64()
    if offset % alignment:
        what = f"its offset {offset:,} is no multiple of the alignment, {alignment:,}"
        raise cursor.file.error(what, tensor_place(name))
    return name, type_id, shape, offset


def _placed(file: SourceFile, name: str, type_id: int, shape: tuple[int, ...], begin: int) -> GgufTensor:
    """The tensor, if the file has all of its bytes."""
    n_bytes = None
    if type_id in TYPES:
        type_name, of_block, block_bytes = TYPES[type_id]
        if shape and shape[-1] % of_block:
            what = f"rows of {shape[-1]:,} numbers are no whole blocks of {type_name}"
            raise file.error(what, tensor_place(name))
        n_bytes = prod(shape) // of_block * block_bytes
    if begin + (n_bytes or 0) > file.size:
        what = f"its bytes {begin:,} … {begin + (n_bytes or 0):,} are not all in a file of {file.size:,}"
        raise file.error(what, tensor_place(name), "the file is cut short, or its header is wrong")
    return GgufTensor(type_id, shape, begin, n_bytes)


def _check_apart(file: SourceFile, tensors: dict[str, GgufTensor]) -> None:
    """SourceError for a tensor that begins before another ends."""
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].begin, item[1].n_bytes or 0)):
        if tensor.begin < end:
            raise file.error("it overlaps the tensor before it", tensor_place(name))
        end = tensor.begin + (tensor.n_bytes or 0)
