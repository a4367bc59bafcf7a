"""The base of every connector that speaks HTTP: one request, done as often as it takes, or a typed
error.

request -> budget -> (wait) -> status -> rate limit? -> error? -> decode -> value
             ^_____________________________|  at most 4 times in place; long waits leave as
                                              RateLimitedError
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from inlet_sdk.errors import IngestError, RateLimitedError
from inlet_sdk.http.answer import HttpAnswer, login_error, status_error
from inlet_sdk.http.auth import CredentialSource, auth_headers
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.columns import epoch_ms
from inlet_sdk.http.decode_errors import other_shape, unreadable
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.gate import Gate, HeldBack
from inlet_sdk.http.in_place import InPlace
from inlet_sdk.http.json_record import TOO_DEEP, parse_page
from inlet_sdk.http.latency import Latency
from inlet_sdk.http.rate_limit import (
    MAX_WAIT_IN_PLACE_SECONDS,
    RateLimit,
    read_rate_limit,
    resume_time,
    wait_seconds,
)
from inlet_sdk.http.request import HttpLimits, Request
from inlet_sdk.http.retry import (
    MAX_RETRIES,
    Clock,
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
        self._gate = Gate(self.clock)
        self._connection = SiteConnection(
            root_url,
            EgressGuard(allow_private_networks),
            self._gate,
            field=field,
            limits=self.limits,
        )
        self._latency = Latency()
        self._credentials = credentials
        self._budget = budget
        self._answered = False
        self._source_clock = SourceClock()

    def close(self) -> None:
        """Give back connections, and what is left of the budget's lease. Idempotent."""
        self._connection.close()
        if self._budget is not None:
            self._budget.close()

    def login_refused(self, answer: HttpAnswer) -> str | None:
        """How an answer says that it is for somebody whom the vendor does not know, though its
        status is another one; None where it does not. A connector overrides it whose vendor
        answers such people with what everybody may see.
        """
        return None

    def at_once(self, points: int = 1) -> float:
        """How many requests of so many points keep the budget busy: its flow, times what an answer
        takes. Infinite without a budget.
        """
        if self._budget is None:
            return math.inf
        return self._budget.per_second(points) * self._latency.seconds

    @property
    def is_crowded(self) -> bool:
        """The site answers much slower than it could: more at once would only wait."""
        return self._latency.is_crowded

    def fetch(
        self,
        request: Request,
        decode: Callable[[HttpAnswer], T],
        context: IngestionContext | None = None,
    ) -> T:
        """Ask until there is a value. `decode` raises msgspec.DecodeError on cut JSON and
        msgspec.ValidationError on another shape: both are asked again. Raises IngestError only.
        """
        login = _Login(self._credentials)
        tries = InPlace(self.clock, self.limits.patience_seconds, self._answered)

        while True:
            check_cancelled(context)
            if self._budget is not None:
                self._budget.take(request.points, context)

            try:
                answer = self._answer(request, login.headers(), context)
                return _decoded(answer, decode, last=tries.failures >= MAX_RETRIES)
            except HeldBack:
                self._sit_out_hold(request, context)
            except _NotNow as e:
                self._wait_for(e.limit, tries.failures, request, context)
                tries.failures += 1
            except IngestError as e:
                if e.code == "AUTH_ERROR" and login.renewed():
                    tries.failures += 1
                    continue
                seconds = tries.seconds_until_next(e)
                if seconds is None:
                    raise
                wait(seconds, self.clock, context)

    def time_ms(self, ours: datetime | None = None) -> int:
        """Epoch milliseconds by the source's clock or ours, whichever is earlier: no cursor goes
        beyond. Of now, or of a time by our clock.
        """
        return epoch_ms(self._source_clock.earlier(ours or self.clock.now()))

    def fetch_json(
        self, request: Request, shape: type[T], context: IngestionContext | None = None
    ) -> T:
        """An answer as Python values of a shape (lone surrogates as U+FFFD). Raises FatalError for
        another shape.
        """
        decoder = msgspec.json.Decoder(shape)

        def decode(answer: HttpAnswer) -> T:
            value, page = parse_page(answer.body, decoder)
            if page.deep:  # nobody sets a part of a value aside
                raise msgspec.DecodeError(TOO_DEEP)
            return value

        return self.fetch(request, decode, context)

    def _answer(
        self, request: Request, auth: dict[str, str], context: IngestionContext | None
    ) -> HttpAnswer:
        """A good answer. Raises _NotNow, and IngestError for any other refusal."""
        asked, begun = self.clock.now(), self.clock.monotonic()
        answer = self._connection.send(request, auth, context)
        self._latency.saw(self.clock.monotonic() - begun)
        self._answered = True
        self._source_clock.saw(answer.headers, asked)
        if self._budget is not None:
            self._budget.saw(answer.headers)

        limit = read_rate_limit(answer.status, answer.headers, self.clock.now())
        if limit is not None:
            raise _NotNow(limit)
        said = self.login_refused(answer) if answer.status < 500 else None
        refusal = login_error(answer, said) if said else status_error(answer)
        if refusal is not None:
            raise refusal
        return answer

    def ask_once(
        self, request: Request, shape: type[T], context: IngestionContext | None = None
    ) -> T | None:
        """One attempt at what the caller can do without, and another with a newer credential: None
        where there is no good answer of the shape, for whatever reason but a cancel.
        """
        check_cancelled(context)
        decoder = msgspec.json.Decoder(shape)
        login = _Login(self._credentials)
        try:
            answer, refusal = self._asked_once(request, login, context)
            if refusal is not None and refusal.code == "AUTH_ERROR" and login.renewed():
                answer, refusal = self._asked_once(request, login, context)
            if refusal is not None or answer.status == 429:
                return None
            return parse_page(answer.body, decoder)[0]
        except HeldBack:
            return None
        except IngestError as error:
            if error.code == "CANCELLED":
                raise
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def _asked_once(
        self, request: Request, login: _Login, context: IngestionContext | None
    ) -> tuple[HttpAnswer, IngestError | None]:
        if self._budget is not None:
            self._budget.take(request.points, context)
        answer = self._connection.send(request, login.headers(), context)
        return answer, status_error(answer)

    def _wait_for(
        self, limit: RateLimit, attempt: int, request: Request, context: IngestionContext | None
    ) -> None:
        seconds = wait_seconds(limit, attempt)
        now = self.clock.now()
        leaves = attempt >= MAX_RETRIES or seconds > MAX_WAIT_IN_PLACE_SECONDS
        resume_at = (
            max(resume_time(limit, now), now + timedelta(seconds=1))
            if leaves
            else now + timedelta(seconds=seconds)
        )

        if not limit.is_per_record:
            self._gate.hold(resume_at)
        if self._budget is not None:
            self._budget.refused(limit, resume_at)
        if leaves:
            raise self._limited(request, limit.reason, resume_at)

        wait(named_wait_seconds(seconds, self.clock.random()), self.clock, context)

    def _sit_out_hold(self, request: Request, context: IngestionContext | None) -> None:
        """Another request was refused after this one had its share of the budget."""
        seconds = self._gate.seconds_left()
        if seconds > MAX_WAIT_IN_PLACE_SECONDS:
            resume_at = self.clock.now() + timedelta(seconds=seconds)
            raise self._limited(request, "hold", resume_at)
        wait(named_wait_seconds(seconds, self.clock.random()), self.clock, context)

    def _limited(self, request: Request, reason: str, resume_at: datetime) -> RateLimitedError:
        route = f"{request.method} {self._connection.path(request)}"
        return RateLimitedError(
            f"The source limits {route} ({reason}). "
            f"The run goes on at {resume_at.isoformat(timespec='seconds')}.",
            resume_at=resume_at,
            reason=reason,
        )


class _NotNow(Exception):
    def __init__(self, limit: RateLimit) -> None:
        super().__init__(limit.reason)
        self.limit = limit


class _Login:
    """The credential of one call, read at each attempt, since one may wait for longer than it
    lives; after a refusal renewed at most once.
    """

    def __init__(self, source: CredentialSource) -> None:
        self._source = source
        self._used: str | None = None
        self._asked = False

    def headers(self) -> dict[str, str]:
        credential = self._source.read()
        self._used = credential.version
        return auth_headers(credential)

    def renewed(self) -> bool:
        """After a refusal: whether there is a newer one now."""
        if self._asked or self._used is None:
            return False
        self._asked = True
        return self._source.force_refresh(self._used).version != self._used


def _decoded(answer: HttpAnswer, decode: Callable[[HttpAnswer], T], *, last: bool) -> T:
    try:
        return decode(answer)
    except msgspec.ValidationError as e:
        raise other_shape(answer) from e
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise unreadable(answer, e, last=last) from e
