"""Rows with a key: one row a key, of which the newest version wins. A sink that does not merge
appends, and refuses the mode that says otherwise.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SliceCommit
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import (
    LATER,
    MERGES_NOT,
    TARGET,
    SinkUnderTest,
    a_commit,
    refused,
    with_fields,
)

Change = st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(0, 3))
Slice = st.tuples(st.sampled_from(["INCREMENTAL", "FULL", "SCD1"]), st.lists(Change, max_size=8))
Model = dict[str, tuple[int, str]]
LAWS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)


def without_an_order(commit: SliceCommit) -> SliceCommit:
    return replace(commit, policy=replace(commit.policy, cursor_field=None))


def newest_of(changes: list[tuple[int, int, int]], known: Model) -> Model:
    newest = dict(known)
    for key, at, content in changes:
        if str(key) not in newest or newest[str(key)][0] <= at:
            newest[str(key)] = (at, str(content))
    return newest


class MergingLaws(SinkUnderTest):
    @pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL", "SCD1"])
    def test_unchanged_is_part_of_deduplicated_and_is_exact_where_versions_are_compared(
        self, tmp_path: Path, mode: Any
    ) -> None:
        sink = self.open_sink(tmp_path)
        compares = sink.descriptor.compares_versions
        if mode not in sink.descriptor.modes:
            self.passes_over(f"it refuses mode {mode}")
            return
        rows = [a_row(n) for n in range(7)]
        first, again = (self.land(sink, rows, a_commit(run, mode=mode)) for run in ("r1", "r2"))

        assert (first.landed, first.deduplicated, first.unchanged) == (7, 0, 0)
        assert (again.landed, again.deduplicated, again.unchanged) == (
            (0, 7, 7) if compares else (7, 0, 0)
        )

        mixed = [*(a_row(n) for n in range(4)), a_row(3), a_row(4, updated=LATER), a_row(9)]
        receipt = self.land(sink, mixed, a_commit("r3", mode=mode))

        assert (receipt.landed, receipt.deduplicated, receipt.unchanged) == (
            (2, 5, 4) if compares else (7, 0, 0)
        )
        assert sink.find_commit(TARGET, "r3/0") == receipt
        assert receipt.unchanged <= receipt.deduplicated == len(mixed) - receipt.landed

    def test_a_slice_lands_in_scd1_as_one_row_a_key(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if self._refuses_scd1(sink):
            self.passes_over(MERGES_NOT)
            return
        self.land(sink, [a_row(n) for n in range(5)], a_commit("r1", 1, "SCD1"))
        rows = [
            a_row(3),
            a_row(4, updated=LATER),
            a_row(5),
            a_row(5),
            a_row(2, updated=1, summary="older"),
        ]
        receipt = self.land(sink, rows, a_commit("r2", 2, "SCD1"))

        told = (receipt.inserted, receipt.updated, receipt.deduplicated, receipt.unchanged)
        assert told == (1, 1, 3, 1)
        found = self.by_id(sink)
        assert sorted(found) == [str(n) for n in range(6)]
        assert found["2"]["summary"] == "row 2"
        assert (found["4"]["_run_id"], found["3"]["_run_id"]) == ("r2", "r1")

    def test_scd1_without_a_key_is_refused(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        keyless = a_commit("r1", mode="SCD1", primaryKeys=[])
        error = refused("CONFIG_INVALID", lambda: self.land(sink, [a_row(1)], keyless))
        assert "SCD1" in error.message and sink.landed_target(TARGET) is None

    def test_of_equal_orders_the_last_ingested_wins(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if not sink.descriptor.compares_versions:
            self.passes_over(MERGES_NOT)
            return
        twins = [a_row(1, summary="first", _raw="1"), a_row(1, summary="second", _raw="2")]
        self.land(sink, twins, a_commit("r1"))
        assert self.by_id(sink)["1"]["summary"] == "second"
        self.land(sink, [a_row(1, summary="third", _raw="3")], a_commit("r2"))
        assert self.by_id(sink)["1"]["summary"] == "third"

    def test_keys_of_several_columns_do_not_run_into_each_other(self, tmp_path: Path) -> None:
        keys = ["id", "summary"]
        sink = self.open_sink(tmp_path)
        rows = [a_row(1, id="a", summary="bc"), a_row(1, id="ab", summary="c")]
        self.land(sink, rows, a_commit("r1", primaryKeys=keys))
        again = self.land(sink, rows[:1], a_commit("r2", primaryKeys=keys))
        merges = sink.descriptor.compares_versions
        assert again.deduplicated == (1 if merges else 0)
        assert len(self.rows_of(sink)) == (2 if merges else 3)

    @pytest.mark.parametrize(
        ("type_", "keys"),
        [
            ("long", [-(2**63), -1, 0, 2**63 - 1]),
            ("timestamp", [-62_135_596_800_000, 0, 253_402_300_799_999]),
            ("date", ["0001-01-01", "1970-01-01", "9999-12-31"]),
        ],
    )
    def test_keys_that_are_no_text_are_merged_by(
        self, tmp_path: Path, type_: str, keys: list[Any]
    ) -> None:
        target = with_fields(
            FieldDescriptor("id", "string"), FieldDescriptor("no", type_, nullable=False)
        )
        sink = self.open_sink(tmp_path)
        rows = [{"id": str(n), "no": key, "_raw": "{}"} for n, key in enumerate(keys)]
        for run in ("r1", "r2"):
            commit = without_an_order(a_commit(run, primaryKeys=["no"]))
            self.land(sink, rows, commit, target)
        times = 1 if sink.descriptor.compares_versions else 2
        assert sorted(row["id"] for row in self.landed_in(sink, target)) == sorted(
            [str(n) for n in range(len(keys))] * times
        )

    def test_a_reading_from_nothing_lands_an_older_version_and_another_reading_does_not(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        older = a_row(1, summary="restored", updated=1_600_000_000_000)
        self.land(sink, [a_row(1), a_row(2)], a_commit("r1"))
        late = self.land(sink, [older], a_commit("r2", 2))
        anew = self.land(sink, [older], replace(a_commit("r3", 3), anew=True))
        if not sink.descriptor.compares_versions:
            self.passes_over(MERGES_NOT)
            return
        assert (late.landed, anew.landed) == (0, 1)
        assert {row["id"]: row["summary"] for row in self.rows_of(sink)} == {
            "1": "restored",
            "2": "row 2",
        }

    def test_a_late_commit_gives_way_to_what_has_landed(self, tmp_path: Path) -> None:
        """As a redrive, a refill or a replay lands, in any order and any number of times."""
        sink = self.open_sink(tmp_path)
        if not sink.descriptor.compares_versions:
            self.passes_over(MERGES_NOT)
            return
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
        before = self.by_id(sink)
        other = [{**a_row(n), "_raw": '{"other": true}'} for n in range(4)]
        for run, landed in (("r2", 1), ("r3", 0)):
            receipt = self.land(sink, other, replace(a_commit(run), late=True))
            assert (receipt.landed, receipt.deduplicated) == (landed, 4 - landed)
        assert {key: row for key, row in self.by_id(sink).items() if key != "3"} == before
        newer = [{**row, "updated": LATER} for row in other]
        assert self.land(sink, newer, replace(a_commit("r4"), late=True)).updated == 4

    def test_a_late_commit_without_an_order_of_versions_only_adds(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if not sink.descriptor.compares_versions:
            self.passes_over(MERGES_NOT)
            return
        self.land(sink, [a_row(1)], without_an_order(a_commit("r1")))
        late = replace(without_an_order(a_commit("r2")), late=True)
        receipt = self.land(sink, [{**a_row(n), "_raw": "{}"} for n in (1, 2)], late)
        assert (receipt.inserted, receipt.updated, receipt.deduplicated) == (1, 0, 1)

    @LAWS
    @given(slices=st.lists(Slice, max_size=4))
    def test_any_sequence_of_slices_equals_a_dictionary(
        self, slices: list[tuple[Any, list[tuple[int, int, int]]]]
    ) -> None:
        model: Model = {}
        with tempfile.TemporaryDirectory() as folder:
            sink = self.open_sink(Path(folder))
            if not sink.descriptor.compares_versions:
                self.passes_over(MERGES_NOT)
                return
            for number, (mode, changes) in enumerate(slices):
                rows = [
                    a_row(key, updated=at, summary=str(content), _raw=str(content))
                    for key, at, content in changes
                ]
                receipt = self.land(
                    sink, rows, a_commit(f"r{number}", number, mode, allowEmpty=True)
                )

                staged = newest_of(changes, {})
                same = sum(model.get(key) == version for key, version in staged.items())
                assert receipt.landed + receipt.deduplicated == len(rows)
                assert receipt.unchanged == same
                # A full reading lands whatever version it shows; what it does not show stays.
                model = {**model, **(staged if mode == "FULL" else newest_of(changes, model))}
                assert self._as_model(sink) == model

    def _as_model(self, sink: SinkEndpoint) -> Model:
        landed = sink.landed_target(TARGET)
        if landed is None:
            return {}
        return {
            key: (round(row["updated"].timestamp() * 1000), row["summary"])
            for key, row in self.by_id(sink).items()
        }

    def _refuses_scd1(self, sink: SinkEndpoint) -> bool:
        """Whether it cannot merge, and says so wherever it is asked to."""
        able = sink.descriptor
        assert ("SCD1" in able.modes) == able.compares_versions
        if able.compares_versions:
            return False
        scd1 = a_commit(mode="SCD1")
        refused("CONFIG_INVALID", lambda: self.land(sink, [a_row(1)], scd1))
        assert sink.landed_target(TARGET) is None
        return True
