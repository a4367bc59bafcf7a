"""Judges an address by looking at it. The law is shared with `core/egress-guard.ts` by the vectors
of `schemas/examples/egress`: what one language refuses, the other refuses.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from inlet_sdk.contracts import names

_URL = re.compile(names.EGRESS_URL.removesuffix("$"))  # `$` would take a line break at the end
_HOST = re.compile(names.EGRESS_HOST.removesuffix("$"))
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_PUBLIC_IPV6 = ipaddress.IPv6Network(names.EGRESS_PUBLIC_IPV6)
_SPECIAL_IPV4 = tuple(map(ipaddress.IPv4Network, names.EGRESS_RANGES_IPV4))
_SPECIAL_IPV6 = tuple(map(ipaddress.IPv6Network, names.EGRESS_RANGES_IPV6))
_LOCAL_IPV4 = tuple(map(ipaddress.IPv4Network, names.EGRESS_LOCAL_RANGES_IPV4))
_LOCAL_IPV6 = tuple(map(ipaddress.IPv6Network, names.EGRESS_LOCAL_RANGES_IPV6))
_NEVER_IPV6 = ipaddress.IPv6Network(names.EGRESS_NEVER_IPV6)


@dataclass(frozen=True)
class Address:
    """A URL that may be asked. `host` is a name, or an IP address without brackets; both
    lower-case.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def parse_address(url: object, *, allow_private_networks: bool) -> Address | None:
    """None for what may not be connected to. Of a name only the form is judged: where it leads is
    another question.
    """
    if not isinstance(url, str) or len(url) > int(names.EGRESS_URL_LENGTH):
        return None
    parts = _URL.fullmatch(url)
    if parts is None:
        return None

    scheme, ipv6, name, port, path = parts.groups()
    address = Address(
        scheme=scheme.lower(),
        host=(ipv6 or name).lower(),
        port=int(port or (names.EGRESS_PORT if scheme.lower() == "https" else 80)),
        path=path or "",
    )

    if allow_private_networks:
        fits = address.port <= 65_535
    else:
        fits = address.scheme == "https" and address.port == int(names.EGRESS_PORT)
    if ipv6 is not None:
        fits = (
            fits
            and ":" in ipv6
            and may_connect(ipv6, allow_private_networks=allow_private_networks)
        )
    else:
        fits = fits and _may_connect_host(address.host, allow_private_networks)
    return address if fits else None


def may_connect_to(host: object, *, allow_private_networks: bool) -> bool:
    """Whether a host by itself, of a server that is no URL, has a form that may be connected to."""
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        return False
    if ":" in host:
        return may_connect(host, allow_private_networks=allow_private_networks)
    return _may_connect_host(host.lower(), allow_private_networks)


def may_connect(address: str, *, allow_private_networks: bool) -> bool:
    """Whether an IP address may be connected to; false for what is not an address in its canonical
    spelling.
    """
    if "%" in address:  # a zone: link-local
        return False
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return _is_public(ip) or (allow_private_networks and _is_local(ip))


def is_ip(host: str) -> bool:
    """Whether a host of an `Address` is an IP address and no name."""
    return ":" in host or not host.rpartition(".")[2][:1].isalpha()


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _SPECIAL_IPV4)
    return ip in _PUBLIC_IPV6 and not any(ip in network for network in _SPECIAL_IPV6)


def _is_local(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return any(ip in network for network in _LOCAL_IPV4)
    return any(ip in network for network in _LOCAL_IPV6) and ip not in _NEVER_IPV6


def _may_connect_host(host: str, allow_private_networks: bool) -> bool:
    """A resolver takes a name that ends in a number for an IPv4 address in some spelling: only a
    canonical one may.
    """
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return False
    if is_ip(host):
        return may_connect(host, allow_private_networks=allow_private_networks)
    if allow_private_networks:
        return True
    return len(labels) > 1 and labels[-1] not in names.EGRESS_INSIDE_NAMES
