"""The map of a training that runs: a frame for each moment that is looked at."""

import time

import numpy as np

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.maps.layout import Layout, components, prepared
from tui_embed.engine.maps.point_map import PointMap, with_clusters, with_faithfulness
from tui_embed.engine.maps.subject import most_frequent, rows_of
from tui_embed.engine.positions import NoPositions
from tui_embed.engine.projection import turn_to
from tui_embed.engine.rows import Floats
from tui_embed.engine.space import EmbeddingSpace, Provenance
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.tui.jobs import Work
from tui_embed.tui.map_frames import FRAME_SECONDS
from tui_embed.tui.map_wanted import MapWanted
from tui_embed.tui.training_view import TrainingView


class LiveMap:
    """Makes a map of each moment of a training, turned to the one before: it moves, and does not jump."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._drawn: Snapshot | None = None
        self._points: Floats | None = None
        self._last = 0.0
        self._busy = False
        self.waits = False
        """Whether there is a newer moment, whose time has not come."""

    def work(self, training: TrainingView | None, wanted: MapWanted) -> Work | None:
        """What draws the present moment, or None where that is drawn, or one is being drawn, or it is not
        time yet.
        """
        snapshot = None if training is None else training.snapshot
        self.waits = False
        if training is None or snapshot is None or snapshot is self._drawn or self._busy:
            return None
        if time.monotonic() - self._last < FRAME_SECONDS:
            self.waits = True
            return None
        self._drawn, self._last, self._busy = snapshot, time.monotonic(), True
        corpus, over, name = training.corpus, training.is_over, training.name

        def draw(cancel: CancelToken, progress: Progress) -> PointMap:
            try:
                moment = f"step {snapshot.step:,} of {snapshot.n_steps:,}"
                origin = f"trained here, {moment}" if over else f"in training, {moment}"
                space = EmbeddingSpace(
                    name,
                    corpus.vocabulary,
                    snapshot.matrix,
                    NoPositions("not looked at"),
                    Provenance(True, origin),
                )
                subject = most_frequent(space, wanted.n)
                rows = rows_of(space, subject, cancel)
                layout = self._turned(components(prepared(rows, wanted.settings)))
                drawn = PointMap(space, subject, wanted.settings, rows, layout)
                if over:
                    drawn = with_clusters(with_faithfulness(drawn, cancel=cancel), cancel)
                return drawn
            finally:
                self._busy = False

        return draw

    def _turned(self, layout: Layout) -> Layout:
        """The first two components, turned to the frame before."""
        points = layout.points[:, :2]
        before = self._points
        if before is not None and len(before) == len(points):
            wide = points.astype(np.float64)
            turn = turn_to(wide, before.astype(np.float64))
            points = ((wide - wide.mean(axis=0)) @ turn).astype(np.float32)
        self._points = points
        return Layout(points, layout.axes[:2], layout.said, layout.explained[:2])
