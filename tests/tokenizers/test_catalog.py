"""Tokenizers by name or path."""

import subprocess
import sys

import pytest

from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.tokenizers.catalog import encoding_names, tokenizer


def test_names():
    assert encoding_names() == (
        "gpt2",
        "r50k_base",
        "p50k_base",
        "p50k_edit",
        "cl100k_base",
        "o200k_base",
        "o200k_harmony",
    )


@pytest.mark.parametrize("name", encoding_names())
def test_every_name_gives_its_encoding(name):
    assert tokenizer(name).name == name
    assert tokenizer(name) is tokenizer(name)


@pytest.mark.parametrize(("name", "nearest"), [("cl100k", "cl100k_base"), ("O200K-base", "o200k_base")])
def test_unknown_name_suggests_the_nearest(name, nearest):
    with pytest.raises(UsageError, match=f"did you mean {nearest}") as raised:
        tokenizer(name)
    assert all(known in raised.value.hint for known in encoding_names())


@pytest.mark.parametrize("name", ["", "zzzzzzzz", "a\0b", "x" * 5000])
def test_a_name_like_nothing_lists_the_names(name):
    with pytest.raises(UsageError) as raised:
        tokenizer(name)
    assert raised.value.hint.startswith("encodings: gpt2, ")


def test_a_folder_without_a_tokenizer(tmp_path):
    with pytest.raises(TuiEmbedError, match=r"tokenizer\.json is not a file"):
        tokenizer(tmp_path)


def test_listing_the_names_imports_nothing_heavy():
    script = (
        "import sys; from tui_embed.tokenizers.catalog import encoding_names; encoding_names();"
        "print(sorted({'tiktoken', 'rapidfuzz', 'regex', 'tokenizers', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
