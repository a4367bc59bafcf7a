"""The environment's own lake, as a platform-owned sink sees it: each tenant has a prefix and a
catalogue to itself.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any

from inlet_sdk.errors import RetryableError
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.config import RunSettings
from inlet_worker.contracts.models import SinkRef
from inlet_worker.host.egress_proxy import proxy_to
from inlet_worker.sinks.places import Surroundings
from inlet_worker.sinks.registry import sink_type
from inlet_worker.sinks.sink_config import check_sink_config
from inlet_worker.sinks.sink_type import OwnLake

LONGEST = 40
"""Characters of a tenant's id in the name of a Glue database, which ends at 255."""


def lake_config(sink: SinkRef, tenant_id: str, settings: RunSettings) -> dict[str, Any]:
    """The keys of the sink's place: what its config says, checked, or the tenant's part of this
    environment's lake where it says nothing. Raises FatalError `CONFIG_INVALID` for a config off
    its schema, one that points into the platform's own buckets or this machine's files, or an
    address that the egress guard refuses.
    """
    in_lake = sink_type(sink.type).in_lake
    if sink.config or in_lake is None:
        return _own_place(sink, tenant_id, settings)
    return in_lake.place(_own_lake(tenant_id, settings))


def sink_guard(tenant_id: str, settings: RunSettings) -> EgressGuard:
    """Where the tenant's own sinks may be: what is public, and the private networks that the
    environment opens to them.
    """
    opened = tuple(
        (one.cidr, one.ports) for one in settings.sink_networks if one.tenant_id == tenant_id
    )
    return EgressGuard(settings.allow_private_networks, opened)


def _own_lake(tenant_id: str, settings: RunSettings) -> OwnLake:
    return OwnLake(
        tenant_id=tenant_id,
        bucket=settings.lake_bucket,
        catalog=settings.lake_catalog,
        databases=tenant_databases(tenant_id, settings),
        s3=s3_place(),
    )


def _own_place(sink: SinkRef, tenant_id: str, settings: RunSettings) -> dict[str, Any]:
    around = Surroundings(
        settings.environment == "local", (settings.lake_bucket, settings.staging_bucket)
    )
    kind = sink_type(sink.type)
    guard = sink_guard(tenant_id, settings)

    # First: a refused address has the same message whatever is wrong with it.
    guard.check_config(kind.descriptor.config_schema, sink.config)
    check_sink_config(kind.descriptor, sink.config, around)
    if not kind.is_in_aws:
        return dict(sink.config)

    way = _way_to(sink.config["endpointUrl"], guard) if "endpointUrl" in sink.config else {}
    # On one machine AWS's own S3 is the emulator. Elsewhere no variable names one.
    return {**s3_place(), **sink.config, **way, "needsKeys": not around.local}


def _way_to(endpoint_url: str, guard: EgressGuard) -> dict[str, str]:
    """The address as the guard read it, for a library's parser may read another one, and the proxy
    through which the library reaches it: it opens sockets that the guard does not see. Plain http,
    on one machine only, has none. Where the name leads is asked before, so that an error of ours
    says what is wrong.
    """
    at = "config.endpointUrl"
    address = guard.check(endpoint_url, at)
    try:
        guard.addresses(address.host, address.port, at)
    except OSError:
        raise RetryableError(
            "SINK_UNAVAILABLE",
            f"The host name of {at} is not known. Check it.",
            details={"field": at},
        ) from None

    place = {"endpointUrl": address.url.rstrip("/")}
    return (
        place
        if address.scheme == "http"
        else {**place, "proxyUrl": proxy_to(address, guard, at).url}
    )


def namespace_of(slug: str, sink: SinkRef, tenant_id: str, settings: RunSettings) -> str:
    """The namespace of an endpoint's tables: in the environment's own lake as the sink type says,
    for its first part is what the worker's role may touch.
    """
    in_lake = sink_type(sink.type).in_lake
    if sink.config or in_lake is None:
        return slug
    return in_lake.namespace(_own_lake(tenant_id, settings), slug)


def tenant_databases(tenant_id: str, settings: RunSettings) -> str:
    """What the names of a tenant's databases begin with; no other tenant's do: roles are limited by
    it.
    """
    plain = re.sub(r"[^a-z0-9]+", "_", tenant_id.lower()).strip("_")[:LONGEST]
    # Ids that differ in case or punctuation only must not share a database, and no name may
    # continue another.
    mark = (
        ""
        if plain == tenant_id and "_" not in plain
        else f"_{hashlib.sha256(tenant_id.encode()).hexdigest()[:8]}"
    )
    return f"inlet_{settings.environment}_{plain}{mark}__"


def s3_place() -> dict[str, str]:
    """The S3 that this process's environment names, where it is not simply AWS's own."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return {
        name: value for name, value in {"endpointUrl": endpoint, "region": region}.items() if value
    }
