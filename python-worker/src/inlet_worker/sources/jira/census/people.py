"""Asking for people by id, in the two ways that Jira has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from inlet_sdk.errors import FatalError
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.listed_census import Denial
from inlet_sdk.units.census.listing import chunks
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import API

PEOPLE_PER_READ = 100


class NamedPerson(msgspec.Struct):
    accountId: str


class NamedPeople(msgspec.Struct):
    values: list[NamedPerson]


def denials_of_people(http: HttpEndpoint, context: IngestionContext) -> Sequence[Denial]:
    """Many at once, then each by itself, which an approval makes needless."""
    return (
        Denial("bulkRead", partial(_not_among_many, http, context)),
        Denial("directRead", partial(_not_found, http, context), waived=True),
    )


def _not_among_many(
    http: HttpEndpoint, context: IngestionContext, account_ids: Sequence[str]
) -> set[str]:
    denied: set[str] = set()
    for some in chunks(account_ids, PEOPLE_PER_READ):
        refuse_if_late(context)
        query: dict[str, str | int | Sequence[str]] = {
            "accountId": list(some),
            "startAt": 0,
            "maxResults": PEOPLE_PER_READ,
        }
        request = Request(f"{API}/user/bulk", query=query, points=1 + 2 * len(some))
        found = http.fetch_json(request, NamedPeople, context)
        denied |= set(some) - {person.accountId for person in found.values}
    return denied


def _not_found(
    http: HttpEndpoint, context: IngestionContext, account_ids: Sequence[str]
) -> set[str]:
    denied: set[str] = set()
    for account_id in account_ids:
        refuse_if_late(context)
        try:
            http.fetch_json(
                Request(f"{API}/user", query={"accountId": account_id}), NamedPerson, context
            )
        except FatalError as e:
            if e.code != "SOURCE_NOT_FOUND":
                raise
            denied.add(account_id)
    return denied
