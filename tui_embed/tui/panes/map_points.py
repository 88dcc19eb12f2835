"""The points of a map as a list that can be sorted."""

from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.widget import Widget

from tui_embed.tui.map_look import MapLook, PointChosen, PointMoved
from tui_embed.tui.messages import CopyRequested
from tui_embed.tui.widgets.map_scene import PLAIN
from tui_embed.tui.widgets.pane import Pane
from tui_embed.tui.widgets.point_list import PointLines, PointList

Order = Literal["near", "map", "cluster", "name", "across", "upwards"]
ORDERS: tuple[Order, ...] = get_args(Order)
TITLES: dict[Order, str] = {
    "near": "nearest first",
    "map": "as on the map",
    "cluster": "by cluster",
    "name": "by name",
    "across": "left to right",
    "upwards": "top to bottom",
}

MOST_COPIED = 10_000


class PointsPane(Pane):
    """The same points as the map has, each with its cluster and a figure; the cursor is the map's."""

    TITLE = "Points"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sort", "Sort", tooltip="Nearest, as on the map, cluster, name, or by an axis"),
        Binding("ctrl+y", "copy", "Copy", show=False, tooltip="Copy the list with its figures"),
    ]

    look: reactive[MapLook | None] = reactive(None, repaint=False)
    order: reactive[Order] = reactive[Order]("near")

    def compose(self) -> ComposeResult:
        yield PointList(id="points")

    @property
    def main(self) -> Widget:
        return self.query_one(PointList)

    def watch_look(self, old: MapLook | None, new: MapLook | None) -> None:
        if not self.is_mounted:
            return
        if old is not None and new is not None and self._is_as_before(old, new):
            self.query_one(PointList).move_to(new.cursor)
        else:
            self._fill()

    def watch_order(self) -> None:
        if self.is_mounted:
            self._fill()

    def on_point_list_moved(self, message: PointList.Moved) -> None:
        message.stop()
        self.post_message(PointMoved(message.place))

    def on_point_list_chosen(self, message: PointList.Chosen) -> None:
        message.stop()
        self.post_message(PointChosen(message.place))

    def action_sort(self) -> None:
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]

    def action_copy(self) -> None:
        look = self.look
        if look is None:
            return
        lines = self._lines(look)
        kept = lines.order[:MOST_COPIED].tolist()
        text = "\n".join(
            "\t".join(
                (
                    look.drawn.space.vocabulary[int(look.drawn.subject.ids[place])],
                    *(f"{value:.6g}" for value in look.points[place].tolist()),
                    str(lines.colours[place] + 1) if lines.colours[place] >= 0 else "",
                )
            )
            for place in kept
        )
        self.post_message(CopyRequested(text, f"{len(kept):,} points with x, y and cluster"))

    def _is_as_before(self, old: MapLook, new: MapLook) -> bool:
        """Whether the list has the same lines: the cursor alone has moved."""
        same = old.drawn is new.drawn and old.kept is new.kept and old.plane == new.plane
        return same and (old.near is new.near or (self.order != "near" and new.near is None))

    def _fill(self) -> None:
        look = self.look
        if look is None:
            self.query_one(PointList).show(None, None)
            self.retitle(self.TITLE)
            return
        # while a new point's neighbours are looked for, the list stays as it was: it would jump twice
        if self.order == "near" and look.near is None and look.cursor is not None and self._shows(look):
            self.query_one(PointList).move_to(look.cursor)
            return
        lines = self._lines(look)
        self._shown_of = look.drawn
        self.query_one(PointList).show(lines, look.cursor)
        self.retitle(f"{len(lines.order):,} points", f"s: {TITLES[self._order_of(look)]}")

    _shown_of: object = None

    def _shows(self, look: MapLook) -> bool:
        return self._shown_of is look.drawn

    def _order_of(self, look: MapLook) -> Order:
        """The order that there can be: nothing is near without a cursor, and axes of one's own come first."""
        if self.order == "near" and look.near is None:
            return "across" if look.drawn.own_axes else "map"
        return self.order

    def _lines(self, look: MapLook) -> PointLines:
        drawn, order = look.drawn, self._order_of(look)
        clusters = drawn.clusters
        colours = np.full(len(drawn), PLAIN) if clusters is None else clusters.labels.astype(np.int64)
        values, places = None, np.arange(len(drawn))
        if order == "near" and look.near is not None:
            values = look.near.scores.astype(np.float64)
            nearest = values if look.near.metric == "euclidean" else -values
            # the point itself is the nearest, whatever rounding says
            places = np.argsort(np.where(places == look.near.place, -np.inf, nearest), kind="stable")
        elif order == "cluster":
            places = np.argsort(colours, kind="stable")
        elif order == "name":
            places = np.argsort(_by_name(look), kind="stable")
        elif order in ("across", "upwards"):
            values = look.points[:, 1 if order == "upwards" else 0].astype(np.float64)
            places = np.argsort(values if order == "across" else -values, kind="stable")
        if look.kept is not None:
            places = places[look.kept[places]]
        torn = frozenset() if look.near is None else look.near.torn
        return PointLines(places, drawn.name, colours, values, torn)


def _by_name(look: MapLook) -> NDArray[np.integer]:
    """The place of each point's token in the order of their bytes: the vocabulary has them sorted."""
    _, _, ordered = look.drawn.space.vocabulary.arrays
    ranks = np.empty(len(ordered), dtype=np.int64)
    ranks[ordered] = np.arange(len(ordered))
    return ranks[look.drawn.subject.ids]
