"""The Embedding Projector's files, in and out."""

import gzip
import json
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import nasty_tokens

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.metadata import TextColumn
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.rows import ArrayRows
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.vocabulary import Vocabulary
from tui_embed.errors import SourceError, TuiEmbedError
from tui_embed.sources.builder import SpaceBuilder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.projector import is_projector_config, is_projector_vectors, read
from tui_embed.sources.writers.projector import write


@dataclass(frozen=True)
class Loaded:
    """What the reader found; ``consulted`` are the other files that it looked at."""

    rows: np.ndarray
    tokens: list
    columns: dict
    notes: tuple
    consulted: list


def load(path):
    consulted = []
    with SourceFile(path) as file:
        builder = SpaceBuilder(file, consult=lambda path: consulted.append(path.name))
        read(file, builder)
        content = builder.finish()
    n = len(content.vocabulary)
    return Loaded(
        content.rows.take(np.arange(n)),
        [content.vocabulary.token_bytes(row) for row in range(n)],
        {name: [column[row] for row in range(n)] for name, column in content.metadata.items()},
        content.notes,
        consulted,
    )


def refusal(path):
    with pytest.raises(SourceError) as caught:
        load(path)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line.replace(str(path.parent) if hasattr(path, "parent") else "", "")) < 300
    return line


def space_of(tokens, rows, metadata=None, name="small"):
    return EmbeddingSpace(
        name,
        Vocabulary.from_tokens(tokens),
        EmbeddingMatrix(ArrayRows(np.asarray(rows, np.float32))),
        NoPositions("none in a test"),
        Provenance(trained=True, origin="made for a test"),
        metadata={key: TextColumn.from_texts(texts) for key, texts in (metadata or {}).items()},
    )


@pytest.fixture
def folder(tmp_path):
    """The projector's files of two rows with a column of metadata."""
    write(space_of(["king", "queen"], [[1, 2], [3, 4.5]], {"kind": ["a", ""]}), tmp_path)
    return tmp_path


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def spaces(draw):
    rows = draw(hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(2, 4)), elements=finite))
    column = st.lists(nasty_tokens, min_size=len(rows), max_size=len(rows))
    names = draw(st.lists(st.sampled_from(["kind", "word", "id", "a b", '"']), unique=True, max_size=2))
    return space_of(draw(column), rows, {name: draw(column) for name in names})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    space=spaces(), entry=st.sampled_from(["projector_config.pbtxt", "projector_config.json", "vectors.tsv"])
)
def test_what_is_written_is_read_or_was_refused(tmp_path, space, entry):
    why = ""
    try:
        write(space, tmp_path / "out")
    except TuiEmbedError as error:
        why = str(error)
    assert not why or "holds a tab" in why or "is blank" in why or "U+FEFF" in why
    assume(not why)
    found = load(tmp_path / "out" / entry)
    assert found.rows.tobytes() == space.vectors.tobytes()
    assert found.tokens == [space.vocabulary.token_bytes(row) for row in range(len(space))]
    columns = {name: [column[row] for row in range(len(space))] for name, column in space.metadata.items()}
    assert found.columns == columns


def test_the_files_are_those_of_the_projector(folder):
    assert (folder / "vectors.tsv").read_text() == "1\t2\n3\t4.5\n"
    assert (folder / "metadata.tsv").read_text() == "token\tkind\nking\ta\nqueen\t\n"
    assert (folder / "projector_config.pbtxt").read_text() == (
        'embeddings {\n  tensor_name: "small"\n  tensor_shape: 2\n  tensor_shape: 2\n'
        '  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
    )
    assert json.loads((folder / "projector_config.json").read_text()) == {
        "embeddings": [
            {
                "tensorName": "small",
                "tensorShape": [2, 2],
                "tensorPath": "vectors.tsv",
                "metadataPath": "metadata.tsv",
            }
        ]
    }
    assert sorted(path.name for path in folder.iterdir()) == [
        "metadata.tsv", "projector_config.json", "projector_config.pbtxt", "vectors.tsv",
    ]  # fmt: skip


def test_one_column_has_no_heading(tmp_path):
    write(space_of(["king", "queen"], np.eye(2)), tmp_path / "new" / "config.pbtxt")
    assert (tmp_path / "new" / "metadata.tsv").read_text() == "king\nqueen\n"
    assert load(tmp_path / "new" / "config.json").tokens == [b"king", b"queen"]


def test_the_store_learns_which_files_were_read(folder):
    assert load(folder / "projector_config.pbtxt").consulted == ["vectors.tsv", "metadata.tsv"]
    assert load(folder / "vectors.tsv").consulted == ["metadata.tsv"]


@pytest.mark.parametrize(
    ("tokens", "metadata", "message"),
    [
        (["a", "b\tc"], None, "token 'b\\tc' (id 1) holds a tab or a line end"),
        (["a", "b\n"], None, "(id 1) holds a tab or a line end"),
        (["a", "b\r"], None, "(id 1) holds a tab or a line end"),
        (["a", ""], None, "(id 1) is blank"),
        (["a", " \u00a0"], None, "(id 1) is blank"),
        (["a", b"\xff"], None, "(id 1) is no UTF-8"),
        (["\ufeffa", "b"], None, "begins with U+FEFF"),
        (["a", "b"], {"kind": ["x", "y\tz"]}, "token 'b' (id 1) has a “kind” that holds a tab"),
        (["a", "b"], {"k\n": ["x", "y"]}, "the name of the column"),
        (["a", "b"], {"token": ["x", "y"]}, "is called token"),
    ],
)
def test_what_the_projector_would_misread_is_refused(tmp_path, tokens, metadata, message):
    with pytest.raises(TuiEmbedError) as caught:
        write(space_of(tokens, np.eye(2), metadata), tmp_path)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_blank_token_is_fine_where_its_line_is_not_blank(tmp_path):
    write(space_of(["", "b"], np.eye(2), {"kind": ["x", ""]}), tmp_path)
    assert load(tmp_path / "vectors.tsv").tokens == [b"", b"b"]


@pytest.mark.parametrize("rows", [[[np.nan, 1], [1, 2]], [[1, 2], [np.inf, 0]]])
def test_numbers_that_are_not_finite_are_refused(tmp_path, rows):
    with pytest.raises(TuiEmbedError, match=r"\(id [01]\) has NaN or infinite"):
        write(space_of(["a", "b"], rows), tmp_path)


def test_rows_of_one_number_are_refused(tmp_path):
    with pytest.raises(TuiEmbedError, match="rows of one number"):
        write(space_of(["a"], [[1.0]]), tmp_path)


def test_what_was_there_stays_where_writing_fails(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(TuiEmbedError):
        write(space_of(["a", "b\t"], np.eye(2)), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


TEXT = """\
# made by hand
model_checkpoint_path: 'model.ckpt'
embeddings: <
  tensor_name: "first" tensor_path: "v" '.tsv', metadata_path: "\\155.tsv"
  sprite { image_path: "s.png"; single_image_dim: [28, 28] }
>
embeddings { tensor_name: "second" tensor_shape: [2, 3] tensor_path: "v.bytes" }
embeddings { tensor_name: "third" }
"""


def test_several_embeddings_are_chosen_by_name(tmp_path):
    (tmp_path / "v.tsv").write_text("1\t2\n3\t4\n")
    (tmp_path / "m.tsv").write_text("a\nb\n")
    (tmp_path / "v.bytes").write_bytes(np.arange(6, dtype="<f4").tobytes())
    config = tmp_path / "projector_config.pbtxt"
    config.write_text(TEXT)
    assert is_projector_config(TEXT.encode())
    assert load(f"{config}#first").tokens == [b"a", b"b"]
    assert load(f"{config}#second").rows.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert "3 embeddings (open projector_config.pbtxt#NAME with one of first, second, third)" in refusal(
        config
    )
    assert "no embedding “x”" in refusal(f"{config}#x")
    assert "its numbers are in a checkpoint" in refusal(f"{config}#third")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../v.tsv", "a/../../v.tsv", "https://example.org/v.tsv", "file:///v.tsv", "C:\\v.tsv",
        "..\\v.tsv", "\\\\host\\v.tsv", "link/v.tsv", "a\0b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["tensorPath", "metadataPath"])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path, path, key):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "v.tsv").write_text("1\t2\n")
    (inside / "v.tsv").write_text("1\t2\n")
    (inside / "link").symlink_to(tmp_path)
    config = inside / "c.json"
    config.write_text(json.dumps({"embeddings": [{"tensorName": "t", "tensorPath": "v.tsv", key: path}]}))
    assert "outside of its folder" in refusal(config)


def test_a_path_inside_of_the_folder_may_be_deep(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "v.tsv").write_text("1\t2\n")
    config = tmp_path / "c.pbtxt"
    config.write_text('embeddings { tensor_path: "./a/b/v.tsv" }')
    assert load(config).rows.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("embeddings {", "line 1: the closing } is missing"),
        ("embeddings { tensor_path }", "line 1: a : is needed here"),
        ('embeddings {\n tensor_path: "v.tsv\n}', 'line 2: “"” is not understood'),
        ("embeddings { tensor_shape: [1, }", "line 1: a value is needed here"),
        ("embeddings { " + "a { " * 30, "messages are nested too deeply"),
        ("embeddings: { 5: 5 }", "a name is needed here"),
        ('embeddings { tensor_path: "v.tsv" tensor_shape: 2 }', "its shape is [2]"),
        ('embeddings { tensor_path: "v.tsv" tensor_shape: [0, 2] }', "its shape is [0, 2]"),
        (
            'embeddings { tensor_path: "v.tsv" tensor_shape: [3, 2] }',
            "v.tsv, its end: 2 rows of 2 numbers, where",
        ),
        ('embeddings { tensor_path: "none.tsv" }', "none.tsv: there is no such file"),
        (
            'embeddings { tensor_path: "v.tsv" metadata_path: "v.bytes" }',
            "v.bytes, line 1: 1 labels for 2 rows",
        ),
        (
            'embeddings { tensor_path: "v.bytes" tensor_shape: [2, 9] }',
            "v.bytes, its end: 24 bytes of float32",
        ),
        ('embeddings { tensor_path: "v.bytes" tensor_shape: [2, 99999999] }', "its shape is"),
        ('embeddings { tensor_path: "v.bytes" }', "v.bytes, line 1: column 1: "),
        ('embeddings { tensor_path: "." }', "is a directory"),
        ('{"embeddings": {}, "tensor": 1}', "no list of embeddings"),
        ('{"embeddings": [{"tensorPath": 5}], "tensor', "line 1: no JSON"),
        ('{"embeddings": [{"tensorPath": "v.tsv", "tensorShape": [true, 2]}]}', "its shape is [True, 2]"),
        ('{"embeddings": [], "tensor": 1}', "0 embeddings"),
    ],
)
def test_configurations_that_are_refused(tmp_path, text, message):
    (tmp_path / "v.tsv").write_text("1\t2\n3\t4\n")
    (tmp_path / "v.bytes").write_bytes(np.arange(1, 7, dtype="<f4").tobytes())
    config = tmp_path / "config"
    config.write_text(text)
    assert message in refusal(config)


@pytest.mark.parametrize(
    ("vectors", "metadata", "message"),
    [
        ("1\t2\n3\n", "a\nb\n", "vectors.tsv, line 2: 1 numbers, not 2"),
        ("1\t2\n\n3\tx\n", "a\nb\n", "vectors.tsv, line 3: column 2: “x” is no number"),
        ("1\t2\n3\t4\n", "token\na\nb\n", "3 labels for 2 rows (a single column has no heading line)"),
        ("1\t2\n3\t4\n", "a\n", "metadata.tsv, line 1: 1 labels for 2 rows"),
        ("1\t2\n3\t4\n", "a\tb\nc\td\ne\n", "metadata.tsv, line 3: 1 fields, not 2"),
        ("1\t2\n3\t4\n", "a\ta\nc\td\ne\tf\n", "line 1: two columns have one name"),
        ("\n\n", "a\n", "vectors.tsv: there are no rows in it"),
    ],
)
def test_files_that_do_not_fit(tmp_path, vectors, metadata, message):
    (tmp_path / "vectors.tsv").write_text(vectors)
    (tmp_path / "metadata.tsv").write_text(metadata)
    assert message in refusal(tmp_path / "vectors.tsv")


@pytest.mark.parametrize(
    ("metadata", "tokens", "columns"),
    [
        ("a\nb\n", [b"a", b"b"], {}),
        ("a\r\nb\r\n", [b"a", b"b"], {}),
        ("a\nb", [b"a", b"b"], {}),
        ("\ufeffa\nb\n", [b"a", b"b"], {}),
        ("a\n\nb\n\n", [b"a", b"b"], {}),
        ("\nb\n", [b"", b"b"], {}),
        ("n\tword\n1\ta\n2\tb\n", [b"a", b"b"], {"n": ["1", "2"]}),
        ("x\ty\n1\ta\n\tb\n", [b"1", b""], {"y": ["a", "b"]}),
        ('"\n#\n', [b'"', b"#"], {}),
    ],
)
def test_labels(tmp_path, metadata, tokens, columns):
    (tmp_path / "vectors.tsv").write_text("1\t2\r\n3\t4\n")
    (tmp_path / "metadata.tsv").write_bytes(metadata.encode())
    found = load(tmp_path / "vectors.tsv")
    assert (found.tokens, found.columns, found.rows.tolist()) == (tokens, columns, [[1, 2], [3, 4]])


def test_vectors_without_labels_are_numbered(tmp_path):
    (tmp_path / "other.tsv").write_text("0.5\t2\t3\n1e-3\t4\t5\n")
    with SourceFile(tmp_path / "other.tsv") as file:
        assert is_projector_vectors(file.head, file)
    assert load(tmp_path / "other.tsv").tokens == [b"#0", b"#1"]


@pytest.mark.parametrize(
    ("text", "beside", "is_one"),
    [
        ("1\t2\n3\t4\n", True, True),
        ("1\t2\n3\t4\n", False, False),
        ("1\n2\n", True, True),
        ("1 2\n3 4\n", True, False),
        ("king\t1\t2\n", True, False),
        ("nan\t1\t2\n", True, True),
        ("0.5\t1\t2\n0.25\t3\t4\n", False, True),
        ("0.5\t1\t2\nking\t3\t4\n", False, False),
        ("2010\t1\t2\n0.25\t3\t4\n", False, False),
        ("0.5\t1\t2\n", False, False),
        ("", True, False),
    ],
)
def test_which_numbers_are_vectors_of_the_projector(tmp_path, text, beside, is_one):
    path = tmp_path / "my_vectors.tsv"
    path.write_text(text or "\n")
    if beside:
        (tmp_path / "my_metadata.tsv").write_text("a\nb\n")
    with SourceFile(path) as file:
        assert is_projector_vectors(text.encode(), file) is is_one


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b'{"embeddings": [{"tensorName": "a"}]}', True),
        (b'{\n "embeddings": [\n {"tensorShape": [1, 2]', True),
        (b'{"embeddings": [0.1, 0.2]}', False),
        (b'# a\nembeddings {\n tensor_name: "a"', True),
        (b'model_checkpoint_path: "a"\nembeddings {', True),
        (b"embeddings 0.1 0.2\n", False),
        (b"embeddings { 0.1 0.2\n", True),
        (b"# 0.1 0.2\nking 0.3 0.4\n", False),
        (b"", False),
    ],
)
def test_what_is_taken_for_a_configuration(head, is_one):
    assert is_projector_config(head) is is_one


def test_a_packed_tensor(tmp_path):
    (tmp_path / "v.bytes").write_bytes(gzip.compress(np.arange(6, dtype="<f4").tobytes()))
    for shape, message in (([2, 3], ""), ([3, 3], "inside of row 1 to 3"), ([1, 3], "more than that")):
        config = tmp_path / "c.json"
        config.write_text(json.dumps({"embeddings": [{"tensorPath": "v.bytes", "tensorShape": shape}]}))
        if message:
            assert message in refusal(config)
        else:
            assert load(config).rows.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    "name", ["vectors.tsv", "metadata.tsv", "projector_config.pbtxt", "projector_config.json"]
)
def test_a_file_cut_anywhere_is_refused_or_says_so(folder, name):
    whole = (folder / name).read_bytes()
    entry = name if "config" in name else "projector_config.pbtxt"
    for cut in range(len(whole)):
        (folder / name).write_bytes(whole[:cut])
        try:
            found = load(folder / entry)
        except SourceError as error:
            line = str(error)
        else:
            # all that is missing is what nobody needs, or what is said
            line = ""
            assert found.notes or name != "vectors.tsv"
            assert found.rows.shape == (2, 2)
        assert "\n" not in line
