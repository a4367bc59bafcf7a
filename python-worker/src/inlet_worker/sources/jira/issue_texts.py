"""What lands of an issue, cut out of its page in one go."""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from inlet_sdk.http.columns import epoch_ms, to_id
from inlet_sdk.http.exact_values import to_timestamp
from inlet_sdk.http.json_record import string_of
from inlet_sdk.ports.column_values import Unfit

_NULL = Raw(b"null")
_ID = re.compile(rb'"([1-9][0-9]{0,18})"')


class _Changed(msgspec.Struct, gc=False):
    updated: Raw = _NULL


_changed = msgspec.json.Decoder(_Changed)


class IssueTexts(msgspec.Struct, gc=False):
    """The members that land, in the vendor's own bytes."""

    id: Raw
    key: Raw
    fields: Raw

    def known(self) -> tuple[int, str, int | None] | None:
        """Id, key and time of the change in epoch milliseconds. None where the members are not a
        number, a text and an object.
        """
        number = _ID.fullmatch(self.id)
        if number is None or bytes(memoryview(self.key)[:1]) != b'"':
            return None
        try:
            changed = updated_in(_changed.decode(self.fields).updated)
            return to_id(number[1].decode()), string_of(self.key), changed
        except (msgspec.DecodeError, ValueError):
            return None

    def landed(self) -> bytes:
        """What lands as `_raw`."""
        return b'{"id":%b,"key":%b,"fields":%b}' % (self.id, self.key, self.fields)


def updated_in(raw: Raw) -> int | None:
    """Epoch milliseconds; None for what is no instant. Raises msgspec.DecodeError."""
    try:
        at = to_timestamp(raw)
    except Unfit:
        return None
    return None if at is None else epoch_ms(at)
