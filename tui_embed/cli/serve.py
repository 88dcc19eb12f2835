"""``tui-embed serve``: the app in a browser."""

import asyncio
import signal
import socket
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tui_embed.cli import output, streams
from tui_embed.cli.parser import add_json, add_space, integer
from tui_embed.cli.space import opened, settings_of
from tui_embed.errors import TuiEmbedError, UsageError
from tui_embed.optional import require
from tui_embed.printable import printable

if TYPE_CHECKING:
    from tui_embed.cli.serving.address import Address
    from tui_embed.cli.serving.server import AppServer

EXAMPLES = """
tui-embed serve
tui-embed serve --port 8080 --space minilm
ssh -L 8080:127.0.0.1:8080 far tui-embed serve --port 8080
"""

LOOPBACK_ONLY = "127.0.0.1"
NAME_ONE = "name the one address of this machine that browsers are to open"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        default=LOOPBACK_ONLY,
        metavar="H",
        help="the one address or name of this machine to listen on, and that browsers open (default: "
        f"{LOOPBACK_ONLY}, so that this machine alone can connect)",
    )
    parser.add_argument(
        "--port", type=integer, default=0, metavar="N", help="the port (default: any free one)"
    )
    parser.add_argument(
        "--most", type=integer, default=4, metavar="N", help="how many sessions at a time (default: 4)"
    )
    add_space(parser)
    add_json(parser)


def run(options: Namespace) -> None:
    if not 0 <= options.port < 1 << 16:
        raise UsageError(f"there is no port {options.port}", "ports are 1 … 65535")
    if options.most < 1:
        raise UsageError(f"--most is {options.most}", "at least one session")
    settings = settings_of(options)
    if options.space is not None:
        # a space that is not there is told here, not to each browser
        opened(settings)
    require("textual_serve", "web")
    from tui_embed.cli.serving.server import AppServer

    listening, address = _listening(options.host, options.port)
    if not address.is_loopback:
        streams.say("whoever reads the network reads the token: use ssh -L where you do not trust it")
    _tell(address.url, options)
    asyncio.run(_serve(AppServer(address, _arguments(options), options.most), listening))


def _arguments(options: Namespace) -> list[str]:
    """The options of the space, for the app behind each session."""
    given = [("--space", options.space), ("--seed", options.seed), ("--init", options.init)]
    found = [part for name, value in given if value is not None for part in (name, str(value))]
    return [*found, *(["--no-cache"] if options.cache is False else [])]


def _listening(host: str, port: int) -> tuple[socket.socket, "Address"]:
    """A socket that listens, and its address. UsageError for a host that is no name, or all addresses at
    once; TuiEmbedError where the system refuses it.
    """
    from tui_embed.cli.serving.address import Address

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        # an empty name would be every address
        listening.bind((_named(host), port))
        address = Address(host, *listening.getsockname()[:2])
        if address.is_wildcard:
            raise UsageError(f"--host {printable(host)} is every address of this machine", NAME_ONE)
        # from now on a browser that is quick waits, rather than being refused
        listening.listen()
    except OSError as error:
        listening.close()
        reason = (error.strerror or str(error)).lower()
        raise TuiEmbedError(
            f"{printable(host)}, port {port}: {reason}", "name another --port or --host"
        ) from None
    except UsageError:
        listening.close()
        raise
    return listening, address


def _named(host: str) -> str:
    """The host, where it can be a name at all; else UsageError."""
    try:
        is_name = bool(host.encode("idna")) and host.isprintable()
    except UnicodeError:
        is_name = False
    if not is_name:
        raise UsageError(f"--host “{printable(host)}” is no name or address", NAME_ONE)
    return host


def _tell(url: str, options: Namespace) -> None:
    if options.json:
        output.print_json({"url": url, "most": options.most})
    else:
        print(f"open {url}")
        print("whoever has this address can do what you can do here; Ctrl+C ends it")
    streams.flush()


async def _serve(server: "AppServer", listening: socket.socket) -> None:
    """Serve until a signal asks to end."""
    from aiohttp import web

    from tui_embed.cli.serving.faults import say_in_one_line

    say_in_one_line()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # what is ignored from outside, as under nohup, stays so
        if signal.getsignal(number) != signal.SIG_IGN:
            loop.add_signal_handler(number, ended.set)
    runner = web.AppRunner(server.application(), handle_signals=False, access_log=None, shutdown_timeout=8.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        await ended.wait()
    finally:
        await runner.cleanup()
