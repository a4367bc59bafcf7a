"""The two ways through a site's issues, shared by the units that hang on them (issues, comments)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import epoch_ms
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CENSUS_NEEDED
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.cursor import ChangeCursor, ChangePass
from inlet_worker.sources.jira.debt import Debt, owed_pages
from inlet_worker.sources.jira.full_pass import FullPass
from inlet_worker.sources.jira.policy import JiraPolicy
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import FoundIssue, IssueSearch, latest_update

NOT_EVEN_THE_LAST = SourceWarning(
    CENSUS_NEEDED,
    "The source does not show the last change that was read before, so what has landed is compared.",
)


@dataclass(frozen=True)
class IssueSlice:
    """The issues of a page that were not handed on before, with what the batch made of them has to
    carry.
    """

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
        state = FullPass(
            policy.windows, epoch_ms(http.clock.now()), latest_update(http, scope, context)
        )
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
    """What is owed from before, by id; then every issue changed since the cursor, oldest change
    first. A slice can be committed once it got further than where it began.
    """
    if context.continuation is not None:
        state, debt = (
            ChangePass.resumed(context.continuation, policy.windows),
            Debt.resumed(context.continuation),
        )
        seen = True
    else:
        before = ChangeCursor.from_json(checkpoint_cursor)
        state, debt = (
            ChangePass(before, policy.windows, epoch_ms(http.clock.now())),
            Debt.of_cursor(checkpoint_cursor),
        )
        seen = before.position is None
    if debt:
        for page, left in owed_pages(http, fields, debt, policy.project_keys, context):
            debt = left
            cursor = debt.in_cursor(state.cursor(complete=False).as_json())
            resume = debt.in_resume(state.resume())
            yield IssueSlice(page.issues, page.quarantined, page.warnings, resume, cursor)
    began = state.since
    search = IssueSearch(http, fields, ProjectScope(http, policy.project_keys, context))
    for page in search.pages(lambda keys: jql.issues_changed_since(state.since, keys), context):
        fresh = [issue for issue in page.issues if state.is_new(issue.id, issue.updated)]
        state.page_read([issue.updated for issue in page.issues if issue.updated is not None])
        seen = seen or bool(page.issues)
        warnings = (
            page.warnings if seen or not page.is_last else [*page.warnings, NOT_EVEN_THE_LAST]
        )
        if fresh or page.quarantined or warnings or page.is_last:
            # JQL knows minutes: a slice that ended within the minute it began at would begin there
            # for ever.
            further = page.is_last or state.since > began
            reached, resume = state.cursor(complete=page.is_last).as_json(), state.resume()
            if debt:
                reached, resume = debt.in_cursor(reached), debt.in_resume(resume)
            yield IssueSlice(
                fresh, page.quarantined, warnings, resume, reached if further else None
            )
