"""The answers of `schemas/examples/budget/refusals.json`, as `core/rate-limit.ts` reads them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from urllib3 import HTTPHeaderDict

from inlet_sdk.http.rate_limit import read_rate_limit, resume_time

VECTORS = json.loads(
    (Path(__file__).parents[4] / "schemas/examples/budget/refusals.json").read_text()
)
NOW = datetime.fromisoformat(VECTORS["now"])


@pytest.mark.parametrize("vector", VECTORS["answers"])
def test_an_answer_says_the_same_on_both_sides(vector: Any) -> None:
    limit = read_rate_limit(vector["status"], HTTPHeaderDict(vector["headers"]), NOW)
    if limit is None:
        assert vector["limit"] is None
        return
    assert vector["limit"] == {"reason": limit.reason, "seconds": limit.seconds}
    shown = (limit.is_quota, limit.is_per_record, limit.is_too_fast)
    assert shown == (vector["quota"], vector["perRecord"], vector["tooFast"])
    assert resume_time(limit, NOW) == datetime.fromisoformat(vector["resumeAt"])
