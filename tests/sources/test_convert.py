"""Write → read, for every format that can be written: the same tokens, and rows equal to the bit."""

import json
from itertools import pairwise

import numpy as np
import pytest
from array_files import content_of, refusal
from contents import same_bits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import matrices, small_space, token_bytes

import tui_embed
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import LearnedPositions, NoPositions, SinusoidalPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import SAVERS, EmbeddingSpace, Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import CancelledError, TuiEmbedError, UsageError
from tui_embed.sources import bundle
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.convert import BY_NAME, WRITERS, Target, write_space
from tui_embed.sources.file import SourceFile
from tui_embed.sources.open import open_file, read

WHOLE = ("npz", "safetensors")
"""Formats that hold everything."""

NUMBERS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
TOLD_FROM_TEXT = 0.5
"""Its bytes are in no text: a row of a few numbers whose bytes are letters cannot be told from one."""

WORDS = ["king", "queen", "naïve", "王"]


def opened(path):
    return open_file(path, cache=False)


def reading(written):
    """What is opened of what was written."""
    files = written.files
    return (
        files[0] if written.format != "projector" else next(path for path in files if path.suffix == ".pbtxt")
    )


def tokens_of(space):
    return [space.vocabulary.token_bytes(row) for row in range(len(space))]


def columns_of(space):
    return {name: [column[row] for row in range(len(column))] for name, column in space.metadata.items()}


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_plain_words_go_through_every_format(tmp_path, writer):
    suffix = "" if writer.name == "projector" else writer.suffixes[0]
    written = write_space(small_space(NUMBERS, WORDS), tmp_path / f"out{suffix}", writer.name)
    assert written.format == writer.name
    assert all(path.is_file() for path in written.files)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(written.files)
    space = opened(reading(written))
    assert list(space.tokens) == WORDS
    assert same_bits(np.asarray(space.vectors), NUMBERS)


def whole_space(tokens, rows, columns=None, positions=None, subwords=None, notes=(), source="from somewhere"):
    return EmbeddingSpace(
        "whole",
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(rows)),
        positions or NoPositions("it has none"),
        Provenance(False, "made for a test", "CC0", source),
        notes=notes,
        metadata={name: TextColumn.from_texts(texts) for name, texts in (columns or {}).items()},
        subwords=subwords,
    )


@st.composite
def spaces(draw):
    """Whole spaces: any tokens, any numbers, columns, positions and n-grams."""
    any_bits = hnp.arrays(np.uint32, st.tuples(st.integers(1, 12), st.integers(1, 5)))
    rows = draw(any_bits).view(np.float32)
    n_rows, d_model = rows.shape
    tokens = draw(st.lists(token_bytes, min_size=n_rows, max_size=n_rows))
    texts = st.lists(st.text(max_size=4), min_size=n_rows, max_size=n_rows)
    learned = np.arange(3 * d_model, dtype=np.float32).reshape(3, d_model)
    positions = st.sampled_from(
        [
            NoPositions("none, since it is a test"),
            SinusoidalPositions(d_model),
            SinusoidalPositions(d_model, 7),
            LearnedPositions(ArrayRows(learned), "learned in a test"),
        ]
    )
    return whole_space(
        tokens,
        rows,
        draw(st.dictionaries(st.text(max_size=5), texts, max_size=3)),
        draw(positions),
        draw(st.sampled_from([None, Subwords(2, 4, ArrayRows(learned + 1))])),
        draw(st.lists(st.text(max_size=9), max_size=2)),
    )


def check_same(found, space):
    assert tokens_of(found) == tokens_of(space)
    assert same_bits(np.asarray(found.vectors), np.asarray(space.vectors))
    assert columns_of(found) == columns_of(space)
    assert list(found.metadata) == list(space.metadata)
    assert found.provenance == space.provenance
    assert found.notes[: len(space.notes)] == space.notes
    assert (found.positions.kind, found.positions.n_ctx) == (space.positions.kind, space.positions.n_ctx)
    assert found.positions.note == space.positions.note
    for position in range(3 if space.positions.kind != "none" else 0):
        assert same_bits(found.positions.row(position)[None], space.positions.row(position)[None])
    assert (found.subwords is None) == (space.subwords is None)
    if space.subwords is not None:
        assert (found.subwords.minn, found.subwords.maxn) == (space.subwords.minn, space.subwords.maxn)
        assert same_bits(found.subwords.rows.whole(), space.subwords.rows.whole())


@given(space=spaces(), name=st.sampled_from(WHOLE))
def test_everything_comes_back_from_formats_that_hold_it(tmp_path_factory, space, name):
    path = tmp_path_factory.mktemp("whole") / f"x.{name}"
    space.save(path)
    check_same(opened(path), space)


@pytest.mark.parametrize("name", WHOLE)
def test_everything_comes_back_from_the_store_too(tmp_path, name, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    learned = LearnedPositions(ArrayRows(NUMBERS + 1), "learned in a test")
    space = whole_space(WORDS, NUMBERS, {"kind": list("abcd")}, learned, notes=["a note"])
    path = tmp_path / f"x.{name}"
    space.save(path)
    for _ in range(2):
        check_same(open_file(path), space)


@given(
    tokens=st.lists(token_bytes, min_size=1, max_size=12),
    name=st.sampled_from([writer.name for writer in WRITERS if writer.name not in WHOLE]),
    data=st.data(),
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_nasty_tokens_come_back_or_are_refused_by_name(tmp_path_factory, tokens, name, data):
    shape = st.tuples(st.just(len(tokens)), st.integers(2, 5))
    rows = data.draw(
        hnp.arrays(np.float32, shape, elements=st.floats(width=32, allow_nan=False, allow_infinity=False))
    )
    rows[0, 0] = TOLD_FROM_TEXT
    folder = tmp_path_factory.mktemp("nasty")
    path = folder / f"x{'' if name == 'projector' else BY_NAME[name].suffixes[0]}"
    try:
        written = write_space(small_space(rows, tokens), path, name)
    except TuiEmbedError as error:
        written = None
        line = str(error)
    if written is None:
        assert "\n" not in line
        assert name != "npy", "a JSON list holds any token"
        assert [path.name for path in folder.iterdir() if path.is_file()] == []
        return
    space = opened(reading(written))
    assert tokens_of(space) == tokens
    assert same_bits(np.asarray(space.vectors), rows)


@given(rows=matrices(max_rows=12), packing=st.sampled_from(["gz", "bz2", "xz", "zst"]))
@settings(deadline=None)
def test_what_is_packed_comes_back(tmp_path_factory, rows, packing):
    folder = tmp_path_factory.mktemp("packed")
    rows[0, 0] = TOLD_FROM_TEXT
    space = small_space(rows)
    for end in ("txt", "w2v.txt", "bin", "jsonl"):
        written = write_space(space, folder / f"x.{end}.{packing}")
        found = opened(written.files[0])
        assert packing in found.provenance.origin
        assert list(found.tokens) == list(space.tokens)
        assert same_bits(np.asarray(found.vectors), rows)


def test_a_packed_file_is_the_same_whenever_it_is_written(tmp_path):
    space = small_space(NUMBERS, WORDS)
    contents = []
    for name in ("a.txt.gz", "b.txt.gz"):
        space.save(tmp_path / name)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


@pytest.mark.parametrize("name", WHOLE)
def test_the_same_space_gives_the_same_bytes(tmp_path, name):
    space = whole_space(WORDS, NUMBERS, {"kind": list("abcd")})
    space.save(tmp_path / f"a.{name}")
    space.save(tmp_path / f"b.{name}")
    assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()


def test_other_programs_read_them(tmp_path):
    tokens = ["a", "", "é", "\udcff", "end\0"]
    rows = np.arange(15, dtype=np.float32).reshape(5, 3)
    space = whole_space(tokens, rows)
    space.save(tmp_path / "x.npz")
    space.save(tmp_path / "x.safetensors")
    space.save(tmp_path / "x.npy")
    from safetensors.numpy import load_file

    for arrays in (np.load(tmp_path / "x.npz", allow_pickle=False), load_file(tmp_path / "x.safetensors")):
        assert same_bits(arrays["embeddings"], rows)
        text, offsets = arrays["token_bytes"].tobytes(), arrays["token_offsets"]
        found = [text[begin:end] for begin, end in pairwise(offsets)]
        assert found == tokens_of(space)
    assert same_bits(np.load(tmp_path / "x.npy"), rows)
    assert json.loads((tmp_path / "x.vocab.json").read_text()) == tokens


def test_rows_that_are_named_by_number_stay_so(tmp_path):
    np.save(tmp_path / "x.npy", NUMBERS)
    space = opened(tmp_path / "x.npy")
    assert space.tokenizer is None
    for name in WHOLE:
        space.save(tmp_path / f"x.{name}")
        found = opened(tmp_path / f"x.{name}")
        assert found.tokenizer is None
        assert list(found.tokens) == ["#0", "#1", "#2", "#3"]


def test_where_it_lay_on_this_machine_is_not_told(tmp_path):
    np.save(tmp_path / "private.npy", NUMBERS)
    opened(tmp_path / "private.npy").save(tmp_path / "x.npz")
    assert str(tmp_path).encode() not in (tmp_path / "x.npz").read_bytes()
    assert opened(tmp_path / "x.npz").provenance.source == "private.npy"


def test_notes_that_are_made_anew_are_not_doubled(tmp_path):
    rows = np.array([[1, 2], [np.nan, 1], [3, 4]], np.float32)
    np.savez(tmp_path / "a.npz", vectors=rows, words=np.array(["a", "a", "\udcff"]), other=rows)
    first = opened(tmp_path / "a.npz")
    assert len(first.notes) == 4
    first.save(tmp_path / "b.npz")
    assert sorted(opened(tmp_path / "b.npz").notes) == sorted(first.notes)


def test_a_part_of_a_whole_space_is_a_matrix(tmp_path):
    positions = LearnedPositions(ArrayRows(NUMBERS + 1), "learned")
    path = tmp_path / "x.npz"
    whole_space(WORDS, NUMBERS, positions=positions).save(path)
    assert list(opened(f"{path}#embeddings").tokens) == WORDS
    found = opened(f"{path}#positions")
    assert found.tokenizer is None
    assert same_bits(np.asarray(found.vectors), NUMBERS + 1)


def test_what_is_left_out_is_said(tmp_path):
    positions = LearnedPositions(ArrayRows(NUMBERS), "learned")
    space = whole_space(WORDS, NUMBERS, {"kind": list("abcd")}, positions, Subwords(1, 2, ArrayRows(NUMBERS)))
    lost = ("4 rows of positions", "the vectors of n-grams, from which other words get theirs")
    untrained = "that its rows are untrained"
    assert write_space(space, tmp_path / "x.npz").left_out == ()
    assert write_space(space, tmp_path / "x.vec").left_out == ("the metadata (kind)", *lost, untrained)
    assert write_space(space, tmp_path / "x.parquet").left_out == (*lost, untrained)
    tokenizer = write_space(tui_embed.load("gpt2-init"), tmp_path / "x.safetensors").left_out
    assert tokenizer == ("its tokenizer (r50k_base)",)


def test_an_untrained_space_stays_untrained(tmp_path):
    shape = tui_embed.load("gpt2-init", seed=5)
    shape.save(tmp_path / "x.safetensors")
    found = opened(tmp_path / "x.safetensors")
    assert found.provenance == shape.provenance
    assert same_bits(found["king"][None], shape["king"][None])
    assert same_bits(found.positions.row(1023)[None], shape.positions.row(1023)[None])
    assert tokens_of(found) == tokens_of(shape)


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("x.txt", "glove"), ("x.glove", "glove"), ("x.vec", "word2vec"), ("x.w2v.txt", "word2vec"),
        ("X.W2V.TXT.GZ", "word2vec"), ("x.bin", "word2vec-binary"), ("x.bin.zst", "word2vec-binary"),
        ("x.npy", "npy"), ("x.npz", "npz"), ("x.safetensors", "safetensors"), ("x.parquet", "parquet"),
        ("x.feather", "arrow"), ("x.csv.xz", "csv"), ("x.tsv", "tsv"), ("x.ndjson", "jsonl"),
        ("x/", "projector"), (".", "projector"), ("projector_config.json", "projector"),
        ("x.pbtxt", "projector"),
    ],
)  # fmt: skip
def test_the_end_of_a_name_says_the_format(name, format_):
    assert Target.of(name).format.name == format_
    assert Target.of("x.anything", format_).format.name == format_


@pytest.mark.parametrize(
    ("name", "format_", "line"),
    [
        ("x", None, "x: the end of its name says no format (ends that do: .npz, "),
        ("x.pkl", None, "or name a format: npz, safetensors, npy, glove"),
        ("x.npz.gz", None, "x.npz.gz: npz is not packed as gz (leave .gz out of the name)"),
        ("x.gz", "parquet", "x.gz: parquet is not packed as gz"),
        ("x", "pickle", "no format is called 'pickle' (formats are npz, "),
    ],
)
def test_names_that_say_none(name, format_, line):
    with pytest.raises(UsageError) as caught:
        Target.of(name, format_)
    assert line in str(caught.value)


@pytest.mark.parametrize("name", ["x.npz", "x.npy", "x.safetensors"])
def test_a_write_that_is_stopped_leaves_what_was_there(tmp_path, name):
    space = small_space(NUMBERS, WORDS)
    space.save(tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        write_space(small_space(NUMBERS + 1, WORDS), tmp_path / name, cancel=cancel)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_progress_counts_rows(tmp_path, writer):
    told = []
    path = tmp_path / ("out" if writer.name == "projector" else f"x{writer.suffixes[0]}")
    write_space(small_space(NUMBERS, WORDS), path, writer.name, progress=lambda *given: told.append(given))
    assert told[-1] == (4, 4)
    assert told == sorted(told)


def test_a_space_that_nothing_opened_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("tui_embed.engine.space.SAVERS", [])
    with pytest.raises(TuiEmbedError, match="no file format is known yet"):
        small_space(NUMBERS).save(tmp_path / "x.npz")
    assert SAVERS


def damaged(tmp_path, **changes):
    """The refusal of a whole space with these arrays changed or, where None, left out."""
    whole_space(WORDS, NUMBERS, {"kind": list("abcd")}).save(tmp_path / "whole.npz")
    arrays = {**np.load(tmp_path / "whole.npz", allow_pickle=False), **changes}
    np.savez(tmp_path / "x.npz", **{name: array for name, array in arrays.items() if array is not None})
    return refusal(tmp_path / "x.npz")


def facts(**changes):
    of_space = bundle._facts_of(whole_space(WORDS, NUMBERS))
    found = {**of_space, "named_by_number": False, **changes}
    return np.frombuffer(json.dumps(found).encode(), dtype=np.uint8)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"token_bytes": None}, "its arrays: there is no array (uint8) called token_bytes"),
        ({"token_bytes": None, "token_offsets": None}, "there is no array (uint8) called token_bytes"),
        ({"embeddings": np.asfortranarray(NUMBERS)}, "member embeddings: it lies column after column"),
        ({"space": facts(named_by_number=1)}, "member space: what it says of the space is damaged"),
        ({"token_offsets": None}, "its arrays: there is no array (int64) called token_offsets"),
        (
            {"token_offsets": np.zeros(5, np.int32)},
            "its arrays: there is no array (int64) called token_offsets",
        ),
        ({"token_offsets": np.zeros(5, np.int64)}, "member token_offsets: it does not divide the"),
        ({"token_offsets": np.array([0, -(2**62), 2**62, 0, 18])}, "it does not divide the 18 bytes"),
        ({"token_offsets": np.arange(4)}, "member token_offsets: 3 texts for the 4 rows of embeddings"),
        ({"token_offsets": np.zeros(0, np.int64)}, "member token_offsets: 0 texts for the 4 rows"),
        ({"column_0_bytes": None}, "its arrays: there is no array (uint8) called column_0_bytes"),
        (
            {"embeddings": NUMBERS.astype(np.float64)},
            "its arrays: there is no matrix (float32) called embeddings",
        ),
        ({"embeddings": NUMBERS[0]}, "member embeddings: an array of 3, which is no matrix"),
        ({"space": facts(layout=2)}, "member space: it was written by a newer version of this program"),
        ({"space": facts(notes="abc")}, "member space: what it says of the space is damaged"),
        ({"space": facts(columns=["a", "a"])}, "member space: what it says of the space is damaged"),
        ({"space": facts(subwords=[1, 10**9])}, "member space: what it says of the space is damaged"),
        ({"space": facts(subwords=[1, 2])}, "its arrays: there is no matrix (float32) called subwords"),
        ({"space": facts(provenance={})}, "member space: what it says of the space is damaged"),
        (
            {"space": facts(positions={"kind": "odd", "n_ctx": None, "note": ""})},
            "positions of the kind 'odd'",
        ),
        ({"space": facts(positions={"kind": "learned", "n_ctx": 2, "note": ""})}, "called positions"),
    ],
)
def test_a_whole_space_that_was_tampered_with(tmp_path, changes, line):
    assert line in damaged(tmp_path, **changes)


def test_an_array_called_space_is_not_ours_for_that(tmp_path):
    np.savez(tmp_path / "x.npz", embeddings=NUMBERS, space=np.frombuffer(b'{"a": 1}', np.uint8))
    assert content_of(tmp_path / "x.npz").named_by_number


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_space_cut_anywhere(tmp_path, name):
    path = tmp_path / f"x.{name}"
    whole_space([b"a", b"\n"], NUMBERS[:2], {"k": ["x", "y"]}).save(path)
    whole = path.read_bytes()
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        assert refusal(path)


def test_reading_a_whole_space_can_be_stopped(tmp_path):
    small_space(NUMBERS, WORDS).save(tmp_path / "x.npz")
    cancel = CancelToken()
    cancel.cancel()
    with SourceFile(tmp_path / "x.npz") as file, pytest.raises(CancelledError):
        read(SpaceBuilder(file, cancel=cancel))
