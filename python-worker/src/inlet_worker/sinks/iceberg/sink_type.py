"""What the registry knows of `warehouse.iceberg`. It loads no pyiceberg."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.contracts import names
from inlet_worker.sinks.iceberg.descriptor import DESCRIPTOR
from inlet_worker.sinks.sink_type import InLake, OwnLake, SinkAccess, SinkType

TENANT = "{tenantId}"


def _open(place: dict[str, Any], access: SinkAccess) -> SinkEndpoint:
    from inlet_worker.sinks.iceberg.endpoint import IcebergSink

    return IcebergSink(place, keys=access.keys)


def _place_in(lake: OwnLake) -> dict[str, Any]:
    given = {key: str(value) for key, value in lake.catalog.items()}
    warehouse = given.get("warehouse", f"s3://{lake.bucket}/{names.PREFIX_LAKE}")
    named = {
        "catalog": given.get("type"),
        "warehouse": f"{warehouse}/{lake.tenant_id}",
        "region": given.get("s3.region") or lake.s3.get("region"),
    }

    if named["catalog"] == "sql":
        uri = given.get("uri", "")
        if TENANT not in uri:
            raise FatalError(
                "CONFIG_INVALID",
                f"{names.ENV_LAKE_CATALOG} shares a catalogue. Put {TENANT} in its uri.",
            )
        named |= {"uri": uri.replace(TENANT, lake.tenant_id)}
        named |= {"endpointUrl": given.get("s3.endpoint")}
    return {name: value for name, value in named.items() if value}


def _namespace_in(lake: OwnLake, slug: str) -> str:
    """All tenants of an environment share one Glue, so there it names both."""
    return f"{lake.databases}{slug}" if lake.catalog.get("type") == "glue" else slug


def _aws_actions(config: Mapping[str, Any]) -> tuple[str, ...]:
    return ("glue:*",) if config.get("catalog") == "glue" else ()


ICEBERG = SinkType(
    descriptor=DESCRIPTOR,
    open=_open,
    in_lake=InLake(names.PREFIX_LAKE, _place_in, _namespace_in),
    aws_actions=_aws_actions,
)
