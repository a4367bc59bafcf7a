from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import RetryableError
from inlet_worker.host import kept_value
from inlet_worker.host.item_size import item_bytes
from inlet_worker.host.kept_value import keep, opened, reference_of

VECTORS = json.loads((Path(__file__).parents[3] / "schemas/examples/kept/vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_both_languages_read_the_same(vector: dict[str, Any]) -> None:
    parts = [base64.b64decode(part) for part in vector["parts"]]
    assert opened(parts, vector) == vector["value"]
    for damaged in ({**vector, "length": vector["length"] - 1}, {**vector, "sha256": "0" * 64}):
        with pytest.raises(RetryableError, match="damaged"):
            opened(parts, damaged)
    with pytest.raises(RetryableError, match="damaged"):
        opened(parts[1:], vector)


def test_small_values_stay_and_large_ones_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keep({"n": 1}, "X") is None and reference_of({"n": 1}) is None
    monkeypatch.setattr(kept_value, "PART_BYTES", 1000)
    value = [f"{n * 7919 % 100_003}é" for n in range(20_000)]
    kept = keep(value, "X")
    assert kept is not None and len(kept.parts) > 10
    reference = reference_of(kept.reference)
    assert reference is not None and reference["parts"] == len(kept.parts)
    assert opened([data for _, data in kept.parts], reference) == value
    assert [sk for sk, _ in kept.parts] == sorted(sk for sk, _ in kept.parts)


def test_items_weigh_what_dynamodb_says() -> None:
    assert item_bytes({"pk": {"S": "abc"}, "n": {"N": "12345"}, "yes": {"BOOL": True}}) == 5 + 6 + 4
    assert (
        item_bytes({"l": {"L": [{"S": "é"}, {"N": "1"}]}, "b": {"B": b"12345"}})
        == 1 + 3 + 3 + 4 + 6
    )
    assert (
        item_bytes({"m": {"M": {"k": {"S": "v"}}}, "s": {"SS": ["a", "bc"]}})
        == 1 + 3 + 1 + 2 + 1 + 6
    )
