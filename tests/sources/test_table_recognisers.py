"""What is taken for a table by its content, and what never is."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import nasty_tokens

from tui_embed.sources.file import HEAD_BYTES
from tui_embed.sources.formats.delimited import is_delimited
from tui_embed.sources.formats.json_lines import is_json_lines

LONG = " ".join(["0.125"] * HEAD_BYTES)


@pytest.mark.parametrize(
    "text",
    [
        "word,v0,v1\nking,0.1,0.2\n",
        "word\tv0\tv1\nking\t0.1\t0.2\n",
        "Token;Vector\nking;[0.1, 0.2]\n",
        ",0,1\nking,0.1,0.2\n",
        "word,dim 0,dim 1,dim 2\nking,0.1,0.2,0.3\n",
        '"a ""name""","a\nvector"\nking,"[0.1, 0.2]"\n',
        "\ufeffname,x,y\r\na,1,2\r\n",
        "a,e\nking,0.1 0.2\n",
        "word,vector",
        "word,vector\nking",
        "token\tvector\t0\nking\t[0.1]\tx\n",
        # without a heading: delimited.read says so
        "king,0.1,0.2\nqueen,0.3,0.4\n",
        f"a,e\nking,{LONG}",
    ],
)
def test_tables(text):
    assert is_delimited(text.encode()[:HEAD_BYTES])


@pytest.mark.parametrize(
    "text",
    [
        "king 0.1 0.2\nqueen 0.3 0.4\n",
        "king\t0.1\t0.2\nqueen\t0.3\t0.4\n",
        ", 0.1 0.2\n. 0.3 0.4\n",
        "a,b 0.1 0.2\nc,d 0.3 0.4\n",
        '" 0.1 0.2\n" 0.3 0.4\n',
        "word,vector 0.1 0.2\nc,d 0.3 0.4\n",
        "a,b nan NaN\nc,d 0.3 0.4\n",
        "a,b 1\nc,d 2\n",
        "2 2\nking 0.1 0.2\n",
        "400000,3 50\nking 0.1 0.2\n",
        "0.1\t0.2\n0.3\t0.4\n",
        f"a,b {LONG}",
        "<!DOCTYPE html>, a\n<html>, 404\n",
        '<meta name="a", content="b">\n1,2\n',
        "version https://git-lfs.github.com/spec/v1\noid sha256:0, 1\nsize 1\n",
        "<<<<<<< HEAD\nking,0.1,0.2\n=======\n",
        "Hello, world\nHow, are you\n",
        '{"embeddings": [1, 2]}\n',
        "a\0,b\n1,2\n",
        "\n\n",
        "a,b\n",
        "",
    ],
)
def test_no_tables(text):
    assert not is_delimited(text.encode()[:HEAD_BYTES])


@given(st.lists(nasty_tokens, min_size=1, max_size=4), st.integers(2, 4), st.sampled_from(" \t"), st.data())
def test_no_text_of_vectors_is_a_table(tokens, d_model, blank, data):
    number = st.sampled_from(["1", "-0.5", "1e-5", "2.25", "nan"])
    lines = [
        blank.join(
            [token.replace("\n", ""), *data.draw(st.lists(number, min_size=d_model, max_size=d_model))]
        )
        for token in tokens
    ]
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    assert not is_delimited(text)
    assert not is_json_lines(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"word": "a", "vector": [1, 2]}\n{"word": "b", "vector": [3, 4]}\n',
        '\ufeff{"word": "a"}\n',
        '\r\n{ "word" : "a"}\r\n',
        '{"word": "a", "vector": [1, 2',
        '{"word": "a", "vector": [' + ", ".join(["0.125"] * HEAD_BYTES),
    ],
)
def test_json_lines(text):
    assert is_json_lines(text.encode()[:HEAD_BYTES])


@pytest.mark.parametrize(
    "text",
    [
        "{\n}\n",
        '{\n"word": "a"}\n',
        "{ 0.1 0.2\n",
        '{"a" 0.1 0.2\n{"b" 0.1 0.2\n',
        '{"a": 0.1 0.2\n{"b": 0.1 0.2\n',
        '[{"word": "a"}]\n',
        '"word"\n',
        "",
    ],
)
def test_no_json_lines(text):
    assert not is_json_lines(text.encode())


@given(st.dictionaries(st.text(max_size=3), st.one_of(st.text(), st.lists(st.floats())), min_size=1))
def test_any_object_on_a_line_is_json_lines(value):
    assert is_json_lines(json.dumps(value).encode() + b"\n")


@given(st.binary(max_size=60))
def test_any_bytes_are_looked_at_without_an_error(head):
    assert is_delimited(head) in (True, False)
    assert is_json_lines(head) in (True, False)


def test_rows_of_binary_numbers_are_no_table():
    assert not is_delimited(np.random.default_rng(1).normal(size=5000).astype("<f4").tobytes())
