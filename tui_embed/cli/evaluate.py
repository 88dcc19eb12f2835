"""``tui-embed evaluate``: accuracy on analogies, agreement with people on pairs of words."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, add_space, integer
from tui_embed.cli.progress import progress
from tui_embed.cli.space import opened, settings_of
from tui_embed.engine.evaluation import AnalogyResult, SectionResult, evaluate_analogies, evaluate_pairs
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.errors import UsageError
from tui_embed.figures import score
from tui_embed.printable import printable
from tui_embed.sources.questions import read_analogies, read_pairs

EXAMPLES = """
tui-embed evaluate analogies questions-words.txt --restrict-vocab 30000
tui-embed evaluate pairs wordsim353.tsv --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=("analogies", "pairs"), help="what the file holds")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="four words a line under ': section', or two words and a score a line",
    )
    parser.add_argument(
        "--restrict-vocab", type=integer, metavar="N", help="analogies: search the first N tokens only"
    )
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if options.kind == "pairs" and options.restrict_vocab is not None:
        raise UsageError("--restrict-vocab is for analogies", "pairs are not searched for")
    space = opened(settings_of(options))
    (_analogies if options.kind == "analogies" else _pairs)(space, options)


def _analogies(space: EmbeddingSpace, options: Namespace) -> None:
    sections = read_analogies(options.file)
    with progress("searching") as report:
        result = evaluate_analogies(space, sections, options.restrict_vocab, progress=report)
    if options.json:
        found = {
            **output.space_json(space),
            "file": str(options.file),
            **_section_json(result.together),
            "searched": result.searched,
            "n_vocab": len(space),
            "sections": [{"name": one.name, **_section_json(one)} for one in result.sections],
        }
        output.print_json(found)
    else:
        _print_analogies(space, result)


def _section_json(section: SectionResult) -> dict[str, object]:
    """``total`` counts covered questions, as gensim does; ``questions`` all of the file."""
    return {
        "correct": section.correct,
        "total": section.covered,
        "accuracy": section.accuracy,
        "questions": section.total,
    }


def _print_analogies(space: EmbeddingSpace, result: AnalogyResult) -> None:
    output.print_heading(space)
    rows = [("section", "correct", "covered", "of", "accuracy")]
    for one in [*result.sections, result.together]:
        accuracy = f"{100 * one.accuracy:.2f} %" if one.covered else "none covered"
        rows.append((one.name, f"{one.correct:,}", f"{one.covered:,}", f"{one.total:,}", accuracy))
    output.print_table(rows, "lrrrr")
    print("accuracy is that of the covered questions; 3CosAdd, inputs left out")
    print(f"searched {result.searched:,} of {len(space):,}")


def _pairs(space: EmbeddingSpace, options: Namespace) -> None:
    result = evaluate_pairs(space, read_pairs(options.file))
    if options.json:
        found = {
            **output.space_json(space),
            "file": str(options.file),
            "spearman": output.finite(result.spearman),
            "covered": result.covered,
            "total": result.total,
        }
        output.print_json(found)
        return
    output.print_heading(space)
    file = printable(str(options.file))
    print(f"Spearman's ρ {score(result.spearman)} between cosine and the scores of {file}")
    print(f"covered {result.covered:,} of {result.total:,} pairs")
