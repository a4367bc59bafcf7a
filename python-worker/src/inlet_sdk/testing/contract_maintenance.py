"""What upkeep promises of every sink: it changes how rows are kept, never which, beside whatever
commits meanwhile. A sink's test subclasses this beside `SinkContract` and gives `open_later`, the
sink as it sees the world so many days on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FencedError
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint, SinkTarget, SliceCommit
from inlet_sdk.ports.sink_maintenance import MaintenanceReport, Upkeep, maintain
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_sink import (
    TARGET,
    Killed,
    a_commit,
    killed_at,
    staged,
)
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.reported import Reported

BARE = SinkTarget(TARGET.tenant_id, TARGET.namespace, TARGET.table, ())
"""As the workflow names it: nothing of the columns is known."""
SLICES = 6
LONG_AFTER = 9
"""Days: later than whatever is kept for readers and retries."""
FACTS = {"table.source": "src_1"}


def upkeep(sink: SinkEndpoint) -> MaintenanceReport:
    return maintain(sink, BARE, Upkeep())


class MaintenanceContract(Reported):
    steps: tuple[str, ...] = ()
    upkeep_steps: tuple[str, ...] = ()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        raise NotImplementedError

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        raise NotImplementedError

    def open_staging(self) -> StagingProvider:
        raise NotImplementedError

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _land(self, sink: SinkEndpoint, keys: range, commit: SliceCommit) -> CommitReceipt:
        return sink.commit(TARGET, staged(self.open_staging(), [a_row(n) for n in keys]), commit)

    def _filled(self, place: Path) -> list[CommitReceipt]:
        """Slices of a few rows each, which overlap where a sink merges."""
        sink = self.open_sink(place)
        overlap = 1 if sink.descriptor.compares_versions else 0
        return [
            self._land(
                sink,
                range(n * 3, n * 3 + 3 + overlap),
                replace(a_commit(f"r{n}", epoch=n + 1), facts=FACTS),
            )
            for n in range(SLICES)
        ]

    def _seen(self, sink: SinkEndpoint) -> dict[str, Any]:
        """All that a run or a reader learns of the target."""

        def texts(batches: Any) -> list[str]:
            return sorted(repr(row) for batch in batches for row in batch.to_pylist())

        return {
            "rows": sorted(map(repr, self.rows_of(sink))),
            "live": texts(sink.live_keys(TARGET, ["id"])),
            "landed": texts(sink.landed_rows(TARGET, lambda versions: versions.is_valid())),
            "target": sink.landed_target(TARGET),
        }

    def test_upkeep_changes_no_row_no_fact_and_no_receipt(self, tmp_path: Path) -> None:
        receipts = self._filled(tmp_path)
        before = self._seen(self.open_sink(tmp_path))

        for days in (0, 4, LONG_AFTER):
            assert upkeep(self.open_later(tmp_path, days)).done
            sink = self.open_sink(tmp_path)
            assert self._seen(sink) == before, days
            assert sink.find_commit(TARGET, receipts[-1].commit_id) == receipts[-1], days

    def test_where_nothing_is_to_be_done_nothing_is(self, tmp_path: Path) -> None:
        self._filled(tmp_path)
        upkeep(self.open_later(tmp_path, LONG_AFTER))
        upkeep(self.open_later(tmp_path, LONG_AFTER))
        files = sorted(str(path) for path in tmp_path.rglob("*.parquet"))
        assert upkeep(self.open_later(tmp_path, LONG_AFTER)) == MaintenanceReport()
        assert sorted(str(path) for path in tmp_path.rglob("*.parquet")) == files

    def test_a_target_that_is_not_there_stays_so(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        assert upkeep(sink) == MaintenanceReport()
        assert sink.landed_target(TARGET) is None

    def test_upkeep_that_has_no_time_changes_nothing(self, tmp_path: Path) -> None:
        self._filled(tmp_path)
        sink = self.open_sink(tmp_path)
        before = self._seen(sink)
        report = maintain(sink, BARE, Upkeep(is_over=lambda: True))
        assert replace(report, done=True) == MaintenanceReport()
        assert self._seen(sink) == before

    def test_a_committed_slice_is_found_again_after_upkeep(self, tmp_path: Path) -> None:
        self._filled(tmp_path)
        first = self._land(self.open_sink(tmp_path), range(50, 53), a_commit("last", epoch=90))
        upkeep(self.open_later(tmp_path, LONG_AFTER))
        before = self._seen(self.open_sink(tmp_path))
        again = self._land(self.open_sink(tmp_path), range(60, 70), a_commit("last", epoch=90))
        assert again == first
        assert self._seen(self.open_sink(tmp_path)) == before

    def test_a_zombie_stays_fenced_after_upkeep(self, tmp_path: Path) -> None:
        self._filled(tmp_path)
        self.open_sink(tmp_path).fence(TARGET, 70)
        upkeep(self.open_later(tmp_path, LONG_AFTER))
        before = self._seen(self.open_sink(tmp_path))
        with pytest.raises(FencedError):
            self._land(self.open_sink(tmp_path), range(90, 95), a_commit("zombie", epoch=69))
        assert self._seen(self.open_sink(tmp_path)) == before
        self._land(self.open_sink(tmp_path), range(90, 95), a_commit("heir", epoch=70))

    def test_a_commit_between_whose_steps_upkeep_came_lands_exactly(self, tmp_path: Path) -> None:
        for number, step in enumerate(self.steps):
            place = tmp_path / str(number)
            self._filled(place)
            ids = {row["id"] for row in self.rows_of(self.open_sink(place))}
            done: list[str] = []

            def between(
                reached: str, place: Path = place, step: str = step, done: list[str] = done
            ) -> None:
                if reached == step and not done:
                    done.append(reached)
                    upkeep(self.open_sink(place))

            receipt = self._land(
                self.open_sink(place, between), range(70, 80), a_commit("new", epoch=80)
            )
            rows = [row["id"] for row in self.rows_of(self.open_sink(place))]
            assert done and receipt.landed == 10, step
            assert sorted(rows) == sorted(ids | {str(n) for n in range(70, 80)}), step

    def test_upkeep_killed_at_any_step_loses_nothing_and_the_next_one_ends_it(
        self, tmp_path: Path
    ) -> None:
        if not self.upkeep_steps:
            self.passes_over("its upkeep is one sweep")
        for number, step in enumerate(self.upkeep_steps):
            place = tmp_path / str(number)
            self._filled(place)
            before = self._seen(self.open_sink(place))
            with pytest.raises(Killed):
                upkeep(self.open_sink(place, killed_at(step)))
            assert self._seen(self.open_sink(place)) == before, step

            for _ in range(2):
                assert upkeep(self.open_later(place, LONG_AFTER)).done, step
            assert upkeep(self.open_later(place, LONG_AFTER)) == MaintenanceReport(), step
            assert self._seen(self.open_sink(place)) == before, step

    def test_commits_and_upkeep_at_once_lose_and_double_nothing(self, tmp_path: Path) -> None:
        slices, per_slice = 12, 5
        over = threading.Event()
        faults: list[BaseException] = []

        def keep_up() -> None:
            try:
                while not over.is_set():
                    upkeep(self.open_sink(tmp_path))
            except BaseException as e:
                faults.append(e)

        keeper = threading.Thread(target=keep_up)
        keeper.start()
        try:
            receipts = [
                self._land(
                    self.open_sink(tmp_path),
                    range(n * per_slice, (n + 1) * per_slice),
                    a_commit(f"r{n}", epoch=n + 1),
                )
                for n in range(slices)
            ]
        finally:
            over.set()
            keeper.join()

        assert not faults
        assert [receipt.landed for receipt in receipts] == [per_slice] * slices
        ids = sorted(row["id"] for row in self.rows_of(self.open_sink(tmp_path)))
        assert ids == sorted(str(n) for n in range(slices * per_slice))
