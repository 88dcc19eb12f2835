"""Folders, typed paths, and what the list offers for them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.engine.cancel import CancelToken
from tui_embed.errors import CancelledError, SourceError
from tui_embed.recent import RecentFile, remember
from tui_embed.tui.files import common_beginning, from_home, is_path, narrowed, read_folder, read_typed
from tui_embed.tui.offers import MOST, MOST_FILES, Question, list_offers

GO = CancelToken()


@pytest.fixture
def folder(tmp_path) -> Path:
    """Some files, some folders, and one of each that is hidden."""
    here = tmp_path / "vectors"
    for name in ("Zoo", "sub", ".hidden"):
        (here / name).mkdir(parents=True)
    for name in ("glove.txt", "Glove.bin", "other.npz", ".secret", "a#b.txt"):
        (here / name).write_bytes(b"12345")
    return here


def names(listing) -> list[str]:
    return [offer.name for offer in listing.offers if offer.kind in ("file", "folder")]


def listed(text: str, base: Path, **more):
    return list_offers(Question(text, base, **more), None, GO)


def test_folders_come_first_and_names_in_either_case(folder):
    shown = [(entry.name, entry.is_folder) for entry in narrowed(read_folder(folder, GO), "")]
    assert shown == [
        ("sub", True), ("Zoo", True), ("a#b.txt", False), ("Glove.bin", False), ("glove.txt", False),
        ("other.npz", False),
    ]  # fmt: skip


def test_what_is_no_file_and_no_folder_is_left_out(folder):
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "nowhere").symlink_to(folder / "absent")
    (folder / "linked").symlink_to(folder / "sub")
    found = {entry.name: entry.is_folder for entry in read_folder(folder, GO).entries}
    assert not {"pipe", "circle", "nowhere"} & set(found)
    assert found["linked"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("gl", ["Glove.bin", "glove.txt"]),
        ("GLOVE.T", ["glove.txt"]),
        ("o", ["other.npz", "Zoo", "Glove.bin", "glove.txt"]),
        (".", [".hidden", ".secret"]),
        (".s", [".secret"]),
        ("absent", []),
    ],
)
def test_a_text_narrows_a_folder(folder, wanted, found):
    assert [entry.name for entry in narrowed(read_folder(folder, GO), wanted)] == found


def test_a_folder_that_cannot_be_read_is_said_to_be_so(folder, tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_folder(tmp_path / "absent", GO)
    with pytest.raises(SourceError, match="not a directory"):
        read_folder(folder / "glove.txt", GO)
    with pytest.raises(SourceError, match="no folder has such a name"):
        read_folder(Path("a\0b"), GO)


def test_reading_a_folder_is_stopped(folder):
    stop = CancelToken()
    stop.cancel()
    with pytest.raises(CancelledError):
        read_folder(folder, stop)


@pytest.mark.parametrize(
    ("typed", "where", "wanted", "part"),
    [
        ("", ".", "", ""),
        ("gl", ".", "gl", ""),
        ("sub/", "sub", "", ""),
        ("sub/x", "sub", "x", ""),
        ("./gl", ".", "gl", ""),
        (".", ".", ".", ""),
        ("sub/.", "sub", ".", ""),
        ("..", "..", "", ""),
        ("../", "..", "", ""),
        ("sub/..", ".", "", ""),
        ("../vectors/gl", ".", "gl", ""),
        ("glove.txt#tensor", ".", "glove.txt", "tensor"),
        ("glove.txt#group/tensor", ".", "glove.txt", "group/tensor"),
        ("absent.txt#tensor", ".", "absent.txt#tensor", ""),
        ("a#b.txt", ".", "a#b.txt", ""),
        ("a#b.txt#c", ".", "a#b.txt", "c"),
        ("~nobody-of-that-name/x", "~nobody-of-that-name", "x", ""),
    ],
)
def test_what_a_typed_path_means(folder, typed, where, wanted, part):
    found = read_typed(typed, folder)
    assert (found.folder, found.wanted, found.part) == ((folder / where).resolve(), wanted, part)


def test_the_home_folder_is_a_tilde(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    for typed, wanted in (("~", ""), ("~/", ""), ("~/gl", "gl"), ("~/sub/../gl", "gl")):
        found = read_typed(typed, Path("/"))
        assert (found.folder, found.wanted) == (folder, wanted)
    assert from_home(str(folder)) == "~"
    assert from_home(f"{folder}/sub") == "~/sub"
    assert from_home(f"{folder}x") == f"{folder}x"
    monkeypatch.setenv("HOME", "/")
    assert from_home("/a") == "/a"


def test_an_absolute_path_leaves_the_folder(folder, tmp_path):
    found = read_typed(f"{tmp_path}/vec", Path("/usr"))
    assert (found.folder, found.wanted) == (tmp_path, "vec")
    assert read_typed("/", folder).folder == Path("/")
    assert read_typed("/us", folder) == read_typed("us", Path("/"))


@pytest.mark.parametrize("text", ["/", "a/b", "~", "~a", ".", ".."])
def test_paths(text):
    assert is_path(text)
    assert not is_path("glove")


@pytest.mark.parametrize(
    ("wanted", "completed"),
    [
        ("g", "g"),
        ("gl", "glove."),
        ("gl.", "gl."),
        ("Gl", "Glove.bin"),
        ("", ""),
        ("x", "x"),
        ("GLO", "glove."),
    ],
)
def test_completion_goes_as_far_as_all_names_go(wanted, completed):
    assert common_beginning(["glove.a", "glove.b", "Glove.bin", "g1"], wanted) == completed


@given(st.lists(st.text(min_size=1), max_size=5), st.text(max_size=3))
def test_a_completion_keeps_what_was_typed_or_its_other_case(names, wanted):
    completed = common_beginning(names, wanted)
    assert completed.casefold().startswith(wanted.casefold()) or completed == wanted
    assert completed == wanted or any(name.startswith(completed) for name in names)


def test_the_list_before_anything_is_typed(folder):
    remember(RecentFile(str(folder / "glove.txt"), 10, 3))
    remember(RecentFile(str(folder / "gone.txt"), 10, 3))
    listing = listed("", folder)
    assert [section.title for section in listing.sections] == [
        "recent files", "spaces", str(folder), "spaces to fetch", "untrained: the shapes of models",
    ]  # fmt: skip
    recent, spaces, files, *_ = listing.sections
    (offer,) = recent.offers
    assert (offer.name, offer.target, offer.shape, offer.size) == (
        "glove.txt", str(folder / "glove.txt"), (10, 3), 5,
    )  # fmt: skip
    assert [offer.name for offer in spaces.offers] == ["glove"]
    assert files.offers[0].name == ".."
    assert listing.best == 0


def test_while_browsing_the_folder_comes_first(folder):
    listing = listed("", folder, browsing=True)
    assert listing.sections[0].title == str(folder)
    assert listing.offers[listing.best].name == "sub"
    back = listed("", folder.parent, browsing=True, left="vectors")
    assert back.offers[back.best].name == "vectors"


def test_a_path_lists_nothing_but_its_folder(folder):
    listing = listed("sub/../gl", folder)
    assert names(listing) == ["Glove.bin", "glove.txt"]
    assert len(listing.sections) == 1


@pytest.mark.parametrize(
    ("text", "best"), [("glove", "glove"), ("glove.t", "glove.txt"), ("gpt2", "gpt2-init"), ("zoo", "Zoo")]
)
def test_the_name_that_is_meant_is_marked(folder, text, best):
    listing = listed(text, folder)
    assert listing.offers[listing.best].name == best


def test_a_part_of_a_file_is_offered_with_the_file(folder):
    listing = listed("other.npz#vectors", folder)
    (offer,) = listing.offers
    assert (offer.name, offer.target) == ("other.npz#vectors", f"{folder}/other.npz#vectors")


def test_a_folder_that_cannot_be_read_says_why_in_its_place(folder):
    (section,) = listed("absent/x", folder).sections
    assert "no such file" in section.problem
    assert not section.offers


def test_of_thousands_some_are_listed_and_the_rest_is_counted(tmp_path):
    many = tmp_path / "many"
    many.mkdir()
    for number in range(MOST + 50):
        (many / f"file{number:04}").touch()
    first = listed("", many)
    files = next(section for section in first.sections if section.title == str(many))
    assert (len(files.offers) - 1, files.n_more) == (MOST_FILES, MOST + 50 - MOST_FILES)
    (narrow,) = [s for s in listed("./file03", many).sections if s.offers]
    assert (len(narrow.offers), narrow.n_more) == (50, 0)
    again = list_offers(Question("./file00", many), first.folder, GO)
    assert again.folder is first.folder
