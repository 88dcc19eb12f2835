"""What is said in words of a map: how it was made, how far it can be trusted, what is on it."""

from tui_embed.figures import score
from tui_embed.printable import fit, printable
from tui_embed.tui.map_look import MapLook
from tui_embed.tui.widgets.map_view import MapView

MISSING_CELLS = 30
ARROWS_SAID = 3


def said_of(look: MapLook | None, view: MapView) -> list[str]:
    """Printable pieces, the most important first."""
    if look is None:
        return []
    drawn = look.drawn
    pieces = []
    if not drawn.layout.finished:
        pieces.append(
            f"{drawn.layout.done:,} of {drawn.layout.total:,} iterations" if drawn.layout.done else "begins"
        )
    pieces += [printable(piece) for piece in drawn.said(look.plane)]
    pieces += _coverage(look, view)
    pieces += _axes(look)
    pieces += _arrows(look)
    pieces += _torn(look)
    pieces += [printable(drawn.unclustered)] if drawn.unclustered else []
    return pieces


def _coverage(look: MapLook, view: MapView) -> list[str]:
    subject = look.drawn.subject
    hidden = 0 if view.sight is None else view.sight.hidden
    shown = f"{len(subject) - hidden:,} of {subject.of:,} tokens"
    pieces = [f"{shown}, {hidden:,} left out" if hidden else shown]
    if subject.missing:
        words = fit(" ".join(subject.missing[:20]), MISSING_CELLS)
        pieces.append(f"{len(subject.missing):,} not in it: {words}")
    return pieces


def _axes(look: MapLook) -> list[str]:
    if not look.drawn.own_axes:
        names = look.drawn.layout.axes
        turned = look.plane != (0, 1)
        return [f"axes: {names[look.plane[0]]}, {names[look.plane[1]]}"] if turned else []
    signs = ("→", "↑")
    return [f"{sign} {printable(axis.name)}" for sign, axis in zip(signs, look.drawn.own_axes, strict=False)]


def _arrows(look: MapLook) -> list[str]:
    drawn = look.drawn
    said = []
    for arrow in drawn.arrows[:ARROWS_SAID]:
        if arrow.parallel is not None:
            names = (fit(drawn.space.vocabulary[one], 14) for one in (arrow.start, arrow.end))
            closes = "closes" if arrow.closes else "does not close"
            said.append(f"{'→'.join(names)} {score(arrow.parallel)} {closes}")
    if len(drawn.arrows) == 2 and said:
        # of two arrows each is as parallel to the other
        return [f"{said[0].partition(' ')[0]} ∥ {said[1]}"]
    closed = sum(arrow.closes for arrow in drawn.arrows)
    return [f"{closed} of {len(drawn.arrows)} arrows are parallel to the others"] if said else []


def _torn(look: MapLook) -> list[str]:
    near = look.near
    if near is None or not near.nearest:
        return []
    if not near.torn:
        return [f"its {len(near.nearest)} nearest by {near.metric} lie near it"]
    return [f"○ {len(near.torn)} of its {len(near.nearest)} nearest by {near.metric} torn away"]
