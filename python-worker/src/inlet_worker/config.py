"""The worker's configuration, from its environment: read once, in `main`, never at import. Names:
`schemas/names.ts`.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from inlet_sdk.errors import FatalError
from inlet_worker.contracts import names


def _json_object(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise ValueError("is not JSON") from None


LOWEST_USER = 1000
"""Below are the system's own users: a mistake in a configuration must not make a run one of them.
"""
JsonObject = Annotated[dict[str, Any], BeforeValidator(_json_object)]


class SinkNetwork(BaseModel):
    """A private network with sinks of one tenant, as `infra/environments.ts` names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)
    tenant_id: Annotated[str, Field(alias="tenantId", min_length=1)]
    cidr: ipaddress.IPv4Network
    ports: tuple[int, ...]


class RunSettings(BaseModel):
    """The part of the worker's configuration that a run gets. Sizes in bytes, times in seconds."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, validate_by_name=True
    )
    environment: Annotated[str, Field(alias=names.ENV_ENVIRONMENT, min_length=1)]
    control_table: Annotated[str, Field(alias=names.ENV_CONTROL_TABLE, min_length=1)]
    hot_table: Annotated[str, Field(alias=names.ENV_HOT_TABLE, min_length=1)]
    rate_limit: Annotated[JsonObject, Field(alias=names.ENV_RATE_LIMIT)]
    staging_bucket: Annotated[str, Field(alias=names.ENV_STAGING_BUCKET, min_length=1)]
    lake_bucket: Annotated[str, Field(alias=names.ENV_LAKE_BUCKET, min_length=1)]
    lake_catalog: Annotated[JsonObject, Field(alias=names.ENV_LAKE_CATALOG)]
    broker_function: Annotated[str, Field(alias=names.ENV_BROKER_FUNCTION, min_length=1)]
    """The name of the credential broker."""
    allow_private_networks: Annotated[bool, Field(alias=names.ENV_ALLOW_PRIVATE_NETWORKS)] = False
    sink_networks: Annotated[
        tuple[SinkNetwork, ...], BeforeValidator(_json_object), Field(alias=names.ENV_SINK_NETWORKS)
    ] = ()
    spark: Annotated[JsonObject, Field(alias=names.ENV_SPARK)] = Field(default_factory=dict)
    """Where the execution tool Spark is, in the form of `tools/spark/places.py`; empty for none."""
    run_memory_bytes: Annotated[int, Field(alias=names.ENV_RUN_MEMORY_BYTES, ge=2**28)] = (
        1536 * 2**20
    )


class Settings(RunSettings):
    """The worker's whole configuration."""

    temporal_secret: Annotated[str, Field(alias=names.ENV_TEMPORAL_SECRET, min_length=1)]
    payload_key: Annotated[str, Field(alias=names.ENV_PAYLOAD_KEY, min_length=1, repr=False)]
    run_role: Annotated[
        str, Field(alias=names.ENV_RUN_ROLE, pattern=r"^arn:[^:]+:iam::\d{12}:role/.+$")
    ]
    max_activities: Annotated[int, Field(alias=names.ENV_MAX_ACTIVITIES, ge=2, le=64)] = 4
    """Runs at a time. At least two: a site that does not answer must leave one."""
    max_probes: Annotated[int, Field(alias=names.ENV_MAX_PROBES, ge=2, le=64)] = 4
    """Tests, previews and collections at a time, beside the runs."""
    users: Annotated[int | None, Field(alias=names.ENV_USERS, ge=LOWEST_USER, lt=2**31)] = None
    """The Unix user that the worker becomes; its runs are those after it. None: all are who started
    the worker.
    """

    def of_a_run(self, tenant_id: str | None) -> RunSettings:
        """What of it a run may know: of networks its tenant's, none where it is nobody's."""
        shared = RunSettings.model_validate(self.model_dump(include=set(RunSettings.model_fields)))
        own = tuple(network for network in shared.sink_networks if network.tenant_id == tenant_id)
        return shared.model_copy(update={"sink_networks": own})


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises FatalError `CONFIG_INVALID` naming every variable that is missing or wrong; shows no
    value.
    """
    given = {
        name: value
        for name, value in environment.items()
        if name.startswith("INLET_") and value != ""
    }
    if given.get(names.ENV_ENVIRONMENT) == "local":
        given.setdefault(names.ENV_MAX_ACTIVITIES, "3")

    try:
        return Settings.model_validate(given)
    except ValidationError as e:
        faults = {f"{error['loc'][0]}: {error['msg']}" for error in e.errors()}
        raise FatalError(
            "CONFIG_INVALID", f"The environment lacks or misstates {'; '.join(sorted(faults))}."
        ) from None


@dataclass(frozen=True)
class TemporalConnection:
    """Where Temporal is and who we are to it: an API key, a client certificate, or nothing on this
    machine.
    """

    address: str
    namespace: str
    api_key: str | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    private_key: bytes | None = field(default=None, repr=False)


def parse_temporal_secret(text: str) -> TemporalConnection:
    """Reads the secret `{address, namespace, apiKey? | cert, key?}`; PEM texts. Raises FatalError
    `CONFIG_INVALID`.
    """
    try:
        secret = json.loads(text)
        cert, key = secret.get("cert"), secret.get("key")

        return TemporalConnection(
            address=str(secret["address"]),
            namespace=str(secret["namespace"]),
            api_key=secret.get("apiKey") or None,
            certificate=cert.encode() if cert else None,
            private_key=key.encode() if key else None,
        )
    except (json.JSONDecodeError, KeyError, AttributeError, TypeError):
        raise FatalError(
            "CONFIG_INVALID",
            f"The secret that {names.ENV_TEMPORAL_SECRET} names is not "
            f"{{address, namespace, apiKey or cert and key}}. Store it in that form.",
        ) from None
