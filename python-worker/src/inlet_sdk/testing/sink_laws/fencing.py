"""Of many writers each commit lands once, and a writer that was overtaken lands nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from inlet_sdk.errors import FencedError
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import TARGET, SinkUnderTest, a_commit


def at_once(*work: Callable[[], object]) -> None:
    """Each in a thread of its own. What one raises is raised."""
    raised: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


class FencingLaws(SinkUnderTest):
    def test_eight_writers_of_one_commit_land_it_once(self, tmp_path: Path) -> None:
        receipts: list[CommitReceipt] = []
        rows = [a_row(n) for n in range(50)]

        def write() -> None:
            receipts.append(self.land(self.open_sink(tmp_path), rows, a_commit()))

        at_once(*[write] * 8)
        assert len(receipts) == 8 and len({r.snapshot_id or r.location for r in receipts}) == 1
        assert self.ids_of(self.open_sink(tmp_path)) == sorted(str(n) for n in range(50))

    @pytest.mark.parametrize("is_new", [True, False])
    def test_different_commits_at_once_all_land(self, tmp_path: Path, is_new: bool) -> None:
        if not is_new:
            self.land(self.open_sink(tmp_path), [a_row(n) for n in range(4)], a_commit("r0"))

        def write(number: int) -> Callable[[], object]:
            rows = [a_row(10 + number * 10 + n) for n in range(3)]
            return lambda: self.land(self.open_sink(tmp_path), rows, a_commit(f"r{number}"))

        at_once(*(write(number) for number in range(1, 5)))
        sink = self.open_sink(tmp_path)
        wanted = [str(10 + number * 10 + n) for number in range(1, 5) for n in range(3)]
        wanted += [] if is_new else [str(n) for n in range(4)]
        assert self.ids_of(sink) == sorted(wanted)
        assert all(sink.find_commit(TARGET, f"r{number}/0") for number in range(1, 5))

    def test_two_commits_of_one_key_at_once_leave_its_newest_version(self, tmp_path: Path) -> None:
        """A sink that does not merge has both."""
        self.land(self.open_sink(tmp_path), [a_row(1)], a_commit("r0"))
        versions = [1_700_000_100_000 + n for n in range(4)]

        def write(at: int) -> Callable[[], object]:
            row = a_row(1, updated=at, votes=at)
            return lambda: self.land(self.open_sink(tmp_path), [row], a_commit(f"r{at}"))

        at_once(*map(write, versions))
        sink = self.open_sink(tmp_path)
        votes = sorted(row["votes"] for row in self.rows_of(sink))
        merges = sink.descriptor.compares_versions
        assert votes == ([versions[-1]] if merges else [1, *versions])

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

    def test_fencing_a_target_that_is_not_there_leaves_none(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        sink.fence(TARGET, 7)
        assert sink.landed_target(TARGET) is None and self.landed_in(sink, TARGET) == []

    def test_a_zombie_that_was_stopped_before_its_commit_is_refused(self, tmp_path: Path) -> None:
        self.land(self.open_sink(tmp_path), [a_row(1)], a_commit("r0"))

        def overtaken(step: str) -> None:
            if step == "written":
                self.land(self.open_sink(tmp_path), [a_row(2)], a_commit("r2", epoch=3))

        with pytest.raises(FencedError):
            self.land(self.open_sink(tmp_path, overtaken), [a_row(9)], a_commit("r1", epoch=2))
        assert self.ids_of(self.open_sink(tmp_path)) == ["1", "2"]

    def test_its_place_is_swept_of_what_a_refused_commit_wrote(self, tmp_path: Path) -> None:
        self.land(self.open_sink(tmp_path), [a_row(1)], a_commit("r2", epoch=5))
        with pytest.raises(FencedError):
            self.land(self.open_sink(tmp_path), [a_row(2)], a_commit("r1", epoch=4))
        later = self.days_later(tmp_path)
        later.sweep(TARGET)
        assert later.sweep(TARGET) == 0 and self.ids_of(later) == ["1"]
