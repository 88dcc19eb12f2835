"""``tui-embed train``: a matrix out of a text, with a file at the end."""

import signal
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from types import FrameType

from tui_embed.cli import output
from tui_embed.cli.parser import add_json, integer
from tui_embed.cli.progress import Bytes, progress
from tui_embed.cli.training_line import TrainingLine
from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.space import EmbeddingSpace
from tui_embed.engine.training.control import Control
from tui_embed.engine.training.gensim_engine import GensimRun
from tui_embed.engine.training.making import make_trainer
from tui_embed.engine.training.record import TrainingRecord
from tui_embed.engine.training.run import Checkpointing, Run
from tui_embed.engine.training.settings import OBJECTIVES, TrainingSettings
from tui_embed.engine.training.snapshot import Snapshot
from tui_embed.engine.training.start import start_of
from tui_embed.engine.training.trainer import TrainedParts
from tui_embed.errors import CancelledError, TuiEmbedError, UsageError
from tui_embed.figures import duration, score, size
from tui_embed.printable import printable
from tui_embed.sources.catalog import open_space
from tui_embed.sources.checkpoints import SUFFIX, Checkpointer, read_checkpoint, resume
from tui_embed.sources.convert import Target, Written, write_space
from tui_embed.sources.corpora import corpus_entries, open_corpus, recommended
from tui_embed.sources.trained import space_from

EXAMPLES = """
tui-embed train grammar-en --out toy.npz
tui-embed train corpus.txt --objective cbow --d-model 100 --out words.npz
tui-embed train novel.gz --objective lm --tokens r50k_base --out lm.npz --json
tui-embed train --list
"""

ENDS_WITH_HANGUP = ("SIGINT", "SIGTERM", "SIGHUP")
FREEZES = ("nothing", "everything", "pretrained")
DRAWN = ("normal", "uniform")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "corpus", nargs="?", metavar="CORPUS", help="a file or folder of text, -, or a name that --list has"
    )
    parser.add_argument("--out", metavar="FILE", help=".npz and .safetensors hold all of it")
    parser.add_argument("--list", action="store_true", help="the texts that have a name")
    what = parser.add_argument_group("what is trained")
    what.add_argument("--objective", choices=OBJECTIVES, help="skipgram, cbow, glove, or lm (next token)")
    what.add_argument("--d-model", type=integer, metavar="N", help="numbers a row")
    what.add_argument("--window", type=integer, metavar="N", help="words on each side")
    what.add_argument("--negatives", type=integer, metavar="N", help="noise words a prediction; 0: softmax")
    what.add_argument("--ngrams", type=_lengths, metavar="3-6", help="build words from n-grams (skipgram)")
    what.add_argument("--buckets", type=integer, metavar="N", help="rows that n-grams share")
    what.add_argument("--body", choices=("mlp", "attention"), help="lm: between rows and scores")
    what.add_argument("--n-ctx", type=integer, metavar="N", help="lm: tokens that it looks back")
    what.add_argument("--d-hidden", type=integer, metavar="N", help="lm: width of the hidden layer")
    what.add_argument(
        "--separate-output",
        dest="tied",
        action="store_const",
        const=False,
        help="lm: an output matrix of its own",
    )
    what.add_argument("--batch", type=integer, metavar="N", help="lm: predictions a step")
    what.add_argument("--x-max", type=float, metavar="X", help="glove: counts that weigh all they can")
    text = parser.add_argument_group("the text")
    text.add_argument("--tokens", metavar="KIND", help="words, characters, or an encoding (r50k_base …)")
    text.add_argument("--min-count", type=integer, metavar="N", help="rarer tokens have no row")
    text.add_argument("--unk", action="store_const", const=True, help="rarer tokens share the row of <unk>")
    text.add_argument(
        "--subsample", type=float, metavar="T", help="leave out frequent words above T; 0: never"
    )
    text.add_argument("--heldout", type=float, metavar="SHARE", help="of the sentences, only measured on")
    how = parser.add_argument_group("how")
    how.add_argument("--epochs", type=integer, metavar="N", help="times through the text")
    how.add_argument("--learning-rate", type=float, metavar="R", help="the first; it falls by --schedule")
    how.add_argument("--schedule", choices=("linear", "cosine", "constant"))
    how.add_argument("--seed", type=integer, metavar="N", help="the same seed gives the same matrix")
    how.add_argument("--start", metavar="HOW", help="normal, uniform, or rows of a space: a name or a file")
    how.add_argument("--start-std", type=float, metavar="S", help="the deviation of rows that are drawn")
    how.add_argument("--freeze", metavar="WHICH", help="nothing, everything, pretrained, or TOKEN,TOKEN…")
    how.add_argument("--rare", choices=("keep", "regularise", "fallback"), help="rows of rare words")
    how.add_argument("--rare-count", type=integer, metavar="N", help="seen fewer times is rare")
    how.add_argument("--engine", choices=("numpy", "gensim"), help="gensim: pip install 'tui-embed[gensim]'")
    how.add_argument("--threads", type=integer, metavar="N", help="of matrix products, or workers of gensim")
    parser.add_argument(
        "--checkpoint-seconds",
        type=float,
        default=30.0,
        metavar="S",
        help="how often FILE.checkpoint is written",
    )
    parser.add_argument("--resume", action="store_true", help="go on from FILE.checkpoint")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    add_json(parser)


def run(options: Namespace) -> None:
    if options.list:
        _print_list(options.json)
        return
    if options.corpus is None or options.out is None:
        raise UsageError(
            "a CORPUS and --out FILE are needed", "'tui-embed train --list' has texts with a name"
        )
    target = Target.of(options.out)
    there = [path for path in target.files if path.exists()]
    if there and not options.force:
        raise UsageError(f"{there[0]} is there already", "--force replaces it")
    if not target.path.absolute().parent.is_dir():
        raise UsageError(f"{target.path}: there is no such folder")
    with _ended_by_signals() as ending:
        try:
            _train(options, target, ending)
        except CancelledError:
            if ending.number is None:
                raise
            kept = Path(f"{target.path}{SUFFIX}") if options.resume else None
            raise StoppedError(ending.number, 0, kept) from None


class Ending:
    """Whether a signal has asked for the end, and which."""

    def __init__(self) -> None:
        self.cancel = CancelToken()
        self.number: int | None = None

    def ask(self, number: int, _frame: FrameType | None) -> None:
        """What a signal does."""
        self.number = number
        self.cancel.cancel()


class StoppedError(TuiEmbedError):
    """A training that a signal ended."""

    def __init__(self, number: int, step: int, checkpoint: Path | None) -> None:
        kept = f"--resume goes on from {checkpoint}" if checkpoint is not None else "nothing of it was kept"
        super().__init__(f"stopped at step {step:,} by {signal.Signals(number).name}", kept)
        self.exit_status = 128 + number


@contextmanager
def _ended_by_signals() -> Iterator[Ending]:
    """Signals that end a program end the step first."""
    ending = Ending()
    numbers = [getattr(signal, name) for name in ENDS_WITH_HANGUP if hasattr(signal, name)]
    # what is ignored from outside, as under nohup, stays so
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, ending.ask) for number in heard}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _train(options: Namespace, target: Target, ending: Ending) -> None:
    checkpoint_path = Path(f"{target.path}{SUFFIX}")
    checkpoint = read_checkpoint(checkpoint_path) if options.resume else None
    settings = settings_of(options) if checkpoint is None else checkpoint.settings
    with progress(f"reading {printable(options.corpus)}", Bytes()) as report:
        corpus = open_corpus(
            options.corpus,
            tokens=settings.tokens,
            min_count=settings.min_count,
            unk=settings.unk,
            cancel=ending.cancel,
            progress=report,
        )
    space = _start_space(options) if checkpoint is None else None
    if settings.engine == "gensim":
        gensim = GensimRun(corpus, settings, start_of(corpus, settings, space))
        with TrainingLine() as line:
            gensim.publish = line.show
            last = gensim.go(ending.cancel)
        _finish(options, target, ending, gensim, last, None)
        return
    trainer = make_trainer(corpus, settings, space) if checkpoint is None else resume(checkpoint, corpus)
    keeper = Checkpointer(checkpoint_path, trainer.corpus, options.corpus)
    begun = None if checkpoint is None else checkpoint.curve
    keeping = Checkpointing(keeper.write, options.checkpoint_seconds)
    with TrainingLine() as line:
        last = Run(trainer, Control(), line.show, keeping, begun).go(ending.cancel)
    _finish(options, target, ending, trainer, last, keeper)


def _finish(
    options: Namespace,
    target: Target,
    ending: Ending,
    trained: TrainedParts,
    last: Snapshot,
    keeper: Checkpointer | None,
) -> None:
    """Write what was trained and say so; TuiEmbedError where it did not come to its end."""
    if ending.number is not None and last.state == "stopped":
        kept = keeper.path if keeper is not None and not last.not_kept else None
        raise StoppedError(ending.number, last.step, kept)
    space = space_from(trained, last, target.path.name)
    written = write_space(space, options.out)
    if keeper is not None:
        keeper.discard()
    if last.state == "diverged":
        raise TuiEmbedError(last.message, f"the rows before it are in {target.path}")
    if options.json:
        output.print_json(_json(space, written))
    else:
        _print(space, written)


def settings_of(options: Namespace) -> TrainingSettings:
    """The settings that suit the text and the objective, with the options over them."""
    known = {field.name for field in fields(TrainingSettings)} - {"start", "freeze", "objective"}
    given = {name: value for name, value in vars(options).items() if name in known and value is not None}
    settings = recommended(options.corpus, options.objective or "skipgram")
    if options.start is not None:
        given["start"] = options.start if options.start in DRAWN else "space"
    if options.freeze in FREEZES:
        given["freeze"] = options.freeze
    elif options.freeze is not None:
        given["freeze"] = "tokens"
        given["frozen_tokens"] = tuple(token for token in options.freeze.split(",") if token)
    return replace(settings, **given)


def _start_space(options: Namespace) -> EmbeddingSpace | None:
    if options.start is None or options.start in DRAWN:
        return None
    with progress(f"reading {printable(options.start)}", Bytes()) as report:
        return open_space(options.start, progress=report)


def _lengths(text: str) -> tuple[int, int]:
    least, dash, most = text.partition("-")
    try:
        return int(least), int(most if dash else least)
    except ValueError:
        raise ArgumentTypeError(f"{text[:40]!r} are no lengths: 3-6") from None


def _print(space: EmbeddingSpace, written: Written) -> None:
    record = _record(space)
    for path in written.files:
        print(f"{printable(str(path))}: {size(path.stat().st_size)}")
    print(f"{len(space):,} × {space.d_model:,}, {printable(space.provenance.origin)}")
    pace = "" if record.words_per_second is None else f", {record.words_per_second:,.0f} words/s"
    print(f"{duration(record.seconds)}{pace}")
    losses = [("loss", record.loss), ("held out", record.heldout_loss)]
    said = " · ".join(f"{name} {score(loss)}" for name, loss in losses if loss is not None)
    if said:
        print(said)
    for note in space.notes:
        print(f"note: {printable(note)}")
    for lost in written.left_out:
        print(f"note: {printable(lost)} was left out: {written.format} cannot hold it")


def _json(space: EmbeddingSpace, written: Written) -> dict[str, object]:
    record = _record(space)
    return {
        "words_per_second": record.words_per_second,
        "loss": record.loss,
        "heldout_loss": record.heldout_loss,
        "n_vocab": len(space),
        "seed": record.settings.seed,
        "file": str(written.files[0]),
        "objective": record.settings.objective,
        "d_model": space.d_model,
        "steps": record.steps,
        "seconds": record.seconds,
        "engine": record.settings.engine,
        "notes": list(space.notes),
        "left_out": list(written.left_out),
    }


def _record(space: EmbeddingSpace) -> TrainingRecord:
    if space.training is None:
        raise ValueError("a space that was not trained here")
    return space.training


def _print_list(as_json: bool) -> None:
    entries = corpus_entries()
    if as_json:
        output.print_json(
            {
                "corpora": [
                    {"name": entry.name, "what": entry.what, "here": entry.here, "needs": entry.needs}
                    for entry in entries
                ]
            }
        )
        return
    for entry in entries:
        needs = "" if entry.here else f" ({entry.needs})"
        print(f"{entry.name:<22}{entry.what}{needs}")
