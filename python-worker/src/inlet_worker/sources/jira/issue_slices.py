"""The two ways through a site's issues, shared by the units that hang on them (issues, comments)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from inlet_worker.context import IngestionContext
from inlet_worker.errors import FatalError
from inlet_worker.sources.census import CENSUS_NEEDED
from inlet_worker.sources.columns import epoch_ms
from inlet_worker.sources.http_endpoint import HttpEndpoint
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.census.reappeared import reread_ids
from inlet_worker.sources.jira.cursor import ChangeCursor, ChangePass
from inlet_worker.sources.jira.full_pass import FullPass
from inlet_worker.sources.jira.policy import JiraPolicy
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import FoundIssue, IssueSearch, SearchPage, latest_update
from inlet_worker.sources.source_endpoint import QuarantinedRecord, SourceWarning

REREAD_PER_QUERY = 500
NOT_EVEN_THE_LAST = SourceWarning(
    CENSUS_NEEDED, "The source does not show the last change that was read before, so what has landed is compared."
)


@dataclass(frozen=True)
class IssueSlice:
    """The issues of a page that were not handed on before, with what the batch made of them has to carry."""

    issues: Sequence[FoundIssue]
    quarantined: Sequence[QuarantinedRecord]
    warnings: Sequence[SourceWarning]
    resume: dict[str, Any]
    cursor: dict[str, Any] | None


def full_slices(
    http: HttpEndpoint, fields: Sequence[str], policy: JiraPolicy, context: IngestionContext
) -> Iterator[IssueSlice]:
    """Every issue once, by id; only the last slice has a cursor."""
    scope = ProjectScope(http, policy.project_keys, context)
    if context.continuation is not None:
        state = FullPass.resumed(context.continuation, policy.windows)
    else:
        state = FullPass(policy.windows, epoch_ms(http.clock.now()), latest_update(http, scope, context))
    search = IssueSearch(http, fields, scope)
    for page in search.pages(lambda keys: jql.issues_after(state.after, keys), context):
        fresh = [issue for issue in page.issues if state.accept(issue.id, issue.updated)]
        if len(fresh) < len(page.issues):
            raise FatalError(
                "UNEXPECTED_RESPONSE",
                "Jira's search does not keep ORDER BY id, so a full read cannot be proven complete. Report it.",
            )
        cursor = state.cursor().as_json() if page.is_last else None
        yield IssueSlice(fresh, page.quarantined, page.warnings, state.resume(), cursor)


def changed_slices(
    http: HttpEndpoint,
    fields: Sequence[str],
    checkpoint_cursor: Mapping[str, Any] | None,
    policy: JiraPolicy,
    context: IngestionContext,
) -> Iterator[IssueSlice]:
    """Every issue changed since the cursor, oldest change first; each slice can be committed."""
    scope = ProjectScope(http, policy.project_keys, context)
    seen = True
    if context.continuation is not None:
        state = ChangePass.resumed(context.continuation, policy.windows)
    else:
        before = ChangeCursor.from_json(checkpoint_cursor)
        state = ChangePass(before, policy.windows, epoch_ms(http.clock.now()))
        seen = before.position is None
        for page in _read_again(http, fields, scope, reread_ids(checkpoint_cursor), context):
            yield IssueSlice(page.issues, page.quarantined, page.warnings, state.resume(), None)
    search = IssueSearch(http, fields, scope)
    for page in search.pages(lambda keys: jql.issues_changed_since(state.since, keys), context):
        fresh = [issue for issue in page.issues if state.is_new(issue.id, issue.updated)]
        state.page_read([issue.updated for issue in page.issues if issue.updated is not None])
        seen = seen or bool(page.issues)
        warnings = page.warnings if seen or not page.is_last else [*page.warnings, NOT_EVEN_THE_LAST]
        if fresh or page.quarantined or warnings or page.is_last:
            cursor = state.cursor(complete=page.is_last).as_json()
            yield IssueSlice(fresh, page.quarantined, warnings, state.resume(), cursor)


def _read_again(
    http: HttpEndpoint, fields: Sequence[str], scope: ProjectScope, ids: Sequence[int], context: IngestionContext
) -> Iterator[SearchPage]:
    """Issues whose changes a census found missing, whatever their age."""
    for start in range(0, len(ids), REREAD_PER_QUERY):
        some = ids[start : start + REREAD_PER_QUERY]
        yield from IssueSearch(http, fields, scope).pages(partial(jql.issues_of, some), context)
