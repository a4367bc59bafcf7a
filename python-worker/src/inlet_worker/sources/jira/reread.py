"""Rows of records that were set aside, made again from what is kept of them: Jira is not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from inlet_sdk.errors import SkippableError
from inlet_sdk.http.columns import Column, ColumnReader
from inlet_sdk.http.json_record import Record, without_lone_surrogates
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_worker.sources.jira.batches import MakeRow, make_rows
from inlet_worker.sources.jira.comments import make_comment
from inlet_worker.sources.jira.fields import CUSTOM_ID, SYSTEM_COLUMNS
from inlet_worker.sources.jira.issues import issue_row
from inlet_worker.sources.jira.projects import make_project
from inlet_worker.sources.jira.search import FoundIssue, parse_issue
from inlet_worker.sources.jira.users import make_user
from inlet_worker.sources.jira.worklogs import make_worklog

MAKERS: Mapping[str, MakeRow] = {
    "jira.projects": make_project,
    "jira.users": make_user,
    "jira.comments": make_comment,
    "jira.worklogs": make_worklog,
}

OF_PARENT = {"jira.comments": ("issueId", "issueKey")}
"""Columns that the record itself does not tell."""


def reread(unit_id: str, quarantined: QuarantinedRecord, fields: Sequence[FieldDescriptor]) -> Row:
    """Raises SkippableError when the record still cannot be a row."""
    original = quarantined.raw.encode()
    record = Record(without_lone_surrogates(original), original)
    if unit_id == "jira.issues":
        return _issue(record, fields)
    if unit_id == "jira.comments" and "fields" in _members(record):
        raise SkippableError(
            "RECORD_INVALID",
            "It is an issue whose comments could not be told: a run reads them again.",
        )
    known = quarantined.row or {}
    of_parent = {name: known[name] for name in OF_PARENT.get(unit_id, ()) if name in known}
    rows, bad = make_rows([record], MAKERS[unit_id], of_parent)
    if bad:
        raise SkippableError(bad[0].code, bad[0].reason)
    return rows[0]


def _issue(record: Record, fields: Sequence[FieldDescriptor]) -> Row:
    issue = parse_issue(record)
    if not isinstance(issue, FoundIssue):
        raise SkippableError(issue.code, issue.reason)
    own = tuple(Column(f.name, f.type, (f.name,)) for f in fields if CUSTOM_ID.fullmatch(f.name))
    try:
        return issue_row(issue, ColumnReader(SYSTEM_COLUMNS + own))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        raise SkippableError(
            "RECORD_INVALID", "The issue lacks a member or is not UTF-8."
        ) from None


def _members(record: Record) -> Mapping[str, Any]:
    try:
        return record.members()
    except msgspec.DecodeError:
        return {}
