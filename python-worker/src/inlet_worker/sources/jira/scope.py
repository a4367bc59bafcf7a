"""Which projects a run reads, and which of those the account may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import Long
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.offset_marks import OffsetMarks

KEYS_PER_REQUEST = 50
RENAMED_AT_MOST = 5
"""Named projects that no list knows, up to which each is looked for by the key that it may have had
before. Of more the account lost sight: they count as closed, and the run says so.
"""
REFUSALS = frozenset({"VALIDATION_ERROR", "SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND"})
T = TypeVar("T")
API = "/rest/api/3"


class ListedProject(msgspec.Struct):
    key: str
    id: str | Long = ""


class ListedProjects(OffsetMarks, kw_only=True):
    values: list[ListedProject]


class FieldsOfProject(msgspec.Struct):
    project: ListedProject


class FoundProject(msgspec.Struct):
    fields: FieldsOfProject


class FoundProjects(msgspec.Struct):
    issues: list[FoundProject]


class ProjectScope:
    """`keys` are the projects to ask for; None means all that the account sees. Hidden ones turn
    into warnings.
    """

    def __init__(
        self, http: HttpEndpoint, wanted: Sequence[str] | None, context: IngestionContext | None
    ) -> None:
        self._http = http
        self._context = context
        self.keys: list[str] | None = None if wanted is None else list(wanted)
        self._warnings: list[SourceWarning] = []
        self._names: dict[str, str] = {}
        self._all_names: dict[str, str] | None = None
        if self.keys is not None:
            self._keep(self._shown(self.keys))

    @property
    def is_empty(self) -> bool:
        """Projects were named and none of them can be read."""
        return self.keys == []

    def names(self) -> dict[str, str]:
        """The keys of the projects that can be read, by their immutable ids: of the named ones, or
        of all that the account sees now.
        """
        if self.keys is not None:
            return self._names
        if self._all_names is None:
            self._listed(None)
            self._all_names = self._names
        return self._all_names

    def take_warnings(self) -> list[SourceWarning]:
        """The warnings since the last call."""
        taken, self._warnings = self._warnings, []
        return taken

    def attempt(self, search: Callable[[], T]) -> T | None:
        """What a search answers, narrowed as often as needed; None when no project is left to ask
        for.
        """
        while not self.is_empty:
            try:
                return search()
            except FatalError as e:
                if not self.narrow(e):
                    raise
        return None

    def narrow(self, error: FatalError) -> bool:
        """After a refused search: leave out the projects that are refused on their own. False if
        there are none.

        Without named projects a 403 is looked into as well: one closed project fails every page
        that it is on.
        """
        if error.code not in REFUSALS or (self.keys is None and error.code != "SOURCE_FORBIDDEN"):
            return False

        keys = self._shown(None) if self.keys is None else self.keys
        searchable = [key for key in keys if self._searchable(key)]
        if self.keys is None and len(searchable) in (0, len(keys)):
            return False
        self.keys = keys
        return self._keep(searchable)

    def _keep(self, visible: Sequence[str]) -> bool:
        hidden = [key for key in self.keys or () if key not in visible]
        self.keys = list(visible)
        self._warnings += [
            SourceWarning(
                "PROJECT_FORBIDDEN",
                f"Project {key} is unknown to or closed for the account; its rows are missing. "
                "Grant access or take it out of the filters.",
                partial=True,
            )
            for key in hidden
        ]
        return bool(hidden)

    def _shown(self, keys: Sequence[str] | None) -> list[str]:
        """As `_listed`, where the site lists projects. Where it refuses that, the search itself
        tells which of the named ones can be read.
        """
        try:
            listed = self._listed(keys)
        except FatalError as e:
            if e.code not in (*REFUSALS, "UNEXPECTED_RESPONSE"):
                raise
            return list(keys or ())

        unknown = [key for key in keys or () if key not in listed]
        looked_for = unknown if len(unknown) <= RENAMED_AT_MOST else []
        renamed = [key for key in looked_for if self._renamed(key)]
        return [key for key in keys if key in {*listed, *renamed}] if keys else listed

    def _renamed(self, key: str) -> bool:
        """Whether it is the key that a project had before: searches know it, lists do not."""
        body = {"jql": jql.latest_change([key]), "maxResults": 1, "fields": ["project"]}
        request = Request(f"{API}/search/jql", "POST", body=body)
        try:
            found = self._http.fetch_json(request, FoundProjects, self._context)
        except FatalError as e:
            if e.code in REFUSALS:
                return False
            raise
        self._know(issue.fields.project for issue in found.issues)
        return bool(found.issues)

    def _know(self, projects: Iterable[ListedProject]) -> None:
        self._names |= {str(project.id): project.key for project in projects if project.id}

    def _listed(self, keys: Sequence[str] | None) -> list[str]:
        """The keys of the projects the account sees; with `keys`, those of them, spelled as they
        are there.
        """
        if keys is None:
            return [project.key for page in self._pages(None) for project in page.items]

        found: set[str] = set()
        for start in range(0, len(keys), KEYS_PER_REQUEST):
            some = ",".join(keys[start : start + KEYS_PER_REQUEST])
            for page in self._pages(some):
                found.update(project.key.upper() for project in page.items)
        return [key for key in keys if key.upper() in found]

    def _pages(self, keys: str | None) -> Iterator[OffsetPage[ListedProject]]:
        listing = Listing.of("projects", self._context)
        fetch = partial(self._page, keys)
        return offset_pages(fetch, listing, KEYS_PER_REQUEST, key=lambda project: project.key)

    def _page(self, keys: str | None, start: int, size: int) -> OffsetPage[ListedProject]:
        # Without the action Jira lists projects, too, that the account administers and whose issues
        # it may not see: all of them would look deleted.
        query: dict[str, str | int] = {"maxResults": size, "startAt": start, "action": "browse"}
        if keys is not None:
            query["keys"] = keys
        request = Request(f"{API}/project/search", query=query, points=1 + size)
        page = self._http.fetch_json(request, ListedProjects, self._context)
        self._know(page.values)
        return page.page(page.values)

    def _searchable(self, key: str) -> bool:
        body = {"jql": jql.latest_change([key]), "maxResults": 1, "fields": ["id"]}
        try:
            self._http.fetch_json(
                Request(f"{API}/search/jql", "POST", body=body), dict[str, Any], self._context
            )
        except FatalError as e:
            if e.code in REFUSALS:
                return False
            raise
        return True
