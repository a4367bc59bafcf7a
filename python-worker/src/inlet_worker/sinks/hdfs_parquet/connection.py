"""Connections to HDFS. A file's content goes where the NameNode sends it. That address passes the
egress guard like the sink's own, and gets our credential only if it is of the same origin: the
answer of a NameNode says by itself who may write there.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin

from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential, auth_headers
from inlet_sdk.http.deadline import Deadlines
from inlet_sdk.http.egress.addresses import Address
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.egress.pinned_pool import open_pool
from inlet_worker.sinks.hdfs_parquet.answers import FIELD, Answer, no_webhdfs, unanswered
from inlet_worker.sinks.hdfs_parquet.place import BASIC, DELEGATION_TOKEN, HdfsPlace

ROOT = "/webhdfs/v1"
REDIRECTS = (301, 302, 303, 307, 308)
TOTAL_SECONDS = 120.0
"""Of one request, with a whole file."""
TIMEOUTS = Timeout(connect=10, read=60)
MOST_BYTES = 1024 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
ORIGINS = 64
"""Connections to so many data nodes are kept."""


class HdfsConnection:
    """Asks once. Thread-safe. Raises FatalError `CONFIG_INVALID` for an address that may not be
    connected to.
    """

    def __init__(self, place: HdfsPlace, credential: Credential | None, guard: EgressGuard) -> None:
        self._guard = guard
        self._root = guard.check(place.url.rstrip("/"), FIELD)
        self._who = _who(place, credential)
        by_header = credential is not None and credential.type == BASIC
        self._headers = auth_headers(credential) if credential and by_header else {}

        self._deadlines = Deadlines()
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str, int], HTTPConnectionPool] = {}

    def ask(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """The answer to one operation, whatever it is. Raises Unanswered where none comes."""
        asked = f"{ROOT}{quote(path)}?{urlencode({**query, **self._who})}"
        first = f"{self._root.path.rstrip('/')}{asked}"
        answer = self._send(method, self._root, first, query["op"], None)
        if answer.status not in REDIRECTS:
            if body is not None and answer.status < 300:
                raise no_webhdfs()  # nobody asked for the content
            return answer

        location = urljoin(self._root.url, answer.headers.get("Location", ""))
        address, rest = self._second(location)
        return self._send(method, address, rest, query["op"], body)

    def _second(self, location: str) -> tuple[Address, str]:
        """Where the content goes, judged as the first address was; its query stays as it came."""
        place, _, query = location.partition("?")
        try:
            address = self._guard.check(place, FIELD)
        except FatalError:
            raise _elsewhere() from None
        if self._root.scheme == "https" and address.scheme != "https":
            raise _elsewhere()
        return address, f"{address.path or '/'}?{query}"

    def _send(
        self, method: str, address: Address, target: str, op: str, body: bytes | None
    ) -> Answer:
        ours = _origin(address) == _origin(self._root)
        headers = {
            "Accept-Encoding": "identity",
            "Content-Type": "application/octet-stream",
            **(self._headers if ours else {}),
        }
        self._deadlines.begin(TOTAL_SECONDS)
        broken: BaseException | None = None
        content = b""

        try:
            response = self._pool(address).urlopen(
                method,
                target,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=TIMEOUTS,
            )
            try:
                content = _content(response)
            except BaseException:
                response.close()  # half-read: the connection cannot serve another request
                raise
            response.release_conn()
        except FatalError as e:
            # the guard's word, once the name was resolved
            raise (e if ours or e.code != "CONFIG_INVALID" else _elsewhere()) from None
        except (HTTPError, OSError) as e:
            broken = e
        finally:
            late = self._deadlines.end()

        if late or broken is not None:
            # without the cause: its text may hold the query
            raise unanswered(op, broken)
        return Answer(response.status, response.headers, content)

    def _pool(self, address: Address) -> HTTPConnectionPool:
        origin = _origin(address)
        with self._lock:
            if origin not in self._pools:
                if len(self._pools) >= ORIGINS:
                    self._pools.pop(next(iter(self._pools))).close()
                pool = open_pool(address, self._guard, FIELD)
                self._deadlines.guard(pool)
                self._pools[origin] = pool
            return self._pools[origin]


def _who(place: HdfsPlace, credential: Credential | None) -> dict[str, str]:
    """Parameters of every first request. Raises FatalError `CONFIG_INVALID` for nobody."""
    if credential is None:
        if place.user is None:
            raise FatalError(
                "CONFIG_INVALID",
                "config.user is required for a sink without credentials. Say who writes, or store "
                "credentials with PUT /sinks/{sinkId}/credentials.",
                details={"field": "config.user"},
            )
        return {"user.name": place.user}
    return {"delegation": credential.values["token"]} if _is_token(credential) else {}


def _is_token(credential: Credential) -> bool:
    if credential.type in (DELEGATION_TOKEN, BASIC):
        return credential.type == DELEGATION_TOKEN
    raise FatalError(
        "CONFIG_INVALID",
        f"credentials.authType must be {DELEGATION_TOKEN} or {BASIC}.",
        details={"field": "credentials.authType"},
    )


def _content(response: Any) -> bytes:
    content = bytearray()
    while piece := response.read1(CHUNK_BYTES):
        content += piece
        if len(content) > MOST_BYTES:
            raise FatalError(
                "SINK_REJECTED",
                "HDFS answers with more than was written there. Check the sink's folder.",
                details={"field": "config.path"},
            )
    return bytes(content)


def _origin(address: Address) -> tuple[str, str, int]:
    return address.scheme, address.host, address.port


def _elsewhere() -> FatalError:
    return FatalError(
        "CONFIG_INVALID",
        "config.url sends files on to a data node that may not be connected to. Give the address "
        "of a gateway (HttpFS or Knox), which takes them itself.",
        details={"field": FIELD},
    )
