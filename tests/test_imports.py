"""Who imports what: contracts between the layers, and what a headless verb may load."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "backports", "gensim", "importlinter", "numkong", "prompt_toolkit", "pyarrow", "pygments", "rapidfuzz",
    "regex", "requests", "scipy", "shtab", "sklearn", "textual", "tiktoken", "tokenizers", "umap", "urllib3",
    "aiohttp", "gguf", "textual_serve",
}  # fmt: skip
REPORT = """
import contextlib, io, sys
from tui_embed.cli.main import main
with contextlib.redirect_stdout(io.StringIO()):
    status = main(sys.argv[1:])
assert status == 0, status
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*arguments):
    """The top-level packages that a process has loaded after answering."""
    command = [sys.executable, "-c", REPORT, *arguments]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--version"], set()),
        (["spaces"], set()),
        (["params"], set()),
        (["info"], set()),
        (["row", "king"], set()),
        (["neighbors", "king"], set()),
        (["calc", "king - man + woman"], set()),
        (["find", "king"], set()),
        (["find", "--fuzzy", "king"], {"rapidfuzz"}),
        (["find", "--regex", "king"], {"regex"}),
        (["odd-one-out", "red", "green", "seven"], set()),
        (["similarity", "cat", "dog"], set()),
        (["completion", "bash"], {"shtab"}),
        (["tokenize", "x"], {"tiktoken"}),
        (["tokenize", "x", "--encoding", "words"], set()),
        (["tokenize", "é", "--encoding", "words"], {"regex"}),
        (["info", "bert-base-init"], set()),
        (["fetch", "--list"], set()),
        (["cache"], set()),
        (["statistics"], set()),
        (["undertrained", "-k", "3"], set()),
        (["forward", "the king"], set()),
        (["compare", "glove", "glove", "-k", "1"], set()),
    ],
    ids=" ".join,
)
def test_a_verb_loads_only_what_it_needs(arguments, needed):
    assert loaded(*arguments) & HEAVY == needed


@pytest.mark.parametrize("verb", ["check", "info", "neighbors"])
def test_a_file_of_text_needs_numpy_alone(verb, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"the 0.1 0.2\nking 0.3 0.4\n")
    arguments = ("neighbors", "king", "--space", str(path)) if verb == "neighbors" else (verb, str(path))
    assert loaded(*arguments) & HEAVY == set()


def test_the_package_itself_loads_nothing():
    program = "import sys, tui_embed; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    names = ran.stdout.split()
    assert [name for name in names if name.startswith("tui_embed")] == ["tui_embed"]
    assert not {"numpy", *HEAVY} & set(names)


def test_help_needs_no_numbers():
    assert "numpy" not in loaded("--version") | loaded("--help")
