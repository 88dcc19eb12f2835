"""Numbers in text, against ``float``."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_embed.sources.numbers import MARGIN, NUMBER, parse_numbers

digits = st.text(alphabet="0123456789", max_size=20)
written = st.one_of(
    st.builds("{}0.{}".format, st.sampled_from(["", "-", "+"]), digits),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-", "+"]), digits, digits),
    st.integers(-(10**25), 10**25).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(lambda x: str(np.float32(x))),
    st.sampled_from(
        ["nan", "-inf", "Infinity", "1e5", "1E-05", "-2.5e+3", "1e999", "0", "-0", ".5", "5.", "007"]
    ),
).filter(lambda text: NUMBER.fullmatch(text.encode()))
"""Numbers in every form that is one."""
scribble = st.text(alphabet="0123456789.-+eE_x\x00 ", max_size=12)


def parse(texts: list[bytes], before: int = 0) -> tuple[np.ndarray, int | None]:
    """The numbers of a text in which they follow one another, ``before`` bytes from its start."""
    block = b"7" * before + b"".join(text + b"\n" for text in texts)
    block += b"9" * (MARGIN + 8 + -(len(block) + MARGIN) % 8)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    ends = before + np.cumsum(lengths + 1) - 1
    return parse_numbers(np.frombuffer(block, dtype=np.uint8).copy(), ends - lengths, ends)


@given(st.lists(written, min_size=1, max_size=20), st.integers(0, 9))
def test_every_form_is_the_float_of_python_rounded(texts: list[str], before: int) -> None:
    values, bad = parse([text.encode() for text in texts], before)
    assert bad is None
    with np.errstate(over="ignore"):
        expected = np.array([np.float32(float(text)) for text in texts])
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, expected)
    assert (np.signbit(values) == np.signbit(expected))[~np.isnan(values)].all()


@given(st.lists(st.one_of(written, scribble).map(str.encode), min_size=1, max_size=20))
def test_the_first_that_is_no_number_is_named(texts: list[bytes]) -> None:
    wrong = [i for i, text in enumerate(texts) if not NUMBER.fullmatch(text)]
    assert parse(texts)[1] == (wrong[0] if wrong else None)


@pytest.mark.parametrize("count", range(1, 24))
def test_every_length_of_a_fraction(count: int) -> None:
    fraction = ("1234567890" * 3)[:count]
    texts = [
        f"{sign}{whole}.{fraction}".encode()
        for sign in ("", "-")
        for whole in ("0", "", "3", "12", "1234567")
    ]
    values, bad = parse(texts)
    assert bad is None
    assert values.tolist() == [np.float32(float(text)) for text in texts]


@pytest.mark.parametrize(
    "text",
    ["", "-", "+", ".", "-.", "e5", "1e", "1_000", "0x1", "١٢", "1.2.3", "--1", "1,5", " 1", "nano", "0.1e"],
)
def test_what_is_no_number(text: str) -> None:
    assert parse([b"0.5", text.encode()])[1] == 1


def test_halfway_cases_round_once() -> None:
    # the nearest float64 lies on the border of two float32: by way of it, as float() does
    texts = [
        "0.500000059604644775390625",
        "0.50000005960464478",
        "1.00000005960464477539",
        "16777217",
        "16777219.0",
    ]
    values, bad = parse([text.encode() for text in texts])
    assert bad is None
    assert values.tolist() == [float(np.float32(float(text))) for text in texts]
