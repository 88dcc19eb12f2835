"""``tui-embed map``: tokens as points on a plane, printed or as a picture."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from tui_embed.cli import output, streams
from tui_embed.cli.out import add_out, check_out
from tui_embed.cli.parser import add_json, add_space, integer
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.cli.subject import add_subject, subject_of
from tui_embed.engine.maps.point_map import PointMap, draw, draw_on_axes, with_clusters, with_faithfulness
from tui_embed.engine.maps.semantic_axes import read_axis
from tui_embed.engine.maps.settings import METHODS, MapSettings
from tui_embed.engine.neighbors import checked_metric
from tui_embed.engine.scan import METRICS
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.pictures.files import MAP_ENDS, Saved, write_map
from tui_embed.printable import printable
from tui_embed.settings import Settings

EXAMPLES = """
tui-embed map --near king -k 100 --out king.svg
tui-embed map --top 2000 --method tsne --seed 7 --out frequent.html
tui-embed map --expression "king - man + woman" --out analogy.png
tui-embed map "france>paris" "italy>rome" "japan>tokyo" --out capitals.svg
tui-embed map nurse banker --axis "poor > rich" --axis "man > woman" --json
"""

MOST_PRINTED = 200
DEFAULTS = MapSettings()


def add_arguments(parser: ArgumentParser) -> None:
    add_subject(parser, arrows=True)
    parser.add_argument("--method", choices=METHODS, default=DEFAULTS.method, help="how points are placed")
    parser.add_argument(
        "--metric", choices=METRICS, help="what is near; for the cosine rows are taken at length 1"
    )
    parser.add_argument(
        "--axis",
        action="append",
        metavar="AXIS",
        help="place by an axis of your own, as in 'poor > rich'; twice for two",
    )
    parser.add_argument("--clusters", type=integer, metavar="N", help="k of k-means; 0 for none")
    parser.add_argument(
        "--perplexity", type=float, metavar="N", default=DEFAULTS.perplexity, help="for t-SNE"
    )
    parser.add_argument(
        "--iterations", type=integer, metavar="N", default=DEFAULTS.iterations, help="for t-SNE"
    )
    parser.add_argument(
        "--n-neighbors", type=integer, metavar="N", default=DEFAULTS.n_neighbors, help="for UMAP"
    )
    parser.add_argument("--min-dist", type=float, metavar="N", default=DEFAULTS.min_dist, help="for UMAP")
    add_out(parser, ".svg, .png, .html, .csv, or a folder/ for the Embedding Projector")
    add_space(
        parser,
        "of t-SNE, UMAP and k-means, and of untrained rows; the same seed, the same points (default: the "
        f"setting seed, else {DEFAULTS.seed}, and {Settings().seed} for the rows)",
    )
    add_json(parser)


def run(options: Namespace) -> None:
    settings = settings_of(options)
    map_settings = MapSettings(
        options.method,
        checked_metric(options.metric or DEFAULTS.metric),
        # one that is given is that of untrained rows as well; without one the app's map has another
        settings_of(options, Settings(seed=DEFAULTS.seed)).seed,
        options.perplexity,
        options.iterations,
        options.n_neighbors,
        options.min_dist,
        options.clusters,
    )
    check_out(options, MAP_ENDS)
    if len(options.axis or []) > 2:
        raise UsageError("a map has two axes", "give --axis once or twice")
    drawn = _drawn(opened(settings), options, map_settings)
    saved = Saved(()) if options.out is None else _saved(drawn, options.out)
    if options.json:
        output.print_json(_json(drawn, saved))
    else:
        _print(drawn, saved)


def _drawn(space: EmbeddingSpace, options: Namespace, settings: MapSettings) -> PointMap:
    subject, arrows = subject_of(space, options, settings.metric)
    with progress("placing points") as report:
        if options.axis:
            axes = [read_axis(space, text) for text in options.axis]
            drawn = draw_on_axes(space, subject, settings, axes, progress=report)
            drawn = replace(drawn, arrows=arrows)
        else:
            drawn = draw(space, subject, settings, arrows, progress=report)
            drawn = with_faithfulness(drawn)
    with progress("finding clusters") as report:
        return with_clusters(drawn, progress=report)


def _saved(drawn: PointMap, path: str) -> Saved:
    with progress("writing") as report:
        return write_map(drawn, path, progress=report)


def _json(drawn: PointMap, saved: Saved) -> dict[str, object]:
    subject, layout, faithful = drawn.subject, drawn.layout, drawn.faithful
    clusters = [] if drawn.clusters is None else drawn.clusters.labels.tolist()
    token = drawn.space.vocabulary
    return {
        **output.space_json(drawn.space),
        "title": subject.title,
        "method": _method(drawn),
        "placed_by": layout.said,
        "metric": drawn.settings.metric,
        "seed": drawn.settings.seed,
        "settings": _settings_json(drawn),
        "axes": list(layout.axes[:2]),
        "explained": list(layout.explained[:2]),
        "kl": layout.loss,
        "trustworthiness": None if faithful is None else faithful.trustworthiness,
        "kept": None if faithful is None else faithful.kept,
        "k": None if faithful is None else faithful.k,
        "looked_at": None if faithful is None else faithful.looked_at,
        "shown": len(subject),
        "wanted": subject.wanted,
        "of": subject.of,
        "missing": list(subject.missing),
        "clusters": [
            {
                "cluster": number + 1,
                "central": [token[int(subject.ids[place])] for place in places],
                "size": size,
            }
            for number, (places, size) in enumerate(
                zip(drawn.clusters.central, drawn.clusters.sizes, strict=True) if drawn.clusters else ()
            )
        ],
        "arrows": [
            {
                "from": token[arrow.start],
                "to": token[arrow.end],
                "parallel": arrow.parallel,
                "closes": arrow.closes,
            }
            for arrow in drawn.arrows
        ],
        "points": [
            {
                **output.token_json(drawn.space, int(subject.ids[place])),
                "x": x,
                "y": y,
                "cluster": clusters[place] + 1 if clusters else None,
            }
            for place in _order(drawn)
            for x, y in layout.points[place : place + 1, :2].tolist()
        ],
        "files": [str(file) for file in saved.files],
        "remarks": [*([drawn.unclustered] if drawn.unclustered else []), *saved.notes],
    }


def _method(drawn: PointMap) -> str:
    """How the points were placed: "axes" for a person's own, "none" where the rows are points already."""
    if drawn.own_axes:
        return "axes"
    asked = drawn.settings.fitted_to(len(drawn))
    return asked.method if drawn.layout.said == asked.said else "none"


def _settings_json(drawn: PointMap) -> dict[str, object]:
    """What the method depended on, as it was for so many points."""
    settings = drawn.settings.fitted_to(len(drawn))
    of_method: dict[str, dict[str, object]] = {
        "tsne": {"perplexity": settings.perplexity, "iterations": settings.iterations},
        "umap": {"n_neighbors": settings.n_neighbors, "min_dist": settings.min_dist},
    }
    return of_method.get(_method(drawn), {})


def _order(drawn: PointMap) -> list[int]:
    """The points in the order of the map; along axes of one's own the lowest on the first axis first."""
    order = list(range(len(drawn)))
    if drawn.own_axes:
        order.sort(key=lambda place: (float(drawn.layout.points[place, 0]), place))
    return order


def _print(drawn: PointMap, saved: Saved) -> None:
    output.print_heading(drawn.space)
    print(f"{printable(drawn.subject.title)} · {' · '.join(map(printable, drawn.said()))}")
    if not saved.files:
        _print_points(drawn)
    _print_clusters(drawn)
    for arrow in drawn.arrows:
        if arrow.parallel is not None:
            names = "→".join(printable(drawn.space.vocabulary[one]) for one in (arrow.start, arrow.end))
            closes = "closes" if arrow.closes else "does not close"
            print(f"  {names}  {score(arrow.parallel)} to the others: {closes}")
    print(f"shown {len(drawn):,} of {drawn.subject.of:,} tokens")
    if drawn.subject.missing:
        words = ", ".join(printable(word) for word in drawn.subject.missing)
        streams.say(f"{len(drawn.subject.missing):,} words have no row: {words}")
    for note in ((drawn.unclustered,) if drawn.unclustered else ()) + saved.notes:
        streams.say(printable(note))
    for file in saved.files:
        print(f"wrote {printable(str(file))}")


def _print_points(drawn: PointMap) -> None:
    order, points = _order(drawn), drawn.layout.points
    labels = None if drawn.clusters is None else drawn.clusters.labels
    rows = [
        (
            drawn.space.vocabulary[int(drawn.subject.ids[place])],
            *(score(float(value)) for value in points[place, :2]),
            "" if labels is None else str(labels[place] + 1),
        )
        for place in order[:MOST_PRINTED]
    ]
    output.print_table([("token", "x", "y", "cluster"), *rows], "lrrr")
    if len(order) > MOST_PRINTED:
        print(f"  … and {len(order) - MOST_PRINTED:,} more: --out FILE.csv or --json has all")


def _print_clusters(drawn: PointMap) -> None:
    if drawn.clusters is not None:
        for number, size in enumerate(drawn.clusters.sizes):
            words = ", ".join(printable(word) for word in drawn.cluster_name(number))
            print(f"  cluster {number + 1}: {words} ({size:,})")
