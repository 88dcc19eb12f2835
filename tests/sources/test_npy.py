"""One .npy array: every type and order against NumPy's own reader, and what is refused."""

import bz2
import gzip
import io
import struct
import warnings

import numpy as np
import pytest
from array_files import check_cuts, content_of, refusal
from contents import rows_of, same_bits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui_embed.errors import SourceError
from tui_embed.sources.formats import arrays, columns
from tui_embed.sources.formats.npy_header import read_npy_header
from tui_embed.sources.stream import ByteStream

REAL = [
    "<f4",
    ">f4",
    "<f2",
    ">f2",
    "<f8",
    ">f8",
    "i1",
    "u1",
    "<i2",
    ">u2",
    "<i4",
    ">i4",
    "<u4",
    "<i8",
    ">u8",
    "?",
]


def saved(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=False)
    return file.getvalue()


def with_header(header: str, data=b"", version=1):
    text = header.encode("latin-1")
    packed = struct.pack("<H", len(text)) if version == 1 else struct.pack("<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + packed + text + data


def header_of(shape="(2, 3)", descr="'<f4'", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.npy"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", REAL)
def test_every_type_and_order(path, dtype, order):
    numbers = np.random.default_rng(1).normal(0, 30, (57, 5))
    array = np.asarray(np.abs(numbers) if np.dtype(dtype).kind in "u?" else numbers).astype(
        dtype, order=order
    )
    path.write_bytes(saved(array))
    content = content_of(path)
    assert same_bits(rows_of(content), np.load(path, allow_pickle=False).astype(np.float32))
    is_rounded = np.dtype(dtype).kind in "iuf" and np.dtype(dtype).name not in (
        "float32", "float16", "int8", "uint8", "int16", "uint16"
    )  # fmt: skip
    assert any("rounded to float32" in note for note in content.notes) == is_rounded
    assert content.named_by_number
    assert content.vocabulary[56] == "#56"


@given(
    array=hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int16]),
        st.tuples(st.integers(1, 30), st.integers(1, 7)),
    ),
    is_fortran=st.booleans(),
    rows_at_once=st.integers(1, 4),
)
def test_whatever_numpy_writes(tmp_path_factory, array, is_fortran, rows_at_once):
    path = tmp_path_factory.mktemp("npy") / "x.npy"
    path.write_bytes(saved(np.asarray(array, order="F" if is_fortran else "C")))
    with pytest.MonkeyPatch.context() as patch:
        # blocks of few rows, so that several are read
        patch.setattr(arrays, "BLOCK_BYTES", rows_at_once * array.itemsize * array.shape[1])
        patch.setattr(columns, "GATHERED_BYTES", rows_at_once * array.itemsize * array.shape[1])
        content = content_of(path)
    with np.errstate(over="ignore"):
        assert same_bits(rows_of(content), array.astype(np.float32))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("order", ["C", "F"])
def test_packed(tmp_path, pack, order):
    array = np.asarray(np.random.default_rng(2).normal(size=(40, 3)).astype(">f4"), order=order)
    path = tmp_path / "x.npy.gz"
    path.write_bytes(pack(saved(array)))
    content = content_of(path)
    assert same_bits(rows_of(content), array.astype(np.float32))
    assert "npy, " in content.format
    path.write_bytes(pack(saved(array)[:-1]))
    assert "header: the file ends inside of it" in refusal(path)
    path.write_bytes(pack(with_header(header_of(f"({10**15}, 3)", order=str(order == "F")), bytes(1000))))
    assert "header: the file ends inside of it" in refusal(path)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version(path, version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        path.write_bytes(saved(np.eye(3, dtype=np.float32), version))
    assert same_bits(rows_of(content_of(path)), np.eye(3, dtype=np.float32))


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }",
        '{"shape":(2,3),"descr":"<f4","fortran_order":False}',
        "  { 'fortran_order' : False , 'shape' : ( 2 , 3 ) , 'descr' : '<f4' }  \n",
    ],
)
def test_headers_of_other_writers(path, header):
    path.write_bytes(with_header(header, np.arange(6, dtype="<f4").tobytes()))
    assert rows_of(content_of(path)).tolist() == [[0, 1, 2], [3, 4, 5]]


NONE = "header: the header is no dictionary"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (saved(np.arange(6.0)), "header: an array of 6, which is no matrix"),
        (saved(np.zeros((2, 3, 4))), "header: an array of 2 × 3 × 4, which is no matrix"),
        (saved(np.array(1.0)), "header: an array of no dimension, which is no matrix"),
        (saved(np.zeros((0, 3))), "header: an array of 0 × 3 has no rows"),
        (saved(np.zeros((3, 0))), "0 numbers a row are no vectors"),
        (saved(np.zeros((2, 3), complex)), "header: an array of 2 × 3 complex128, not of real numbers"),
        (saved(np.zeros((2, 3), np.longdouble)), "not of real numbers"),
        (saved(np.array([["a", "b"]])), "not of real numbers"),
        (saved(np.zeros((2, 3), "<M8[ns]")), "not of real numbers"),
        (saved(np.zeros((2, 3), [("a", "<f4")])), "an array of 2 × 3 records, not of real numbers"),
        (with_header(header_of("(2, 3)", "'|O'"), bytes(48)), "header: its items are Python objects"),
        (with_header(header_of(f"({10**12}, 300)")), "take 1,200,000,000,000,000 bytes, there are 0"),
        (with_header(header_of("(2, 3)"), bytes(23)), "2 × 3 float32 take 24 bytes, there are 23"),
        (with_header(header_of(f"({2**63}, {2**63})")), "numbers a row are no vectors"),
        (with_header(header_of(f"({10**20}, 3)")), "is no shape"),
        (with_header(header_of(f"(1, {2**21})"), bytes(100)), "2,097,152 numbers a row are no vectors"),
        (with_header(header_of("(-2, 3)"), bytes(24)), NONE),
        (with_header(header_of("(2.0, 3)"), bytes(24)), NONE),
        (with_header(header_of("(2, 3)", order="0"), bytes(24)), NONE),
        (with_header(header_of("(2, 3)", "'<f4', 'x': 1"), bytes(24)), NONE),
        (with_header(header_of("(2, 3)", "__import__('os')"), bytes(24)), NONE),
        (with_header(header_of("(2, 3)", "'<f4', 'descr': '<f4'"), bytes(24)), NONE),
        (with_header(header_of("(2, 3)", "'<f4', 'shape': (2, 3)"), bytes(24)), NONE),
        (with_header(header_of("(,)")), "is no shape"),
        (with_header(header_of("(2 3)")), "is no shape"),
        (with_header("{" * 60_000), NONE),
        (with_header(header_of() * 2, bytes(24)), NONE),
        (with_header("", version=2)[:-4] + b"\xff" * 4, "header: a header of 4,294,967,295 bytes"),
        (b"\x93NUMPY\x04\x00" + bytes(40), "header: version 4 of the .npy format is not known"),
        (b"\x93NUMPY\x01", "header: the file ends inside of its header"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_refused(path, content, line):
    path.write_bytes(content)
    assert line in refusal(path)


def test_nothing_in_a_pickle_runs(path, tmp_path):
    class Canary:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([[Canary()]], dtype=object), allow_pickle=True)
    path.write_bytes(file.getvalue())
    assert "a pickle" in refusal(path)
    assert not (tmp_path / "ran").exists()


def test_cut_anywhere(path):
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert check_cuts(saved(array), path, lambda content: False) == 0


def test_what_follows_the_array_is_said_and_not_read(path):
    array = np.ones((3, 2), np.float32)
    path.write_bytes(saved(array) + b"more")
    content = content_of(path)
    assert same_bits(rows_of(content), array.astype(np.float32))
    assert any("goes on behind its array" in note for note in content.notes)


def test_numbers_beyond_float32_are_said(path):
    path.write_bytes(saved(np.array([[1.0, 2.0], [1e300, 1.0]])))
    content = content_of(path)
    assert np.isinf(rows_of(content)[1, 0])
    assert any("row 2" in note for note in content.notes)


@given(st.binary(max_size=120), st.integers(0, 3))
def test_no_header_does_harm(content, version):
    """Any bytes are a header or a SourceError, never another exception or a warning."""
    whole = (
        b"\x93NUMPY"
        + bytes([version, 0])
        + struct.pack("<H" if version < 2 else "<I", len(content))
        + content
    )
    raw = io.BytesIO(whole)
    try:
        header = read_npy_header(ByteStream("x", raw, raw), "header")
    except SourceError:
        return
    assert header.n_items >= 0


def test_a_large_matrix_in_fortran_order_takes_blocks_of_memory(path, monkeypatch):
    """Columns are read in parts: never more than a block of rows exists."""
    monkeypatch.setattr(columns, "GATHERED_BYTES", 4 * 5 * 100)
    sizes = []
    original = columns.columns_on_disk

    def spied(*given):
        part = original(*given)

        def noted(column, start, stop):
            sizes.append(stop - start)
            return part(column, start, stop)

        return noted

    monkeypatch.setattr("tui_embed.sources.formats.npy.columns_on_disk", spied)
    array = np.asfortranarray(np.random.default_rng(3).normal(size=(1050, 5)).astype(np.float32))
    path.write_bytes(saved(array))
    assert same_bits(rows_of(content_of(path)), array.astype(np.float32))
    assert max(sizes) == 100
