"""Descriptors as the JSON the registry publishes: camelCase names, schemas and samples
untouched.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from inlet_sdk.ports.described_endpoint import (
    CommonDataDescriptor,
    EndpointDescriptor,
    EndpointUnitDescriptor,
    SinkDescriptor,
    UnitCost,
)


def describe(descriptor: EndpointDescriptor) -> dict[str, Any]:
    """A manifest entry of `schemas/connector.ts`."""
    return {
        "name": descriptor.name,
        "kind": descriptor.kind,
        "version": descriptor.version,
        "title": descriptor.title,
        "description": descriptor.description,
        "status": "active",
        "capabilities": list(descriptor.capabilities),
        "authTypes": list(descriptor.auth_types),
        "modes": list(descriptor.modes),
        "configSchema": descriptor.config_schema,
        "sampleConfig": descriptor.sample_config,
        "secretSchema": descriptor.secret_schema,
        "resources": [asdict(resource) for resource in descriptor.resources],
        "units": [describe_unit(unit) for unit in descriptor.units],
        "rateLimit": descriptor.rate_limit,
        "sink": describe_sink(descriptor) if isinstance(descriptor, SinkDescriptor) else None,
    }


def describe_sink(descriptor: SinkDescriptor) -> dict[str, Any]:
    return {
        "isDefault": descriptor.is_default,
        "comparesVersions": descriptor.compares_versions,
        "deletes": list(descriptor.deletes),
        "sweepsAfterDays": descriptor.sweeps_after_days,
    }


def describe_unit(unit: EndpointUnitDescriptor) -> dict[str, Any]:
    return {
        "unitId": unit.unit_id,
        "dataset": unit.dataset,
        "name": unit.name,
        "defaultMode": unit.default_mode,
        "supportedModes": list(unit.supported_modes),
        "defaultPolicy": unit.default_policy,
        "policySchema": unit.policy_schema,
        "entityType": unit.entity_type,
        "commonData": None if unit.common_data is None else describe_common(unit.common_data),
        "cost": None if unit.cost is None else describe_cost(unit.cost),
    }


def describe_common(common: CommonDataDescriptor) -> dict[str, Any]:
    fields = [{"name": name, "from": column} for name, column in common.fields.items()]
    return {"entity": common.entity, "version": common.version, "fields": fields}


def describe_cost(cost: UnitCost) -> dict[str, Any]:
    return {
        "fixedCalls": cost.fixed_calls,
        "steps": [
            {
                "what": step.what,
                "dataset": step.dataset,
                "recordsPerCall": step.records_per_call,
                "share": step.share,
                "onlyWithFilters": step.only_with_filters,
                "pointsPerRecord": step.points_per_record,
            }
            for step in cost.steps
        ],
    }
