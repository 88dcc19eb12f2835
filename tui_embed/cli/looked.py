"""Which token, layer and head of a text in a model are looked at, and what is found there."""

from argparse import Namespace
from dataclasses import dataclass

from tui_embed.cli.model import why_no_layers
from tui_embed.engine.models.forward import Forward, NextTokens, last_word
from tui_embed.engine.neighbors import Answer
from tui_embed.errors import UsageError

MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at: the token number ``place`` after ``layer`` layers, and one head there; ``others``
    are further places of the token that was named.
    """

    place: int
    layer: int
    head: int | None
    others: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """All that is told of a text; ``following`` where the model scores a next token, ``other`` where there is
    a text to compare with.
    """

    run: Forward
    looked: Looked
    answer: Answer
    following: NextTokens | None
    other: Forward | None
    notes: tuple[str, ...] = ()

    @property
    def attention(self) -> list[float] | None:
        """How much of each token the head takes in, or all heads on average; None where there is none."""
        trace, looked = self.run.trace, self.looked
        if trace is None or looked.layer == 0:
            return None
        weights = trace.attention[looked.layer - 1]
        row = weights.mean(axis=0) if looked.head is None else weights[looked.head]
        return [float(value) for value in row[looked.place]]


def looked_at(run_: Forward, options: Namespace) -> Looked:
    """The token, layer and head that are asked for. UsageError for what the text or the model has not."""
    if options.token is not None and options.place is not None:
        raise UsageError("--token and --place are both given", "give one of them")
    places = [last_word(run_) if options.place is None else options.place]
    if options.token is not None:
        places = _places_of(run_, options.token)
    if not 0 <= places[0] < len(run_.ids):
        raise UsageError(f"the text has no token {places[0]}", f"places are 0 … {len(run_.ids) - 1}")
    if run_.trace is None and (options.layer or options.head is not None):
        raise UsageError(f"{run_.space.name} has no layers here", why_no_layers(run_.space))
    layer = run_.n_layers if options.layer is None else options.layer
    if not 0 <= layer <= run_.n_layers:
        raise UsageError(
            f"there is no layer {layer}", f"layers are 0 … {run_.n_layers}; 0 is the input embedding"
        )
    if options.head is not None:
        if run_.body is None or layer == 0:
            raise UsageError("no head looks at anything there", "name a --layer from 1 on")
        if not 0 <= options.head < run_.body.n_heads:
            raise UsageError(f"there is no head {options.head}", f"heads are 0 … {run_.body.n_heads - 1}")
    return Looked(places[0], layer, options.head, tuple(places[1:]))


def _places_of(run_: Forward, token: str) -> list[int]:
    """Where ``token`` stands: as it is spelled, else but for the space that many tokens begin with, else as
    everywhere a token is named.
    """
    vocabulary = run_.space.vocabulary
    spelled = [vocabulary[token_id] for token_id in run_.ids]
    places = [place for place, one in enumerate(spelled) if one == token]
    if not places and token.strip():
        places = [place for place, one in enumerate(spelled) if one.strip() == token.strip()]
    if not places:
        try:
            token_id = run_.space.id(token)
        except UsageError:
            token_id = -1
        places = [place for place, one in enumerate(run_.ids) if one == token_id]
    if not places:
        more = ", …" if len(spelled) > MOST_LISTED else ""
        raise UsageError(
            f"“{token}” is no token of the text",
            f"its tokens are {', '.join(f'“{one}”' for one in spelled[:MOST_LISTED])}{more}",
        )
    return places
