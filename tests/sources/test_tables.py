"""Tables: which columns are what, exact round trips, and what is refused, with its place."""

import io
import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import nasty_tokens

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import CancelledError, SourceError, TuiEmbedError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats import arrow_files, table_lines
from tui_embed.sources.writers.tables import TABLE_KINDS, write

MODULES = {
    "parquet": "tables",
    "arrow": "tables",
    "csv": "delimited",
    "tsv": "delimited",
    "jsonl": "json_lines",
}


@dataclass(frozen=True)
class Loaded:
    """What a reader found."""

    rows: np.ndarray
    vocabulary: Vocabulary
    metadata: dict
    notes: tuple


def load(path, kind):
    with SourceFile(path) as file:
        builder = SpaceBuilder(file)
        import_module(f"tui_embed.sources.formats.{MODULES[kind]}").read(file, builder)
        content = builder.finish()
    return Loaded(
        content.rows.take(np.arange(len(content.vocabulary))),
        content.vocabulary,
        content.metadata,
        content.notes,
    )


def loaded(tmp_path, content, kind, part=""):
    """A file with this content, read."""
    path = tmp_path / "table"
    path.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
    return load(f"{path}#{part}" if part else path, kind)


def refusal(tmp_path, content, kind, part=""):
    """The line that says why it is not read."""
    with pytest.raises(SourceError) as caught:
        loaded(tmp_path, content, kind, part)
    line = str(caught.value)
    assert str(tmp_path / "table") in line
    assert "\n" not in line
    assert len(line.replace(str(tmp_path), "")) < 300
    return line


def loaded_or_refused(tmp_path, content, kind):
    """What is read, or None where one line says why not."""
    line = ""
    try:
        return loaded(tmp_path, content, kind)
    except SourceError as error:
        line = str(error)
    assert "\n" not in line
    assert len(line.replace(str(tmp_path), "")) < 300
    return None


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def space_of(tokens, rows, metadata=None):
    matrix = EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32)))
    return EmbeddingSpace(
        "small",
        Vocabulary.from_tokens(tokens),
        matrix,
        NoPositions("none in a test"),
        Provenance(trained=True, origin="made for a test"),
        metadata={name: TextColumn.from_texts(texts) for name, texts in (metadata or {}).items()},
    )


def columns(content):
    return {name: [column[row] for row in range(len(column))] for name, column in content.metadata.items()}


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
texts = st.one_of(
    nasty_tokens, st.sampled_from(["nan", "null", "#", "1.0", "[1, 2]", "a,b\nc", "\r", "\ufeffx", "1 2"])
)


@st.composite
def spaces(draw):
    rows = draw(hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 4)), elements=finite))
    tokens = draw(st.lists(texts, min_size=len(rows), max_size=len(rows)))
    names = draw(
        st.lists(
            st.sampled_from(["kind", "word", "id", "v0", "v1", "x,y", "0", 'a"b', "Vector"]), unique=True
        )
    )
    metadata = {name: draw(st.lists(texts, min_size=len(rows), max_size=len(rows))) for name in names}
    return space_of(tokens, rows, metadata)


@pytest.mark.parametrize("kind", TABLE_KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(space=spaces())
def test_what_is_written_is_read(kind, tmp_path, space):
    path = tmp_path / f"space.{kind}"
    write(space, path, kind)
    content = load(path, kind)
    assert content.rows.tobytes() == space.vectors.tobytes()
    assert [content.vocabulary.token_bytes(row) for row in range(len(space))] == [
        space.vocabulary.token_bytes(row) for row in range(len(space))
    ]
    assert columns(content) == columns(space)
    assert not [note for note in content.notes if "repeat" not in note]


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_many_blocks_are_one_table(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(table_lines, "BLOCK_BYTES", 200)
    monkeypatch.setattr(arrow_files, "BLOCK_BYTES", 200)
    monkeypatch.setattr("tui_embed.engine.rows.BLOCK_BYTES", 64)
    rows = np.random.default_rng(1).normal(size=(300, 4))
    space = space_of([f"t{i}" for i in range(300)], rows, {"n": [str(i) for i in range(300)]})
    path = tmp_path / "space"
    write(space, path, kind)
    content = load(path, kind)
    assert (content.rows == space.vectors).all()
    assert columns(content) == columns(space)
    assert list(content.vocabulary) == list(space.vocabulary)


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_a_file_cut_anywhere_is_refused_or_says_so(kind, tmp_path):
    """A cut between two rows leaves a whole file behind, which nobody can tell from what was meant."""
    space = space_of(
        ['"', "b,c", "d\ne", "f"],
        [[0.125, -2], [1e-7, 3.5], [4, 5], [6, 7.25]],
        {"kind": ["x", "", "y", "z"]},
    )
    path = tmp_path / "whole"
    write(space, path, kind)
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        content = loaded_or_refused(tmp_path, whole[:cut], kind)
        if content is None:
            continue
        n = len(content.rows)
        assert content.notes or whole[:cut].endswith(b"\n")
        assert list(content.vocabulary)[: n - 1] == list(space.vocabulary)[: n - 1]
        assert (content.rows[: n - 1] == space.vectors[: n - 1]).all()
        if not content.notes:
            assert (content.rows == space.vectors[:n]).all()


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_damaged_byte_is_refused_or_harmless(kind, tmp_path):
    path = tmp_path / "whole"
    write(space_of(["a", "b", "c"], np.eye(3), {"kind": ["x", "y", "z"]}), path, kind)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= flip
            loaded_or_refused(tmp_path, bytes(damaged), kind)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "csv", "tsv", "jsonl"])
def test_a_token_that_is_no_utf8_is_refused_by_name(kind, tmp_path):
    with pytest.raises(TuiEmbedError, match=r"token .a\\udcff. \(id 1\) is no UTF-8.*npz"):
        write(space_of([b"b", b"a\xff"], np.eye(2)), tmp_path / "space", kind)
    assert not (tmp_path / "space").exists()


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_numbers_that_json_does_not_have_are_refused_by_token(kind, tmp_path):
    with pytest.raises(TuiEmbedError, match=r"token .b. \(id 1\) has NaN"):
        write(space_of(["a", "b"], [[1, 2], [np.nan, 1]]), tmp_path / "space", kind)


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_arrow_holds_numbers_that_are_not_finite(kind, tmp_path):
    write(space_of(["a", "b"], [[np.inf, 2], [np.nan, 1]]), tmp_path / "space", kind)
    content = load(tmp_path / "space", kind)
    np.testing.assert_array_equal(content.rows, np.array([[np.inf, 2], [np.nan, 1]], np.float32))
    assert "2 rows hold NaN" in content.notes[0]


def test_a_name_that_the_table_needs_is_refused(tmp_path):
    with pytest.raises(TuiEmbedError, match="called vector"):
        write(space_of(["a"], [[1.0]], {"vector": ["x"]}), tmp_path / "space", "csv")


VECTORS = {
    "list of float64": pa.array([[1.5, 2.5], [3.5, 0.1]]),
    "list of float32": pa.array([[1.5, 2.5], [3.5, 0.1]], pa.list_(pa.float32())),
    "large list of float16": pa.array([[1.5, 2.5], [3.5, 0.1]], pa.large_list(pa.float16())),
    "fixed size list": pa.array([[1.5, 2.5], [3.5, 0.1]], pa.list_(pa.float32(), 2)),
    "tensors": pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.float32(), [2]),
        pa.array([[1.5, 2.5], [3.5, 0.1]], pa.list_(pa.float32(), 2)),
    ),
    "json text": pa.array(["[1.5, 2.5]", "[3.5,0.1]"]),
    "blanks": pa.array(["1.5 2.5", " 3.5  0.1 "], pa.large_string()),
    "numpy's print": pa.array(["[1.5 2.5]", "[3.5\n 0.1]"]).dictionary_encode(),
}


@pytest.mark.parametrize("vectors", VECTORS.values(), ids=VECTORS)
def test_vectors_of_any_type(tmp_path, vectors):
    content = loaded(tmp_path, parquet(word=["a", "b"], v=vectors), "parquet")
    last = np.float16(0.1) if "halffloat" in str(vectors.type) else 0.1
    assert (content.rows == np.array([[1.5, 2.5], [3.5, last]], np.float32)).all()
    assert list(content.vocabulary) == ["a", "b"]


def test_values_are_those_of_float_rounded_once(tmp_path):
    words = ["0.1", "1e-46", "16777217", "0.333333333333333333333", "1e39", "-0.0"]
    expected = [
        np.float32(min(float(word), np.inf)) if word != "1e39" else np.float32(np.inf) for word in words
    ]
    text = "".join(f'{{"word": "w", "vector": [{word}, 1.5]}}\n' for word in words)
    for content in (
        loaded(tmp_path, text, "jsonl"),
        loaded(tmp_path, "word,v\n" + "".join(f'w,"[{word}, 1.5]"\n' for word in words), "csv"),
        loaded(tmp_path, "word\tv0\tv1\n" + "".join(f"w\t{word}\t1.5\n" for word in words), "tsv"),
        loaded(tmp_path, parquet(word=["w"] * 6, v=[[float(word), 1.5] for word in words]), "parquet"),
    ):
        assert content.rows[:, 0].tobytes() == np.array(expected).tobytes()


@pytest.mark.parametrize(
    ("heading", "record", "rows", "token"),
    [
        ("word,v0,v1,v2", "king,1,2,3", [1, 2, 3], "king"),
        ("v1,v2,word", "1,2,king", [1, 2], "king"),
        (",0,1,2", "king,1,2,3", [1, 2, 3], "king"),
        ("label,dim_10,dim_1,dim_2,dim_3,dim_4,dim_5,dim_6,dim_7,dim_8,dim_9", "a,10,1,2,3,4,5,6,7,8,9",
         [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "a"),
        ("Name,X,Y,Z", "a,1,2,3", [1, 2, 3], "a"),
        ("id,x,y", "007,1,2", [1, 2], "007"),
        ("text,word,vector", "long,w,1 2", [1, 2], "w"),
        ("year,kind,city,vector", "1990,a,b,[1]", [1], "a"),
        ("n,vector", "5,[1;2]".replace(";", " "), [1, 2], "#0"),
        ("word,score,vector,v0,v1", "a,1,[5],1,2", [5], "a"),
        ("word,other,vector", 'a,"[1,2]","[3,4]"', [3, 4], "a"),
    ],
)  # fmt: skip
def test_which_columns_are_what(tmp_path, heading, record, rows, token):
    content = loaded(tmp_path, f"{heading}\n{record}\n", "csv")
    assert content.rows.tolist() == [rows]
    assert list(content.vocabulary) == [token]
    known = {name: [text] for name, text in zip(heading.split(","), record.split(","), strict=False)}
    assert set(content.metadata) <= set(known)


def test_other_columns_are_metadata_in_their_order(tmp_path):
    content = loaded(tmp_path, "year,word,v0,v1,kind,\n1990,a,1,2,city,q\n,b,3,4,,\n", "csv")
    assert columns(content) == {"year": ["1990", ""], "kind": ["city", ""], "column": ["q", ""]}
    assert list(content.metadata) == ["year", "kind", "column"]


def test_one_of_several_vectors_is_chosen_by_name(tmp_path):
    table = parquet(word=["a"], e1=[[1.0]], e2=[[2.0]], v0=[3.0], v1=[4.0])
    assert loaded(tmp_path, table, "parquet", "e2").rows.tolist() == [[2]]
    assert loaded(tmp_path, table, "parquet", "v0").rows.tolist() == [[3, 4]]
    assert "2 columns hold vectors (open table#COLUMN with one of e1, e2)" in refusal(
        tmp_path, table, "parquet"
    )
    assert "column “word”: it holds no vectors" in refusal(tmp_path, table, "parquet", "word")
    assert "column “e3”: there is no such column" in refusal(tmp_path, table, "parquet", "e3")


def test_values_of_any_type_are_metadata(tmp_path):
    table = parquet(
        word=["a", None],
        vector=[[1.0], [2.0]],
        n=[1, None],
        x=[0.1, 2.0],
        ok=[True, None],
        tags=[["p", "q"], None],
        kind=pa.array(["u", "u"]).dictionary_encode(),
        day=pa.array([0, None], pa.date32()),
        image=[b"\xff", None],
        nothing=pa.nulls(2),
    )
    content = loaded(tmp_path, table, "parquet")
    assert columns(content) == {
        "n": ["1", ""], "x": ["0.1", "2"], "ok": ["true", ""], "tags": ['["p", "q"]', ""],
        "kind": ["u", "u"], "day": ["1970-01-01", ""], "nothing": ["", ""],
    }  # fmt: skip
    assert content.notes == (
        "1 row has no token: row 2",
        "the column “image” holds bytes and is left out",
    )


def test_tokens_stay_what_they_are(tmp_path):
    tokens = ["nan", "null", "NA", "None", "#", "1.0", "1e5", "true", "", " ", "-", "007", "inf"]
    as_csv = "word,vector\n" + "".join(f"{token},[{i}]\n" for i, token in enumerate(tokens))
    assert list(loaded(tmp_path, as_csv, "csv").vocabulary) == tokens
    assert list(loaded(tmp_path, as_csv.replace(",", "\t"), "tsv").vocabulary) == tokens
    as_json = "".join(json.dumps({"word": token, "vector": [0.5]}) + "\n" for token in tokens)
    assert list(loaded(tmp_path, as_json, "jsonl").vocabulary) == tokens


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("word,v0,v1\na,1,2\nb,3\n", "line 3: 2 fields, not 3"),
        ("word,v0,v1\na,1,2\n\nb,1,2,3\n", "line 4: 4 fields, not 3"),
        ("word,v0,v1\na,1,2\nb,1,x\n", "line 3: column “v1”: “x” is no number"),
        ("word,v0,v1\na,1,2\nb,1,\n", "line 3: column “v1”: a number is missing"),
        ("word,v0,v1\na,1,2\nb,1,1_0\n", "line 3: column “v1”: “1_0” is no number"),
        ("word,v0,v1\na,1,2\nb,1,１\n", "line 3: column “v1”: “１” is no number"),
        ('word,v\n"a\nb",[1]\nb,[1 2]\n', "line 4: a vector of 2 numbers, not 1"),
        ("word,v\na,[1]\nb,[1\n", "line 3: column “v”: “[1” is no number"),
        ("word,v\na,[1]\nb,\n", "line 3: a vector of 0 numbers, not 1"),
        ("word,v\na,[1 ... 2]\n", "its columns: none of word, v holds a vector"),
        ('word,v\na,[1]\n"b"c,[1]\n', "line 3: no proper record"),
        ('word,v\na,[1]\n",[1]\nb,[2]\n', "line 3: no proper record: unexpected end of data"),
        ('word,v\na,[1]\n",[1]\nb,[2]\n",[3]\n', "line 3: a quote opens a field that holds rows"),
        ("word,word,v\na,b,[1]\n", "column “word”: 2 columns have this name"),
        ("king,0.1,0.2\nqueen,0.3,0.4\n", "line 1: numbers where a heading line"),
        ("word,kind\na,b\n", "none of word, kind holds a vector"),
        ("word,e,f\na,[1],[2]\n", "2 columns hold vectors (open table#COLUMN with one of e, f)"),
        ("word,v\n", "there are no rows in it"),
    ],
)
def test_csv_that_is_refused(tmp_path, content, message):
    assert message in refusal(tmp_path, content, "csv")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"word": "b", "vector": [1]}', "line 2: a vector of 1 number, not 2"),
        ('{"word": "b", "vector": [1, "2"]}', "line 2: “vector” is no list of numbers"),
        ('{"word": "b", "vector": [1, null]}', "line 2: “vector” is no list of numbers"),
        ('{"word": "b", "vector": [1, true]}', "line 2: “vector” is no list of numbers"),
        ('{"word": "b", "vector": [[1], 2]}', "line 2: “vector” is no list of numbers"),
        ('{"word": "b", "vector": "1 x"}', "line 2: “vector”: “x” is no number"),
        ('{"word": "b"}', "line 2: “vector” is missing"),
        ('{"word": "b", "vector": null}', "line 2: “vector” is missing"),
        ('{"word": "b", "word": "c", "vector": [1, 2]}', "line 2: a key stands twice"),
        ('{"word": "b", "vector": [1, 2]', "line 2: no JSON: Expecting ',' delimiter at column"),
        ('["b", [1, 2]]', "line 2: JSON, but no object"),
        ("[" * 100_000, "line 2: its JSON is nested too deeply"),
        ('{"word": "b", "vector": [1, ' + "9" * 5000 + "]}", "line 2: Exceeds the limit"),
        ('{"word": "b", "vector": [1, 1' + "0" * 400 + "]}", "line 2: “vector”: int too large"),
    ],
)
def test_json_that_is_refused(tmp_path, line, message):
    content = f'{{"word": "a", "vector": [1.5, 2]}}\n{line}\n'
    assert message in refusal(tmp_path, content, "jsonl")


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([[1.0, 2.0], [3.0]], "row 2: a vector of 1 number, not 2"),
        ([[1.0, 2.0], None], "row 2: column “v”: there is no vector"),
        ([[1.0, 2.0], [3.0, None]], "row 2: column “v”: a number is missing"),
        (["[1, 2]", "[1, y]"], "row 2: column “v”: “y” is no number"),
        ([[], []], "row 1: its vector holds no numbers"),
    ],
)
def test_parquet_that_is_refused(tmp_path, vectors, message):
    kind = pa.list_(pa.float64()) if not isinstance(vectors[0], str) else pa.string()
    assert message in refusal(tmp_path, parquet(word=["a", "b"], v=pa.array(vectors, kind)), "parquet")


def test_a_place_counts_rows_of_all_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_files, "BLOCK_BYTES", 64)
    table = parquet(word=["a"] * 50, v=[[1.0, 2.0]] * 40 + [[1.0]] + [[1.0, 2.0]] * 9)
    assert "row 41: a vector of 1 number" in refusal(tmp_path, table, "parquet")


@pytest.mark.parametrize("length", [0, 10**6, 2**32 - 1])
def test_a_footer_that_lies_about_its_length(tmp_path, length):
    whole = parquet(word=["a"], v=[[1.0]])
    line = refusal(tmp_path, whole[:-8] + length.to_bytes(4, "little") + b"PAR1", "parquet")
    assert ", footer: " in line


def test_a_table_of_repeats_that_swells_is_refused(tmp_path):
    """A dictionary of one value holds hundreds of millions of numbers in a few kilobytes."""
    numbers = pa.array(np.zeros(4_000_000, np.float32))
    table = parquet(word=pa.array(["a"] * 4_000_000), **{f"v{i}": numbers for i in range(20)})
    assert "4,000,000 rows of 20 numbers in a file of" in refusal(tmp_path, table, "parquet")


def test_a_long_text_that_is_repeated_is_weighed_before_it_is_made(tmp_path):
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), pa.array(["x" * 1_000_000]))
    table = parquet(word=["a"] * 50_000, text=text, v=pa.array([[1.0]] * 50_000))
    assert len(table) < 1_000_000
    assert "swell to over 300 times its size" in refusal(tmp_path, table, "parquet")


def test_an_arrow_stream_without_an_end(tmp_path):
    sink = io.BytesIO()
    table = pa.table({"word": ["a", "b"], "v": [[1.0], [2.0]]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    whole = sink.getvalue()
    assert loaded(tmp_path, whole, "arrow").notes == ()
    assert "no end mark" in loaded(tmp_path, whole[:-8], "arrow").notes[0]
    assert "record batch 1: " in refusal(tmp_path, whole[:-20], "arrow")


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_reading_tells_how_far_it_is_and_can_be_stopped(kind, tmp_path):
    write(space_of(["a", "b"], np.eye(2)), tmp_path / "space", kind)
    told = []
    cancel = CancelToken()
    with SourceFile(tmp_path / "space") as file:
        reader = import_module(f"tui_embed.sources.formats.{MODULES[kind]}")
        reader.read(file, SpaceBuilder(file, progress=lambda *place: told.append(place)))
        assert told
        assert all(0 <= done <= total == file.size for done, total in told)
        cancel.cancel()
        with pytest.raises(CancelledError):
            reader.read(file, SpaceBuilder(file, cancel=cancel))


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_writing_tells_how_far_it_is_and_can_be_stopped(kind, tmp_path):
    told = []
    cancel = CancelToken()
    space = space_of(["a", "b"], np.eye(2))
    write(space, tmp_path / "space", kind, progress=lambda *place: told.append(place))
    assert told[-1] == (2, 2)
    before = (tmp_path / "space").read_bytes()
    cancel.cancel()
    with pytest.raises(CancelledError):
        write(space, tmp_path / "space", kind, cancel)
    assert (tmp_path / "space").read_bytes() == before


def test_a_line_that_never_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(table_lines, "LONGEST", 1000)
    assert "line 2: a line of over" in refusal(tmp_path, f"word,v\na,{'1 ' * 200_000}\n", "csv")


def test_bytes_that_are_no_utf8_stay(tmp_path):
    content = loaded(tmp_path, "word,v\na\udcff,[1]\n", "csv")
    assert content.vocabulary.token_bytes(0) == b"a\xff"


def test_a_mark_of_utf8_and_windows_ends_are_no_part_of_it(tmp_path):
    content = loaded(tmp_path, "\ufeffword,v,kind\r\na,[1],x\r\n", "csv")
    assert list(content.vocabulary) == ["a"]
    assert columns(content) == {"kind": ["x"]}


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "t").write_bytes(b"PAR1" + bytes(20))
    with pytest.raises(TuiEmbedError, match=r"needs the package pyarrow.*tui-embed\[tables\]"):
        load(Path(tmp_path / "t"), "parquet")
