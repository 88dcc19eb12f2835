"""The Embedding Projector's configuration: protocol buffer text or JSON, and the paths that it names.

The messages are ProjectorConfig and EmbeddingInfo of ``projector_config.proto`` in TensorBoard.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tui_embed.errors import SourceError
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.table_rows import WIDEST

LARGEST = 1 << 20
"""Bytes of a configuration, at most."""

DEEPEST = 20

_TEXT_BEGINS = re.compile(
    rb"(?:\s|#[^\n]*\n)*(?:embeddings\s*:?\s*[{<]|model_checkpoint_(?:path|dir)\s*:\s*[\"'])"
)
_TOKEN = re.compile(
    r"(?P<blank>\s+|#[^\n]*)|(?P<name>[A-Za-z_]\w*)|(?P<number>[+-]?\d+(?!\w))"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|(?P<sign>[{}<>\[\]:;,])"
)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_PAIRS = {"{": "}", "<": ">"}

Message = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Embedding:
    """One tensor: its file, its ``shape`` (rows, numbers a row) if that is said, and the file of its labels.

    Paths are inside of the configuration's folder; ``metadata`` is None where there is none.
    """

    name: str
    tensor: Path
    shape: tuple[int, int] | None
    metadata: Path | None


def is_projector_config(head: bytes) -> bool:
    """Whether a content that begins with ``head`` is a configuration, in either form."""
    if head.lstrip()[:1] == b"{":
        return b'"embeddings"' in head and b'"tensor' in head
    return bool(_TEXT_BEGINS.match(head))


def read_config(file: SourceFile) -> Embedding:
    """The embedding that ``file.part`` names, or the only one. SourceError for a configuration that cannot be
    read, that names files outside of its own folder, or several embeddings where none is chosen.
    """
    with file.stream() as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise file.error(f"over {LARGEST >> 20} MB, which no configuration is", "byte 0")
    text = content.decode("utf-8", "replace")
    embeddings = _json_embeddings(text, file) if text.lstrip()[:1] == "{" else _text_embeddings(text, file)
    if file.part:
        chosen = [one for one in embeddings if _text(one, "tensor_name") == file.part]
    else:
        chosen = embeddings
    if len(chosen) != 1:
        what = f"no embedding “{file.part}”" if file.part else f"{len(embeddings)} embeddings"
        names = ", ".join(_text(one, "tensor_name")[:40] for one in embeddings[:6])
        hint = f"open {file.path.name}#NAME with one of {names}" if embeddings else ""
        raise file.error(what, "its embeddings", hint)
    return _embedding(chosen[0], file)


def _embedding(message: Mapping[str, Any], file: SourceFile) -> Embedding:
    name = _text(message, "tensor_name")
    place = f"embedding “{name[:40]}”"
    if not _text(message, "tensor_path"):
        raise file.error("its numbers are in a checkpoint", place, "save them as vectors.tsv and name that")
    shape = message.get("tensor_shape") or []
    most = (1 << 40, WIDEST)
    fits = all(type(size) is int and 0 < size <= limit for size, limit in zip(shape, most, strict=False))
    if not fits or len(shape) not in (0, 2):
        raise file.error(f"its shape is {str(shape)[:40]}, not rows × numbers", place)
    metadata = _text(message, "metadata_path")
    return Embedding(
        name,
        _inside(file, _text(message, "tensor_path"), place),
        (shape[0], shape[1]) if shape else None,
        _inside(file, metadata, place) if metadata else None,
    )


def _text(message: Mapping[str, Any], name: str) -> str:
    values = message.get(name) or [""]
    return values[-1] if isinstance(values[-1], str) else str(values[-1])


def _inside(file: SourceFile, path: str, place: str) -> Path:
    """``path`` in the folder of ``file``. SourceError for one that leads out of it."""
    folder = file.path.parent
    parts = PurePosixPath(path.replace("\\", "/")).parts
    first = parts[0] if parts else ""
    outside = "://" in path or "\0" in path or ":" in first or ".." in parts or first[:1] == "/"
    if outside or not (folder / path).resolve().is_relative_to(folder.resolve()):
        shown = path if len(path) <= 60 else f"{path[:60]}…"
        raise file.error(
            f"it names “{shown}”, which is outside of its folder", place, "put the file beside it"
        )
    return folder / path


def _json_embeddings(text: str, file: SourceFile) -> list[Message]:
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        raise file.error(f"no JSON: {error.msg}", f"line {error.lineno}") from None
    except (ValueError, RecursionError):
        raise file.error("no JSON that can be read", "byte 0") from None
    embeddings = config.get("embeddings")
    if not isinstance(embeddings, list) or not all(isinstance(one, dict) for one in embeddings):
        raise file.error("no list of embeddings", "its embeddings")
    keys = {"tensorName": "tensor_name", "tensorPath": "tensor_path", "metadataPath": "metadata_path"}
    return [
        {
            **{name: [one[key]] for key, name in keys.items() if isinstance(one.get(key), str)},
            "tensor_shape": one["tensorShape"] if isinstance(one.get("tensorShape"), list) else [],
        }
        for one in embeddings
    ]


def _text_embeddings(text: str, file: SourceFile) -> list[Message]:
    embeddings: list[Any] = _TextReader(text, file).message("").get("embeddings", [])
    if not all(isinstance(one, dict) for one in embeddings):
        raise file.error("an embedding that is no message", "its embeddings")
    return embeddings


class _TextReader:
    """Protocol buffer text: ``name: value``, ``name { … }``, ``name: [value, …]``; comments after ``#``."""

    def __init__(self, text: str, file: SourceFile) -> None:
        self.text = text
        self.file = file
        self.at = 0
        self.tokens = self.read_tokens()
        self.kind, self.token = "", ""
        self.depth = 0
        self.advance()

    def read_tokens(self) -> Iterator[tuple[str, str]]:
        while self.at < len(self.text):
            found = _TOKEN.match(self.text, self.at)
            if not found:
                raise self.error(f"“{self.text[self.at]}” is not understood")
            if found.lastgroup != "blank":
                yield str(found.lastgroup), found[0]
            self.at = found.end()
        yield "end", ""

    def advance(self) -> str:
        """Go on to the next token, and return this one."""
        token = self.token
        self.kind, self.token = next(self.tokens)
        return token

    def message(self, closing: str) -> Message:
        """Fields up to ``closing``; an empty one is the end of the text."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("messages are nested too deeply")
        message: Message = {}
        while self.token != closing or self.kind not in ("sign", "end"):
            if self.kind != "name":
                raise self.error(
                    "a name is needed here" if self.token else f"the closing {closing} is missing"
                )
            name = self.advance()
            colon = self.token == ":" and bool(self.advance())
            message.setdefault(name, []).extend(self.values(colon))
            if self.token in (",", ";"):
                self.advance()
        if closing:
            self.advance()
        self.depth -= 1
        return message

    def values(self, colon: bool) -> list[Any]:
        if self.token in _PAIRS:
            return [self.message(_PAIRS[self.advance()])]
        if not colon:
            raise self.error("a : is needed here")
        if self.token != "[":
            return [self.value()]
        values: list[Any] = []
        self.advance()
        while self.token != "]":
            values.append(self.message(_PAIRS[self.advance()]) if self.token in _PAIRS else self.value())
            if self.token == ",":
                self.advance()
        self.advance()
        return values

    def value(self) -> Any:
        if self.kind == "number":
            return int(self.advance()[:20])
        if self.kind == "name":
            return self.advance()
        if self.kind != "string":
            raise self.error("a value is needed here")
        text = ""
        while self.kind == "string":  # strings that follow one another are one
            text += _unescaped(self.advance()[1:-1])
        return text

    def error(self, what: str) -> SourceError:
        return self.file.error(what, f"line {self.text.count(chr(10), 0, self.at) + 1}")


def _unescaped(text: str) -> str:
    def meant(found: re.Match[bytes]) -> bytes:
        octal, hexadecimal, other = found.groups()
        if other is not None:
            return _ESCAPED.get(other, other)
        return bytes([int(octal, 8) & 255 if octal is not None else int(hexadecimal, 16)])

    return _ESCAPE.sub(meant, text.encode()).decode("utf-8", "replace")
