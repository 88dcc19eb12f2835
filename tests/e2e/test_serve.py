"""The app in a browser: who may connect, who may not, and that nothing is left behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from e2e.browser import browser
from e2e.terminal import ROOT, environment_in
from hearing import hearing

from tui_embed.cli.serving import server
from tui_embed.cli.serving.address import Address

SECONDS = 60.0


@contextmanager
def serving(folder, *arguments, before=()):
    """The server in a process of its own, and its address."""
    command = hearing([*before, sys.executable, "-m", "tui_embed", "serve", "--json", *arguments])
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment_in(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield process, json.loads(line)["url"]
    finally:
        process.kill()
        process.communicate()


def socket_of(url):
    return url.replace("http://", "ws://").replace("/?token=", "/ws/") + "?width=120&height=40"


def origin_of(url):
    return url.partition("/?")[0]


def children_of(process):
    """The processes behind the sessions of a server."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and b"tui_embed.cli.serving.child" in (entry / "cmdline").read_bytes():
                status = (entry / "status").read_text()
                if f"TUI_EMBED_SERVER={process.pid}" in (entry / "environ").read_text(errors="replace"):
                    found += [] if "State:\tZ" in status else [int(entry.name)]
        except OSError:
            continue
    return found


async def connected(client, url, headers):
    """A session, as soon as there is room for one."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                return await client.ws_connect(socket_of(url), headers=headers)
            except aiohttp.WSServerHandshakeError as error:
                if error.status != 503:
                    raise
                await asyncio.sleep(0.05)


async def child_of(process):
    async with asyncio.timeout(SECONDS):
        while not (found := children_of(process)):
            await asyncio.sleep(0.05)
    return found[0]


async def closed(socket):
    async with asyncio.timeout(10):
        async for _ in socket:
            pass


async def gone(process):
    deadline = time.monotonic() + 15
    while children_of(process):
        assert time.monotonic() < deadline, "a session's process is still there"
        await asyncio.sleep(0.05)


async def drawn(socket, wanted):
    """What is drawn, once ``wanted`` was."""
    seen = b""
    async with asyncio.timeout(SECONDS):
        while wanted.encode() not in seen:
            message = await socket.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), message
            seen += message.data if isinstance(message.data, bytes) else b""
    return seen


async def test_a_session_shows_the_app_and_is_gone_when_it_is_closed(tmp_path):
    with serving(tmp_path) as (process, url):
        async with aiohttp.ClientSession() as client:
            async with client.ws_connect(socket_of(url), headers={"Origin": origin_of(url)}) as socket:
                await drawn(socket, "prince")
                assert len(children_of(process)) == 1
                await socket.send_json(["stdin", "\x1b[15~"])
                await socket.send_json(["resize", {"width": 80, "height": 24}])
                await drawn(socket, "Arithmetic")
            await gone(process)


async def test_the_key_that_leaves_ends_the_session(tmp_path):
    with serving(tmp_path) as (process, url):
        async with aiohttp.ClientSession() as client:
            async with client.ws_connect(socket_of(url), headers={"Origin": origin_of(url)}) as socket:
                await drawn(socket, "prince")
                await socket.send_json(["stdin", "\x11"])
                async with asyncio.timeout(SECONDS):
                    async for _ in socket:
                        pass
            await gone(process)


async def test_who_may_not_connect(tmp_path):
    with serving(tmp_path) as (process, url):
        base, token = origin_of(url), url.rpartition("=")[2]
        assert len(token) >= 32
        async with aiohttp.ClientSession() as client:

            async def status(path, **headers):
                async with client.get(base + path, headers=headers) as answer:
                    return answer.status

            assert await status(f"/?token={token}") == 200
            for path in ("/", "/?token=", f"/?token={token[:-1]}", "/?token=%ff", "/ws/x", "/ws", "/nothing"):
                assert await status(path) == 403
            for odd in ("%ed%a0%80", "%ff", "é"):
                assert await status(f"/?token={odd}") == 403
            assert await status(f"/?token={token}", Host="evil.example") == 403
            assert await status(f"/?token={token}", Host="evil.example:" + base.rpartition(":")[2]) == 403
            # the page's own files are the library's, and the same for everybody
            assert await status("/static/js/textual.js") == 200
            assert await status("/static/") in (403, 404)
            assert await status("/static/%2e%2e/%2e%2e/server.py") in (403, 404)
            for origin in ("http://evil.example", "null", "https://127.0.0.1", base + ".evil.example", None):
                headers = {} if origin is None else {"Origin": origin}
                with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                    await client.ws_connect(socket_of(url), headers=headers)
                assert caught.value.status == 403
        assert children_of(process) == []


async def test_the_page_takes_nothing_from_elsewhere(tmp_path):
    with serving(tmp_path) as (_, url):
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in policy
        assert "https://" not in page
        assert page.count("http://") == 0


async def test_sessions_are_counted(tmp_path):
    with serving(tmp_path, "--most", "1") as (_, url):
        headers = {"Origin": origin_of(url)}
        async with aiohttp.ClientSession() as client:
            async with client.ws_connect(socket_of(url), headers=headers) as first:
                await drawn(first, "prince")
                with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                    await client.ws_connect(socket_of(url), headers=headers)
                assert caught.value.status == 503
            async with await connected(client, url, headers) as again:
                await drawn(again, "prince")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "7",
        '["resize", {"width": -1, "height": 5}]',
        '["resize", {"width": "a"}]',
        '["stdin", 7]',
    ],
)
async def test_messages_that_no_page_sends(tmp_path, text):
    with serving(tmp_path) as (process, url):
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(socket_of(url), headers={"Origin": origin_of(url)}) as socket,
        ):
            await socket.send_str(text)
            if text != '["stdin", 7]':
                async with asyncio.timeout(SECONDS):
                    async for _ in socket:
                        pass
            else:
                await drawn(socket, "prince")
        await gone(process)


@pytest.mark.parametrize("is_up", [False, True])
async def test_an_app_that_is_killed_ends_its_session(tmp_path, is_up):
    with serving(tmp_path, "--most", "1") as (process, url):
        headers = {"Origin": origin_of(url)}
        async with aiohttp.ClientSession() as client:
            async with client.ws_connect(socket_of(url), headers=headers) as socket:
                child = await child_of(process)
                if is_up:
                    await drawn(socket, "prince")
                os.kill(child, signal.SIGKILL)
                await closed(socket)
            async with await connected(client, url, headers) as again:
                await drawn(again, "prince")


def stalled(url):
    """A connection of a browser that opens a session and then reads nothing."""
    host, port = origin_of(url).removeprefix("http://").split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    fields = (
        *(f"GET /ws/{url.rpartition('=')[2]}?width=400&height=200 HTTP/1.1", f"Host: {host}:{port}"),
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        *("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", f"Origin: {origin_of(url)}"),
    )
    line.sendall(("\r\n".join(fields) + "\r\n\r\n").encode())
    return line


FLOOD = """
import os, sys
os.write(1, b"__GANGLION__\\n")
while True:
    rest = b"D" + (1 << 16).to_bytes(4, "big") + bytes(1 << 16)
    while rest:
        rest = rest[os.write(1, rest):]
"""


async def test_a_browser_that_reads_nothing_takes_no_memory_and_holds_nothing_up(monkeypatch):
    sessions = []

    class Flooding(server.Session):
        def __init__(self, arguments, **connection):
            super().__init__(arguments, **connection)
            self._arguments = [sys.executable, "-c", FLOOD]
            sessions.append(self)

    monkeypatch.setattr(server, "Session", Flooding)
    listening = socket.create_server(("127.0.0.1", 0))
    address = Address("127.0.0.1", *listening.getsockname())
    served = server.AppServer(address, [], 1)
    runner = web.AppRunner(served.application(), shutdown_timeout=8.0)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    with stalled(address.url):
        async with asyncio.timeout(SECONDS):
            while not (lines := list(served._open.values())) or not lines[0].get_write_buffer_size():
                await asyncio.sleep(0.05)
        # as much again as the system itself holds back goes nowhere
        await asyncio.sleep(1)
        assert lines[0].get_write_buffer_size() < 1 << 20
        async with asyncio.timeout(20):
            await runner.cleanup()
        assert sessions[0]._process.returncode is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_no_process_outlives_the_server(tmp_path, number):
    with serving(tmp_path) as (process, url):
        async with aiohttp.ClientSession() as client:
            socket = await client.ws_connect(socket_of(url), headers={"Origin": origin_of(url)})
            await drawn(socket, "prince")
            assert len(children_of(process)) == 1
            process.send_signal(number)
            assert await asyncio.to_thread(process.wait, 20) == (0 if number != signal.SIGKILL else -9)
            await gone(process)
            await socket.close()


def test_an_address_that_is_taken_is_one_line(tmp_path):
    with serving(tmp_path) as (_, url):
        port = origin_of(url).rpartition(":")[2]
        command = [sys.executable, "-m", "tui_embed", "serve", "--port", port]
        ran = subprocess.run(
            command,
            cwd=ROOT,
            env=environment_in(tmp_path),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert ran.returncode == 1
        assert ran.stderr.startswith(f"tui-embed: error: 127.0.0.1, port {port}: address already in use")


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("", "--host “” is no name or address (name the one address"),
        ("é" * 70, f"--host “{'é' * 70}” is no name or address"),
        ("a\nb", "is no name or address"),
        ("0.0.0.0", "--host 0.0.0.0 is every address of this machine (name the one address"),
        ("0", "--host 0 is every address"),
        ("::", "--host :: is every address"),
        ("::ffff:0.0.0.0", "is every address"),
    ],
)
def test_a_host_that_cannot_be_is_one_line(tmp_path, host, said):
    command = [sys.executable, "-m", "tui_embed", "serve", f"--host={host}"]
    settings = {"cwd": ROOT, "env": environment_in(tmp_path), "capture_output": True, "text": True}
    ran = subprocess.run(command, **settings, check=False, timeout=SECONDS)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


async def test_under_nohup_a_hangup_is_none(tmp_path):
    with serving(tmp_path, before=("nohup",)) as (process, url):
        process.send_signal(signal.SIGHUP)
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            assert answer.status == 200
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0


def test_what_is_no_http_leaves_no_token_and_no_traceback(tmp_path):
    with serving(tmp_path) as (process, url):
        host, port = origin_of(url).removeprefix("http://").split(":")
        target = url.removeprefix(origin_of(url))
        for sent in (f"GET {target} nonsense\r\n\r\n", f"GET {target} HTTP/1.1\r\n{url}\r\n\r\n"):
            with socket.create_connection((host, int(port)), timeout=SECONDS) as line:
                line.sendall(sent.encode())
                assert line.recv(100).startswith(b"HTTP/1.0 400 ")
        process.terminate()
        assert process.communicate(timeout=20)[1] == b""


@pytest.mark.browser
async def test_a_browser_shows_it_and_its_keys_arrive(tmp_path):
    with serving(tmp_path) as (process, url):
        async with browser() as page:
            await page.go(url)
            await page.until("document.body.classList.contains('-first-byte')")
            await asyncio.sleep(6)
            before = await page.picture()
            await page.click(600, 400)
            await page.key("F9", "F9", 120)
            await asyncio.sleep(2)
            after = await page.picture()
            kept = os.environ.get("TUI_EMBED_PICTURES")
            if kept:
                (Path(kept) / "browser-before.png").write_bytes(before)
                (Path(kept) / "browser-after.png").write_bytes(after)
            assert len(before) > 30_000
            assert before != after
            base = origin_of(url)
            outside = [
                one for one in page.asked if not one.startswith((base, base.replace("http", "ws"), "data:"))
            ]
            assert outside == []
            assert len(children_of(process)) == 1
            await page.close()
            await gone(process)
