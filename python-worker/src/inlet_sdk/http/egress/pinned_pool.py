"""urllib3's connections behind the guard."""

from __future__ import annotations

import socket
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from inlet_sdk.http.egress.addresses import Address
from inlet_sdk.http.egress.guard import EgressGuard

MOST_CONNECTIONS = 32
"""That are kept open: as many as may be asked at once."""


def open_pool(address: Address, guard: EgressGuard, at: str) -> HTTPConnectionPool:
    """A pool to one origin. No proxy of the environment is used, no redirect followed; `at` is the
    field that an error names.
    """
    facts = {"guard": guard, "at": at}
    if address.scheme == "https":
        pool: HTTPConnectionPool = HTTPSConnectionPool(
            address.host, address.port, maxsize=MOST_CONNECTIONS, retries=False
        )
        pool.ConnectionCls = type("PinnedHttps", (_Pinned, HTTPSConnection), facts)
        return pool
    pool = HTTPConnectionPool(address.host, address.port, maxsize=MOST_CONNECTIONS, retries=False)
    pool.ConnectionCls = type("PinnedHttp", (_Pinned, HTTPConnection), facts)
    return pool


class _Pinned:
    """Mixed into urllib3's connections: connects to a judged address; TLS still verifies
    the name.
    """

    guard: EgressGuard
    at: str
    host: str
    port: int
    timeout: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        try:
            connected = self.guard.connect(self.host.strip("[]"), self.port, self.at, self.timeout)
        except socket.gaierror as e:
            raise NameResolutionError(self.host, self, e) from e  # type: ignore[arg-type]
        except TimeoutError as e:
            raise ConnectTimeoutError(self, "connect timed out") from e
        except OSError as e:
            raise NewConnectionError(self, "connect failed") from e  # type: ignore[arg-type]
        for option in self.socket_options or ():
            connected.setsockopt(*option)
        return connected
