"""What every source must do. Subclass `SourceContract`, say how to build the source and what the
site holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import jsonschema
import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import (
    SourceBatch,
    SourceEndpoint,
    SupportsCustomMode,
    SupportsIngestionUnits,
)
from inlet_sdk.testing.contexts import a_context

COLUMN_TYPES = {"string", "long", "double", "boolean", "timestamp", "date", "json"}


class SourceContract:
    """`units` are the ingestable units that can be read in full; `incremental` those of them with a
    cursor; `planned` the others, which a planner of their own reads.
    """

    units: ClassVar[Sequence[str]]
    incremental: ClassVar[Sequence[str]]
    planned: ClassVar[Sequence[str]] = ()

    @pytest.fixture
    def source(self) -> Iterator[SourceEndpoint]:
        raise NotImplementedError

    @pytest.fixture
    def truth(self) -> dict[str, dict[str, str]]:
        """unit -> key -> the record's text as it must land in `_raw`."""
        raise NotImplementedError

    def test_the_manifest_entry_describes_itself(self, source: SourceEndpoint) -> None:
        entry = source.descriptor
        assert entry.kind == "source"
        jsonschema.Draft202012Validator.check_schema(entry.config_schema)
        jsonschema.validate(entry.sample_config, entry.config_schema)
        assert set(entry.secret_schema) == set(entry.auth_types)
        for unit in entry.units:
            jsonschema.Draft202012Validator.check_schema(unit.policy_schema)
            jsonschema.validate(unit.default_policy, unit.policy_schema)
            assert unit.default_mode in unit.supported_modes

    def test_every_sample_answer_fits_its_schema(self, source: SourceEndpoint) -> None:
        assert source.descriptor.resources
        for resource in source.descriptor.resources:
            jsonschema.Draft202012Validator.check_schema(resource.schema)
            jsonschema.validate(resource.sample, resource.schema)

    def test_units_follow_the_catalogue(self, source: SourceEndpoint) -> None:
        assert isinstance(source, SourceEndpoint)
        lister: SupportsIngestionUnits = source  # type: ignore[assignment]
        catalog = source.collect()
        names = [dataset.name for dataset in catalog.datasets if dataset.ingestable]
        assert [unit.unit_id for unit in catalog.units] == [*self.units, *self.planned]
        assert list(lister.list_units(names)) == list(catalog.units)
        assert {unit.dataset for unit in catalog.units} <= set(names)
        assert list(lister.list_units([])) == []
        assert [unit.unit_id for unit in lister.list_units(names[:1])] == list(self.units[:1])

    def test_the_catalogue_types_every_landed_column(self, source: SourceEndpoint) -> None:
        for dataset in source.collect().datasets:
            names = [field.name for field in dataset.fields]
            assert len({name.lower() for name in names}) == len(names)
            assert {field.type for field in dataset.fields} <= COLUMN_TYPES
            if dataset.ingestable:
                landed = {
                    c
                    for batch in self.full(source, dataset.name)
                    for row in batch.rows
                    for c in row
                }
                assert landed <= {*names, "_raw"}
                assert set(dataset.primary_keys) <= set(names)

    def test_preview_shows_rows_as_they_land(self, source: SourceEndpoint) -> None:
        for unit in (*self.units, *self.planned):
            rows = source.preview(unit, 2)
            landed = [row for batch in self.full(source, unit) for row in batch.rows]
            assert rows == landed[:2]

    def test_a_full_read_yields_every_record_once_byte_for_byte(
        self, source: SourceEndpoint, truth: dict[str, dict[str, str]]
    ) -> None:
        for unit in (*self.units, *self.planned):
            assert self.landed(source, unit, self.full(source, unit)) == sorted(truth[unit].items())

    def test_a_first_incremental_read_yields_everything(
        self, source: SourceEndpoint, truth: dict[str, dict[str, str]]
    ) -> None:
        for unit in self.incremental:
            assert self.landed(source, unit, self.changed(source, unit, None)) == sorted(
                truth[unit].items()
            )

    def test_an_unchanged_site_yields_no_row_again(self, source: SourceEndpoint) -> None:
        for unit in (*self.incremental, *self.planned):
            for first in (self.full(source, unit), self.changed(source, unit, None)):
                cursor = first[-1].cursor
                assert cursor is not None
                again = self.changed(source, unit, Checkpoint.of(cursor))
                assert [row for batch in again for row in batch.rows] == []
                assert again[-1].cursor is not None
                assert again[-1].cursor["position"] == (cursor or {})["position"]

    def test_reading_goes_on_in_another_process_after_any_batch(
        self, source: SourceEndpoint, truth: dict[str, dict[str, str]]
    ) -> None:
        for unit in self.units:
            self.check_resume(source, unit, "FULL", truth[unit])
        for unit in self.incremental:
            self.check_resume(source, unit, "INCREMENTAL", truth[unit])
        for unit in self.planned:
            self.check_resume(source, unit, "CUSTOM", truth[unit])

    def test_an_incremental_read_goes_on_from_any_committed_cursor(
        self, source: SourceEndpoint, truth: dict[str, dict[str, str]]
    ) -> None:
        for unit in (*self.incremental, *self.planned):
            batches = self.changed(source, unit, None)
            for cut, batch in enumerate(batches, 1):
                if batch.cursor is not None:
                    cursor = json.loads(json.dumps(batch.cursor))
                    rest = self.changed(source, unit, Checkpoint.of(cursor))
                    assert self.landed(source, unit, [*batches[:cut], *rest]) == sorted(
                        truth[unit].items()
                    )

    def test_nothing_is_asked_before_the_first_batch_is_wanted(
        self, source: SourceEndpoint
    ) -> None:
        stopped = a_context(cancelled=lambda: True)  # any request would raise CANCELLED
        for unit in self.units:
            source.read_full(unit, Policy(), stopped)
        for unit in self.incremental:
            source.read_incremental(unit, None, Policy(), stopped)
        for unit in self.planned:
            self._planner_of(source).read_custom(unit, None, Policy(), stopped)

    def test_a_unit_without_a_planner_refuses_to_be_read_by_one(
        self, source: SourceEndpoint
    ) -> None:
        if not isinstance(source, SupportsCustomMode):
            return
        for unit in self.units:
            with pytest.raises(FatalError) as refused:
                list(source.read_custom(unit, None, Policy(), a_context(unit, mode="CUSTOM")))
            assert (refused.value.code, refused.value.details) == (
                "CONFIG_INVALID",
                {"field": "mode"},
            )
        for unit in self.planned:
            with pytest.raises(FatalError) as refused:
                list(source.read_full(unit, Policy(), a_context(unit, mode="FULL")))
            assert refused.value.code == "CONFIG_INVALID"

    def test_an_unknown_unit_is_refused(self, source: SourceEndpoint) -> None:
        with pytest.raises(FatalError) as refused:
            list(source.read_full("no.such", Policy(), a_context("no.such", mode="FULL")))
        assert refused.value.code == "UNIT_UNKNOWN"

    def test_a_policy_outside_its_schema_is_refused(self, source: SourceEndpoint) -> None:
        for unit in self.units:
            with pytest.raises(FatalError) as refused:
                list(
                    source.read_full(
                        unit, Policy.parse({"surprise": 1}), a_context(unit, mode="FULL")
                    )
                )
            assert refused.value.code == "CONFIG_INVALID"

    def test_a_cancelled_run_stops(self, source: SourceEndpoint) -> None:
        for unit in self.units:
            with pytest.raises(FatalError) as stopped:
                list(
                    source.read_full(
                        unit, Policy(), a_context(unit, mode="FULL", cancelled=lambda: True)
                    )
                )
            assert stopped.value.code == "CANCELLED"

    def full(self, source: SourceEndpoint, unit: str) -> list[SourceBatch]:
        """Everything: by the planner where a unit has one."""
        if unit in self.planned:
            return self.changed(source, unit, None)
        return list(source.read_full(unit, Policy(), a_context(unit, mode="FULL")))

    def changed(
        self, source: SourceEndpoint, unit: str, checkpoint: Checkpoint | None
    ) -> list[SourceBatch]:
        if unit not in self.planned:
            return list(source.read_incremental(unit, checkpoint, Policy(), a_context(unit)))
        context = a_context(unit, mode="CUSTOM")
        return list(self._planner_of(source).read_custom(unit, checkpoint, Policy(), context))

    def _planner_of(self, source: SourceEndpoint) -> SupportsCustomMode:
        assert isinstance(source, SupportsCustomMode)
        return source

    def landed(
        self, source: SourceEndpoint, unit: str, batches: Sequence[SourceBatch]
    ) -> list[tuple[str, str]]:
        keys = next(u for u in source.descriptor.units if u.unit_id == unit).default_policy[
            "primaryKeys"
        ]
        return sorted(
            (",".join(str(row[key]) for key in keys), row["_raw"])
            for batch in batches
            for row in batch.rows
        )

    def check_resume(
        self, source: SourceEndpoint, unit: str, mode: Any, truth: dict[str, str]
    ) -> None:
        def read(context: IngestionContext) -> list[SourceBatch]:
            if mode == "FULL":
                return list(source.read_full(unit, Policy(), context))
            if mode == "CUSTOM":
                return list(self._planner_of(source).read_custom(unit, None, Policy(), context))
            return list(source.read_incremental(unit, None, Policy(), context))

        batches = read(a_context(unit, mode=mode))
        for cut, batch in enumerate(batches, 1):
            resume = json.loads(json.dumps(batch.resume))
            rest = read(a_context(unit, mode=mode, continuation=resume))
            assert self.landed(source, unit, [*batches[:cut], *rest]) == sorted(truth.items())
            assert rest and rest[-1].cursor == batches[-1].cursor
