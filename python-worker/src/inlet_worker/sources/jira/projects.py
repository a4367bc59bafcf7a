"""The projects unit: every project the account sees, or the named ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, Long, column
from inlet_sdk.http.endpoint import HttpEndpoint, Request
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.pagination import OffsetPage, offset_pages
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_worker.sources.jira.batches import batch, make_rows, row_maker
from inlet_worker.sources.jira.policy import JiraPolicy
from inlet_worker.sources.jira.scope import API, KEYS_PER_REQUEST, ProjectScope

PAGE_SIZE = 100

PROJECT_COLUMNS: tuple[Column, ...] = (
    column("id", "string"),
    column("key", "string"),
    column("name", "string"),
    column("projectTypeKey", "string"),
    column("style", "string"),
    column("simplified", "boolean"),
    column("isPrivate", "boolean"),
    column("categoryId", "string", "projectCategory.id"),
    column("categoryName", "string", "projectCategory.name"),
)


class ProjectPage(msgspec.Struct):
    values: list[Raw]
    startAt: Long = 0
    maxResults: Long | None = None
    total: Long | None = None
    isLast: bool | None = None


_page_decoder = msgspec.json.Decoder(ProjectPage)
make_project = row_maker(ColumnReader(PROJECT_COLUMNS), "id")


def project_batches(
    http: HttpEndpoint, policy: JiraPolicy, context: IngestionContext
) -> Iterator[SourceBatch]:
    """One batch per page; named projects in groups."""
    scope = ProjectScope(http, policy.project_keys, context)
    at = context.continuation or {"group": 0, "startAt": 0}
    groups = _groups(scope.keys)
    any_batch = False
    for number in range(int(at["group"]), len(groups)):
        start = int(at["startAt"]) if number == at["group"] else 0
        for page in offset_pages(partial(_page, http, groups[number], context), start):
            context.progress.pages += 1
            rows, bad = make_rows(page.items, make_project)
            after = page.next_start
            resume = (
                {"group": number + 1, "startAt": 0}
                if after is None
                else {"group": number, "startAt": after}
            )
            any_batch = True
            yield batch(context, rows, resume, quarantined=bad, warnings=scope.take_warnings())
    if not any_batch:
        yield batch(context, [], dict(at), warnings=scope.take_warnings())


def _groups(keys: Sequence[str] | None) -> list[Sequence[str] | None]:
    if keys is None:
        return [None]
    return [
        keys[start : start + KEYS_PER_REQUEST] for start in range(0, len(keys), KEYS_PER_REQUEST)
    ]


def _page(
    http: HttpEndpoint, keys: Sequence[str] | None, context: IngestionContext, start: int
) -> OffsetPage[Record]:
    def decode(answer: HttpAnswer) -> OffsetPage[Record]:
        found, page = parse_page(answer.body, _page_decoder)
        return OffsetPage(
            page.records(found.values), found.startAt, found.maxResults, found.total, found.isLast
        )

    query: dict[str, str | int] = {"startAt": start, "maxResults": PAGE_SIZE, "orderBy": "key"}
    if keys is not None:
        query["keys"] = ",".join(keys)
    return http.fetch(
        Request(f"{API}/project/search", query=query, points=1 + PAGE_SIZE), decode, context
    )
