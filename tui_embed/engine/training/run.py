"""The loop that trains: steps, figures, snapshots, checkpoints, and what is asked for meanwhile."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tui_embed.engine.blas import blas_threads
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.matrix import EmbeddingMatrix
from tui_embed.engine.rows import ArrayRows, Floats
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.curve import CurveRecorder, LossCurve
from tui_embed.engine.training.rare import regularise
from tui_embed.engine.training.snapshot import RunState, Snapshot
from tui_embed.engine.training.trainer import DivergedError, StepReport, Trainer
from tui_embed.errors import TuiEmbedError

MEASURED_STEPS = 2000
"""About so many steps of a training are measured: always the same ones, whatever the clock says."""

SNAPSHOT_SECONDS = 0.1
"""No more than ten snapshots a second are published."""

SNAPSHOT_SHARE = 0.05
"""Of the time at most so much goes into snapshots: large matrices are copied less often."""

PAUSE_SECONDS = 0.05
PACE_SECONDS = 3.0

Publish = Callable[[Snapshot], None]


@dataclass(frozen=True, eq=False, slots=True)
class Checkpointing:
    """``write`` keeps a training where it outlives the process: every ``seconds``, when asked, at the end."""

    write: Callable[[Trainer, LossCurve], None]
    seconds: float = 30.0


def publish_to_nobody(snapshot: Snapshot) -> None:
    """The publishing of a training that nobody watches."""


@dataclass(eq=False)
class Run:
    """One training from a trainer's present step to its end, or until it is stopped."""

    trainer: Trainer
    control: Control = field(default_factory=Control)
    publish: Publish = publish_to_nobody
    checkpointing: Checkpointing | None = None
    begun: LossCurve | None = None
    snapshot_seconds: float = SNAPSHOT_SECONDS
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        trainer = self.trainer
        self._curve = CurveRecorder(self.begun)
        self._words = round(trainer.step / max(1, trainer.n_steps) * self._n_words)
        self._pace: deque[tuple[float, int]] = deque()
        self._seconds = 0.0
        self._report = StepReport(0, 0)
        self._gradient_norm: float | None = None
        self._frozen_rows = trainer.start.rows[trainer.start.frozen].copy()
        self._due = 0.0
        self._kept_at = self.clock()
        self._kept_step: int | None = None
        self._not_kept = ""

    @property
    def _n_words(self) -> int:
        return self.trainer.corpus.n_tokens * self.trainer.settings.epochs

    def go(self, cancel: CancelToken | None = None) -> Snapshot:
        """Train until the end, until the control stops it or ``cancel`` is raised, or until it diverges; the
        last snapshot says which. Whatever ended it, a checkpoint is written.
        """
        with blas_threads(self.trainer.settings.threads):
            return self._go(cancel)

    def _go(self, cancel: CancelToken | None) -> Snapshot:
        state: RunState = "finished"
        message = ""
        try:
            if self.trainer.step == 0:
                self._measure_heldout()
            while self.trainer.step < self.trainer.n_steps:
                if self.control.stopped or (cancel is not None and cancel.cancelled):
                    state = "stopped"
                    break
                self._serve()
                if self.control.take_step():
                    self._step()
                else:
                    self._rest()
        except DivergedError as error:
            state, message = "diverged", str(error)
        self._serve()
        if self.checkpointing is not None:
            self._keep()
        last = self._snapshot(state, message)
        self.publish(last)
        return last

    def _step(self) -> None:
        trainer, started = self.trainer, self.clock()
        every = max(1, trainer.n_steps // MEASURED_STEPS)
        measure = trainer.step % every == 0 or self.control.paused
        epoch = trainer.epoch
        self._report = report = trainer.advance(self._rate(), measure)
        regularise(trainer)
        self._words += report.words
        if report.loss is not None:
            self._curve.add(trainer.step, report.loss)
        if report.gradient_norm is not None:
            self._gradient_norm = report.gradient_norm
        if trainer.epoch != epoch:
            self._measure_heldout()
        now = self.clock()
        self._seconds += now - started
        self._note_pace()
        if now >= self._due or self.control.paused:
            self._publish("paused" if self.control.paused else "running")
        if self.checkpointing is not None and now - self._kept_at >= self.checkpointing.seconds:
            self._keep()

    def _rest(self) -> None:
        """A moment of a pause."""
        if self._due != np.inf:
            self._publish("paused")
            self._due = np.inf
        self.control.wait(PAUSE_SECONDS)
        if not self.control.paused:
            self._due = 0.0

    def _serve(self) -> None:
        requests = self.control.take_requests()
        for request in requests:
            request(self.trainer)
        if requests:
            self._publish("paused" if self.control.paused else "running")
        if self.control.take_keep() and self.checkpointing is not None:
            self._keep()

    def _keep(self) -> None:
        if self.checkpointing is None:
            return
        try:
            self.checkpointing.write(self.trainer, self._curve.curve())
            self._kept_step, self._not_kept = self.trainer.step, ""
        except TuiEmbedError as error:
            # a full disk ends no training: the one before is whole, and another try is made in its time
            self._not_kept = str(error)
        self._kept_at = self.clock()

    def _publish(self, state: RunState) -> None:
        started = self.clock()
        self.publish(self._snapshot(state))
        now = self.clock()
        self._due = now + max(self.snapshot_seconds, (now - started) / SNAPSHOT_SHARE)

    def _rate(self) -> float:
        asked = self.control.learning_rate
        if asked is not None:
            return asked
        return self.trainer.settings.rate_at(self.trainer.step / self.trainer.n_steps)

    def _measure_heldout(self) -> None:
        loss = self.trainer.heldout_loss()
        if loss is not None:
            self._curve.add_heldout(self.trainer.step, loss)

    def _note_pace(self) -> None:
        self._pace.append((self._seconds, self._words))
        while len(self._pace) > 2 and self._seconds - self._pace[0][0] > PACE_SECONDS:
            self._pace.popleft()

    def _words_per_second(self) -> float | None:
        if len(self._pace) < 2 or self._pace[-1][0] <= self._pace[0][0]:
            return None
        return (self._pace[-1][1] - self._pace[0][1]) / (self._pace[-1][0] - self._pace[0][0])

    def _frozen_changed(self) -> int | None:
        frozen = self.trainer.start.frozen
        if not frozen.any():
            return None
        now: Floats = self.trainer.parameters["tokens"][frozen]
        same = now.view(np.uint32) == self._frozen_rows.view(np.uint32)
        return int(np.count_nonzero(~same.all(axis=1)))

    def _snapshot(self, state: RunState, message: str = "") -> Snapshot:
        trainer, settings = self.trainer, self.trainer.settings
        pace = self._words_per_second()
        left = max(0, self._n_words - self._words)
        last = self._curve.last
        return Snapshot(
            state=state,
            step=trainer.step,
            n_steps=trainer.n_steps,
            epoch=trainer.epoch,
            epochs=settings.epochs,
            words=min(self._words, self._n_words),
            n_words=self._n_words,
            seconds=self._seconds,
            words_per_second=pace,
            seconds_left=left / pace if pace else None,
            learning_rate=self._rate() if trainer.n_steps else settings.first_rate,
            loss=None if last is None else last[0],
            smoothed=None if last is None else last[1],
            heldout=self._curve.last_heldout,
            touched=self._report.touched,
            gradient_norm=self._gradient_norm,
            frozen_changed=self._frozen_changed(),
            curve=self._curve.curve(),
            matrix=EmbeddingMatrix(ArrayRows(trainer.rows()), version=trainer.step),
            message=message,
            kept_step=self._kept_step,
            not_kept=self._not_kept,
        )
