"""The ids of every issue that the site shows, as cheaply as Jira tells them: five thousand a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import Long
from inlet_sdk.http.endpoint import HttpEndpoint, Request
from inlet_sdk.ports.census import CensusOrder, CensusUnfinished
from inlet_sdk.ports.described_endpoint import CostStep
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.census.reappeared import kept_state
from inlet_worker.sources.jira.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import API, REFUSALS, ProjectScope
from inlet_worker.sources.jira.search import IssueSearch

IDS_PER_PAGE = 5000
CENSUS_COST = CostStep("the census of ids", "jira.issues", IDS_PER_PAGE, points_per_record=1)


def shown_issues(http: HttpEndpoint, scope: ProjectScope, context: IngestionContext) -> pa.Array:
    """Ascending int64 ids. Raises CensusUnfinished when the pages do not prove to be all of them."""
    parts: list[pa.Array] = []
    after = 0

    def query(keys: object) -> str:
        return jql.issues_after(after, scope.keys)

    for page in IssueSearch(http, ["id"], scope, IDS_PER_PAGE).pages(query, context):
        refuse_if_late(context)
        ids = pa.array([issue.id for issue in page.records], pa.int64())
        if page.quarantined or any(
            warning.code != "PROJECT_FORBIDDEN" for warning in page.warnings
        ):
            raise CensusUnfinished(
                "Jira's search left issues out, so nothing was compared. The next run tries again."
            )
        if len(ids):
            if ids[0].as_py() <= after or not _ascends(ids):
                raise CensusUnfinished(
                    "Jira's search does not keep ORDER BY id, so nothing was compared. Report it."
                )
            after = ids[-1].as_py()
            parts.append(ids)
    return pa.concat_arrays(parts) if parts else pa.array([], pa.int64())


class ShownCount(msgspec.Struct):
    count: Long | None = None


@dataclass(frozen=True)
class IssueCount:
    """`fewer`: the site shows fewer issues than last time, so a census is due. `state` remembers
    how many.
    """

    fewer: bool
    state: dict[str, Any]


def fewer_shown(
    http: HttpEndpoint, scope: ProjectScope, order: CensusOrder, context: IngestionContext
) -> IssueCount:
    """One request that notices most deletions between two censuses."""
    count, before = _shown_count(http, scope, context), order.state.get("count")
    if count is None:
        return IssueCount(False, kept_state(order))
    return IssueCount(before is not None and count < before, {**kept_state(order), "count": count})


def _shown_count(http: HttpEndpoint, scope: ProjectScope, context: IngestionContext) -> int | None:
    """About how many issues the site shows; None where it does not say."""
    body = {"jql": jql.issues_after(0, scope.keys)}
    try:
        answer = http.fetch_json(
            Request(f"{API}/search/approximate-count", "POST", body=body), ShownCount, context
        )
    except FatalError as e:
        if e.code in REFUSALS | {"UNEXPECTED_RESPONSE"}:
            return None
        raise
    return answer.count


def _ascends(ids: pa.Array) -> bool:
    return len(ids) < 2 or bool(
        pc.all(pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
    )
