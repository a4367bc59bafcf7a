"""What a Jira site holds: the five ingestable datasets with the site's own fields, and the
dictionaries around them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from inlet_sdk.http.columns import Column, column
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.json_record import Members
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import FieldDescriptor, Resource
from inlet_sdk.ports.source_endpoint import CollectedCatalog, CollectedDataset
from inlet_sdk.units.endpoint import UnitsEndpoint
from inlet_sdk.units.entries import Entries, optional_entries, read_entries
from inlet_worker.sources.jira.identity import JiraIdentity, site_address
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
TEXT = (b'"', b"-", *(b"%d" % digit for digit in range(10)))
# How the JSON of a member begins that is what it should be; a number in place of text is text.
ENTRY_MEMBERS: dict[str, Sequence[bytes]] = {
    "key": TEXT,
    "name": TEXT,
    "description": TEXT,
    "subtask": (b"t", b"f"),
    "statusCategory": (b"{",),
}
Entry = Mapping[str, Any]


class JiraMetadataSubsystem:
    """Reads the catalogue of one site (`metadata.collect`)."""

    def __init__(
        self,
        site: UnitsEndpoint,
        base_url: str,
        identity: JiraIdentity,
        resources: Sequence[Resource],
    ) -> None:
        self._site = site
        self._base_url = base_url
        self._identity = identity
        self._resources = resources

    def collect(self) -> CollectedCatalog:
        """Raises FatalError when the site does not answer as Jira; what the account may not see
        becomes a warning.
        """
        server = self._site.fetch_json(Request(f"{API}/serverInfo"), dict[str, Any])
        site = site_address(server.get("baseUrl")) or site_address(self._base_url)
        source_system = {
            "vendor": "jira",
            "baseUrl": self._base_url,
            "siteId": self._identity.cloud_id() or site,
            "title": str(server.get("serverTitle") or "Jira"),
        }

        datasets, warnings = self._site.collect_units()
        for name, (title, _, _) in DICTIONARIES.items():
            entries = optional_entries(title.lower(), partial(self._entries, name))
            warnings += entries.warnings
            datasets.append(_dictionary(name, entries.found))
        datasets.append(self.api_surface())
        units = tuple(self._site.list_units([dataset.name for dataset in datasets]))
        return CollectedCatalog(source_system, tuple(datasets), tuple(warnings), units)

    def dictionary(self, name: str) -> CollectedDataset:
        """A catalogue-only dataset with its values. Raises FatalError where they are refused."""
        return _dictionary(name, self._entries(name).found)

    def _entries(self, name: str) -> Entries[Entry]:
        title, path, _ = DICTIONARIES[name]
        return read_entries(self._site, Request(API + path), title.lower(), _entry)

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


def _dictionary(name: str, entries: Sequence[Entry]) -> CollectedDataset:
    title, _, columns = DICTIONARIES[name]
    return CollectedDataset(name, title, _fields(columns), False, ("id",), tuple(entries))


def _entry(entry_id: str, members: Members) -> Entry:
    """What makes sense of an entry. Raises msgspec.DecodeError for text that is none."""
    entry: dict[str, Any] = {"id": entry_id}
    for name, begins in ENTRY_MEMBERS.items():
        raw = members.get(name)
        if raw is not None and bytes(memoryview(raw)[:1]) in begins:
            entry[name] = to_string(raw) if begins is TEXT else msgspec.json.decode(raw)
    return entry


def _fields(columns: Sequence[Column]) -> tuple[FieldDescriptor, ...]:
    return tuple(c.descriptor() for c in columns)
