"""The columns of issues: the fields every site has, and the site's own from `GET /field`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Raw

from inlet_sdk.http.columns import Column, column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.json_record import Members, Record, string_of
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.entries import Entries, read_entries
from inlet_worker.sources.jira.scope import API

MAX_CUSTOM_COLUMNS = 250  # the oldest ones; sites with thousands keep the rest in `_raw`

# Jira's types that fit a column as they are; all others are objects or lists and land as JSON.
COLUMN_TYPES = {"string": "string", "number": "double", "date": "date", "datetime": "timestamp"}
CUSTOM_ID = re.compile(r"customfield_[0-9]{1,18}")
RICH_TEXT = "com.atlassian.jira.plugin.system.customfieldtypes:textarea"


def envelope_columns() -> tuple[Column, ...]:
    return (column("id", "string"), column("key", "string"))


def person_columns(member: str) -> tuple[Column, ...]:
    """A person is known by the account; display names are shared and change."""
    return (
        column(f"{member}AccountId", "string", f"{member}.accountId"),
        column(f"{member}DisplayName", "string", f"{member}.displayName"),
    )


def named_columns(member: str) -> tuple[Column, ...]:
    return column(f"{member}Id", "string", f"{member}.id"), column(
        f"{member}Name", "string", f"{member}.name"
    )


SYSTEM_COLUMNS: tuple[Column, ...] = (
    column("summary", "string"),
    column("projectId", "string", "project.id"),
    column("projectKey", "string", "project.key"),
    *named_columns("issuetype"),
    *named_columns("status"),
    *named_columns("priority"),
    *named_columns("resolution"),
    *person_columns("assignee"),
    *person_columns("reporter"),
    *person_columns("creator"),
    column("parentId", "string", "parent.id"),
    column("parentKey", "string", "parent.key"),
    column("created", "timestamp"),
    column("updated", "timestamp"),
    column("resolutiondate", "timestamp"),
    column("duedate", "date"),
    column("timespent", "long", description="Seconds."),
    column("timeestimate", "long", description="Seconds."),
    column("timeoriginalestimate", "long", description="Seconds."),
    column("labels", "json"),
    column("components", "json"),
    column("versions", "json"),
    column("fixVersions", "json"),
    column("issuelinks", "json"),
    column("subtasks", "json"),
    column("attachment", "json"),
    column("description", "json", description="Atlassian document format."),
    column("environment", "json", description="Atlassian document format."),
)


@dataclass(frozen=True)
class SiteField:
    """A field of a site. `type` and `kind` are of its schema, empty where it has none that makes
    sense.
    """

    id: str
    name: str = ""
    custom: bool = False
    type: str = ""
    kind: str = ""


def custom_fields(fields: Sequence[SiteField]) -> list[SiteField]:
    return [f for f in fields if f.custom and CUSTOM_ID.fullmatch(f.id)]


def custom_columns(fields: Sequence[SiteField]) -> tuple[Column, ...]:
    """The columns of a site's custom fields by id, so that new ones come last."""
    custom = sorted(custom_fields(fields), key=lambda f: (len(f.id), f.id))
    return tuple(
        column(f.id, _column_type(f), description=f.name) for f in custom[:MAX_CUSTOM_COLUMNS]
    )


def issue_columns(http: HttpEndpoint, context: IngestionContext) -> tuple[Column, ...]:
    """The columns below an issue's `fields`: those that the run lands, else those of the site."""
    if context.fields:
        return SYSTEM_COLUMNS + own_columns(context.fields)
    return SYSTEM_COLUMNS + custom_columns(site_fields(http, context).found)


def own_columns(fields: Sequence[FieldDescriptor]) -> tuple[Column, ...]:
    """The site's own columns among those of a catalogue, with the types that they have there."""
    return tuple(Column(f.name, f.type, (f.name,)) for f in fields if CUSTOM_ID.fullmatch(f.name))


def site_fields(http: HttpEndpoint, context: IngestionContext | None = None) -> Entries[SiteField]:
    return read_entries(http, Request(f"{API}/field"), "fields", parse_field, context)


def parse_field(field_id: str, members: Members) -> SiteField:
    """A field, with what makes sense of its members. Raises msgspec.DecodeError where none can be
    read.
    """
    schema = _object_in(members, "schema")
    is_custom = bytes(members.get("custom", Raw(b"null"))) not in (b"false", b"0")
    return SiteField(
        field_id,
        to_string(members.get("name", Raw(b"null"))) or "",
        is_custom and CUSTOM_ID.fullmatch(field_id) is not None,
        _text_in(schema, "type"),
        _text_in(schema, "custom"),
    )


def _object_in(members: Members, name: str) -> Members:
    raw = members.get(name)
    if raw is None or bytes(memoryview(raw)[:1]) != b"{":
        return {}
    return Record(raw, raw).members()


def _text_in(members: Members, name: str) -> str:
    raw = members.get(name)
    return string_of(raw) if raw is not None and bytes(memoryview(raw)[:1]) == b'"' else ""


def _column_type(field: SiteField) -> str:
    return "json" if field.kind == RICH_TEXT else COLUMN_TYPES.get(field.type, "json")
