"""Downloads from a server that stalls, cuts, lies and redirects."""

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import (
    Behaviour,
    Server,
    chunked,
    part_of,
    redirecting,
    saying,
    serving,
    stalling,
    trickling,
    whole,
)

from tui_embed.engine.cancel import CancelToken, no_progress
from tui_embed.errors import CancelledError, TuiEmbedError
from tui_embed.sources.fetch.http_exchange import BrokenOffError, Limits, Target
from tui_embed.sources.fetch.http_transport import download

CONTENT = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(10_000))
SIZE = len(CONTENT)
QUICK = Limits(connect=5, read=0.3, pause=0.0)
PATIENT = Limits(connect=5, read=60)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "vectors.part"


def fetch(server: Server, part: Path, size: int = SIZE, limits: Limits = QUICK, progress=no_progress) -> None:
    download(Target(server.url, size, loopback=True), part, CancelToken(), progress, limits)


def refused(part: Path, *behaviours: Behaviour, size: int = SIZE, limits: Limits = QUICK) -> TuiEmbedError:
    """What is said of a server that does this."""
    with serving(*behaviours) as server, pytest.raises(TuiEmbedError) as caught:
        fetch(server, part, size, limits)
    line = str(caught.value)
    assert len(line) < 300
    assert "\n" not in line
    assert "127.0.0.1" in line
    return caught.value


def test_a_whole_file_comes_and_its_bytes_are_counted(part):
    counted: list[tuple[int, int]] = []
    with serving(whole(CONTENT)) as server:
        fetch(server, part, progress=lambda done, total: counted.append((done, total)))
    assert part.read_bytes() == CONTENT
    assert counted == sorted(counted)
    assert counted[-1] == (SIZE, SIZE)
    assert server.ranges == [None]
    assert server.requests[0]["Accept-Encoding"] == "identity"
    assert "Authorization" not in server.requests[0]


def test_a_connection_that_breaks_is_continued(part):
    breaks = [part_of(CONTENT, at) for at in (1000, 1001, 200_000)]
    with serving(*breaks, whole(CONTENT)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-", "bytes=1001-", "bytes=200000-"]
    assert [request.get("If-Range") for request in server.requests] == [None, '"v1"', '"v1"', '"v1"']


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, SIZE - 1), max_size=4, unique=True).map(sorted))
def test_wherever_it_breaks_it_becomes_whole(part, breaks):
    part.unlink(missing_ok=True)
    with serving(*[part_of(CONTENT, at) for at in breaks], whole(CONTENT)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [None, *(f"bytes={at}-" for at in breaks)]


@pytest.mark.parametrize("at", [1, 65_536, SIZE - 1])
def test_what_was_brought_before_is_continued_by_a_later_call(part, at):
    assert isinstance(refused(part, part_of(CONTENT, at), limits=Limits(tries=1)), BrokenOffError)
    assert part.read_bytes() == CONTENT[:at]
    with serving(whole(CONTENT)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={at}-"]


def test_a_server_that_never_gets_further_is_given_up(part):
    error = refused(part, part_of(CONTENT, 1000))
    assert isinstance(error, BrokenOffError)
    assert "goes on where it stopped" in error.hint
    assert part.read_bytes() == CONTENT[:1000]


def test_a_file_that_is_whole_is_not_asked_for(part):
    part.write_bytes(CONTENT)
    with serving(saying(500)) as server:
        fetch(server, part)
    assert server.requests == []


def test_a_part_that_is_too_long_is_begun_anew(part):
    part.write_bytes(CONTENT + b"x")
    with serving(whole(CONTENT)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_a_server_without_ranges_begins_anew(part):
    refused(part, part_of(CONTENT, 5000), limits=Limits(tries=1))
    with serving(whole(CONTENT, ranges=False)) as server:
        fetch(server, part)
    assert server.ranges == ["bytes=5000-"]
    assert part.read_bytes() == CONTENT


def test_another_version_begins_anew(part):
    changed = CONTENT[::-1]
    refused(part, part_of(CONTENT, 5000), limits=Limits(tries=1))
    with serving(whole(changed, etag='"v2"')) as server:
        fetch(server, part)
    assert part.read_bytes() == changed
    assert server.requests[0]["If-Range"] == '"v1"'


def test_a_part_of_another_version_is_not_believed(part):
    """A server that does not know If-Range sends a part of a file that has changed."""
    changed = CONTENT[::-1]
    refused(part, part_of(CONTENT, 5000), limits=Limits(tries=1))

    def ignoring(to):
        to.head(206, Content_Length=SIZE - 5000, ETag='"v2"', Content_Range=f"bytes 5000-{SIZE - 1}/{SIZE}")
        to.send(changed[5000:])

    with serving(ignoring, whole(changed, etag='"v2"')) as server:
        fetch(server, part)
    assert part.read_bytes() == changed
    assert server.ranges == ["bytes=5000-", None]


@pytest.mark.parametrize("given", ["bytes 0-99/320000", "bytes 5000-99/7", "pages 1-2/3", ""])
def test_a_part_from_another_place_is_not_believed(part, given):
    refused(part, part_of(CONTENT, 5000), limits=Limits(tries=1))
    lie = saying(206, CONTENT[:100], ETag='"v1"', **({"Content_Range": given} if given else {}))
    with serving(lie, whole(CONTENT)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT


def test_a_range_that_cannot_be_had_begins_anew(part):
    refused(part, part_of(CONTENT, 5000), limits=Limits(tries=1))
    with serving(saying(416, Content_Range=f"bytes */{SIZE}"), whole(CONTENT)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_a_server_that_names_no_version_is_continued_without_a_condition(part, etag):
    refused(part, part_of(CONTENT, 5000, etag=etag), limits=Limits(tries=1))
    with serving(whole(CONTENT, etag=etag)) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert "If-Range" not in server.requests[0]
    assert server.ranges == ["bytes=5000-"]


def test_a_stall_ends_in_a_line_and_keeps_the_part(part):
    error = refused(part, stalling(CONTENT, 100_000))
    assert "has sent nothing for 0.3 s" in error.message
    assert part.read_bytes() == CONTENT[:100_000]


def test_a_server_that_never_answers_ends_in_a_line(part):
    error = refused(part, lambda to: to.server.over.wait() and None)
    assert "has sent nothing for 0.3 s" in error.message


def test_nobody_there_is_one_line(part):
    with serving(whole(CONTENT)) as server:
        url = server.url
    with pytest.raises(TuiEmbedError, match=r"no connection to 127\.0\.0\.1: .*refused") as caught:
        download(Target(url, SIZE, loopback=True), part, CancelToken(), no_progress, QUICK)
    assert "network" in caught.value.hint


@pytest.mark.parametrize("behaviour", [stalling(CONTENT, 1000), trickling(CONTENT)], ids=["stall", "trickle"])
def test_cancelling_stops_at_once_and_keeps_the_part(part, behaviour):
    cancel, raised = CancelToken(), threading.Event()
    came = threading.Event()

    def run() -> None:
        target = Target(server.url, SIZE, loopback=True)
        with pytest.raises(CancelledError):
            download(target, part, cancel, lambda *_: came.set(), PATIENT)
        raised.set()

    with serving(behaviour) as server:
        thread = threading.Thread(target=run)
        thread.start()
        assert came.wait(30)
        cancel.cancel()
        # the server is silent for longer than this: only the cancelling can end it
        assert raised.wait(10)
        thread.join()
    assert 0 < part.stat().st_size < SIZE
    assert CONTENT.startswith(part.read_bytes())


def test_cancelling_before_the_answer_stops_at_once(part):
    """Waiting the server out would end in another error, a minute later."""
    cancel = CancelToken()
    with serving(lambda to: to.server.over.wait() and None) as server:
        threading.Timer(0.1, cancel.cancel).start()
        with pytest.raises(CancelledError):
            download(Target(server.url, SIZE, loopback=True), part, cancel, no_progress, PATIENT)


def test_more_bytes_than_were_published_are_not_taken(part):
    error = refused(part, chunked(CONTENT + b"more"))
    assert f"more than {SIZE:,} bytes" in error.message
    assert part.stat().st_size <= SIZE


def test_fewer_bytes_than_were_published_are_a_break(part):
    assert isinstance(refused(part, chunked(CONTENT[:-1], ETag='"v1"')), TuiEmbedError)
    assert part.read_bytes() == CONTENT[:-1]


def test_a_length_of_another_file_is_refused_before_anything_comes(part):
    part.write_bytes(CONTENT[:10])
    error = refused(part, saying(200, b"x" * 50, Content_Type="text/html; charset=utf-8"))
    assert "sends 50 bytes (text/html) where 320,000 bytes were published" in error.message
    assert part.read_bytes() == CONTENT[:10]


def test_a_page_in_place_of_data_is_refused(part):
    page = b"<html>Sign in to this network</html>"
    error = refused(part, chunked(page, Content_Type="text/html"))
    assert "text/html" in error.message
    assert "in its place" in error.hint
    assert not part.exists()


def test_packing_on_the_way_is_not_taken_for_the_file(part):
    import gzip

    packed = gzip.compress(CONTENT)
    error = refused(part, saying(200, packed, Content_Encoding="gzip", Content_Type="text/plain"))
    assert "(text/plain, gzip)" in error.message


def test_a_file_that_is_itself_packed_comes_as_it_is(part):
    """Servers declare a .gz as the encoding of what is in it: the bytes that were published are the .gz."""
    with serving(saying(200, CONTENT, Content_Encoding="gzip")) as server:
        fetch(server, part)
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_a_status_is_said(part, status):
    assert f"answers {status} " in refused(part, saying(status, b"<html>no</html>")).message
    assert not part.exists()


def test_redirects_are_followed(part):
    with serving() as server:
        server.behaviours = [
            redirecting("/elsewhere", 301),
            redirecting(server.url + "?signed=1", 307),
            whole(CONTENT),
        ]
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert len(server.requests) == 3


def test_a_redirect_is_followed_anew_for_the_rest(part):
    """Signed addresses of storage end: the published address is asked each time."""
    with serving() as server:
        server.behaviours = [
            redirecting("/one"),
            part_of(CONTENT, 1000),
            redirecting("/two"),
            whole(CONTENT),
        ]
        fetch(server, part)
    assert part.read_bytes() == CONTENT
    assert server.ranges == [None, None, "bytes=1000-", "bytes=1000-"]


def test_redirects_in_a_circle_end(part):
    with serving(redirecting("/vectors.txt")) as server:
        with pytest.raises(TuiEmbedError, match="redirects more than 5 times"):
            fetch(server, part)
        assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_only_https_is_followed(part, location):
    error = refused(part, redirecting(location))
    assert f"leads to {location}, which is not https" in error.message


def test_plain_http_is_refused_unless_it_is_allowed(part):
    with serving(whole(CONTENT)) as server, pytest.raises(TuiEmbedError, match="not https"):
        download(Target(server.url, SIZE), part, CancelToken(), no_progress, QUICK)
    assert server.requests == []


def test_no_credentials_go_along(part, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(whole(CONTENT)) as server:
        fetch(server, part)
    assert "Authorization" not in server.requests[0]
