"""Staging providers by id. Configuration: {bucket, endpointUrl?, proxyUrl?, region?, prefix?} or
{folder}.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.staging_provider import StagingProvider

if TYPE_CHECKING:
    from obstore.store import ClientConfig


def open_store(config: dict[str, Any], identity: Callable[[], Any] | None = None) -> Any:
    """The obstore store of a bucket or of a local folder. Credentials come from `identity`, a
    credential provider, and without one from the process's environment, as the endpoint does where
    none is given.
    """
    from obstore.store import LocalStore, S3Store

    if "folder" in config:
        return LocalStore(config["folder"], mkdir=True)
    options: dict[str, Any] = {"prefix": config["prefix"]} if config.get("prefix") else {}
    if endpoint := config.get("endpointUrl") or os.environ.get("AWS_ENDPOINT_URL_S3"):
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if region := config.get("region"):
        options["region"] = region
    client: ClientConfig = {"allow_http": str(endpoint).startswith("http://")}
    if proxy := config.get("proxyUrl"):
        client["proxy_url"] = proxy
    if identity:
        options["credential_provider"] = identity
    return S3Store(config["bucket"], client_options=client, **options)


def _object_store(config: dict[str, Any]) -> StagingProvider:
    from inlet_worker.staging.object_store import ObjectStoreStaging

    return ObjectStoreStaging(open_store(config))


def _in_memory(_: dict[str, Any]) -> StagingProvider:
    from inlet_worker.staging.in_memory import InMemoryStaging

    return InMemoryStaging()


PROVIDERS: dict[str, Callable[[dict[str, Any]], StagingProvider]] = {
    "object_store": _object_store,
    "in_memory": _in_memory,
}
DEFAULT_PROVIDER = "object_store"


def open_staging(provider_id: str, config: dict[str, Any]) -> StagingProvider:
    """The provider of an id. Raises FatalError `CONFIG_INVALID` for an unknown one."""
    if provider_id not in PROVIDERS:
        raise FatalError(
            "CONFIG_INVALID",
            f"No staging provider is called {provider_id}: use {' or '.join(PROVIDERS)}.",
        )
    return PROVIDERS[provider_id](config)
