"""The two ways through a site's records, by id and by change, cut into what can be committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.census import CENSUS_NEEDED
from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning
from inlet_sdk.units.change_cursor import ChangeCursor, ChangePass, ChangePlace
from inlet_sdk.units.debt import Debt, owed_pages
from inlet_sdk.units.feed import Feed, FeedPage, R
from inlet_sdk.units.full_pass import FullPass, FullPlace, Taken
from inlet_sdk.units.policy import ReadingPolicy

QUIET_PAGES = 10
"""Pages in a row without news, after which there is a slice all the same, so that somebody looks at
the time between them.
"""
OUT_OF_ORDER = (
    "The source does not list by ascending id, so nothing proves that a full read is complete. Run "
    "again, and report it if it stays."
)
BACKWARDS = (
    "The source lists changes that are older than those before them, so nothing proves that it "
    "showed all. Run again, and report it if it stays."
)
NOT_EVEN_THE_LAST = SourceWarning(
    CENSUS_NEEDED,
    "The source does not show the last change that was read before, so what has landed is "
    "compared.",
)


@dataclass(frozen=True)
class Slice(Generic[R]):
    """The records of a page that were not handed on before, with what the batch made of them has to
    carry: `resume` and `cursor` are those of a SourceBatch.
    """

    records: Sequence[R]
    quarantined: Sequence[QuarantinedRecord]
    warnings: Sequence[SourceWarning]
    resume: dict[str, Any]
    cursor: dict[str, Any] | None


@dataclass(frozen=True)
class ChangesCursor:
    """The cursor of a reading of changes, with what it still owes; None where nothing was owed when
    it began.
    """

    change: ChangeCursor
    debt: Debt | None

    @classmethod
    def parse(cls, stored: Mapping[str, Any] | None) -> ChangesCursor:
        state = ((stored or {}).get("census") or {}).get("source") or {}
        debt = Debt.parse(state)
        return cls(ChangeCursor.parse(stored), None if debt.is_paid else debt)

    def dump(self) -> dict[str, Any]:
        cursor = self.change.dump()
        if self.debt is not None:
            cursor["census"] = {"source": self.debt.dump()}
        return cursor


@dataclass(frozen=True)
class ChangesPlace:
    """The continuation of a reading of changes."""

    change: ChangePlace
    debt: Debt | None

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> ChangesPlace:
        debt = stored.get("debt")
        return cls(ChangePlace.parse(stored), None if debt is None else Debt.parse(debt))

    def dump(self) -> dict[str, Any]:
        place = self.change.dump()
        if self.debt is not None:
            place["debt"] = self.debt.dump_in_reading()
        return place


def full_slices(
    feed: Feed[R],
    policy: ReadingPolicy,
    continuation: Mapping[str, Any] | None,
    now_ms: int,
    time_ms: Callable[[], int],
    doubts: Doubts,
) -> Iterator[Slice[R]]:
    """Every record once, by id; only the last slice has a cursor, and not where its end is open. It
    began at `now_ms` by our clock; `time_ms` tells the source's time, or ours where that is
    earlier.
    """
    if continuation is not None:
        state = FullPass.resumed(FullPlace.parse(continuation), policy.windows)
    else:
        state = FullPass(policy.windows, now_ms, feed.latest_change())

    for page in feed.after(lambda: state.after):
        state.time_is(time_ms())
        taken = [(record, state.accept(record.id, record.updated)) for record in page.records]
        fresh = [record for record, how in taken if how is not Taken.BEFORE]
        if any(how is Taken.OUT_OF_ORDER for _, how in taken):
            doubts.add(OUT_OF_ORDER)

        is_whole = page.is_last and not page.is_open
        cursor = state.cursor().dump() if is_whole else None
        yield Slice(fresh, page.quarantined, page.warnings, state.place().dump(), cursor)


def changed_slices(
    feed: Feed[R],
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    continuation: Mapping[str, Any] | None,
    now_ms: int,
    time_ms: Callable[[], int],
    doubts: Doubts,
    again: Sequence[int] = (),
) -> Iterator[Slice[R]]:
    """What is owed from before, by id, and `again`, what was set aside; then every record changed
    since the cursor, oldest change first. A slice can be committed once it got further than where
    it began.
    """
    if continuation is not None:
        place = ChangesPlace.parse(continuation)
        state, debt = ChangePass.resumed(place.change, policy.windows), place.debt
        seen = True
    else:
        before = ChangesCursor.parse(cursor)
        state, debt = ChangePass(before.change, policy.windows, now_ms), before.debt
        seen = before.change.position is None

    if debt:
        for page, left in owed_pages(feed, debt, policy.groups):
            debt = left
            yield Slice(
                page.records,
                page.quarantined,
                page.warnings,
                ChangesPlace(state.place(), debt).dump(),
                ChangesCursor(state.cursor(complete=False), debt).dump(),
            )

    if again and continuation is None:  # what a kill leaves unasked, the next run asks for
        for page in _shown(feed, again):
            yield Slice(
                page.records,
                page.quarantined,
                page.warnings,
                ChangesPlace(state.place(), debt).dump(),
                ChangesCursor(state.cursor(complete=False), debt).dump(),
            )

    began, quiet = state.since, 0
    for page in feed.since(lambda: state.since):
        state.time_is(time_ms())
        if any(r.updated is not None and r.updated < state.since for r in page.records):
            doubts.add(BACKWARDS)
        fresh = [record for record in page.records if state.is_new(record.id, record.updated)]
        state.page_read([record.updated for record in page.records if record.updated is not None])
        seen = seen or bool(page.records)
        warnings = (
            page.warnings if seen or not page.is_last else [*page.warnings, NOT_EVEN_THE_LAST]
        )
        quiet = 0 if fresh or page.quarantined or warnings or page.is_last else quiet + 1
        if quiet % QUIET_PAGES:
            continue

        # Vendors compare minutes: a slice that ended within the minute it began at would begin
        # there for ever.
        further = page.is_last or state.since > began
        is_whole = page.is_last and not page.is_open
        reached = ChangesCursor(state.cursor(complete=is_whole), debt)
        yield Slice(
            fresh,
            page.quarantined,
            warnings,
            ChangesPlace(state.place(), debt).dump(),
            reached.dump() if further else None,
        )


def _shown(feed: Feed[R], ids: Sequence[int]) -> Iterator[FeedPage[R]]:
    """As far as the site takes the question: some refuse one that names a record which is gone."""
    try:
        yield from feed.of_ids(ids)
    except FatalError as error:
        if error.code not in ("VALIDATION_ERROR", "SOURCE_NOT_FOUND"):
            raise
