"""Reads an endpoint's catalogue; datasets and units go to the staging bucket, since a catalogue
outgrows a payload.
"""

from __future__ import annotations

import hashlib
from typing import Any

from inlet_sdk.ports.described_endpoint import EndpointUnitDescriptor
from inlet_sdk.ports.source_endpoint import CollectedDataset
from inlet_sdk.redaction import shown, shown_tree, without_secrets
from inlet_worker.contracts import models
from inlet_worker.host.exact_numbers import with_exact_numbers
from inlet_worker.host.manifest_entry import describe_unit
from inlet_worker.temporal.endpoints import open_source
from inlet_worker.temporal.work import Work


def collect_metadata(given: Any, work: Work) -> models.CollectResult:
    """The object is a CollectedCatalog in JSON. Raises what the source raises."""
    task = models.CollectInput.model_validate(given)
    source = open_source(task.source, task.tenant_id, work, people=True)
    try:
        found = source.collect()
    finally:
        source.close()

    catalog = models.CollectedCatalog(
        datasets=[_dataset(dataset) for dataset in found.datasets],
        connector_version=source.descriptor.version,
        units=[_unit(unit) for unit in found.units],
    )
    body = catalog.model_dump_json(by_alias=True).encode()
    key = f"catalog/{task.tenant_id}/{task.collection_id}.json"
    work.aws.s3.put_object(
        Bucket=work.settings.staging_bucket, Key=key, Body=body, ContentType="application/json"
    )

    return models.CollectResult(
        source_system=models.SourceSystem.model_validate(shown_tree(found.source_system)),
        key=key,
        sha256=hashlib.sha256(body).hexdigest(),
        datasets=len(found.datasets),
        units=[unit.unit_id for unit in found.units],
        warnings=[warning.message for warning in found.warnings],
    )


def _unit(unit: EndpointUnitDescriptor) -> models.UnitDescriptor:
    """Its name may be the vendor's word."""
    return models.UnitDescriptor.model_validate(without_secrets(describe_unit(unit)))


def _dataset(dataset: CollectedDataset) -> models.CollectedDataset:
    """Descriptions and entries are the vendor's words."""
    return models.CollectedDataset(
        name=dataset.name,
        title=dataset.title,
        fields=[
            models.DatasetField.model_validate(
                {
                    "name": f.name,
                    "type": f.type,
                    "nullable": f.nullable,
                    "description": shown(f.description) or None,
                }
            )
            for f in dataset.fields
        ],
        ingestable=dataset.ingestable,
        primary_keys=list(dataset.primary_keys),
        entries=[shown_tree(with_exact_numbers(dict(entry))) for entry in dataset.entries],
    )
