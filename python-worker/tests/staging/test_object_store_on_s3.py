from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import obstore
import pytest

from inlet_sdk.ports.staging_provider import Manifest, StagingProvider
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_staging import FIELDS, StagingContract, a_row, ids
from inlet_worker.staging.object_store import ObjectStoreStaging
from inlet_worker.staging.registry import open_staging

from .s3_emulator import make_bucket, s3_emulator


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_emulator() as url:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield url


@pytest.fixture
def provider(s3: str) -> StagingProvider:
    bucket = f"staging-{uuid.uuid4().hex[:12]}"
    make_bucket(s3, bucket)
    return open_staging(
        "object_store", {"bucket": bucket, "endpointUrl": s3, "region": "eu-central-1"}
    )


class TestObjectStoreOnS3(StagingContract):
    subject = "object_store on S3"

    @pytest.fixture
    def provider(self, provider: StagingProvider) -> StagingProvider:
        return provider

    def stored(self, provider: StagingProvider, key: str) -> bytes:
        assert isinstance(provider, ObjectStoreStaging)
        return bytes(obstore.get(provider.store, key).bytes())


def test_of_eight_writers_that_seal_at_once_one_wins(provider: StagingProvider) -> None:
    sealed: list[Manifest] = []

    def write(number: int) -> None:
        writer = provider.allocate_session(a_context(), FIELDS).writer()
        writer.write_batch([a_row(number)])
        sealed.append(writer.seal({"by": number}))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sealed) == 8 and all(manifest == sealed[0] for manifest in sealed)
    assert ids(provider.allocate_session(a_context(), FIELDS)) == [str(sealed[0].facts["by"])]
