"""A caller's side of a shared budget: a lease at a time, spent request by request without asking
anybody.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from inlet_sdk.errors import RateLimitedError, RetryableError
from inlet_sdk.http.budget.bucket import (
    FULL_PACE,
    Ask,
    Bucket,
    Hold,
    Lease,
    Reported,
    full_bucket,
    held,
    leased,
    settled,
    wait_ms,
)
from inlet_sdk.http.budget.bucket_store import BucketStore
from inlet_sdk.http.budget.limits import Limits
from inlet_sdk.http.rate_limit import MAX_WAIT_IN_PLACE_SECONDS
from inlet_sdk.http.retry import CANCEL_POLL_SECONDS, Clock, check_cancelled, wait
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.redaction import shown

FIRST_WISH = 5  # what a tick that finds nothing new asks of a vendor
MOST_WISHED = 1000
CROWD_SECONDS = 0.05
MAX_HEADER = 200
HEADERS = (
    "Retry-After",
    "RateLimit-Reason",
    *(f"X-RateLimit-{name}" for name in ("Limit", "Remaining", "Reset", "NearLimit")),
    *(f"{prefix}RateLimit{name}" for prefix in ("", "Beta-") for name in ("", "-Policy")),
)


@dataclass(frozen=True)
class _Refusal:
    """Nothing granted now: `hold` when the vendor's word is why."""

    wait_ms: int
    hold: Hold | None


class Spender:
    """Thread-safe. `people`: on behalf of somebody who waits for the answer."""

    def __init__(
        self,
        store: BucketStore,
        limits: Limits,
        *,
        people: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        self._limits = limits
        self._people = people
        self._clock = clock or Clock()

        self._holder = uuid.uuid4().hex[:12]
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._lease: Lease | None = None
        self._spent = 0
        self._wish = FIRST_WISH
        self._reported: Reported | None = None
        self._pace = FULL_PACE

    @property
    def per_second(self) -> float:
        """Tokens that may be spent a second, by all who share the budget, as far as is known
        here.
        """
        return self._limits.requests_per_second * self._pace / FULL_PACE

    def take(self, context: IngestionContext | None = None, cost: int = 1) -> None:
        """Returns when `cost` tokens may be spent, or a whole burst where that is less. Up to 30 s
        are sat out; raises RateLimitedError for longer waits, and FatalError `CANCELLED` when the
        run is to stop.
        """
        cost = max(1, min(cost, self._limits.burst - self._limits.reserved))
        waited, denials = 0.0, 0

        # One thread waits for the store's tokens, the others for their turn: a crowd that asks for
        # the same token would back off from each other and leave it unused.
        while not self._turn.acquire(timeout=CANCEL_POLL_SECONDS):
            check_cancelled(context)
        try:
            while (refusal := self._spend(cost)) is not None:
                # Without the lock: another thread may have a refusal to tell.
                waited += self._sit_out(refusal, waited, denials, context)
                denials += 1
        finally:
            self._turn.release()

    def saw(self, headers: Mapping[str, str]) -> None:
        """Keeps what the vendor says of its limits, for people to see; written with the next
        change.
        """
        found = {name: str(headers[name])[:MAX_HEADER] for name in HEADERS if headers.get(name)}
        if found:
            self._reported = Reported(self._now(), found)

    def refused(self, until: datetime, reason: str, *, slow_down: bool) -> None:
        """Tells everybody that the vendor is not to be asked before `until`. A store that does not
        answer leaves it to the caller alone to obey: it knows the time, and gets no other lease
        before the store answers again.
        """
        hold = Hold(int(until.timestamp() * 1000), reason[:MAX_HEADER])

        def step(found: Bucket | None) -> tuple[Bucket | None, None]:
            bucket = self._noted(found or full_bucket(self._limits, self._now()))
            return held(bucket, self._limits, hold, self._now(), slow_down=slow_down), None

        with self._lock:
            if self._lease is not None:  # what is left of it is given back when it is over
                self._lease = replace(self._lease, until=0)
            try:
                self._store.change(step)
            except RetryableError as e:
                structlog.stdlib.get_logger(__name__).warning("hold not written", code=e.code)

    def close(self) -> None:
        """Gives back what is left. Idempotent; a store that does not answer costs others a moment,
        not the run.
        """
        with self._lock:
            if self._lease is None:
                return
            try:
                self._store.change(lambda found: (self._settled(found) if found else None, None))
            except RetryableError as e:
                structlog.stdlib.get_logger(__name__).info("lease not given back", code=e.code)
            self._lease = None

    def _spend(self, cost: int) -> _Refusal | None:
        """None when it is spent."""
        with self._lock:
            while not self._may_spend(cost):
                refusal = self._renew(cost)
                if refusal is not None:
                    return refusal
            self._spent += cost
            return None

    def _may_spend(self, cost: int) -> bool:
        lease = self._lease
        return (
            lease is not None and self._spent + cost <= lease.tokens and self._now() < lease.until
        )

    def _renew(self, cost: int) -> _Refusal | None:
        """Settles the lease before and asks for the next. The wish doubles while leases run out
        before their time.
        """
        if self._lease is not None:
            used_up = self._spent + cost > self._lease.tokens
            self._wish = min(MOST_WISHED, self._wish * 2) if used_up else max(1, self._spent)
        ask = Ask(self._holder, uuid.uuid4().hex[:12], self._wish, self._people, cost)

        def step(found: Bucket | None) -> tuple[Bucket | None, Lease | _Refusal]:
            now = self._now()
            bucket = found or full_bucket(self._limits, now)
            if self._lease is not None:
                bucket = self._settled(bucket)
            after, lease = leased(self._noted(bucket), self._limits, ask, now)
            self._pace = after.pace
            if lease is not None:
                return after, lease
            refusal = _Refusal(wait_ms(after, self._limits, ask, now), after.hold)
            return (None if self._lease is None else after), refusal

        answer = self._store.change(step)
        self._lease, self._spent = (answer if isinstance(answer, Lease) else None), 0
        return answer if isinstance(answer, _Refusal) else None

    def _settled(self, bucket: Bucket) -> Bucket:
        if self._lease is None:
            return bucket
        return settled(
            self._noted(bucket),
            self._limits,
            self._holder,
            self._lease.id,
            self._spent,
            self._now(),
        )

    def _noted(self, bucket: Bucket) -> Bucket:
        mine, theirs = self._reported, bucket.reported
        if mine is None or (theirs is not None and theirs.at >= mine.at):
            return bucket
        # Here and not at each answer, of which most are never written.
        headers = {name: shown(header) for name, header in mine.headers.items()}
        return replace(bucket, reported=replace(mine, headers=headers))

    def _sit_out(
        self, refusal: _Refusal, waited: float, denials: int, context: IngestionContext | None
    ) -> float:
        """The seconds that it took."""
        seconds = refusal.wait_ms / 1000
        if waited + seconds > MAX_WAIT_IN_PLACE_SECONDS:
            reason = refusal.hold.reason if refusal.hold else "budget"
            at = datetime.fromtimestamp(self._now() / 1000, UTC) + timedelta(seconds=seconds)
            raise RateLimitedError(
                f"The budget of the endpoint's credential is used up or on hold ({reason}). "
                f"The run goes on at {at.isoformat(timespec='seconds')}.",
                resume_at=at,
                reason=reason,
            )

        # Many may wait for the same token: the later the try, the wider they spread.
        crowd: float = self._clock.random() * min(2.0, CROWD_SECONDS * 2 ** min(denials, 8))
        wait(seconds + crowd, self._clock, context)
        return seconds + crowd

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
