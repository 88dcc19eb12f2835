"""The process behind one browser: the app, drawn into a pipe."""

import os
import sys
import threading
from collections.abc import Sequence

from tui_embed.errors import TuiEmbedError

POLL_SECONDS = 1.0


def main(arguments: Sequence[str]) -> int:
    """Run the app with the settings that the command line ``arguments`` give. What goes wrong is in a report:
    nothing of it may reach the terminal that the server runs in.
    """
    _watch_server()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    from tui_embed.cli.main import build_parser
    from tui_embed.cli.space import settings_of
    from tui_embed.tui.app import run_app

    options = build_parser().parse_args(list(arguments))
    try:
        return run_app(settings_of(options), options.app_text)
    except TuiEmbedError as error:
        return error.exit_status


def _watch_server() -> None:
    """End when the server is gone, however it went: nobody would ever see this app again."""
    server = int(os.environ.get("TUI_EMBED_SERVER", "0"))

    def watch() -> None:
        pause = threading.Event()
        while not pause.wait(POLL_SECONDS):
            if os.getppid() != server:
                os._exit(1)

    if server:
        threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
