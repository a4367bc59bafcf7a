"""Real kills of the writer and of HDFS itself: whatever goes away, and whatever answer is lost, no
row is lost or doubled, and nothing of a writer that was overtaken becomes visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint
from inlet_sdk.testing.contract_interruptions import InterruptionContract, Losing
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.interrupted_writer import Opening, preload
from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink
from inlet_worker.staging.in_memory import InMemoryStaging

from ..lossy_proxy import losing
from .cluster import Cluster
from .sinks import LOCAL, open_sink, rows_of
from .subject import HdfsSubject, path_of

TABLE = "jira/issues"

preload(__name__)


def open_by_config(config: dict[str, Any]) -> SinkEndpoint:
    return HdfsParquetSink(config, guard=LOCAL)


class TestHdfsInterruptions(HdfsSubject, InterruptionContract):
    opening = Opening(
        open_by_config,
        InMemoryStaging,
        ("inlet_worker.sinks.hdfs_parquet.connection:HdfsConnection._send",),
    )
    steps = HdfsSubject.steps[1:-1]
    earlier = 24

    def argument(self, place: Path) -> Any:
        return {"url": self.cluster.url, "path": path_of(place), "user": self.cluster.user}

    def restart(self, place: Path) -> None:
        self.cluster.kill()
        self.cluster.start_again()

    @contextmanager
    def losing_an_answer(self, place: Path) -> Iterator[Losing]:
        with losing(self.cluster.port, b"op=RENAME", b"_log") as proxy:
            found = Losing(open_sink(self.cluster, path_of(place), url=proxy.url))
            yield found
            found.lost = proxy.lost

    def left_over(self, place: Path) -> list[str]:
        return self.cluster.names_in(f"{path_of(place)}/{TABLE}/_tmp")


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


@pytest.mark.parametrize("operation", [b"op=RENAME", b"op=MKDIRS", b"op=CREATE", b"op=OPEN"])
@pytest.mark.parametrize("loses", [1, 3])
def test_a_lost_answer_is_settled_by_looking(
    cluster: Cluster, operation: bytes, loses: int
) -> None:
    path = f"/data/lost-{operation.decode()[3:]}-{loses}"
    with losing(cluster.port, operation, loses=loses) as proxy:
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
    with losing(cluster.port, b"op=RENAME", loses=10_000) as proxy, pytest.raises(RetryableError):
        land(cluster, path, [1, 2], "r1", 2, url=proxy.url)
    found = open_sink(cluster, path).find_commit(TARGET, "r1/0")
    assert land(cluster, path, [1, 2], "r1", 2).landed == 2
    assert found is not None and found.landed == 2
    assert ids(cluster, path) == ["0", "1", "2"]


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
