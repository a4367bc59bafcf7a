"""A stream of Airbyte's CDK, reading alone: no message is made of a record, so nobody could take it
up. Prints the rows that were read.

    python bench/peers/airbyte_read.py '{"url": …, "user": …, "token": …}'
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import requests
from airbyte_cdk.sources.streams.http import HttpStream
from requests.auth import HTTPBasicAuth


class Issues(HttpStream):
    """Every issue, as the CDK's own guide for Python streams writes one."""

    primary_key = "id"

    def __init__(self, site: Mapping[str, str]) -> None:
        super().__init__(authenticator=HTTPBasicAuth(site["user"], site["token"]))
        self._site = site

    @property
    def url_base(self) -> str:
        return f"{self._site['url']}/rest/api/3/"

    def path(self, **_: Any) -> str:
        return "search/jql"

    def request_params(
        self, next_page_token: Mapping[str, Any] | None = None, **_: Any
    ) -> dict[str, Any]:
        asked = {"jql": "updated >= 0 ORDER BY updated ASC", "fields": "*all", "maxResults": 100}
        return asked | dict(next_page_token or {})

    def next_page_token(self, response: requests.Response) -> Mapping[str, Any] | None:
        token = response.json().get("nextPageToken")
        return {"nextPageToken": token} if token else None

    def get_json_schema(self) -> Mapping[str, Any]:
        return {"type": "object", "properties": {"id": {"type": "string"}}}

    def parse_response(self, response: requests.Response, **_: Any) -> Iterable[Mapping[str, Any]]:
        yield from response.json()["issues"]


if __name__ == "__main__":
    stream = Issues(json.loads(sys.argv[1]))
    rows = sum(1 for _ in stream.read_only_records())
    print(json.dumps({"rows": rows}))
