"""The changelog unit: every change of every field of an issue, read by a planner of its own.

Jira has no feed of changelog entries. But whoever adds one bumps the issue, so the plan is the feed
of changed issues, a page of it at a time, and what is read of a page are the changelogs of its
issues. All entries of a changed issue are handed on: one that came out of a hidden project brings
entries that were never seen, and one that moved has another key in each. The sink's version-guarded
merge leaves the unchanged ones alone. Entries are never edited; those of a deleted issue stay, as
the record of what was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.columns import Column, ColumnReader, column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import Record
from inlet_sdk.ports.column_values import Unfit
from inlet_sdk.ports.described_endpoint import CostStep, UnitCost
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_sdk.units.batches import invalid, make_rows
from inlet_sdk.units.entries import text_of
from inlet_sdk.units.planner import Portion, ReadPortion
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import rereader
from inlet_sdk.units.unit import Unit, describe_planned_unit, same_columns
from inlet_worker.sources.jira import search
from inlet_worker.sources.jira.changelog_lists import (
    ISSUES_PER_REQUEST,
    changelogs_of,
    created_of,
)
from inlet_worker.sources.jira.fields import person_columns
from inlet_worker.sources.jira.issue_feed import changed_issues
from inlet_worker.sources.jira.policy import BY_PROJECT
from inlet_worker.sources.jira.search import FoundIssue, project_id

ISSUE_FIELDS = ("updated", "project")
ISSUE_MARK = "issue "
ITEM_COLUMNS: tuple[Column, ...] = (
    column("field", "string"),
    column("fieldId", "string"),
    column("fieldType", "string", "fieldtype"),
    column("fromId", "string", "from"),
    column("fromText", "string", "fromString"),
    column("toId", "string", "to"),
    column("toText", "string", "toString"),
)
ENTRY_COLUMNS: tuple[Column, ...] = (
    *person_columns("author"),
    column("historyMetadata", "json"),
)
OF_PLACE: tuple[Column, ...] = (
    column("issueId", "string"),
    column("issueKey", "string"),
    column("projectId", "string"),
    column("historyId", "string"),
    column("item", "long", description="Position in the entry, from 0."),
    column("created", "timestamp"),
)
KEYS = ("issueId", "historyId", "item")

_entry_reader = ColumnReader(ENTRY_COLUMNS)
_item_reader = ColumnReader(ITEM_COLUMNS)
_items = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True)
class ChangelogPlanner:
    """Portions are pages of changed issues; the cursor is that of the feed of issues."""

    def plan(
        self,
        site: HttpEndpoint,
        cursor: Mapping[str, Any] | None,
        policy: ReadingPolicy,
        context: IngestionContext,
    ) -> Iterator[Portion[Sequence[FoundIssue]]]:
        for part in changed_issues(site, ISSUE_FIELDS, cursor, policy, context):
            unread = [_of_issue(record) for record in part.quarantined]
            yield Portion(part.records, part.resume, part.cursor, unread, part.warnings)

    def read(
        self, site: HttpEndpoint, work: Sequence[FoundIssue], context: IngestionContext
    ) -> ReadPortion:
        issues = {issue.id: issue for issue in work}
        rows: list[Row] = []
        bad: list[QuarantinedRecord] = []
        found = changelogs_of(site, list(issues), context)
        for changelog in found.changelogs:
            for entry in changelog.entries:
                made, odd = _rows(entry, issues[changelog.issue_id])
                rows += made
                bad += odd

        read = [f"{ISSUE_MARK}{issue_id}" for issue_id in issues if issue_id not in found.hidden]
        return ReadPortion(rows, bad, found.warnings, read)


def make_item(record: Record) -> dict[str, Any]:
    """The row of one item, but for what its entry says. Raises ValueError for one without field."""
    row = _item_reader.read(record.members())
    if not row.get("field"):
        raise ValueError("`field` is missing")
    row["_raw"] = record.text()
    return row


def _rows(entry: Record, issue: FoundIssue) -> tuple[list[Row], list[QuarantinedRecord]]:
    place = {
        "issueId": str(issue.id),
        "issueKey": issue.key,
        "projectId": project_id(issue),
    }
    try:
        members = entry.members()
        history = text_of(members, "id")
        of_entry = {**place, "historyId": history, "created": created_of(members)}
        of_entry |= _entry_reader.read(members)
        items = entry.within(members["items"]).records(_items.decode(members["items"]))
    except (msgspec.DecodeError, ValueError, KeyError, Unfit):
        reason = "The changelog's entry is in another shape."
        return [], [_of_issue(invalid(entry, reason, str(issue.id)))]

    rows: list[Row] = []
    bad: list[QuarantinedRecord] = []
    for number, item in enumerate(items):
        made, odd = make_rows([item], make_item, {**of_entry, "item": number})
        key = f"{issue.id},{history},{number}"
        rows += made
        bad += [replace(record, key=key, ask=str(issue.id)) for record in odd]
    return rows, bad


def _of_issue(record: QuarantinedRecord) -> QuarantinedRecord:
    """The issue whose changelog could not be told is asked for again, under a key of no row."""
    if record.key is None:
        return record
    return replace(record, key=f"{ISSUE_MARK}{record.key}", ask=record.key)


CHANGELOG = Unit(
    descriptor=describe_planned_unit(
        "jira.changelog",
        "Changelog",
        keys=KEYS,
        order="created",
        groups=BY_PROJECT,
        cost=UnitCost(
            2,
            (
                CostStep("pages of issues", "jira.issues", search.PAGE_SIZE, points_per_record=1),
                CostStep(
                    f"changelogs of a page of issues, up to {ISSUES_PER_REQUEST} at once",
                    "jira.issues",
                    search.PAGE_SIZE,
                ),
            ),
        ),
    ),
    columns=same_columns(OF_PLACE + ENTRY_COLUMNS + ITEM_COLUMNS),
    read_full=None,
    read_changes=None,
    planner=ChangelogPlanner(),
    census=None,
    entities=None,
    reread=rereader(make_item, of_parent=[one.name for one in OF_PLACE + ENTRY_COLUMNS]),
)
