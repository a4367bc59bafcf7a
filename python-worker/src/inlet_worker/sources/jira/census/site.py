"""What the censuses of Jira ask the site about issues: the units that hang on them ask the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import Long
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import CostStep
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.listing import chunks
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.census.direct_reads import denied_issues
from inlet_worker.sources.jira.issue_feed import IssueFeed
from inlet_worker.sources.jira.scope import API, REFUSALS, ProjectScope
from inlet_worker.sources.jira.search import IssueSearch

IDS_PER_PAGE = 5000
IDS_PER_QUERY = 500
CENSUS_COST = CostStep("the census of ids", "jira.issues", IDS_PER_PAGE, points_per_record=1)


class ShownCount(msgspec.Struct):
    count: Long | None = None


class CensusSite:
    """A ComparableSite: the issues of the policy's projects."""

    def __init__(
        self, http: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
    ) -> None:
        self._http = http
        self._context = context
        self.ids = IssueFeed(http, ["id"], policy.groups, context, IDS_PER_PAGE)

    @property
    def scope(self) -> ProjectScope:
        return self.ids.scope

    def count(self) -> int | None:
        """About how many issues the site shows; None where it does not say."""
        body = {"jql": jql.issues_after(0, self.scope.keys)}
        request = Request(f"{API}/search/approximate-count", "POST", body=body)
        try:
            return self._http.fetch_json(request, ShownCount, self._context).count
        except FatalError as e:
            if e.code in REFUSALS | {"UNEXPECTED_RESPONSE"}:
                return None
            raise

    def visible_groups(self) -> frozenset[str]:
        roster = self.scope.roster()
        if self.scope.keys is None:
            return roster
        return roster & {key.upper() for key in self.scope.keys}

    def changes_of(self, ids: Sequence[int]) -> dict[int, int | None]:
        found: dict[int, int | None] = {}
        for some in chunks(ids, IDS_PER_QUERY):
            refuse_if_late(self._context)
            search = IssueSearch(self._http, ["updated"], self.scope)
            for page in search.pages(partial(jql.issues_of, some), self._context):
                found.update((issue.id, issue.updated) for issue in page.records)
        return found

    def denied(self, ids: Sequence[int]) -> set[int]:
        return denied_issues(self._http, ids, self._context)
