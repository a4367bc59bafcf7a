"""Makes `schemas/examples/budget/steps.json`: walks through the budget's law, as this side computes
them; the other side is held to them. Run it after a change of the law:
`.venv/bin/python python-worker/tests/sdk/http/budget/make_steps.py`.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from inlet_sdk.http.budget.bucket import (
    Ask,
    Bucket,
    Hold,
    full_bucket,
    held,
    leased,
    refilled,
    settled,
    used_since,
    wait_ms,
)
from inlet_sdk.http.budget.limits import Limits
from inlet_worker.host.table_bucket import bucket_json, bucket_of

PLACE = Path(__file__).parents[5] / "schemas/examples/budget/steps.json"
START = 1_772_445_600_000
WALKS = 24
STEPS = 14


def played(step: dict[str, Any], bucket: Bucket, limits: Limits) -> tuple[Bucket, Any]:
    """The bucket after a step, and what the step answers."""
    now = step["now"]
    match step["do"]:
        case "lease":
            after, lease = leased(bucket, limits, Ask(**step["ask"]), now)
            return after, lease and {"tokens": lease.tokens, "until": lease.until}
        case "settle":
            return settled(
                bucket, limits, step["holder"], step["leaseId"], step["spent"], now
            ), None
        case "hold":
            hold = Hold(step["until"], step["reason"])
            return held(bucket, limits, hold, now, slow_down=step["slowDown"]), None
        case "wait":
            return bucket, wait_ms(bucket, limits, Ask(**step["ask"]), now)
        case "used":
            return bucket, list(used_since(bucket, now))
        case _:
            return refilled(bucket, limits, now), None


def walk(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    given = {
        "requestsPerSecond": chance.choice([0.05, 0.3, 1, 7.7, 10, 33.3, 100, 999.9]),
        "burst": chance.choice([1, 2, 20, 60, 13_000]),
        "reservedShare": chance.choice([0, 0.1, 0.25, 0.9]),
    }
    limits = Limits(*given.values())
    now, bucket, steps = START + chance.randrange(10**7), None, []
    bucket = begin = full_bucket(limits, now)
    granted: list[tuple[str, str, int]] = []

    for number in range(STEPS):
        now += chance.choice([0, 1, 7, 250, 1999, 2000, 3001, 30_000, 61_000, 4_000_000, -500])
        step = a_step(chance, number, now, granted)
        bucket, answer = played(step, bucket, limits)
        if step["do"] == "lease" and answer:
            granted.append((step["ask"]["holder"], step["ask"]["lease_id"], answer["tokens"]))
        steps.append({**wire(step), "answer": answer, "bucket": bucket_json(bucket)})

    return {"limits": given, "bucket": bucket_json(begin), "steps": steps}


def a_step(
    chance: random.Random, number: int, now: int, granted: list[tuple[str, str, int]]
) -> dict[str, Any]:
    ask = {
        "holder": chance.choice(["one", "two", "ann"]),
        "lease_id": f"lease-{number if chance.random() < 0.9 else number - 1}",
        "tokens": chance.choice([1, 2, 8, 40, 1000]),
        "people": chance.random() < 0.3,
        "least": chance.choice([1, 1, 1, 3]),
    }
    do = chance.choice(["lease"] * 6 + ["settle"] * 4 + ["hold"] * 3 + ["wait", "used", "refill"])
    if do in ("lease", "wait"):
        return {"do": do, "now": now, "ask": ask}
    if do == "settle" and granted:
        holder, lease_id, tokens = chance.choice(granted[-3:])
        spent = chance.randrange(tokens + 1)
        return {"do": do, "now": now, "holder": holder, "leaseId": lease_id, "spent": spent}
    if do == "hold":
        until = now + chance.choice([1, 900, 5_000, 70_000])
        slow = chance.random() < 0.7
        return {"do": do, "now": now, "until": until, "reason": "http-429", "slowDown": slow}
    return {"do": do if do != "settle" else "refill", "now": now}


def wire(step: dict[str, Any]) -> dict[str, Any]:
    if "ask" not in step:
        return step
    ask = dict(step["ask"])
    ask["leaseId"] = ask.pop("lease_id")
    return {**step, "ask": ask}


def main() -> None:
    walks = [walk(seed) for seed in range(WALKS)]
    for one in walks:  # what is kept as JSON is the same bucket
        assert bucket_json(bucket_of(one["bucket"])) == one["bucket"]
    comment = (
        "Walks through the law of a shared budget. Made by make_steps.py of the Python worker."
    )
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in walks)
    PLACE.write_text(f'{{"comment":{json.dumps(comment)},"walks":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
