"""``tui-embed statistics``: a whole matrix in figures."""

from argparse import ArgumentParser, Namespace

from tui_embed.cli import output
from tui_embed.cli.model import share_of_model
from tui_embed.cli.parser import add_json
from tui_embed.cli.progress import progress, read_then
from tui_embed.cli.space import add_named_space, opened_as_named
from tui_embed.cli.waiting import waited
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.statistics import Statistics, statistics
from tui_embed.figures import percent, score
from tui_embed.printable import printable

EXAMPLES = """
tui-embed statistics
tui-embed statistics minilm
tui-embed statistics ./Llama-3.2-1B --json
"""

BLOCKS = "▏▎▍▌▋▊▉█"
WIDEST_BAR = 40


def add_arguments(parser: ArgumentParser) -> None:
    add_named_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    space, _ = opened_as_named(options)
    line = read_then("working out their directions")
    with progress(f"reading rows of {printable(space.name)}", line) as report:
        found = waited(lambda: statistics(space.matrix, progress=report))
    if options.json:
        output.print_json(_json(space, found))
    else:
        _print(space, found)


def _json(space: EmbeddingSpace, found: Statistics) -> dict[str, object]:
    model, norms = space.model, found.finite_norms
    return {
        **output.space_json(space),
        "n_vocab": len(space),
        "d_model": space.d_model,
        "n_params": None if model is None else model.n_params,
        "share_of_model": share_of_model(space),
        "quantised": model.numbers if model is not None and model.is_quantised else None,
        "norms": {
            "mean": found.mean_norm,
            "least": float(norms.min()),
            "greatest": float(norms.max()),
            "zero": found.n_zero,
            "not_finite": found.n_odd,
            "edges": [float(edge) for edge in found.edges],
            "counts": found.counts.tolist(),
        },
        "norms_by_id": [
            {
                "start": band.start,
                "stop": band.stop,
                "mean": band.mean,
                "least": band.least,
                "greatest": band.greatest,
            }
            for band in found.bands
        ],
        "effective_rank": found.effective_rank,
        "participation": found.participation,
        "anisotropy": found.anisotropy,
        "mean_row_share": found.mean_share,
        "variance": [float(share) for share in found.spectrum],
    }


def _print(space: EmbeddingSpace, found: Statistics) -> None:
    output.print_heading(space)
    share, model = share_of_model(space), space.model
    params = ""
    if share is not None and model is not None:
        params = f"{len(space) * space.d_model:,} of {model.n_params:,} parameters, {percent(share)}"
    elif model is not None and model.n_params is None:
        params = "not known: not all files of the model were opened"
    odd = f", {found.n_odd:,} rows not finite" if found.n_odd else ""
    least, greatest = float(found.finite_norms.min()), float(found.finite_norms.max())
    zero = f", {found.n_zero:,} rows of zeros" if found.n_zero else ""
    numbers = model.numbers if model is not None else ""
    first = ", ".join(percent(float(part)) for part in found.spectrum[:5])
    output.print_facts(
        [
            ("share", params),
            (
                "numbers",
                f"{numbers}: all figures are approximate" if model and model.is_quantised else numbers,
            ),
            ("norms", f"{score(least)} … {score(greatest)}, mean {score(found.mean_norm)}{zero}{odd}"),
            ("effective rank", f"{score(found.effective_rank)} of {found.d_model:,} (Roy and Vetterli 2007)"),
            ("participation", f"{score(found.participation)} of {found.d_model:,} (Gao et al. 2017)"),
            ("anisotropy", f"{score(found.anisotropy)}, the mean cosine of all pairs of rows"),
            ("mean row", f"{percent(found.mean_share)} as long as a row is on average"),
            ("variance", f"{first}, … along its first directions"),
        ]
    )
    print("norms over the vocabulary")
    top = int(found.counts.max()) or 1
    for edge, count in zip(found.edges.tolist(), found.counts.tolist(), strict=False):
        print(f"  {score(edge):>7}  {bar(count / top):<{WIDEST_BAR}}  {count:,}".rstrip())
    print("mean norm along the ids")
    highest = max(band.mean for band in found.bands) or 1
    for band in found.bands:
        print(f"  {band.start:>9,}  {bar(band.mean / highest):<{WIDEST_BAR}}  {score(band.mean)}")


def bar(share: float) -> str:
    """A share 0 … 1 as a bar of at most WIDEST_BAR cells."""
    eighths = round(max(0.0, min(1.0, share)) * WIDEST_BAR * 8)
    whole, part = divmod(eighths, 8)
    return "█" * whole + (BLOCKS[part - 1] if part else "")
