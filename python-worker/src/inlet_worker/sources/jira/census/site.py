"""What the censuses of Jira ask the site about issues: the units that hang on them ask the same."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import Long
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import CostStep
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.direct import DirectReads
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.direct_reads import direct_reads
from inlet_worker.sources.jira.issue_feed import IssueFeed
from inlet_worker.sources.jira.issue_search import IssueSearch
from inlet_worker.sources.jira.scope import API, REFUSALS, ProjectScope

IDS_PER_PAGE = 5000
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
        self._projects = policy.groups
        self.ids = IssueFeed(http, ["id"], policy.groups, context, IDS_PER_PAGE)

    @property
    def scope(self) -> ProjectScope:
        return self.ids.scope

    def time_ms(self) -> int:
        return self._http.time_ms()

    def began_ms(self) -> int:
        return self._http.time_ms(datetime.fromtimestamp(self._context.epoch / 1000, UTC))

    def count(self, before_ms: int | None = None) -> int | None:
        """About how many issues the site shows, or those that changed before a time; None where it
        does not say.
        """
        if before_ms is None:
            return self._counted(jql.issues_by_id(0, None, None, self.scope.keys))
        return self._counted(jql.issues_changed_before(before_ms, self.scope.keys))

    def count_up_to(self, issue_id: int) -> int | None:
        return self._counted(jql.issues_up_to(issue_id, self.scope.keys))

    def _counted(self, query: str) -> int | None:
        body = {"jql": query}
        request = Request(f"{API}/search/approximate-count", "POST", body=body)
        try:
            return self._http.fetch_json(request, ShownCount, self._context).count
        except FatalError as e:
            if e.code in REFUSALS | {"UNEXPECTED_RESPONSE"}:
                return None
            raise

    def names(self) -> Mapping[str, str]:
        return self.scope.names()

    def wanted(self) -> frozenset[str] | None:
        """The policy's projects, by id and by key in capitals, whatever they are called now."""
        if self._projects is None:
            return None
        names = self.scope.names()
        keys = {key.upper() for key in (*self._projects, *names.values())}
        return frozenset({*keys, *names})

    def read(self, ids: Sequence[int]) -> DirectReads:
        return direct_reads(self._http, ids, self._context)

    def of_unit(self, ids: Sequence[int]) -> set[int]:
        """Those of the issues that belong to the policy's projects."""
        wanted = self.wanted()
        found = self.read(ids).found.items()
        return {issue for issue, shown in found if wanted is None or shown.group in wanted}

    def by_change(self) -> Sequence[int]:
        search = IssueSearch(self._http, ["id"], self.scope, IDS_PER_PAGE)
        listed = array("q")
        for page in search.pages(jql.issues_in_order_of_change, self._context):
            refuse_if_late(self._context)
            listed.extend(issue.id for issue in page.records)
        return listed
