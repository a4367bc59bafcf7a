"""What every staging provider promises. A provider's test subclasses this and gives `provider`."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.ports.staging_provider import StagingProvider, StagingSession
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.reported import Reported

FIELDS = (
    FieldDescriptor("id", "string", nullable=False),
    FieldDescriptor("summary", "string"),
    FieldDescriptor("votes", "long"),
    FieldDescriptor("updated", "timestamp"),
    FieldDescriptor("labels", "json"),
)


def a_row(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": str(number),
        "summary": f"row {number}",
        "votes": number,
        "updated": 1_700_000_000_000 + number,
    }
    return {**row, "_raw": orjson.dumps(row).decode(), **changes}


def ids(session: StagingSession, chunk_size: int = 1000, since: int = 0) -> list[str]:
    return [
        i
        for b in session.reader(since).iter_batches(chunk_size)
        for i in b.column("id").to_pylist()
    ]


class StagingContract(Reported):
    @pytest.fixture
    def provider(self) -> StagingProvider:
        raise NotImplementedError

    def test_rows_come_back_in_order_and_in_chunks(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        writer = session.writer()
        assert writer.write_batch([a_row(n) for n in range(5)]) == 5
        assert writer.write_batch(a_row(n) for n in range(5, 8)) == 3
        manifest = writer.seal({"read": 8})
        assert manifest.rows == 8 and manifest.facts == {"read": 8}
        assert ids(session) == [str(n) for n in range(8)]
        assert all(b.num_rows <= 3 for b in session.reader().iter_batches(3))

    def test_only_what_is_sealed_exists_for_the_reader(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        session.writer().write_batch([a_row(1)])
        assert session.sealed() is None
        assert session.reader().manifests() == () and ids(session) == []

    def test_sealing_again_returns_the_first_manifest(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        first, second = session.writer(), session.writer()
        first.write_batch([a_row(1)])
        second.write_batch([a_row(2)])
        sealed = first.seal({"by": "first"})
        assert second.seal({"by": "second"}) == sealed == session.sealed()
        assert ids(session) == ["1"]

    def test_a_retry_of_the_same_rows_seals_the_same_objects(
        self, provider: StagingProvider
    ) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        session.writer().write_batch([a_row(n) for n in range(4)])
        retry = session.writer()
        retry.write_batch([a_row(n) for n in range(4)])
        retry.seal({})
        assert ids(session) == ["0", "1", "2", "3"]

    def test_one_row_of_twenty_megabytes_is_staged_beside_small_ones(
        self, provider: StagingProvider
    ) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        writer = session.writer()
        large = "x" * 20_000_000
        for text in ("a", large, "b"):
            writer.write_batch([a_row(0, summary=text)])
        writer.seal({})

        read = [s for b in session.reader().iter_batches(10) for s in b.column("summary")]
        assert [len(text.as_py()) for text in read] == [1, 20_000_000, 1]

    def test_many_objects_come_back_in_order(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        writer = session.writer()
        text = "x" * 1_000_000
        for number in range(60):
            writer.write_batch([a_row(number, summary=text)])
        manifest = writer.seal({})

        assert len(manifest.objects) > 2 and sum(o.rows for o in manifest.objects) == 60
        assert ids(session, 7) == [str(n) for n in range(60)]

    def test_a_reader_sees_all_slices_of_its_epoch_and_no_other(
        self, provider: StagingProvider
    ) -> None:
        for number in range(3):
            writer = provider.allocate_session(a_context(slice=number), FIELDS).writer()
            writer.write_batch([a_row(number)])
            writer.seal({})
        other = provider.allocate_session(a_context(slice=0, epoch=8), FIELDS).writer()
        other.write_batch([a_row(99)])
        other.seal({})
        session = provider.allocate_session(a_context(slice=2), FIELDS)
        assert ids(session) == ["0", "1", "2"]
        assert ids(session, since=2) == ["2"]

    def test_a_missing_slice_is_not_read_over(self, provider: StagingProvider) -> None:
        writer = provider.allocate_session(a_context(slice=1), FIELDS).writer()
        writer.write_batch([a_row(1)])
        writer.seal({})
        with pytest.raises(RetryableError) as raised:
            provider.allocate_session(a_context(slice=1), FIELDS).reader().manifests()
        assert raised.value.code == "STAGING_CORRUPT"

    def test_projection_reads_the_named_columns_only(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        writer = session.writer()
        writer.write_batch([a_row(1)])
        writer.seal({})
        batch = next(session.reader().iter_batches(10, columns=["_hash", "id"]))
        assert batch.schema.names == ["_hash", "id"]

    def test_a_row_without_what_identifies_it_is_left_out_with_its_reason(
        self, provider: StagingProvider
    ) -> None:
        writer = provider.allocate_session(a_context(), FIELDS).writer()
        assert writer.write_batch([a_row(1), a_row(2, id={}), a_row(3, id=None, votes="x")]) == 1
        misfits = writer.misfits()
        assert [m.index for m in misfits] == [1, 2]
        assert "id is not a string" in misfits[0].reason and "id is null" in misfits[1].reason
        assert writer.misfits() == () and not writer.unfit

    def test_a_value_that_does_not_fit_is_null_counted_and_kept_as_text(
        self, provider: StagingProvider
    ) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        writer = session.writer()
        rows = [
            a_row(1),
            a_row(2, votes="many"),
            a_row(3, updated="soon", votes=1.5),
            a_row(4, _unfit={"votes": '"x"'}),
        ]

        assert writer.write_batch(rows) == 4 and writer.misfits() == ()
        assert writer.unfit == {"votes": 3, "updated": 1}
        writer.seal({})
        read = [r for b in session.reader().iter_batches(10) for r in b.to_pylist()]
        assert [r["votes"] for r in read] == [1, None, None, 4]
        told = [orjson.loads(r["_unfit"] or "{}") for r in read]
        assert told == [{}, {"votes": "many"}, {"votes": 1.5, "updated": "soon"}, {"votes": "x"}]

    def test_control_characters_and_megabytes_survive(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        writer = session.writer()
        big = '"' + "x" * 1_500_000 + '"'
        writer.write_batch(
            [a_row(1, summary="a\x00b\x1f", _raw='{"a":"\\u0000\\ud800"}'), a_row(2, _raw=big)]
        )
        writer.write_batch([a_row(3, summary="lone \ud800 half")])
        writer.seal({})
        rows = [r for b in session.reader().iter_batches(10) for r in b.to_pylist()]
        assert rows[0]["summary"] == "a\x00b\x1f" and rows[0]["_raw"] == '{"a":"\\u0000\\ud800"}'
        assert rows[1]["_raw"] == big
        assert rows[2]["summary"] == "lone \ufffd half"

    def test_close_leaves_nothing_and_can_be_repeated(self, provider: StagingProvider) -> None:
        for number in range(2):
            writer = provider.allocate_session(a_context(slice=number), FIELDS).writer()
            writer.write_batch([a_row(number)])
            writer.seal({})
        session = provider.allocate_session(a_context(slice=1), FIELDS)
        session.close()
        session.close()
        assert session.sealed() is None
        assert provider.sweep(lambda tenant_id, run_id: False) == 0

    def test_sweep_deletes_the_runs_that_are_not_kept(self, provider: StagingProvider) -> None:
        for tenant, run in (("acme", "dead"), ("acme", "live"), ("umbrella", "dead")):
            writer = provider.allocate_session(
                a_context(tenant_id=tenant, run_id=run), FIELDS
            ).writer()
            writer.write_batch([a_row(1)])
            writer.seal({})
        kept = {("acme", "live"), ("umbrella", "dead")}
        assert provider.sweep(lambda tenant_id, run_id: (tenant_id, run_id) in kept) == 1
        assert provider.allocate_session(a_context(run_id="dead"), FIELDS).sealed() is None
        assert provider.allocate_session(a_context(run_id="live"), FIELDS).sealed()
        other = a_context(tenant_id="umbrella", run_id="dead")
        assert provider.allocate_session(other, FIELDS).sealed()

    def test_quarantine_outlives_the_session(self, provider: StagingProvider) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        key = session.quarantine([QuarantinedRecord("7", "RECORD_INVALID", "no id", "{}")], 0)
        session.close()
        assert key == "quarantine/acme/endpoint-1/jira.issues/run-1/000000-000000.jsonl"
        line = b'{"key":"7","code":"RECORD_INVALID","reason":"no id","raw":"{}",'
        line += b'"row":null,"epoch":%d}\n'
        assert self.stored(provider, key) == line % session.context.epoch

    def test_what_is_handed_over_is_there_until_the_session_closes(
        self, provider: StagingProvider
    ) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        keys = [session.hand_over(name, name.encode()) for name in ("a", "b", "a")]
        assert keys[0] == keys[2] != keys[1] and keys[0].startswith(f"{session.id}/")
        assert [self.stored(provider, key) for key in keys] == [b"a", b"b", b"a"]
        session.close()
        with pytest.raises((KeyError, FileNotFoundError)):
            self.stored(provider, keys[0])

    def stored(self, provider: StagingProvider, key: str) -> bytes:
        raise NotImplementedError

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(batches=st.lists(st.lists(st.text(), max_size=5), max_size=5), chunk=st.integers(1, 7))
    def test_any_text_comes_back_as_it_went(
        self, provider: StagingProvider, batches: list[list[str]], chunk: int
    ) -> None:
        session = provider.allocate_session(a_context(), FIELDS)
        session.close()
        writer = session.writer()
        for batch in batches:
            writer.write_batch([a_row(n, summary=text) for n, text in enumerate(batch)])
        writer.seal({})
        read = [
            s for b in session.reader().iter_batches(chunk) for s in b.column("summary").to_pylist()
        ]
        assert read == [text for batch in batches for text in batch]
