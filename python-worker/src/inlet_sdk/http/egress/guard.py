"""Connects to what a tenant names, or refuses. A name is resolved once, every address is judged,
the socket goes to a judged address, so that no second lookup can turn it elsewhere, and the peer is
compared with it.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inlet_sdk.contracts import names
from inlet_sdk.errors import FatalError
from inlet_sdk.http.egress.addresses import (
    Address,
    is_ip,
    may_connect,
    may_connect_to,
    parse_address,
)
from inlet_sdk.http.egress.config_addresses import config_addresses

MOST_ADDRESSES = 8
"""Of one host that are tried: a zone may answer with hundreds that do not."""


@dataclass(frozen=True)
class EgressGuard:
    """`allow_private_networks` opens loopback, private ranges, plain http and any port: for a stack
    on one machine. Link-local addresses are refused there too. `opened` are private networks, each
    with its ports, where a name may lead: those of the tenant's own sinks.
    """

    allow_private_networks: bool = False
    opened: tuple[tuple[ipaddress.IPv4Network, tuple[int, ...]], ...] = ()
    fault: str = names.EGRESS_FAULT

    def of_hosts(self) -> EgressGuard:
        """The same guard, for hosts that are named by themselves."""
        return replace(self, fault=names.EGRESS_HOST_FAULT)

    def check(self, url: object, at: str) -> Address:
        """The parsed URL. Raises FatalError `CONFIG_INVALID` that names `at`, with the same words
        for every address that may not be connected to.
        """
        address = parse_address(url, allow_private_networks=self.allow_private_networks)
        if address is None:
            raise refused(at)
        return address

    def check_config(self, schema: Mapping[str, Any], config: Mapping[str, Any]) -> None:
        """Raises FatalError `CONFIG_INVALID` for the first address of a config that may not be
        connected to.
        """
        for path, (value, kind) in config_addresses(schema, config, "config").items():
            if kind == "host":
                self.check_host(value, path)
            else:
                self.check(value, path)

    def check_host(self, host: object, at: str) -> None:
        """Raises as `check` does, of a host by itself."""
        if not may_connect_to(host, allow_private_networks=self.allow_private_networks):
            raise refused(at, names.EGRESS_HOST_FAULT)

    def addresses(self, host: str, port: int, at: str) -> list[str]:
        """The IP addresses of a host, none of them inside. Raises socket.gaierror when there is
        none, FatalError `CONFIG_INVALID` when one may not be connected to.
        """
        try:
            found = [host] if is_ip(host) else _resolved(host, port)
        except UnicodeError:
            raise refused(at, self.fault) from None
        if not all(self._may_connect(ip, port) for ip in found):
            raise refused(at, self.fault)
        return list(dict.fromkeys(found))

    def _may_connect(self, ip: str, port: int) -> bool:
        if may_connect(ip, allow_private_networks=self.allow_private_networks):
            return True
        inside = [network for network, ports in self.opened if port in ports]
        return (
            "." in ip
            and ":" not in ip
            and any(ipaddress.IPv4Address(ip) in network for network in inside)
        )

    def connect(self, host: str, port: int, at: str, timeout: float) -> socket.socket:
        """A connection to a judged address of a host, within `timeout` seconds for one that does
        not answer and twice that for all. Raises as `addresses` does, and OSError when none
        answers.
        """
        failure: OSError = ConnectionRefusedError("the host has no address")
        until = time.monotonic() + 2 * timeout

        for ip in self.addresses(host, port, at)[:MOST_ADDRESSES]:
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                connected = socket.create_connection((ip, port), timeout=min(timeout, left))
            except OSError as e:
                failure = e
                continue
            if not _leads_to(connected, ip):
                connected.close()
                raise refused(at, self.fault)
            return connected

        raise failure


def refused(at: str, fault: str = names.EGRESS_FAULT) -> FatalError:
    """The error of every refused address: it must not tell a closed port from an open one, nor a
    name from none.
    """
    return FatalError("CONFIG_INVALID", f"{at} {fault}. Correct it.", details={"field": at})


def _resolved(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _leads_to(connected: socket.socket, ip: str) -> bool:
    try:
        return ipaddress.ip_address(connected.getpeername()[0]) == ipaddress.ip_address(ip)
    except OSError:  # closed by the peer meanwhile: what is sent next fails
        return True
