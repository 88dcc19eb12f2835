"""``tui-embed check`` on sound, odd and broken files."""

import numpy as np

LINES = b"the 0.1 0.2\nking 0.3 0.4\nqueen 0.5 0.6\n"


def test_a_sound_file(run, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_bytes(LINES)
    ran = run("check", str(path))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"{path}: sound, GloVe text\n3 rows of 2 numbers\n"


def test_an_odd_file_is_sound_with_notes(run, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_bytes(LINES.replace(b"queen", b"\x1b[31mking").replace(b"0.4", b"nan"))
    ran = run("check", str(path), "--json")
    assert ran.status == 0
    assert ran.json["format"] == "GloVe text"
    assert (ran.json["n_vocab"], ran.json["d_model"], ran.json["columns"]) == (3, 2, [])
    assert ran.json["notes"] == ["1 row holds NaN or infinite numbers, left out of answers: line 2"]


def test_a_broken_file_is_one_line_with_its_place(run, tmp_path):
    path = tmp_path / "bad\x1b[31m\n.txt"
    path.write_bytes(LINES + b"man 0.7\n")
    ran = run("check", str(path))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
    assert ran.err.endswith("line 4: 1 number where the others have 2\n")


def test_a_part_of_a_file(run, tmp_path):
    path = tmp_path / "arrays.npz"
    np.savez(path, a=np.zeros((2, 3), np.float32), b=np.ones((4, 5), np.float32))
    assert run("check", f"{path}#b").out.splitlines()[1] == "4 rows of 5 numbers"
    ran = run("check", str(path))
    assert ran.status == 1
    assert "arrays.npz#" in ran.err


def test_what_is_checked_is_not_kept(run, tmp_path, own_folders):
    path = tmp_path / "vectors.txt"
    path.write_bytes(LINES)
    assert run("check", str(path)).status == 0
    assert not (own_folders / "cache").exists()


def test_a_file_as_the_space_of_a_verb(run, tmp_path, own_folders):
    path = tmp_path / "vectors.txt"
    path.write_bytes(LINES)
    ran = run("neighbors", "king", "--space", str(path), "--no-cache", "--json")
    assert [near["token"] for near in ran.json["neighbors"]] == ["queen", "the"]
    assert not (own_folders / "cache").exists()
    assert run("neighbors", "king", "--space", str(path), "--json").json == ran.json
    assert len(list((own_folders / "cache" / "tui-embed" / "spaces").glob("*.store"))) == 1
    path.write_bytes(LINES.replace(b"0.5 0.6", b"-9 1.0"))
    assert run("neighbors", "king", "--space", str(path), "--json").json["neighbors"][1]["token"] == "queen"
