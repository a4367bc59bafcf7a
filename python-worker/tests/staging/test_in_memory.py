from __future__ import annotations

import pytest

from inlet_worker.staging.in_memory import InMemoryStaging
from inlet_worker.staging.staging_provider import StagingProvider
from staging.contract_staging import StagingContract


class TestInMemoryStaging(StagingContract):
    @pytest.fixture
    def provider(self) -> InMemoryStaging:
        return InMemoryStaging()

    def stored(self, provider: StagingProvider, key: str) -> bytes:
        assert isinstance(provider, InMemoryStaging)
        return {**provider.quarantined, **provider.handed_over}[key]
