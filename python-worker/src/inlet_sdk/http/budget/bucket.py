"""The law of a shared budget: a token bucket that is leased from, a few seconds' worth at a time.
Pure: every function takes the bucket as it is kept and gives the one to keep.

A lease's tokens leave the bucket when it is granted, so nothing that happens to its holder can
grant them twice: a holder that dies costs others what it had left, until time has refilled it.
Whatever is done twice under one lease id (a write whose answer was lost) changes nothing the second
time. So, over any time, tokens spent <= burst + rate * time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from inlet_sdk.http.budget.limits import Limits

MICRO = 1_000_000
LEASE_MS = 2_000
"""How long a lease may be spent, and so how long a hold needs to reach everybody."""
SWEEP_MS = 1_000  # a holder's clock may be behind ours
WINDOWS_MS = (60_000, 3_600_000, 86_400_000)
FULL_PACE = 1_000_000
LEAST_PACE = 50_000
SLOWDOWN = 0.85
RECOVERY_PER_MS = 2  # from half, back to all in about four minutes
PROBE_MS = 4  # a millionth each, near the pace at which the vendor refused
PROBE_FROM_PERCENT, PROBE_TO_PERCENT = 95, 110


@dataclass(frozen=True)
class Lease:
    """`tokens` requests that may be made before `until`. `people`: on behalf of somebody
    who waits.
    """

    id: str
    tokens: int
    until: int
    people: bool = False


@dataclass(frozen=True)
class Hold:
    until: int
    reason: str


@dataclass(frozen=True)
class Usage:
    """What was spent in the window that began at `start`, and in the one before it."""

    start: int
    count: int
    before: int


@dataclass(frozen=True)
class Reported:
    """What the vendor last said of its limits."""

    at: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Bucket:
    """Times in epoch milliseconds. `tokens` are millionths of a request as of `at`; `pace` is the
    part of the configured flow that is in force, in millionths; `wall` the one that was in force
    when the vendor last refused it as too fast, None where it never did; `leases` are by holder.
    """

    tokens: int
    at: int
    pace: int = FULL_PACE
    hold: Hold | None = None
    leases: Mapping[str, Lease] = field(default_factory=dict)
    used: tuple[Usage, ...] = ()
    reported: Reported | None = None
    wall: int | None = None


@dataclass(frozen=True)
class Ask:
    """A wish for up to `tokens`, under a new `lease_id`; fewer than `least` are of no use."""

    holder: str
    lease_id: str
    tokens: int
    people: bool = False
    least: int = 1


def full_bucket(limits: Limits, now: int) -> Bucket:
    """Of a credential that nobody has used lately."""
    return Bucket(limits.burst * MICRO, now)


def refilled(bucket: Bucket, limits: Limits, now: int) -> Bucket:
    """As of now: with what time brought, without leases that nobody gave back and a hold that is
    over.
    """
    passed = max(0, now - bucket.at)
    gained = int(limits.requests_per_second * 1000 * bucket.pace / FULL_PACE * passed)
    dead = [holder for holder, lease in bucket.leases.items() if lease.until + SWEEP_MS < now]
    for holder in dead:  # it may have spent them all
        bucket = _without(bucket, holder, bucket.leases[holder].tokens, now)

    return replace(
        bucket,
        tokens=min(limits.burst * MICRO, bucket.tokens + gained),
        at=max(bucket.at, now),
        pace=recovered(bucket, now),
        hold=bucket.hold if bucket.hold and bucket.hold.until > now else None,
    )


def recovered(bucket: Bucket, now: int) -> int:
    """The pace by now. It comes back quickly, but for what lies near the wall: there it looks for
    the vendor's limit slowly, since it would only meet it again and again.
    """
    left, at, pace = max(0, now - bucket.at), bucket.at, bucket.pace
    if bucket.wall is not None:
        low = bucket.wall * PROBE_FROM_PERCENT // 100
        high = bucket.wall * PROBE_TO_PERCENT // 100
        fast = min(left, max(0, low - pace) // RECOVERY_PER_MS)
        pace, at, left = pace + fast * RECOVERY_PER_MS, at + fast, left - fast

        if pace + RECOVERY_PER_MS > low and pace < high:
            end = min(at + left, (at // PROBE_MS + high - pace) * PROBE_MS)
            pace += end // PROBE_MS - at // PROBE_MS
            left -= end - at

    return min(FULL_PACE, pace + left * RECOVERY_PER_MS)


def leased(bucket: Bucket, limits: Limits, ask: Ask, now: int) -> tuple[Bucket, Lease | None]:
    """A lease of as much as there is, at most a fair share of what the holders may spend while it
    lasts. None when there is nothing, or a hold. The same ask again is answered by the same lease.
    """
    before = bucket.leases.get(ask.holder)
    if before is not None and before.id == ask.lease_id:
        return bucket, before

    bucket = refilled(bucket, limits, now)
    if before is not None and ask.holder in bucket.leases:
        bucket = _without(bucket, ask.holder, before.tokens, now)
    if bucket.hold is not None:
        return bucket, None

    kept = 0 if ask.people else limits.reserved
    there = bucket.tokens // MICRO - kept
    flow = limits.requests_per_second * bucket.pace / FULL_PACE * LEASE_MS / 1000
    tokens = min(
        max(ask.tokens, ask.least), there, max(ask.least, int(flow / (len(bucket.leases) + 1)))
    )
    if tokens < ask.least:
        return bucket, None

    lease = Lease(ask.lease_id, tokens, now + LEASE_MS, ask.people)
    taken = replace(
        bucket, tokens=bucket.tokens - tokens * MICRO, leases={**bucket.leases, ask.holder: lease}
    )
    return taken, lease


def settled(
    bucket: Bucket, limits: Limits, holder: str, lease_id: str, spent: int, now: int
) -> Bucket:
    """The lease given back, of which `spent` tokens are gone. Nothing for a lease that is not there
    any more: it was given back already, or swept as spent.
    """
    bucket = refilled(bucket, limits, now)
    lease = bucket.leases.get(holder)
    if lease is None or lease.id != lease_id:
        return bucket
    rest = max(0, lease.tokens - spent)
    back = replace(bucket, tokens=min(limits.burst * MICRO, bucket.tokens + rest * MICRO))
    return _without(back, holder, lease.tokens - rest, now)


def held(bucket: Bucket, limits: Limits, hold: Hold, now: int, *, slow_down: bool) -> Bucket:
    """Nobody is granted anything until the hold is over; then the bucket fills from nothing, so
    that not all return as one. `slow_down`: the vendor allows less than is configured. Refusals of
    one moment slow down once.
    """
    bucket = refilled(bucket, limits, now)
    pace = (
        bucket.pace
        if not slow_down or bucket.hold
        else max(LEAST_PACE, int(bucket.pace * SLOWDOWN))
    )
    if bucket.hold is not None and bucket.hold.until >= hold.until:
        return bucket
    wall = bucket.pace if pace < bucket.pace else bucket.wall
    return replace(bucket, hold=hold, pace=pace, tokens=0, at=max(bucket.at, hold.until), wall=wall)


def wait_ms(bucket: Bucket, limits: Limits, ask: Ask, now: int) -> int:
    """Until there may be enough for such an ask: the hold, and then the time to fill up to it."""
    kept = 0 if ask.people else limits.reserved
    lacking = max(0, (kept + ask.least) * MICRO - bucket.tokens)
    flow = limits.requests_per_second * 1000 * bucket.pace / FULL_PACE
    return max(0, bucket.at - now) + int(lacking / flow) + 1


def used_since(bucket: Bucket, now: int) -> tuple[int, ...]:
    """Tokens spent in the last minute, hour and day: of the window before, the part that is still
    in it.
    """
    return tuple(
        usage.count + usage.before * max(0, length - (now - usage.start)) // length
        for usage, length in zip(_rolled(bucket.used, now), WINDOWS_MS, strict=True)
    )


def _without(bucket: Bucket, holder: str, spent: int, now: int) -> Bucket:
    leases = {name: lease for name, lease in bucket.leases.items() if name != holder}
    used = tuple(replace(usage, count=usage.count + spent) for usage in _rolled(bucket.used, now))
    return replace(bucket, leases=leases, used=used)


def _rolled(used: tuple[Usage, ...], now: int) -> tuple[Usage, ...]:
    found = used or tuple(Usage(0, 0, 0) for _ in WINDOWS_MS)
    return tuple(
        _rolled_window(usage, length, now) for usage, length in zip(found, WINDOWS_MS, strict=True)
    )


def _rolled_window(usage: Usage, length: int, now: int) -> Usage:
    start = now - now % length
    if start <= usage.start:  # also for a clock that is behind the one that wrote it
        return usage
    return Usage(start, 0, usage.count if usage.start == start - length else 0)
