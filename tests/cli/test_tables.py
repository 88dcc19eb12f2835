"""``info``, ``spaces``, ``params``, ``completion``."""

import shutil
import subprocess

import pytest
import shtab

from tui_embed.cli.main import VERBS
from tui_embed.engine.shapes import MODEL_SHAPES


def test_params_of_gpt3(run):
    (found,) = run("params", "gpt3", "--json").json["models"]
    assert found["token_params"] == 617_558_016
    assert found["position_params"] == 25_165_824
    assert found["embedding_params"] == 642_723_840
    assert round(100 * found["share"], 4) == 0.3673
    out = run("params", "gpt3").out
    assert "50,257 × 12,288 = 617,558,016\n" in out
    assert "2,048 × 12,288 = 25,165,824\n" in out
    assert "share            0.3673 %, W_E alone 0.3529 %\n" in out


def test_params_of_all(run):
    models = {found["name"]: found for found in run("params", "--json").json["models"]}
    assert list(models) == list(MODEL_SHAPES)
    gpt2 = models["gpt2"]
    assert (gpt2["token_params"], gpt2["position_params"]) == (38_597_376, 786_432)
    assert round(100 * gpt2["share"], 2) == 31.65
    minilm = models["minilm"]
    assert round(100 * minilm["token_params"] / minilm["n_params"], 2) == 51.60
    out = run("params").out
    assert "642,723,840      0.3673 %\n" in out
    assert len(out.splitlines()) == 1 + len(models)
    assert max(map(len, out.splitlines())) <= 90


def test_params_of_an_unknown_model(run):
    ran = run("params", "gpt9")
    assert (ran.status, ran.out) == (2, "")
    assert "gpt3" in ran.err


def test_info_of_glove(run):
    found = run("info", "--json").json
    assert (found["space"], found["n_vocab"], found["d_model"]) == ("glove-6B-50d", 100_000, 50)
    assert (found["parameters"], found["trained"], found["licence"]) == (5_000_000, True, "PDDL 1.0")
    assert found["positions"]["kind"] == "none"
    assert found["norms"]["min"] <= found["norms"]["median"] <= found["norms"]["max"]
    assert run("info", "glove", "--json").out == run("info", "--space", "glove", "--json").out
    assert "licence     PDDL 1.0\n" in run("info").out


def test_info_of_an_untrained_shape_draws_nothing(run):
    found = run("info", "gpt3-init", "--json").json
    assert (found["parameters"], found["trained"], found["norms"]) == (642_723_840, False, None)
    assert found["tokenizer"] == {"name": "r50k_base", "n_vocab": 50257}
    assert found["positions"]["n_ctx"] == 2048
    out = run("info", "bert-base-init", "--seed", "7").out
    assert "untrained: drawn from N(0, 0.02²), seed 7" in out
    assert "note: the vocabulary of BERT base" in out


def test_info_of_two_spaces_at_once(run):
    assert run("info", "glove", "--space", "gpt2-init").status == 2


def test_every_listed_space_can_be_opened(run):
    entries = run("spaces", "--json").json["spaces"]
    assert entries[0]["name"] == "glove"
    # the largest vocabularies cost seconds to lay out: a shape of each kind stands for the others
    for entry in [one for one in entries if one["here"] and one["n_vocab"] < 60_000]:
        found = run("info", entry["name"], "--json").json
        assert (found["n_vocab"], found["d_model"]) == (entry["n_vocab"], entry["d_model"])
        assert found["trained"] == entry["trained"]
    lines = run("spaces").out.splitlines()[1:]
    assert len(lines) == len(entries)
    for line, entry in zip(lines, entries, strict=True):
        assert line.startswith(f"  {entry['name']} ")
        assert line.endswith(f"{entry['what']}, {entry['licence']}" if entry["licence"] else entry["what"])
        assert ("to fetch" in line) is not entry["here"]
        assert ("untrained" in line) is not entry["trained"]


@pytest.mark.parametrize("shell", shtab.SUPPORTED_SHELLS)
def test_completion_knows_every_verb(run, shell):
    ran = run("completion", shell)
    assert (ran.status, ran.err) == (0, "")
    for verb in VERBS:
        assert verb in ran.out
    assert "--closer-than" in ran.out or "closer-than" in ran.out


def test_bash_reads_the_completion(run, tmp_path):
    bash = shutil.which("bash")
    assert bash is not None
    script = tmp_path / "completion"
    script.write_text(run("completion", "bash").out)
    subprocess.run([bash, "-n", str(script)], check=True, timeout=30)


def test_completion_of_no_shell(run):
    ran = run("completion", "fortran")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
