"""The base of every connector that speaks HTTP: one request, done as often as it takes, or a typed
error.

request -> budget -> (wait) -> status -> rate limit? -> error? -> decode -> value
             ^_____________________________|  at most 4 times in place; long waits leave as
                                              RateLimitedError
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import HTTPError

from inlet_sdk.errors import FatalError, IngestError, RateLimitedError, RetryableError
from inlet_sdk.http.answer import HttpAnswer, status_error
from inlet_sdk.http.auth import CredentialSource, auth_headers
from inlet_sdk.http.body import read_body, read_error_body
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.connection_failures import WallError, connection_error, silent_error
from inlet_sdk.http.deadline import Deadlines
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.egress.pinned_pool import open_pool
from inlet_sdk.http.in_place import InPlace
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.rate_limit import (
    MAX_WAIT_IN_PLACE_SECONDS,
    RateLimit,
    read_rate_limit,
    resume_time,
)
from inlet_sdk.http.retry import (
    MAX_RETRIES,
    Clock,
    backoff_seconds,
    check_cancelled,
    named_wait_seconds,
    wait,
)
from inlet_sdk.ports.ingestion_context import IngestionContext

T = TypeVar("T")
USER_AGENT = "inlet-worker/0.1"


@dataclass(frozen=True)
class HttpLimits:
    """What one request may cost. Times in seconds, the size after decompression. `patience_seconds`
    are spent on what cannot get better by itself: with the last try they stay below a minute.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 300.0
    patience_seconds: float = 20.0
    max_bytes: int = 64 * 1024 * 1024


PROBE_LIMITS = HttpLimits(
    connect_seconds=5.0, read_seconds=15.0, total_seconds=30.0, patience_seconds=3.0
)
"""Where somebody waits for the answer: a slower site is reported as slow."""


@dataclass(frozen=True)
class Request:
    """A read, so it may be repeated. `path` is below the endpoint's root, or an absolute URL of the
    same origin. A vendor that counts in points what it answers counts at most `points`.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Any = None
    points: int = 1


class HttpEndpoint:
    """A site with its credential. Thread-safe; holds connections and a part of the credential's
    budget. Without a budget it asks as fast as the site answers. `field` of the config holds the
    root.
    """

    def __init__(
        self,
        root_url: str,
        credentials: CredentialSource,
        *,
        allow_private_networks: bool = False,
        field: str = "baseUrl",
        limits: HttpLimits | None = None,
        clock: Clock | None = None,
        budget: VendorBudget | None = None,
    ) -> None:
        self.limits = limits or HttpLimits()
        self.clock = clock or Clock()
        guard = EgressGuard(allow_private_networks)
        self._root = guard.check(root_url, f"config.{field}")
        self._credentials = credentials
        self._budget = budget
        self._field = field

        self._pool: HTTPConnectionPool = open_pool(self._root, guard, f"config.{field}")
        self._deadlines = Deadlines()
        self._deadlines.guard(self._pool)
        self._answered = False

    @property
    def origin(self) -> tuple[str, str, int]:
        return self._root.scheme, self._root.host, self._root.port

    def close(self) -> None:
        """Give back connections, and what is left of the budget's lease. Idempotent."""
        self._pool.close()
        if self._budget is not None:
            self._budget.close()

    def fetch(
        self,
        request: Request,
        decode: Callable[[HttpAnswer], T],
        context: IngestionContext | None = None,
    ) -> T:
        """Ask until there is a value. `decode` raises msgspec.DecodeError on cut JSON (asked again)
        and msgspec.ValidationError on another shape (not asked again). Raises IngestError only.
        """
        credential = self._credentials.read()
        refreshed = False
        tries = InPlace(self.clock, self.limits.patience_seconds, self._answered)

        while True:
            check_cancelled(context)
            limit: RateLimit | None = None
            if self._budget is not None:
                self._budget.take(request.points, context)

            try:
                answer = self._send(request, auth_headers(credential), context)
                self._answered = True
                if self._budget is not None:
                    self._budget.saw(answer.headers)
                limit = read_rate_limit(answer.status, answer.headers, self.clock.now())

                if answer.status == 401 and not refreshed:
                    refreshed = True
                    newer = self._credentials.force_refresh(credential.version)
                    if newer.version != credential.version:
                        credential = newer
                        continue

                failure: IngestError | None = status_error(answer)
                if failure is None:
                    return decode(answer)
            except (RetryableError, WallError) as e:
                failure = e
            except msgspec.ValidationError as e:
                raise _unexpected(
                    request, "in another shape than documented. Check baseUrl", FatalError
                ) from e
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
                failure = _unreadable(request, e, last=tries.failures >= MAX_RETRIES)

            if limit is not None:
                self._wait_for(limit, tries.failures, request, context)
                tries.failures += 1
                continue

            seconds = tries.seconds_until_next(failure)
            if seconds is None:
                raise failure
            wait(seconds, self.clock, context)

    def fetch_json(
        self, request: Request, shape: type[T], context: IngestionContext | None = None
    ) -> T:
        """An answer as Python values of a shape (lone surrogates as U+FFFD). Raises FatalError for
        another shape.
        """
        decoder = msgspec.json.Decoder(shape)
        return self.fetch(request, lambda answer: parse_page(answer.body, decoder)[0], context)

    def _wait_for(
        self, limit: RateLimit, attempt: int, request: Request, context: IngestionContext | None
    ) -> None:
        seconds = (
            limit.seconds
            if limit.seconds is not None
            else backoff_seconds(attempt + 2, self.clock.random())
        )
        now = self.clock.now()
        leaves = attempt >= MAX_RETRIES or seconds > MAX_WAIT_IN_PLACE_SECONDS
        resume_at = (
            max(resume_time(limit, now), now + timedelta(seconds=1))
            if leaves
            else now + timedelta(seconds=seconds)
        )

        if self._budget is not None:
            self._budget.refused(limit, resume_at)
        if leaves:
            raise RateLimitedError(
                f"The source limits {request.method} {self._path(request)} ({limit.reason}). "
                f"The run goes on at {resume_at.isoformat(timespec='seconds')}.",
                resume_at=resume_at,
                reason=limit.reason,
            )

        wait(named_wait_seconds(seconds, self.clock.random()), self.clock, context)

    def _send(
        self, request: Request, auth: dict[str, str], context: IngestionContext | None
    ) -> HttpAnswer:
        path = self._path(request)
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

        query = urlencode(request.query)
        if not request.path.startswith("/"):
            query = "&".join(filter(None, (urlsplit(request.path).query, query)))

        limits = self.limits
        if context is not None:
            context.progress.requests += 1
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
                content = self._read(response, route)
            except BaseException:
                response.close()  # half-read: the connection cannot serve another request
                raise
            response.release_conn()
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
            context.progress.bytes += len(content)
        return HttpAnswer(response.status, response.headers, content, route)

    def _read(self, response: Any, route: str) -> bytes:
        if response.status >= 300:
            return read_error_body(response)
        return read_body(response, route, self.limits.max_bytes)

    def _path(self, request: Request) -> str:
        if request.path.startswith("/"):
            return self._root.path.rstrip("/") + request.path
        if _origin(request.path) != self.origin:
            raise FatalError(
                "UNEXPECTED_RESPONSE",
                "The source's next page is on another site, which is not followed. Check baseUrl.",
                details={"field": "baseUrl"},
            )
        return urlsplit(request.path).path or "/"


def segment(text: str) -> str:
    """One path segment, so that an id can hold no slash and no dots."""
    return quote(text, safe="").replace(".", "%2E")


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


def _unreadable(request: Request, error: Exception, *, last: bool) -> IngestError:
    """Of an answer that is no JSON. A cut one may come whole next time; one that is broken each
    time will stay so.
    """
    if "truncated" in str(error):
        return _unexpected(request, "with cut JSON. Try again later", RetryableError)
    kind = FatalError if last else RetryableError
    return _unexpected(
        request,
        "with what is not JSON, each time. Check baseUrl, and what is in front of the site",
        kind,
    )


def _unexpected(request: Request, what: str, kind: type[IngestError]) -> IngestError:
    path = urlsplit(request.path).path
    facts = {"route": f"{request.method} {path}", "field": "baseUrl"}
    return kind(
        "UNEXPECTED_RESPONSE", f"The source answered {request.method} {path} {what}.", details=facts
    )
