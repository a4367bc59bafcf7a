"""Compares a landed lake with what a Jira site says a complete copy holds, and prints the
difference as JSON.

    python tests/replay/verify.py '{"lake": {...}, "namespace": "jira", "truthUrl":
    "http://127.0.0.1:8099/__control/truth"}'

For each unit: ids landed against ids of the truth, each once, and the sha256 of each landed `_raw`
against the truth's (JSON with sorted keys, no spaces, UTF-8 unescaped; of an issue `{id, key,
fields}` without comments and worklogs).
"""

import hashlib
import json
import sys
from collections import Counter
from typing import Any
from urllib.request import urlopen

from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import NoSuchTableError

PRIMARY_KEY = {
    "projects": "id",
    "users": "accountId",
    "issues": "id",
    "comments": "id",
    "worklogs": "id",
}


def canonical_sha256(record: Any) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hashed_part(unit: str, record: dict[str, Any]) -> Any:
    if unit != "issues":
        return record
    fields = {
        name: value
        for name, value in record["fields"].items()
        if name not in ("comment", "worklog")
    }
    return {"id": record["id"], "key": record["key"], "fields": fields}


def compare(unit: str, lake: dict[str, str], namespace: str, truth_url: str) -> dict[str, Any]:
    with urlopen(f"{truth_url}?unit={unit}") as answer:
        truth = {row["id"]: row["sha256"] for row in json.load(answer)["values"]}
    key = PRIMARY_KEY[unit]
    try:
        table = load_catalog("lake", **lake).load_table(f"{namespace}.{unit}")
        landed = table.scan(selected_fields=(key, "_raw", "_deleted_at")).to_arrow().to_pylist()
    except NoSuchTableError:
        landed = []
    rows = [row for row in landed if row["_deleted_at"] is None]
    counts = Counter(row[key] for row in rows)
    wrong = [
        row[key]
        for row in rows
        if canonical_sha256(hashed_part(unit, json.loads(row["_raw"]))) != truth.get(row[key])
    ]
    return {
        "unit": unit,
        "truth": len(truth),
        "landed": len(rows),
        "missing": len(truth.keys() - counts.keys()),
        "extra": len(counts.keys() - truth.keys()),
        "duplicates": sum(n - 1 for n in counts.values()),
        "wrongSha256": len(wrong),
        "tombstones": len(landed) - len(rows),
        "examples": sorted(set(wrong) | (truth.keys() - counts.keys()))[:5],
    }


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    units = asked.get("units") or list(PRIMARY_KEY)
    print(
        json.dumps(
            [compare(unit, asked["lake"], asked["namespace"], asked["truthUrl"]) for unit in units]
        )
    )
