"""What a project that was hidden and is shown again has to make up for: the feed went on past its changes meanwhile.

state: position, of the last comparison; hidden, project -> epoch ms since when its changes may be missing; reread, ids
that the next reading reads again, whatever their age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inlet_worker.context import IngestionContext
from inlet_worker.sources.census import CensusOrder
from inlet_worker.sources.http_endpoint import HttpEndpoint
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.census.time_left import refuse_if_late
from inlet_worker.sources.jira.policy import JiraPolicy
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import IssueSearch

MAX_REREAD = 5000
IDS_PER_PAGE = 5000
UNKNOWN = ""


def reread_ids(cursor: Mapping[str, Any] | None) -> list[int]:
    """The ids that a reading from this cursor reads again."""
    source = ((cursor or {}).get("census") or {}).get("source") or {}
    return [int(i) for i in source.get("reread", ())]


def kept_state(order: CensusOrder) -> dict[str, Any]:
    """The state of an order whose reading is through: what was to be read again has been."""
    return {name: value for name, value in order.state.items() if name != "reread"}


def hidden_since(order: CensusOrder, rules: JiraPolicy, hidden: Iterable[str | None]) -> dict[str, int]:
    """Projects hidden now, each with the time before which nothing of it was missed."""
    before: Mapping[str, int] = order.state.get("hidden", {})
    seen_until = max(0, int(order.state.get("position") or 0) - rules.windows.overlap_ms)
    return {key or UNKNOWN: before.get(key or UNKNOWN, seen_until) for key in hidden}


def shown_again(order: CensusOrder, hidden: Mapping[str, int]) -> dict[str, int]:
    """Projects that were hidden and are not any more, each with the time since when its changes may be missing."""
    return {key: int(since) for key, since in order.state.get("hidden", {}).items() if key not in hidden}


def changed_meanwhile(http: HttpEndpoint, again: Mapping[str, int], context: IngestionContext) -> list[int]:
    """Issues of those projects that changed since."""
    found: dict[int, None] = {}
    for key, since in again.items():
        search = IssueSearch(http, ["id"], ProjectScope(http, [key], context), IDS_PER_PAGE)
        for page in search.pages(lambda keys, since=since: jql.issues_changed_since(since, keys), context):  # type: ignore[misc]
            refuse_if_late(context)
            found.update(dict.fromkeys(issue.id for issue in page.issues))
    return list(found)


def next_state(order: CensusOrder, hidden: Mapping[str, int], reread: Sequence[int], **more: Any) -> dict[str, Any]:
    """The state after a whole comparison."""
    again = {"reread": list(reread[:MAX_REREAD])} if reread else {}
    return {"position": order.position, "hidden": dict(hidden), **again, **more}
