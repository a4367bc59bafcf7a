"""Spark and Inlet read each other's merges: position deletes of ours, and of Spark's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from inlet_sdk.ports.sink_endpoint import SinkTarget, SliceCommit
from inlet_sdk.testing import contract_sink
from inlet_sdk.testing.contract_sink import a_commit
from inlet_sdk.testing.contract_staging import FIELDS, a_row
from inlet_worker.sinks.iceberg import file_changes
from inlet_worker.sinks.iceberg.catalog import open_catalog
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.iceberg.place import IcebergPlace
from inlet_worker.staging.in_memory import InMemoryStaging

Rows: TypeAlias = list[list[Any]]
Spark: TypeAlias = Callable[[Path, list[str]], list[Rows]]
LATER = 1_800_000_000_000
ROWS = 3_000


@pytest.fixture
def spark(spark_jars: list[Path]) -> Spark:
    def run(folder: Path, statements: list[str]) -> list[Rows]:
        order = {
            "jars": [str(jar) for jar in spark_jars],
            "folder": str(folder),
            "statements": statements,
        }
        program = Path(__file__).with_name("statements.py")
        subprocess.run([sys.executable, str(program), json.dumps(order)], check=True)
        answers: list[Rows] = json.loads((folder / "answers.json").read_text())
        return answers

    return run


@pytest.fixture(autouse=True)
def small_files_are_deleted_from_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_changes, "SMALL_BYTES", -1)


def config(folder: Path) -> dict[str, Any]:
    return {
        "catalog": "sql",
        "uri": f"sqlite:///{folder}/lake.db",
        "warehouse": f"file://{folder}/lake",
    }


def table_of(folder: Path, name: str) -> Any:
    return open_catalog(IcebergPlace.model_validate(config(folder))).load_table(("jira", name))


def land(folder: Path, name: str, rows: list[dict[str, Any]], commit: SliceCommit) -> None:
    sink, target = IcebergSink(config(folder)), SinkTarget("t1", "jira", name, FIELDS)
    sink.commit(target, contract_sink.staged(InMemoryStaging(), rows), commit)


def select(name: str) -> str:
    return (
        "SELECT id, summary, unix_millis(updated), _version, _deleted_at IS NOT NULL "
        f"FROM lake.jira.{name} ORDER BY id"
    )


def as_we_read(folder: Path, name: str) -> Rows:
    """By our own reading, which the library's own must equal."""
    sink, table = IcebergSink(config(folder)), table_of(folder, name)
    rows = _selected(table.scan().to_arrow().to_pylist())
    everything = sink.landed_rows(
        SinkTarget("t1", "jira", name, FIELDS), lambda versions: versions.is_valid()
    )
    live = _selected([row for batch in everything for row in batch.to_pylist()])
    assert live == [row for row in rows if not row[-1]]
    return rows


def _selected(rows: list[dict[str, Any]]) -> Rows:
    return sorted(
        [
            row["id"],
            row["summary"],
            round(row["updated"].timestamp() * 1000),
            row["_version"],
            row["_deleted_at"] is not None,
        ]
        for row in rows
    )


def merge_some_rounds(folder: Path, name: str) -> None:
    """A full load, changes, tombstones of both kinds, and many changes of one file."""
    land(folder, name, [a_row(n) for n in range(ROWS)], a_commit("r1", 1, mode="FULL"))
    for epoch in range(2, 12):
        ids = range(epoch, ROWS, 97)
        changed = [a_row(n, summary=f"round {epoch}", updated=LATER + epoch) for n in ids]
        land(folder, name, [*changed, a_row(ROWS + epoch)], a_commit(f"r{epoch}", epoch))
    for epoch, deletes in ((12, "soft"), (13, "hard")):
        commit = replace(a_commit(f"r{epoch}", epoch, deletes=deletes), operation="delete")
        buried = [{"id": str(n), "_raw": "{}"} for n in range(epoch, ROWS, 211)]
        land(folder, name, buried, commit)


def test_spark_reads_the_rows_that_we_merged_and_we_read_those_that_spark_changed(
    tmp_path: Path, spark: Spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_some_rounds(tmp_path, "deleted")
    merge_some_rounds(tmp_path, "written_anew")
    deletes = [task.delete_files for task in table_of(tmp_path, "deleted").scan().plan_files()]
    assert max(map(len, deletes)) > 1
    with monkeypatch.context() as patch:
        patch.setattr(file_changes, "REWRITE_SHARE", 0.0)
        row = a_row(7, summary="written anew", updated=LATER + 100)
        land(tmp_path, "written_anew", [row], a_commit("r14", 14))
    ours = [as_we_read(tmp_path, name) for name in ("deleted", "written_anew")]

    merging = ", ".join(f"'write.{kind}.mode'='merge-on-read'" for kind in ("delete", "update"))
    answers = spark(
        tmp_path,
        [
            select("deleted"),
            select("written_anew"),
            "SELECT count(*) FROM lake.jira.deleted.position_deletes",
            f"ALTER TABLE lake.jira.deleted SET TBLPROPERTIES ({merging})",
            "DELETE FROM lake.jira.deleted WHERE id LIKE '%5'",
            "UPDATE lake.jira.deleted SET summary = 'of spark' WHERE id LIKE '%08'",
            select("deleted"),
        ],
    )
    assert answers[0] == ours[0] and answers[1] == ours[1]
    summary = table_of(tmp_path, "deleted").metadata.snapshots[-3].summary
    assert answers[2] == [[int(summary["total-position-deletes"])]]

    after_spark = as_we_read(tmp_path, "deleted")
    assert answers[6] == after_spark and len(after_spark) < len(ours[0])
    again = [a_row(n, summary="again", updated=LATER + 200) for n in range(0, ROWS, 3)]
    land(tmp_path, "deleted", again, a_commit("r20", 20))
    ids = {str(row["id"]) for row in again}
    expected = sorted({row[0] for row in after_spark} | ids)
    by_us = as_we_read(tmp_path, "deleted")
    assert [row[0] for row in by_us] == expected
    assert all((row[1] == "again") == (row[0] in ids) for row in by_us)
    assert spark(tmp_path, [select("deleted")]) == [by_us]
