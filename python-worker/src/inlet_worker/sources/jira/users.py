"""The users unit: everyone the account may see, whatever their state. A flat array that ends with
an empty page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import CostStep, UnitCost
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.units.batches import batch, make_rows, row_maker
from inlet_sdk.units.census.listed_census import listed_census
from inlet_sdk.units.entries import Entries, optional_entries
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import rereader
from inlet_sdk.units.unit import FoundColumns, Unit, describe_unit
from inlet_worker.sources.jira import common_data
from inlet_worker.sources.jira.census.people import denials_of_people
from inlet_worker.sources.jira.entities import PERSON
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

PERSON_ENTITY = EntityMap(
    PERSON,
    "accountId",
    {"displayName": "displayName", "accountType": "accountType", "active": "active"},
)

_array = msgspec.json.Decoder(list[Raw])
make_user = row_maker(ColumnReader(USER_COLUMNS), "accountId")


@dataclass(frozen=True)
class UsersPlace:
    """Where a reading is: the next page, and who was on the page before, which it may repeat."""

    start_at: int = 0
    last_ids: tuple[str, ...] = ()

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> UsersPlace:
        return cls(int(stored["startAt"]), tuple(stored["lastIds"]))

    def dump(self) -> dict[str, Any]:
        return {"startAt": self.start_at, "lastIds": list(self.last_ids)}


def find_columns(site: HttpEndpoint) -> FoundColumns:
    """None where the account may not list users."""
    request = Request(f"{API}/users/search", query={"startAt": 0, "maxResults": 1})
    entries = optional_entries("users", partial(_any_users, site, request))
    refused = [warning for warning in entries.warnings if warning.code == "SOURCE_FORBIDDEN"]
    if not refused:
        return FoundColumns(USER_COLUMNS, entries.warnings)

    message = (
        "The account may not list users. Grant it `Browse users and groups` and collect again."
    )
    return FoundColumns(None, (replace(refused[0], message=message),))


def _any_users(site: HttpEndpoint, request: Request) -> Entries[None]:
    """Whether there is a list. Raises FatalError where there is none."""
    site.fetch_json(request, list[Raw])
    return Entries()


def read_users(
    site: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
) -> Iterator[SourceBatch]:
    """Pages overlap where Jira filters them after cutting, so a person may come twice: the second
    time is dropped.
    """
    stored = context.continuation
    at = UsersPlace() if stored is None else UsersPlace.parse(stored)
    seen = set(at.last_ids)
    any_batch = False
    fetch, listing = partial(_page, site, context), Listing.of("users", context)
    for page in offset_pages(fetch, listing, PAGE_SIZE, at.start_at, key=_identity):
        if not page.items:
            continue
        context.progress.pages += 1
        rows, bad = make_rows(page.items, make_user, key="accountId")
        fresh = []
        for row in rows:
            if row["accountId"] not in seen:
                seen.add(row["accountId"])
                fresh.append(row)

        if page.next_start is not None:
            ids = tuple(row["accountId"] for row in rows)
            at = UsersPlace(page.next_start, ids or at.last_ids)
        any_batch = True
        yield batch(context, fresh, at.dump(), quarantined=bad)

    if not any_batch:
        if stored is None:
            listing.doubt("shows nobody, not even the account that asks")
        yield batch(context, [], at.dump())


def _page(
    site: HttpEndpoint, context: IngestionContext, start: int, size: int
) -> OffsetPage[Record]:
    def decode(answer: HttpAnswer) -> OffsetPage[Record]:
        found, page = parse_page(answer.body, _array)
        return OffsetPage(page.records(found))

    query = {"startAt": start, "maxResults": size}
    request = Request(f"{API}/users/search", query=query, points=1 + 2 * size)
    return site.fetch(request, decode, context)


def _identity(record: Record) -> bytes:
    try:
        return bytes(record.members()["accountId"])
    except (msgspec.DecodeError, KeyError):
        return bytes(record.json)


USERS = Unit(
    descriptor=describe_unit(
        "jira.users",
        "Users",
        key="accountId",
        cursor=None,
        groups=None,
        cost=UnitCost(
            1, (CostStep("pages of users", "jira.users", PAGE_SIZE, points_per_record=2),)
        ),
        entities=PERSON_ENTITY,
        common=common_data.USERS,
    ),
    columns=find_columns,
    read_full=read_users,
    read_changes=None,
    census=listed_census(read_users, "accountId", denials_of_people),
    entities=PERSON_ENTITY,
    reread=rereader(make_user),
    common=common_data.USERS,
)
