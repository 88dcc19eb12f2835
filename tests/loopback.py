"""A web server on this machine that does what a test tells it to, and remembers what it was asked."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[["Answer"], None]

TRICKLE_SECONDS = 0.01


@dataclass(eq=False)
class Server:
    """Answers each request by the next of ``behaviours``, the last of them for ever."""

    url: str = ""
    behaviours: list[Behaviour] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    """Set at the end, so that an answer which stalls comes back."""
    started: threading.Event = field(default_factory=threading.Event)
    """Set when the first bytes of an answer are on their way."""

    @property
    def ranges(self) -> list[str | None]:
        """The Range that each request asked for."""
        return [request.get("Range") for request in self.requests]


@dataclass(eq=False)
class Answer:
    """One request to be answered."""

    handler: BaseHTTPRequestHandler
    server: Server

    @property
    def asked(self) -> dict[str, str]:
        return dict(self.handler.headers.items())

    def head(self, status: int, **headers: object) -> None:
        """Status line and headers; underscores in names are dashes."""
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), str(value))
        self.handler.end_headers()

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()
        self.server.started.set()

    def hang_up(self) -> None:
        self.handler.close_connection = True


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[Server]:
    """A server with these behaviours; every connection is closed at the end."""
    state = Server(behaviours=list(behaviours))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.requests.append(dict(self.headers.items()))
            behaviour = state.behaviours.pop(0) if len(state.behaviours) > 1 else state.behaviours[0]
            try:
                behaviour(Answer(self, state))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/vectors.txt"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def whole(content: bytes, etag: str = '"v1"', ranges: bool = True) -> Behaviour:
    """The file as a good server gives it, with ranges if it does them."""
    return part_of(content, len(content), etag, ranges)


def part_of(content: bytes, up_to: int, etag: str = '"v1"', ranges: bool = True) -> Behaviour:
    """As ``whole``, but the connection ends at byte ``up_to`` of the file."""

    def answer(to: Answer) -> None:
        start = _start(to, etag) if ranges else 0
        _head(to, content, start, etag)
        to.send(content[start:up_to])
        if up_to < len(content):
            to.hang_up()

    return answer


def stalling(content: bytes, after: int, etag: str = '"v1"') -> Behaviour:
    """Silence after byte ``after``, until the test is over."""

    def answer(to: Answer) -> None:
        start = _start(to, etag)
        _head(to, content, start, etag)
        to.send(content[start:after])
        to.server.over.wait()
        to.hang_up()

    return answer


def trickling(content: bytes) -> Behaviour:
    """A byte at a time, for ever so long."""

    def answer(to: Answer) -> None:
        _head(to, content, 0, '"v1"')
        for byte in content:
            to.send(bytes([byte]))
            if to.server.over.is_set():
                return
            time.sleep(TRICKLE_SECONDS)

    return answer


def redirecting(location: str, status: int = 302) -> Behaviour:
    return lambda to: to.head(status, Location=location, Content_Length=0)


def saying(status: int, body: bytes = b"", **headers: object) -> Behaviour:
    """An answer with these headers; a body of another length than they say ends the connection."""

    def answer(to: Answer) -> None:
        to.head(status, **{"Content_Length": len(body), **headers})
        to.send(body)
        to.hang_up()

    return answer


def chunked(body: bytes, **headers: object) -> Behaviour:
    """An answer of a length that only its end tells."""

    def answer(to: Answer) -> None:
        to.head(200, Transfer_Encoding="chunked", **headers)
        for start in range(0, len(body), 1000):
            piece = body[start : start + 1000]
            to.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        to.send(b"0\r\n\r\n")

    return answer


def _start(to: Answer, etag: str) -> int:
    """Where the request wants the file to begin; 0 where it is for another version."""
    wanted = to.asked.get("Range", "")
    if not wanted or to.asked.get("If-Range", etag) != etag:
        return 0
    return int(wanted.removeprefix("bytes=").removesuffix("-"))


def _head(to: Answer, content: bytes, start: int, etag: str) -> None:
    headers: dict[str, object] = {"Content_Length": len(content) - start}
    if etag:
        headers["ETag"] = etag
    if start:
        headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
    to.head(206 if start else 200, **headers)
