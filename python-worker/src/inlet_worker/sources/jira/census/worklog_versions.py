"""Whether worklogs have landed as they are shown: by their times in the feed of changes, and asked
for by id where those disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.landed import LandedChildren
from inlet_sdk.units.census.versions import Settled
from inlet_worker.sources.jira.census.site import CensusSite
from inlet_worker.sources.jira.direct_reads import listed_worklogs


@dataclass
class WorklogCheck:
    """What the feed of changes, which names hidden ones, too, says of what has landed. missing:
    shown and not landed; stale: landed in another version; late: changed too lately to have
    landed; unnamed: landed and shown, and the feed does not name them; unshown: named, and neither
    landed nor shown: hidden from the account, or left out of the list, which nothing tells apart.
    """

    http: HttpEndpoint
    site: CensusSite
    worklogs: LandedChildren
    settled: Settled
    context: IngestionContext
    missing: set[int] = field(default_factory=set)
    stale: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    unnamed: set[int] = field(default_factory=set)
    unshown: set[int] = field(default_factory=set)

    @property
    def lost(self) -> set[int]:
        return self.missing | self.stale

    def compare(self, named: Mapping[int, int]) -> None:
        """`named`: id -> time of change in the feed."""
        columns = (self.worklogs.table.column(name).to_pylist() for name in ("id", "updated"))
        landed = dict(zip(*columns, strict=True))
        absent = [worklog for worklog in named if worklog not in landed]
        other = [w for w, at in landed.items() if w in named and at != named[w]]
        unknown = [worklog for worklog in landed if worklog not in named]
        listed = listed_worklogs(self.http, sorted({*absent, *other, *unknown}), self.context)

        self.unnamed = set(unknown) & set(listed)
        self.unshown = set(absent) - set(listed)
        mine = self._of_unit({w: listed[w].issue for w in absent if w in listed})
        for worklog in (*mine, *(w for w in (*other, *unknown) if w in listed)):
            at = listed[worklog].changed
            if worklog in landed and landed[worklog] == at:
                continue
            if worklog in named and not self.settled.holds(named[worklog]):
                self.late.add(worklog)
            else:
                (self.stale if worklog in landed else self.missing).add(worklog)

    def take_apart(self, ids: frozenset[int]) -> int:
        """Without those that have rightly not landed as they are shown; how many they were."""
        count = len(self.lost & ids)
        self.missing -= ids
        self.stale -= ids
        return count

    def _of_unit(self, issue_of: Mapping[int, int | None]) -> list[int]:
        """Those on issues of the unit's projects: the feed is of the whole site."""
        if self.site.wanted() is None:
            return list(issue_of)
        issues = {issue for issue in issue_of.values() if issue is not None}
        kept = self.site.of_unit(sorted(issues))
        return [worklog for worklog, issue in issue_of.items() if issue is None or issue in kept]
