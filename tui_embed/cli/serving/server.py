"""The server of the app in a browser, by textual-serve, for this machine unless it is told otherwise.

Who knows the address with its token may do what the app may do: open and write files of the user. So the
token is asked for wherever something is shown or typed, compared in constant time, and never sent on, since
the page refers to nothing elsewhere. A page of another site can neither read the socket nor open one: the
names that the browser gives for itself (Origin) and for this server (Host) are held against the address.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.download_manager import DownloadManager
from textual_serve.server import Server

from tui_embed.cli.serving.session import Session

TOKEN_BYTES = 24
MOST_MESSAGE = 1 << 20
WIDEST = 1000
LOOPBACK = ("127.0.0.1", "localhost", "::1")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the app is served, and the token that opens it."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES))

    @property
    def names(self) -> frozenset[str]:
        """What a browser may call this server."""
        hosts = {self.host, *(LOOPBACK if self.host in LOOPBACK else ())}
        return frozenset(f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}" for host in hosts)

    @property
    def base(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.base}/?token={self.token}"


class AppServer(Server):
    """Serves at most ``most`` sessions at a time, each the app with the command line's ``arguments``."""

    def __init__(self, address: Address, arguments: Sequence[str], most: int) -> None:
        super().__init__("tui-embed", address.host, address.port, public_url=address.base)
        self.address = address
        self.most = most
        self._arguments = list(arguments)
        self._open: set[web.WebSocketResponse] = set()
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
        if request.headers.get("Host") not in self.address.names:
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
        return secrets.compare_digest(given.encode(), self.address.token.encode())

    async def _index(self, request: web.Request) -> web.Response:
        socket = f"ws://{request.headers['Host']}/ws/{self.address.token}"
        size = request.query.get("fontsize", "16")
        size = size if size.isascii() and size.isdigit() and 6 <= int(size[:3]) <= 60 else "16"
        page = self._page.replace("{{ socket }}", socket).replace("{{ font_size }}", size)
        return web.Response(text=page, content_type="text/html")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin.removeprefix("http://") not in self.address.names or not origin.startswith("http://"):
            raise web.HTTPForbidden(text="a page of another site\n")
        if len(self._open) >= self.most:
            raise web.HTTPServiceUnavailable(text=f"all {self.most} sessions are taken\n")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=MOST_MESSAGE)
        self._open.add(socket)
        try:
            await socket.prepare(request)
            await self._serve_session(socket, _side(request, "width", 80), _side(request, "height", 24))
        finally:
            self._open.discard(socket)
        return socket

    async def _serve_session(self, socket: web.WebSocketResponse, width: int, height: int) -> None:
        session = Session(
            self._arguments,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=DownloadManager(),
        )
        await session.start(width, height)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT and not await _handle(session, socket, message.data):
                    break
        finally:
            # also where this task is cancelled: the process must be gone before it ends
            await asyncio.shield(session.stop())
            with suppress(ConnectionError):
                await socket.close()

    async def _close_all(self, _: web.Application) -> None:
        for socket in list(self._open):
            await socket.close(code=1001, message=b"the server ends")


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
