"""Slices that wait for one commit (`policy.mergeEveryMinutes`) leave the table that they would have
left one by one: rows that changed between them, repeated ones and tombstones of before included,
and wherever the commit is killed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SinkEndpoint
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_staging import FIELDS, a_row
from inlet_sdk.testing.sink_laws.subject import (
    LATER,
    MERGES_NOT,
    TARGET,
    Killed,
    SinkUnderTest,
    a_commit,
    killed_at,
)

Change = st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 3))
Slices = st.lists(st.lists(Change, max_size=6), min_size=2, max_size=4)
LAWS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)


class WindowLaws(SinkUnderTest):
    @LAWS
    @given(slices=Slices, buried=st.sets(st.integers(0, 4)), kill=st.integers())
    def test_slices_that_wait_for_one_commit_leave_what_they_leave_one_by_one(
        self,
        slices: list[list[tuple[int, int, int]]],
        buried: set[int],
        kill: int,
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            apart, at_once = Path(folder) / "apart", Path(folder) / "at-once"
            able = self.open_sink(apart).descriptor
            if not able.compares_versions:
                self.passes_over(MERGES_NOT)
                return
            buries = sorted(buried) if "soft" in able.deletes else []
            rows = [
                [a_row(k, updated=LATER + at, summary=str(c), _raw=str(c)) for k, at, c in one]
                for one in slices
            ]

            for place in (apart, at_once):
                self._land_before(self.open_sink(place), buries)
            self._land_slices(self.open_sink(apart), rows, each=True)
            self._killed_landing(at_once, rows, kill)
            sink = self.open_sink(at_once)
            (receipt,) = self._land_slices(sink, rows, each=False)

            assert self._rows_shown(sink) == self._rows_shown(self.open_sink(apart))
            assert receipt.landed + receipt.deduplicated == sum(map(len, rows))
            assert sink.find_commit(TARGET, receipt.commit_id) == receipt

    def _land_before(self, sink: SinkEndpoint, buried: Sequence[int]) -> None:
        self.land(sink, [a_row(n, updated=LATER + 1) for n in range(5)], a_commit("r0", 1))
        if buried:
            self.bury(sink, buried, "b0")

    def _killed_landing(self, place: Path, rows: list[list[dict[str, Any]]], kill: int) -> None:
        """At one of the steps of the commit, or after it."""
        step = (*self.steps, "")[kill % (len(self.steps) + 1)]
        try:
            self._land_slices(self.open_sink(place, killed_at(step)), rows, each=False)
        except Killed as killed:
            assert killed.args == (step,)

    def _land_slices(
        self, sink: SinkEndpoint, rows: list[list[dict[str, Any]]], *, each: bool
    ) -> list[CommitReceipt]:
        """The slices of one run: a commit of each, or the last one's over all of them."""
        provider = self.open_staging()
        landed: list[CommitReceipt] = []
        for number, staged in enumerate(rows):
            session = provider.allocate_session(a_context(slice=number), FIELDS)
            writer = session.writer()
            writer.write_batch(staged)
            writer.seal({})
            if each or number == len(rows) - 1:
                order = replace(a_commit("r1", 2), commit_id=f"r1/{number}")
                landed.append(sink.commit(TARGET, session.reader(number if each else 0), order))
        return landed

    def _rows_shown(self, sink: SinkEndpoint) -> list[tuple[Any, ...]]:
        return sorted(
            (row["id"], row["summary"], row["_version"], row["_deleted_at"] is not None)
            for row in self.rows_of(sink)
        )
