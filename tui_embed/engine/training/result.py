"""From a training that is over to a space like any other."""

import numpy as np

from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.positions import LearnedPositions, NoPositions, Positions
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.subwords import Subwords
from tui_embed.engine.tokens import Tokenizer
from tui_embed.engine.training.rare import fall_back, rare_words
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.trainer import NGRAMS, OUTPUT, POSITIONS, TOKENS, TrainedParts

TITLES = {"skipgram": "skip-gram", "cbow": "CBOW", "glove": "GloVe", "lm": "a next-token model"}


def trained_space(
    trained: TrainedParts, snapshot: Snapshot, name: str, tokenizer: Tokenizer | None = None
) -> EmbeddingSpace:
    """The space of what ``trained`` holds, as it is in ``snapshot``, its last. It shares no array with
    the trained.
    """
    settings, corpus = trained.settings, trained.corpus
    rows: Floats = snapshot.matrix.rows.take(np.arange(corpus.n_vocab))
    notes = list(corpus.notes)
    if settings.rare != "keep":
        rows, note = _rare(trained, rows)
        notes.append(note)
    notes += _notes(trained, snapshot)
    weights = _weights(trained, rows)
    record = TrainingRecord(
        settings=settings,
        corpus=corpus.name,
        n_read=corpus.n_read,
        counts=corpus.counts.copy(),
        steps=snapshot.step,
        n_steps=snapshot.n_steps,
        seconds=snapshot.seconds,
        words_per_second=snapshot.words / snapshot.seconds if snapshot.seconds > 0 else None,
        curve=snapshot.curve,
        weights=weights,
        start=start_of_rows(trained),
        unk=corpus.unk,
        diverged=snapshot.state == "diverged",
    )
    return EmbeddingSpace(
        name=name,
        vocabulary=corpus.vocabulary,
        matrix=EmbeddingMatrix(ArrayRows(rows), version=snapshot.step),
        positions=_positions(trained),
        provenance=Provenance(trained=snapshot.step > 0, origin=origin_of(settings, corpus.name, snapshot)),
        tokenizer=tokenizer,
        notes=notes,
        subwords=_subwords(trained),
        training=record,
    )


def origin_of(settings: TrainingSettings, corpus: str, snapshot: Snapshot) -> str:
    """Where the rows come from, as it reads after the name of a space."""
    if not snapshot.step:
        return "untrained: not a step was made"
    return f"trained here: {TITLES[settings.objective]} on {corpus}, {snapshot.step:,} steps"


def start_of_rows(trained: TrainedParts) -> str:
    """What the token rows began as."""
    settings, start = trained.settings, trained.start
    if start.from_space is not None and start.matched is not None:
        return f"{int(start.matched.sum()):,} rows of {start.from_space}, the others drawn"
    return f"{settings.start}, deviation {settings.drawn_std:.3g}"


def _weights(trained: TrainedParts, rows: Floats) -> dict[str, Floats]:
    """The parameters that the space does not hold itself; ``W_E`` too where the rows shown are others."""
    parameters = trained.parameters
    own = parameters[TOKENS]
    kept: dict[str, Floats] = {}
    for parameter, array in parameters.items():
        if parameter in (TOKENS, POSITIONS, NGRAMS) or (parameter == OUTPUT and array is own):
            continue
        kept[parameter] = array.copy()
    if own.shape != rows.shape or not np.array_equal(own, rows):
        kept[TOKENS] = own.copy()
    return kept


def _positions(trained: TrainedParts) -> Positions:
    rows = trained.parameters.get(POSITIONS)
    if rows is None:
        return NoPositions(f"{TITLES[trained.settings.objective]} trains no positions")
    return LearnedPositions(ArrayRows(rows.copy()), "learned, with the token rows")


def _subwords(trained: TrainedParts) -> Subwords | None:
    rows, lengths = trained.parameters.get(NGRAMS), trained.settings.ngrams
    if rows is None or lengths is None:
        return None
    return Subwords(*lengths, ArrayRows(rows.copy()))


def _rare(trained: TrainedParts, rows: Floats) -> tuple[Floats, str]:
    settings = trained.settings
    n_rare = len(rare_words(trained.corpus, settings, trained.start.frozen))
    words = f"{n_rare:,} words seen fewer than {settings.rare_count:,} times"
    if settings.rare == "regularise":
        return rows, f"{words}: their rows were drawn to the mean row"
    replaced, by = fall_back(trained, rows)
    return replaced, f"{words}: their rows were replaced by {by}"


def _notes(trained: TrainedParts, snapshot: Snapshot) -> list[str]:
    start, corpus = trained.start, trained.corpus
    notes = []
    coverage = start.coverage(corpus)
    if coverage is not None and start.matched is not None:
        missing = int((~start.matched).sum())
        notes.append(f"started from {start.from_space}, which lacks {missing:,} of its tokens")
    if start.n_frozen:
        notes.append(f"{start.n_frozen:,} rows were frozen")
    if snapshot.state == "stopped":
        notes.append(f"stopped at step {snapshot.step:,} of {snapshot.n_steps:,}")
    if snapshot.message:
        notes.append(snapshot.message)
    return notes
