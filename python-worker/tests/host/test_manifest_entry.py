"""A registered source describes itself as the registry wants it."""

from __future__ import annotations

import json

import pytest

from inlet_worker.contracts.models import Connector
from inlet_worker.host.manifest_entry import describe
from inlet_worker.sources.registry import SOURCES


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_registered_under_its_own_name_and_fits_the_contract(name: str) -> None:
    descriptor = SOURCES[name].descriptor
    entry = Connector.model_validate(json.loads(json.dumps(describe(descriptor))))
    assert entry.name == name
    assert [unit.unit_id for unit in entry.units] == [unit.unit_id for unit in descriptor.units]
    assert len(entry.resources) == len(descriptor.resources)
