"""A value lands typed, or as null: never as something else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from inlet_sdk.http.columns import CONVERTERS, ColumnReader, column, epoch_ms


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", '"a\\u0000b"', "a\0b"),
        ("string", "null", None),
        ("string", "12", "12"),
        ("string", '{"a": 1}', '{"a": 1}'),
        ("json", "[1, 2]", "[1, 2]"),
        ("json", '"x"', '"x"'),
        ("json", "null", None),
        ("long", "9223372036854775807", 2**63 - 1),
        ("long", "9223372036854775808", None),
        ("long", "1.0", 1),
        ("long", "1.5", None),
        ("long", '"7"', 7),
        ("long", "true", None),
        ("double", "1e400", None),
        ("double", "2.5", 2.5),
        ("double", '"x"', None),
        ("boolean", "true", True),
        ("boolean", '"true"', None),
        ("date", '"2026-03-02"', date(2026, 3, 2)),
        ("date", '"soon"', None),
        (
            "timestamp",
            '"2026-03-02T09:12:44.123+0530"',
            datetime(2026, 3, 2, 3, 42, 44, 123000, UTC),
        ),
        ("timestamp", '"2026-03-02T09:12:44Z"', datetime(2026, 3, 2, 9, 12, 44, tzinfo=UTC)),
        ("timestamp", '"0001-01-01T00:00:00.000+1400"', None),
        ("timestamp", '""', None),
        ("timestamp", "5", None),
    ],
)
def test_a_value_fits_its_column_or_is_null(type_: str, text: str, value: Any) -> None:
    assert CONVERTERS[type_](Raw(text.encode())) == value


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.integers(-11 * 4, 14 * 4),
)
def test_an_instant_is_the_same_in_every_zone(at: datetime, quarters: int) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    local = at.astimezone(timezone(timedelta(minutes=15 * quarters)))
    text = (
        local.strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{local.microsecond // 1000:03d}"
        + local.strftime("%z")
    )
    assert CONVERTERS["timestamp"](Raw(json.dumps(text).encode())) == at
    assert epoch_ms(at) == round(at.timestamp() * 1000)


def test_both_hours_of_a_dst_fold_stay_apart() -> None:
    first, second = (
        CONVERTERS["timestamp"](Raw(f'"2026-10-25T02:30:00.000{zone}"'.encode()))
        for zone in ("+0200", "+0100")
    )
    assert epoch_ms(second) - epoch_ms(first) == 3_600_000


def test_nested_members_are_read_and_missing_ones_left_out() -> None:
    reader = ColumnReader(
        [column("statusId", "string", "status.id"), column("who", "string", "person.name")]
    )
    members = msgspec.json.decode(b'{"status": {"id": "3"}, "person": null}', type=dict[str, Raw])
    assert reader.read(members) == {"statusId": "3"}
    assert reader.read({"person": Raw(b'"a string"')}) == {}
