"""The tokens of a checkpoint in id order, out of the files beside it; no package is needed for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_embed.errors import SourceError
from tui_embed.sources.models.config import read_content, read_object
from tui_embed.tokenizers.hf import MOST_BYTES
from tui_embed.tokenizers.token_bytes import Writing, no_token

MOST_LINES_BYTES = 64 << 20
MOST_LINES = 1 << 22
"""Of a list of tokens or of merges: the largest published ones have about half a million, of 10 MB."""

MOST_TOKEN = 1 << 16
NAMED = 3


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token for each row; ``unused`` are the ids that belong to none, ``special`` those that stand for no
    text, and ``notes`` what was odd.
    """

    spelled: list[bytes]
    unused: frozenset[int]
    special: frozenset[int]
    notes: tuple[str, ...]


def placed(found: Iterable[tuple[int, bytes]], n_vocab: int, special: Iterable[int] = ()) -> Tokens:
    """Tokens with their ids, laid out for ``n_vocab`` rows; the last of an id counts."""
    spelled: list[bytes | None] = [None] * n_vocab
    beyond = 0
    for token_id, token in found:
        if 0 <= token_id < n_vocab:
            spelled[token_id] = token
        else:
            beyond += 1
    unused = [token_id for token_id, token in enumerate(spelled) if token is None]
    notes = []
    if unused:
        rows = "row belongs" if len(unused) == 1 else "rows belong"
        first = ", ".join(map(str, unused[:NAMED])) + (", …" if len(unused) > NAMED else "")
        notes.append(f"{len(unused):,} {rows} to no token: ids {first}")
    if beyond:
        notes.append(f"{beyond:,} tokens of the tokenizer have no row")
    whole = [no_token(token_id) if token is None else token for token_id, token in enumerate(spelled)]
    return Tokens(whole, frozenset(unused), frozenset(special), tuple(notes))


def tokens_of_json(path: Path, n_vocab: int) -> Tokens:
    """The tokens of a ``tokenizer.json``. SourceError for one that is none."""
    found = read_object(path, MOST_BYTES)
    model = found.get("model")
    if not isinstance(model, dict):
        raise SourceError(path, "it has no model, so it is no tokenizer.json", "model")
    writing = _writing(found, model)
    given = list(_added(found.get("added_tokens")))
    added = {token_id: text for token_id, text, _ in given}
    tokens = dict(_model_tokens(path, model.get("vocab")))
    shown = [
        (token_id, writing.shown_bytes(token, token_id in added))
        for token, token_id in tokens.items()
        if len(token) <= MOST_TOKEN
    ]
    shown += [(token_id, text.encode("utf-8", "surrogatepass")) for token_id, text in added.items()]
    return placed(shown, n_vocab, (token_id for token_id, _, special in given if special))


def tokens_of_vocab_json(path: Path, n_vocab: int) -> Tokens:
    """The tokens of GPT-2's ``vocab.json``, which writes a letter for each byte."""
    writing = Writing(byte_level=True)
    pairs = ids_of_vocab_json(path).items()
    return placed(((token_id, writing.shown_bytes(token, False)) for token, token_id in pairs), n_vocab)


def tokens_of_lines(path: Path, n_vocab: int) -> Tokens:
    """The tokens of BERT's ``vocab.txt``, one a line."""
    return placed(((number, line.rstrip(b"\r")) for number, line in enumerate(lines_of(path))), n_vocab)


def lines_of(path: Path) -> list[bytes]:
    """The lines of a list of tokens or of merges. SourceError where it cannot be one."""
    content = read_content(path, MOST_LINES_BYTES)
    if content.count(b"\n") > MOST_LINES:
        raise SourceError(path, f"over {MOST_LINES:,} lines, more than any vocabulary's")
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def ids_of_vocab_json(path: Path) -> dict[str, int]:
    """The ids of the tokens as a ``vocab.json`` writes them. SourceError for one that is none."""
    return dict(_model_tokens(path, read_object(path, MOST_BYTES)))


def _model_tokens(path: Path, vocab: Any) -> Iterable[tuple[str, int]]:
    if isinstance(vocab, dict):
        pairs = vocab.items()
    elif isinstance(vocab, list):
        # Unigram: pairs of a token and its score, in id order
        pieces = [piece[0] if isinstance(piece, list) and piece else None for piece in vocab]
        pairs = ((piece, token_id) for token_id, piece in enumerate(pieces))  # type: ignore[assignment]
    else:
        raise SourceError(path, "its vocabulary is neither a map nor a list", "vocab")
    for token, token_id in pairs:
        if not isinstance(token, str) or type(token_id) is not int:
            raise SourceError(path, f"“{str(token)[:40]}” has no whole number as its id", "vocab")
        yield token, token_id


def _added(given: Any) -> Iterable[tuple[int, str, bool]]:
    """Id, text, and whether it is special, of each token that was added."""
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and type(one.get("id")) is int and isinstance(one.get("content"), str):
            yield one["id"], one["content"][:MOST_TOKEN], one.get("special") is True


def _writing(found: Mapping[str, Any], model: Mapping[str, Any]) -> Writing:
    split, decoder, normal = (_kinds(found.get(part)) for part in ("pre_tokenizer", "decoder", "normalizer"))
    return Writing(
        byte_level="ByteLevel" in split | decoder,
        byte_fallback=model.get("byte_fallback") is True or "ByteFallback" in decoder,
        metaspace="Metaspace" in split | decoder or bool({"Prepend", "Replace"} & normal),
    )


def _kinds(component: Any) -> set[str]:
    """The types of a component and of those that it is made of; not deeper than any is."""
    kinds: set[str] = set()
    waiting = [(component, 0)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, dict):
            kinds |= {part["type"]} if isinstance(part.get("type"), str) else set()
            if depth < 4:
                waiting += [
                    (inner, depth + 1)
                    for value in part.values()
                    if isinstance(value, list)
                    for inner in value
                ]
    return kinds
