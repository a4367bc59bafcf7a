"""What has landed, as a census sees it: a list in memory, filled from readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from inlet_sdk.ports.census import CensusOrder, CensusReport
from inlet_sdk.ports.policy import Policy
from inlet_sdk.testing.contexts import a_context
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .readings import full, rows_of

FAR = 9_000_000_000_000


@dataclass
class LandedTable:
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, jira: JiraEndpoint, unit: str) -> LandedTable:
        return cls({row["id"]: dict(row) for row in rows_of(full(jira, unit))})

    def batches(self, *columns: str) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({name: self._column(name) for name in columns})

    def _column(self, name: str) -> pa.Array:
        values = [row.get(name) for row in self.rows.values()]
        kind = pa.timestamp("us", "UTC") if name == "updated" else pa.string()
        return pa.array(values, kind)

    def forget(self, ids: Iterable[str]) -> None:
        for i in ids:
            del self.rows[i]


def an_order(**changes: Any) -> CensusOrder:
    given: dict[str, Any] = {"due": True, "uncertain": False, "deletes": True, "position": FAR}
    return CensusOrder(**{**given, **changes})


def census(
    jira: JiraEndpoint,
    unit: str,
    landed: LandedTable,
    order: CensusOrder | None = None,
    **policy: Any,
) -> CensusReport:
    obeyed = Policy.parse({"deletes": "soft", **policy})
    return jira.census(unit, obeyed, order or an_order(), landed, a_context(unit))


def buried(report: CensusReport) -> list[str]:
    return sorted((tombstone.key for tombstone in report.tombstones), key=int)


def codes(report: CensusReport) -> Sequence[str]:
    return [finding.code for finding in report.findings]
