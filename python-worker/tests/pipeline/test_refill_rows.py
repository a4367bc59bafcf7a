"""Landed rows are made again from their own `_raw`: exactly once, and without the source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from inlet_sdk.errors import FatalError, SkippableError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_worker.pipeline import refill_rows
from inlet_worker.pipeline.import_from_staging import import_from_staging
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg import file_batches

from .control_plane import ControlPlane, Crash
from .landing_again import refill, refilled
from .listed_source import FIELDS, ListedSource, a_record

PAST = datetime(2020, 1, 1, tzinfo=UTC)
NO_TITLE = tuple(field for field in FIELDS if field.name != "title")
PARENT = FieldDescriptor("parent", "string")
BEHIND = "ROWS_BEHIND_SCHEMA"
STEPS = ["sealed", "pending", "checked", "planned", "written", "committed"]


class Rereading(ListedSource):
    """Makes rows of records again. `parent` is not told by the record; `spoilt` ones make no row;
    `mixed` have another's record.
    """

    spoilt: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()

    def reread(
        self, unit_id: str, record: QuarantinedRecord, fields: Sequence[FieldDescriptor]
    ) -> Row:
        if record.key in self.spoilt:
            raise SkippableError("RECORD_INVALID", "It cannot be read any more.")
        made = {**orjson.loads(record.raw), "_raw": record.raw}
        known = record.row or {}
        if record.key in self.mixed:
            made["id"] = "another"
        return made | {name: known[name] for name in ("parent",) if name in known}

    @staticmethod
    def _row(record: dict[str, Any]) -> dict[str, Any]:
        raw = {name: value for name, value in record.items() if name != "parent"}
        return {**record, "_raw": orjson.dumps(raw).decode()}


def a_plane(place: Path, rows: int = 5, **policy: Any) -> ControlPlane:
    """Rows that have landed with their parent and without their title, which is known by now."""
    records = [{**a_record(n, 1000 + n, f"title {n}"), "parent": f"p{n}"} for n in range(rows)]
    plane = ControlPlane(Rereading(records), place)
    plane.policy |= policy
    plane.fields = (*NO_TITLE, PARENT)
    plane.run("r1", "INCREMENTAL")
    plane.fields = (*FIELDS, PARENT)
    return plane


def table(plane: ControlPlane) -> dict[str, dict[str, Any]]:
    rows = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow().to_pylist()
    found = {row["id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def titles(plane: ControlPlane) -> dict[str, str | None]:
    return {key: row.get("title") for key, row in table(plane).items()}


def codes(results: list[IngestionUnitResult]) -> set[str]:
    return {one.code for result in results for one in result.evidence}


def whole(rows: int = 5) -> dict[str, str]:
    return {str(n): f"title {n}" for n in range(rows)}


def test_a_refill_fills_the_column_of_every_row_and_asks_the_source_for_none(
    tmp_path: Path,
) -> None:
    plane = a_plane(tmp_path)
    before, read = table(plane), plane.source.pages_read
    position = plane.checkpoint and plane.checkpoint["position"]
    (result,) = refill(plane, "f1")

    assert titles(plane) == whole() and plane.source.pages_read == read
    assert (result.stats["read"], result.stats["landed"], result.stats["requests"]) == (5, 5, 0)
    assert codes([result]) == {"REFILLED"} and codes(plane.run("r2", "INCREMENTAL")) == set()
    assert plane.checkpoint is not None and plane.checkpoint["position"] == position
    same = ("id", "updated", "parent", "_raw")
    assert all(row[name] == before[key][name] for key, row in table(plane).items() for name in same)


def test_a_second_refill_finds_nothing_to_do(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    refill(plane, "f1")
    (again,) = refill(plane, "f2")
    assert (again.stats["read"], again.receipt, again.done) == (0, None, True)


def test_a_full_run_after_a_refill_lands_no_row(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    refill(plane, "f1")
    (full,) = plane.run("r2", "FULL")
    assert (full.stats["landed"], full.stats["unchanged"]) == (0, 5)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_lands_each_row_once(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refill_rows, "SLICE_ROWS", 1)
    monkeypatch.setattr(file_batches, "BATCH_ROWS", 2)
    plane = a_plane(tmp_path)
    crashes = [step, step]

    def crash(reached: str) -> None:
        if crashes and reached == crashes[0]:
            raise Crash(crashes.pop())

    plane.on_step = crash
    results = refill(plane, "f1")
    assert not crashes and titles(plane) == whole() and len(results) > 2
    assert sum(result.stats["landed"] for result in results) == 5
    assert BEHIND not in codes(results)


def test_a_refill_that_is_given_up_is_finished_by_the_next_one(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)

    def crash(reached: str) -> None:
        if reached == "written":
            raise Crash(reached)

    plane.on_step = crash
    plane.epoch += 1
    with pytest.raises(Crash):
        refilled(plane, plane.context("f1", "INCREMENTAL"), plane.checkpoint)
    plane.on_step = lambda _: None
    refill(plane, "f2")
    assert titles(plane) == whole()


def test_it_goes_on_in_slices_across_deadlines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refill_rows, "SLICE_ROWS", 10_000)
    plane = ControlPlane(Rereading([]), tmp_path)
    plane.fields = NO_TITLE
    for number in range(3):  # a file for each
        plane.source.records.append(a_record(number, 1000 + number, f"title {number}"))
        plane.run(f"r{number}", "INCREMENTAL")
    plane.fields = FIELDS
    results = refill(plane, "f1", deadline=PAST)
    assert len(results) > 1 and [r.done for r in results].count(True) == 1
    assert titles(plane) == whole(3) and BEHIND not in codes(results)


def test_rows_without_raw_stay_and_are_said(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, keepRaw=False)
    plane.policy["keepRaw"] = True
    plane.source.records.append(a_record(7, 7000, "title 7"))
    plane.fields = (*NO_TITLE, PARENT)
    plane.run("r2", "INCREMENTAL")
    plane.fields = (*FIELDS, PARENT)
    results = refill(plane, "f1")
    found = titles(plane)
    assert found.pop("7") == "title 7" and set(found.values()) <= {None, "title 4"}
    messages = [one.message for one in results[-1].evidence]
    assert "4 rows have no `_raw` to be made again from." in messages
    (behind,) = [one for one in results[-1].evidence if one.code == BEHIND]
    assert behind.weight == "partial" and behind.message.startswith("4 rows were landed before")
    assert behind.message.endswith("A refill cannot make them again. Run the unit in full.")
    assert BEHIND not in codes(plane.run("r3", "FULL"))


def test_records_that_make_no_row_or_another_stay_as_they_are(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    assert isinstance(plane.source, Rereading)
    plane.source.spoilt, plane.source.mixed = frozenset({"1"}), frozenset({"3"})
    (result,) = refill(plane, "f1")
    assert titles(plane) == {**whole(), "1": None, "3": None}
    assert result.done and codes([result]) == {"REFILLED", BEHIND}
    assert any(
        one.message.startswith("2 rows stay as they are, the first because: It cannot be read")
        for one in result.evidence
    )


def test_a_slice_of_which_nothing_can_land_is_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refill_rows, "SLICE_ROWS", 1)
    plane = a_plane(tmp_path)
    assert isinstance(plane.source, Rereading)
    plane.source.spoilt = frozenset(map(str, range(5)))
    results = refill(plane, "f1", deadline=PAST)
    assert len(results) == 1 and BEHIND in codes(results)


def test_tombstones_stay_tombstones(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    plane.fields = (*NO_TITLE, PARENT)
    bury(plane, "2")
    plane.fields = (*FIELDS, PARENT)
    (result,) = refill(plane, "f1")
    landed = table(plane)
    assert result.stats["landed"] == 4 and landed["2"]["_deleted_at"] is not None
    assert landed["2"].get("title") is None and codes([result]) == {"REFILLED"}


def test_a_unit_without_checkpoint_gets_none_by_a_refill(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    plane.checkpoint = None
    (result,) = refill(plane, "f1")
    assert titles(plane) == whole() and result.checkpoint is None


def test_a_newer_landed_version_keeps_its_place(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    plane.source.records[2] = {**a_record(2, 9000, "newest"), "parent": "p2"}
    plane.run("r2", "INCREMENTAL")
    refill(plane, "f1")
    assert titles(plane) == {**whole(), "2": "newest"}


class AppendingPlane(ControlPlane):
    def sink(self) -> FilesParquetSink:  # type: ignore[override]
        return FilesParquetSink({"location": f"file://{self.place}/files"}, on_step=self.on_step)


@pytest.mark.parametrize("why", ["sink", "keys", "source"])
def test_what_cannot_be_refilled_is_refused_with_the_remedy(tmp_path: Path, why: str) -> None:
    records = [a_record(1, 1001)]
    plane = (AppendingPlane if why == "sink" else ControlPlane)(Rereading(records), tmp_path)
    if why == "keys":
        plane.policy = {}
    if why == "source":
        plane.source = ListedSource(records)
    with pytest.raises(FatalError) as refused:
        refill(plane, "f1")
    assert refused.value.code == "CONFIG_INVALID" and "in full." in refused.value.message
    fields = {"sink": "sinkId", "keys": "policy.primaryKeys", "source": "unitId"}
    assert refused.value.details["field"] == fields[why]


def bury(plane: ControlPlane, key: str) -> None:
    """As a census does."""
    plane.epoch += 1
    session = plane.staging.allocate_session(plane.context("c1", "INCREMENTAL"), plane.fields)
    writer = session.writer()
    writer.write_batch([{"id": key, "_raw": "{}"}])
    writer.seal({})
    policy = Policy.parse({**plane.policy, "deletes": "soft"})
    import_from_staging(plane.sink(), "list.things", session, policy, operation="delete")
