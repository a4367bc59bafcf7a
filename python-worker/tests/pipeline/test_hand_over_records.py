"""A run without a sink: its records are handed over to the knowledge base, and it is done only when
they were taken.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import obstore
import orjson
import pytest
from obstore.store import MemoryStore

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.entities import EntityMap, RelationMap, entity_id
from inlet_sdk.ports.results import Enrichment, IngestionUnitResult
from inlet_worker.contracts.models import EnrichmentManifest, NormalizedRecord
from inlet_worker.pipeline import hand_over_records
from inlet_worker.staging.object_store import ObjectStoreStaging

from .control_plane import ControlPlane, Crash, reached
from .listed_source import ListedSource, a_record


class SourceOfEntities(ListedSource):
    def entity_map(self, unit_id: str) -> EntityMap | None:
        like = RelationMap("LIKE", "entity.thing", "title", frozenset({"nothing"}))
        return EntityMap("entity.thing", "id", {"name": "title", "absent": "absent"}, (like,))


@pytest.fixture
def plane(tmp_path: Path) -> ControlPlane:
    return ControlPlane(
        SourceOfEntities([a_record(n, 1000 + n, f"t{n}") for n in range(7)]), tmp_path
    )


def body(plane: ControlPlane, key: str) -> bytes:
    return bytes(obstore.get(plane.staging.store, key).bytes())


def taken(plane: ControlPlane, result: IngestionUnitResult) -> list[list[dict[str, Any]]]:
    """The records of a slice by batch, each held to its checksum and to the contract."""
    found: Enrichment | None = result.enrichment
    assert found is not None
    listed = body(plane, found.key)
    assert hashlib.sha256(listed).hexdigest() == found.sha256
    manifest = EnrichmentManifest.model_validate_json(listed)
    assert (len(manifest.batches), sum(b.records for b in manifest.batches)) == (
        found.batches,
        found.records,
    )
    batches = []
    for batch in manifest.batches:
        lines = body(plane, batch.key)
        assert hashlib.sha256(lines).hexdigest() == batch.sha256 and len(lines) == batch.bytes
        records = [orjson.loads(line) for line in lines.splitlines()]
        for record in records:
            NormalizedRecord.model_validate(record)
        assert len(records) == batch.records
        batches.append(records)
    return batches


def test_records_are_handed_over_and_staging_stays_until_they_were_taken(
    plane: ControlPlane,
) -> None:
    result = plane.call(plane.context("r1", "INCREMENTAL"), sink=None)
    assert (result.outcome, result.done, result.stats["read"], result.stats["landed"]) == (
        "ENRICH",
        True,
        7,
        0,
    )
    assert reached(result.new_checkpoint) == {"cursor": {"position": 1006}, "position": 1006}
    (records,) = taken(plane, result)
    assert [r["id"] for r in records] == [str(n) for n in range(7)]
    assert records[0] == {
        "entityType": "entity.thing",
        "id": "0",
        "cursor": "1970-01-01T00:00:01.000Z",
        "payload": {"name": "t0"},
        "relations": [{"type": "LIKE", "entityType": "entity.thing", "id": "t0"}],
    }
    assert plane.pending is None


def test_a_retry_hands_over_the_same(plane: ControlPlane) -> None:
    first = plane.call(plane.context("r1", "INCREMENTAL"), sink=None)
    assert plane.call(plane.context("r1", "INCREMENTAL"), sink=None) == first


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(8))
def test_a_kill_at_any_object_and_a_retry_hand_over_what_one_attempt_does(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, at: int, moment: str
) -> None:
    """Seven batches, and the list of them."""
    monkeypatch.setattr(hand_over_records, "BATCH_RECORDS", 1)
    whole = replace(plane, staging=ObjectStoreStaging(MemoryStore()))
    wanted = taken(whole, whole.call(whole.context("r1", "INCREMENTAL"), sink=None))

    staged, written = hand_over_records._staged, itertools.count()

    def killed(*given: Any) -> dict[str, Any]:
        number = next(written)
        if number == at and moment == "before":
            raise Crash
        done = staged(*given)
        if number == at:
            raise Crash
        return done

    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(hand_over_records, "_staged", killed)
        plane.call(plane.context("r1", "INCREMENTAL"), sink=None)
    assert taken(plane, plane.call(plane.context("r1", "INCREMENTAL"), sink=None)) == wanted


def test_batches_are_bounded_by_records_and_by_bytes(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_over_records, "BATCH_RECORDS", 3)
    by_records = taken(plane, plane.call(plane.context("r1", "FULL"), sink=None))
    assert [len(batch) for batch in by_records] == [3, 3, 1]
    monkeypatch.setattr(hand_over_records, "BATCH_BYTES", 300)
    by_bytes = taken(plane, plane.call(plane.context("r2", "FULL"), sink=None))
    assert (
        list(chain(*by_bytes)) == list(chain(*by_records))
        and max(len(batch) for batch in by_bytes) < 3
    )


def test_a_full_run_hands_over_all_its_slices_at_once(plane: ControlPlane) -> None:
    first = plane.call(plane.context("r1", "FULL", cancelled=lambda: True), sink=None)
    assert (first.outcome, first.enrichment) == ("CONTINUE", None)
    last = plane.call(plane.context("r1", "FULL", slice=1, continuation=first.resume), sink=None)
    assert last.done and sum(len(batch) for batch in taken(plane, last)) == 7


def test_a_tick_that_found_nothing_hands_nothing_over(plane: ControlPlane) -> None:
    plane.source.records = []
    result = plane.call(plane.context("r1", "FULL"), sink=None)
    assert (result.outcome, result.done, result.enrichment) == ("COMMITTED", True, None)


def test_a_unit_without_entities_is_refused_before_it_is_read(plane: ControlPlane) -> None:
    plain = replace(plane, source=ListedSource(plane.source.records))
    with pytest.raises(FatalError) as raised:
        plain.call(plane.context("r1", "FULL"), sink=None)
    assert raised.value.code == "CONFIG_INVALID" and plain.source.pages_read == 0


def test_what_is_no_id_is_known_by_its_hash_and_nobody_is_no_relation() -> None:
    assert entity_id("712020:af-1") == "712020:af-1"
    assert entity_id("ö") == hashlib.sha256("ö".encode()).hexdigest() != entity_id("ä")
    entities = SourceOfEntities([]).entity_map("list.things")
    assert entities is not None
    for nobody in (None, "", "nothing"):
        assert entities.entity({"id": "1", "title": nobody}, None)["relations"] == []
