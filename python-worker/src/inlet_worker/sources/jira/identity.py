"""Which Jira a site is. Its cloud id stays whatever the site is called and by whichever way it is
asked: the gateway's address has it, the gateway lists it for an OAuth token, and the site tells it
at `/_edge/tenant_info`, which is not documented. Behind all that, the site's own address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from inlet_sdk.errors import IngestError
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_identity import System
from inlet_worker.sources.jira.scope import API

CLOUD_ID = "cloudId"
SITE = "baseUrl"
TENANT_INFO = "/_edge/tenant_info"
ACCESSIBLE = "/oauth/token/accessible-resources"
_CLOUD_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


class JiraIdentity:
    """`api` is asked below the API's root. `open_at` gives a connection to another root: the site's
    own, or that of `gateway`, which lists the sites of an OAuth token.
    """

    def __init__(
        self,
        api: HttpEndpoint,
        cloud_id: str | None,
        base_url: str,
        *,
        open_at: Callable[[str], HttpEndpoint],
        gateway: str,
        is_oauth: Callable[[], bool],
    ) -> None:
        self._api = api
        self._cloud_id = cloud_id
        self._base_url = base_url
        self._open_at = open_at
        self._gateway = gateway
        self._is_oauth = is_oauth
        self._opened: dict[str, HttpEndpoint] = {}

    def close(self) -> None:
        """Give back connections. Idempotent."""
        for opened in self._opened.values():
            opened.close()

    def system(self, known: System, context: IngestionContext | None = None) -> System:
        """One request where a kind that is known is told again, two the first time."""
        if known and CLOUD_ID not in known and (site := self._site(context, needed=True)):
            return {SITE: site}

        cloud_id = self.cloud_id(context)
        told = {} if cloud_id is None else {CLOUD_ID: cloud_id}
        if cloud_id is not None and CLOUD_ID in known:
            return told
        site = self._site(context, needed=bool(known) and cloud_id is None)
        return told if site is None else {**told, SITE: site}

    def cloud_id(self, context: IngestionContext | None = None) -> str | None:
        """None where nobody tells it."""
        if self._cloud_id is not None:
            return self._cloud_id.lower()
        if self._is_oauth():
            return self._listed_cloud_id(context)
        site = self._at(_origin(self._base_url))
        return _cloud_id_in(site.ask_once(Request(TENANT_INFO), dict[str, Any], context), CLOUD_ID)

    def _listed_cloud_id(self, context: IngestionContext | None) -> str | None:
        gateway = self._at(self._gateway)
        sites = gateway.ask_once(Request(ACCESSIBLE), list[dict[str, Any]], context)
        own = site_address(self._base_url)
        for site in sites or ():
            if site_address(site.get("url")) == own:
                return _cloud_id_in(site, "id")
        return None

    def _at(self, root: str) -> HttpEndpoint:
        if root not in self._opened:
            self._opened[root] = self._open_at(root)
        return self._opened[root]

    def _site(self, context: IngestionContext | None, *, needed: bool) -> str | None:
        """What the site calls itself. `needed`: nothing else tells which it is, so that an answer
        is waited for as for any other.
        """
        request = Request(f"{API}/serverInfo")
        if not needed:
            found = self._api.ask_once(request, dict[str, Any], context)
            return site_address(found.get("baseUrl")) if found else None

        try:
            found = self._api.fetch_json(request, dict[str, Any], context)
        except IngestError as error:
            if error.code == "CANCELLED":
                raise
            return None
        return site_address(found.get("baseUrl"))


def site_address(url: Any) -> str | None:
    """An address as it tells sites apart: host in small letters, port where it is not the usual
    one, path. None for what is no address. Ports of this machine tell nothing.
    """
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in _DEFAULT_PORTS:
        return None

    usual = port in (None, _DEFAULT_PORTS[parts.scheme]) or host in _LOOPBACK
    return f"{host}{'' if usual else f':{port}'}{parts.path.rstrip('/')}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _cloud_id_in(found: dict[str, Any] | None, name: str) -> str | None:
    value = (found or {}).get(name)
    is_one = isinstance(value, str) and _CLOUD_ID.fullmatch(value) is not None
    return value.lower() if is_one and isinstance(value, str) else None
