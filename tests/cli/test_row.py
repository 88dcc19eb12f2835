"""``row``: the row itself, its figures, positions and their sum."""

import numpy as np
import pytest

from tui_embed.sources.bundled import glove


def test_king(run):
    found = run("row", "king", "--json").json

    assert found["vector"][:3] == [0.50451, 0.68607, -0.59517]
    row = np.array(found["vector"], dtype=np.float32)
    assert np.array_equal(row, glove()["king"])
    assert (found["token"], found["id"], found["d_model"]) == ("king", 691, 50)
    assert found["norm"] == pytest.approx(np.linalg.norm(row.astype(np.float64)))
    assert found["mean"] == pytest.approx(row.astype(np.float64).mean())
    assert found["std"] == pytest.approx(row.astype(np.float64).std())
    assert found["largest"][0] == {"dimension": 25, "value": pytest.approx(-2.223, abs=1e-6)}
    norms = np.linalg.norm(glove().vectors, axis=1)
    assert found["norm_share_below"] == pytest.approx((norms < norms[691]).mean(), abs=1e-4)


def test_glove_has_no_position_rows(run):
    found = run("row", "king", "--position", "3", "--json").json
    assert found["position"] is None
    assert found["positions_note"] == "GloVe has no positions"
    assert found["input_embedding"] == found["vector"]
    assert "no position row: GloVe has no positions" in run("row", "king", "--position", "3").out


def test_sinusoidal_on_request(run):
    found = run("row", "king", "--position", "3", "--positions", "sinusoidal", "--json").json
    position = found["position"]
    assert (position["index"], position["kind"]) == (3, "sinusoidal")
    assert position["vector"][:2] == [pytest.approx(np.sin(3), abs=1e-6), pytest.approx(np.cos(3), abs=1e-6)]
    total = np.array(found["vector"]) + np.array(position["vector"])
    assert np.allclose(found["input_embedding"], total, atol=1e-6)


def test_a_kind_of_positions_alone_is_position_0(run):
    position = run("row", "king", "--positions", "sinusoidal", "--json").json["position"]
    assert position["index"] == 0
    assert position["vector"] == [0.0, 1.0] * 25


def test_learned_rows_of_an_untrained_shape(run):
    found = run("row", "--id", "5", "--position", "511", "--space", "minilm-init", "--json").json
    assert found["position"]["kind"] == "learned"
    assert np.std(found["position"]["vector"]) == pytest.approx(0.01, rel=0.2)
    assert np.std(found["vector"]) == pytest.approx(0.02, rel=0.2)
    assert found["norm_share_below"] is None
    out = run("row", "--id", "5", "--position", "511", "--space", "minilm-init").out
    assert out.count("untrained") == 2


def test_positions_left_out_on_request(run):
    found = run(
        "row", "--id", "5", "--position", "1", "--positions", "none", "--space", "minilm-init", "--json"
    ).json
    assert found["position"] is None
    assert found["input_embedding"] == found["vector"]


def test_rope_is_said_to_have_none(run):
    out = run("row", "--id", "5", "--position", "1", "--space", "llama2-7b-init").out
    assert "no position row: Llama 2 7B has no position rows: RoPE rotates queries and keys instead" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["king", "--position", "-1"], "position -1 does not exist"),
        (["--id", "5", "--position", "512", "--space", "minilm-init"], "positions are 0 … 511"),
        (
            ["king", "--positions", "learned"],
            "has no learned position rows (GloVe has no positions)",
        ),
        (["king", "--top", "-1"], "--top is -1"),
    ],
)
def test_wrong_usage(run, arguments, message):
    ran = run("row", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


def test_a_person_sees_every_number_within_the_width(run):
    out = run("row", "king", "--top", "2").out
    assert max(map(len, out.splitlines())) <= 80
    numbers = out.partition("50 numbers\n")[2].split()
    assert len(numbers) == 50
    assert numbers[:3] == ["+.5045", "+.6861", "−.5952"]
    assert "largest  25: −2.223, 30: +1.993\n" in out


def test_a_token_that_is_no_utf8_is_valid_json_with_its_bytes(run):
    # id 163 of r50k_base is the byte E7, which begins 猫
    found = run("row", "--id", "163", "--space", "gpt2-init", "--json").json
    assert (found["token"], found["bytes"]) == ("\ufffd", "e7")
    assert "token    ⟨E7⟩\n" in run("row", "--id", "163", "--space", "gpt2-init").out
