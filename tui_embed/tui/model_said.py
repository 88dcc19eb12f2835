"""What the Prompt pane shows and says of texts in a model; all of it printable but the tokens."""

import numpy as np

from tui_embed.engine.models.forward import Forward, last_word, shared_tokens
from tui_embed.printable import fit, printable
from tui_embed.tui.model_look import ModelRead, Read
from tui_embed.tui.widgets.lanes import Lane, LaneBlock, LaneCell

_STATIC = (
    "No forward pass: these are static vectors, one row a token whatever stands around it, without layers. "
    "^o opens a language model"
)


def block(read: Read, number: int, of: int) -> LaneBlock:
    """The lanes of text ``number`` of so many."""
    run, lens, vocabulary = read.run, read.lens, read.run.space.vocabulary
    norms = np.linalg.norm(run.token_rows, axis=1)
    lengths = None if run.position_rows is None else np.linalg.norm(run.position_rows, axis=1)
    lanes = []
    for place, token_id in enumerate(run.ids):
        follows = run.ids[place + 1] if place + 1 < len(run.ids) else None
        cells = tuple(
            LaneCell(
                vocabulary.token_bytes(int(best)),
                float(share),
                int(best) != follows if lens.predicts else int(best) == token_id,
            )
            for best, share in zip(lens.best[:, place], lens.scores[:, place], strict=True)
        )
        length = None if lengths is None else float(lengths[place])
        lanes.append(Lane(vocabulary.token_bytes(token_id), token_id, float(norms[place]), length, cells))
    return LaneBlock("token" if of == 1 else f"text {number + 1}", tuple(lanes))


def first_look(read: ModelRead) -> tuple[int, int]:
    """The lane of a token that both texts have, or the last one that stands for text, after all layers."""
    run = read.texts[0].run
    if len(read.texts) > 1:
        # the rarest of the tokens that both have: most vocabularies are in order of frequency
        pairs = shared_tokens(run.ids, read.texts[1].run.ids)
        words = [place for place, _ in pairs if place <= last_word(run) and not _is_special(run, place)]
        if words:
            return max(words, key=lambda place: run.ids[place]), run.n_layers
    return last_word(run), run.n_layers


def _is_special(run: Forward, place: int) -> bool:
    model = run.space.model
    return model is not None and run.ids[place] in model.special_ids


def title(read: ModelRead) -> str:
    """Whose layers the texts went through."""
    model = read.space.model
    name = fit(read.space.name, 30)
    if model is None:
        return f"Prompt · {name} · no language model"
    layers = (
        f" · {read.texts[0].run.n_layers} layers"
        if read.texts and read.texts[0].run.trace is not None
        else ""
    )
    return f"Prompt · {fit(model.title, 20)}{layers}"


def said(read: ModelRead) -> str:
    """What the cells say, and where the way ends if it ends early; printable."""
    if not read.texts:
        return ""
    run, lens = read.texts[0].run, read.texts[0].lens
    model = read.space.model
    left_out = sum(one.run.left_out for one in read.texts)
    more = f" · {left_out:,} tokens more are left out" if left_out else ""
    if read.refused:
        return f"{printable(read.refused)}{more}"
    if run.trace is None:
        if model is None:
            return f"{_STATIC}{more}"
        return f"The way ends at the input embedding: {printable(model.no_body)}{more}"
    if lens.predicts:
        cell = "A cell is the likeliest next token if that layer were the last"
        return f"{cell}; what does follow stands out{more}"
    return f"A cell is the row of W_E nearest to the vector there; faint where it is the token's own{more}"


def table(read: ModelRead) -> str:
    """The lanes for the clipboard."""
    lines = []
    for one in read.texts:
        vocabulary = one.run.space.vocabulary
        heads = [
            "token",
            "id",
            *("input" if layer == 0 else str(layer) for layer in range(one.run.n_layers + 1)),
        ]
        lines.append("\t".join(heads))
        for place, token in enumerate(one.run.ids):
            cells = [printable(vocabulary[int(best)]) for best in one.lens.best[:, place]]
            lines.append("\t".join([printable(vocabulary[token]), str(token), *cells]))
    return "\n".join(lines)
