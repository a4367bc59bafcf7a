"""The two feeds of worklogs, changed and deleted ones: their ids by time. They are ordered, hold
back the newest minute, and are site-wide.

A page links to the next one. Sites behind a proxy spell the link in ways that lead elsewhere, so it
is read for the time that it names and never followed: the next request goes to our own address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Long
from inlet_sdk.http.end_marks import NOTHING, flag, token, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.sources.jira.scope import API

FeedName = Literal["updated", "deleted"]


class ChangedWorklog(msgspec.Struct, frozen=True):
    worklogId: Long
    updatedTime: Long


class WorklogFeed(msgspec.Struct):
    values: list[Raw]
    lastPage: Raw = NOTHING
    nextPage: Raw = NOTHING
    errorMessages: Raw = NOTHING


_feed = msgspec.json.Decoder(WorklogFeed)
_entry = msgspec.json.Decoder(ChangedWorklog)


@dataclass(frozen=True)
class ChangesPage(Page[ChangedWorklog]):
    """`odd`: how many of its entries name no worklog and no time."""

    odd: int = 0


def feed_pages(
    http: HttpEndpoint, feed: FeedName, since_ms: int, context: IngestionContext
) -> Iterator[Page[ChangedWorklog]]:
    """Pages since a time, at least one. The last has no `next`, and an `open_end` where nothing
    proves that there is no more.
    """
    listing = Listing.of(f"{feed} worklogs", context)
    for page in token_pages(partial(_page, http, feed, context), listing, str(since_ms)):
        if page.next is not None and not page.items:
            listing.doubt("has an empty page before its end")
        if page.odd:
            listing.doubt(f"has {page.odd} entries that name no worklog or no time")
        yield page


def _page(
    http: HttpEndpoint, feed: FeedName, context: IngestionContext, since: str | None
) -> ChangesPage:
    since_ms = int(since or 0)

    def decode(answer: HttpAnswer) -> ChangesPage:
        return _parsed(answer, since_ms)

    return http.fetch(Request(f"{API}/worklog/{feed}", query={"since": since_ms}), decode, context)


def _parsed(answer: HttpAnswer, since_ms: int) -> ChangesPage:
    found, _ = parse_page(answer.body, _feed)
    changes = [changed for raw in found.values if (changed := _changed(raw)) is not None]
    is_last, link = flag(found.lastPage), token(found.nextPage)
    after = _since_of(link) if link else None

    # Without a link that brings us on, the newest change of the page does; a last page needs none.
    if not found.values and is_last:
        after = None
    elif (after is None or after <= since_ms) and not is_last:
        after = max((changed.updatedTime for changed in changes), default=None)
    following = str(after) if after is not None and after > since_ms else None
    return ChangesPage(
        changes,
        following,
        is_last,
        errors=words(found.errorMessages),
        odd=len(found.values) - len(changes),
    )


def _changed(raw: Raw) -> ChangedWorklog | None:
    try:
        return _entry.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _since_of(link: str) -> int | None:
    """The time that a link names, whatever site it is spelled for."""
    try:
        named = parse_qs(urlsplit(link).query).get("since", [""])[-1]
    except ValueError:
        return None
    return int(named) if named.isdecimal() and len(named) < 19 else None
