"""A landed copy of a fake Jira: the whole data plane, run by run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyiceberg.catalog import load_catalog

from inlet_sdk.ports.results import IngestionUnitResult
from inlet_worker.ingest import LakeFolder, _slices
from inlet_worker.sources.jira.endpoint import JiraEndpoint


@dataclass
class LandedCopy:
    """Each run takes the catalogue that was collected last."""

    jira: JiraEndpoint
    folder: LakeFolder

    @classmethod
    def of(cls, jira: JiraEndpoint, place: Path) -> LandedCopy:
        return cls(jira, LakeFolder(place))

    def run(
        self, unit_id: str, *, full: bool = False, only: set[str] | None = None, **policy: Any
    ) -> list[IngestionUnitResult]:
        """With `only` the catalogue knows no other columns."""
        unit = self.jira.units.named(unit_id).descriptor
        unit = replace(unit, default_policy={**unit.default_policy, **policy})
        datasets, _ = self.jira.collect_units()
        (fields,) = [one.fields for one in datasets if one.name == unit.dataset]
        known = tuple(field for field in fields if only is None or field.name in only)
        mode = "FULL" if full else unit.default_mode
        return list(_slices(self.jira, unit, known, self.folder, mode))

    def rows(self, unit_id: str) -> dict[str, dict[str, Any]]:
        config = self.folder.sink_config
        lake = load_catalog(
            "lake", type="sql", uri=config["uri"], warehouse=config["warehouse"]
        ).load_table(unit_id)
        return {row["id"]: row for row in lake.scan().to_arrow().to_pylist()}
