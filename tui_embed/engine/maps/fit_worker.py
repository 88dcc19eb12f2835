"""The process in which other libraries fit: reads one task from standard input, and writes what comes of it
to the descriptor that its argument names.

A task is a line of JSON, ``{"what", "shape", "parameters"}``, and after it the rows as float32. An answer is
a line ``{"done", "total"}``, with ``{"dtype", "shape", "loss", "last"}`` and the numbers after it where there
are any, or ``{"error", "hint"}``.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_embed.engine.rows import Floats
from tui_embed.errors import TuiEmbedError
from tui_embed.optional import require

EXTRA, UMAP_EXTRA = "maps", "umap"
FRAME_EVERY = 5
"""Iterations of t-SNE from one frame to the next."""
KMEANS_RUNS = 10
KMEANS_ITERATIONS = 100
NICENESS = 5

Parameters = Mapping[str, Any]


class Answers:
    """What is written back."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def progress(self, done: int, total: int) -> None:
        self._write({"done": done, "total": total})

    def frame(
        self,
        array: NDArray[np.generic],
        done: int = 0,
        total: int = 0,
        loss: float | None = None,
        last: bool = False,
    ) -> None:
        array = np.ascontiguousarray(array)
        head = {"done": done, "total": total, "dtype": array.dtype.str, "shape": array.shape}
        self._write({**head, "loss": loss, "last": last}, array.tobytes())

    def error(self, message: str, hint: str) -> None:
        self._write({"error": message, "hint": hint})

    def _write(self, head: Mapping[str, object], content: bytes = b"") -> None:
        self._stream.write(json.dumps(head).encode() + b"\n" + content)
        self._stream.flush()


def tsne(rows: Floats, parameters: Parameters, answers: Answers) -> None:
    """t-SNE by openTSNE (Poličar et al. 2024), which begins from the principal components."""
    open_tsne = require("openTSNE", EXTRA)
    total = int(parameters["iterations"])
    early = total // 3
    before = -FRAME_EVERY

    def called(iteration: int, error: float, embedding: NDArray[np.float64]) -> bool:
        nonlocal before
        # counted from the beginning of each of the two phases
        done = (
            iteration if before < early and iteration <= early and iteration > before else early + iteration
        )
        before = done
        answers.frame(np.asarray(embedding, np.float32), done, total, float(error))
        return False

    fitted = open_tsne.TSNE(
        perplexity=float(parameters["perplexity"]),
        early_exaggeration_iter=early,
        n_iter=total - early,
        initialization="pca",
        metric="euclidean",
        random_state=int(parameters["seed"]),
        n_jobs=len(os.sched_getaffinity(0)),
        callbacks=called,
        callbacks_every_iters=FRAME_EVERY,
    ).fit(rows)
    answers.frame(np.asarray(fitted, np.float32), total, total, float(fitted.kl_divergence), last=True)


def umap(rows: Floats, parameters: Parameters, answers: Answers) -> None:
    """UMAP by umap-learn (McInnes et al. 2018); it shows how far it is, but no points on the way."""
    module = require("umap", UMAP_EXTRA)
    fitted = module.UMAP(
        n_neighbors=int(parameters["n_neighbors"]),
        min_dist=float(parameters["min_dist"]),
        metric="euclidean",
        # the spectrum of a graph needs more points than that has numbers
        init="spectral" if len(rows) > 10 else "random",
        random_state=int(parameters["seed"]),
        n_jobs=1,
        verbose=True,
        tqdm_kwds={"file": _Bar(answers), "bar_format": "{n_fmt}/{total_fmt}", "mininterval": 0.1},
    ).fit_transform(rows)
    answers.frame(np.asarray(fitted, np.float32), last=True)


class _Bar:
    """Where umap-learn writes its progress bar, as ``12/200``."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def write(self, text: str) -> int:
        done, _, total = text.strip().partition("/")
        if done.isdigit() and total.isdigit():
            self._answers.progress(int(done), int(total))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def kmeans(rows: Floats, parameters: Parameters, answers: Answers) -> None:
    """k-means by SciPy, from k-means++ (Arthur and Vassilvitskii 2007); the tightest of ten runs."""
    vq = require("scipy.cluster.vq", EXTRA)
    generator = np.random.default_rng(int(parameters["seed"]))
    wide = rows.astype(np.float64)
    best, tightest = np.zeros(len(rows), np.int32), np.inf
    for run in range(KMEANS_RUNS):
        centres, labels = vq.kmeans2(
            wide, int(parameters["k"]), iter=KMEANS_ITERATIONS, minit="++", missing="warn", seed=generator
        )
        spread = float(np.square(wide - centres[labels]).sum())
        if spread < tightest:
            best, tightest = labels.astype(np.int32), spread
        answers.progress(run + 1, KMEANS_RUNS)
    answers.frame(best, KMEANS_RUNS, KMEANS_RUNS, tightest, last=True)


FITS: Mapping[str, Callable[[Floats, Parameters, Answers], None]] = {
    "t-SNE": tsne,
    "UMAP": umap,
    "k-means": kmeans,
}


def main() -> None:
    """Do the one task that standard input holds."""
    # numbers go out by a descriptor of their own: what a library prints is not among them
    with os.fdopen(int(sys.argv[1]), "wb") as stream:
        os.nice(NICENESS)
        answers = Answers(stream)
        task = json.loads(sys.stdin.buffer.readline())
        n, d_model = task["shape"]
        content = sys.stdin.buffer.read(4 * n * d_model)
        rows = np.frombuffer(content, np.float32).reshape(n, d_model)
        try:
            FITS[task["what"]](rows, task["parameters"], answers)
        except BrokenPipeError:
            os._exit(0)  # nobody listens any more
        except TuiEmbedError as error:
            answers.error(error.message, error.hint)
        except Exception as error:  # noqa: BLE001 (whatever a library raises is for the one who asked)
            answers.error(f"{task['what']} failed: {type(error).__name__}: {error}", "")


if __name__ == "__main__":
    main()
