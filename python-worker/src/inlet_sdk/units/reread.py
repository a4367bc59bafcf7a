"""Rows of records that were set aside, made again from what is kept of them, without the site."""

from __future__ import annotations

from collections.abc import Sequence

from inlet_sdk.errors import SkippableError
from inlet_sdk.http.json_record import Record, without_lone_surrogates
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_sdk.units.batches import MakeRow, make_rows
from inlet_sdk.units.unit import Rereader


def rereader(make: MakeRow, *, of_parent: Sequence[str] = ()) -> Rereader:
    """Of a unit whose rows `make` makes. `of_parent` are columns that the record itself does not
    tell: they are taken from what is known of its row.
    """

    def reread(record: QuarantinedRecord, fields: Sequence[FieldDescriptor]) -> Row:
        known = record.row or {}
        inherited = {name: known[name] for name in of_parent if name in known}
        rows, bad = make_rows([kept_record(record)], make, inherited)
        if bad:
            raise SkippableError(bad[0].code, bad[0].reason)
        return rows[0]

    return reread


def kept_record(quarantined: QuarantinedRecord) -> Record:
    """The vendor's record again."""
    original = quarantined.raw.encode()
    return Record(without_lone_surrogates(original), original)
