"""Fits in a process of their own: ended at once, whatever they do, and never a traceback."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tui_embed.engine.cancel import CancelToken
from tui_embed.engine.maps import fits
from tui_embed.engine.maps.fits import fit
from tui_embed.errors import CancelledError, TuiEmbedError

ROWS = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)
ENDLESS = {"iterations": 10_000, "perplexity": 10.0, "seed": 1}


def workers() -> set[int]:
    """The workers of this process that run, by number."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and fits.WORKER.encode() in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue  # it has ended meanwhile
    return found


def test_clusters_come_back_as_whole_numbers():
    seen = []
    found = fit("k-means", ROWS, {"k": 3, "seed": 1}, progress=lambda done, total: seen.append((done, total)))
    assert found.last
    assert found.array.shape == (60,)
    assert found.array.dtype == np.int32
    assert seen[-1] == (10, 10)


def test_a_fit_is_ended_soon_after_it_is_cancelled_and_leaves_no_process():
    cancel, began = CancelToken(), threading.Event()
    ended: list[float] = []

    def run() -> None:
        with pytest.raises(CancelledError):
            fit("t-SNE", ROWS, ENDLESS, cancel, frame=lambda frame: began.set())
        ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        # on a machine full of other work, the first frame takes its time
        assert began.wait(300)
        assert len(workers()) == 1
    finally:
        cancelled = time.monotonic()
        cancel.cancel()
        thread.join(10)
    assert ended
    assert ended[0] - cancelled < 5, "the token is looked at while the worker computes"
    assert not workers()


def test_a_fit_that_is_not_wanted_is_not_begun():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        fit("k-means", ROWS, {"k": 2, "seed": 1}, cancel)


def test_a_worker_that_dies_is_one_line():
    def kill(frame: fits.Frame) -> None:
        for number in workers():
            os.kill(number, signal.SIGKILL)

    with pytest.raises(TuiEmbedError, match="t-SNE ended without an answer"):
        fit("t-SNE", ROWS, ENDLESS, frame=kill)


def test_what_a_library_raises_is_one_line():
    with pytest.raises(TuiEmbedError, match="k-means failed: KeyError: 'k'"):
        fit("k-means", ROWS, {"seed": 1})


def test_a_missing_package_names_the_extra(tmp_path, monkeypatch):
    # found before the real one, and as absent as can be
    (tmp_path / "openTSNE.py").write_text("raise ModuleNotFoundError('no', name='openTSNE')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(TuiEmbedError, match="needs the package openTSNE") as caught:
        fit("t-SNE", ROWS, ENDLESS)
    assert "tui-embed[maps]" in caught.value.hint


def test_what_lies_in_the_current_folder_is_not_imported(tmp_path, monkeypatch):
    for name in ("numpy", "scipy", "json", "tui_embed"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the current folder')")
    monkeypatch.chdir(tmp_path)
    assert fit("k-means", ROWS, {"k": 2, "seed": 1}).last


def test_what_a_library_prints_is_not_among_the_numbers(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("print('hello', flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert fit("k-means", ROWS, {"k": 2, "seed": 1}).last


def test_a_worker_ends_when_nobody_listens_any_more():
    reading, writing = os.pipe()
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", fits.WORKER, str(writing)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[writing],
    )
    os.close(writing)
    assert worker.stdin is not None
    parameters = {"iterations": 10_000, "perplexity": 10, "seed": 1}
    task = json.dumps({"what": "t-SNE", "shape": ROWS.shape, "parameters": parameters}).encode() + b"\n"
    worker.stdin.write(task + ROWS.tobytes())
    worker.stdin.close()
    assert os.read(reading, 1)
    os.close(reading)
    assert worker.wait(30) == 0
