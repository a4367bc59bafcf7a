"""What was hidden and is shown again has to be made up for: the feed went on past its changes
meanwhile.

state: position, of the last comparison; hidden, project -> [epoch ms since when its changes may be
missing, how many landed records it did not show]; and what is owed (`debt.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, Finding
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.debt import Debt, Owed
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import IssueSearch

REREAD_AT_ONCE = 5000
"""Ids that a checkpoint carries. Those beyond are counted there, and found again by the next
comparison.
"""
IDS_PER_PAGE = 5000
PROJECTS_PER_QUERY = 100
UNKNOWN = ""
"""The project of a record that does not tell its project."""


@dataclass(frozen=True)
class Hidden:
    """`count` is None where it was not written down: by checkpoints of before."""

    since: int
    count: int | None

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> dict[str, Hidden]:
        before: Mapping[str, Any] = state.get("hidden", {})
        return {
            key: cls(int(value[0]), int(value[1]))
            if isinstance(value, list)
            else cls(int(value), None)
            for key, value in before.items()
        }


@dataclass(frozen=True)
class Absent:
    """Landed records that are not shown and stay, by project, as a census finds them."""

    order: CensusOrder
    policy: ReadingPolicy
    counts: Mapping[str | None, int]

    def hidden(self) -> dict[str, list[int]]:
        """For the state: each project with the time before which nothing of it was missed."""
        before = Hidden.of_state(self.order.state)
        seen_until = max(
            0, int(self.order.state.get("position") or 0) - self.policy.windows.overlap_ms
        )
        unpaid = {
            key: owed.since
            for owed in Debt.parse(self.order.state).owed
            for key in owed.groups or ()
        }
        now = {key or UNKNOWN: count for key, count in self.counts.items() if count}
        return {
            key: [
                min(
                    before[key].since if key in before else seen_until, unpaid.get(key, seen_until)
                ),
                count,
            ]
            for key, count in now.items()
        }

    def shown_again(self) -> dict[str, int]:
        """Projects that show more than last time, each with the time since when its changes may be
        missing.
        """
        now = self.hidden()
        return {
            key: was.since
            for key, was in Hidden.of_state(self.order.state).items()
            if key not in now or (was.count is not None and now[key][1] < was.count)
        }


def owed_after(
    http: HttpEndpoint, absent: Absent, context: IngestionContext
) -> tuple[tuple[Owed, ...], tuple[Finding, ...]]:
    """Issues that changed while their projects were hidden, and what this run says of them: the
    next one reads them.
    """
    # A run that read everything has read what was owed, too.
    unpaid = () if context.mode == "FULL" else Debt.parse(absent.order.state).owed
    kept: list[Owed] = []
    changed = 0
    for owed in (*unpaid, *_grouped(absent.shown_again())):
        if count := _count(http, owed.within(absent.policy.groups), context):
            changed += count
            kept.append(owed)
    return tuple(kept), owed_finding(changed, "issues")


def owed_finding(count: int, what: str) -> tuple[Finding, ...]:
    if not count:
        return ()
    message = f"{count} {what} changed while their project was hidden and have not landed yet; the next run reads them."
    return (Finding("REREAD_OWED", message, "partial"),)


def kept_state(order: CensusOrder) -> dict[str, Any]:
    """The state of an order that compares nothing: its reading has said what is still owed."""
    return {
        name: value for name, value in order.state.items() if value or name not in Debt().dump()
    }


def next_state(
    absent: Absent, lost: Sequence[int], owed: Sequence[Owed], **more: Any
) -> dict[str, Any]:
    """The state after a whole comparison."""
    debt = Debt(tuple(lost[:REREAD_AT_ONCE]), tuple(owed), (), max(0, len(lost) - REREAD_AT_ONCE))
    owing = {name: value for name, value in debt.dump().items() if value}
    return {"position": absent.order.position, "hidden": absent.hidden(), **owing, **more}


def _grouped(again: Mapping[str, int]) -> Iterator[Owed]:
    """Projects that were hidden at the same time are asked for together."""
    for since in sorted(set(again.values())):
        keys = sorted(key for key, at in again.items() if at == since)
        if UNKNOWN in keys:
            yield Owed(since)
            continue
        for start in range(0, len(keys), PROJECTS_PER_QUERY):
            yield Owed(since, 0, tuple(keys[start : start + PROJECTS_PER_QUERY]))


def _count(http: HttpEndpoint, owed: Owed, context: IngestionContext) -> int:
    count, after = 0, owed.after

    def query(keys: Sequence[str] | None) -> str:
        return jql.issues_changed_since_by_id(owed.since, after, keys)

    for page in IssueSearch(
        http, ["id"], ProjectScope(http, owed.groups, context), IDS_PER_PAGE
    ).pages(query, context):
        refuse_if_late(context)
        count += len(page.records)
        after = max([after, *(issue.id for issue in page.records)])
    return count
