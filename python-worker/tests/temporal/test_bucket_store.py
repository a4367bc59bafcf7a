"""Both kinds of bucket store by one contract, and the one in DynamoDB with many callers at once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from inlet_sdk.errors import RateLimitedError, RetryableError
from inlet_sdk.http.budget.bucket import Ask, Bucket, Lease, full_bucket, leased
from inlet_sdk.http.budget.bucket_store import BucketStore, ProcessBucket
from inlet_sdk.http.budget.limits import Limits
from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.http.retry import Clock
from inlet_worker.host.table_bucket import KEPT_SECONDS, TableBucket

from .local_aws import HOT_TABLE

NOW = 1_772_445_600_000
LIMITS = Limits(requests_per_second=10, burst=20)
numbers = itertools.count()


def table_bucket(endpoint_id: str, client: Any = None) -> TableBucket:
    return TableBucket(client or boto3.client("dynamodb"), HOT_TABLE, f"T#acme#E#{endpoint_id}")


def stored(endpoint_id: str) -> dict[str, Any]:
    found = (
        boto3.resource("dynamodb")
        .Table(HOT_TABLE)
        .get_item(Key={"pk": f"T#acme#E#{endpoint_id}", "sk": "BUDGET"})
    )
    return found["Item"]


STORES: dict[str, Callable[[], BucketStore]] = {
    "a process": ProcessBucket,
    "the table": lambda: table_bucket(f"ep_{next(numbers)}"),
}


@pytest.mark.parametrize("opened", STORES.values(), ids=STORES)
def test_what_a_step_keeps_is_what_the_next_one_finds(opened: Callable[[], BucketStore]) -> None:
    store = opened()
    kept = Bucket(tokens=5, at=NOW, leases={"one": Lease("l", 3, NOW + 1, people=True)})
    assert store.change(lambda found: (kept, found)) is None
    assert store.change(lambda found: (None, found)) == kept


@pytest.mark.parametrize("opened", STORES.values(), ids=STORES)
def test_steps_of_many_threads_happen_one_after_another(opened: Callable[[], BucketStore]) -> None:
    store = opened()
    store.change(lambda _: (Bucket(0, NOW), None))

    def one_more(_: int) -> int:
        return store.change(
            lambda found: (Bucket(found.tokens + 1, NOW), found.tokens) if found else (None, -1)
        )

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one_more, range(20))) == list(range(20))


def test_many_workers_lease_no_more_than_the_law_allows(aws: object) -> None:
    """Each with a client of its own, as processes have; time stands still, so that only the burst
    is there.
    """
    clock = Clock(now=lambda: datetime.fromtimestamp(NOW / 1000, UTC), sleep=lambda _: None)
    start = threading.Barrier(12)

    def spend(_: int) -> int:
        spender = Spender(table_bucket("ep_crowd"), LIMITS, clock=clock)
        start.wait(timeout=60)
        for spent in range(40):
            try:
                spender.take()
            except RateLimitedError:
                return spent
        return 40

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(spend, range(12))) == LIMITS.burst
    assert stored("ep_crowd")["bucket"]["tokens"] == 0


def test_a_write_whose_answer_was_lost_grants_once(aws: object) -> None:
    client = LosesAnswers(boto3.client("dynamodb"))
    ask = Ask("one", "lease-1", 8)

    def step(found: Bucket | None) -> tuple[Bucket, Lease | None]:
        return leased(found or full_bucket(LIMITS, NOW), LIMITS, ask, NOW)

    with pytest.raises(RetryableError):
        table_bucket("ep_lost", client).change(step)
    lease = table_bucket("ep_lost").change(step)
    assert lease is not None and lease.tokens == 8
    assert stored("ep_lost")["bucket"]["tokens"] == 12_000_000


def test_the_item_is_forgotten_after_two_quiet_days(aws: object) -> None:
    table_bucket("ep_ttl").change(lambda _: (Bucket(0, NOW), None))
    assert stored("ep_ttl")["ttl"] == NOW // 1000 + KEPT_SECONDS


def test_a_table_that_is_not_there_is_worth_another_attempt(aws: object) -> None:
    store = TableBucket(boto3.client("dynamodb"), "gone", "T#acme#E#ep_1")
    with pytest.raises(RetryableError):
        store.change(lambda _: (None, None))
    spender = Spender(store, LIMITS)
    spender.refused(
        datetime.now(UTC) + timedelta(seconds=1), "http-429", slow_down=True
    )  # who was refused obeys
    with pytest.raises(RetryableError):
        spender.take()


class LosesAnswers:
    """A client whose writes arrive while their answers do not."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def update_item(self, **given: Any) -> None:
        self._client.update_item(**given)
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")
