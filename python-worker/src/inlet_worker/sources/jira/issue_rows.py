"""Rows of issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from inlet_sdk.http.columns import Column, ColumnReader
from inlet_sdk.http.typed_columns import TypedColumns
from inlet_sdk.ports.columnar_rows import RAW, ColumnarRows
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_sdk.units.batches import invalid, reason_of
from inlet_worker.sources.jira.fields import envelope_columns
from inlet_worker.sources.jira.search import FoundIssue

NOT_WHOLE = "The issue lacks a member."

_envelope = ColumnReader(envelope_columns())


class IssueRows:
    """Makes rows of issues: many at once, and by itself each one that cannot be made so."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._typed = TypedColumns(columns)
        self._reader = ColumnReader(columns)
        envelope = {column.name: column.type for column in envelope_columns()}
        self._types = {**envelope, **self._typed.types}

    def rows(
        self, issues: Sequence[FoundIssue]
    ) -> tuple[Sequence[Row], Sequence[QuarantinedRecord]]:
        """The rows, and the records that cannot be one."""
        texts = [issue.texts for issue in issues]
        cells, declined = self._typed.read([text.fields if text else None for text in texts])
        raws = [text.landed() if text else None for text in texts]
        columns = {
            "id": [str(issue.id) for issue in issues],
            "key": [issue.key for issue in issues],
            **cells,
            RAW: raws,
        }

        bad: list[QuarantinedRecord] = []
        others = {at: self._row(issues[at], bad) for at in declined}
        size = sum(len(raw) for raw in raws if raw)
        return ColumnarRows.of(self._types, columns, size, others), bad

    def _row(self, issue: FoundIssue, bad: list[QuarantinedRecord]) -> Row | None:
        try:
            return issue_row(issue, self._reader)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            bad.append(invalid(issue.record, reason_of(error), str(issue.id)))
        except KeyError:
            bad.append(invalid(issue.record, NOT_WHOLE, str(issue.id)))
        return None


def issue_row(issue: FoundIssue, columns: ColumnReader) -> dict[str, Any]:
    """The row of one issue. Raises KeyError where it lacks a member that lands, and else
    msgspec.DecodeError, ValueError or RecursionError.
    """
    row = _envelope.read(issue.envelope)
    row.update(columns.read(issue.fields))
    row["_raw"] = issue.landed_raw()
    return row
