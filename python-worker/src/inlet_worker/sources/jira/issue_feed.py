"""The issues of a site as a feed: what the units and censuses that hang on issues read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from inlet_sdk.http.columns import epoch_ms
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.units.batches import ids_again
from inlet_sdk.units.feed import FeedPage
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.slices import Slice, changed_slices, full_slices
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.direct_reads import issues_by_id
from inlet_worker.sources.jira.issue_order import ByChange, ById, IssueOrder
from inlet_worker.sources.jira.issue_search import IssueSearch
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import (
    PAGE_SIZE,
    FoundIssue,
    latest_update,
    project_id,
)

IssuePages = Iterator[FeedPage[FoundIssue]]


class IssueFeed:
    """A Feed by `search/jql`. `scope` asks for the projects, when it is first needed."""

    def __init__(
        self,
        http: HttpEndpoint,
        fields: Sequence[str],
        projects: Sequence[str] | None,
        context: IngestionContext,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._http = http
        self._fields = fields
        self._projects = projects
        self._context = context
        self._page_size = page_size
        self._scope: ProjectScope | None = None

    @property
    def scope(self) -> ProjectScope:
        if self._scope is None:
            self._scope = self._scope_of(self._projects)
        return self._scope

    def latest_change(self) -> int | None:
        return latest_update(self._http, self.scope, self._context)

    def after(self, record_id: Callable[[], int]) -> IssuePages:
        return self._in_order(self.scope, ById(record_id))

    def since(self, at_ms: Callable[[], int]) -> IssuePages:
        return self._in_order(self.scope, ByChange(at_ms))

    def of_ids(self, ids: Sequence[int]) -> IssuePages:
        """By search, and one by one where a search leaves them out."""
        scope = self._scope_of(self._projects)
        seen: set[int] = set()
        search = self._search(scope)
        for page in search.pages(partial(jql.issues_of, ids), self._context):
            seen.update(issue.id for issue in page.records)
            if not page.is_last or scope.is_empty:
                yield page
                continue
            found, bad = self._directly([record for record in ids if record not in seen], scope)
            yield replace(
                page,
                records=[*page.records, *found],
                quarantined=[*page.quarantined, *bad],
            )

    def _directly(
        self, ids: Sequence[int], scope: ProjectScope
    ) -> tuple[list[FoundIssue], list[QuarantinedRecord]]:
        projects = None if scope.keys is None else scope.names()
        found, _ = issues_by_id(self._http, ids, self._fields, self._context)
        issues = [issue for issue in found if isinstance(issue, FoundIssue)]
        mine = [i for i in issues if projects is None or project_id(i) in projects]
        return mine, [issue for issue in found if isinstance(issue, QuarantinedRecord)]

    def changed_after(
        self,
        groups: Sequence[str] | None,
        at_ms: int,
        record_id: Callable[[], int],
        until: int | None = None,
    ) -> IssuePages:
        return self._in_order(self._scope_of(groups), ById(record_id, at_ms, until))

    def _scope_of(self, projects: Sequence[str] | None) -> ProjectScope:
        return ProjectScope(self._http, projects, self._context)

    def _in_order(self, scope: ProjectScope, order: IssueOrder) -> IssuePages:
        return self._search(scope).in_order(order, self._context)

    def _search(self, scope: ProjectScope) -> IssueSearch:
        return IssueSearch(self._http, self._fields, scope, self._page_size)


def every_issue(
    http: HttpEndpoint, fields: Sequence[str], policy: ReadingPolicy, context: IngestionContext
) -> Iterator[Slice[FoundIssue]]:
    """Slices of all issues of the policy's projects."""
    feed = IssueFeed(http, fields, policy.groups, context)
    now_ms = epoch_ms(http.clock.now())
    yield from full_slices(feed, policy, context.continuation, now_ms, http.time_ms, context.doubts)


def changed_issues(
    http: HttpEndpoint,
    fields: Sequence[str],
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> Iterator[Slice[FoundIssue]]:
    """Slices of those that changed since the cursor, and of those that are owed."""
    feed = IssueFeed(http, fields, policy.groups, context)
    now_ms = epoch_ms(http.clock.now())
    again = ids_again(context)
    yield from changed_slices(
        feed, cursor, policy, context.continuation, now_ms, http.time_ms, context.doubts, again
    )
