from __future__ import annotations

import pytest

from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_staging import StagingContract
from inlet_worker.staging.in_memory import InMemoryStaging


class TestInMemoryStaging(StagingContract):
    subject = "in_memory"

    @pytest.fixture
    def provider(self) -> InMemoryStaging:
        return InMemoryStaging()

    def stored(self, provider: StagingProvider, key: str) -> bytes:
        assert isinstance(provider, InMemoryStaging)
        return {**provider.quarantined, **provider.handed_over}[key]
