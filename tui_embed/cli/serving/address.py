"""The address of the app in a browser, and what a browser may call it."""

import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address

TOKEN_BYTES = 24
WEB_PORT = 80
"""The port that browsers leave out."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")

Host = IPv4Address | IPv6Address | str

_CALLED = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::([0-9]{1,5}))?")


@dataclass(frozen=True)
class Address:
    """Where the app is served: the host as the person named it, the address ``bound`` to it, the port, and
    the token that opens it.
    """

    host: str
    bound: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES), repr=False)

    @property
    def is_wildcard(self) -> bool:
        """Whether all addresses of the machine are meant, so that no name could be held against this one."""
        return _number(self.bound).is_unspecified

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone can connect."""
        return _number(self.bound).is_loopback

    @cached_property
    def _hosts(self) -> frozenset[Host]:
        more = LOOPBACK if self.is_loopback else ()
        return frozenset(_normal(host) for host in (self.host, self.bound, *more))

    def is_called(self, name: str) -> bool:
        """Whether a browser's ``name`` for a server, ``host`` or ``host:port``, is one of this server's."""
        parts = _CALLED.fullmatch(name)
        if parts is None:
            return False
        return _normal(parts[1].strip("[]")) in self._hosts and int(parts[2] or WEB_PORT) == self.port

    @property
    def base(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.base}/?token={self.token}"


def _normal(host: str) -> Host:
    """A host in the one form that all its spellings share, as a browser writes it."""
    try:
        return _number(host)
    except ValueError:
        pass
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return host.lower()


def _number(host: str) -> IPv4Address | IPv6Address:
    # browsers leave out the interface behind the %
    found = ip_address(host.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped
