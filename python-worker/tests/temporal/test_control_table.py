from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest

from inlet_sdk.errors import FatalError, FencedError, RetryableError
from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.host.control_table import RunItem
from inlet_worker.host.item_size import guard_sizes
from inlet_worker.pipeline.pending_slice import PendingSlice
from inlet_worker.pipeline.run_stats import NOTHING
from inlet_worker.temporal.live_progress import LiveProgress

from .local_aws import TABLE, get_run, put_run

NOW = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)
WRITTEN: dict[str, Any] = {
    "slice": 0,
    "commitId": "run_1/0",
    "epoch": 7,
    "nextCheckpoint": {
        "cursor": {"position": 1_740_000_000_000, "seen": [["1", 2]]},
        "position": 1_740_000_000_000.0,
    },
    "stats": {**NOTHING, "read": 3, "durationMs": 5},
    "result": {
        "done": False,
        "errors": [{"code": "RECORD_INVALID", "message": "no title", "key": None}],
        "evidence": [{"code": "X", "message": "y", "weight": "info"}],
        "continuation": {"source": {"share": 0.5, "note": None}, "since": 1, "cursor": None},
        "resumeAt": None,
        "waitReason": None,
    },
}
PENDING = PendingSlice.parse(WRITTEN)
OF_BEFORE = {name: value for name, value in WRITTEN.items() if name != "result"} | {
    "stats": {
        "read": 3,
        "durationMs": 5,
        "result": {
            "outcome": "COMMITTED",
            "done": False,
            "errors": WRITTEN["result"]["errors"],
            "evidence": [{"code": "X", "message": "y", "weight": "info", "more": 0}],
            "resume": {"source": {"share": 0.5, "note": None}, "since": 1, "cursor": None},
            "wait": None,
        },
    }
}


def run_item(run_id: str, epoch: int = 7, table: str = TABLE) -> RunItem:
    return RunItem(boto3.client("dynamodb"), table, "acme", run_id, epoch)


def test_progress_and_pending_slice_are_kept_on_the_run(aws: object) -> None:
    put_run("acme", "run_ok", epoch=7)
    item = run_item("run_ok")
    item.save_progress(
        Progress(rows=1, pages=2, bytes=3, requests=4, waited_ms=5), slice_=6, now=NOW
    )
    item.save_pending(PENDING)
    stored = get_run("acme", "run_ok")["progress"]
    assert stored.pop("updatedAt") == "2026-03-02T09:40:00Z"
    assert stored == {"rows": 1, "pages": 2, "bytes": 3, "requests": 4, "waitedMs": 5, "slice": 6}
    assert item.load_pending() == PENDING
    slice_ = get_run("acme", "run_ok")["pendingSlice"]
    assert slice_["stats"] == WRITTEN["stats"] and "result" not in slice_


def test_a_slice_that_the_release_before_left_is_recovered(aws: object) -> None:
    stored = json.loads(json.dumps(OF_BEFORE), parse_float=Decimal)
    put_run("acme", "run_before", epoch=7, pendingSlice=stored)
    assert run_item("run_before").load_pending() == PENDING


def test_a_worker_of_before_leaves_the_result_of_an_earlier_slice_beside_its_own(
    aws: object,
) -> None:
    """Both releases work on one run while Python is rolled, under a control plane of before, which
    removes the slice alone.
    """
    earlier = {**WRITTEN["result"], "continuation": None, "done": True}
    stored = json.loads(json.dumps(OF_BEFORE), parse_float=Decimal)
    put_run("acme", "run_mixed", epoch=7, pendingSlice=stored, pendingResult=earlier)
    assert run_item("run_mixed").load_pending() == PENDING


def test_a_run_without_a_pending_slice_has_none(aws: object) -> None:
    put_run("acme", "run_none", epoch=7)
    assert run_item("run_none").load_pending() is None
    assert run_item("run_unknown").load_pending() is None


@pytest.mark.parametrize(
    ("run_id", "attributes"),
    [
        ("run_newer", {"epoch": 8}),
        ("run_ended", {"epoch": 7, "status": "COMPLETE"}),
        ("run_queued", {"epoch": 7, "status": "QUEUED"}),
    ],
)
def test_a_run_that_is_not_ours_any_more_takes_nothing(
    aws: object, run_id: str, attributes: dict[str, Any]
) -> None:
    put_run("acme", run_id, **attributes)
    item = run_item(run_id)
    with pytest.raises(FencedError):
        item.save_pending(PENDING)
    with pytest.raises(FencedError):
        item.save_progress(Progress(rows=1), slice_=0)
    assert {"pendingSlice", "progress"}.isdisjoint(get_run("acme", run_id))


def test_nothing_is_written_for_a_run_that_nobody_knows(aws: object) -> None:
    with pytest.raises(FencedError):
        run_item("run_never").save_progress(Progress(), slice_=0)


def test_a_table_that_does_not_answer_is_worth_another_attempt(aws: object) -> None:
    with pytest.raises(RetryableError):
        run_item("run_ok", table="gone").save_progress(Progress(), slice_=0)


def test_progress_is_shown_at_most_every_five_seconds_and_adds_up(aws: object) -> None:
    put_run("acme", "run_live", epoch=7)
    times = iter([0.0, 4.9, 5.0])
    live = LiveProgress(
        run_item("run_live"),
        2,
        {"rows": 100, "pages": 1, "bytes": 0, "requests": 0, "waited_ms": 0},
        _never,
        monotonic=lambda: next(times),
    )
    shown = []
    for rows in (1, 2, 3):
        live.see(Progress(rows=rows))
        shown.append(int(get_run("acme", "run_live")["progress"]["rows"]))
    assert shown == [101, 101, 103]
    assert live.handed_on(Progress(rows=3))["rows"] == 103


def test_a_fence_is_told_once(aws: object) -> None:
    put_run("acme", "run_fenced", epoch=9)
    told: list[str] = []
    live = LiveProgress(run_item("run_fenced"), 0, None, lambda: told.append("fenced"))
    live.save(Progress(rows=1))
    live.save(Progress(rows=2))
    assert told == ["fenced"] and live.fenced


def _never() -> None:
    raise AssertionError("the run is ours")


def a_large_pending(pairs: int) -> PendingSlice:
    cursor = {"position": 1_740_000_000_000, "boundary": [[str(n), n * n] for n in range(pairs)]}
    checkpoint = {"cursor": cursor, "position": 1_740_000_000_000.0}
    return PendingSlice.parse({**WRITTEN, "nextCheckpoint": checkpoint})


@pytest.mark.parametrize("pairs", [10_000, 90_000])
def test_a_cursor_that_is_too_large_for_the_run_is_kept_beside_it(aws: object, pairs: int) -> None:
    put_run("acme", f"run_large_{pairs}", epoch=7)
    item = run_item(f"run_large_{pairs}")
    item.save_pending(a_large_pending(pairs))
    (reference,) = get_run("acme", f"run_large_{pairs}")["pendingSlice"]["nextCheckpoint"][
        "cursor"
    ].values()
    assert reference["key"].startswith("PART#PENDING#0#") and (reference["parts"] > 1) == (
        pairs > 10_000
    )
    assert item.load_pending() == a_large_pending(pairs)


def test_a_continuation_that_is_too_large_for_the_run_is_kept_beside_it(aws: object) -> None:
    """It has the names of thousands of records in quarantine."""
    put_run("acme", "run_aside", epoch=7)
    names = [f"{10**17 + n}:{n * n:012x}:{10**17 + n}" for n in range(9_000)]
    aside = {"records": {"1740000000000": names}}
    result = {**WRITTEN["result"], "continuation": {"source": None, "since": 1, "aside": aside}}
    pending = PendingSlice.parse({**WRITTEN, "result": result})
    item = run_item("run_aside")
    item.save_pending(pending)
    assert set(get_run("acme", "run_aside")["pendingResult"]["continuation"]) == {"$kept"}
    assert item.load_pending() == pending


def test_a_kept_cursor_that_was_changed_or_is_gone_is_not_taken(aws: object) -> None:
    put_run("acme", "run_damaged", epoch=7)
    item = run_item("run_damaged")
    item.save_pending(a_large_pending(10_000))
    reference = get_run("acme", "run_damaged")["pendingSlice"]["nextCheckpoint"]["cursor"]["$kept"]
    item._put_part(f"{reference['key']}#0000", b"something else")
    with pytest.raises(RetryableError, match="damaged"):
        item.load_pending()


def test_what_is_larger_than_an_item_is_refused_once(aws: object) -> None:
    put_run("acme", "run_huge", epoch=7)
    client = boto3.client("dynamodb")
    guard_sizes(client)
    item = RunItem(client, TABLE, "acme", "run_huge", 7)
    evidence = [{"code": "X", "message": "x" * 1024, "weight": "info"}] * 410
    result = {**WRITTEN["result"], "evidence": evidence}
    huge = PendingSlice.parse({**WRITTEN, "result": result})

    with pytest.raises(FatalError) as raised:
        item.save_pending(huge)
    assert raised.value.code == "ITEM_TOO_LARGE" and not raised.value.retryable
    assert "pendingSlice" not in get_run("acme", "run_huge")
