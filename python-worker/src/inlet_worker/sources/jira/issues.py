"""The issues unit: pages of whole issues become rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from inlet_sdk.http.columns import ColumnReader
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch
from inlet_worker.sources.jira.batches import batch
from inlet_worker.sources.jira.fields import envelope_columns
from inlet_worker.sources.jira.issue_slices import IssueSlice
from inlet_worker.sources.jira.search import FoundIssue, invalid

ISSUE_FIELDS = ("*all", "-comment", "-worklog")

_envelope = ColumnReader(envelope_columns())


def issue_batches(
    slices: Iterable[IssueSlice], columns: ColumnReader, context: IngestionContext
) -> Iterator[SourceBatch]:
    """`columns` read the issue's fields."""
    for part in slices:
        rows: list[Row] = []
        bad: list[QuarantinedRecord] = list(part.quarantined)
        for issue in part.issues:
            try:
                rows.append(issue_row(issue, columns))
            except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
                bad.append(
                    invalid(issue.record, "The issue lacks a member or is not UTF-8.", issue.key)
                )
        yield batch(
            context, rows, part.resume, cursor=part.cursor, quarantined=bad, warnings=part.warnings
        )


def issue_row(issue: FoundIssue, columns: ColumnReader) -> dict[str, Any]:
    row = _envelope.read(issue.envelope)
    row.update(columns.read(issue.fields))
    row["_raw"] = issue.landed_raw()
    return row
