"""A census compares no column that a transform altered or dropped, for as long as a row of that
transform may be there: also when the transform is another one by then, or none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import LandedTarget
from inlet_worker.pipeline.altered_columns import altered_columns, altered_fact
from inlet_worker.pipeline.mapping_state import UNKNOWN, MappingState, Older

from .arrow_tool import ORDER, packaged
from .censused_source import CensusedSource
from .control_plane import POLICY, ControlPlane
from .listed_source import a_record

COMPARED, REFUSED = {"CENSUS_OK"}, {"CENSUS_UNFINISHED"}
CENSUS = COMPARED | REFUSED | {"CENSUS_MISMATCH"}
Made = Callable[..., pa.Table]


class TitledSource(CensusedSource):
    """Its census compares the titles."""

    def census(
        self,
        unit_id: str,
        policy: Policy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        batches = landed.batches("id", "title")
        rows = {row["id"]: row["title"] for batch in batches for row in batch.to_pylist()}
        same = rows == {record["id"]: record["title"] for record in self.records}
        code = "CENSUS_OK" if same else "CENSUS_MISMATCH"
        return CensusReport(True, (Finding(code, "Titles were compared."),), (), {})


def as_they_are(rows: pa.Table) -> pa.Table:
    return rows


def shouted(rows: pa.Table) -> pa.Table:
    at = rows.schema.get_field_index("title")
    return rows.set_column(at, "title", pc.utf8_upper(rows["title"]))


def untitled(rows: pa.Table) -> pa.Table:
    return rows.drop_columns(["title"])


def a_plane(place: Path, made: Made | None) -> ControlPlane:
    source = TitledSource([a_record(n, 1000 + n, f"thing {n}") for n in range(5)], page=50)
    plane = ControlPlane(source, place, policy={**POLICY, "censusEveryHours": 0})
    order(plane, made)
    return plane


def order(plane: ControlPlane, made: Made | None) -> None:
    plane.policy.pop("transform", None)
    if made is not None:
        plane.policy["transform"] = ORDER
        plane.transforms = packaged(made)


def census_of(results: list[IngestionUnitResult]) -> set[str]:
    return {one.code for result in results for one in result.evidence} & CENSUS


@pytest.mark.parametrize(
    ("made", "wanted"), [(as_they_are, COMPARED), (shouted, REFUSED), (untitled, REFUSED)]
)
def test_what_does_not_land_as_it_was_read_is_not_compared(
    tmp_path: Path, made: Made, wanted: set[str]
) -> None:
    plane = a_plane(tmp_path, made)
    for number in range(2):
        assert census_of(plane.run(f"r{number}", "INCREMENTAL")) == wanted


@pytest.mark.parametrize("before", [shouted, untitled])
@pytest.mark.parametrize("after", [as_they_are, None])
def test_a_full_run_that_lands_every_row_anew_lets_the_census_compare_again(
    tmp_path: Path, before: Made, after: Made | None
) -> None:
    plane = a_plane(tmp_path, before)
    plane.run("r1", "INCREMENTAL")
    order(plane, after)
    assert census_of(plane.run("r2", "INCREMENTAL")) == REFUSED

    plane.run("r3", "FULL")
    assert census_of(plane.run("r4", "INCREMENTAL")) == COMPARED


def test_a_transform_that_alters_again_is_not_compared_again(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, shouted)
    for number, made in enumerate([shouted, None, shouted]):
        order(plane, made)
        plane.run(f"full {number}", "FULL")
        wanted = COMPARED if made is None else REFUSED
        assert census_of(plane.run(f"then {number}", "INCREMENTAL")) == wanted


def test_mappings_without_rows_are_forgotten() -> None:
    gone = Older(frozenset("*"), 0)
    state = MappingState("now", {"gone": gone, "there": Older(frozenset("*"), 3)})
    told = altered_fact(None, MappingState(), "gone", ["a"])
    told = altered_fact(LandedTarget("m", told), MappingState(), "there", ["b"])
    landed = LandedTarget("m", altered_fact(LandedTarget("m", told), state, "now", ["c"]))

    assert altered_columns(landed, state) == {"b", "c"}
    assert altered_columns(landed, MappingState()) == {"b", "c"}
    assert altered_columns(None, state) == frozenset()


def test_rows_of_a_mapping_that_nobody_remembers_may_be_there() -> None:
    landed = LandedTarget("m", altered_fact(None, MappingState(), "old", ["a"]))
    for rows, wanted in ((None, {"a"}), (2, {"a"}), (0, set())):
        state = MappingState("now", {UNKNOWN: Older(frozenset("*"), rows)})
        assert altered_columns(landed, state) == wanted
    assert altered_columns(landed, MappingState("now")) == frozenset()


def test_columns_that_an_earlier_release_told_of_stay() -> None:
    """It told them without the mapping, so nothing says when their rows are gone."""
    for told, wanted in (("", set()), ("a/b", {"a", "b"})):
        landed = LandedTarget("m", {"altered": told})
        assert altered_columns(landed, MappingState("now")) == wanted

        after = LandedTarget("m", altered_fact(landed, MappingState("now"), "now", ["c"]))
        assert altered_columns(after, MappingState("now")) == {*wanted, "c"}
