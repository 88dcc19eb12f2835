"""What a prompt read, in facts, and what is said of the model that read it."""

import numpy as np

from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.figures import percent, score
from tui_embed.printable import fit
from tui_embed.tui.prompt_reading import Reading
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.facts import LABEL, Fact

MOST_NAMED = 5


def prompt_facts(reading: Reading) -> list[Fact]:
    """Token by token: its id, and how long the rows are that were read for it."""
    found = reading.prediction
    facts = [Fact("reads", "id · length of W_E[id] + length of W_P[position] → of the sum")]
    for place, token in enumerate(found.ids):
        parts = (found.rows, found.positions, found.inputs)
        row, position, together = (score(float(np.linalg.norm(part[place]))) for part in parts)
        looked = "" if found.attention is None else f" · attention {percent(float(found.attention[place]))}"
        label = fit(reading.space.vocabulary.token_bytes(token), LABEL - 1)
        facts.append(Fact(label, f"{token} · {row} + [{place}] {position} → {together}{looked}"))
    if not found.ids:
        facts.append(Fact("", "no token: the boundary row alone, where a sentence begins"))
    if reading.n_known > len(found.ids):
        facts.append(
            Fact("", f"the last {len(found.ids):,} tokens of {reading.n_known:,}: the context is no longer")
        )
    if reading.left_out:
        named = ", ".join(reading.left_out[:MOST_NAMED])
        facts.append(Fact("left out", f"{named}: not in the vocabulary", marked=True))
    facts.append(Fact("then", f"{_body(reading.settings)} → scores of all rows → softmax"))
    return facts


def said_of(reading: Reading, training: TrainingView) -> str:
    """What the model is, and that the prompt changed nothing of it; printable."""
    n_read, (before, after) = len(reading.prediction.ids), reading.checksums
    rows = "row" if n_read == 1 else "rows"
    model = f"{training.n_parameters:,} parameters, trained here on {fit(training.corpus.name, 20)}"
    version = f"version {reading.space.matrix.version:,}"
    if before != after:
        return (
            f"The model changed while the prompt was read: {version}, checksum {before:08x}, then {after:08x}"
        )
    return (
        f"A small model, no large one: {_body(reading.settings)}, {model}. The prompt read {n_read:,} {rows} "
        f"of W_E and of W_P and wrote none: {version}, checksum {before:08x} before and after."
    )


def _body(settings: TrainingSettings) -> str:
    if settings.body == "attention":
        return f"an attention block with a hidden layer of {settings.d_hidden:,}"
    return f"a hidden layer of {settings.d_hidden:,}"
