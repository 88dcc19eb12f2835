"""A few hundred changed files of every format; ``python -m tests.fuzz`` tries ten thousand of each."""

import pytest

from fuzz.run import changed, run_all, tried
from fuzz.samples import samples

EACH = 200


def test_samples_are_sound(tmp_path):
    found = {name: tried(path) for name, path in samples(tmp_path).items()}
    assert {name: line for name, line in found.items() if line} == {}
    assert len(found) > 25


@pytest.mark.parametrize("part", range(4))
def test_changed_files_do_no_more_than_an_error(tmp_path, part):
    seen = 0
    for name, found in run_all(tmp_path, EACH, 11, part=(part, 4)):
        assert found.worse == [], name
        assert found.read + found.refused == EACH
        seen += 1
    assert seen >= 6


def test_changes_are_the_same_again():
    content = bytes(range(256)) * 4
    assert changed(content, 5, 1) == changed(content, 5, 1) != changed(content, 6, 1)


@pytest.mark.parametrize(
    ("name", "number", "seed"), [("npz", 164, 11), ("npz", 8353, 1), ("safetensors", 3007, 1)]
)
def test_what_was_found_once_stays_mended(tmp_path, name, number, seed):
    path = samples(tmp_path)[name]
    path.write_bytes(changed(path.read_bytes(), number, seed))
    line = tried(path)
    assert line
    assert len(line) < 600
