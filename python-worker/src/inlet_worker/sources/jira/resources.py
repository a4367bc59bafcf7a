"""The API resources we use, from `resources.json`: method, path, JSON Schema of an answer, a sample
of one.
"""

from __future__ import annotations

import json
from pathlib import Path

from inlet_sdk.ports.described_endpoint import Resource


def load_resources() -> tuple[Resource, ...]:
    entries = json.loads(Path(__file__).with_name("resources.json").read_text("utf-8"))
    return tuple(Resource(**entry) for entry in entries)


RESOURCES = load_resources()
