"""``evaluate``: gensim's counts on the Google analogies, Spearman's ρ on pairs, and files that are wrong."""

import pytest
from data import package_file


def test_google_analogies(run):
    correct, total = 7393, 14877
    questions = str(package_file("questions-words.txt"))
    found = run("evaluate", "analogies", questions, "--restrict-vocab", "30000", "--json").json
    assert (found["correct"], found["total"], found["questions"]) == (correct, total, 19544)
    assert found["accuracy"] == pytest.approx(correct / total)
    assert len(found["sections"]) == 14
    for key, whole in (("correct", correct), ("total", total), ("questions", 19544)):
        assert sum(section[key] for section in found["sections"]) == whole


def test_a_person_sees_sections_and_coverage(run, tmp_path):
    file = tmp_path / "questions.txt"
    file.write_text(
        ": royal\nman king woman queen\nman king woman zzzqqy\n: cities\nfrance paris italy milan\n: none\n"
        "zzzqqy a b c\n"
    )
    assert run("evaluate", "analogies", str(file)).out.splitlines() == [
        "glove-6B-50d · 100,000 × 50 · trained on 6B tokens",
        "  section  correct  covered  of      accuracy",
        "  royal          1        1   2      100.00 %",
        "  cities         0        1   1        0.00 %",
        "  none           0        0   1  none covered",
        "  all            1        2   4       50.00 %",
        "accuracy is that of the covered questions; 3CosAdd, inputs left out",
        "searched 100,000 of 100,000",
    ]


@pytest.mark.parametrize(("name", "total"), [("wordsim353.tsv", 353), ("simlex999.txt", 999)])
def test_pairs_agree_with_the_definition(run, name, total):
    """ρ is Pearson's r of the ranks; here the cosines are taken pair by pair."""
    import numpy as np

    from tui_embed.engine.neighbors import similarity
    from tui_embed.sources.bundled import glove
    from tui_embed.sources.questions import read_pairs

    found = run("evaluate", "pairs", str(package_file(name)), "--json").json

    space = glove()
    pairs = [(a.lower(), b.lower(), score) for a, b, score in read_pairs(package_file(name))]
    known = [(a, b, score) for a, b, score in pairs if a in space and b in space]
    cosines = np.array([similarity(space, space.id(a), space.id(b)) for a, b, _ in known])
    human = np.array([score for _, _, score in known])

    def ranks(values):
        return np.array([(values < value).sum() + ((values == value).sum() - 1) / 2 for value in values])

    assert (found["covered"], found["total"]) == (len(known), total)
    assert found["spearman"] == pytest.approx(np.corrcoef(ranks(cosines), ranks(human))[0, 1], abs=1e-6)


def test_a_person_sees_the_coverage_of_pairs(run):
    out = run("evaluate", "pairs", str(package_file("simlex999.txt"))).out
    assert "Spearman's ρ .26" in out
    assert " of 999 pairs\n" in out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a b c\n", "line 1: 3 words where an analogy has four"),
        (b"", "no questions"),
        (b"a b c d\n\xff\n", "line 2: not UTF-8 text"),
    ],
)
def test_a_file_that_is_wrong_is_one_line(run, tmp_path, content, message):
    file = tmp_path / "bad\x1b.txt"
    file.write_bytes(content)
    ran = run("evaluate", "analogies", str(file))
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert message in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["analogies", "absent.txt"], 1),
        (["analogies"], 2),
        (["synonyms", "absent.txt"], 2),
        (["pairs", "absent.txt", "--restrict-vocab", "3"], 2),
    ],
)
def test_wrong_usage(run, tmp_path, monkeypatch, arguments, status):
    monkeypatch.chdir(tmp_path)
    ran = run("evaluate", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (status, "", 1)
