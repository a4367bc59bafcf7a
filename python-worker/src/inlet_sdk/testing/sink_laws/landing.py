"""A commit lands its rows, is found again, and tells what it did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.row_mapping import RowMapping
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import (
    TARGET,
    SinkUnderTest,
    a_commit,
    keys_of,
)


class LandingLaws(SinkUnderTest):
    def test_it_proves_that_it_can_write(self, tmp_path: Path) -> None:
        assert self.open_sink(tmp_path).test()

    def test_landed_rows_carry_what_is_promised(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        big = '"' + "x" * 1_200_000 + '"'

        self.land(sink, [a_row(1, summary="a\x00b"), a_row(2, _raw=big)], a_commit())
        first, second = sorted(self.rows_of(sink), key=lambda row: row["id"])

        assert (
            first["summary"] == self.as_landed("a\x00b")
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

    def test_an_older_commit_again_changes_nothing_behind_newer_ones(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        first = self.land(sink, [a_row(1, summary="of before")], a_commit("r1"))
        for number in range(2, 7):
            self.land(sink, [a_row(number)], a_commit(f"r{number}", number))
        before = self.by_id(sink)

        assert self.land(sink, [a_row(1, summary="of before")], a_commit("r1")) == first
        assert self.by_id(sink) == before

    def test_a_commit_that_never_was_is_not_found(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        assert sink.find_commit(TARGET, "r1/0") is None
        self.land(sink, [a_row(1)], a_commit())
        assert sink.find_commit(TARGET, "r2/0") is None

    def test_an_empty_slice_is_a_commit_of_its_own(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        first = self.land(sink, [], a_commit("r1"))
        assert (first.landed, first.deduplicated) == (0, 0)
        assert sink.find_commit(TARGET, "r1/0") == first and self.ids_of(sink) == []

        self.land(sink, [a_row(1)], a_commit("r2"))
        second = self.land(sink, [], a_commit("r3"))
        assert self.ids_of(sink) == ["1"]
        assert self.land(sink, [], a_commit("r3")) == second

    def test_keep_raw_false_drops_the_raw_record_and_keeps_what_did_not_fit(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        rows = [a_row(1), a_row(2, _unfit={"votes": '"many"'}, votes=None)]
        session = self.open_staging().allocate_session(
            a_context(mapping=RowMapping(keep_raw=False)), TARGET.fields
        )
        writer = session.writer()
        writer.write_batch(rows)
        writer.seal({})

        sink.commit(TARGET, session.reader(), a_commit(keepRaw=False))
        found = self.by_id(sink)
        assert all("_raw" not in row for row in found.values())
        assert (found["1"]["_unfit"], found["2"]["_unfit"]) == (None, '{"votes":"many"}')

    def test_rows_without_a_key_are_appended_once_each(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        twins = [a_row(1), a_row(1), a_row(2)]
        first = self.land(sink, twins, a_commit("r1", primaryKeys=[]))
        assert self.land(sink, twins, a_commit("r1", primaryKeys=[])) == first
        assert first.landed == 3 and self.ids_of(sink) == ["1", "1", "2"]

        again = self.land(sink, [a_row(1)], a_commit("r2", primaryKeys=[]))
        assert again.landed == 1 and self.ids_of(sink) == ["1", "1", "1", "2"]

    def test_a_whole_full_reading_without_a_key_is_all_that_stays(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1), a_row(1), a_row(2)], a_commit("r1", primaryKeys=[]))
        whole = replace(a_commit("r2", 2, mode="FULL", primaryKeys=[]), whole=True)
        self.land(sink, [a_row(1), a_row(4)], whole)
        assert self.ids_of(sink) == ["1", "4"]

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

    def test_tables_of_one_place_know_nothing_of_each_other(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        others = [replace(TARGET, table="users"), replace(TARGET, namespace="jira-2")]
        self.land(sink, [a_row(1)], a_commit("r1", epoch=9))
        for other in others:
            assert sink.find_commit(other, "r1/0") is None and sink.landed_target(other) is None
            self.land(sink, [a_row(2)], a_commit("r1", epoch=3), other)
            assert keys_of(sink, other) == ["2"]
        assert keys_of(sink) == ["1"]
