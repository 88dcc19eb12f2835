"""A training as it was at a step, in a file: enough to go on as if nothing had happened.

A .npz file with the arrays of the trainer's state, those of the loss curve, which rows are frozen, and
``checkpoint``, JSON in ASCII. Each array has the checksum that zip files give it; the file takes the place of
the one before only when it is whole and on the disk.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.training.corpus import Corpus
from tui_embed.engine.training.curve import LossCurve
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.settings import TrainingSettings
from tui_embed.engine.training.start import Start
from tui_embed.engine.training.trainer import TOKENS, Trainer
from tui_embed.errors import SourceError, UsageError
from tui_embed.locations import data_folder
from tui_embed.sources.file import SourceFile
from tui_embed.sources.formats.arrays import take
from tui_embed.sources.formats.npz import Members
from tui_embed.sources.training_record import CURVE, DAMAGES
from tui_embed.sources.writers.atomic import atomic

LAYOUT = 1
FACTS, STATE, CURVES, FROZEN, MATCHED = "checkpoint", "state_", "curve_", "frozen", "matched"
SUFFIX = ".checkpoint"


@dataclass(frozen=True, eq=False, slots=True)
class Checkpoint:
    """What a file holds: ``step`` steps of ``settings`` were made on the text whose ``digest`` is known."""

    path: Path
    settings: TrainingSettings
    step: int
    n_steps: int
    corpus: str
    source: str
    digest: str
    from_space: str | None
    state: Mapping[str, NDArray[Any]]
    curve: LossCurve
    frozen: NDArray[np.bool_]
    matched: NDArray[np.bool_] | None


class Checkpointer:
    """Writes checkpoints of a training on ``corpus`` to ``path``; ``source`` is what to open for the text."""

    def __init__(self, path: Path, corpus: Corpus, source: str) -> None:
        self.path = path
        self._source = source
        self._digest = digest_of(corpus)

    def write(self, trainer: Trainer, curve: LossCurve) -> None:
        """Replace the checkpoint. TuiEmbedError where it cannot be written: the one before is then whole."""
        facts = {
            "layout": LAYOUT,
            "settings": trainer.settings.as_json(),
            "step": trainer.step,
            "n_steps": trainer.n_steps,
            "corpus": trainer.corpus.name,
            "source": self._source,
            "digest": self._digest,
            "from_space": trainer.start.from_space,
        }
        arrays: dict[str, NDArray[Any]] = {STATE + name: array for name, array in trainer.state().items()}
        arrays |= {CURVES + name: getattr(curve, name).astype(dtype) for name, dtype in CURVE.items()}
        arrays[FROZEN] = trainer.start.frozen.astype(np.uint8)
        if trainer.start.matched is not None:
            arrays[MATCHED] = trainer.start.matched.astype(np.uint8)
        arrays[FACTS] = np.frombuffer(json.dumps(facts).encode("ascii"), dtype=np.uint8)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(self.path) as file:
            np.savez(file, allow_pickle=False, **arrays)

    def discard(self) -> None:
        """Remove the checkpoint: what it was for is done."""
        self.path.unlink(missing_ok=True)


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint in a file. SourceError, in one line, where it is damaged or is none."""
    with SourceFile(path) as file, file.raw() as raw:
        members = Members(file, raw)
        if FACTS not in members.entries:
            raise file.error("is no checkpoint of a training")
        arrays = {name: _array(members, name) for name in members.entries}
        file.check_unchanged()
    try:
        facts = json.loads(arrays[FACTS].tobytes())
        if facts["layout"] != LAYOUT:
            raise SourceError(path, "it was written by a newer version of this program")
        return Checkpoint(
            path=path,
            settings=TrainingSettings.from_json(facts["settings"]),
            step=int(facts["step"]),
            n_steps=int(facts["n_steps"]),
            corpus=str(facts["corpus"]),
            source=str(facts["source"]),
            digest=str(facts["digest"]),
            from_space=facts["from_space"],
            state={
                name.removeprefix(STATE): array for name, array in arrays.items() if name.startswith(STATE)
            },
            curve=LossCurve(**{name: arrays[CURVES + name].astype(dtype) for name, dtype in CURVE.items()}),
            frozen=arrays[FROZEN].astype(bool),
            matched=arrays[MATCHED].astype(bool) if MATCHED in arrays else None,
        )
    except DAMAGES:
        raise SourceError(path, "what it says of the training is damaged") from None


def resume(checkpoint: Checkpoint, corpus: Corpus) -> Trainer:
    """The trainer as it was, on the same text. UsageError for another text; SourceError where the arrays do
    not belong to the settings.
    """
    settings = checkpoint.settings
    shape = (corpus.n_vocab, settings.d_model)
    if len(checkpoint.frozen) != corpus.n_vocab:
        raise _other_text(checkpoint, corpus)
    rows = checkpoint.state.get(TOKENS)
    if rows is None or rows.shape != shape or rows.dtype != np.float32:
        raise SourceError(checkpoint.path, "its arrays are not those of its settings")
    start = Start(rows.copy(), checkpoint.frozen, checkpoint.from_space, checkpoint.matched)
    trainer = make_trainer(corpus, settings, start=start)
    if digest_of(trainer.corpus) != checkpoint.digest:
        raise _other_text(checkpoint, corpus)
    try:
        trainer.restore(checkpoint.step, checkpoint.state)
    except ValueError:
        raise SourceError(checkpoint.path, "its arrays are not those of its settings") from None
    return trainer


def digest_of(corpus: Corpus) -> str:
    """A hash of the sentences and of how their tokens are spelled."""
    found = hashlib.sha256()
    blob, offsets, _ = corpus.vocabulary.arrays
    for array in (blob, offsets, corpus.ids, corpus.offsets, corpus.counts):
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def app_checkpoint(name: str) -> Path:
    """Where the app keeps the checkpoint of a training of this name."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name).lstrip(".")
    return data_folder() / "training" / f"{safe[:100] or 'training'}{SUFFIX}"


def app_checkpoints() -> list[Path]:
    """The checkpoints that the app has kept, the newest first."""
    folder = app_checkpoint("any").parent
    try:
        found = [path for path in folder.iterdir() if path.suffix == SUFFIX]
        return sorted(found, key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []


def _array(members: Members, name: str) -> NDArray[Any]:
    entry, header = members.entries[name], members.headers[name]
    if entry.numbers is None or header.dtype is None or entry.is_fortran:
        raise members.file.error("holds no numbers", entry.place)
    n = int(np.prod(entry.shape, dtype=np.int64)) if entry.shape else 1
    with members.open(name) as stream:
        found = take(stream, n, entry.numbers.dtype, entry.place).reshape(entry.shape)
        # the last byte is read with what follows, so that the checksum of the whole is held against it
        if stream.read(1):
            raise members.file.error("is longer than it says", entry.place)
    return found


def _other_text(checkpoint: Checkpoint, corpus: Corpus) -> UsageError:
    return UsageError(
        f"{checkpoint.path}: it was trained on {checkpoint.corpus}, and the text of {corpus.name} is another",
        "give the same text, or start anew without --resume",
    )
