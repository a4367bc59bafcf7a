"""The users unit: everyone the account may see, whatever their state. A flat array that ends with
an empty page.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, column
from inlet_sdk.http.endpoint import HttpEndpoint, Request
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.pagination import array_pages
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_worker.sources.jira.batches import batch, make_rows, row_maker
from inlet_worker.sources.jira.scope import API

PAGE_SIZE = 1000

USER_COLUMNS: tuple[Column, ...] = (
    column("accountId", "string"),
    column("accountType", "string"),
    column("displayName", "string", description="Not unique."),
    column("emailAddress", "string", description="Empty where the person hides it."),
    column("active", "boolean"),
    column("timeZone", "string"),
    column("locale", "string"),
)

_array = msgspec.json.Decoder(list[Raw])
make_user = row_maker(ColumnReader(USER_COLUMNS), "accountId")


def user_batches(
    http: HttpEndpoint, context: IngestionContext, page_size: int = PAGE_SIZE
) -> Iterator[SourceBatch]:
    """Pages overlap where Jira filters them after cutting, so a person may come twice: the second
    time is dropped.
    """
    at = context.continuation or {"startAt": 0, "lastIds": []}
    seen: set[str] = set(at["lastIds"])
    any_batch = False
    pages = array_pages(partial(_page, http, page_size, context), page_size, int(at["startAt"]))
    for after, records in pages:
        context.progress.pages += 1
        rows, bad = make_rows(records, make_user)
        fresh = []
        for row in rows:
            if row["accountId"] not in seen:
                seen.add(row["accountId"])
                fresh.append(row)
        any_batch = True
        resume = {"startAt": after, "lastIds": [row["accountId"] for row in rows]}
        yield batch(context, fresh, resume, quarantined=bad)
    if not any_batch:
        yield batch(context, [], dict(at))


def _page(http: HttpEndpoint, size: int, context: IngestionContext, start: int) -> list[Record]:
    def decode(answer: HttpAnswer) -> list[Record]:
        found, page = parse_page(answer.body, _array)
        return page.records(found)

    query = {"startAt": start, "maxResults": size}
    return http.fetch(
        Request(f"{API}/users/search", query=query, points=1 + 2 * size), decode, context
    )
