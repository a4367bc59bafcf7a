"""The walks of `schemas/examples/budget/steps.json`, which hold both languages to one law."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inlet_sdk.http.budget.limits import Limits
from inlet_worker.host.table_bucket import bucket_json, bucket_of

from .make_steps import PLACE, played

WALKS = json.loads(PLACE.read_text())["walks"]


@pytest.mark.parametrize("walk", WALKS)
def test_each_step_gives_the_same_on_both_sides(walk: Any) -> None:
    limits, bucket = Limits(*walk["limits"].values()), bucket_of(walk["bucket"])
    for step in walk["steps"]:
        if "ask" in step:
            ask = {**step["ask"], "lease_id": step["ask"]["leaseId"]}
            del ask["leaseId"]
            step = {**step, "ask": ask}
        bucket, answer = played(step, bucket, limits)
        assert (answer, bucket_json(bucket)) == (step["answer"], step["bucket"])


def test_the_walks_meet_every_part_of_the_law() -> None:
    steps = [step for walk in WALKS for step in walk["steps"]]
    leases = [step["answer"] for step in steps if step["do"] == "lease"]
    assert {step["do"] for step in steps} == {"lease", "settle", "hold", "wait", "used", "refill"}
    assert leases.count(None) > 20 and len(leases) - leases.count(None) > 20
    assert any(step["bucket"]["wall"] for step in steps)
