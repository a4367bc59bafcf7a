from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import LocalStore, MemoryStore

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.staging_provider import (
    Manifest,
    StagedObject,
    StagingProvider,
    StagingSession,
)
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_staging import FIELDS, StagingContract, a_row, ids
from inlet_worker.staging import object_puts, object_writer
from inlet_worker.staging.object_store import ObjectStoreStaging


class ObjectStoreContract(StagingContract):
    def stored(self, provider: StagingProvider, key: str) -> bytes:
        assert isinstance(provider, ObjectStoreStaging)
        return bytes(obstore.get(provider.store, key).bytes())


class TestObjectStoreInMemory(ObjectStoreContract):
    subject = "object_store in memory"

    @pytest.fixture
    def provider(self) -> ObjectStoreStaging:
        return ObjectStoreStaging(MemoryStore())


class TestObjectStoreInAFolder(ObjectStoreContract):
    subject = "object_store in a folder"

    @pytest.fixture
    def provider(self, tmp_path: Path) -> ObjectStoreStaging:
        return ObjectStoreStaging(LocalStore(str(tmp_path)))


@pytest.fixture
def provider() -> ObjectStoreStaging:
    return ObjectStoreStaging(MemoryStore())


def keys(provider: ObjectStoreStaging) -> list[str]:
    return sorted(entry["path"] for page in obstore.list(provider.store) for entry in page)


def test_keys_name_tenant_run_slice_epoch_and_object(provider: ObjectStoreStaging) -> None:
    writer = provider.allocate_session(a_context(slice=2, epoch=7), FIELDS).writer()
    writer.write_batch([a_row(1)])
    writer.seal({})
    assert keys(provider) == ["stg/acme/run-1/2/7/000000", "stg/acme/run-1/2/7/MANIFEST.json"]


def test_an_attempt_with_other_rows_leaves_the_first_copy_alone(
    provider: ObjectStoreStaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = provider.allocate_session(a_context(epoch=7), FIELDS)
    killed = session.writer()
    killed.write_batch([a_row(1)])
    with monkeypatch.context() as patch:
        patch.setattr(object_writer.Manifest, "as_json", _killed)
        with pytest.raises(KeyboardInterrupt):
            killed.seal({})

    retry = session.writer()
    retry.write_batch([a_row(2)])
    manifest = retry.seal({})

    assert [o.key for o in manifest.objects] == ["stg/acme/run-1/0/7/attempt-1/000000"]
    assert ids(session) == ["2"]


def _killed(_: object) -> None:
    raise KeyboardInterrupt


def test_a_damaged_object_is_refused(provider: ObjectStoreStaging) -> None:
    session = provider.allocate_session(a_context(), FIELDS)
    writer = session.writer()
    writer.write_batch([a_row(1)])
    key = writer.seal({}).objects[0].key
    obstore.put(provider.store, key, b"something else")
    with pytest.raises(RetryableError) as raised:
        ids(session)
    assert raised.value.code == "STAGING_CORRUPT"


def test_objects_are_cut_by_size_so_that_memory_is_bounded(
    provider: ObjectStoreStaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_writer, "OBJECT_BYTES", 100_000)
    monkeypatch.setattr(object_writer, "PART_BYTES", 20_000)
    session = provider.allocate_session(a_context(), FIELDS)
    writer = session.writer()
    writer.write_batch([a_row(n, _raw="x" * 5_000) for n in range(100)])
    manifest = writer.seal({})
    assert len(manifest.objects) == 5 and manifest.rows == 100
    assert all(b.nbytes <= 120_000 for b in session.reader().iter_batches(1000))


def test_pages_of_rows_become_one_batch_an_object(provider: ObjectStoreStaging) -> None:
    session = provider.allocate_session(a_context(), FIELDS)
    writer = session.writer()
    for number in range(50):
        writer.write_batch([a_row(number)])
    writer.seal({})

    assert [b.num_rows for b in session.reader().iter_batches(1000)] == [50]


def test_what_could_not_be_put_is_told_by_each_call_after_it(
    provider: ObjectStoreStaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_writer, "OBJECT_BYTES", 1)
    session = provider.allocate_session(a_context(), FIELDS)
    writer = session.writer()
    with monkeypatch.context() as patch:
        patch.setattr(object_puts, "object_bytes", _lost)
        writer.write_batch([a_row(1)])
        with pytest.raises(ConnectionError):
            writer.write_batch([a_row(2)])

    for _ in range(2):
        with pytest.raises(ConnectionError):
            writer.seal({})
    assert session.sealed() is None


@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("step", range(4))
def test_a_kill_at_any_put_leaves_a_slice_that_a_retry_seals(
    provider: ObjectStoreStaging,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    taken: bool,
    other: bool,
) -> None:
    """Three objects and the manifest. `taken`: the store took the last put before the kill;
    `other`: the retry reads other rows.
    """
    monkeypatch.setattr(object_writer, "OBJECT_BYTES", 1)
    session = provider.allocate_session(a_context(), FIELDS)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(obstore, "put", _killing(step, taken))
        _stage(session, "first")

    sealed = session.sealed()
    assert (sealed is not None) == (taken and step == 3)
    assert sealed is not None or ids(session) == []

    manifest = _stage(session, "second" if other else "first")
    assert session.sealed() == (sealed or manifest)
    rows = [s for b in session.reader().iter_batches(9) for s in b.column("summary").to_pylist()]
    assert rows == ["second" if other and sealed is None else "first"] * 3


def _stage(session: StagingSession, text: str) -> Manifest:
    writer = session.writer()
    for number in range(3):
        writer.write_batch([a_row(number, summary=text)])
    return writer.seal({"text": text})


def _killing(step: int, taken: bool) -> Callable[..., Any]:
    put, calls = obstore.put, itertools.count()

    def killed(*args: Any, **options: Any) -> Any:
        is_last = next(calls) == step
        done = put(*args, **options) if taken or not is_last else None
        if is_last:
            raise KeyboardInterrupt
        return done

    return killed


def _lost(_: object) -> bytes:
    raise ConnectionError("gone")


def test_a_manifest_of_a_later_release_is_read() -> None:
    known = {"key": "k", "sha256": "s", "rows": 1, "bytes": 2}
    assert StagedObject.from_json({**known, "later": True}) == StagedObject(**known)
