"""The environment's own lake, as a platform-owned sink sees it: each tenant has a prefix and a catalogue to itself."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any
from urllib.parse import urlsplit

from inlet_worker.config import Settings
from inlet_worker.contracts import names
from inlet_worker.contracts.models import SinkRef
from inlet_worker.errors import FatalError

ICEBERG = "warehouse.iceberg"
TENANT = "{tenantId}"
LONGEST = 40
"""Characters of a tenant's id in the name of a Glue database, which ends at 255."""
LOCATIONS = ("warehouse", "uri", "location")


def lake_config(sink: SinkRef, tenant_id: str, settings: Settings) -> dict[str, Any]:
    """The sink's config; an empty one means the lake of this environment. Raises FatalError `CONFIG_INVALID` for one
    that points into the platform's own buckets or this machine's files."""
    if sink.config:
        _refuse_ours(sink.config, settings)
        return sink.config
    if sink.type == ICEBERG:
        return _iceberg(tenant_id, settings)
    return {"location": f"s3://{settings.lake_bucket}/files/{tenant_id}", **s3_place()}


def namespace_of(slug: str, sink: SinkRef, tenant_id: str, settings: Settings) -> str:
    """The namespace of an endpoint's tables. All tenants of an environment share one Glue, so there it names both; its
    first part is what the worker's role may touch."""
    if sink.config or sink.type != ICEBERG or settings.lake_catalog.get("type") != "glue":
        return slug
    return f"{tenant_databases(tenant_id, settings)}{slug}"


def tenant_databases(tenant_id: str, settings: Settings) -> str:
    """What the names of a tenant's databases begin with; no other tenant's do: roles are limited by it."""
    plain = re.sub(r"[^a-z0-9]+", "_", tenant_id.lower()).strip("_")[:LONGEST]
    # Ids that differ in case or punctuation only must not share a database, and no name may continue another.
    mark = "" if plain == tenant_id and "_" not in plain else f"_{hashlib.sha256(tenant_id.encode()).hexdigest()[:8]}"
    return f"inlet_{settings.environment}_{plain}{mark}__"


def s3_place() -> dict[str, str]:
    """The S3 that this process's environment names, where it is not simply AWS's own."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return {name: value for name, value in {"endpointUrl": endpoint, "region": region}.items() if value}


def _iceberg(tenant_id: str, settings: Settings) -> dict[str, Any]:
    given = {key: str(value) for key, value in settings.lake_catalog.items()}
    kind = given.pop("type", "")
    warehouse = given.pop("warehouse", f"s3://{settings.lake_bucket}/{names.PREFIX_LAKE}")
    own = {"catalog": kind, "warehouse": f"{warehouse}/{tenant_id}"}
    if kind == "sql":
        uri = given.pop("uri", "")
        if TENANT not in uri:
            raise FatalError("CONFIG_INVALID", f"{names.ENV_LAKE_CATALOG} shares a catalogue. Put {TENANT} in its uri.")
        own["uri"] = uri.replace(TENANT, tenant_id)
    region = {"s3.region": place["region"]} if "region" in (place := s3_place()) else {}
    return {**own, "properties": {**region, **given}}


def _refuse_ours(config: dict[str, Any], settings: Settings) -> None:
    for name in LOCATIONS:
        parts = urlsplit(str(config.get(name, "s3://")))
        ours = parts.netloc in (settings.lake_bucket, settings.staging_bucket)
        if ours or (parts.scheme not in ("s3", "s3a") and not settings.allow_private_networks):
            raise FatalError(
                "CONFIG_INVALID",
                f"The sink's {name} is not a place of the tenant's own. Name a bucket of yours.",
                details={"field": f"config.{name}"},
            )
