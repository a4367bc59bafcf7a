"""Real kills of the writer and of HDFS itself: whatever goes away, and whatever answer is lost, no
row is lost or doubled, and nothing of a writer that was overtaken becomes visible.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.staging.in_memory import InMemoryStaging

from .cluster import Cluster
from .commit_process import CommitOrder, CommitProcess
from .lossy_proxy import losing
from .sinks import open_sink, rows_of

TABLE = "jira/issues"
REQUESTS = 16
"""As many as a commit makes, about; one that ended before it could be stopped has committed."""


def an_order(cluster: Cluster, path: str, **more: Any) -> CommitOrder:
    return CommitOrder({"url": cluster.url, "path": path, "user": cluster.user}, **more)


def land(
    cluster: Cluster,
    path: str,
    ids: Sequence[int],
    run: str,
    epoch: int,
    mode: str = "INCREMENTAL",
    **more: Any,
) -> CommitReceipt:
    sink = open_sink(cluster, path, **more)
    rows = staged(InMemoryStaging(), [a_row(n) for n in ids])
    return sink.commit(TARGET, rows, a_commit(run, epoch, mode))


def ids(cluster: Cluster, path: str) -> list[str]:
    return sorted(row["id"] for row in rows_of(cluster, open_sink(cluster, path)))


def visible(cluster: Cluster, path: str) -> list[str]:
    """What whoever lists the table sees."""
    names = cluster.names_in(f"{path}/{TABLE}")
    return [name.partition("-")[2] for name in names if not name.startswith("_")]


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_sigkill_at_every_request_and_a_retry_land_exact_rows(cluster: Cluster, mode: str) -> None:
    land(cluster, f"/data/count-{mode}", [0, 1, 2], "r0", 1)
    _, count = CommitProcess(an_order(cluster, f"/data/count-{mode}", mode=mode)).ended()
    assert count >= 10

    for at in range(1, count + 1):
        path = f"/data/kill-{mode}-{at}"
        land(cluster, path, [0, 1, 2], "r0", 1)
        killed = CommitProcess(an_order(cluster, path, mode=mode, at=at)).process
        killed.join()
        assert killed.exitcode == -signal.SIGKILL

        assert land(cluster, path, [3, 4, 5], "r1", 2, mode).landed == 3
        wanted = ["3", "4", "5"] if mode == "FULL" else ["0", "1", "2", "3", "4", "5"]
        assert ids(cluster, path) == wanted, at
        assert len(visible(cluster, path)) == 2

        later = open_sink(cluster, path, days_later=4)
        later.sweep(TARGET)
        assert cluster.names_in(f"{path}/{TABLE}/_tmp") == []
        assert ids(cluster, path) == wanted


@pytest.mark.parametrize("at", range(2, REQUESTS + 1))
def test_a_writer_that_slept_past_its_lease_shows_nothing(cluster: Cluster, at: int) -> None:
    path = f"/data/zombie-{at}"
    land(cluster, path, [0], "r0", 1)
    zombie = CommitProcess(an_order(cluster, path, ids=(9,), at=at, signal=signal.SIGSTOP))
    stopped = _is_stopped(zombie.process.pid)

    successor = open_sink(cluster, path)
    successor.fence(TARGET, 7)
    happened = successor.find_commit(TARGET, "r1/0") is not None
    land(cluster, path, [1, 2], "r2", 7)
    before = visible(cluster, path)
    if stopped:
        os.kill(zombie.process.pid or 0, signal.SIGCONT)
    said, _ = zombie.ended()

    assert said == ("1" if happened else "FENCED")
    assert ids(cluster, path) == (["0", "1", "2", "9"] if happened else ["0", "1", "2"])
    assert visible(cluster, path) == before
    assert ("r1-0" in before) == happened


def _is_stopped(pid: int | None) -> bool:
    """Waits until it sleeps; false for one that ended before."""
    while True:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            return False
        state = stat.rpartition(")")[2].split()[0]
        if state in "TZ":
            return state == "T"
        time.sleep(0.02)


@pytest.mark.parametrize("operation", [b"op=RENAME", b"op=MKDIRS", b"op=CREATE", b"op=OPEN"])
@pytest.mark.parametrize("loses", [1, 3])
def test_a_lost_answer_is_settled_by_looking(
    cluster: Cluster, operation: bytes, loses: int
) -> None:
    path = f"/data/lost-{operation.decode()[3:]}-{loses}"
    with losing(cluster.port, operation, loses) as proxy:
        first = land(cluster, path, [1, 2], "r1", 1, url=proxy.url)
        land(cluster, path, [3], "r2", 2, url=proxy.url)
        assert proxy.lost == loses
    assert ids(cluster, path) == ["1", "2", "3"]
    assert visible(cluster, path) == ["r1-0", "r2-0"]
    again = land(cluster, path, [1, 2, 8], "r1", 1)
    assert (again.landed, again.epoch) == (first.landed, 1)


def test_a_commit_whose_answers_are_all_lost_is_found_by_its_retry(cluster: Cluster) -> None:
    path = "/data/all-lost"
    land(cluster, path, [0], "r0", 1)
    with losing(cluster.port, b"op=RENAME", 10_000) as proxy, pytest.raises(RetryableError):
        land(cluster, path, [1, 2], "r1", 2, url=proxy.url)
    found = open_sink(cluster, path).find_commit(TARGET, "r1/0")
    assert land(cluster, path, [1, 2], "r1", 2).landed == 2
    assert found is not None and found.landed == 2
    assert ids(cluster, path) == ["0", "1", "2"]


@pytest.mark.parametrize("step", ["file", "written", "manifested", "drafted", "recorded", "moved"])
def test_a_name_node_that_is_killed_and_starts_again_loses_nothing(
    cluster: Cluster, step: str
) -> None:
    path = f"/data/restart-{step}"
    land(cluster, path, [0], "r0", 1)

    def restart(reached: str) -> None:
        if reached == step:
            cluster.kill()
            cluster.start_again()

    assert land(cluster, path, [1, 2], "r1", 2, on_step=restart).landed == 2
    assert land(cluster, path, [1, 2], "r1", 2).landed == 2
    assert ids(cluster, path) == ["0", "1", "2"]
    assert visible(cluster, path) == ["r0-0", "r1-0"]


def test_a_name_node_that_stays_away_ends_the_commit_with_a_retry(cluster: Cluster) -> None:
    path = "/data/away"
    land(cluster, path, [0], "r0", 1)
    with pytest.raises(RetryableError) as raised:
        land(
            cluster,
            path,
            [1],
            "r1",
            2,
            on_step=lambda step: cluster.kill() if step == "drafted" else None,
        )
    assert raised.value.code == "SINK_UNAVAILABLE"
    cluster.start_again()
    assert land(cluster, path, [1], "r1", 2).landed == 1
    assert ids(cluster, path) == ["0", "1"]
