"""The census of issues: they stand for themselves, and no feed tells which were deleted."""

from __future__ import annotations

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, LandedRows
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.landed import RecordColumns
from inlet_sdk.units.census.record_census import record_census
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.site import CensusSite

WORDS = Words("issues", "project", "projects")
COLUMNS = RecordColumns("id", "projectId", "projectKey", "updated")


def issue_census(
    http: HttpEndpoint,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    site = CensusSite(http, policy, context)
    return record_census(site, WORDS, COLUMNS, policy, order, landed, context)
