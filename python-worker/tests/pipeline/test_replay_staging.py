from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_worker.pipeline import replay_staging

from .censused_source import CensusedSource
from .control_plane import POLICY, ControlPlane, Crash
from .landing_again import drop_table, replay, retained
from .listed_source import FIELDS, ListedSource, a_record

KEPT = {**POLICY, "retainStagingDays": 3}
NO_ORDER = {"primaryKeys": ["id"], "retainStagingDays": 3}


def a_plane(place: Path, count: int = 7, **policy: Any) -> ControlPlane:
    records = [a_record(n, 1000 + n, f"thing {n}") for n in range(count)]
    return ControlPlane(ListedSource(records, page=2), place, policy={**KEPT, **policy})


@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL"])
def test_a_dropped_table_is_landed_again_without_the_source(tmp_path: Path, mode: Any) -> None:
    plane = a_plane(tmp_path)
    first = retained(plane, "r1", mode)
    rows, checkpoint, pages = plane.rows(), plane.checkpoint, plane.source.pages_read
    drop_table(plane)
    (result,) = replay(plane, "r2", first)
    assert plane.rows() == rows and (result.stats["read"], result.stats["landed"]) == (7, 7)
    assert (plane.checkpoint, plane.source.pages_read, result.new_checkpoint) == (
        checkpoint,
        pages,
        None,
    )
    assert [(e.code, e.weight) for e in result.evidence] == [("REPLAYED", "info")]


def test_slices_of_a_long_run_land_in_several_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inlet_worker.pipeline.export_to_staging.SLICE_ROWS", 2)
    monkeypatch.setattr(replay_staging, "SLICE_ROWS", 4)
    plane = a_plane(tmp_path)
    first = retained(plane, "r1", "INCREMENTAL")
    rows = plane.rows()
    drop_table(plane)
    results = replay(plane, "r2", first)
    assert [r.stats["landed"] for r in results] == [4, 3] and plane.rows() == rows


def test_an_old_replay_never_overwrites_newer_rows(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    first = retained(plane, "r1", "INCREMENTAL")
    plane.source.records[3] = a_record(3, 2000, "changed")
    plane.run("r2", "INCREMENTAL")
    rows = plane.rows()
    (result,) = replay(plane, "r3", first)
    assert plane.rows() == rows
    assert (result.stats["landed"], result.stats["deduplicated"]) == (0, 7)


def test_a_replay_raises_nothing_from_the_dead(tmp_path: Path) -> None:
    source = CensusedSource([a_record(n, 1000 + n) for n in range(5)], page=50)
    plane = ControlPlane(source, tmp_path, policy={**KEPT, "deletes": "soft"})
    first = retained(plane, "r1", "INCREMENTAL")
    del source.records[2]
    second = retained(plane, "r2", "INCREMENTAL")
    replay(plane, "r3", first)
    assert dead(plane) == ["2"]
    drop_table(plane)
    replay(plane, "r4", first)
    # The tombstones that a run staged are as old as the run: the next census buries what is gone.
    replay(plane, "r5", second)
    assert len(plane.rows()) == 5 and dead(plane) == []


def dead(plane: ControlPlane) -> list[str]:
    table = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow().to_pylist()
    return sorted(row["id"] for row in table if row["_deleted_at"] is not None)


@pytest.mark.parametrize("step", ["pending", "checked", "planned", "written", "committed"])
def test_a_kill_at_any_step_lands_once(tmp_path: Path, step: str) -> None:
    plane = a_plane(tmp_path)
    first = retained(plane, "r1", "INCREMENTAL")
    rows, crashes = plane.rows(), [step]
    drop_table(plane)

    def crash(reached: str) -> None:
        if crashes and reached == crashes[0]:
            raise Crash(crashes.pop())

    plane.on_step = crash
    (result,) = replay(plane, "r2", first)
    assert not crashes and plane.rows() == rows
    assert (result.stats["landed"], result.stats["read"], result.evidence[-1].code) == (
        7,
        7,
        "REPLAYED",
    )


def test_the_newest_full_run_without_an_order_of_versions_mends_and_removes_nothing(
    tmp_path: Path,
) -> None:
    plane = a_plane(tmp_path)
    plane.policy = dict(NO_ORDER)
    retained(plane, "r1", "FULL")
    kept = plane.sink()._catalog.load_table(("list", "things")).current_snapshot().snapshot_id
    plane.source.records[3] = a_record(3, 2000, "changed")
    second = retained(plane, "r2", "FULL")
    rows = plane.rows()
    table = plane.sink()._catalog.load_table(("list", "things"))
    table.manage_snapshots().set_current_snapshot(kept).commit()  # somebody restored an old state
    assert plane.rows() != rows
    replay(plane, "r3", second)
    assert plane.rows() == rows


def test_columns_that_came_since_are_null(tmp_path: Path) -> None:
    plane = a_plane(tmp_path)
    first = retained(plane, "r1", "INCREMENTAL")
    rows = plane.rows()
    drop_table(plane)
    plane.fields = (*FIELDS, FieldDescriptor("size", "long"))
    replay(plane, "r2", first)
    assert plane.rows() == rows
    drop_table(plane)
    plane.fields = (*FIELDS[:1], FieldDescriptor("title", "long"), *FIELDS[2:])
    with pytest.raises(FatalError, match="title was staged as string") as refused:
        replay(plane, "r3", first)
    assert refused.value.code == "SINK_REJECTED"


def test_rows_that_are_staged_already_are_not_cut_to_the_tables_columns(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, schema="quarantine")
    first = retained(plane, "r1", "INCREMENTAL")
    with plane.sink()._catalog.load_table(("list", "things")).update_schema() as update:
        update.delete_column("title")
    with pytest.raises(FatalError) as refused:
        replay(plane, "r2", first)
    assert refused.value.code == "SCHEMA_FROZEN"


@pytest.mark.parametrize("lost", ["MANIFEST.json", "000000"])
def test_staging_that_is_gone_fails_the_replay_at_once(tmp_path: Path, lost: str) -> None:
    plane = a_plane(tmp_path)
    first = retained(plane, "r1", "INCREMENTAL")
    obstore.delete(plane.staging.store, f"stg/t1/r1/{first.slice}/{first.epoch}/{lost}")
    with pytest.raises(FatalError) as refused:
        replay(plane, "r2", first)
    assert refused.value.code == "STAGING_GONE"
    assert refused.value.message.endswith("policy.retainStagingDays keeps what it stages.")


changes = st.lists(
    st.dictionaries(st.integers(0, 5), st.integers(0, 3), max_size=4), min_size=1, max_size=4
)


@settings(max_examples=15, deadline=None)
@given(changes, st.lists(st.integers(0, 3), max_size=5), st.booleans())
def test_any_replays_in_any_order_leave_what_the_runs_landed(
    runs: list[dict[int, int]], order: list[int], dropped: bool
) -> None:
    with TemporaryDirectory() as place:
        plane = a_plane(Path(place), 3)
        done = [retained(plane, "r0", "INCREMENTAL")]
        for at, edits in enumerate(runs, 1):
            for number, later in edits.items():
                record = a_record(number, 2000 + 10 * at + later, f"edit {at}")
                plane.source.records = [
                    r for r in plane.source.records if r["id"] != str(number)
                ] + [record]
            done.append(retained(plane, f"r{at}", "INCREMENTAL"))
        rows, checkpoint = plane.rows(), plane.checkpoint
        if dropped:
            drop_table(plane)
        again = [*(done if dropped else []), *(done[n % len(done)] for n in order)]
        if dropped:
            again.reverse()
        for at, replayed in enumerate(again):
            for result in replay(plane, f"again{at}", replayed):
                stats = result.stats
                assert (
                    stats["read"] == stats["landed"] + stats["deduplicated"]
                    and result.new_checkpoint is None
                )
        assert (plane.rows(), plane.checkpoint) == (rows, checkpoint)
