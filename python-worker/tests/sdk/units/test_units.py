"""A unit is whole or is none, and no unit answers for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder
from inlet_sdk.ports.described_endpoint import EndpointDescriptor, UnitCost
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.units.endpoint import UnitsEndpoint
from inlet_sdk.units.policy import GroupFilter, ReadingPolicy
from inlet_sdk.units.unit import FoundColumns, Unit, Units, describe_unit, same_columns

BY_BOX = GroupFilter("boxes", {"type": "array", "items": {"type": "string"}}, "boxes")
THING = EntityMap("entity.thing", "id", {"name": "name"})
NO_RECORD = QuarantinedRecord("1", "RECORD_INVALID", "no", "{}")
NOTHING: Any = None
NO_ORDER = CensusOrder(due=True, uncertain=False, deletes=False, position=None)


def a_unit(name: str, *, cursor: str | None = None, **changes: Any) -> Unit:
    """Its rows tell which unit was read, of which boxes."""

    def read(
        site: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        yield SourceBatch([{"id": name, "boxes": policy.groups}], {})

    def reread(record: QuarantinedRecord, fields: Any) -> Row:
        return {"id": name}

    given: dict[str, Any] = {
        "descriptor": describe_unit(
            f"box.{name}",
            name.title(),
            key="id",
            cursor=cursor,
            groups=BY_BOX,
            cost=UnitCost(1, ()),
            entities=None,
        ),
        "columns": same_columns((column("id", "string"),)),
        "read_full": read,
        "read_changes": None,
        "census": None,
        "entities": None,
        "reread": reread,
    }
    return Unit(**{**given, **changes})


def a_descriptor(units: Units) -> EndpointDescriptor:
    return EndpointDescriptor(
        "box", "source", "1.0.0", "Boxes", "Boxes.", (), {}, {}, units=units.descriptors
    )


class BoxEndpoint(UnitsEndpoint):
    units: ClassVar[Units] = Units("Box", a_unit("lids"), a_unit("keys"))
    descriptor: ClassVar[EndpointDescriptor] = a_descriptor(units)
    group_filter: ClassVar[GroupFilter] = BY_BOX


@pytest.fixture
def box() -> Iterator[BoxEndpoint]:
    source = BoxEndpoint("https://box.example", LOGIN)
    yield source
    source.close()


def first_row(batches: Iterator[SourceBatch]) -> Row:
    rows: Any = next(batches).rows
    return dict(rows[0])


@pytest.mark.parametrize(
    "part", ["descriptor", "columns", "read_full", "read_changes", "census", "entities", "reread"]
)
def test_a_unit_without_one_of_its_parts_cannot_be_made(part: str) -> None:
    parts = vars(a_unit("lids"))
    del parts[part]
    with pytest.raises(TypeError, match=part):
        Unit(**parts)


def test_a_unit_that_promises_another_reader_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="modes"):
        a_unit("lids", cursor="updated")
    with pytest.raises(ValueError, match="modes"):
        a_unit("lids", read_changes=lambda *_: iter(()))


def test_a_unit_that_promises_other_entities_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="entity"):
        a_unit("lids", entities=THING)


def test_two_units_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="one id"):
        Units("Box", a_unit("lids"), a_unit("lids"))


def test_a_connector_whose_manifest_forgets_a_unit_cannot_be_declared() -> None:
    both = Units("Box", a_unit("lids"), a_unit("keys"))
    with pytest.raises(TypeError, match="disagree"):
        type(
            "Forgetful",
            (UnitsEndpoint,),
            {"units": both, "descriptor": a_descriptor(Units("Box", a_unit("lids")))},
        )


def test_each_unit_answers_for_itself(box: BoxEndpoint) -> None:
    for name in ("lids", "keys"):
        unit_id = f"box.{name}"
        context = a_context(unit_id, mode="FULL")
        assert first_row(box.read_full(unit_id, Policy(), context))["id"] == name
        assert box.reread(unit_id, NO_RECORD, ())["id"] == name
        assert box.preview(unit_id, 5)[0]["id"] == name
    assert [unit.unit_id for unit in box.list_units(["box.keys", "box.none"])] == ["box.keys"]


def test_a_catalogue_has_the_units_that_the_account_may_read(box: BoxEndpoint) -> None:
    warning = SourceWarning("SOURCE_FORBIDDEN", "Not for you.", partial=True)
    closed = a_unit("keys", columns=lambda site: FoundColumns(None, (warning,)))
    box.units = Units("Box", a_unit("lids"), closed)  # type: ignore[misc]
    (lids,), warnings = box.collect_units()
    assert (lids.name, lids.title, lids.primary_keys) == ("box.lids", "Lids", ("id",))
    assert lids.ingestable and [field.name for field in lids.fields] == ["id"]
    assert warnings == [warning]


ASKED: dict[str, Callable[[BoxEndpoint, str], Any]] = {
    "read_full": lambda box, unit: box.read_full(unit, Policy(), a_context(unit)),
    "read_incremental": lambda box, unit: box.read_incremental(
        unit, None, Policy(), a_context(unit)
    ),
    "preview": lambda box, unit: box.preview(unit, 1),
    "reread": lambda box, unit: box.reread(unit, NO_RECORD, ()),
    "entity_map": lambda box, unit: box.entity_map(unit),
    "has_census": lambda box, unit: box.has_census(unit),
    "census": lambda box, unit: box.census(unit, Policy(), NO_ORDER, NOTHING, a_context(unit)),
}


@pytest.mark.parametrize("question", ASKED)
def test_an_unknown_unit_never_runs_as_another(box: BoxEndpoint, question: str) -> None:
    with pytest.raises(FatalError) as refused:
        ASKED[question](box, "box.none")
    assert refused.value.code == "UNIT_UNKNOWN"
    assert refused.value.message == "Box has no unit box.none. Use one of box.lids, box.keys."


def test_a_unit_without_a_cursor_is_read_in_full_only(box: BoxEndpoint) -> None:
    with pytest.raises(FatalError) as refused:
        box.read_incremental("box.lids", None, Policy(), a_context("box.lids"))
    assert (refused.value.code, refused.value.details) == ("CONFIG_INVALID", {"field": "mode"})


def test_a_unit_without_a_census_says_so_and_takes_none(box: BoxEndpoint) -> None:
    assert not box.has_census("box.lids") and box.entity_map("box.lids") is None
    with pytest.raises(FatalError) as refused:
        ASKED["census"](box, "box.lids")
    assert refused.value.code == "INTERNAL"


def test_the_endpoints_own_groups_bound_those_of_a_policy(box: BoxEndpoint) -> None:
    box.groups = ("red", "blue")
    context = a_context("box.lids", mode="FULL")
    assert first_row(box.read_full("box.lids", Policy(), context))["boxes"] == ("red", "blue")

    named = Policy.parse({"filters": {"boxes": ["blue"]}})
    assert first_row(box.read_full("box.lids", named, context))["boxes"] == ("blue",)

    with pytest.raises(FatalError) as refused:
        box.read_full("box.lids", Policy.parse({"filters": {"boxes": ["blue", "green"]}}), context)
    assert refused.value.details == {"field": "policy.filters.boxes"}
    assert "outside the endpoint's boxes: green" in refused.value.message


def test_a_descriptor_says_what_its_unit_is() -> None:
    told = describe_unit(
        "box.lids",
        "Lids",
        key="id",
        cursor="updated",
        groups=BY_BOX,
        cost=UnitCost(1, ()),
        entities=THING,
    )
    assert told.default_mode == "INCREMENTAL" and told.entity_type == "entity.thing"
    assert told.default_policy == {"primaryKeys": ["id"], "cursorField": "updated"}
    assert "boxes" in told.policy_schema["properties"]["filters"]["properties"]
