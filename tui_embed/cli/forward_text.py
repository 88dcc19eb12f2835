"""What ``tui-embed forward`` tells a person, what is asked for most first."""

import numpy as np
from rich.cells import cell_len

from tui_embed.cli import output
from tui_embed.cli.looked import Found
from tui_embed.cli.model import instead_of_layers, why_no_layers
from tui_embed.cli.parser import terminal_width
from tui_embed.engine.models.forward import Forward, compare, sentence_vector, shared_tokens
from tui_embed.figures import counted, percent, score
from tui_embed.printable import fit, printable

CELL = 16
"""Cells of a token among others."""
LAYER_CELLS, PLACES_CELLS = 8, 13
"""Of a column, with the gap before it."""


def print_found(found: Found) -> None:
    run_, looked, space = found.run, found.looked, found.run.space
    output.print_heading(space)
    token = space.vocabulary[run_.ids[looked.place]]
    after = f"after layer {looked.layer} of {run_.n_layers}" if looked.layer else "as it goes in"
    output.print_facts(
        [
            ("tokens", f"{len(run_.ids):,}"),
            ("layers", f"{run_.n_layers}, each of {counted(run_.body.n_heads, 'head')}" if run_.body else ""),
            ("looked at", f"{token}, place {looked.place}, {after}"),
            ("text vector", _text_vector(run_)),
            ("next token", _why_no_next(found)),
        ]
    )
    output.print_wrapped(_shown(found))
    for note in _notes(found):
        output.print_note(note)
    if found.other is not None:
        _print_against(run_, found.other)
    if found.following is not None:
        following = found.following
        print(f"next token after it, {score(following.entropy)} bits of {following.searched:,} tokens")
        rows = [(percent(share), space.vocabulary[token], f"id {token}") for token, share in following.best]
        output.print_table(rows, "rll")
    print(f"{printable(token)} {after}, nearest rows of W_E by cosine")
    output.print_neighbors(space, found.answer)
    _print_attention(found)
    output.print_searched(found.answer)


def _shown(found: Found) -> list[str]:
    """The tokens of the text, in brackets the one that is looked at."""
    spelled = [found.run.space.vocabulary[token_id] for token_id in found.run.ids]
    shown = [fit(token, CELL) for token in spelled]
    shown[found.looked.place] = f"[{fit(spelled[found.looked.place], CELL - 2)}]"
    return shown


def _text_vector(run_: Forward) -> str:
    if run_.trace is None:
        return ""
    vector = sentence_vector(run_)
    length = score(float(np.linalg.norm(vector)))
    return f"{len(vector):,} numbers (--json), length {length}, the mean of the last vectors"


def _why_no_next(found: Found) -> str:
    """Why no next token is told; "" where it is, or where there are no layers to begin with."""
    body = found.run.body
    if body is None or found.following is not None:
        return ""
    return (
        "none: its output rows are not here"
        if body.is_causal
        else "none: it reads the text both ways at once"
    )


def _notes(found: Found) -> list[str]:
    run_, looked = found.run, found.looked
    notes = list(found.notes)
    if run_.left_out:
        left_out = counted(run_.left_out, "token")
        notes.append(f"{left_out} more left out: {len(run_.ids):,} are read at most")
    if looked.others:
        also = ", ".join(map(str, looked.others))
        notes.append(f"the token stands at {also} too: --place looks there")
    if why := why_no_layers(run_.space):
        notes.append(f"the way ends at the input embeddings: {why}")
        notes.append(instead_of_layers(run_.space))
    return notes


def _print_attention(found: Found) -> None:
    weights, looked, space = found.attention, found.looked, found.run.space
    if weights is None:
        return
    of = f"of layer {looked.layer}"
    all_heads = f"the heads {of}, on average, look at"
    print(all_heads if looked.head is None else f"head {looked.head} {of} looks at")
    best = sorted(range(len(weights)), key=lambda place: -weights[place])[: len(found.answer.neighbors)]
    seen = [(percent(weights[p]), space.vocabulary[found.run.ids[p]], f"place {p}") for p in best]
    output.print_table(seen, "rll")


def _print_against(run_: Forward, other: Forward) -> None:
    space = run_.space
    whole = compare(run_, other, 0, 0).sentences
    if whole is not None:
        print(f"similarity of the two texts {score(whole)}: cosine of the means of their last vectors")
    pairs = shared_tokens(run_.ids, other.ids)
    if not pairs:
        print("no token is in both texts")
        return
    n_layers = min(run_.n_layers, other.n_layers)
    tokens = [space.vocabulary[run_.ids[place]] for place, _ in pairs]
    layers = _layers_shown(n_layers, max(cell_len(fit(token, CELL)) for token in tokens))
    every = "each layer" if len(layers) == n_layers + 1 else "some layers (--json has all)"
    print(f"tokens of both, cosine of one to the other after {every}")
    rows = [("", "places", *(str(layer) if layer else "input" for layer in layers))]
    for token, (a, b) in zip(tokens, pairs, strict=True):
        by_layer = compare(run_, other, a, b).by_layer
        rows.append((token, f"{a} · {b}", *(score(by_layer[layer]) for layer in layers)))
    output.print_table(rows, "ll" + "r" * len(layers), [CELL] * len(rows[0]))


def _layers_shown(n_layers: int, cells: int) -> list[int]:
    """As many layers as the terminal has room for beside ``cells`` of tokens, the first and the last among
    them.
    """
    room = max(2, (terminal_width() - cells - PLACES_CELLS) // LAYER_CELLS)
    return sorted({round(layer) for layer in np.linspace(0, n_layers, min(room, n_layers + 1)).tolist()})
