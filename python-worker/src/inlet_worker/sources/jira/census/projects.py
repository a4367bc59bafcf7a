"""Asking for projects by id. Jira answers 404 for one that is closed to the account, too, so only
its list of deleted ones tells the two apart, while it keeps them: 60 days.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import Long
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.request import Request, segment
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.listed_census import Denial
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_worker.sources.jira.offset_marks import OffsetMarks
from inlet_worker.sources.jira.scope import API

PAGE_SIZE = 100


class NamedProject(msgspec.Struct):
    id: str | Long
    deleted: bool | None = None


class NamedProjects(OffsetMarks, kw_only=True):
    values: list[NamedProject]


def denials_of_projects(http: HttpEndpoint, context: IngestionContext) -> Sequence[Denial]:
    """The list of deleted ones, for which an approval stands, then each by itself."""
    return (
        Denial("listOfDeleted", partial(_listed_as_deleted, http, context), waived=True),
        Denial("directRead", partial(_not_found, http, context)),
    )


def _listed_as_deleted(
    http: HttpEndpoint, context: IngestionContext, ids: Sequence[str]
) -> set[str]:
    """A site that lists live ones here denies nothing by it: the control is among them."""
    named: set[str] = set()
    listing = Listing.of("deleted projects", context)
    pages = offset_pages(
        partial(_deleted_page, http, context),
        listing,
        PAGE_SIZE,
        key=lambda project: project.id,
    )
    for page in pages:
        refuse_if_late(context)
        named.update(str(project.id) for project in page.items)
    return named & set(ids)


def _deleted_page(
    http: HttpEndpoint, context: IngestionContext, start: int, size: int
) -> OffsetPage[NamedProject]:
    query: dict[str, str | int] = {"status": "deleted", "startAt": start, "maxResults": size}
    request = Request(f"{API}/project/search", query=query, points=1 + size)
    page = http.fetch_json(request, NamedProjects, context)
    return page.page(page.values)


def _not_found(http: HttpEndpoint, context: IngestionContext, ids: Sequence[str]) -> set[str]:
    denied: set[str] = set()
    for project_id in ids:
        refuse_if_late(context)
        try:
            found = http.fetch_json(
                Request(f"{API}/project/{segment(project_id)}"), NamedProject, context
            )
        except FatalError as e:
            if e.code != "SOURCE_NOT_FOUND":
                raise
            denied.add(project_id)
            continue

        if found.deleted:
            denied.add(project_id)
    return denied
