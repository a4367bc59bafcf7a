"""Asking for records by id: what tells a deleted record from one that search merely left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Long, is_id, to_id
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.listing import chunks
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import API

ISSUES_PER_READ = 100
IDS_PER_LIST = 1000


class Identified(msgspec.Struct):
    id: str | Long


class FetchedIssues(msgspec.Struct):
    issues: list[Identified]
    issueErrors: list[Identified] = []


class ListedComments(msgspec.Struct):
    values: list[Identified]


_comments = msgspec.json.Decoder(ListedComments)
_worklogs = msgspec.json.Decoder(list[Identified])


def denied_issues(http: HttpEndpoint, ids: Sequence[int], context: IngestionContext) -> set[int]:
    """Those of the issues that Jira, asked for each, says are not there (or hidden). One it does
    not answer for is not among them.
    """
    denied: set[int] = set()
    for some in chunks(ids, ISSUES_PER_READ):
        refuse_if_late(context)
        body = {"issueIdsOrKeys": [str(i) for i in some], "fields": ["project"]}
        try:
            found = http.fetch_json(
                Request(f"{API}/issue/bulkfetch", "POST", body=body), FetchedIssues, context
            )
        except FatalError as e:
            if e.code != "SOURCE_FORBIDDEN":
                raise
            continue

        denied |= _ids(found.issueErrors) & set(some)
        denied -= _ids(found.issues)
    return denied


def listed_comments(http: HttpEndpoint, ids: Sequence[int], context: IngestionContext) -> set[int]:
    """Those of the comments that the account sees."""
    return _listed(
        http, f"{API}/comment/list", ids, lambda a: parse_page(a.body, _comments)[0].values, context
    )


def listed_worklogs(http: HttpEndpoint, ids: Sequence[int], context: IngestionContext) -> set[int]:
    """Those of the worklogs that the account sees."""
    return _listed(
        http, f"{API}/worklog/list", ids, lambda a: parse_page(a.body, _worklogs)[0], context
    )


def _listed(
    http: HttpEndpoint,
    path: str,
    ids: Sequence[int],
    decode: Callable[[HttpAnswer], list[Identified]],
    context: IngestionContext,
) -> set[int]:
    found: set[int] = set()
    for some in chunks(ids, IDS_PER_LIST):
        refuse_if_late(context)
        listed = http.fetch(Request(path, "POST", body={"ids": list(some)}), decode, context)
        found |= _ids(listed)
    return found


def _ids(records: Sequence[Identified]) -> set[int]:
    """What is not an id is not one of those that were asked for."""
    return {to_id(str(record.id)) for record in records if is_id(str(record.id))}
