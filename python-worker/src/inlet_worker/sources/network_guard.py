"""The wall between tenants' URLs and our own network: a name is resolved once, every address is checked, and the socket
goes to a checked address, so that no second lookup can turn it elsewhere."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from inlet_worker.errors import FatalError

# What `is_global` of the standard library lets through and still is not the open internet.
DENIED = tuple(
    ipaddress.ip_network(cidr)
    for cidr in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "ff00::/8", "fec0::/10")
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class NetworkGuard:
    """`allow_private_networks` opens loopback, private ranges and plain http: for a sandbox on this machine only."""

    allow_private_networks: bool = False

    def check_url(self, url: str) -> SplitResult:
        """The parsed URL. Raises FatalError `CONFIG_INVALID` for a scheme, port or form that may not be asked."""
        parts = urlsplit(url)
        schemes = ("https", "http") if self.allow_private_networks else ("https",)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password:
            raise _refused("is not an https URL with a host and without credentials")
        if port is not None and not self.allow_private_networks and port not in (443, 8443):
            raise _refused("names a port other than 443 or 8443")
        return parts

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each checked. Raises socket.gaierror when there is none."""
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self.allow_private_networks and not all(is_public(address) for address in found):
            raise _refused("leads into a private network")
        return list(dict.fromkeys(found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, seen through the ways IPv6 can wrap an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = (
            ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
        )
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not any(ip in net for net in DENIED if net.version == ip.version)


def open_pool(url: SplitResult, guard: NetworkGuard) -> HTTPConnectionPool:
    """A pool to one origin. No proxy of the environment is used, no redirect followed."""
    host = url.hostname or ""
    if url.scheme == "https":
        https = type("PinnedHttps", (_Pinned, HTTPSConnection), {"guard": guard})
        pool: HTTPConnectionPool = HTTPSConnectionPool(host, url.port or 443, maxsize=4, retries=False)
        pool.ConnectionCls = https
        return pool
    pool = HTTPConnectionPool(host, url.port or 80, maxsize=4, retries=False)
    pool.ConnectionCls = type("PinnedHttp", (_Pinned, HTTPConnection), {"guard": guard})
    return pool


class _Pinned:
    """Mixed into urllib3's connections: connects to a checked address; TLS still verifies the name."""

    guard: NetworkGuard
    host: str
    port: int
    timeout: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        try:
            addresses = self.guard.addresses(self.host, self.port)
        except socket.gaierror as e:
            raise NameResolutionError(self.host, self, e) from e  # type: ignore[arg-type]
        failure: OSError | None = None
        for address in addresses:
            try:
                sock = socket.create_connection((address, self.port), timeout=self.timeout)
            except OSError as e:
                failure = e
                continue
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "connect timed out") from failure
        raise NewConnectionError(self, "connect failed") from failure  # type: ignore[arg-type]


def _refused(why: str) -> FatalError:
    return FatalError(
        "CONFIG_INVALID",
        f"The address of the source {why}. Enter the public https address of the site.",
        details={"field": "baseUrl"},
    )
