"""What a browser may call the server: the names that it itself makes of the address, and no other."""

import pytest

pytest.importorskip("aiohttp")

from tui_embed.cli.serving.address import Address


@pytest.mark.parametrize(
    ("host", "bound", "port", "called"),
    [
        ("127.0.0.1", "127.0.0.1", 8080, "127.0.0.1:8080 localhost:8080 LocalHost:8080 [::1]:8080"),
        ("127.0.0.1", "127.0.0.1", 80, "127.0.0.1 127.0.0.1:80 localhost [::1]"),
        ("localhost", "127.0.0.1", 8080, "localhost:8080 127.0.0.1:8080"),
        ("127.1", "127.0.0.1", 8080, "127.0.0.1:8080"),
        ("MyHost", "192.168.1.5", 8080, "myhost:8080 MyHost:8080 192.168.1.5:8080"),
        ("Bücher.example", "192.168.1.5", 80, "xn--bcher-kva.example"),
        ("2001:DB8:0:0::0005", "2001:db8::5", 8080, "[2001:db8::5]:8080"),
        ("0:0:0:0:0:0:0:1", "::1", 80, "[::1] localhost"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", 8080, "[::ffff:7f00:1]:8080"),
    ],
)
def test_names_as_browsers_write_them(host, bound, port, called):
    address = Address(host, bound, port)
    for name in called.split():
        assert address.is_called(name), name
    refused = ("", "evil.example", f"evil.example:{port}", f"x@127.0.0.1:{port}", "127.0.0.1:9", ":80")
    for name in (*refused, f"127.0.0.1:{port} ", f"localhost:{port}/", f"localhost:{port}.evil.example"):
        assert not address.is_called(name), name


@pytest.mark.parametrize("bound", ["127.0.0.1", "::1", "127.0.0.2", "::ffff:127.0.0.1"])
def test_this_machine_alone(bound):
    assert Address("x", bound, 1).is_loopback
    assert not Address("x", bound, 1).is_wildcard


@pytest.mark.parametrize("bound", ["0.0.0.0", "::", "::ffff:0.0.0.0"])
def test_every_address(bound):
    assert Address("x", bound, 1).is_wildcard


def test_other_machines_have_no_name_of_this_one_alone():
    assert not Address("192.168.1.5", "192.168.1.5", 80).is_called("localhost")


def test_the_token_is_not_in_its_description():
    address = Address("127.0.0.1", "127.0.0.1", 1)
    assert address.token not in repr(address)
    assert address.token != Address("127.0.0.1", "127.0.0.1", 1).token
