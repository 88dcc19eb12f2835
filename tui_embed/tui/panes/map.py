"""The map of tokens, or what else of a space is looked at as a picture."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from tui_embed.engine.cancel import CancelToken, Progress
from tui_embed.engine.maps.point_map import PointMap
from tui_embed.engine.scan import METRICS, Metric
from tui_embed.printable import fit, printable
from tui_embed.tui.jobs import Job, JobCancelled, JobFailed, JobFinished, jobs_of
from tui_embed.tui.map_frames import FRAME_SECONDS, Frames, MapFrame
from tui_embed.tui.map_live import LiveMap
from tui_embed.tui.map_look import MapLook, MapLooked, Near
from tui_embed.tui.map_points import legend_of, map_points
from tui_embed.tui.map_said import said_of
from tui_embed.tui.map_wanted import DRAWINGS, USUAL_NUMBER, MapWanted
from tui_embed.tui.map_work import HeatMaps, Made, PositionMaps, make, near_of
from tui_embed.tui.messages import TokenPicked
from tui_embed.tui.state import Selection
from tui_embed.tui.training_view import TrainingView
from tui_embed.tui.widgets.map_scene import Line, Marked
from tui_embed.tui.widgets.map_view import MapView
from tui_embed.tui.widgets.matrices import Matrices
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.pieces import Piece, Pieces

LEGEND_FROM = (10, 16, 32)
"""Lines of a pane from which there is a line of the legend, a second, a third."""


class MapPane(Pane):
    """What is wanted, drawn: points that are walked, or matrices. Posts :class:`MapLooked`."""

    TITLE = "Map"
    DEFAULT_CSS = """
    MapPane Matrices { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # the screen's own keys, named here so that they come before what is needed less
        Binding("e", "screen.settings", "Draw"),
        Binding("x", "screen.export", "Export"),
        Binding("m", "metric", "Metric", tooltip="The metric by which neighbours of the point are found"),
        Binding("n", "near", "Near it", tooltip="The map of this token's neighbourhood"),
        Binding("c", "plane", "Axes", show=False, tooltip="The next two of three axes"),
    ]

    training: reactive[TrainingView | None] = reactive(None, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.wanted = MapWanted()
        self._asked: MapWanted | None = None
        self.made: Made | None = None
        self._look: MapLook | None = None
        self._metric: Metric = "cosine"
        self._job: Job | None = None
        self._due = True
        self._unasked = False
        """Whether the map that is being drawn was only due, and is wanted no more by one who goes on."""
        self._live = LiveMap()

    def compose(self) -> ComposeResult:
        yield MapView(id="map")
        yield Matrices(id="matrices")
        yield Pieces("   ", id="legend")
        yield Pieces(" · ", id="map-said")

    @property
    def main(self) -> Widget:
        return self.query_one(Matrices).main if self.of_matrices else self.query_one("#map", MapView)

    @property
    def look(self) -> MapLook | None:
        return self._look

    @property
    def of_matrices(self) -> bool:
        """Whether it shows matrices, and no points."""
        return self.made is not None and not isinstance(self.made, PointMap)

    def draw(self, wanted: MapWanted) -> None:
        """Draw something else."""
        self.wanted, self._due, self._metric = wanted, False, wanted.settings.metric
        self._unasked = False
        self._live.forget()
        if wanted.of == "training":
            jobs_of(self).drop("map", self)
            self.watch_training()
            return
        space, selected = self.space, None if self.selection is None else self.selection.token_id
        if space is None:
            return

        def work(cancel: CancelToken, progress: Progress) -> Made:
            return make(space, wanted, selected, cancel, progress, Frames(self, cancel))

        title = f"drawing {DRAWINGS[wanted.drawing]}"
        self._job = jobs_of(self).start("map", work, self, title)

    def ask(self, wanted: MapWanted) -> None:
        """Draw something else as soon as one looks."""
        self._asked, self._due = wanted, True

    def draw_if_due(self) -> None:
        """Draw what was asked for, or what a newly opened space or the first look calls for."""
        if not self._due or self.space is None or not self.is_mounted:
            return
        if self._asked is not None:
            asked, self._asked = self._asked, None
            self.draw(asked)
        else:
            number = USUAL_NUMBER["near"]
            of_selection = self.selection is not None and self.selection.token_id is not None
            self.draw(MapWanted(n=number) if of_selection else MapWanted(of="frequent", n=1000))
            self._unasked = True

    def pass_by(self) -> None:
        """Leave to the next look what nobody asked for and nobody saw."""
        if self._unasked and self.made is None:
            self._due = True
            jobs_of(self).drop("map", self)

    def watch_space(self) -> None:
        self._due = True
        if self.is_mounted:
            jobs_of(self).drop("map", self)
            self._show(None)
            if self.screen.is_current:
                # the selection in the new space comes after it
                self.call_after_refresh(self.draw_if_due)

    def watch_selection(self, selection: Selection | None) -> None:
        """Go to the selected token where the map has it."""
        token_id = None if selection is None else selection.token_id
        if self._look is not None and token_id is not None and self._look.drawn.space is self.space:
            self.go_to(self._look.drawn.places.get(token_id))

    def watch_training(self) -> None:
        """A newer moment of the training moves the map, if it is of that."""
        if self.wanted.of != "training" or not self.is_mounted:
            return
        work = self._live.work(self.training, self.wanted)
        if work is not None:
            self._job = jobs_of(self).start("map", work, self, "drawing the training's map", lasting=True)
        elif self._live.waits:
            self.set_timer(FRAME_SECONDS, self.watch_training)

    def on_resize(self) -> None:
        if isinstance(self.made, PointMap):
            self._show_legend(self.made)

    def go_to(self, place: int | None) -> None:
        """Put the cursor at a point."""
        if self._look is None or place is None or place == self._look.cursor:
            return
        self.query_one("#map", MapView).move_to(place)
        self._at(place)

    def on_map_frame(self, message: MapFrame) -> None:
        message.stop()
        if not message.cancel.cancelled:
            self._show(message.drawn)

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job is not self._job or message.job.stale:
            if isinstance(message.result, Near) and self._look is not None:
                self._mark(message.result)
            return
        if isinstance(message.result, (PointMap, HeatMaps, PositionMaps)):
            self._show(message.result)
        if self.wanted.of == "training":
            self.watch_training()

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job is self._job:
            message.stop()
            self.app.notify(printable(str(message.error)), severity="error", markup=False)
            if self.made is None:
                self._say([printable(str(message.error))])

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job is self._job and isinstance(self.made, PointMap):
            self._say([*said_of(self._look, self.query_one("#map", MapView)), "stopped"])

    def on_map_view_moved(self, message: MapView.Moved) -> None:
        message.stop()
        if message.view.id == "map":
            self._at(message.place)

    def on_map_view_chosen(self, message: MapView.Chosen) -> None:
        message.stop()
        if message.view.id == "map":
            self.choose(message.place)

    def on_map_view_framed(self, message: MapView.Framed) -> None:
        message.stop()
        view = self.query_one("#map", MapView)
        if self._look is None or view.sight is None:
            return
        if view.sight.kept is not self._look.kept:
            self._tell(replace(self._look, kept=view.sight.kept))
        self._say(said_of(self._look, view))

    def choose(self, place: int) -> None:
        """Make the token of a point the selection of the app."""
        if self._look is None:
            return
        if self._look.drawn.space is not self.space:
            self.app.notify("This token is of the training: open what was trained first", markup=False)
            return
        token_id = int(self._look.drawn.subject.ids[place])
        # to the app itself: asked for by the screen, a message of the pane would not go past it
        self.app.post_message(TokenPicked(token_id, "map"))
        self.app.notify(f"{fit(self._look.drawn.name(place), 24)} is selected everywhere", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("metric", "near"):
            return self._look is not None and not self.of_matrices
        if action == "plane":
            return self._look is not None and self._look.drawn.layout.points.shape[1] > 2
        return True

    def action_metric(self) -> None:
        self._metric = METRICS[(METRICS.index(self._metric) + 1) % len(METRICS)]
        if self._look is not None and self._look.cursor is not None:
            self._find_near(self._look.cursor)
        self.app.notify(f"Neighbours by {self._metric}", markup=False)

    def action_near(self) -> None:
        if self._look is None or self._look.cursor is None or self._look.drawn.space is not self.space:
            return
        token_id = int(self._look.drawn.subject.ids[self._look.cursor])
        self.post_message(TokenPicked(token_id, "map"))
        settings = self.wanted.settings
        # by its id: the selection is another only when the app has heard of it
        self.draw(MapWanted("pca", "near", f"#{token_id}", USUAL_NUMBER["near"], settings=settings))

    def action_plane(self) -> None:
        if self._look is not None:
            planes = [self._look.drawn.layout.plane(number) for number in range(3)]
            plane = planes[(planes.index(self._look.plane) + 1) % len(planes)]
            self._tell(replace(self._look, plane=plane))
            self._draw_points(same=True)

    def _show(self, made: Made | None) -> None:
        before = self.made
        self.made = made
        view, matrices = self.query_one("#map", MapView), self.query_one(Matrices)
        had_focus = self.has_focus_within
        view.display, matrices.display = not self.of_matrices, self.of_matrices
        if isinstance(made, PointMap):
            self._show_map(made, before if isinstance(before, PointMap) else None)
        else:
            self._tell(None)
            view.show(None)
            self.query_one("#legend", Pieces).show((), 0)
            self._show_matrices(made, matrices)
        if had_focus and not self.main.has_focus:
            self.main.focus()
        self.refresh_bindings()

    def _show_map(self, made: PointMap, before: PointMap | None) -> None:
        same = before is not None and np.array_equal(before.subject.ids, made.subject.ids)
        look = MapLook(made)
        if same and self._look is not None:
            look = replace(self._look, drawn=made, plane=_kept_plane(self._look.plane, made))
        self._tell(look)
        self._draw_points(same)
        self.retitle(f"Map · {fit(made.subject.title, 50)}")
        self._show_legend(made)
        if not same and self.selection is not None and made.space is self.space:
            self.go_to(
                made.places.get(self.selection.token_id if self.selection.token_id is not None else -1)
            )
        elif look.cursor is not None:
            self._find_near(look.cursor)

    def _show_legend(self, made: PointMap) -> None:
        lines = sum(self.size.height >= least for least in LEGEND_FROM)
        self.query_one("#legend", Pieces).show(legend_of(made), lines)

    def _show_matrices(self, made: Made | None, matrices: Matrices) -> None:
        if isinstance(made, HeatMaps):
            matrices.show(made.maps)
            self.retitle(fit(made.maps[0].title, 60))
            self._say([heat.said for heat in made.maps if heat.said])
        elif isinstance(made, PositionMaps):
            matrices.show([one.cosines for one in made.pictures], made.pictures)
            self.retitle(f"Positions of {fit(made.space.name, 40)}")
            self._say([printable(one.note) for one in made.pictures])
        else:
            self.retitle(self.TITLE)
            self._say([])

    def _draw_points(self, same: bool) -> None:
        look = self._look
        if look is not None:
            self.query_one("#map", MapView).show(map_points(look), same=same)
            self._say(said_of(look, self.query_one("#map", MapView)))

    def _at(self, place: int) -> None:
        if self._look is not None:
            self._tell(replace(self._look, cursor=place, near=None))
            self._find_near(place)

    def _find_near(self, place: int) -> None:
        """Find what is near a point in the space, among the points of the map."""
        look = self._look
        if look is None or not look.drawn.layout.finished:
            return
        rows, points, metric = look.drawn.rows, look.points, self._metric

        def work(cancel: CancelToken, progress: Progress) -> Near:
            return near_of(rows, points, place, metric)

        jobs_of(self).start("map-near", work, self, "looking for neighbours", lasting=True)

    def _mark(self, near: Near) -> None:
        look = self._look
        if look is None or near.place != look.cursor or len(near.scores) != len(look.drawn):
            return
        self._tell(replace(look, near=near))
        marked = [Marked(place, "torn" if place in near.torn else "near") for place in near.nearest]
        lines = [Line(near.place, place, "torn") for place in near.nearest if place in near.torn]
        view = self.query_one("#map", MapView)
        view.mark(marked, lines)
        self._say(said_of(self._look, view))

    def _tell(self, look: MapLook | None) -> None:
        self._look = look
        self.post_message(MapLooked(look))

    def _say(self, pieces: Sequence[str]) -> None:
        """Printable text in the lines below."""
        said = [Piece(piece) for piece in pieces if piece]
        self.query_one("#map-said", Pieces).show(said, 1 if self.size.height < LEGEND_FROM[0] else 2)


def _kept_plane(plane: tuple[int, int], made: PointMap) -> tuple[int, int]:
    return plane if max(plane) < made.layout.points.shape[1] else (0, 1)
