"""The command as a process of its own: exit statuses, pipes, locales."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from checkpoints import gpt2_folder

COMMAND = [sys.executable, "-m", "tui_embed"]
SECONDS = 60
# a shell starts what runs in its background deaf to Ctrl+C, and so would be what the tests start
HEARING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.execv(sys.argv[1], sys.argv[1:])
"""


def run_process(*arguments, **more):
    given = {"capture_output": True, "stdin": subprocess.DEVNULL, "timeout": SECONDS, **more}
    return subprocess.run([*COMMAND, *arguments], check=False, **given)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["spaces"], 0), (["evaluate", "pairs", "/nowhere"], 1), (["neighbors", "qeen"], 2), (["--version"], 0)],
)
def test_exit_status(arguments, status):
    ran = run_process(*arguments)
    assert ran.returncode == status
    assert bool(ran.stdout) is (status == 0)
    assert ran.stderr.count(b"\n") == (0 if status == 0 else 1)


def test_no_verb_and_no_terminal():
    ran = run_process()
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr.startswith(b"tui-embed: error: the app needs a terminal")
    assert b"neighbors" in ran.stderr
    assert ran.stderr.count(b"\n") == 1


def test_a_reader_that_leaves_early():
    with subprocess.Popen(
        [*COMMAND, "find", "a", "-k", "100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline().startswith(b"glove")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(SECONDS) == 0


@pytest.mark.parametrize("arguments", [["spaces"], ["spaces", "--json"], ["--help"], ["neighbors", "--help"]])
def test_a_reader_that_never_was(arguments):
    """What is printed fits the buffer, so that only the flush at the end finds the pipe closed."""
    reading, writing = os.pipe()
    os.close(reading)
    ran = run_process(*arguments, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_an_error_that_nobody_can_read():
    reading, writing = os.pipe()
    os.close(reading)
    ran = run_process("neighbors", "qeen", capture_output=False, stdout=subprocess.PIPE, stderr=writing)
    os.close(writing)
    assert (ran.returncode, ran.stdout) == (2, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams(closed):
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh"]
    ran = subprocess.run([*shell, *COMMAND, "params"], check=False, capture_output=True, timeout=SECONDS)
    assert (ran.returncode, ran.stderr) == (0, b"")


LOCALES = [
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict"},
    {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
]


@pytest.mark.parametrize("locale", LOCALES)
def test_output_is_utf8_whatever_the_locale(locale):
    environment = {**os.environ, **locale}
    text = "猫 é\n".encode()
    for arguments in (["tokenize", "-", "--json"], ["tokenize", "-"], ["row", "king"]):
        ran = run_process(*arguments, stdin=None, input=text, env=environment)
        assert (ran.returncode, ran.stderr) == (0, b"")
        shown = ran.stdout.decode("utf-8")
        if "--json" in arguments:
            assert json.loads(shown)["text"] == "猫 é\n"
    ran = run_process("neighbors", b"\xe7\x8c\xab\xff", env=environment)
    assert ran.returncode == 2
    assert ran.stderr.decode("utf-8").count("\n") == 1


def test_an_argument_that_is_no_utf8_is_json_all_the_same():
    ran = run_process("tokenize", b"a\xffb", "--json")
    assert json.loads(ran.stdout.decode("utf-8"))["text"] == "a\ufffdb"


def test_ctrl_c_ends_quietly():
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", HEARING, *COMMAND, "tokenize", "-"], **pipes) as process:
        # more than a pipe holds: when it is written, the command is reading
        process.stdin.write(b"x" * (1 << 20))
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_ctrl_c_ends_in_the_middle_of_a_long_product():
    """A step of it takes many seconds, and Python hears the key between two steps of its main thread only."""
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    arguments = ["statistics", "--space", "gpt3-init"]
    with subprocess.Popen([sys.executable, "-c", HEARING, *COMMAND, *arguments], **pipes) as process:
        time.sleep(3)
        assert process.poll() is None
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
        took = time.monotonic() - begun
    assert (process.returncode, out, err) == (130, b"", b"")
    assert took < 2


@pytest.mark.parametrize("texts", [["-"], ["a", "--against", "@"]])
def test_ctrl_c_ends_while_a_long_text_is_split(tmp_path, texts):
    folder = gpt2_folder(tmp_path / "small-gpt2")
    long = " the king sat on a river bank." * 300_000
    # the other text is an argument, of which the system takes no more than 128 KB: it is read in its place
    reading = "from tui_embed.cli import forward as verb; given = verb.text_as_given; "
    reading += "verb.text_as_given = lambda text: given(sys.stdin.read() if text == '@' else text); "
    starting = f"import sys; {reading}from tui_embed.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", starting, "forward", *texts, "--space", str(folder)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", HEARING, *command], **pipes) as process:
        process.stdin.write(long.encode())
        process.stdin.close()
        time.sleep(2.5)
        assert process.poll() is None
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=SECONDS)
        took = time.monotonic() - begun
        out, err = process.stdout.read(), process.stderr.read()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert took < 2
