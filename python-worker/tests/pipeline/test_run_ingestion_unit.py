from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError, FencedError
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.pipeline import export_to_staging as export

from .control_plane import ControlPlane, Crash, reached
from .listed_source import ListedSource, a_record

PAST = datetime(2000, 1, 1, tzinfo=UTC)


def things(count: int) -> list[dict[str, Any]]:
    return [a_record(n, 1000 + n) for n in range(count)]


def ids(plane: ControlPlane) -> list[int]:
    return sorted(int(i) for i in plane.rows())


def objects(plane: ControlPlane, prefix: str) -> list[str]:
    return [entry["path"] for page in obstore.list(plane.staging.store, prefix) for entry in page]


@pytest.fixture
def plane(tmp_path: Path) -> ControlPlane:
    return ControlPlane(ListedSource(things(7)), tmp_path)


def test_a_full_run_lands_all_rows_and_leaves_no_staging(plane: ControlPlane) -> None:
    (result,) = plane.run("r1", "FULL")
    assert result.outcome == "COMMITTED" and result.done
    assert (result.stats["read"], result.stats["landed"], result.stats["pages"]) == (7, 7, 4)
    assert reached(result.new_checkpoint) == {"cursor": {"position": 1006}, "position": 1006}
    assert ids(plane) == list(range(7)) and objects(plane, "stg") == []


def test_a_second_run_lands_no_new_row(plane: ControlPlane) -> None:
    plane.run("r1", "FULL")
    (full,) = plane.run("r2", "FULL")
    assert (full.stats["landed"], full.stats["deduplicated"], full.stats["unchanged"]) == (0, 7, 7)
    (incremental,) = plane.run("r3", "INCREMENTAL")
    assert [incremental.stats[name] for name in ("read", "landed", "unchanged")] == [1, 0, 1]


def test_an_incremental_run_lands_what_changed(plane: ControlPlane) -> None:
    plane.run("r1", "INCREMENTAL")
    plane.source.records[2] = a_record(2, 2000, "changed")
    plane.source.records.append(a_record(9, 2001))
    (result,) = plane.run("r2", "INCREMENTAL")
    assert (result.stats["inserted"], result.stats["updated"]) == (1, 1)
    assert plane.rows()["2"] == (2000, "changed")
    assert reached(plane.checkpoint) == {"cursor": {"position": 2001}, "position": 2001}


def test_full_reads_on_across_deadlines_and_commits_once(plane: ControlPlane) -> None:
    results = plane.run("r1", "FULL", deadline=PAST)
    assert [r.outcome for r in results] == ["CONTINUE"] * 4 + ["COMMITTED"]
    assert sum(r.stats["read"] for r in results) == 7 == results[-1].stats["landed"]
    assert sum(r.stats["pages"] for r in results) == 5 == plane.source.pages_read
    assert ids(plane) == list(range(7))


def test_incremental_commits_each_slice_that_ends_on_a_cursor(plane: ControlPlane) -> None:
    results = plane.run("r1", "INCREMENTAL", deadline=PAST)
    assert [r.outcome for r in results] == ["COMMITTED"] * 5
    assert [r.stats["landed"] for r in results] == [2, 2, 2, 1, 0] and ids(plane) == list(range(7))


def test_incremental_without_cursors_waits_with_the_commit(plane: ControlPlane) -> None:
    plane.source.cursors = False
    results = plane.run("r1", "INCREMENTAL", deadline=PAST)
    assert [r.outcome for r in results] == ["CONTINUE"] * 3 + ["COMMITTED"] * 2
    assert [r.stats["landed"] for r in results] == [0, 0, 0, 7, 0]
    assert (
        all(r.new_checkpoint is None for r in results[:3]) and results[3].new_checkpoint is not None
    )


def test_a_slice_is_cut_when_it_is_full(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SLICE_ROWS", 3)
    assert [r.stats["landed"] for r in plane.run("r1", "INCREMENTAL")] == [4, 3, 0]


def test_a_rate_limit_seals_what_there_is_and_says_when(plane: ControlPlane) -> None:
    plane.epoch = 1
    plane.source.limited_after = 2
    result = plane.call(plane.context("r1", "FULL"))
    assert result.outcome == "WAIT" and result.wait is not None
    assert (
        result.wait.resume_at == "2030-01-01T00:00:00.000+00:00" and result.wait.reason == "burst"
    )
    plane.source.limited_after = None
    rest = plane.call(plane.context("r1", "FULL", slice=1, continuation=result.resume))
    assert rest.done and ids(plane) == list(range(7))


def test_a_rate_limit_after_a_cursor_commits_and_waits(plane: ControlPlane) -> None:
    plane.source.limited_after = 2
    result = plane.call(plane.context("r1", "INCREMENTAL"))
    assert result.outcome == "COMMITTED" and not result.done and result.wait is not None
    again = plane.call(plane.context("r1", "INCREMENTAL", slice=1, continuation=result.resume))
    assert again.outcome == "WAIT" and again.stats["read"] == 0
    plane.source.limited_after = None
    last = plane.call(plane.context("r1", "INCREMENTAL", slice=2, continuation=again.resume))
    assert last.done and ids(plane) == list(range(7))


def test_a_stop_between_pages_seals_what_there_is_and_keeps_it(plane: ControlPlane) -> None:
    plane.run("r0", "FULL", deadline=PAST)
    plane.source.pages_read = 0
    first = plane.call(plane.context("r1", "FULL", deadline=PAST))
    stopped = plane.call(
        plane.context("r1", "FULL", slice=1, continuation=first.resume, cancelled=lambda: True)
    )
    assert stopped.outcome == "CONTINUE" and not stopped.done
    last = plane.call(plane.context("r1", "FULL", slice=2, continuation=stopped.resume))
    assert last.done and last.stats["read"] == 7 and plane.source.pages_read == 4


def test_staging_is_kept_where_the_policy_says_so(plane: ControlPlane) -> None:
    plane.policy["retainStagingDays"] = 3
    plane.run("r1", "FULL")
    assert objects(plane, "stg")


def test_records_that_cannot_land_are_set_aside_and_counted(plane: ControlPlane) -> None:
    plane.source.records += [a_record(None, 1007), {**a_record(8, 1008), "id": {"not": "text"}}]
    (result,) = plane.run("r1", "FULL")
    assert (result.stats["read"], result.stats["landed"], result.stats["quarantined"]) == (9, 7, 2)
    assert [e["code"] for e in result.errors] == ["RECORD_INVALID"] * 2
    assert [e.weight for e in result.evidence] == ["info", "partial"]
    assert objects(plane, "quarantine") == ["quarantine/t1/e1/list.things/r1/000000-000000.jsonl"]


def test_one_odd_value_costs_its_column_and_no_row(plane: ControlPlane) -> None:
    plane.source.records += [a_record(8, 1008, title={"not": "text"}), a_record(9, 1009, title=7.5)]
    (result,) = plane.run("r1", "FULL")
    stats = result.stats
    assert (stats["read"], stats["landed"], stats["quarantined"], stats["unfit"]) == (9, 9, 0, 2)
    (told,) = result.evidence
    assert (told.code, told.weight) == ("VALUES_UNFIT", "info")
    assert (
        told.message.startswith("2 values do not fit their columns") and "title (2)" in told.message
    )
    assert plane.rows()["8"] == (1008, None)


def test_warnings_of_the_source_become_evidence(plane: ControlPlane) -> None:
    plane.source.warnings = (
        SourceWarning("PROJECT_FORBIDDEN", "One project is hidden.", partial=True),
    )
    (result,) = plane.run("r1", "FULL")
    assert [(e.code, e.weight) for e in result.evidence] == [("PROJECT_FORBIDDEN", "partial")]


def test_nothing_where_there_was_much_is_suspicious_and_replaces_nothing(
    plane: ControlPlane,
) -> None:
    plane.run("r1", "FULL")
    plane.source.records = []
    (result,) = plane.run("r2", "FULL")
    assert [(e.code, e.weight) for e in result.evidence] == [("SUSPICIOUS_EMPTY", "suspicious")]
    assert result.done and result.new_checkpoint is None and result.receipt is None
    assert ids(plane) == list(range(7)) and objects(plane, "stg") == []


def test_an_incremental_run_with_nothing_new_leaves_the_table_alone(plane: ControlPlane) -> None:
    plane.run("r1", "INCREMENTAL")
    plane.source.records = []
    (result,) = plane.run("r2", "INCREMENTAL")
    assert result.done and result.receipt is None and result.new_checkpoint == plane.checkpoint
    assert len(plane.sink()._catalog.load_table(("list", "things")).snapshots()) == 1


def test_the_checkpoint_never_goes_back(plane: ControlPlane) -> None:
    plane.run("r1", "FULL")
    assert plane.checkpoint is not None
    further = {**plane.checkpoint["cursor"], "position": 9999}
    plane.checkpoint = {"cursor": further, "position": 9999}
    (result,) = plane.run("r2", "FULL")
    assert reached(result.new_checkpoint) == {"cursor": {"position": 9999}, "position": 9999}


def test_a_fenced_run_changes_nothing_and_cleans_up(plane: ControlPlane) -> None:
    plane.run("r1", "FULL")
    plane.source.records.append(a_record(99, 5000))
    with pytest.raises(FencedError):
        plane.call(plane.context("r0", "FULL", epoch=0))
    assert 99 not in ids(plane) and objects(plane, "stg") == []


def test_an_unknown_unit_is_a_clear_error(plane: ControlPlane) -> None:
    with pytest.raises(FatalError) as raised:
        plane.call(replace(plane.context("r1", "FULL")), sink="lost")
    assert raised.value.code == "CONFIG_INVALID"


@pytest.mark.parametrize(
    "step", ["sealed", "pending", "checked", "planned", "written", "committed"]
)
def test_a_retry_after_a_kill_does_not_ask_the_vendor_twice(plane: ControlPlane, step: str) -> None:
    killed: list[str] = []

    def kill_once(reached: str) -> None:
        if reached == step and not killed:
            killed.append(reached)
            raise Crash(reached)

    plane.on_step = kill_once
    (result,) = plane.run("r1", "FULL")
    assert killed and plane.source.pages_read == 4
    assert result.done and result.stats["landed"] == 7 and result.new_checkpoint is not None
    assert ids(plane) == list(range(7)) and objects(plane, "stg") == []


Edit = st.tuples(st.integers(0, 6), st.text(max_size=3))
Run = st.tuples(st.sampled_from(["FULL", "INCREMENTAL"]), st.booleans(), st.lists(Edit, max_size=5))


@settings(max_examples=8, deadline=None)
@given(
    runs=st.lists(Run, min_size=1, max_size=3),
    kills=st.sets(st.integers(0, 40)),
    cursors=st.booleans(),
)
def test_any_crashes_and_retries_land_exact_rows(
    runs: list[tuple[str, bool, list[tuple[int, str]]]], kills: set[int], cursors: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plane = ControlPlane(ListedSource([a_record(100, 1)], cursors=cursors), Path(folder))
        steps = iter(range(10_000))

        def crash(step: str) -> None:
            if next(steps) in kills:
                raise Crash(step)

        plane.on_step = crash
        clock = 1000
        for number, (mode, short, edits) in enumerate(runs):
            for key, title in edits:
                clock += 1
                plane.source.records = [r for r in plane.source.records if r["id"] != str(key)]
                plane.source.records.append(a_record(key, clock, title))
            results = plane.run(f"r{number}", mode, **({"deadline": PAST} if short else {}))
            stats = [r.stats for r in results]
            assert all(
                s["read"] == s["landed"] + s["deduplicated"] + s["quarantined"] for s in stats
            )
            shown = {r["id"]: (r["updated"], r["title"]) for r in plane.source.records}
            landed = plane.rows()
            assert landed == shown
            assert plane.checkpoint is not None
            assert plane.checkpoint["position"] <= max(at for at, _ in landed.values())
            assert objects(plane, "stg") == []
