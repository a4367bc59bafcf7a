"""The addresses that both languages judge alike (`schemas/examples/egress`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[5] / "schemas/examples/egress"
VECTORS: dict[str, Any] = json.loads((EXAMPLES / "addresses.json").read_text())

ALWAYS_REFUSED: list[str] = [url for urls in VECTORS["refused"].values() for url in urls]
LOCAL: list[str] = [url for urls in VECTORS["local"].values() for url in urls]
REFUSED_IN_AWS = ALWAYS_REFUSED + LOCAL
LEGAL: list[str] = VECTORS["legal"]
