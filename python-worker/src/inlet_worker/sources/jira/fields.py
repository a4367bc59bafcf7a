"""The columns of issues: the fields every site has, and the site's own from `GET /field`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from inlet_sdk.http.columns import Column, column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.sources.jira.scope import API

MAX_CUSTOM_COLUMNS = 250  # the oldest ones; sites with thousands keep the rest in `_raw`

# Jira's types that fit a column as they are; all others are objects or lists and land as JSON.
COLUMN_TYPES = {"string": "string", "number": "double", "date": "date", "datetime": "timestamp"}
CUSTOM_ID = re.compile(r"customfield_\d{1,18}")
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


class FieldSchema(msgspec.Struct):
    type: str = ""
    custom: str = ""


class SiteField(msgspec.Struct):
    id: str
    name: str = ""
    custom: bool = False
    schema: FieldSchema | None = None


def custom_fields(fields: Sequence[SiteField]) -> list[SiteField]:
    return [f for f in fields if f.custom and CUSTOM_ID.fullmatch(f.id)]


def custom_columns(fields: Sequence[SiteField]) -> tuple[Column, ...]:
    """The columns of a site's custom fields by id, so that new ones come last."""
    custom = sorted(custom_fields(fields), key=lambda f: (len(f.id), f.id))
    return tuple(
        column(f.id, _column_type(f.schema), description=f.name)
        for f in custom[:MAX_CUSTOM_COLUMNS]
    )


def issue_columns(
    http: HttpEndpoint, context: IngestionContext | None = None
) -> tuple[Column, ...]:
    """The columns below an issue's `fields` on this site."""
    return SYSTEM_COLUMNS + custom_columns(site_fields(http, context))


def site_fields(http: HttpEndpoint, context: IngestionContext | None = None) -> list[SiteField]:
    return http.fetch_json(Request(f"{API}/field"), list[SiteField], context)


def _column_type(schema: FieldSchema | None) -> str:
    if schema is None or schema.custom == RICH_TEXT:
        return "json"
    return COLUMN_TYPES.get(schema.type, "json")
