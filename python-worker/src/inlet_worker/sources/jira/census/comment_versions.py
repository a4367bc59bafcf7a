"""Whether the comments of issues have landed as they are shown: issue by issue, asked for by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from inlet_sdk.http.columns import epoch_ms, is_id, to_id
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string, to_timestamp
from inlet_sdk.http.json_record import Record
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.census.versions import Settled
from inlet_worker.sources.jira.comment_lists import embedded_comments, paged_comments
from inlet_worker.sources.jira.direct_reads import issues_by_id, listed_comments
from inlet_worker.sources.jira.search import FoundIssue

FIELDS = ("comment", "updated")
LISTED_AT_MOST = 20
"""Issues whose own list of comments is asked for, since their number disagrees. Those beyond are
read again without being asked.
"""

Times = Mapping[int, int | None]
"""id -> time of change (epoch ms) of comments."""


@dataclass
class CommentCheck:
    """`landed`: of each issue; `keys`: the issue's key in its landed comments. Afterwards: lost are
    issues with comments that have not landed as they are shown, rekeyed those that have another key
    by now, late those that changed too lately for it, lists the complete lists of those that show
    fewer than have landed, unasked the issues that did not answer, beyond those that were too many
    to be asked for and are to be read again. `apart`: comments that have rightly not landed as they
    are shown; met are those of them that were seen.
    """

    http: HttpEndpoint
    landed: Mapping[int, Times]
    keys: Mapping[int, set[str]]
    settled: Settled
    context: IngestionContext
    apart: frozenset[int] = frozenset()
    met: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    rekeyed: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    lists: dict[str, list[str]] = field(default_factory=dict)
    unasked: int = 0
    beyond: set[int] = field(default_factory=set)
    _left: int = LISTED_AT_MOST
    _others: dict[int, int] = field(default_factory=dict)

    def ask(self, issues: Sequence[int]) -> None:
        found, denied = issues_by_id(self.http, issues, FIELDS, self.context)
        shown = [issue for issue in found if isinstance(issue, FoundIssue)]
        self.unasked = len(set(issues) - {issue.id for issue in shown} - denied)
        for issue in shown:
            self._compare(issue)
        self._ask_others()
        young = {i.id for i in shown if i.updated is not None} - {
            i.id for i in shown if self.settled.holds(i.updated)
        }
        self.late |= (self.lost | self.rekeyed) & young
        self.lost -= young
        self.rekeyed -= young

    def _compare(self, issue: FoundIssue) -> None:
        if issue.key and self.keys.get(issue.id, set()) - {issue.key}:
            self.rekeyed.add(issue.id)
        embedded = embedded_comments(issue)
        if embedded is None:
            self.unasked += 1
            return

        records, total = embedded
        landed = self.landed.get(issue.id, {})
        shown = _times(records)
        if self._differ(shown, landed):
            self.lost.add(issue.id)
        elif total == len(shown):
            self._fewer(issue.id, shown, landed)
        elif total == len({*landed, *shown}):
            self._others |= {c: issue.id for c in landed if c not in shown}
        else:
            self._listed(issue.id, landed)

    def _listed(self, issue: int, landed: Times) -> None:
        if not self._left:
            self.lost.add(issue)
            return

        self._left -= 1
        refuse_if_late(self.context)
        comments = paged_comments(issue, self.http, self.context)
        shown = _times(comments.records)
        if self._differ(shown, landed):
            self.lost.add(issue)
        elif comments.complete:
            self._fewer(issue, shown, landed)

    def _differ(self, shown: Times, landed: Times) -> bool:
        unlike = {c for c, at in shown.items() if c not in landed or landed[c] != at}
        self.met |= unlike & self.apart
        return bool(unlike - self.apart)

    def _fewer(self, issue: int, shown: Times, landed: Times) -> None:
        if set(landed) - set(shown):
            self.lists[str(issue)] = [str(record) for record in shown]

    def _ask_others(self) -> None:
        """Comments beyond those that an issue shows with it."""
        seen = listed_comments(self.http, sorted(self._others), self.context)
        for record, at in seen.items():
            issue = self._others[record]
            if at is not None and self._differ({record: at}, self.landed[issue]):
                self.lost.add(issue)


def _times(records: Sequence[Record]) -> dict[int, int | None]:
    """Of records that have an id; the others are none that can land."""
    found: dict[int, int | None] = {}
    for record in records:
        try:
            members = record.members()
            number = to_string(members["id"]) or ""
            at = to_timestamp(members["updated"]) if "updated" in members else None
        except (msgspec.DecodeError, KeyError, ValueError):
            continue
        if is_id(number):
            found[to_id(number)] = None if at is None else epoch_ms(at)
    return found
