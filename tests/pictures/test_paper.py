"""Lines of text on paper."""

from hypothesis import given
from hypothesis import strategies as st

from tui_embed.pictures.paper import wrapped


def lines_of(text: str, most: int) -> list[str]:
    return wrapped(text, lambda line: len(line) <= most)


def test_a_line_is_broken_between_pieces_first():
    assert lines_of("one two · three · four", 15) == ["one two · three", "four"]


def test_a_piece_that_is_too_long_is_broken_between_words():
    assert lines_of("a · one two three four", 9) == ["a", "one two", "three", "four"]


def test_a_word_that_is_too_long_is_broken_anywhere():
    assert lines_of("abcdefgh", 3) == ["abc", "def", "gh"]


@given(st.text(alphabet="ab ·x", max_size=60), st.integers(1, 20))
def test_every_line_fits_and_nothing_is_lost(text, most):
    lines = lines_of(text, most)
    assert all(len(line) <= most for line in lines)
    assert "".join(lines).replace(" ", "").replace("·", "") == text.replace(" ", "").replace("·", "")
