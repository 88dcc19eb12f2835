"""A target is replaced whole or stays as it was, whatever happens."""

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tui_embed.errors import CancelledError, TuiEmbedError
from tui_embed.sources.writers import atomic as module
from tui_embed.sources.writers.atomic import atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_there_at_the_end_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "new.bin"
    with atomic(path) as file:
        file.write(b"abc")
        file.seek(0)
        file.write(b"A")
        assert not path.exists()
    assert path.read_bytes() == b"Abc"
    assert names(tmp_path) == ["new.bin"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, CancelledError, TuiEmbedError])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "old.bin"
    path.write_bytes(b"old")

    def fail() -> None:
        with atomic(path) as file:
            file.write(b"new")
            raise error("stop")

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["old.bin"]


def test_the_mode_of_the_file_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "private.bin"
    path.write_bytes(b"old")
    for kept in (0o600, 0o644, 0o640, 0o444):
        path.chmod(kept)
        with atomic(path) as file:
            file.write(b"new")
        assert mode(path) == kept


def test_a_private_file_has_no_moment_in_which_others_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "private.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with atomic(path) as file:
        file.write(b"new")
        (temporary,) = (tmp_path / name for name in names(tmp_path) if name != path.name)
        assert mode(temporary) == 0o600


def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic(tmp_path / "new.bin"):
            pass
    finally:
        os.umask(before)
    assert mode(tmp_path / "new.bin") == 0o640


def test_a_link_is_kept_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.bin", tmp_path / "link.bin"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with atomic(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert names(tmp_path) == ["elsewhere", "link.bin"]


def test_what_is_no_regular_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(TuiEmbedError, match="is there and is no regular file"), atomic(tmp_path / name):
            raise AssertionError("nothing is to be written")
    assert names(tmp_path) == ["folder", "pipe"]


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "none" / "new.bin"
    with pytest.raises(TuiEmbedError) as caught, atomic(path):
        raise AssertionError("nothing is to be written")
    assert str(caught.value) == f"{path}: cannot be written: no such file or directory"


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """A limit on the size of files is the full disk that every machine can have."""
    program = f"""
        import resource, signal
        from pathlib import Path
        from tui_embed.errors import TuiEmbedError
        from tui_embed.sources.writers.atomic import atomic
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        try:
            with atomic(Path({str(tmp_path / "old.bin")!r})) as file:
                for _ in range(64):
                    file.write(bytes(1 << 14))
        except TuiEmbedError as error:
            print(error)
    """
    (tmp_path / "old.bin").write_bytes(b"old")
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == f"{tmp_path / 'old.bin'}: cannot be written: {os.strerror(errno.EFBIG).lower()}\n"
    assert (tmp_path / "old.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["old.bin"]


def test_a_killed_process_leaves_the_old_file_whole(tmp_path: Path) -> None:
    program = f"""
        import os, signal
        from pathlib import Path
        from tui_embed.sources.writers.atomic import atomic
        with atomic(Path({str(tmp_path / "old.bin")!r})) as file:
            file.write(bytes(1 << 20))
            os.kill(os.getpid(), signal.SIGKILL)
    """
    (tmp_path / "old.bin").write_bytes(b"old")
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, timeout=60)
    assert ran.returncode == -signal.SIGKILL
    assert (tmp_path / "old.bin").read_bytes() == b"old"


def test_file_and_folder_are_synced_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        done.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
        fsync(descriptor)

    def noted_replace(path: Path, target: Path) -> Path:
        done.append("replace")
        return replace(path, target)

    monkeypatch.setattr(module.os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    with atomic(tmp_path / "new.bin") as file:
        file.write(b"x")
    assert done == ["sync file", "replace", "sync folder"]
