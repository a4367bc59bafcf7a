"""What readings have still to make up for: records that a census found missing, and changes that
were made while their project was hidden. It stays in the checkpoint (`cursor.census.source`) until
a reading has landed it, so no limit, no kill and no pause forgets any of it.

reread   ids to read again, whatever their age unnamed  how many more a census found than `reread`
holds: another one has to find them again owed     [{since, after, keys}]: issues of these projects
(null: of all) that changed since, with ids above `after`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CENSUS_NEEDED
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import IssueSearch, SearchPage

IDS_PER_QUERY = 500
MORE_MISSING = SourceWarning(
    CENSUS_NEEDED,
    "More records were found missing than one run reads again, so what has landed is compared once more.",
)


@dataclass(frozen=True)
class Owed:
    """Changes since `since` (epoch ms) of the projects `keys`; None means all of the unit's."""

    since: int
    after: int = 0
    keys: tuple[str, ...] | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Owed:
        keys = value.get("keys")
        return cls(
            int(value["since"]), int(value.get("after", 0)), None if keys is None else tuple(keys)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "after": self.after,
            "keys": None if self.keys is None else list(self.keys),
        }

    def within(self, allowed: Sequence[str] | None) -> Owed:
        """The same within the unit's projects, which may be fewer than they were."""
        if allowed is None:
            return self
        wanted = {key.upper() for key in allowed}
        keys = (
            tuple(allowed)
            if self.keys is None
            else tuple(key for key in self.keys if key.upper() in wanted)
        )
        return replace(self, keys=keys)


@dataclass(frozen=True)
class Debt:
    """`kept`: what this run could not read, since the projects are hidden once more. It stays owed."""

    ids: tuple[int, ...] = ()
    owed: tuple[Owed, ...] = ()
    kept: tuple[Owed, ...] = ()
    unnamed: int = 0

    @classmethod
    def of_cursor(cls, cursor: Mapping[str, Any] | None) -> Debt | None:
        """None where nothing is owed."""
        return cls._of_state(((cursor or {}).get("census") or {}).get("source") or {})

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Debt:
        """What a census's own state says is owed."""
        return cls._of_state(state) or cls()

    @classmethod
    def resumed(cls, resume: Mapping[str, Any]) -> Debt | None:
        """What is left in the middle of a reading."""
        left = resume.get("debt")
        if left is None:
            return None
        debt = cls._of_state(left) or cls()
        return replace(debt, kept=tuple(map(Owed.from_json, left["kept"])))

    def in_resume(self, resume: dict[str, Any]) -> dict[str, Any]:
        left = {**self.as_state(), "owed": [owed.as_json() for owed in self.owed]}
        return {**resume, "debt": {**left, "kept": [owed.as_json() for owed in self.kept]}}

    def in_cursor(self, cursor: dict[str, Any]) -> dict[str, Any]:
        """The cursor of a slice, saying what is owed once it has landed."""
        return {**cursor, "census": {"source": self.as_state()}}

    def as_state(self) -> dict[str, Any]:
        owed = [owed.as_json() for owed in (*self.owed, *self.kept)]
        return {"reread": list(self.ids), "unnamed": self.unnamed, "owed": owed}

    @classmethod
    def _of_state(cls, state: Mapping[str, Any]) -> Debt | None:
        ids = tuple(int(i) for i in state.get("reread") or ())
        owed = tuple(map(Owed.from_json, state.get("owed") or ()))
        unnamed = int(state.get("unnamed") or 0)
        return cls(ids, owed, (), unnamed) if ids or owed or unnamed else None


def owed_pages(
    http: HttpEndpoint,
    fields: Sequence[str],
    debt: Debt,
    allowed: Sequence[str] | None,
    context: IngestionContext,
) -> Iterator[tuple[SearchPage, Debt]]:
    """Pages of the issues that are owed, each with what is left once it has landed."""
    while debt.ids:
        some, rest = debt.ids[:IDS_PER_QUERY], debt.ids[IDS_PER_QUERY:]
        scope = ProjectScope(http, allowed, context)
        for page in IssueSearch(http, fields, scope).pages(partial(jql.issues_of, some), context):
            if page.is_last:
                debt = replace(debt, ids=rest)
            yield page, debt
    if debt.unnamed:
        debt = replace(debt, unnamed=0)
        yield SearchPage((), (), [MORE_MISSING], True), debt
    while debt.owed:
        group, *others = debt.owed
        for page, left, hidden in _pages_of(http, fields, group.within(allowed), context):
            kept = (*debt.kept, *hidden)
            debt = replace(debt, owed=(left, *others) if left else tuple(others), kept=kept)
            yield page, debt


def _pages_of(
    http: HttpEndpoint, fields: Sequence[str], group: Owed, context: IngestionContext
) -> Iterator[tuple[SearchPage, Owed | None, list[Owed]]]:
    """Each page with what of the group is left after it, None after the last; and what hides from
    here on.
    """
    scope = ProjectScope(http, group.keys, context)
    asked, left = group, group

    def query(keys: Sequence[str] | None) -> str:
        return jql.issues_changed_since_by_id(left.since, left.after, keys)

    for page in IssueSearch(http, fields, scope).pages(query, context):
        hidden = _hidden(left, scope)
        visible = left.keys if hidden is None or left.keys is None else tuple(scope.keys or ())
        after = max([left.after, *(issue.id for issue in page.issues)])
        left = replace(left, after=after, keys=visible)
        done = page.is_last
        kept = [hidden] if hidden and left.keys is not None else [asked] if hidden and done else []
        yield page, None if done else left, kept


def _hidden(left: Owed, scope: ProjectScope) -> Owed | None:
    """What of it the search leaves out by now; all of it where no project was named and some are
    refused.
    """
    if left.keys is None:
        return left if scope.keys is not None else None
    gone = tuple(key for key in left.keys if key not in (scope.keys or ()))
    return replace(left, keys=gone) if gone else None
