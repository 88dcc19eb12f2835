"""How sizes are written."""

import pytest

from tui_embed.figures import size


@pytest.mark.parametrize(
    ("n_bytes", "written"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (296_322_275, "296 MB"),
        (5_646_000_000, "5.6 GB"),
        (12_000_000_000_000, "12.0 TB"),
    ],
)
def test_sizes(n_bytes, written):
    assert size(n_bytes) == written
