"""What every sink promises. A sink's test subclasses this and gives `open_sink`, `rows_of`, and the
staging that its rows come from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from inlet_sdk.errors import FatalError, FencedError
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint, SinkTarget, SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader, StagingProvider
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_staging import FIELDS, a_row

TARGET = SinkTarget("t1", "jira", "issues", FIELDS)
POLICY = {"primaryKeys": ["id"], "cursorField": "updated"}


class Killed(Exception):
    """Stands for SIGKILL: whatever was written stays, nothing after it happens."""


def staged(provider: StagingProvider, rows: list[dict[str, Any]]) -> RecordReader:
    """The rows as one sealed slice."""
    session = provider.allocate_session(a_context(), FIELDS)
    writer = session.writer()
    writer.write_batch(rows)
    writer.seal({})
    return session.reader()


def a_commit(
    run: str = "r1", epoch: int = 1, mode: Any = "INCREMENTAL", **policy: Any
) -> SliceCommit:
    return SliceCommit(f"{run}/0", run, epoch, mode, Policy.parse({**POLICY, **policy}))


def killed_at(step: str) -> Callable[[str], None]:
    def stop(reached: str) -> None:
        if reached == step:
            raise Killed(step)

    return stop


def keys_of(sink: SinkEndpoint, target: SinkTarget = TARGET) -> list[str]:
    return [
        key for batch in sink.live_keys(target, ["id"]) for key in batch.column("id").to_pylist()
    ]


class SinkContract:
    steps: tuple[str, ...] = ()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        raise NotImplementedError

    def open_staging(self) -> StagingProvider:
        raise NotImplementedError

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        raise NotImplementedError

    def land(
        self, sink: SinkEndpoint, rows: list[dict[str, Any]], commit: SliceCommit
    ) -> CommitReceipt:
        return sink.commit(TARGET, staged(self.open_staging(), rows), commit)

    def ids_of(self, sink: SinkEndpoint) -> list[str]:
        return sorted(row["id"] for row in self.rows_of(sink))

    def test_it_proves_that_it_can_write(self, tmp_path: Path) -> None:
        assert self.open_sink(tmp_path).test()

    def test_landed_rows_carry_what_is_promised(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        big = '"' + "x" * 1_200_000 + '"'

        self.land(sink, [a_row(1, summary="a\x00b"), a_row(2, _raw=big)], a_commit())
        first, second = sorted(self.rows_of(sink), key=lambda row: row["id"])

        assert (
            first["summary"] == "a\x00b"
            and first["_raw"] == a_row(1)["_raw"]
            and second["_raw"] == big
        )
        assert (
            first["_run_id"] == "r1"
            and first["_landed_at"] is not None
            and first["_deleted_at"] is None
        )
        assert first["_version"] < second["_version"]

    def test_the_same_commit_again_changes_nothing(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        first = self.land(sink, [a_row(n) for n in range(3)], a_commit())
        assert (
            self.land(self.open_sink(tmp_path), [a_row(n) for n in range(9)], a_commit()) == first
        )
        assert self.ids_of(sink) == ["0", "1", "2"]
        assert sink.find_commit(TARGET, "r1/0") == first

    def test_a_commit_that_never_was_is_not_found(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        assert sink.find_commit(TARGET, "r1/0") is None
        self.land(sink, [a_row(1)], a_commit())
        assert sink.find_commit(TARGET, "r2/0") is None

    def test_eight_writers_of_one_commit_land_it_once(self, tmp_path: Path) -> None:
        receipts: list[CommitReceipt] = []
        rows = [a_row(n) for n in range(50)]

        def write() -> None:
            receipts.append(self.land(self.open_sink(tmp_path), rows, a_commit()))

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(receipts) == 8 and len({r.snapshot_id or r.location for r in receipts}) == 1
        assert self.ids_of(self.open_sink(tmp_path)) == sorted(str(n) for n in range(50))

    def test_a_lower_epoch_is_refused_and_changes_nothing(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r2", epoch=5))
        with pytest.raises(FencedError):
            self.land(sink, [a_row(2)], a_commit("r1", epoch=4))
        assert self.ids_of(sink) == ["1"]
        assert sink.find_commit(TARGET, "r1/0") is None

    def test_fencing_refuses_a_commit_that_is_on_its_way(self, tmp_path: Path) -> None:
        self.land(self.open_sink(tmp_path), [a_row(1)], a_commit("r0"))

        def fence_late(step: str) -> None:
            if step == "written":
                self.open_sink(tmp_path).fence(TARGET, 9)

        with pytest.raises(FencedError):
            self.land(self.open_sink(tmp_path, fence_late), [a_row(2)], a_commit("r1", epoch=2))
        sink = self.open_sink(tmp_path)
        assert self.ids_of(sink) == ["1"]
        sink.fence(TARGET, 9)
        with pytest.raises(FencedError):
            sink.fence(TARGET, 8)

    def test_a_zombie_that_was_stopped_before_its_commit_is_refused(self, tmp_path: Path) -> None:
        self.land(self.open_sink(tmp_path), [a_row(1)], a_commit("r0"))

        def overtaken(step: str) -> None:
            if step == "written":
                self.land(self.open_sink(tmp_path), [a_row(2)], a_commit("r2", epoch=3))

        with pytest.raises(FencedError):
            self.land(self.open_sink(tmp_path, overtaken), [a_row(9)], a_commit("r1", epoch=2))
        assert self.ids_of(self.open_sink(tmp_path)) == ["1", "2"]

    def test_a_kill_at_any_step_and_a_retry_land_exact_rows(self, tmp_path: Path) -> None:
        for number, step in enumerate(self.steps):
            place = tmp_path / str(number)
            self.land(self.open_sink(place), [a_row(n) for n in range(3)], a_commit("r0"))
            with pytest.raises(Killed):
                self.land(
                    self.open_sink(place, killed_at(step)),
                    [a_row(n) for n in range(3, 6)],
                    a_commit(),
                )
            sink = self.open_sink(place)
            receipt = self.land(sink, [a_row(n) for n in range(3, 6)], a_commit())
            assert receipt.landed == 3, step
            assert self.ids_of(sink) == [str(n) for n in range(6)], step

    def test_a_full_commit_that_lacks_rows_removes_none_where_rows_are_merged(
        self, tmp_path: Path
    ) -> None:
        """A sink that does not merge has a snapshot of what was read last."""
        sink = self.open_sink(tmp_path)
        merges = sink.descriptor.compares_versions
        self.land(sink, [a_row(n) for n in range(5)], a_commit("r1", mode="FULL"))
        receipt = self.land(sink, [a_row(n) for n in range(3, 7)], a_commit("r2", mode="FULL"))
        assert self.ids_of(sink) == [str(n) for n in range(0 if merges else 3, 7)]
        assert receipt.deleted == 0

    @pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
    def test_unchanged_is_part_of_deduplicated_and_is_exact_where_versions_are_compared(
        self, tmp_path: Path, mode: Any
    ) -> None:
        sink = self.open_sink(tmp_path)
        compares = sink.descriptor.compares_versions
        rows = [a_row(n) for n in range(7)]
        first, again = (self.land(sink, rows, a_commit(run, mode=mode)) for run in ("r1", "r2"))

        assert (first.landed, first.deduplicated, first.unchanged) == (7, 0, 0)
        assert (again.landed, again.deduplicated, again.unchanged) == (
            (0, 7, 7) if compares else (7, 0, 0)
        )

        mixed = [
            *(a_row(n) for n in range(4)),
            a_row(3),
            a_row(4, updated=1_800_000_000_000),
            a_row(9),
        ]
        receipt = self.land(sink, mixed, a_commit("r3", mode=mode))

        assert (receipt.landed, receipt.deduplicated, receipt.unchanged) == (
            (2, 5, 4) if compares else (7, 0, 0)
        )
        assert sink.find_commit(TARGET, "r3/0") == receipt
        assert receipt.unchanged <= receipt.deduplicated == len(mixed) - receipt.landed

    def test_an_empty_full_run_does_not_wipe_what_landed(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1", mode="FULL"))
        with pytest.raises(FatalError) as raised:
            self.land(sink, [], a_commit("r2", mode="FULL"))
        assert raised.value.code == "SUSPICIOUS_EMPTY" and self.ids_of(sink) == ["1"]
        self.land(sink, [], a_commit("r3", mode="FULL", allowEmpty=True))
        assert self.ids_of(sink) == (["1"] if sink.descriptor.compares_versions else [])

    def test_keep_raw_false_drops_the_raw_record(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit(keepRaw=False))
        assert "_raw" not in self.rows_of(sink)[0]

    def test_live_keys_are_those_that_landed(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
        assert sorted(keys_of(sink)) == ["0", "1", "2"]
        assert keys_of(sink, target=replace(TARGET, table="unknown")) == []

    def test_live_keys_come_with_the_columns_that_are_there(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        (batch,) = sink.live_keys(TARGET, ["id", "votes", "nowhere"])
        assert batch.schema.names == ["id", "votes", "nowhere", "_version"]
        assert batch.to_pylist()[0] | {"_version": ""} == {
            "id": "1",
            "votes": 1,
            "nowhere": None,
            "_version": "",
        }

    def test_a_reading_from_nothing_lands_an_older_version_and_another_reading_does_not(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        older = a_row(1, summary="restored", updated=1_600_000_000_000)
        self.land(sink, [a_row(1), a_row(2)], a_commit("r1"))
        late = self.land(sink, [older], a_commit("r2", 2))
        anew = self.land(sink, [older], replace(a_commit("r3", 3), anew=True))
        if not sink.descriptor.compares_versions:
            return
        assert (late.landed, anew.landed) == (0, 1)
        assert {row["id"]: row["summary"] for row in self.rows_of(sink)} == {
            "1": "restored",
            "2": "row 2",
        }

    def test_landed_rows_come_whole_and_are_those_whose_version_is_wanted(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
        self.land(sink, [a_row(n) for n in range(3, 5)], a_commit("r2", 2))
        asked: list[str] = []

        def wanted(versions: pa.Array) -> pa.Array:
            asked.extend(versions.to_pylist())
            return pc.is_in(versions, pa.array(chosen))

        landed = {row["id"]: row for row in self.rows_of(sink)}
        chosen = [landed["1"]["_version"], landed["4"]["_version"]]
        found = [row for batch in sink.landed_rows(TARGET, wanted) for row in batch.to_pylist()]
        assert [row["id"] for row in found] == ["1", "4"]
        assert found == [landed["1"], landed["4"]]
        assert set(asked) == {row["_version"] for row in landed.values()}
        assert list(sink.landed_rows(replace(TARGET, table="unknown"), wanted)) == []

    def test_landed_columns_are_those_of_the_table_with_the_types_they_take(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        assert sink.landed_target(TARGET) is None
        self.land(sink, [a_row(1)], a_commit("r1"))
        landed = sink.landed_target(TARGET)
        columns = landed.columns if landed else None
        assert columns is not None and set(columns) == set(self.rows_of(sink)[0])
        assert {name: columns[name].of for name in columns} == dict.fromkeys(columns, "")
        assert all(field.type in columns[field.name].types for field in TARGET.fields)
        assert "string" not in columns["votes"].types

    def test_a_target_tells_its_making_and_the_latest_facts_of_its_commits(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        assert sink.landed_target(TARGET) is None
        self.land(sink, [a_row(1)], replace(a_commit("r1"), facts={"of": "one", "by": "r1"}))
        first = sink.landed_target(TARGET)
        self.land(sink, [a_row(2)], replace(a_commit("r2", 2), facts={"of": "two"}))
        second = sink.landed_target(TARGET)

        assert first is not None and second is not None
        assert first.made and first.made == second.made
        assert (first.facts, second.facts) == (
            {"of": "one", "by": "r1"},
            {"of": "two", "by": "r1"},
        )

    def test_its_place_stays_the_same_and_is_another_elsewhere(self, tmp_path: Path) -> None:
        here, again = self.open_sink(tmp_path / "a").place, self.open_sink(tmp_path / "a").place
        assert here and here == again != self.open_sink(tmp_path / "b").place

    @pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
    def test_replacing_leaves_nothing_of_before_whatever_mode_and_version(
        self, tmp_path: Path, mode: Any
    ) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(n) for n in range(5)], a_commit("r1", mode=mode))
        older = [a_row(3, updated=1, summary="other"), a_row(9)]
        order = replace(a_commit("r2", 2, mode=mode), replaces=True)
        receipt = self.land(sink, older, order)

        assert self.ids_of(sink) == ["3", "9"] == sorted(keys_of(sink))
        assert {row["id"]: row["summary"] for row in self.rows_of(sink)}["3"] == "other"
        assert receipt.landed == 2 and self.land(sink, older, order) == receipt

        self.land(sink, [a_row(10)], a_commit("r3", 3))
        assert self.ids_of(sink) == ["10", "3", "9"]

    def test_replacing_by_nothing_leaves_nothing(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1", mode="FULL"))
        self.land(sink, [], replace(a_commit("r2", 2, mode="FULL"), replaces=True))
        assert self.ids_of(sink) == []

    def test_a_kill_at_any_step_of_a_replacement_and_a_retry_land_exact_rows(
        self, tmp_path: Path
    ) -> None:
        order = replace(a_commit("r2", 2), replaces=True)
        for number, step in enumerate(self.steps):
            place = tmp_path / str(number)
            self.land(self.open_sink(place), [a_row(n) for n in range(3)], a_commit("r1"))
            with pytest.raises(Killed):
                self.land(self.open_sink(place, killed_at(step)), [a_row(7), a_row(8)], order)
            sink = self.open_sink(place)
            assert self.ids_of(sink) in (["0", "1", "2"], ["7", "8"]), step
            self.land(sink, [a_row(7), a_row(8)], order)
            assert self.ids_of(sink) == ["7", "8"], step

    def test_sweep_spares_the_young_and_the_living(self, tmp_path: Path) -> None:
        with pytest.raises(Killed):
            self.land(self.open_sink(tmp_path, killed_at("written")), [a_row(1)], a_commit())
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit())
        assert sink.sweep(TARGET) == 0
        assert self.days_later(tmp_path).sweep(TARGET) == 1
        assert self.ids_of(sink) == ["1"]

    def days_later(self, place: Path) -> SinkEndpoint:
        raise NotImplementedError
