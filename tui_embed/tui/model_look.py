"""What the Model screen shows: a text, or two, in the model of a space, and what of it is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.models.forward import (
    Forward,
    compare,
    forward,
    framed_tokens,
    neighbors_at,
    next_tokens,
    sentence_vector,
    shared_tokens,
)
from tui_embed.engine.models.lens import Lens, lens
from tui_embed.engine.neighbors import cosine
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import percent, score
from tui_embed.printable import fit, printable
from tui_embed.tui.widgets.ranked_list import Heads, RankedToken

MOST_TOKENS = 200
"""Of a text on the screen: Enter on the command line reads more."""

NEAR, LOOKS, NEXT = "near", "looks at", "next"
VIEWS = (NEAR, LOOKS, NEXT)
ANSWERS = 40


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """A text that went through the model, and what each of its vectors is most like."""

    text: str
    run: Forward
    lens: Lens


@dataclass(frozen=True, eq=False, slots=True)
class ModelRead:
    """One text, and perhaps one beside it."""

    space: EmbeddingSpace
    texts: tuple[Read, ...]
    refused: str = ""
    """Which text is not among them, and why."""


@dataclass(frozen=True, eq=False, slots=True)
class ModelLook:
    """The vector of token ``place`` of text number ``text`` after ``layer`` layers."""

    read: ModelRead
    text: int
    place: int
    layer: int

    @property
    def run(self) -> Forward:
        return self.read.texts[self.text].run

    @property
    def other(self) -> Forward | None:
        """The text beside it."""
        return self.read.texts[1 - self.text].run if len(self.read.texts) > 1 else None

    @property
    def counterpart(self) -> int | None:
        """Where the same token stands in the other text: the first for the first, and so on as far as both
        have it.
        """
        if self.other is None or self.run.ids[self.place] not in self.other.ids:
            return None
        pairs = dict(shared_tokens(self.run.ids, self.other.ids))
        return pairs.get(self.place, self.other.ids.index(self.run.ids[self.place]))


def read_texts(
    space: EmbeddingSpace, texts: Sequence[str], cancel: CancelToken, progress: Progress
) -> ModelRead:
    """Send each text that is not empty through the model. UsageError where none has a token."""
    reads, refused = [], []
    for number, text in enumerate(texts, 1):
        if text.strip():
            try:
                run = forward(space, text, cancel, most=MOST_TOKENS)
            except UsageError as error:
                refused.append((number, error))
            else:
                reads.append(Read(text, run, lens(run, cancel, progress)))
    if refused and not reads:
        raise refused[0][1]
    return ModelRead(
        space, tuple(reads), "; ".join(f"text {number}: {error.message}" for number, error in refused)
    )


def position_in(read: Read, place: int) -> int:
    """Which of all tokens of a text its token ``place`` in the model is: there are those with a row alone."""
    run = read.run
    if run.space.model is not None:
        return place
    tokens = framed_tokens(run.space, read.text)
    known = [at for at, token in enumerate(tokens) if token.id is not None]
    return known[place]


@dataclass(frozen=True, eq=False, slots=True)
class Answered:
    """A list of the chosen vector, with what it is called."""

    look: ModelLook
    view: str
    title: str
    foot: str
    items: tuple[RankedToken, ...]
    heads: Heads = field(default_factory=Heads)


def views_of(look: ModelLook) -> tuple[str, ...]:
    """What can be asked of a vector of this model."""
    run, model = look.run, look.run.space.model
    views = [NEAR]
    if run.trace is not None and look.layer:
        views.append(LOOKS)
    if run.body is not None and run.body.is_causal and model is not None and model.output is not None:
        views.append(NEXT)
    return tuple(views)


def answered(
    look: ModelLook, view: str, head: int | None, cancel: CancelToken, progress: Progress
) -> Answered:
    """The list that ``view`` names; ``head`` None is the mean of all heads."""
    if view == NEXT:
        return _next(look, cancel, progress)
    if view == LOOKS:
        return _looks(look, head)
    return _near(look, cancel, progress)


def _near(look: ModelLook, cancel: CancelToken, progress: Progress) -> Answered:
    run, other, at = look.run, look.other, look.counterpart
    found = neighbors_at(run, look.layer, look.place, ANSWERS, cancel, progress)
    notes = [""] * len(found.neighbors)
    foot = f"searched {found.searched:,} of {found.n_vocab:,}"
    if other is not None and at is not None:
        beside = neighbors_at(other, min(look.layer, other.n_layers), at, ANSWERS, cancel, progress)
        notes = [f"‖ {near.token} {score(near.score)}" for near in beside.neighbors]
    items = tuple(
        RankedToken(near.id, near.token, near.score, max(0.0, near.score), note=note)
        for near, note in zip(found.neighbors, notes, strict=False)
    )
    where = f"after layer {look.layer}" if look.layer else "as it goes in"
    heads = Heads(note="‖ other text" if any(notes) else "", score="cosine")
    return Answered(look, NEAR, f"nearest rows of W_E {where}", foot, items, heads)


def _looks(look: ModelLook, head: int | None) -> Answered:
    run = look.run
    if run.trace is None or not look.layer:
        return Answered(look, LOOKS, "no layer, so nothing looks at anything", "", ())
    weights = run.trace.attention[look.layer - 1]
    row = (weights.mean(axis=0) if head is None else weights[head])[look.place]
    order = np.argsort(-row, kind="stable")[:ANSWERS].tolist()
    items = tuple(
        RankedToken(
            run.ids[place],
            run.space.vocabulary[run.ids[place]],
            float(row[place]),
            float(row[place]),
            str(place),
        )
        for place in order
    )
    who = f"mean of {len(weights)} heads" if head is None else f"head {head} of {len(weights)}"
    heads = Heads(label="place", score="attention")
    return Answered(look, LOOKS, f"layer {look.layer} looks at · {who}", "h H another head", items, heads)


def _next(look: ModelLook, cancel: CancelToken, progress: Progress) -> Answered:
    run = look.run
    found = next_tokens(run, look.place, look.layer, ANSWERS, cancel, progress)
    items = tuple(
        RankedToken(token, run.space.vocabulary[token], share, share) for token, share in found.best
    )
    where = "next token" if look.layer == run.n_layers else f"next token, if layer {look.layer} were the last"
    return Answered(
        look,
        NEXT,
        where,
        f"{score(found.entropy)} bits · softmax over {found.searched:,}",
        items,
        Heads(score="probability"),
    )


def said_of(look: ModelLook) -> list[tuple[str, str]]:
    """The chosen vector in figures: labels and what is said, printable."""
    run = look.run
    space, place, layer = run.space, look.place, look.layer
    row, state = run.token_rows[place], run.state(layer, place)
    token = printable(space.vocabulary[run.ids[place]])
    said = [("token", f"{token} · id {run.ids[place]} · place {place} of {len(run.ids)}")]
    other, at = look.other, look.counterpart
    if other is not None and at is not None:
        meeting = compare(run, other, place, at)
        now = score(meeting.by_layer[min(layer, len(meeting.by_layer) - 1)])
        said.append((f"‖ {fit(token, 9)}", f"cosine {now} here to place {at} of text {2 - look.text}"))
        parts = [f"{number or 'input'} {score(value)}" for number, value in enumerate(meeting.by_layer)]
        said.append(("‖ by layer", " · ".join(parts)))
    elif other is not None:
        said.append(("‖", "the other text does not have this token"))
    if other is not None and run.trace is not None and other.trace is not None:
        alike = cosine(sentence_vector(run), sentence_vector(other))
        said.append(("sentences", f"{score(alike)}, the cosine of their mean vectors"))
    parts = [f"W_E {score(float(np.linalg.norm(row)))}"]
    if run.position_rows is not None:
        parts.append(f"W_P {score(float(np.linalg.norm(run.position_rows[place])))}")
    parts.append(f"input {score(float(np.linalg.norm(run.inputs[place])))}")
    parts += [f"here {score(float(np.linalg.norm(state)))}"] if layer else []
    said.append(("lengths", " · ".join(parts)))
    cosines = [f"its row {score(cosine(row, state))}"]
    if layer:
        cosines.append(f"the layer before {score(cosine(run.state(layer - 1, place), state))}")
    said.append(("cosine to", " · ".join(cosines)))
    if layer and run.trace is not None:
        weights = run.trace.attention[layer - 1][:, place, :].mean(axis=0)
        most = int(weights.argmax())
        looked_at = printable(space.vocabulary[run.ids[most]])
        said.append(("looks at", f"{looked_at} most, {percent(float(weights[most]))}"))
    return said
