"""Airbyte's contestant as its platform runs one: a declarative source, as `source-jira` is, with
its command `read`. Each record is printed as a message; who takes them up and lands them is not
counted. Prints the rows that were read.

    python bench/peers/airbyte_source.py '{"url": …, "user": …, "token": …, "folder": …}'
"""

import json
import sys
from pathlib import Path
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
)

SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}}


def manifest(site: dict[str, Any]) -> dict[str, Any]:
    requester = {
        "type": "HttpRequester",
        "url_base": f"{site['url']}/rest/api/3/",
        "path": "search/jql",
        "http_method": "GET",
        "authenticator": {
            "type": "BasicHttpAuthenticator",
            "username": site["user"],
            "password": site["token"],
        },
        "request_parameters": {
            "jql": "updated >= 0 ORDER BY updated ASC",
            "fields": "*all",
            "maxResults": "100",
        },
    }
    paginator = {
        "type": "DefaultPaginator",
        "pagination_strategy": {
            "type": "CursorPagination",
            "cursor_value": "{{ response.get('nextPageToken') }}",
            "stop_condition": "{{ not response.get('nextPageToken') }}",
        },
        "page_token_option": {
            "type": "RequestOption",
            "inject_into": "request_parameter",
            "field_name": "nextPageToken",
        },
    }
    stream = {
        "type": "DeclarativeStream",
        "name": "issues",
        "primary_key": "id",
        "retriever": {
            "type": "SimpleRetriever",
            "requester": requester,
            "paginator": paginator,
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": ["issues"]},
            },
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": SCHEMA},
    }
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["issues"]},
        "streams": [stream],
        "spec": {"type": "Spec", "connection_specification": {"type": "object"}},
    }


def catalog() -> dict[str, Any]:
    stream = {
        "name": "issues",
        "json_schema": SCHEMA,
        "supported_sync_modes": ["full_refresh"],
        "source_defined_primary_key": [["id"]],
    }
    configured = {
        "stream": stream,
        "sync_mode": "full_refresh",
        "destination_sync_mode": "overwrite",
    }
    return {"streams": [configured]}


def read(site: dict[str, Any]) -> int:
    """Records among the messages of one `read`."""
    config, configured = Path(site["folder"]) / "config.json", Path(site["folder"]) / "catalog.json"
    config.write_text("{}")
    configured.write_text(json.dumps(catalog()))

    arguments = ["read", "--config", str(config), "--catalog", str(configured)]
    source = ConcurrentDeclarativeSource(
        catalog=None, config={}, state=None, source_config=manifest(site)
    )
    rows = 0
    with Path("/dev/null").open("w") as printed:
        for message in AirbyteEntrypoint(source).run(AirbyteEntrypoint.parse_args(arguments)):
            printed.write(f"{message}\n")
            rows += message.startswith('{"type":"RECORD"')
    return rows


if __name__ == "__main__":
    print(json.dumps({"rows": read(json.loads(sys.argv[1]))}))
