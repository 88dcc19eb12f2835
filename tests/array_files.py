"""What the tests of array formats share: reading a file as the program does, and cutting it short."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from tui_embed.errors import SourceError
from tui_embed.sources.builder import Content, SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.open import read


def content_of(path: Path | str) -> Content:
    """The content of a file, of whatever format."""
    with SourceFile(path) as file:
        return read(SpaceBuilder(file))


def tried(path: Path | str) -> Content | str:
    """The content of a file, or the line that says why it is refused."""
    try:
        return content_of(path)
    except SourceError as error:
        return str(error)


def refusal(path: Path | str) -> str:
    """The line that says why a file is refused, behind the file's name."""
    line = tried(path)
    assert isinstance(line, str), "it was not refused"
    name = str(path).partition("#")[0]
    assert "\n" not in line
    assert len(line.removeprefix(name)) < 300
    assert line.startswith(name)
    return line.removeprefix(name)


def check_cuts(whole: bytes, path: Path, is_whole: Callable[[Content], bool]) -> int:
    """Cut a file at every offset: each must be refused in one line, or load exactly. How many loaded."""
    loaded = 0
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        found = tried(path)
        if isinstance(found, str):
            assert "\n" not in found
            assert len(found.removeprefix(str(path))) < 300
        else:
            assert is_whole(found), end
            loaded += 1
    return loaded


def gguf_string(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def gguf_key(key: str, type_id: int, value: bytes) -> bytes:
    return gguf_string(key.encode()) + struct.pack("<I", type_id) + value


def gguf_tokens(tokens: Sequence[bytes]) -> bytes:
    value = struct.pack("<IQ", 8, len(tokens)) + b"".join(map(gguf_string, tokens))
    return gguf_key("tokenizer.ggml.tokens", 9, value)


def gguf_tensor(name: str, dims: Sequence[int], type_id: int = 0, offset: int = 0) -> bytes:
    numbers = b"".join(struct.pack("<Q", length) for length in dims)
    begin = gguf_string(name.encode()) + struct.pack("<I", len(dims))
    return begin + numbers + struct.pack("<IQ", type_id, offset)


def gguf(
    keys: Sequence[bytes], tensors: Sequence[bytes], data: bytes, version: int = 3, alignment: int = 32
) -> bytes:
    """A file of the format by its parts, which need not fit together."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys)) + b"".join([*keys, *tensors])
    return head + bytes(-len(head) % alignment) + data
