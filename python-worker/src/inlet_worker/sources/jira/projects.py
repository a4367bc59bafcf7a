"""The projects unit: every project the account sees, or the named ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import Record, parse_page, same_record
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import CostStep, UnitCost
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.units.batches import batch, make_rows, row_maker
from inlet_sdk.units.census.listed_census import listed_census
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import rereader
from inlet_sdk.units.unit import Unit, describe_unit, same_columns
from inlet_worker.sources.jira import common_data
from inlet_worker.sources.jira.census.projects import denials_of_projects
from inlet_worker.sources.jira.entities import PROJECT
from inlet_worker.sources.jira.offset_marks import OffsetMarks
from inlet_worker.sources.jira.policy import BY_PROJECT
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


PROJECT_ENTITY = EntityMap(
    PROJECT,
    "id",
    {
        "key": "key",
        "name": "name",
        "type": "projectTypeKey",
        "style": "style",
        "category": "categoryName",
    },
)


class ProjectPage(OffsetMarks, kw_only=True):
    values: list[Raw]


_page_decoder = msgspec.json.Decoder(ProjectPage)
make_project = row_maker(ColumnReader(PROJECT_COLUMNS), "id")


@dataclass(frozen=True)
class ProjectsPlace:
    """Where a reading is: the next page of a group of named projects."""

    group: int = 0
    start_at: int = 0

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> ProjectsPlace:
        return cls(int(stored["group"]), int(stored["startAt"]))

    def dump(self) -> dict[str, Any]:
        return {"group": self.group, "startAt": self.start_at}


def read_projects(
    site: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
) -> Iterator[SourceBatch]:
    """One batch per page; named projects in groups."""
    scope = ProjectScope(site, policy.groups, context)
    stored = context.continuation
    at = ProjectsPlace() if stored is None else ProjectsPlace.parse(stored)
    groups = _groups(scope.keys)
    any_batch = False

    for number in range(at.group, len(groups)):
        start = at.start_at if number == at.group else 0
        fetch = partial(_page, site, groups[number], context)
        listing = Listing.of("projects", context)
        for page in offset_pages(fetch, listing, PAGE_SIZE, start, key=same_record):
            context.progress.pages += 1
            rows, bad = make_rows(page.items, make_project, key="id")
            after = page.next_start
            place = ProjectsPlace(number + 1) if after is None else ProjectsPlace(number, after)
            any_batch = True
            warnings = scope.take_warnings()
            yield batch(context, rows, place.dump(), quarantined=bad, warnings=warnings)

    if not any_batch:
        yield batch(context, [], at.dump(), warnings=scope.take_warnings())


def _groups(keys: Sequence[str] | None) -> list[Sequence[str] | None]:
    if keys is None:
        return [None]
    return [
        keys[start : start + KEYS_PER_REQUEST] for start in range(0, len(keys), KEYS_PER_REQUEST)
    ]


def _page(
    http: HttpEndpoint,
    keys: Sequence[str] | None,
    context: IngestionContext,
    start: int,
    size: int,
) -> OffsetPage[Record]:
    def decode(answer: HttpAnswer) -> OffsetPage[Record]:
        found, page = parse_page(answer.body, _page_decoder)
        return found.page(page.records(found.values))

    query: dict[str, str | int] = {"startAt": start, "maxResults": size, "orderBy": "key"}
    if keys is not None:
        query["keys"] = ",".join(keys)
    return http.fetch(
        Request(f"{API}/project/search", query=query, points=1 + size), decode, context
    )


PROJECTS = Unit(
    descriptor=describe_unit(
        "jira.projects",
        "Projects",
        key="id",
        cursor=None,
        groups=BY_PROJECT,
        cost=UnitCost(
            1, (CostStep("pages of projects", "jira.projects", PAGE_SIZE, points_per_record=1),)
        ),
        entities=PROJECT_ENTITY,
        common=common_data.PROJECTS,
    ),
    columns=same_columns(PROJECT_COLUMNS),
    read_full=read_projects,
    read_changes=None,
    census=listed_census(read_projects, "id", denials_of_projects),
    entities=PROJECT_ENTITY,
    reread=rereader(make_project),
    common=common_data.PROJECTS,
)
