"""The two feeds of worklogs, changed and deleted ones: their ids by time. They are ordered, hold
back the newest minute, and are site-wide.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Long
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.pagination import Page
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.sources.jira.scope import API


class ChangedWorklog(msgspec.Struct):
    worklogId: Long
    updatedTime: Long


class WorklogFeed(msgspec.Struct):
    values: list[ChangedWorklog]
    lastPage: bool
    nextPage: str | None = None


_feed = msgspec.json.Decoder(WorklogFeed)


def feed_page(
    http: HttpEndpoint,
    feed: Literal["updated", "deleted"],
    since_ms: int,
    url: str | None,
    context: IngestionContext,
) -> Page[ChangedWorklog]:
    """The page at `url`; the first one, since a time, for None."""
    first = Request(f"{API}/worklog/{feed}", query={"since": since_ms})
    return http.fetch(Request(url) if url else first, _parse, context)


def _parse(answer: HttpAnswer) -> Page[ChangedWorklog]:
    found, _ = parse_page(answer.body, _feed)
    if not found.lastPage and not found.nextPage:
        raise msgspec.ValidationError("lastPage is false and there is no nextPage")
    return Page(found.values, None if found.lastPage else found.nextPage)
