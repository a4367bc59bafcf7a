"""Which projects a run reads, and which of those the account may not see."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from inlet_worker.context import IngestionContext
from inlet_worker.errors import FatalError
from inlet_worker.sources.http_endpoint import HttpEndpoint, Request
from inlet_worker.sources.jira import jql
from inlet_worker.sources.pagination import OffsetPage, offset_pages
from inlet_worker.sources.source_endpoint import SourceWarning

KEYS_PER_REQUEST = 50
API = "/rest/api/3"


class ListedProject(msgspec.Struct):
    key: str


class ListedProjects(msgspec.Struct):
    values: list[ListedProject]
    maxResults: int | None = None
    total: int | None = None
    isLast: bool | None = None


class ProjectScope:
    """`keys` are the projects to ask for; None means all that the account sees. Hidden ones turn into warnings."""

    def __init__(self, http: HttpEndpoint, wanted: Sequence[str] | None, context: IngestionContext | None) -> None:
        self._http = http
        self._context = context
        self.keys: list[str] | None = None if wanted is None else list(wanted)
        self._warnings: list[SourceWarning] = []
        if self.keys is not None:
            self._keep(self._listed(self.keys))

    @property
    def is_empty(self) -> bool:
        """Projects were named and none of them can be read."""
        return self.keys == []

    def take_warnings(self) -> list[SourceWarning]:
        """The warnings since the last call."""
        taken, self._warnings = self._warnings, []
        return taken

    def narrow(self, error: FatalError) -> bool:
        """After a refused search: leave out the projects that are refused on their own. False if there are none."""
        if self.keys is None or error.code not in ("VALIDATION_ERROR", "SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND"):
            return False
        return self._keep([key for key in self.keys if self._searchable(key)])

    def _keep(self, visible: Sequence[str]) -> bool:
        hidden = [key for key in self.keys or () if key not in visible]
        self.keys = list(visible)
        self._warnings += [
            SourceWarning(
                "PROJECT_FORBIDDEN",
                f"Project {key} is unknown or hidden from the account; its rows are missing. "
                "Grant access or take it out of the filters.",
                partial=True,
            )
            for key in hidden
        ]
        return bool(hidden)

    def _listed(self, keys: Sequence[str]) -> list[str]:
        found: set[str] = set()
        for start in range(0, len(keys), KEYS_PER_REQUEST):
            some = ",".join(keys[start : start + KEYS_PER_REQUEST])
            for page in offset_pages(partial(self._page, some)):
                found.update(project.key.upper() for project in page.items)
        return [key for key in keys if key.upper() in found]

    def _page(self, keys: str, start: int) -> OffsetPage[ListedProject]:
        query: dict[str, str | int] = {"keys": keys, "maxResults": KEYS_PER_REQUEST, "startAt": start}
        page = self._http.fetch_json(Request(f"{API}/project/search", query=query), ListedProjects, self._context)
        return OffsetPage(page.values, start, page.maxResults, page.total, page.isLast)

    def _searchable(self, key: str) -> bool:
        body = {"jql": jql.latest_change([key]), "maxResults": 1, "fields": ["id"]}
        try:
            self._http.fetch_json(Request(f"{API}/search/jql", "POST", body=body), dict[str, Any], self._context)
        except FatalError as e:
            if e.code in ("VALIDATION_ERROR", "SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND"):
                return False
            raise
        return True
