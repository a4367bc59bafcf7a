"""Deletes: a tombstone ends a row, and a landed row ends a tombstone. A sink that cannot delete
refuses a policy that wants it, and lands nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.merging import LAWS
from inlet_sdk.testing.sink_laws.subject import (
    DELETES_NOT,
    LATER,
    TARGET,
    SinkUnderTest,
    a_commit,
    keys_of,
    refused,
)

STEP = st.tuples(st.booleans(), st.lists(st.integers(0, 6), min_size=1, max_size=4))


class TombstoneLaws(SinkUnderTest):
    @pytest.mark.parametrize("deletes", ["soft", "hard"])
    def test_a_sink_that_cannot_delete_refuses_to(self, tmp_path: Path, deletes: str) -> None:
        sink = self.open_sink(tmp_path)
        if deletes in sink.descriptor.deletes:
            self.passes_over("it can delete")
            return
        for act in (
            lambda: self.land(sink, [a_row(1)], a_commit(deletes=deletes)),
            lambda: self.bury(sink, [1], "r2", deletes),
        ):
            refused("CONFIG_INVALID", act, "policy.deletes")
        assert sink.landed_target(TARGET) is None

    def test_a_soft_tombstone_keeps_the_row_and_says_when(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if not self._deletes(sink, "soft"):
            self.passes_over(DELETES_NOT)
            return
        self.land(sink, [a_row(n) for n in range(4)], a_commit("r1"))
        before = self.by_id(sink)
        receipt = self.bury(sink, [1, 2, 9], "r2")
        assert (receipt.deleted, receipt.landed, receipt.deduplicated) == (2, 0, 0)
        after = self.by_id(sink)
        assert {key for key, row in after.items() if row["_deleted_at"]} == {"1", "2"}
        assert all({**after[key], "_deleted_at": None} == before[key] for key in before)
        assert sorted(keys_of(sink)) == ["0", "3"]
        assert sorted(row["id"] for row in self.landed_in(sink, TARGET)) == ["0", "3"]

    def test_a_second_tombstone_changes_nothing(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if not self._deletes(sink, "soft"):
            self.passes_over(DELETES_NOT)
            return
        self.land(sink, [a_row(1)], a_commit("r1"))
        self.bury(sink, [1], "r2")
        at = self.by_id(sink)["1"]["_deleted_at"]
        assert self.bury(sink, [1], "r3").deleted == 0
        assert self.by_id(sink)["1"]["_deleted_at"] == at

    def test_a_hard_tombstone_removes_the_row(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        if not self._deletes(sink, "hard"):
            self.passes_over(DELETES_NOT)
            return
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
        receipt = self.bury(sink, [0, 2, 9], "r2", "hard")
        assert receipt.deleted == 2 and self.ids_of(sink) == ["1"]
        assert self.bury(sink, [0, 2, 9], "r2", "hard") == receipt

    @pytest.mark.parametrize("deletes", ["soft", "hard"])
    @pytest.mark.parametrize("updated", [1, 1_700_000_000_001, LATER])
    @pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL", "SCD1"])
    def test_a_key_that_reappears_lives_again(
        self, tmp_path: Path, updated: int, mode: str, deletes: str
    ) -> None:
        sink = self.open_sink(tmp_path)
        if not self._deletes(sink, deletes):
            self.passes_over(DELETES_NOT)
            return
        self.land(sink, [a_row(1), a_row(2)], a_commit("r1"))
        self.bury(sink, [1], "r2", deletes)
        receipt = self.land(sink, [a_row(1, updated=updated), a_row(2)], a_commit("r3", mode=mode))
        assert (receipt.inserted + receipt.updated, receipt.deleted) == (1, 0)
        assert sorted(keys_of(sink)) == ["1", "2"]
        assert all(row["_deleted_at"] is None for row in self.by_id(sink).values())

    def test_a_late_commit_gives_way_to_a_soft_tombstone_of_its_own_version(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        if not self._deletes(sink, "soft"):
            self.passes_over(DELETES_NOT)
            return
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
        self.bury(sink, [1], "r2")
        late = replace(a_commit("r3"), late=True)
        receipt = self.land(sink, [a_row(n) for n in range(4)], late)
        assert (receipt.landed, sorted(keys_of(sink))) == (1, ["0", "2", "3"])
        newer = replace(a_commit("r4"), late=True)
        assert self.land(sink, [a_row(1, updated=LATER)], newer).updated == 1

    @LAWS
    @given(st.lists(STEP, min_size=1, max_size=6), st.sampled_from(["soft", "hard"]))
    def test_a_key_lives_if_it_landed_after_it_was_buried(
        self, steps: list[tuple[bool, list[int]]], deletes: Any
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sink = self.open_sink(Path(folder))
            if not self._deletes(sink, deletes):
                self.passes_over(DELETES_NOT)
                return
            self.land(sink, [a_row(99)], a_commit("r-first"))
            alive = {"99"}
            for number, (lands, ids) in enumerate(steps):
                named = set(map(str, ids))
                if lands:
                    commit = a_commit(f"r{number}", deletes=deletes)
                    self.land(sink, [a_row(n) for n in ids], commit)
                    alive |= named
                else:
                    gone = self.bury(sink, ids, f"r{number}", deletes).deleted
                    assert gone == len(alive & named)
                    alive -= named
            assert sorted(keys_of(sink)) == sorted(alive)

    def _deletes(self, sink: SinkEndpoint, deletes: Any) -> bool:
        return deletes in sink.descriptor.deletes
