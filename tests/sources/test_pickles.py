"""Pickles are told by their content and refused, and vectors are never taken for one."""

import pickle
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from data import package_file
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import nasty_tokens, small_space

from tui_embed.engine.rows import Floats
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.pickles import is_pickle, read
from tui_embed.sources.writers import text, word2vec_binary


class Traps:
    """Reading its pickle makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def refused(path: Path) -> str:
    with SourceFile(path) as file:
        with pytest.raises(SourceError) as caught:
            read(file, SpaceBuilder(file))
        return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        {},
        [1, 2],
        [],
        np.zeros((2, 3), np.float32),
        OrderedDict(a=[1]),
        np.float32(1),
        Path("x"),
        {1, 2},
        [np.zeros(3)],
    ],
    ids=repr,
)
def test_every_protocol_is_told(value: object, protocol: int) -> None:
    assert is_pickle(pickle.dumps(value, protocol))


@pytest.mark.parametrize("name", ["old_keyedvectors_320.dat", "ft_kv_3.6.0.model.gz", "varembed_vectors.pkl"])
def test_real_ones_are_told_packed_or_not(name: str) -> None:
    with SourceFile(package_file(name)) as file:
        assert is_pickle(file.head)


def test_joblib_packs_with_zlib() -> None:
    assert is_pickle(zlib.compress(pickle.dumps({"rows": [1.0] * 900}, 4)))
    assert not is_pickle(zlib.compress(b"the 0.1 0.2\n" * 90))
    assert not is_pickle(b"x^ 0.1 0.2\n")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("old_keyedvectors_320.dat", "save it in word2vec format: KeyedVectors.save_word2vec_format"),
        (
            "varembed_vectors.pkl",
            "save the tensor as .safetensors or .npy, or with gensim in word2vec format",
        ),
    ],
)
def test_it_is_refused_with_the_way_out(name: str, hint: str) -> None:
    line = refused(package_file(name))
    assert line.startswith(
        ", byte 0: a pickle, which can run programs when it is read, and is never opened ("
    )
    assert hint in line
    assert len(line) < 250


def test_nothing_in_it_is_run(tmp_path: Path) -> None:
    for protocol in range(6):
        path = tmp_path / f"{protocol}.kv"
        path.write_bytes(pickle.dumps(Traps(tmp_path / "sprung"), protocol))
        with SourceFile(path) as file:
            assert is_pickle(file.head)
        assert refused(path)
    assert not (tmp_path / "sprung").exists()


def test_what_torch_saves_is_refused_by_its_member(tmp_path: Path) -> None:
    path = tmp_path / "vectors.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("vectors/data.pkl", pickle.dumps({}, 2))
        archive.writestr("vectors/data/0", b"\0" * 64)
    with SourceFile(path) as file:
        assert file.packing is None
    line = refused(path)
    assert line.startswith(", member vectors/data.pkl: a pickle, ")
    assert line.endswith("(save the tensor as .safetensors or .npy)")
    path.write_bytes(path.read_bytes()[:-30])
    assert refused(path).startswith(", member vectors/data.pkl: a pickle, ")


@given(
    hnp.arrays(np.float32, (2, 3), elements=st.floats(width=32)),
    st.lists(
        st.one_of(
            nasty_tokens,
            st.sampled_from(
                ["(dp0", "(lp1", "ccopy_reg", "cgensim", "]q", "}q\x00", ")q\x01", "x\x9c", "(i", "."]
            ),
        ),
        min_size=2,
        max_size=2,
    ),
)
def test_vectors_are_never_taken_for_one(
    tmp_path_factory: pytest.TempPathFactory, rows: Floats, tokens: list[str]
) -> None:
    path = tmp_path_factory.mktemp("vectors") / "v"
    space = small_space(rows, tokens)
    for write in (
        lambda: text.write(space, path, "glove"),
        lambda: text.write(space, path, "word2vec"),
        lambda: word2vec_binary.write(space, path),
    ):
        try:
            write()
        except TuiEmbedError:
            continue
        assert not is_pickle(path.read_bytes())


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x80",
        b"\x80\x02",
        b"\x80\x02 0.1",
        b"(dp0 0.1 0.2\n",
        b"cat 0.1\ndog 0.2\np 0.3\n",
        b"cat\ndog\npig\n",
        b"]q 0.1 0.2\n",
        b"\x93NUMPY\x01\x00",
        b"PK\x03\x04",
    ],
)
def test_what_is_none(head: bytes) -> None:
    assert not is_pickle(head)
