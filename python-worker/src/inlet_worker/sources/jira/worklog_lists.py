"""Worklogs by their ids: a thousand to a list, and several lists under way at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.in_flight import Depth, in_order
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.page_size import fitting_parts
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_sdk.units.batches import row_maker
from inlet_sdk.units.record_rows import RecordRows
from inlet_worker.sources.jira.fields import person_columns
from inlet_worker.sources.jira.scope import API

IDS_PER_REQUEST = 1000

WORKLOG_COLUMNS: tuple[Column, ...] = (
    column("id", "string"),
    column("issueId", "string"),
    *person_columns("author"),
    *person_columns("updateAuthor"),
    column("created", "timestamp"),
    column("updated", "timestamp"),
    column("started", "timestamp"),
    column("timeSpent", "string"),
    column("timeSpentSeconds", "long"),
    column("comment", "json", description="Atlassian document format."),
    column("visibility", "json"),
)

NUMBERS = ("id", "issueId")

_list = msgspec.json.Decoder(list[Raw])
make_worklog = row_maker(ColumnReader(WORKLOG_COLUMNS), "id", NUMBERS)


def worklog_rows() -> RecordRows:
    """Makes the rows of one reading."""
    return RecordRows(WORKLOG_COLUMNS, "id", NUMBERS)


@dataclass(frozen=True)
class ReadWorklogs:
    """Worklogs that were asked for together, with where reading goes on once they have landed."""

    records: list[Record]
    warnings: list[SourceWarning]
    resume: dict[str, Any]
    reached: dict[str, Any] | None

    @property
    def size(self) -> int:
        return sum(memoryview(record.json).nbytes for record in self.records)


def lists_at_once(
    site: HttpEndpoint, fetches: Iterator[Callable[[], ReadWorklogs]]
) -> Generator[ReadWorklogs]:
    """What they answer, in their order."""
    depth = Depth(site.at_once, lambda: site.is_crowded)
    return in_order(fetches, depth, lambda read: read.size)


def worklogs_to(
    site: HttpEndpoint,
    ids: Sequence[int],
    resume: dict[str, Any],
    reached: dict[str, Any],
    context: IngestionContext,
) -> ReadWorklogs:
    records, warnings = worklogs_of(site, ids, context)
    return ReadWorklogs(records, warnings, resume, reached)


def worklogs_of(
    site: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> tuple[list[Record], list[SourceWarning]]:
    def ask(some: Sequence[int]) -> list[Record]:
        request = Request(f"{API}/worklog/list", "POST", body={"ids": list(some)})
        return site.fetch(request, _parse_list, context)

    def listed(some: Sequence[int]) -> list[Record]:
        return [record for _, part in fitting_parts(some, IDS_PER_REQUEST, ask) for record in part]

    records = listed(ids)
    if len(records) < len(ids):
        # One that is left out by mistake is there when it is asked for again.
        shown = {number_in(record, "id") for record in records}
        records += listed([worklog for worklog in ids if worklog not in shown])

    hidden = len(ids) - len(records)
    if hidden <= 0:
        return records, []
    message = (
        f"{hidden} changed worklogs are hidden from the account. Grant it access to their issues "
        "if they are wanted."
    )
    return records, [SourceWarning("PROJECT_FORBIDDEN", message)]


def _parse_list(answer: HttpAnswer) -> list[Record]:
    found, page = parse_page(answer.body, _list)
    return page.records(found)


def number_in(record: Record, member: str) -> int | None:
    """An id; None for a record that will be quarantined or cannot be placed, and so is kept."""
    try:
        return int(to_string(record.members()[member]) or "")
    except (msgspec.DecodeError, KeyError, ValueError):
        return None
