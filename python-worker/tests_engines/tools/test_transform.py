"""`policy.transform` from the source's rows to the table, with the engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.control_plane import POLICY, ControlPlane, Crash
from tests.pipeline.listed_source import ListedSource, a_record

from inlet_sdk.errors import FatalError
from inlet_worker.pipeline import transform_rows
from inlet_worker.pipeline.mapping_state import MappingState
from inlet_worker.staging.object_store import ObjectStoreStaging
from inlet_worker.tools.limits import ToolLimits
from inlet_worker.tools.registry import bind_transform

LIMITS = ToolLimits(seconds=20, output_rows=transform_rows.BATCH_ROWS)


def bound(order: Any) -> Any:
    return bind_transform(order, LIMITS)


def a_plane(place: Path, sql: str, count: int = 7, **policy: Any) -> ControlPlane:
    order = {"tool": "duckdb", "sql": sql, **policy.pop("transform", {})}
    given = {**POLICY, "transform": order, **policy}
    source = ListedSource([a_record(n, 1000 + n, f"thing {n}") for n in range(count)])
    return ControlPlane(source, place, policy=given, transforms=bound)


def landed(plane: ControlPlane) -> list[dict[str, Any]]:
    table = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow()
    return sorted(table.to_pylist(), key=lambda row: int(row["id"]))


DERIVED = "SELECT id, updated, upper(title) AS shout, length(title) AS size FROM rows"


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[ControlPlane]:
    yield a_plane(tmp_path, DERIVED)


def test_what_lands_are_the_columns_of_the_query_and_the_vendors_record(
    plane: ControlPlane,
) -> None:
    (result,) = plane.run("r1", "FULL")
    row = landed(plane)[3]
    assert (row["id"], row["shout"], row["size"]) == ("3", "THING 3", 7)
    assert "title" not in row and '"title":"thing 3"' in row["_raw"]
    assert (result.stats["read"], result.stats["landed"], result.stats["filtered"]) == (7, 7, 0)


def test_a_second_run_lands_no_new_row(plane: ControlPlane) -> None:
    plane.run("r1", "FULL")
    (again,) = plane.run("r2", "FULL")
    assert (again.stats["landed"], again.stats["unchanged"]) == (0, 7)


def test_another_query_lands_every_row_again(plane: ControlPlane) -> None:
    plane.run("r1", "FULL")
    plane.policy["transform"]["sql"] = DERIVED.replace("upper", "lower")
    (told,) = plane.run("r2", "INCREMENTAL")
    behind = [one for one in told.evidence if one.code == "ROWS_BEHIND_SCHEMA"]
    assert [one.weight for one in behind] == ["partial"] and "in full" in behind[0].message
    (full,) = plane.run("r3", "FULL")
    assert full.stats["updated"] == 6  # one was landed by the incremental run
    assert [row["shout"] for row in landed(plane)] == [f"thing {n}" for n in range(7)]
    assert plane.checkpoint is not None
    assert not MappingState.parse(plane.checkpoint["cursor"]["mapping"]).is_behind


def test_rows_that_are_filtered_are_counted_and_said(tmp_path: Path) -> None:
    sql = "SELECT * FROM rows WHERE id::INTEGER % 2 = 0"
    plane = a_plane(tmp_path, sql, transform={"filters": True})
    (result,) = plane.run("r1", "FULL")
    assert [row["id"] for row in landed(plane)] == ["0", "2", "4", "6"]
    stats = result.stats
    assert (stats["read"], stats["landed"], stats["filtered"]) == (7, 4, 3)
    assert {"ROWS_FILTERED", "CENSUS_UNCOMPARED"} <= {one.code for one in result.evidence}


def test_rows_are_not_left_out_unasked(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, "SELECT * FROM rows WHERE id <> '3'")
    with pytest.raises(FatalError) as refused:
        plane.run("r1", "FULL")
    assert refused.value.code == "TRANSFORM_FAILED"
    assert "policy.transform.filters" in refused.value.message


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT title FROM rows", "loses id"),
        ("SELECT id, title FROM rows", "loses updated"),
        ("SELECT id::BIGINT AS id, updated FROM rows", "loses id"),
        ("SELECT *, 1.5 AS price FROM rows", "Cast it"),
        ("SELECT *, [1] AS list FROM rows", "Cast it"),
        ("SELECT *, TIMESTAMP '2026-01-01' AS local FROM rows", "time zone"),
        ("SELECT *, 1 AS _mine FROM rows", "underscore"),
        ("SELECT *, id AS id FROM rows", "one name"),
        ("SELECT nothing FROM rows", "nothing"),
        ("SELECT * FROM issues", "issues"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("INSERT INTO rows SELECT * FROM rows", "INSERT"),
        ("", "minLength"),
    ],
)
def test_a_query_that_cannot_land_is_refused_before_anything_is_read(
    tmp_path: Path, sql: str, wanted: str
) -> None:
    plane = a_plane(tmp_path, sql)
    with pytest.raises(FatalError) as refused:
        plane.run("r1", "FULL")
    assert refused.value.code == "CONFIG_INVALID" and wanted in refused.value.message
    assert str(refused.value.details["field"]).startswith("policy.transform")
    assert plane.source.pages_read == 0


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT id || 'x' AS id, updated FROM rows", "no given row"),
        ("SELECT * FROM rows UNION ALL SELECT * FROM rows LIMIT 7", "two rows"),
        ("SELECT id, updated + INTERVAL 1 DAY AS updated FROM rows", "changes updated"),
        ("SELECT *, title::INTEGER AS n FROM rows", "cannot be cast"),
    ],
)
def test_a_query_that_fails_on_rows_lands_nothing_and_quotes_none(
    tmp_path: Path, sql: str, wanted: str
) -> None:
    plane = a_plane(tmp_path, sql, count=1)
    plane.source.records[0]["title"] = "canary-value"
    with pytest.raises(FatalError) as refused:
        plane.run("r1", "FULL")
    assert refused.value.code == "TRANSFORM_FAILED"
    if "two rows" not in wanted:
        assert wanted in refused.value.message
    assert "canary-value" not in refused.value.message


def test_keys_and_no_deletes_are_needed(tmp_path: Path) -> None:
    with pytest.raises(FatalError) as refused:
        a_plane(tmp_path, DERIVED, primaryKeys=[]).run("r1", "FULL")
    assert refused.value.details["field"] == "policy.primaryKeys"
    with pytest.raises(FatalError) as refused:
        a_plane(tmp_path, DERIVED, deletes="soft", transform={"filters": True}).run("r1", "FULL")
    assert refused.value.details["field"] == "policy.deletes"


def test_versions_of_a_record_in_one_slice_stay_apart(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, DERIVED, count=0)
    plane.source.records = [a_record(1, 1000, "old"), a_record(1, 2000, "new"), a_record(2, 1, "x")]
    (result,) = plane.run("r1", "FULL")
    assert [(r["id"], r["shout"]) for r in landed(plane)] == [("1", "NEW"), ("2", "X")]
    assert '"title":"new"' in landed(plane)[0]["_raw"]
    assert (result.stats["landed"], result.stats["deduplicated"]) == (2, 1)


def test_batches_are_as_large_as_one_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transform_rows, "BATCH_ROWS", 3)
    sql = "SELECT id, updated, count(*) OVER () AS together FROM rows"
    plane = a_plane(tmp_path, sql)
    plane.run("r1", "FULL")
    assert {row["together"] for row in landed(plane)} <= {1, 2, 3}


@pytest.mark.parametrize("step", ["sealed", "transformed", "pending", "committed"])
@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL"])
def test_a_kill_after_any_step_loses_nothing_and_doubles_nothing(
    tmp_path: Path, step: str, mode: str
) -> None:
    plane = a_plane(tmp_path, DERIVED)
    left = [1]

    def dies(reached: str) -> None:
        if reached == step and left:
            left.pop()
            raise Crash

    plane.on_step = dies
    plane.run("r1", mode)
    assert not left and [row["shout"] for row in landed(plane)] == [f"THING {n}" for n in range(7)]
    assert isinstance(plane.staging, ObjectStoreStaging)
    assert plane.staging.delete("stg") == 0
