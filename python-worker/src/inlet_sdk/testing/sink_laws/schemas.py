"""Columns that come, go, come back and change their type; and names that no table likes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import NewField, RetypedField
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_staging import FIELDS, a_row
from inlet_sdk.testing.sink_laws.subject import (
    TARGET,
    SinkUnderTest,
    a_commit,
    refused,
    with_fields,
)

WIDER = with_fields(*FIELDS, FieldDescriptor("points", "double"))
NARROWER = with_fields(*(field for field in FIELDS if field.name != "votes"))
RETYPED = with_fields(
    *NARROWER.fields, RetypedField("votes__string", "string", True, "", of="votes")
)
ODD_NAMES = (
    'Story "points"',
    "it's",
    "back\\slash",
    "per cent %s",
    "a.b.c",
    "two words",
    " edges ",
    "Größe",
    "優先度",
    "🚀 launch",
    "select",
    "order",
    "group",
    "user",
    "table",
    "1st",
    "semi;colon--",
    "new\nline",
    "tab\t",
    "`tick`",
    "[square]",
    "{curly}",
    "$dollar",
    "a" * 200,
    "a" * 199 + "b",
)


class SchemaLaws(SinkUnderTest):
    def test_landed_columns_are_those_of_the_table_with_the_types_they_take(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        assert sink.landed_target(TARGET) is None
        self.land(sink, [a_row(1)], a_commit("r1"))
        landed = sink.landed_target(TARGET)
        columns = landed.columns if landed else None
        assert columns is not None and set(columns) == set(self.rows_of(sink)[0])
        assert {name: columns[name].of for name in columns} == dict.fromkeys(columns, "")
        assert all(field.type in columns[field.name].types for field in TARGET.fields)
        assert "string" not in columns["votes"].types

    def test_a_new_column_comes_with_the_first_row_that_has_it(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        self.land(sink, [a_row(2, points=1.5)], a_commit("r2", 2), WIDER)
        assert self._values(sink, "points") == {"1": None, "2": 1.5}
        # A worker of an earlier release, which does not know the column, lands rows beside it.
        self.land(sink, [a_row(3)], a_commit("r3", 3))
        assert self._values(sink, "points") == {"1": None, "2": 1.5, "3": None}

    def test_a_frozen_schema_takes_no_new_column(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        frozen = a_commit("r2", 2, schema="freeze")
        error = refused("SCHEMA_FROZEN", lambda: self.land(sink, [a_row(2)], frozen, WIDER))
        assert "points" in error.message
        assert self.ids_of(sink) == ["1"] and sink.find_commit(TARGET, "r2/0") is None
        self.land(sink, [a_row(3)], a_commit("r3", 3, schema="freeze"))
        assert self.ids_of(sink) == ["1", "3"]

    def test_a_column_that_the_policy_keeps_out_is_not_made(self, tmp_path: Path) -> None:
        kept_out = with_fields(*FIELDS, NewField("points", "double"))
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        self.land(sink, [a_row(2)], a_commit("r2", 2, schema="quarantine"), kept_out)
        landed = sink.landed_target(TARGET)
        assert landed and landed.columns and "points" not in landed.columns
        assert self.ids_of(sink) == ["1", "2"]

    def test_a_column_that_goes_and_comes_back_is_the_same_one(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        self.land(sink, [a_row(2)], a_commit("r2", 2), NARROWER)
        self.land(sink, [a_row(3)], a_commit("r3", 3))
        assert self._values(sink, "votes") == {"1": 1, "2": None, "3": 3}

    def test_a_field_of_another_type_has_a_second_column_and_gets_the_first_one_back(
        self, tmp_path: Path
    ) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        self.land(sink, [a_row(2, votes__string="many")], a_commit("r2", 2), RETYPED)
        landed = sink.landed_target(TARGET)
        assert landed and landed.columns
        told = {name: landed.columns[name].of for name in ("votes", "votes__string")}
        assert told == {"votes": "", "votes__string": "votes"}
        assert "string" in landed.columns["votes__string"].types

        self.land(sink, [a_row(3)], a_commit("r3", 3))
        assert self._values(sink, "votes") == {"1": 1, "2": None, "3": 3}
        assert self._values(sink, "votes__string") == {"1": None, "2": "many", "3": None}

    def test_another_type_in_the_same_column_is_refused(self, tmp_path: Path) -> None:
        sink = self.open_sink(tmp_path)
        self.land(sink, [a_row(1)], a_commit("r1"))
        other = with_fields(*NARROWER.fields, FieldDescriptor("votes", "string"))
        rows = [a_row(2, votes="many")]
        error = refused("SINK_REJECTED", lambda: self.land(sink, rows, a_commit("r2", 2), other))
        assert "votes" in error.message and self.ids_of(sink) == ["1"]

    @pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: ascii(name)[:30])
    def test_a_column_of_any_name_lands_and_is_found(self, tmp_path: Path, name: str) -> None:
        target = with_fields(*FIELDS, FieldDescriptor(name, "long"))
        sink = self.open_sink(tmp_path)
        for number, run in enumerate(("r1", "r2")):
            row = a_row(1, updated=1_800_000_000_000 + number, **{name: 7 + number})
            self.land(sink, [row], a_commit(run, number), target)

        assert 8 in self._values(sink, name, target).values()
        landed = sink.landed_target(target)
        assert landed and landed.columns and landed.columns[name].of == ""

    def test_columns_of_all_these_names_are_told_apart(self, tmp_path: Path) -> None:
        fields = [FieldDescriptor(name, "long") for name in ODD_NAMES]
        target = with_fields(*FIELDS, *fields)
        row = a_row(1, **{name: number for number, name in enumerate(ODD_NAMES)})
        sink = self.open_sink(tmp_path)
        self.land(sink, [row], a_commit("r1"), target)
        (found,) = self.landed_in(sink, target)
        assert {name: found[name] for name in ODD_NAMES} == {
            name: number for number, name in enumerate(ODD_NAMES)
        }

    def test_names_that_differ_in_case_alone_are_two_columns_or_refused(
        self, tmp_path: Path
    ) -> None:
        target = with_fields(
            *FIELDS, FieldDescriptor("Points", "long"), FieldDescriptor("points", "string")
        )
        sink = self.open_sink(tmp_path)
        try:
            self.land(sink, [a_row(1, Points=5, points="five")], a_commit("r1"), target)
        except FatalError as error:
            assert error.code == "SINK_REJECTED" and "points" in error.message
            assert self.landed_in(sink, target) == []
            return
        (found,) = self.landed_in(sink, target)
        assert (found["Points"], found["points"]) == (5, "five")

    @pytest.mark.parametrize("name", ["_raw", "_version", "_deleted_at", "_run_id", "_row_id"])
    def test_a_field_named_as_a_column_of_ours_is_refused(self, tmp_path: Path, name: str) -> None:
        sink = self.open_sink(tmp_path)

        def land() -> Any:
            taken = with_fields(*FIELDS, FieldDescriptor(name, "string"))
            return self.land(sink, [a_row(1)], a_commit("r1"), taken)

        error = refused("SINK_REJECTED", land)
        assert name in error.message and sink.landed_target(TARGET) is None

    def _values(self, sink: SinkEndpoint, name: str, target: Any = TARGET) -> dict[str, Any]:
        """By the port, which knows columns by the names of fields."""
        batches = sink.live_keys(target, ["id", name])
        return {row["id"]: row[name] for batch in batches for row in batch.to_pylist()}
