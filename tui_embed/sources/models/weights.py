"""The tensors of a checkpoint by name, over all its files; opening reads the headers and nothing else."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui_embed.errors import SourceError
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.safetensors import NUMBERS
from tui_embed.sources.models.config import read_object, text_map
from tui_embed.sources.models.tensors import PlainEncoding, StoredTensor
from tui_embed.sources.safetensors_header import Tensor, read_safetensors_header

INDEX = "model.safetensors.index.json"
MOST_FILES = 1024
ONE_OF_SEVERAL = "one file of several: open its folder"
_FLOATS = re.compile(r"B?F\d+(_\w+)?$")
"""Types of parameters; whole numbers and flags are buffers."""


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """``tensors`` by name, and the names of the ``missing`` files, whose tensors are not among them.
    ``is_one_of_several``: of the files of a checkpoint only this one was opened.
    """

    tensors: Mapping[str, StoredTensor]
    n_params: int
    missing: tuple[str, ...] = ()
    is_one_of_several: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether these are all tensors of the model."""
        return not self.missing and not self.is_one_of_several

    def find(self, suffixes: Sequence[str]) -> str | None:
        """The tensor that is called one of ``suffixes``, behind whatever a model has before it: the first of
        them that there is, and of several of one suffix the one with the shortest name.
        """
        for suffix in suffixes:
            found = [name for name in self.tensors if name == suffix or name.endswith(f".{suffix}")]
            if found:
                return min(found, key=lambda name: (len(name), name))
        return None

    def of(self, suffixes: Sequence[str]) -> StoredTensor | None:
        """As :meth:`find`, the tensor itself."""
        name = self.find(suffixes)
        return None if name is None else self.tensors[name]


def safetensors_weights(file: SourceFile) -> Weights:
    """The tensors of one .safetensors file. SourceError, with the tensor, for a header that lies."""
    with file.raw() as raw:
        found = read_safetensors_header(file.path, raw, file.size).tensors
    tensors = {name: _stored(file, name, tensor) for name, tensor in found.items()}
    return Weights(tensors, _count(tensors))


def is_one_of_several(path: Path) -> bool:
    """Whether the index beside a .safetensors file names it, and others with it."""
    index = path.with_name(INDEX)
    # not Path.exists, which raises for a name that is too long for any file
    if not os.path.exists(index):  # noqa: PTH110
        return False
    try:
        files = set(text_map(index, read_object(index).get("weight_map"), "weight_map").values())
    except SourceError:
        # the file can be opened without it, and the folder will say what is wrong with it
        return False
    return path.name in files and len(files) > 1


def sharded_weights(index: Path) -> Weights:
    """The tensors of all files that an index names; files that are not there are missing, and all others
    must have what the index says. SourceError.
    """
    names = text_map(index, read_object(index).get("weight_map"), "weight_map")
    files = sorted(set(names.values()))
    if len(files) > MOST_FILES:
        raise SourceError(index, f"{len(files):,} files, more than any checkpoint has")
    tensors: dict[str, StoredTensor] = {}
    missing = []
    for name in files:
        # a name that leads elsewhere would read what the person did not point at
        if Path(name).name != name or not name.endswith(".safetensors") or "\0" in name:
            raise SourceError(index, f"“{name[:80]}” is no .safetensors file beside it", "weight_map")
        path = index.with_name(name)
        # not Path.exists, which raises for a name that is too long for any file
        if os.path.exists(path):  # noqa: PTH110
            tensors |= safetensors_weights(SourceFile(path)).tensors
        else:
            missing.append(name)
    lost = next((t for t, file in names.items() if file not in missing and t not in tensors), None)
    if lost is not None:
        raise SourceError(index.with_name(names[lost]), "the index has it here, and it is not", lost[:80])
    if not tensors:
        raise SourceError(index, f"none of its {len(files)} files is here", "weight_map")
    return Weights(tensors, _count(tensors), tuple(missing))


def _stored(file: SourceFile, name: str, tensor: Tensor) -> StoredTensor:
    numbers = NUMBERS.get(tensor.dtype)
    encoding = None if numbers is None else PlainEncoding(numbers)
    return StoredTensor(file, name, tensor.shape, tensor.begin, encoding, tensor.dtype)


def _count(tensors: Mapping[str, StoredTensor]) -> int:
    return sum(tensor.size for tensor in tensors.values() if _FLOATS.match(tensor.type_name))
