"""Reading analogy questions and word pairs."""

import os
from pathlib import Path

import pytest
from data import package_file

from tui_embed.errors import TuiEmbedError
from tui_embed.sources.questions import MAX_BYTES, read_analogies, read_pairs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "questions.txt"


def test_the_google_analogies_are_read_whole() -> None:
    sections = read_analogies(package_file("questions-words.txt"))
    assert len(sections) == 14
    assert sum(len(section.questions) for section in sections) == 19_544
    assert sections[0].name == "capital-common-countries"
    assert sections[0].questions[0] == ("Athens", "Greece", "Baghdad", "Iraq")


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [("wordsim353.tsv", 353, ("love", "sex", 6.77)), ("simlex999.txt", 999, ("old", "new", 1.58))],
)
def test_known_pair_files_are_read_whole(name: str, count: int, first: tuple[str, str, float]) -> None:
    pairs = read_pairs(package_file(name))
    assert (len(pairs), pairs[0]) == (count, first)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_marks_and_blank_lines_do_not_matter(file: Path, end: str, mark: str) -> None:
    file.write_bytes((mark + end.join(["a b c d", "", ": x y ", "e f\tg  h", "  "])).encode())
    assert [(section.name, list(section.questions)) for section in read_analogies(file)] == [
        ("questions", [("a", "b", "c", "d")]),
        ("x y", [("e", "f", "g", "h")]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a b 1\nc d 2.5",
        "a\tb\t1\nc\td\t2.5\tmore",
        "a,b,1\nc, d ,2.5",
        "word1 word2 mean\na b 1\nc d 2.5",
        "# a comment\nWord 1\tWord 2\tHuman\na\tb\t1\n# more\nc\td\t2.5\n",
    ],
)
def test_pairs_by_tab_comma_or_space(file: Path, text: str) -> None:
    file.write_text(text)
    assert read_pairs(file) == [("a", "b", 1.0), ("c", "d", 2.5)]


def test_words_may_hold_spaces_where_tabs_part_them(file: Path) -> None:
    file.write_text("new york\tboston\t3")
    assert read_pairs(file) == [("new york", "boston", 3.0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b": s\na b c d\na b c\n", "line 3: 3 words where an analogy has four"),
        (b"a b c d\n\n\xff\n", "line 3: not UTF-8"),
        (b"", "no questions"),
        (b": only\n: names\n", "no questions"),
    ],
)
def test_a_wrong_analogy_file_says_where(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    with pytest.raises(TuiEmbedError, match=message) as caught:
        read_analogies(file)
    assert str(file) in caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("heading here now\na b c\n", "line 2: not two words and a number"),
        ("a b 1\nc d\n", "line 2: not two words and a number"),
        ("a b 1\nc d nan\n", "line 2: not two words and a number"),
        ("a b 1\nc d inf\n", "line 2: not two words and a number"),
        ("# nothing\n", "no pairs"),
        ("heading\n", "no pairs"),
    ],
)
def test_a_wrong_pair_file_says_where(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(TuiEmbedError, match=message) as caught:
        read_pairs(file)
    assert str(file) in caught.value.message


def test_only_regular_files_of_a_size_are_opened(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe", tmp_path / "large"
    os.mkfifo(pipe)
    with large.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    for path, message in [
        (tmp_path, "no regular file"),
        (pipe, "no regular file"),
        (tmp_path / "nowhere", "no such file"),
        (tmp_path / "nowhere\0", "no such file"),
        (tmp_path / ("x" * 300), "too long"),
        (large, "larger than 256 MB"),
    ]:
        with pytest.raises(TuiEmbedError, match=message):
            read_pairs(path)
