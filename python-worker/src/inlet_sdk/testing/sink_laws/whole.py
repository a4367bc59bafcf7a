"""FULL, and the order to replace: what becomes of rows that were there, and what readers see
meanwhile.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import (
    LATER,
    TARGET,
    SinkUnderTest,
    a_commit,
    keys_of,
    refused,
)


def _numbered(first: int, number: int) -> list[dict[str, Any]]:
    return [
        a_row(n, updated=LATER + number, summary=f"v{number}") for n in range(first, first + 20)
    ]


def _full(number: int) -> tuple[list[dict[str, Any]], SliceCommit]:
    """The same records in another version."""
    return _numbered(0, number), a_commit(f"r{number}", number, "FULL")


def _replacing(number: int) -> tuple[list[dict[str, Any]], SliceCommit]:
    """Other records."""
    order = replace(a_commit(f"r{number}", number), replaces=True)
    return _numbered(number * 20, number), order


class WholeLaws(SinkUnderTest):
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

    def test_a_full_commit_that_is_whole_removes_no_row_with_a_key(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(n) for n in range(5)], a_commit("r1", mode="FULL"))
        whole = replace(a_commit("r2", mode="FULL"), whole=True)
        assert self.land(sink, [a_row(1)], whole).deleted == 0
        merges = sink.descriptor.compares_versions
        assert self.ids_of(sink) == ([str(n) for n in range(5)] if merges else ["1"])

    def test_an_empty_full_run_does_not_wipe_what_landed(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1", mode="FULL"))
        refused("SUSPICIOUS_EMPTY", lambda: self.land(sink, [], a_commit("r2", mode="FULL")))
        assert self.ids_of(sink) == ["1"]
        self.land(sink, [], a_commit("r3", mode="FULL", allowEmpty=True))
        assert self.ids_of(sink) == (["1"] if sink.descriptor.compares_versions else [])

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

    @pytest.mark.parametrize("making", [_full, _replacing])
    def test_at_every_step_a_reader_is_shown_all_of_before_or_all_of_after(
        self, tmp_path: Path, making: Any
    ) -> None:
        seen: list[list[str]] = []

        def look(_: str) -> None:
            seen.append(self._versions_shown(tmp_path))

        self.land(self.open_sink(tmp_path), *making(1))
        before = self._versions_shown(tmp_path)
        self.land(self.open_sink(tmp_path, look), *making(2))
        after = self._versions_shown(tmp_path)

        assert before != after and len(before) == len(after) == 20
        turned = seen.index(after) if after in seen else len(seen)
        assert len(seen) == len(self.steps)
        assert seen == [before] * turned + [after] * (len(seen) - turned)

    @pytest.mark.parametrize("making", [_full, _replacing])
    def test_a_reader_that_never_stops_is_shown_whole_versions_only(
        self, tmp_path: Path, making: Any
    ) -> None:
        versions = 6
        self.land(self.open_sink(tmp_path), *making(1))
        done, torn, looks = threading.Event(), list[Any](), list[int]()

        def read() -> None:
            while True:
                last = done.is_set()
                try:
                    shown = self._versions_shown(tmp_path)
                    if len(shown) != 20 or len({one.split()[1] for one in shown}) != 1:
                        torn.append(shown)
                except Exception as error:
                    torn.append(error)
                looks.append(len(torn))
                if last or torn:
                    return

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for number in range(2, versions):
                self.land(self.open_sink(tmp_path), *making(number))
        finally:
            done.set()
            reader.join()
        assert torn == [] and looks
        assert {one.split()[1] for one in self._versions_shown(tmp_path)} == {f"v{versions - 1}"}

    def _versions_shown(self, place: Path) -> list[str]:
        rows = self.rows_of(self.open_sink(place))
        return sorted(f"{row['id']} {row['summary']}" for row in rows)

    def test_an_order_to_replace_outranks_what_the_policy_keeps(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(n) for n in range(3)], a_commit("r1", primaryKeys=[]))
        order = replace(a_commit("r2", 2, primaryKeys=[]), replaces=True)
        self.land(sink, [a_row(7), a_row(7)], order)
        assert self.ids_of(sink) == ["7", "7"]
        assert sink.find_commit(TARGET, "r1/0") is not None
