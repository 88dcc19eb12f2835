"""Asking a server for a file, or for the rest of one: over https alone, and never for more than it is."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin, urlsplit

from tui_embed.errors import TuiEmbedError

if TYPE_CHECKING:
    import requests

CHUNK_BYTES = 1 << 16
AGAIN = "fetch it again: it goes on where it stopped"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
NOT_FROM_THERE = (
    HTTPStatus.PARTIAL_CONTENT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
)
"""Answers to a range that say: ask for the whole."""

RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to wait for a connection and for the next bytes; redirects to follow; how often a connection
    that broke is tried anew while each brings something, and the seconds between.
    """

    connect: float = 15.0
    read: float = 30.0
    redirects: int = 5
    tries: int = 5
    pause: float = 1.0


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted: exactly ``size`` bytes from ``url``. ``loopback`` allows plain http to this machine."""

    url: str
    size: int
    loopback: bool = False


class BrokenOffError(TuiEmbedError):
    """The connection ended before the file did."""


@dataclass(frozen=True, slots=True)
class Version:
    """Bytes from ``at`` on, of the version that the server tells from others by ``validator``."""

    at: int
    validator: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of ``version``; the first piece of an answer is empty, and says where the others belong."""

    version: Version
    data: bytes = b""


def exchange(target: Target, wanted: Version, limits: Limits) -> Generator[Piece, None, None]:
    """The file's bytes from ``wanted`` on if the server can do that, else from 0, as they come."""
    import requests
    from urllib3.exceptions import HTTPError

    host = _host(target.url)
    try:
        with requests.Session() as session:
            response, version = _answer(session, target, wanted, limits)
            with response:
                host = _host(response.url)
                yield Piece(version)
                while data := response.raw.read1(CHUNK_BYTES, decode_content=False):
                    yield Piece(version, data)
    except (requests.RequestException, HTTPError, OSError) as error:
        _fail(error, host, limits)


def _answer(
    session: "requests.Session", target: Target, wanted: Version, limits: Limits
) -> "tuple[requests.Response, Version]":
    """A response that brings bytes of the file, from ``wanted`` on if it can."""
    if wanted.at:
        response = _follow(session, target, _range_headers(wanted), limits)
        if _continues(response, wanted, target):
            return response, wanted
        if response.status_code not in NOT_FROM_THERE:
            return response, _whole(response, target)
        response.close()
    response = _follow(session, target, {}, limits)
    return response, _whole(response, target)


def _continues(response: "requests.Response", wanted: Version, target: Target) -> bool:
    """Whether an answer brings the bytes that are missing, of the version that they are missing from."""
    found = RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (
        response.status_code == HTTPStatus.PARTIAL_CONTENT
        and found is not None
        and int(found[1]) == wanted.at
        and found[2] in (str(target.size), "*")
        and _validator(response) == wanted.validator
    )


def _whole(response: "requests.Response", target: Target) -> Version:
    """The version that an answer brings whole. TuiEmbedError for one that brings something else."""
    length = response.headers.get("Content-Length", "")
    problem = None
    if response.status_code != HTTPStatus.OK:
        status = f"{response.status_code} {response.reason or ''}".strip()
        problem = TuiEmbedError(f"{_host(response.url)} answers {status[:80]}")
    elif length.isdecimal() and int(length) != target.size:
        problem = another_file(target, f"{int(length):,} bytes{_kind(response)}")
    elif not length and response.headers.get("Content-Type", "").startswith("text/html"):
        problem = another_file(target, f"something{_kind(response)}")
    if problem is not None:
        response.close()
        raise problem
    return Version(0, _validator(response))


def _follow(
    session: "requests.Session", target: Target, headers: dict[str, str], limits: Limits
) -> "requests.Response":
    """The response at the end of all redirects."""
    url = target.url
    for _ in range(limits.redirects + 1):
        _check_safe(url, target)
        response = session.get(
            url,
            # the bytes as they are kept, so that a part of them can be continued
            headers={"Accept-Encoding": "identity", "User-Agent": "tui-embed", **headers},
            timeout=(limits.connect, limits.read),
            stream=True,
            allow_redirects=False,
            # nobody's .netrc goes along
            auth=lambda request: request,
        )
        if not response.is_redirect:
            return response
        response.close()
        url = urljoin(url, response.headers["Location"])
    raise TuiEmbedError(f"{_host(target.url)} redirects more than {limits.redirects} times")


def _check_safe(url: str, target: Target) -> None:
    parts = urlsplit(url)
    allowed = target.loopback and parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts.scheme == "https" or allowed:
        return
    raise TuiEmbedError(f"{_host(target.url)} leads to {url[:80]}, which is not https")


def _range_headers(wanted: Version) -> dict[str, str]:
    condition = {"If-Range": wanted.validator} if wanted.validator else {}
    return {"Range": f"bytes={wanted.at}-", **condition}


def _validator(response: "requests.Response") -> str:
    """What tells this version of the file from others, as If-Range takes it: a weak ETag does not."""
    etag: str = response.headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    modified: str = response.headers.get("Last-Modified", "")
    return modified


def _fail(error: Exception, host: str, limits: Limits) -> NoReturn:
    """What went wrong on the way, in one line."""
    import requests
    from urllib3.exceptions import ReadTimeoutError

    if isinstance(error, requests.ConnectTimeout):
        raise TuiEmbedError(f"{host} does not answer within {limits.connect:g} s", AGAIN) from None
    if isinstance(error, requests.ReadTimeout | ReadTimeoutError | TimeoutError):
        raise TuiEmbedError(f"{host} has sent nothing for {limits.read:g} s", AGAIN) from None
    if isinstance(error, requests.exceptions.SSLError):
        raise TuiEmbedError(f"no safe connection to {host}: {_reason(error)}") from None
    if isinstance(error, requests.ConnectionError):
        raise TuiEmbedError(f"no connection to {host}: {_reason(error)}", "is there a network?") from None
    if isinstance(error, requests.RequestException):
        raise TuiEmbedError(f"{host} cannot be asked: {_reason(error)}") from None
    raise BrokenOffError(f"the connection to {host} broke: {_reason(error)}", AGAIN) from None


def _reason(error: BaseException) -> str:
    """What the innermost of nested errors says."""
    inner: object = error
    while isinstance(inner, BaseException):
        error = inner
        inner = getattr(error, "reason", None) or next(
            (given for given in reversed(error.args) if isinstance(given, BaseException)), None
        )
    text = str(error).rpartition(": ")[2] or type(error).__name__
    return " ".join(text.split())[:120]


def broken_off(target: Target, where: str) -> BrokenOffError:
    return BrokenOffError(f"the connection to {_host(target.url)} ended {where}", AGAIN)


def another_file(target: Target, found: str) -> TuiEmbedError:
    return TuiEmbedError(
        f"{_host(target.url)} sends {found} where {target.size:,} bytes were published",
        "another file lies there by now, or something on the way answers in its place",
    )


def _kind(response: "requests.Response") -> str:
    """What the server says of an unexpected answer, to be read after what it is."""
    said = [
        response.headers.get("Content-Type", "").partition(";")[0],
        response.headers.get("Content-Encoding", ""),
    ]
    kinds = ", ".join(kind[:40] for kind in said if kind)
    return f" ({kinds})" if kinds else ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url)[:80]
