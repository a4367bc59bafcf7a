"""What somebody sees of a site's rows fits an answer, and tells nothing that the site repeats of
us.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from inlet_sdk.redaction import REDACTED, guard_values
from inlet_worker.temporal.preview_rows import LONG_TEXT, MOST_BYTES, preview_json


def test_rows_are_shown_as_they_land() -> None:
    rows = [
        {"id": "1", "at": datetime(2026, 1, 2, tzinfo=UTC), "odd": "\ud800\n", "n": 2**70},
        {"id": "2"},
    ]
    count, body = preview_json(rows)
    at = "2026-01-02T00:00:00+00:00"
    assert (count, json.loads(body)) == (
        2,
        [{"id": "1", "at": at, "odd": "\ud800\n", "n": str(2**70)}, {"id": "2"}],
    )


def test_rows_end_before_they_are_too_many_bytes_for_an_answer() -> None:
    rows = [{"id": str(n), **{f"c{c}": "\u2028" * LONG_TEXT for c in range(2)}} for n in range(100)]
    count, body = preview_json(rows)
    assert (
        1 <= count < 100 and len(json.loads(body)) == count and len(body) <= MOST_BYTES + count + 2
    )


def test_one_row_is_shown_however_large_it_is() -> None:
    row = {f"c{n}": ["x" * 10**5] if n % 2 else "\x00" * 10**6 for n in range(250)}
    count, body = preview_json([row])
    assert count == 1 and len(body) <= MOST_BYTES


def test_no_row_repeats_a_secret() -> None:
    guard_values(["s3cr3t-canary"])
    said = {
        "summary": "it is s3cr3t-canary",
        "_raw": json.dumps({"a": b"s3cr3t-canary".hex()}),
        "entry": {"n": 1},
    }
    _, body = preview_json([said])
    assert json.loads(body) == [
        {"summary": f"it is {REDACTED}", "_raw": f'{{"a": "{REDACTED}"}}', "entry": {"n": 1}}
    ]
