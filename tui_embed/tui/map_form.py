"""The fields of the map's form, and what their values ask for."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from tui_embed.engine.maps.settings import MOST_FITTED, MapSettings
from tui_embed.engine.scan import METRICS
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.tui.map_wanted import DRAWINGS, OFS, USUAL_NUMBER, MapWanted
from tui_embed.tui.widgets.form import Field

LONGEST_LIST = 200_000
"""Characters of a list that is typed or pasted."""

_TEXTS: Mapping[str, tuple[str, str]] = {
    "near": ("token", "whose neighbourhood: type one"),
    "words": ("words", "with spaces or commas between; a paste may be long"),
    "expression": ("expression", "as king - man + woman: its terms, its answers, and the arrows"),
    "arrows": ("pairs", "as france>paris italy>rome: are the arrows parallel?"),
    "file": ("file", "one word a line"),
    "where": ("filter", "over the metadata, as kind = city and year > 1990"),
}

_NUMBER = Field("n", "how many", f"tokens; t-SNE and UMAP take {MOST_FITTED:,}, PCA all of them", typed=True)
_AXES = (
    Field("axis_1", "across", "from one end to the other: poor cheap > rich dear", typed=True),
    Field("axis_2", "upwards", "another axis, or empty: man > woman", typed=True),
)
_METRIC = Field(
    "metric", "near means", "cosine takes every row at length 1", {metric: metric for metric in METRICS}
)
_CLUSTERS = Field(
    "clusters",
    "clusters",
    "k of k-means, among the rows themselves; 0 for none",
    {"": "by the number of points", "0": "none"},
    typed=True,
)
_SEED = Field("seed", "seed", "the same seed gives the same map", typed=True)
_OWN: Mapping[str, tuple[Field, ...]] = {
    "tsne": (
        Field("perplexity", "perplexity", "about how many neighbours each point has", typed=True),
        Field("iterations", "iterations", "500 are mostly enough", typed=True),
    ),
    "umap": (
        Field("n_neighbors", "neighbours", "few show small groups, many the whole", typed=True),
        Field("min_dist", "min_dist", "how tightly points may lie together, 0 to 1", typed=True),
    ),
}


def fields_for(values: Mapping[str, str], space: EmbeddingSpace, training: bool) -> list[Field]:
    """The fields that matter for what is filled in; ``training`` says whether there is one."""
    drawing = values.get("drawing", "pca")
    if drawing == "positions":
        return [_drawings()]
    ofs: dict[str, str] = {
        of: title
        for of, title in OFS.items()
        if (of != "training" or training) and (of != "where" or space.metadata) and _suits(drawing, of)
    }
    of = values.get("of", "near")
    shown = [_drawings(), Field("of", "of", "which tokens", ofs)]
    if of in _TEXTS:
        label, what = _TEXTS[of]
        usual = {"": "the selected one"} if of == "near" else {}
        shown.append(Field("text", label, what, usual, typed=True, most=LONGEST_LIST))
    if of in USUAL_NUMBER:
        shown.append(_NUMBER)
    if drawing == "axes":
        shown += _AXES
    if drawing in ("pca", "tsne", "umap", "axes"):
        shown += [_METRIC, *_OWN.get(drawing, ()), _CLUSTERS, _SEED]
    return shown


def values_of(wanted: MapWanted) -> dict[str, str]:
    """What is asked for, as the form holds it."""
    values = {"drawing": wanted.drawing, "of": wanted.of, "text": wanted.text, "n": str(wanted.n)}
    values |= {"axis_1": wanted.axes[0], "axis_2": wanted.axes[1]}
    for one in fields(MapSettings):
        value = getattr(wanted.settings, one.name)
        if one.name != "method":
            values[one.name] = (
                "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
            )
    return values


def wanted_of(values: Mapping[str, str], shown: list[Field]) -> tuple[MapWanted | None, dict[str, str]]:
    """What the values of the fields in sight ask for, or None and what is wrong with which field."""
    errors: dict[str, str] = {}
    names = {one.name for one in shown}
    found: dict[str, Any] = {}
    for name in names & _READERS.keys():
        try:
            found[name] = _READERS[name](values.get(name, "").strip())
        except ValueError as error:
            errors[name] = str(error)
    of, drawing = values.get("of", "near"), values.get("drawing", "pca")
    text = values.get("text", "").strip()
    if "text" in names and not text and of != "near":
        errors["text"] = "needed"
    if "axis_1" in names and not values.get("axis_1", "").strip():
        errors["axis_1"] = "needed"
    if errors:
        return None, errors
    method = drawing if drawing in ("tsne", "umap") else "pca"
    known = {one.name for one in fields(MapSettings)} - {"method"}
    try:
        settings = MapSettings(method, **{name: value for name, value in found.items() if name in known})  # type: ignore[arg-type]
    except UsageError as error:
        return None, {error.message.partition(" ")[0]: error.hint}
    axes = values.get("axis_1", "").strip(), values.get("axis_2", "").strip()
    n = found.get("n", USUAL_NUMBER["near"])
    if n < 2:
        return None, {"n": "at least two"}
    return MapWanted(drawing, of if "of" in names else "near", text, n, axes, settings), {}  # type: ignore[arg-type]


def _drawings() -> Field:
    return Field("drawing", "show", "← → what is drawn", dict(DRAWINGS.items()))


def _suits(drawing: str, of: str) -> bool:
    """Whether such tokens can be drawn so."""
    if of == "training":
        return drawing == "pca"
    return of != "arrows" or drawing in ("pca", "tsne", "umap")


def _whole(text: str) -> int:
    try:
        return int(text.replace(",", ""))
    except ValueError:
        raise ValueError("a whole number") from None


def _real(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number") from None


def _some(text: str) -> int | None:
    return _whole(text) if text else None


_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("n", "seed", "iterations", "n_neighbors"), _whole),
    **dict.fromkeys(("perplexity", "min_dist"), _real),
    "clusters": _some,
    "metric": str,
}
