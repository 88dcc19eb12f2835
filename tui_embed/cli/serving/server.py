"""The server of the app in a browser, by textual-serve, for this machine unless it is told otherwise.

Who knows the address with its token may do what the app may do: open and write files of the user. So the
token is asked for wherever something is shown or typed, compared in constant time, and never sent on, since
the page refers to nothing elsewhere. A page of another site can neither read the socket nor open one: the
names that the browser gives for itself (Origin) and for this server (Host) are held against the address.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.download_manager import DownloadManager
from textual_serve.server import Server

from tui_embed.cli.serving.address import Address
from tui_embed.cli.serving.session import Session

MOST_MESSAGE = 1 << 20
WIDEST = 1000
CLOSE_SECONDS = 2.0
"""How long a browser may take to agree that the session is over."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AppServer(Server):
    """Serves at most ``most`` sessions at a time, each the app with the command line's ``arguments``."""

    def __init__(self, address: Address, arguments: Sequence[str], most: int) -> None:
        super().__init__("tui-embed", address.host, address.port, public_url=address.base)
        self.address = address
        self.most = most
        self._arguments = list(arguments)
        self._open: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._page = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")

    def application(self) -> web.Application:
        """The routes, each behind the checks that it needs."""
        app = web.Application(middlewares=[self._checked], client_max_size=MOST_MESSAGE)
        app.router.add_get("/", self._index)
        app.router.add_get("/ws/{token}", self._socket)
        app.router.add_static("/static", self.statics_path)
        app.on_shutdown.append(self._close_all)
        return app

    @web.middleware
    async def _checked(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self.address.is_called(request.headers.get("Host", "")):
            raise web.HTTPForbidden(text="another name than that of this server\n")
        if not request.path.startswith("/static/") and not self._is_allowed(request):
            raise web.HTTPForbidden(text="the token is missing or wrong: open the address that was printed\n")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def _is_allowed(self, request: web.Request) -> bool:
        # the library's script puts a query of its own behind the socket's address
        given = request.match_info.get("token") or request.query.get("token", "")
        return secrets.compare_digest(given.encode("utf-8", "replace"), self.address.token.encode())

    async def _index(self, request: web.Request) -> web.Response:
        socket = f"ws://{request.headers['Host']}/ws/{self.address.token}"
        size = request.query.get("fontsize", "16")
        size = size if size.isascii() and size.isdigit() and 6 <= int(size[:3]) <= 60 else "16"
        page = self._page.replace("{{ socket }}", socket).replace("{{ font_size }}", size)
        return web.Response(text=page, content_type="text/html")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        scheme, _, origin = request.headers.get("Origin", "").partition("://")
        if scheme != "http" or not self.address.is_called(origin):
            raise web.HTTPForbidden(text="a page of another site\n")
        if len(self._open) >= self.most:
            raise web.HTTPServiceUnavailable(text=f"all {self.most} sessions are taken\n")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=MOST_MESSAGE)
        self._open[socket] = request.transport
        try:
            await socket.prepare(request)
            await self._serve_session(socket, _side(request, "width", 80), _side(request, "height", 24))
        finally:
            del self._open[socket]
        return socket

    async def _serve_session(self, socket: web.WebSocketResponse, width: int, height: int) -> None:
        """Serve until the browser leaves or the app ends, whichever is first; the other then ends too."""
        hang_up = partial(_hang_up, socket, self._open[socket])
        session = Session(
            self._arguments,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=hang_up,
            download_manager=DownloadManager(),
        )
        try:
            await session.start(width, height)
            await _until_one_ends(_obey(session, socket), session.ended())
        finally:
            # also where this task is cancelled: the process must be gone before it ends
            await asyncio.shield(_end(session, hang_up))

    async def _close_all(self, _: web.Application) -> None:
        ending = partial(_hang_up, code=1001, message=b"the server ends")
        await asyncio.gather(*(ending(socket, line) for socket, line in self._open.items()))


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _end(session: Session, hang_up: Callable[[], Awaitable[None]]) -> None:
    # the browser first: what the app still draws would wait for one that does not read
    await hang_up()
    await session.stop()


async def _hang_up(
    socket: web.WebSocketResponse,
    line: asyncio.Transport | None,
    *,
    code: int = 1000,
    message: bytes = b"",
) -> None:
    """Close the socket; where the browser does not read, cut its line: it would be waited for without end."""
    # whatever goes wrong in it, the line is closed then
    closing = asyncio.gather(socket.close(code=code, message=message), return_exceptions=True)
    _, late = await asyncio.wait([closing], timeout=CLOSE_SECONDS)
    if line is not None and (late or not socket.prepared or line.get_write_buffer_size()):
        line.abort()
    await asyncio.wait([closing])


async def _obey(session: Session, socket: web.WebSocketResponse) -> None:
    """Do what the messages ask until the browser leaves, or sends one that no page of ours sends."""
    async for message in socket:
        if message.type == WSMsgType.TEXT and not await _handle(session, socket, message.data):
            break


async def _handle(session: Session, socket: web.WebSocketResponse, text: str) -> bool:
    """Do what a message asks; False for one that no page of ours sends."""
    try:
        kind, *rest = json.loads(text)
        if kind == "stdin" and isinstance(rest[0], str):
            await session.send_bytes(rest[0].encode("utf-8", "replace"))
        elif kind == "resize":
            width, height = rest[0]["width"], rest[0]["height"]
            if not all(type(side) is int and 0 < side <= WIDEST for side in (width, height)):
                return False
            await session.set_terminal_size(width, height)
        elif kind == "ping":
            await socket.send_json(["pong", rest[0]])
        elif kind in ("blur", "focus"):
            await (session.blur() if kind == "blur" else session.focus())
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return False
    return True


def _side(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return min(WIDEST, max(1, int(text))) if is_number else default


_HEADERS: dict[str, Any] = {
    "Content-Security-Policy": "; ".join(
        (
            *("default-src 'self'", "style-src 'self' 'unsafe-inline'", "connect-src 'self'"),
            *("img-src 'self' data:", "font-src 'self' data:", "frame-ancestors 'none'"),
            *("form-action 'none'", "base-uri 'none'"),
        )
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
