"""A control plane whose sink is `cdm`, through each of the sinks that it is written through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.common_data import ENTITIES, CommonMap
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import SinkTarget
from inlet_worker.pipeline.common_data_source import CommonDataSource, CommonUnit
from inlet_worker.sinks.cdm.endpoint import through_sink
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .control_plane import ControlPlane
from .test_modes import fields_of, policy_of

MERGING = ("warehouse.iceberg", "jdbc")
GUARD = EgressGuard(allow_private_networks=True)


@dataclass
class CommonPlane(ControlPlane):
    through: str = "warehouse.iceberg"
    entity: str = ""

    def sink(self) -> Any:
        return through_sink(self._place())

    def _place(self) -> Any:
        if self.through == "files.parquet":
            return FilesParquetSink({"location": f"file://{self.place}"}, on_step=self.on_step)
        if self.through == "jdbc":
            self.place.mkdir(exist_ok=True)
            file = {"dialect": "sqlite", "path": f"{self.place}/sink.db"}
            return JdbcSink(file, GUARD, on_step=self.on_step)
        return super().sink()

    def context(self, run_id: str, mode: Any, **changes: Any) -> Any:
        return super().context(run_id, mode, dataset=f"common.{self.entity}", **changes)

    def landed(self) -> dict[str, dict[str, Any]]:
        target = SinkTarget("t1", "list", self.entity, ENTITIES[self.entity])
        batches = self.sink().landed_rows(target, pc.is_valid)
        rows = [row for batch in batches for row in batch.to_pylist()]
        found = {row["id"]: row for row in rows}
        assert len(found) == len(rows)
        return found


def source_of(
    jira: Any, unit: str, mapping: CommonMap | None = None, policy: dict[str, Any] | None = None
) -> tuple[CommonDataSource, CommonUnit]:
    mapping = mapping or JiraEndpoint.common_map(unit)
    assert mapping is not None
    own = Policy.parse({**policy_of(unit), **(policy or {})})
    common = CommonUnit(unit, mapping, fields_of(jira, unit), own, "site")
    return CommonDataSource(jira, common), common


def of_jira(
    jira: Any,
    place: Path,
    unit: str,
    mapping: CommonMap | None = None,
    policy: dict[str, Any] | None = None,
    **changes: Any,
) -> CommonPlane:
    source, common = source_of(jira, unit, mapping, policy)
    return CommonPlane(
        source,
        place,
        policy=common.landing_policy(),
        fields=common.landing_fields,
        unit=unit,
        entity=common.map.entity,
        **changes,
    )


def codes_of(results: list[IngestionUnitResult]) -> set[str]:
    return {evidence.code for result in results for evidence in result.evidence}
