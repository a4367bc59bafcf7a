"""The rows of a preview as one JSON text that an answer of the API can carry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from inlet_sdk.ports.source_endpoint import Row
from inlet_sdk.redaction import without_secrets
from inlet_worker.host.exact_numbers import with_exact_numbers

MOST_BYTES = 2 * 2**20
"""Of all rows: the API quotes them once more, and a Lambda answers 6 MB."""
LONG_TEXT = 20_000
"""Characters of a value; the rest is in the lake after a run."""


def preview_json(rows: Iterable[Row]) -> tuple[int, bytes]:
    """How many of the first rows there is room for, at least one, and their JSON."""
    parts: list[str] = []
    size = 0
    for row in rows:
        part = _row_json(row)
        if size + len(part) > MOST_BYTES and parts:
            break
        parts.append(part)
        size += len(part)
    return len(parts), f"[{','.join(parts)}]".encode()


def _row_json(row: Row) -> str:
    """ASCII, which escapes lone surrogates as well."""
    plain = {
        name: with_exact_numbers(without_secrets(_cut(value, LONG_TEXT)))
        for name, value in row.items()
    }
    text = json.dumps(plain, default=_plain)
    if len(text) <= MOST_BYTES:
        return text
    return json.dumps(
        {name: _cut(value, LONG_TEXT // 100) for name, value in plain.items()}, default=_plain
    )


def _cut(value: Any, most: int) -> Any:
    """What is no text is small, or a dictionary's entry, which is shown as text where it is not."""
    if isinstance(value, dict | list) and len(text := json.dumps(value, default=_plain)) > most:
        value = text
    return f"{value[:most]}…" if isinstance(value, str) and len(value) > most else value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
