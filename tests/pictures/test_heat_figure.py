"""Heat maps and position rows as files."""

import csv
import io
import struct

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex
from pictured import HOSTILE, pixels, space_of, texts_of

from tui_embed.engine.maps.heat import HeatMap, one_hot, position_pictures, similarities, token_rows
from tui_embed.engine.maps.subject import listed, most_frequent
from tui_embed.pictures.colours import HIGH, LOW, MIDDLE, on_cell
from tui_embed.pictures.files import write_heat, write_positions
from tui_embed.printable import fit
from tui_embed.sources.catalog import open_space


def test_names_are_on_both_sides_and_are_never_formulas(tmp_path):
    space = space_of(HOSTILE)
    heat = similarities(space, most_frequent(space, 100))
    for end in ("svg", "png"):
        write_heat((heat,), space, str(tmp_path / f"a.{end}"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    # what an SVG does not hold is the empty name
    for name in filter(None, (fit(token, 18) for token in HOSTILE)):
        assert texts.count(name) == 2, name


def test_a_table_has_every_number(tmp_path):
    space = space_of(HOSTILE)
    subject = most_frequent(space, 100)
    maps = similarities(space, subject), one_hot(space, subject)
    write_heat(maps, space, str(tmp_path / "a.csv"))
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_bytes().decode(), newline="")))
    assert rows[0][1:] == HOSTILE
    assert [row[0] for row in rows[1:]] == HOSTILE
    np.testing.assert_array_equal(np.array([row[1:] for row in rows[1:]], np.float32), maps[0].values)


def test_similarity_stands_beside_one_hot(tmp_path):
    glove = open_space("glove")
    subject = listed(glove, ["king", "queen", "cat"])
    maps = similarities(glove, subject), one_hot(glove, subject)
    for end in ("svg", "png"):
        write_heat(maps, glove, str(tmp_path / f"a.{end}"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    assert texts.count("king") == 4
    assert texts.count(".7839") == 2
    # the three of the diagonal, and the ends of both scales
    assert texts.count("1") == 5
    assert texts.count("0") == 6 + 2
    width, height = struct.unpack(">II", (tmp_path / "a.png").read_bytes()[16:24])
    assert 0.3 < height / width < 2
    assert len(np.unique(pixels((tmp_path / "a.png").read_bytes()))) > 50


def test_a_narrow_cell_has_fewer_digits(tmp_path):
    glove = open_space("glove")
    subject = most_frequent(glove, 15)
    heat = similarities(glove, subject)
    write_heat((heat, one_hot(glove, subject)), glove, str(tmp_path / "a.svg"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    assert texts.count(f"{heat.values[0, 1]:.2f}"[1:]) >= 2
    assert texts.count("1.00") == 15


def test_large_heat_maps_have_some_names_and_no_numbers(tmp_path):
    glove = open_space("glove")
    heat = similarities(glove, most_frequent(glove, 100))
    write_heat((heat,), glove, str(tmp_path / "a.svg"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    assert sum(text in heat.rows for text in texts) < 25
    assert len(texts) < 40


def test_a_number_that_is_none_has_no_colour(tmp_path):
    space = space_of(["a", "b"])
    values = np.array([[1, np.nan], [-np.inf, -1]], np.float32)
    odd = HeatMap("odd", values, ("a", "b"), ("a", "b"), 1.0)
    write_heat((odd,), space, str(tmp_path / "a.svg"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    assert "nan" in texts
    assert "−inf" in texts


def test_numbers_are_read_on_every_colour():
    def light(colour):
        parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    scale = LinearSegmentedColormap.from_list("signed", [LOW, MIDDLE, HIGH])
    for share in np.linspace(-1, 1, 81):
        cell, ink = light(to_hex(scale((share + 1) / 2))), light(on_cell(float(share)))
        assert (max(cell, ink) + 0.05) / (min(cell, ink) + 0.05) > 3.9


def test_rows_are_drawn_with_their_dimensions(tmp_path):
    glove = open_space("glove")
    write_heat((token_rows(glove, listed(glove, ["king", "cat"])),), glove, str(tmp_path / "a.svg"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    assert {"king", "cat", "d0", "d49"} <= set(texts)


def test_learned_positions_stand_beside_sinusoidal_ones(tmp_path):
    space = open_space("gpt2-init")
    pictures = tuple(position_pictures(space, most=130))
    write_positions(pictures, space, str(tmp_path / "a.svg"))
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    said = " ".join(texts)
    assert "learned: untrained" in said
    assert "sinusoidal: by formula" in said
    assert said.count("PCA of the rows") == 2
    # of each curve: its beginning, its end, and every 64th between
    assert texts.count("129") == 2


def test_a_picture_is_the_same_every_time(tmp_path):
    glove = open_space("glove")
    maps = (similarities(glove, listed(glove, ["king", "queen"])),)
    for end in ("svg", "png"):
        one, two = (
            write_heat(maps, glove, str(tmp_path / f"{name}.{end}")).files[0].read_bytes() for name in "ab"
        )
        assert one == two
