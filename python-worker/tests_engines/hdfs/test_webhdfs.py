"""What HDFS itself does, on which the sink relies."""

from __future__ import annotations

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential
from inlet_sdk.ports.sink_endpoint import SinkTarget
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import FIELDS, a_row
from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .cluster import Cluster
from .sinks import LOCAL, open_hdfs, open_sink, rows_of


def test_a_folder_is_never_renamed_onto_or_into_another(cluster: Cluster) -> None:
    hdfs = open_hdfs(cluster)
    hdfs.put("/data/nest/a/file", b"a")
    for other in ("empty", "full/b"):
        hdfs.make_folder(f"/data/nest/{other}")
    assert hdfs.move("/data/nest/a", "/data/nest/empty") == "taken"
    assert hdfs.move("/data/nest/a", "/data/nest/full") == "taken"
    assert [entry.name for entry in hdfs.entries("/data/nest/full")] == ["b"]
    assert hdfs.get("/data/nest/a/file") == b"a"

    assert hdfs.move("/data/nest/a", "/data/nest/c") == "moved"
    assert hdfs.move("/data/nest/a", "/data/nest/c") == "absent"
    assert hdfs.get("/data/nest/c/file") == b"a"


def test_a_file_is_never_renamed_onto_another(cluster: Cluster) -> None:
    hdfs = open_hdfs(cluster)
    hdfs.put("/data/files/one", b"1")
    hdfs.put("/data/files/two", b"2")
    assert hdfs.move("/data/files/one", "/data/files/two") == "taken"
    assert (hdfs.get("/data/files/one"), hdfs.get("/data/files/two")) == (b"1", b"2")


def test_a_folder_goes_only_when_it_is_empty(cluster: Cluster) -> None:
    hdfs = open_hdfs(cluster)
    hdfs.put("/data/going/one", b"1")
    hdfs.delete_if_empty("/data/going")
    assert hdfs.exists("/data/going/one")
    hdfs.delete("/data/going/one")
    hdfs.delete("/data/going/one")
    hdfs.delete_if_empty("/data/going")
    assert not hdfs.exists("/data/going") and hdfs.entries("/data/going") == []


@pytest.mark.parametrize(
    "name", ["a:b", "a b", "..", ".x", "a%2Fb", "ä~ö", "a/b", "x" * 60, "*?#&"]
)
def test_tables_may_have_any_name(cluster: Cluster, name: str) -> None:
    target = SinkTarget("t1", "odd", name, FIELDS)
    other = SinkTarget("t1", "odd", f"{name}2", FIELDS)
    sink = open_sink(cluster, "/data/names")
    sink.commit(target, staged(InMemoryStaging(), [a_row(1)]), a_commit())
    assert [row["id"] for row in rows_of(cluster, sink, target)] == ["1"]
    assert sink.landed_target(other) is None


def test_a_folder_where_the_user_may_not_write_is_refused_by_its_field(cluster: Cluster) -> None:
    config = {"url": cluster.url, "path": "/elsewhere", "user": cluster.user}
    with pytest.raises(FatalError) as raised:
        HdfsParquetSink(config, guard=LOCAL).test()
    assert (raised.value.code, raised.value.details) == (
        "SINK_REJECTED",
        {"field": "config.path"},
    )


def test_a_wrong_delegation_token_is_refused_by_its_field_and_never_shown(
    cluster: Cluster,
) -> None:
    config = {"url": cluster.url, "path": "/data"}
    token = Credential("delegation_token", {"token": "NotAtokenNotAtoken"})
    with pytest.raises(FatalError) as raised:
        HdfsParquetSink(config, guard=LOCAL, credential=token).test()
    assert raised.value.code in ("SINK_REJECTED", "CONFIG_INVALID")
    assert "NotAtoken" not in str(raised.value) + str(raised.value.details)


def test_a_hidden_snapshot_stays_for_its_readers_and_then_goes(cluster: Cluster) -> None:
    path, table = "/data/hidden", "/data/hidden/jira/issues"
    sink = open_sink(cluster, path)
    for run, epoch in (("r1", 1), ("r2", 2), ("r3", 3)):
        rows = staged(InMemoryStaging(), [a_row(epoch)])
        sink.commit(TARGET, rows, a_commit(run, epoch, "FULL"))

    assert sink.sweep(TARGET) == 0
    assert len([name for name in cluster.names_in(table) if name.startswith("snapshot")]) == 3
    assert open_sink(cluster, path, days_later=4).sweep(TARGET) == 4
    assert len([name for name in cluster.names_in(table) if name.startswith("snapshot")]) == 1
    assert [row["id"] for row in rows_of(cluster, sink)] == ["3"]
