"""The base of every connector that speaks HTTP: one request, done as often as it takes, or a typed
error.

request -> budget -> (wait) -> status -> rate limit? -> error? -> decode -> value
             ^_____________________________|  at most 4 times in place; long waits leave as
                                              RateLimitedError
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import msgspec

from inlet_sdk.errors import IngestError, RateLimitedError, RetryableError
from inlet_sdk.http.answer import HttpAnswer, status_error
from inlet_sdk.http.auth import CredentialSource, auth_headers
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.columns import epoch_ms
from inlet_sdk.http.connection_failures import WallError
from inlet_sdk.http.decode_errors import other_shape, unreadable
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.in_place import InPlace
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.rate_limit import (
    MAX_WAIT_IN_PLACE_SECONDS,
    RateLimit,
    read_rate_limit,
    resume_time,
)
from inlet_sdk.http.request import HttpLimits, Request
from inlet_sdk.http.retry import (
    MAX_RETRIES,
    Clock,
    backoff_seconds,
    check_cancelled,
    named_wait_seconds,
    wait,
)
from inlet_sdk.http.site_connection import SiteConnection
from inlet_sdk.http.source_clock import SourceClock
from inlet_sdk.ports.ingestion_context import IngestionContext

T = TypeVar("T")


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
        self._connection = SiteConnection(
            root_url, EgressGuard(allow_private_networks), field=field, limits=self.limits
        )
        self._credentials = credentials
        self._budget = budget
        self._answered = False
        self._source_clock = SourceClock()

    def close(self) -> None:
        """Give back connections, and what is left of the budget's lease. Idempotent."""
        self._connection.close()
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
                answer = self._connection.send(request, auth_headers(credential), context)
                self._answered = True
                self._source_clock.saw(answer.headers, self.clock.now())
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
                raise other_shape(request) from e
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
                failure = unreadable(request, e, last=tries.failures >= MAX_RETRIES)

            if limit is not None:
                self._wait_for(limit, tries.failures, request, context)
                tries.failures += 1
                continue

            seconds = tries.seconds_until_next(failure)
            if seconds is None:
                raise failure
            wait(seconds, self.clock, context)

    def time_ms(self) -> int:
        """Epoch milliseconds by the source's clock or ours, whichever is earlier: no cursor goes
        beyond.
        """
        return epoch_ms(self._source_clock.earlier(self.clock.now()))

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
            route = f"{request.method} {self._connection.path(request)}"
            raise RateLimitedError(
                f"The source limits {route} ({limit.reason}). "
                f"The run goes on at {resume_at.isoformat(timespec='seconds')}.",
                resume_at=resume_at,
                reason=limit.reason,
            )

        wait(named_wait_seconds(seconds, self.clock.random()), self.clock, context)
