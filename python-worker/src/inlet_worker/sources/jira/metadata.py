"""What a Jira site holds: the five ingestable datasets with the site's own fields, and the
dictionaries around them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inlet_sdk.http.columns import Column, column
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import FieldDescriptor, Resource
from inlet_sdk.ports.source_endpoint import CollectedCatalog, CollectedDataset
from inlet_sdk.units.endpoint import UnitsEndpoint
from inlet_worker.sources.jira.scope import API

# dataset -> (title, path, columns of an entry)
DICTIONARIES: dict[str, tuple[str, str, tuple[Column, ...]]] = {
    "jira.issue_types": (
        "Issue types",
        "/issuetype",
        (column("id", "string"), column("name", "string"), column("subtask", "boolean")),
    ),
    "jira.statuses": (
        "Statuses",
        "/status",
        (column("id", "string"), column("name", "string"), column("statusCategory", "json")),
    ),
    "jira.priorities": (
        "Priorities",
        "/priority",
        (column("id", "string"), column("name", "string")),
    ),
}
API_SURFACE = "jira.api_surface"
ENTRY_MEMBERS = ("id", "key", "name", "description", "subtask", "statusCategory")


class JiraMetadataSubsystem:
    """Reads the catalogue of one site (`metadata.collect`)."""

    def __init__(
        self,
        site: UnitsEndpoint,
        base_url: str,
        cloud_id: str | None,
        resources: Sequence[Resource],
    ) -> None:
        self._site = site
        self._base_url = base_url
        self._cloud_id = cloud_id
        self._resources = resources

    def collect(self) -> CollectedCatalog:
        """Raises FatalError when the site does not answer as Jira; what the account may not see
        becomes a warning.
        """
        server = self._site.fetch_json(Request(f"{API}/serverInfo"), dict[str, Any])
        source_system = {
            "vendor": "jira",
            "baseUrl": self._base_url,
            "siteId": self._cloud_id or self._base_url.partition("://")[2].rstrip("/"),
            "title": str(server.get("serverTitle") or "Jira"),
        }

        datasets, warnings = self._site.collect_units()
        datasets += [self.dictionary(name) for name in DICTIONARIES]
        datasets.append(self.api_surface())
        units = tuple(self._site.list_units([dataset.name for dataset in datasets]))
        return CollectedCatalog(source_system, tuple(datasets), tuple(warnings), units)

    def dictionary(self, name: str) -> CollectedDataset:
        """A catalogue-only dataset with its values."""
        title, path, columns = DICTIONARIES[name]
        values = self._site.fetch_json(Request(API + path), list[dict[str, Any]])
        entries = tuple({k: v[k] for k in ENTRY_MEMBERS if v.get(k) is not None} for v in values)
        return CollectedDataset(name, title, _fields(columns), False, ("id",), entries)

    def api_surface(self) -> CollectedDataset:
        """The resources this connector calls."""
        columns = tuple(
            column(name, "string") for name in ("name", "method", "path", "description")
        )
        entries: tuple[Mapping[str, Any], ...] = tuple(
            {"name": r.name, "method": r.method, "path": r.path, "description": r.description}
            for r in self._resources
        )
        return CollectedDataset(
            API_SURFACE, "API surface", _fields(columns), False, ("name",), entries
        )


def _fields(columns: Sequence[Column]) -> tuple[FieldDescriptor, ...]:
    return tuple(c.descriptor() for c in columns)
