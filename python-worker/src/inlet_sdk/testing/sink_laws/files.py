"""A sink that keeps files tells which ones a commit landed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inlet_sdk.ports.landed_files import KeepsFiles
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import TARGET, SinkUnderTest, a_commit


class FileLaws(SinkUnderTest):
    def test_the_files_of_a_commit_hold_what_it_landed_and_nothing_of_others(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        if not isinstance(sink, KeepsFiles):
            self.passes_over("it keeps rows, no files")
            return
        first = self.land(sink, [a_row(n) for n in range(5)], a_commit("r1"))
        second = self.land(sink, [a_row(n) for n in range(5, 8)], a_commit("r2", 2))
        files = [list(sink.commit_files(TARGET, one)) for one in (first, second)]

        assert [sum(file.rows for file in one) for one in files] == [5, 3]
        assert [sum(file.bytes for file in one) for one in files] == [first.bytes, second.bytes]
        assert len({file.location for one in files for file in one}) == sum(map(len, files))
        assert files == [list(sink.commit_files(TARGET, one)) for one in (first, second)]

    def test_a_commit_that_the_target_does_not_know_has_no_files(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if not isinstance(sink, KeepsFiles):
            self.passes_over("it keeps rows, no files")
            return
        receipt = self.land(sink, [a_row(1)], a_commit("r1"))
        unknown = replace(
            receipt, commit_id="r9/0", snapshot_id=receipt.snapshot_id and "1234567890"
        )
        assert list(sink.commit_files(TARGET, unknown)) == []
        assert list(sink.commit_files(replace(TARGET, table="unknown"), receipt)) == []
