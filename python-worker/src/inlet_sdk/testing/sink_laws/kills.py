"""Whatever a commit does, a kill at any of its steps loses nothing and doubles nothing: neither
where it is tried again, nor where the next run takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FencedError
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SliceCommit
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import (
    LATER,
    TARGET,
    Killed,
    SinkUnderTest,
    a_commit,
    killed_at,
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Killing:
    """A commit that is killed. `before`: rows that have landed, none for a target that is not
    there.
    """

    before: Sequence[Row]
    rows: Sequence[Row]
    commit: SliceCommit
    needs: str = ""


def _order(mode: Any = "INCREMENTAL", **policy: Any) -> SliceCommit:
    return a_commit("r1", 2, mode, **policy)


_OLD = [a_row(n) for n in range(4)]
_CHANGED = [a_row(2, updated=LATER, summary="changed"), a_row(3), a_row(8), a_row(9)]
_GONE = [{"id": "1", "_raw": "{}"}, {"id": "3", "_raw": "{}"}]
KILLINGS = {
    "the first commit": Killing([], _OLD, _order()),
    "an append": Killing(_OLD, [a_row(n) for n in range(4, 7)], _order()),
    "a merge": Killing(_OLD, _CHANGED, _order(), needs="merge"),
    "a merge in SCD1": Killing(_OLD, _CHANGED, _order("SCD1"), needs="merge"),
    "a full commit": Killing(_OLD, _CHANGED, _order("FULL")),
    "rows without a key": Killing([], [*_OLD, *_OLD], _order(primaryKeys=[])),
    "a replacement": Killing(_OLD, _CHANGED, replace(_order(), replaces=True)),
    "a late commit": Killing(_OLD, _CHANGED, replace(_order(), late=True), needs="merge"),
    "soft tombstones": Killing(
        _OLD, _GONE, replace(_order(deletes="soft"), operation="delete"), needs="soft"
    ),
    "hard tombstones": Killing(
        _OLD, _GONE, replace(_order(deletes="hard"), operation="delete"), needs="hard"
    ),
}


class KillLaws(SinkUnderTest):
    @pytest.mark.parametrize("name", KILLINGS)
    def test_a_kill_at_any_step_and_a_retry_land_what_one_commit_does(
        self, tmp_path: Path, name: str
    ) -> None:
        killing = KILLINGS[name]
        if not self._can(killing, self.open_sink(tmp_path)):
            self.passes_over(f"it refuses {name}")
            return
        wanted = self._of_one_commit(killing, tmp_path / "whole")

        for number, step in enumerate(self.steps):
            place = tmp_path / str(number)
            self._kill(killing, place, step)
            sink = self.open_sink(place)
            receipt = self.land(sink, killing.rows, killing.commit)
            assert self._left(sink) == wanted, step
            assert sink.find_commit(TARGET, killing.commit.commit_id) == receipt, step

    @pytest.mark.parametrize("name", KILLINGS)
    def test_a_kill_at_any_step_and_the_next_run_land_what_one_commit_does(
        self, tmp_path: Path, name: str
    ) -> None:
        """The next run settles first: it raises the fence and asks for the commit. Where that did
        not happen, it reads the same again; and the killed one, which comes back, changes nothing.
        """
        killing = KILLINGS[name]
        if not self._can(killing, self.open_sink(tmp_path)):
            self.passes_over(f"it refuses {name}")
            return
        wanted = self._of_one_commit(killing, tmp_path / "whole")

        for number, step in enumerate(self.steps):
            place = tmp_path / str(number)
            self._kill(killing, place, step)
            sink = self.open_sink(place)
            sink.fence(TARGET, 7)
            if sink.find_commit(TARGET, killing.commit.commit_id) is None:
                after = replace(killing.commit, commit_id="r2/0", run_id="r2", epoch=7)
                self.land(sink, killing.rows, after)
            assert self._left(sink) == wanted, step

            try:
                self.land(self.open_sink(place), killing.rows, killing.commit)
            except FencedError:
                assert sink.find_commit(TARGET, killing.commit.commit_id) is None, step
            assert self._left(sink) == wanted, step

    def test_sweep_spares_the_young_and_the_living(self, tmp_path: Path) -> None:
        with pytest.raises(Killed):
            self.land(self.open_sink(tmp_path, killed_at("written")), [a_row(1)], a_commit())
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit())
        assert sink.sweep(TARGET) == 0
        assert self.days_later(tmp_path).sweep(TARGET) == 1
        assert self.ids_of(sink) == ["1"]

    def _can(self, killing: Killing, sink: SinkEndpoint) -> bool:
        """What a sink cannot do is refused, which `refusals.py` shows."""
        able = sink.descriptor
        if killing.needs == "merge":
            return able.compares_versions
        return not killing.needs or killing.needs in able.deletes

    def _of_one_commit(self, killing: Killing, place: Path) -> list[tuple[Any, ...]]:
        sink = self.open_sink(place)
        self._begin(killing, place)
        self.land(sink, killing.rows, killing.commit)
        return self._left(sink)

    def _begin(self, killing: Killing, place: Path) -> None:
        if killing.before:
            self.land(self.open_sink(place), killing.before, a_commit("r0"))

    def _kill(self, killing: Killing, place: Path, step: str) -> None:
        self._begin(killing, place)
        with pytest.raises(Killed):
            self.land(self.open_sink(place, killed_at(step)), killing.rows, killing.commit)

    def _left(self, sink: SinkEndpoint) -> list[tuple[Any, ...]]:
        """What readers are shown, but for who landed it and when."""
        return sorted(
            (row["id"], row["summary"], row["_version"], row["_deleted_at"] is not None)
            for row in self.rows_of(sink)
        )
