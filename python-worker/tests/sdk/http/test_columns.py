"""A value is read as exactly what it is, or told: never as something else."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Raw

from inlet_sdk.http.columns import ColumnReader, column, epoch_ms, to_id
from inlet_sdk.http.exact_values import CONVERTERS
from inlet_sdk.ports.column_values import Unfit


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", '"a\\u0000b"', "a\0b"),
        ("string", "12", "12"),
        ("string", "17.250", "17.250"),
        ("string", "false", "false"),
        ("string", '{"a": 1}', '{"a": 1}'),
        ("json", "[1, 2]", "[1, 2]"),
        ("json", '"x"', '"x"'),
        ("long", "9223372036854775807", 2**63 - 1),
        ("long", "-9223372036854775808", -(2**63)),
        ("long", "1.0", 1),
        ("long", "3.6e3", 3600),
        ("long", '"7"', 7),
        ("double", "2.5", 2.5),
        ("double", "1E+2", 100.0),
        ("double", '"12.5"', 12.5),
        ("double", "0.1", 0.1),
        ("double", "3.141592653589793", 3.141592653589793),
        ("double", "0.30000000000000004", 0.1 + 0.2),
        ("double", "9007199254740992", 2.0**53),
        ("double", "9007199254740994", 2.0**53 + 2),
        ("double", "1e300", 1e300),
        ("double", "-0.0", -0.0),
        ("boolean", "true", True),
        ("date", '"2026-03-02"', date(2026, 3, 2)),
        ("date", '"0001-01-01"', date(1, 1, 1)),
        (
            "timestamp",
            '"2026-03-02T09:12:44.123+0530"',
            datetime(2026, 3, 2, 3, 42, 44, 123000, UTC),
        ),
        ("timestamp", '"2026-03-02T09:12:44Z"', datetime(2026, 3, 2, 9, 12, 44, tzinfo=UTC)),
        (
            "timestamp",
            '"2026-03-02T09:12:44.123456000Z"',
            datetime(2026, 3, 2, 9, 12, 44, 123456, UTC),
        ),
    ],
)
def test_a_value_fits_its_column(type_: str, text: str, value: Any) -> None:
    assert CONVERTERS[type_](Raw(text.encode())) == value


@pytest.mark.parametrize("type_", CONVERTERS)
def test_null_is_no_value_of_any_column(type_: str) -> None:
    assert CONVERTERS[type_](Raw(b"null")) is None


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        *(
            ("double", text)
            for text in (
                *(
                    '"1_000"',
                    '"\\uff11\\uff12"',
                    '" 12 "',
                    '"0x10"',
                    '"1e3"',
                    '"+5"',
                    '"007"',
                    '""',
                ),
                *('"12,5"', '".5"', '"NaN"', '"Infinity"', '"twelve"', "1e400", "1e-400", "true"),
                *(
                    "9007199254740993",
                    "123456789012345678901",
                    "[3]",
                    '{"v":1}',
                    "14.000000000000001",
                ),
                *("0.1000000000000000055511151231257827", "1e99999999999999999999"),
            )
        ),
        *(
            ("long", text)
            for text in (
                *(
                    "9223372036854775808",
                    "1.5",
                    "true",
                    '"1e3"',
                    '"1_000"',
                    '"0x10"',
                    "1e400",
                    "{}",
                ),
                *('" 7"', "1e999999999", "-9223372036854775809", '"\\u0661"', "1" * 5_000),
            )
        ),
        *(("boolean", text) for text in ('"true"', "1", "0", '"no"', "[]")),
        *(
            ("date", text)
            for text in (
                *('"2026-03-02T00:00:00.000+0000"', '"2026-03-02T22:30:00-08:00"', '"20260302"'),
                *("20260302", '"2026-3-2"', '"2026-02-30"', '"10000-01-01"', '"0000-00-00"', '""'),
                *('"2026-W10-1"', '"soon"', '" 2026-03-02"', "{}"),
            )
        ),
        *(
            ("timestamp", text)
            for text in (
                *('"2026-03-02T09:12:44"', '"2026-03-02"', '"2026-06-30T23:59:60.000+0000"', '""'),
                *(
                    '"10000-01-01T00:00:00Z"',
                    '"0001-01-01T00:00:00.000+1400"',
                    "5",
                    "1704412800000",
                ),
                *('"2026-03-02T09:12:44.1234567Z"', '"2026-03-02T09:12:44+99:00"', '"noon"', "[]"),
            )
        ),
    ],
)
def test_a_value_that_is_not_exactly_one_of_its_column_does_not_fit(type_: str, text: str) -> None:
    with pytest.raises(Unfit):
        CONVERTERS[type_](Raw(text.encode()))
    reader = ColumnReader([column("c", type_), column("inner", type_, "parent.c")])
    members = msgspec.json.decode(f'{{"c":{text},"parent":{{"c":{text}}}}}', type=dict[str, Raw])
    assert reader.read(members) == {"_unfit": {"c": text, "inner": text}}


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    | st.datetimes().map(str)
    | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(CONVERTERS)), JSON_VALUES)
def test_any_json_value_is_read_exactly_or_told(type_: str, value: Any) -> None:
    text = json.dumps(value)
    row = ColumnReader([column("c", type_)]).read({"c": Raw(text.encode())})
    if value is None:
        assert row == {}
    elif "_unfit" in row:
        assert row == {"_unfit": {"c": text}}
    else:
        assert _means(type_, row["c"], value, text)


def _means(type_: str, read: Any, value: Any, text: str) -> bool:
    if type_ == "string":
        return bool(read == (value if isinstance(value, str) else text))
    if type_ == "json":
        return bool(read == text)
    if type_ == "boolean":
        return read is value
    if type_ == "date":
        return bool(read.isoformat() == value)
    if type_ == "timestamp":
        return bool(read == datetime.fromisoformat(value))
    if type_ == "long" or not isinstance(value, float):
        return Decimal(read) == Decimal(str(value)) or repr(read) == repr(float(value))
    return bool(read == value)


@example(2.0**-24)  # half-way between two texts of sixteen digits
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_a_writer_of_doubles_writes_is_that_double_again(number: float) -> None:
    for text in (repr(number), f"{number:.17g}", f"{number:.16e}"):
        assert CONVERTERS["double"](Raw(text.encode())) == number


@given(st.integers(-(2**70), 2**70))
def test_a_whole_number_is_a_double_only_where_it_is_exact(number: int) -> None:
    text = Raw(str(number).encode())
    if float(number) == number:
        assert CONVERTERS["double"](text) == number
        return
    with pytest.raises(Unfit):
        CONVERTERS["double"](text)


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
    assert reader.read({"person": Raw(b"null")}) == {}


def test_a_parent_that_is_no_object_fits_none_of_its_columns() -> None:
    reader = ColumnReader([column("id", "string", "p.id"), column("key", "string", "p.key")])
    assert reader.read({"p": Raw(b'"X"')}) == {"_unfit": {"id": '"X"', "key": '"X"'}}


@pytest.mark.parametrize(
    "text", ["0", "-1", "007", "1_000", " 7", "7 ", "+7", "\uff17", "", "x", "1.0"]
)
def test_another_spelling_of_a_number_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="is no id"):
        to_id(text)


def test_ids_have_64_bits() -> None:
    assert to_id(str(2**63 - 1)) == 2**63 - 1
    with pytest.raises(ValueError, match="is no id"):
        to_id(str(2**63))
