"""Records that were set aside are shown to people as the source sent them, but for what they repeat
of us.
"""

from __future__ import annotations

import base64
import json

from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.redaction import REDACTED, guard_values
from inlet_worker.staging.quarantine import json_lines

CANARY = "s3cr3t-canary"


def test_a_record_is_kept_as_it_came() -> None:
    guard_values([CANARY])
    raw = json.dumps({"id": 7, "text": "two\nlines\x1b[31m" + "x" * 10_000})
    (line,) = json_lines(
        [QuarantinedRecord("A-7", "RECORD_INVALID", "Odd.", raw, {"a": "\ud800"})], 3
    ).splitlines()
    kept = json.loads(line)
    assert (kept["key"], kept["raw"], json.loads(kept["row"]), kept["epoch"]) == (
        "A-7",
        raw,
        {"a": "\ud800"},
        3,
    )


def test_what_it_repeats_of_our_credential_is_not_kept() -> None:
    guard_values([CANARY])
    raw = json.dumps(
        {"echo": f"Bearer {CANARY}", "again": base64.b64encode(CANARY.encode()).decode()}
    )
    record = QuarantinedRecord(
        f"\x1b[31m{CANARY}", "RECORD_INVALID", f"It says {CANARY}.", raw, {"a": CANARY}
    )
    kept = json.loads(json_lines([record], 1))
    assert json.loads(kept["raw"]) == {"echo": f"Bearer {REDACTED}", "again": REDACTED}
    assert (kept["key"], json.loads(kept["row"])) == (f"[31m{REDACTED}", {"a": REDACTED})
    assert kept["reason"] == f"It says {REDACTED}."
