"""Numbers written as the shortest decimals that give the same float32."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui_embed.engine.rows import Floats
from tui_embed.sources.writers.decimals import LEAST, MOST, decimals

any_bits = hnp.arrays(np.uint32, st.tuples(st.integers(1, 5), st.integers(1, 7))).map(
    lambda bits: bits.view(np.float32)
)
usual = hnp.arrays(
    np.float32,
    (3, 4),
    elements=st.one_of(st.floats(-1e5, 1e5, width=32), st.sampled_from([0.0, -0.0, LEAST, MOST])),
)


def texts(rows: Floats) -> list[list[bytes]]:
    """The numbers of each row as they were written."""
    content, lengths = decimals(rows)
    assert lengths.sum() == len(content)
    ends = np.cumsum(lengths).tolist()
    lines = [content[end - length : end] for end, length in zip(ends, lengths.tolist(), strict=True)]
    assert all(line.startswith(b" ") for line in lines)
    return [line[1:].split(b" ") for line in lines]


def n_digits(text: bytes) -> int:
    """Digits that say something: no zeros before or behind them."""
    return len(text.partition(b"e")[0].translate(None, b"-.").strip(b"0"))


@given(st.one_of(any_bits, usual))
@example(np.array([[9999.9995, 9999.999, 1e4, 1e-4, 9.9999e-5, 123.5, 3, 0.1]], np.float32))
def test_what_float_reads_is_the_same_float32_and_no_text_is_shorter(rows: Floats) -> None:
    written = texts(rows)
    assert [len(row) for row in written] == [rows.shape[1]] * len(rows)
    for text, number in zip([text for row in written for text in row], rows.ravel(), strict=True):
        back = np.float32(float(text))
        assert back.tobytes() == number.tobytes() or (np.isnan(back) and np.isnan(number)), (text, number)
        # numpy finds the fewest digits for every number on its own
        assert n_digits(text) == n_digits(str(number).encode()), (text, number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, b"0"),
        (-0.0, b"-0"),
        (1.0, b"1"),
        (-2.5, b"-2.5"),
        (0.1, b"0.1"),
        (-0.32307, b"-0.32307"),
        (1000.0, b"1000"),
        (0.00012345, b"0.00012345"),
        (1234.5678, b"1234.5677"),
        (1e-5, b"1e-05"),
        (12345.678, b"12345.678"),
        (float("nan"), b"nan"),
        (float("inf"), b"inf"),
        (float("-inf"), b"-inf"),
        (3.4028235e38, b"3.4028235e+38"),
        (-1.1754944e-38, b"-1.1754944e-38"),
        (1e-45, b"1e-45"),
    ],
)
def test_how_numbers_look(number: float, text: bytes) -> None:
    assert texts(np.array([[number]], np.float32)) == [[text]]


def test_a_hundred_thousand_numbers_of_every_size() -> None:
    rng = np.random.default_rng(11)
    sizes = 10.0 ** rng.uniform(-6, 6, 50_000) * rng.choice([-1, 1], 50_000)
    rounded = np.round(rng.standard_normal(50_000), 5)
    rows = np.concatenate([sizes, rounded]).astype(np.float32).reshape(-1, 100)
    back = np.array([[float(text) for text in row] for row in texts(rows)]).astype(np.float32)
    assert (back.view(np.uint32) == rows.view(np.uint32)).all()
