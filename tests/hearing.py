"""Programs that hear the signals which the tests themselves may have been told to ignore."""

import sys
from collections.abc import Sequence

# what is started under nohup ignores SIGHUP, what a script puts in the background SIGINT, and so would be
# what the tests start
_HEARING = """
import os, signal, sys
for number in (signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def hearing(command: Sequence[str]) -> list[str]:
    """``command`` with SIGHUP and SIGINT as they are in a terminal."""
    return [sys.executable, "-c", _HEARING, *command]
