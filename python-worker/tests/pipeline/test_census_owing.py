"""No run is complete while the checkpoint has work that a limit or an end left over."""

from __future__ import annotations

from typing import Any

import pytest

from inlet_sdk.ports.census import Finding
from inlet_worker.pipeline.census_owing import still_owed
from inlet_worker.pipeline.census_state import CensusState


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"reread": [1, 2]}, "2 records"),
        ({"owed": [{"since": 0, "after": 3, "keys": None}]}, "1 ranges of records"),
        ({"unnamed": 600}, "600 records that are not named"),
    ],
)
def test_what_is_owed_is_said_by_every_run_until_it_is_done(
    source: dict[str, Any], said: str
) -> None:
    (finding,) = still_owed(CensusState(source=source), ())
    assert (finding.code, finding.weight) == ("CENSUS_OWED", "partial")
    assert said in finding.message


@pytest.mark.parametrize("code", ["CENSUS_MISMATCH", "REREAD_OWED", "CENSUS_OWED"])
def test_it_is_said_once(code: str) -> None:
    said = [Finding(code, "", "partial")]
    assert not still_owed(CensusState(source={"reread": [1]}), said)


def test_nothing_is_said_where_nothing_is_owed() -> None:
    assert not still_owed(CensusState(source={"position": 7, "hidden": {}, "reread": []}), ())
