"""The issues unit: pages of whole issues become rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from inlet_sdk.errors import SkippableError
from inlet_sdk.http.columns import Column, ColumnReader
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.described_endpoint import CostStep, FieldDescriptor, UnitCost
from inlet_sdk.ports.entities import EntityMap, RelationMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning
from inlet_sdk.units.batches import batch, reason_of
from inlet_sdk.units.entries import Entries, optional_entries
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import kept_record
from inlet_sdk.units.slices import Slice
from inlet_sdk.units.unit import FoundColumns, Unit, describe_unit
from inlet_worker.sources.jira import common_data, search
from inlet_worker.sources.jira.census.issues import issue_census
from inlet_worker.sources.jira.census.site import CENSUS_COST
from inlet_worker.sources.jira.entities import ISSUE, PROJECT, person
from inlet_worker.sources.jira.fields import (
    MAX_CUSTOM_COLUMNS,
    SYSTEM_COLUMNS,
    custom_columns,
    custom_fields,
    envelope_columns,
    issue_columns,
    own_columns,
    site_fields,
)
from inlet_worker.sources.jira.issue_feed import changed_issues, every_issue
from inlet_worker.sources.jira.issue_rows import NOT_WHOLE, IssueRows, issue_row
from inlet_worker.sources.jira.policy import BY_PROJECT
from inlet_worker.sources.jira.search import FoundIssue, parse_issue

ISSUE_FIELDS = ("*all", "-comment", "-worklog")

ISSUE_ENTITY = EntityMap(
    ISSUE,
    "id",
    {
        "key": "key",
        "summary": "summary",
        "type": "issuetypeName",
        "status": "statusName",
        "priority": "priorityName",
        "resolution": "resolutionName",
        "created": "created",
        "resolved": "resolutiondate",
        "due": "duedate",
    },
    (
        RelationMap("IN_PROJECT", PROJECT, "projectId"),
        RelationMap("CHILD_OF", ISSUE, "parentId"),
        person("ASSIGNED_TO", "assignee"),
        person("REPORTED_BY", "reporter"),
    ),
)


def find_columns(site: HttpEndpoint) -> FoundColumns:
    """The system's, and the site's own as far as they have one. Without the list of fields issues
    have the system's alone.
    """
    entries = optional_entries("fields", partial(site_fields, site), waits=True)
    warnings = entries.warnings if entries != Entries() else (NO_FIELDS,)
    columns = envelope_columns() + SYSTEM_COLUMNS + custom_columns(entries.found)
    left = len(custom_fields(entries.found)) - MAX_CUSTOM_COLUMNS
    if left <= 0:
        return FoundColumns(columns, warnings)

    message = (
        f"{left} custom fields have no column of their own: the oldest {MAX_CUSTOM_COLUMNS} have "
        "one. All are in `_raw`."
    )
    return FoundColumns(columns, (*warnings, SourceWarning("FIELDS_IN_RAW", message)))


def read_every_issue(
    site: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
) -> Iterator[SourceBatch]:
    columns = issue_columns(site, context)
    yield from _batches(every_issue(site, ISSUE_FIELDS, policy, context), columns, context)


def read_changed_issues(
    site: HttpEndpoint,
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> Iterator[SourceBatch]:
    columns = issue_columns(site, context)
    slices = changed_issues(site, ISSUE_FIELDS, cursor, policy, context)
    yield from _batches(slices, columns, context)


def reread_issue(quarantined: QuarantinedRecord, fields: Sequence[FieldDescriptor]) -> Row:
    """With the site's own columns that the catalogue had."""
    issue = parse_issue(kept_record(quarantined))
    if not isinstance(issue, FoundIssue):
        raise SkippableError(issue.code, issue.reason)

    try:
        return issue_row(issue, ColumnReader(SYSTEM_COLUMNS + own_columns(fields)))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SkippableError("RECORD_INVALID", reason_of(error)) from None
    except KeyError:
        raise SkippableError("RECORD_INVALID", NOT_WHOLE) from None


NO_FIELDS = SourceWarning(
    "UNEXPECTED_RESPONSE",
    "The site lists no fields, so issues have no custom columns. Collect again.",
    partial=True,
)


def _batches(
    slices: Iterable[Slice[FoundIssue]], columns: Sequence[Column], context: IngestionContext
) -> Iterator[SourceBatch]:
    """`columns` are those below an issue's fields."""
    maker = IssueRows(columns)
    for part in slices:
        rows, bad = maker.rows(part.records)
        yield batch(
            context,
            rows,
            part.resume,
            cursor=part.cursor,
            quarantined=[*part.quarantined, *bad],
            warnings=part.warnings,
        )


ISSUES = Unit(
    descriptor=describe_unit(
        "jira.issues",
        "Issues",
        key="id",
        cursor="updated",
        groups=BY_PROJECT,
        cost=UnitCost(
            2,
            (
                CostStep("pages of issues", "jira.issues", search.PAGE_SIZE, points_per_record=1),
                CENSUS_COST,
            ),
        ),
        entities=ISSUE_ENTITY,
        common=common_data.ISSUES,
    ),
    columns=find_columns,
    read_full=read_every_issue,
    read_changes=read_changed_issues,
    census=issue_census,
    entities=ISSUE_ENTITY,
    reread=reread_issue,
    common=common_data.ISSUES,
)
