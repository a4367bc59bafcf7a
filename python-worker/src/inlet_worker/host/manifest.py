"""What this worker can do, as the registry publishes it (decision 1). The same code gives
the same bytes.
"""

from __future__ import annotations

import json
from typing import Any

from inlet_worker.contracts.models import ConnectorManifest
from inlet_worker.host.manifest_entry import describe
from inlet_worker.sinks.registry import SINKS
from inlet_worker.sources.registry import DESCRIPTORS

WORKER_VERSION = "0.1.0"


def connector_manifest() -> dict[str, Any]:
    """All sources, then all sinks, by name; checked by the contract's model."""
    sources = [DESCRIPTORS[name] for name in sorted(DESCRIPTORS)]
    sinks = [SINKS[name].descriptor for name in sorted(SINKS)]
    entries = [describe(descriptor) for descriptor in [*sources, *sinks]]
    manifest = ConnectorManifest.model_validate(
        {"workerVersion": WORKER_VERSION, "connectors": entries}
    )
    return manifest.model_dump(mode="json", by_alias=True)


def manifest_json() -> str:
    return json.dumps(_whole(connector_manifest()), indent=2, ensure_ascii=False)


def _whole(value: Any) -> Any:
    """Whole numbers without a fraction, as the registry writes them."""
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
