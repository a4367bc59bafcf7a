"""From the references of a plan to opened sources, sinks and staging. Runs in the child: secrets
are opened here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential, CredentialSource
from inlet_sdk.http.budget.limits import Limits, effective_limits, points_limits
from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.http.request import HttpLimits
from inlet_sdk.ports.execution_tool import BoundProgram
from inlet_sdk.ports.policy import TransformPolicy
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_worker.contracts import names
from inlet_worker.contracts.models import CredentialRef, SinkRef, SourceRef
from inlet_worker.host.table_bucket import TableBucket
from inlet_worker.pipeline.transform_rows import BATCH_ROWS
from inlet_worker.sinks.cdm.endpoint import through_sink
from inlet_worker.sinks.own_place import in_own_place
from inlet_worker.sinks.registry import sink_type
from inlet_worker.sources.registry import DESCRIPTORS, SOURCES
from inlet_worker.staging.registry import open_staging as open_configured_staging
from inlet_worker.temporal.lake import lake_config, s3_place
from inlet_worker.temporal.sink_access import sink_access
from inlet_worker.temporal.spark_jobs import spark_of
from inlet_worker.temporal.work import Work
from inlet_worker.temporal.written_through import written_through
from inlet_worker.tools.limits import ToolLimits
from inlet_worker.tools.registry import bind_transform as bind_configured_transform


def open_source(
    reference: SourceRef,
    tenant_id: str,
    work: Work,
    *,
    people: bool,
    limits: HttpLimits | None = None,
) -> SourceEndpoint:
    """The source with its part of the credential's budget; `people`: somebody waits for what it is
    asked. Raises FatalError `CONFIG_INVALID` for an unknown connector, a config off its schema, or
    an address that leads inside.
    """
    connector = SOURCES.get(reference.connector)
    if connector is None:
        raise _unread(reference.connector)

    guard = EgressGuard(work.settings.allow_private_networks)
    guard.check_config(connector.descriptor.config_schema, reference.config)
    return connector(
        reference.config,
        _credential(reference.credential, tenant_id, work),
        allow_private_networks=work.settings.allow_private_networks,
        limits=limits,
        budget=_budget(reference, connector.descriptor.rate_limit, tenant_id, work, people),
    )


def _unread(name: str) -> FatalError:
    """Of a connector of which nothing is read as rows here."""
    said = (
        f"Connector {name} has methods only: nothing of it is collected or read. Call its methods."
        if name in DESCRIPTORS
        else f"This worker has no connector {name}. Deploy a worker that has it."
    )
    return FatalError("CONFIG_INVALID", said, details={"field": "connector"})


def _budget(
    reference: SourceRef, published: dict[str, Any] | None, tenant_id: str, work: Work, people: bool
) -> VendorBudget:
    own = reference.config.get("rateLimit")
    levels = (work.settings.rate_limit, published, own if isinstance(own, dict) else None)

    place = {
        "tenantId": tenant_id,
        "endpointId": reference.endpoint_id,
        "connector": reference.connector,
    }

    def spender(pk: str, sk: str, limits: Limits) -> Spender:
        key = (pk.format(**place), sk.format(**place))
        return Spender(
            TableBucket(work.aws.dynamodb, work.settings.hot_table, *key), limits, people=people
        )

    points = points_limits(levels, reference.auth_type)
    return VendorBudget(
        spender(names.HOT_KEY_BUDGET_PK, names.HOT_KEY_BUDGET_SK, effective_limits(*levels)),
        spender(names.HOT_KEY_APP_BUDGET_PK, names.HOT_KEY_APP_BUDGET_SK, points)
        if points
        else None,
    )


def open_sink(reference: SinkRef, tenant_id: str, work: Work) -> SinkEndpoint:
    """A sink with the environment's lake where its config names none. The one way to open one: what
    the tenant wrote is checked before its credential is opened, and a place of the tenant's own is
    never asked as ourselves.
    """
    if through := written_through(reference):
        return through_sink(open_sink(through, tenant_id, work))

    place = lake_config(reference, tenant_id, work.settings)
    access = sink_access(reference, tenant_id, work)
    sink = sink_type(reference.type).open(place, access)
    return in_own_place(sink) if reference.config else sink


def bind_transform(order: TransformPolicy, tenant_id: str, work: Work) -> BoundProgram:
    """What a policy orders, within what a run may use. Raises FatalError `CONFIG_INVALID` for a
    tool or a function that this worker does not have.
    """
    memory = min(ToolLimits.memory_bytes, work.settings.run_memory_bytes // 2)
    limits = ToolLimits(memory_bytes=memory, output_rows=BATCH_ROWS)
    spark = spark_of(work.settings, tenant_id) if order.tool == "spark" else {}
    return bind_configured_transform(order, limits, spark)


def open_staging(provider_id: str, work: Work) -> StagingProvider:
    return open_configured_staging(provider_id, staging_config(work.settings.staging_bucket))


def staging_config(bucket: str) -> dict[str, Any]:
    """The staging bucket at the S3 that this process's environment names."""
    return {"bucket": bucket, **s3_place()}


@dataclass(frozen=True)
class NoCredential:
    """A `CredentialSource` for an endpoint that was given none."""

    def read(self) -> Credential:
        raise FatalError(
            "AUTH_ERROR",
            "The endpoint has no credential. "
            "Store one with PUT /endpoints/{endpointId}/credentials.",
            details={"field": "credentials"},
        )

    def force_refresh(self, version_seen: str) -> Credential:
        return self.read()


def _credential(reference: CredentialRef | None, tenant_id: str, work: Work) -> CredentialSource:
    if reference is None:
        return NoCredential()
    if reference.tenant_id != tenant_id:
        raise FatalError(
            "AUTH_ERROR",
            "The credential belongs to another tenant. Store one of this endpoint's own.",
        )
    return work.credentials.of(reference)
