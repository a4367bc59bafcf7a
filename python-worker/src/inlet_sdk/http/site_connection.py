"""One attempt at a request: sent to the site's judged address, and read whole or not at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.body import read_body, read_error_body
from inlet_sdk.http.body_text import in_utf8
from inlet_sdk.http.connection_failures import connection_error, silent_error
from inlet_sdk.http.deadline import Deadlines
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.egress.pinned_pool import open_pool
from inlet_sdk.http.gate import Gate, HeldBack
from inlet_sdk.http.request import HttpLimits, Request
from inlet_sdk.ports.ingestion_context import IngestionContext

USER_AGENT = "inlet-worker/0.1"


class SiteConnection:
    """The connections to one site. Thread-safe. `field` of the config holds the root."""

    def __init__(
        self, root_url: str, guard: EgressGuard, gate: Gate, *, field: str, limits: HttpLimits
    ) -> None:
        self._root = guard.check(root_url, f"config.{field}")
        self._field = field
        self._limits = limits

        self._pool: HTTPConnectionPool = open_pool(self._root, guard, f"config.{field}")
        self._deadlines = Deadlines()
        self._deadlines.guard(self._pool)
        gate.guard(self._pool)

    def close(self) -> None:
        """Give back the connections. Idempotent."""
        self._pool.close()

    def send(
        self, request: Request, auth: dict[str, str], context: IngestionContext | None
    ) -> HttpAnswer:
        """Ask once, and count it in the context. Raises IngestError when no whole answer comes, and
        HeldBack when it was not sent.
        """
        path = self.path(request)
        route = f"{request.method} {path}"
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": USER_AGENT,
            **auth,
        }
        body = None
        if request.body is not None:
            body = msgspec.json.encode(request.body)
            headers["Content-Type"] = "application/json"

        query = _query(request)
        limits = self._limits
        most = min(limits.max_bytes, request.max_bytes or limits.max_bytes)
        if context is not None:
            context.progress.count(requests=1)
        self._deadlines.begin(limits.total_seconds)
        broken: BaseException | None = None
        content = b""

        try:
            response = self._pool.urlopen(
                request.method,
                path + ("?" + query if query else ""),
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=Timeout(connect=limits.connect_seconds, read=limits.read_seconds),
            )
            try:
                content = self._read(response, route, most)
            except BaseException:
                response.close()  # half-read: the connection cannot serve another request
                raise
            response.release_conn()
        except HeldBack:
            if context is not None:
                context.progress.count(requests=-1)
            raise
        except (HTTPError, OSError) as e:
            broken = e
        finally:
            late = self._deadlines.end()

        if late:
            raise silent_error(route, self._field)
        if broken is not None:
            # without the cause: its text may hold the query
            raise connection_error(route, broken, self._field)

        if context is not None:
            context.progress.count(content=len(content))
        return HttpAnswer(response.status, response.headers, in_utf8(content), route)

    def path(self, request: Request) -> str:
        """The path on the site, without query. Raises FatalError for an address elsewhere."""
        if request.path.startswith("/"):
            return self._root.path.rstrip("/") + request.path
        root = self._root
        if _origin(request.path) != (root.scheme, root.host, root.port):
            raise FatalError(
                "UNEXPECTED_RESPONSE",
                "The source's next page is on another site, which is not followed. Check baseUrl.",
                details={"field": "baseUrl"},
            )
        return urlsplit(request.path).path or "/"

    def _read(self, response: Any, route: str, limit: int) -> bytes:
        if response.status >= 300:
            return read_error_body(response)
        return read_body(response, route, limit)


def _query(request: Request) -> str:
    query = urlencode(request.query, doseq=True)
    if request.path.startswith("/"):
        return query
    return "&".join(filter(None, (urlsplit(request.path).query, query)))


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme,
            (parts.hostname or "").lower(),
            parts.port or (443 if parts.scheme == "https" else 80),
        )
    except ValueError:
        return "", "", 0
