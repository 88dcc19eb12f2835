"""``tui-embed heatmap``: cosines of tokens, rows and positions as a matrix of colours."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output, streams
from tui_embed.cli.out import add_out, check_out
from tui_embed.cli.parser import add_json, add_space
from tui_embed.cli.space import opened, settings_of
from tui_embed.cli.subject import WAYS, add_subject, subject_of
from tui_embed.engine.maps.heat import (
    HEAT_KINDS,
    HeatMap,
    PositionPicture,
    one_hot,
    position_pictures,
    similarities,
    token_rows,
)
from tui_embed.engine.maps.subject import Subject
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.pictures.files import HEAT_ENDS, Saved, write_heat, write_positions
from tui_embed.printable import printable

EXAMPLES = """
tui-embed heatmap similarity king queen man woman --out royals.svg
tui-embed heatmap one-hot king queen man woman
tui-embed heatmap rows cat dog tiger --out rows.png
tui-embed heatmap positions --space gpt2-init --out positions.png
"""

MOST_PRINTED = 12


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "kind",
        choices=HEAT_KINDS,
        metavar="KIND",
        help="similarity (one-hot beside it in a picture), one-hot, rows, or positions",
    )
    add_subject(parser, arrows=False)
    add_out(parser, ".svg, .png or .csv")
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    check_out(options, HEAT_ENDS)
    space = opened(settings_of(options))
    if options.kind == "positions":
        if options.tokens or any(getattr(options, way, None) is not None for way in WAYS):
            raise UsageError("positions are not of tokens", "leave the tokens out")
        pictures = tuple(position_pictures(space))
        saved = Saved(()) if options.out is None else write_positions(pictures, space, options.out)
        _answer(space, pictures[0].cosines, None, saved, options, pictures)
        return
    subject, _ = subject_of(space, options, "cosine")
    makers = {"similarity": similarities, "one-hot": one_hot, "rows": token_rows}
    heat = makers[options.kind](space, subject)
    maps = (heat, one_hot(space, subject)) if options.kind == "similarity" else (heat,)
    saved = Saved(()) if options.out is None else write_heat(maps, space, options.out)
    _answer(space, heat, subject, saved, options)


def _answer(
    space: EmbeddingSpace,
    heat: HeatMap,
    subject: Subject | None,
    saved: Saved,
    options: Namespace,
    pictures: tuple[PositionPicture, ...] = (),
) -> None:
    missing = () if subject is None else subject.missing
    if options.json:
        output.print_json(
            {
                **output.space_json(space),
                "kind": options.kind,
                "title": heat.title,
                "rows": list(heat.rows),
                "columns": list(heat.columns),
                "values": [output.numbers(row) for row in heat.values],
                "missing": list(missing),
                "positions": [
                    {"kind": one.kind, "note": one.note, "explained": list(one.explained)} for one in pictures
                ],
                "files": [str(file) for file in saved.files],
                "remarks": list(saved.notes),
            }
        )
        return
    output.print_heading(space)
    print(printable(heat.title) + (f" · {heat.said}" if heat.said else ""))
    if not saved.files:
        _print(heat)
    if missing:
        streams.say(f"{len(missing):,} words have no row: {', '.join(map(printable, missing))}")
    for note in saved.notes:
        streams.say(printable(note))
    for file in saved.files:
        print(f"wrote {printable(str(file))}")


def _print(heat: HeatMap) -> None:
    """The first rows and columns."""
    columns = heat.columns[:MOST_PRINTED]
    rows = [
        (name, *(score(float(value)) for value in values[:MOST_PRINTED]))
        for name, values in zip(heat.rows[:MOST_PRINTED], heat.values, strict=False)
    ]
    output.print_table([("", *columns), *rows], "l" + "r" * len(columns))
    n, m = heat.values.shape
    if max(n, m) > MOST_PRINTED:
        print(f"  … of {n:,} × {m:,}: --out FILE.csv or --json has all")
