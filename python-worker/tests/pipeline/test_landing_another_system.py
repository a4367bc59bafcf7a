"""What was read of another system does not come back by a replay or a redrive."""

from __future__ import annotations

from pathlib import Path

import pytest

from inlet_sdk.errors import FatalError

from .control_plane import POLICY, ControlPlane
from .landing_again import left, redrive, replay, retained
from .listed_source import a_record
from .sited_source import SitedSource

OTHER = {"siteId": "two"}


def a_plane(place: Path, *numbers: int | None) -> ControlPlane:
    records = [a_record(n, 1000 + (n or 0)) for n in numbers]
    return ControlPlane(SitedSource(records), place, policy={**POLICY, "retainStagingDays": 7})


def replaced(plane: ControlPlane) -> None:
    assert isinstance(plane.source, SitedSource)
    plane.source.ids, plane.source.records = OTHER, [a_record(3, 10), a_record(9, 19)]
    plane.checkpoint = {"cursor": {"identity": {"replace": True}}, "position": None}
    plane.run("of two", "INCREMENTAL")


def test_a_replay_of_a_run_before_the_replacement_is_refused(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 1, 2, 3)
    of_one = retained(plane, "of one", "INCREMENTAL")
    replaced(plane)
    of_two = retained(plane, "of two again", "INCREMENTAL")
    rows = plane.rows()

    with pytest.raises(FatalError) as raised:
        replay(plane, "p1", of_one)
    assert raised.value.code == "SOURCE_CHANGED" and plane.rows() == rows
    replay(plane, "p2", of_two)
    assert plane.rows() == rows


def test_a_replay_before_the_replacement_is_what_it_was(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 1, 2, 3)
    of_one = retained(plane, "of one", "INCREMENTAL")
    rows = plane.rows()
    replay(plane, "p1", of_one)
    assert plane.rows() == rows


def test_a_replay_into_a_table_that_another_system_began_is_refused(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 1, 2, 3)
    of_one = retained(plane, "of one", "INCREMENTAL")
    plane.sink()._catalog.drop_table(("list", "things"))
    assert isinstance(plane.source, SitedSource)
    plane.source.ids, plane.checkpoint = OTHER, None
    plane.source.records = [a_record(9, 19)]
    plane.run("of two", "INCREMENTAL")

    with pytest.raises(FatalError):
        replay(plane, "p1", of_one)
    assert list(plane.rows()) == ["9"]


def test_records_that_were_set_aside_before_the_replacement_stay_in_quarantine(
    tmp_path: Path,
) -> None:
    plane = a_plane(tmp_path, 1, None)
    plane.run("of one", "INCREMENTAL")
    before = left(plane)
    assert len(before) == 1
    replaced(plane)
    rows = plane.rows()

    redrive(plane, "d1")

    assert plane.rows() == rows
    assert [key for key, _ in left(plane)] == [key for key, _ in before]
    assert [code for _, code in left(plane)] == ["SOURCE_CHANGED"]
