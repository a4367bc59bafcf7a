"""What a full reading lacks is found range by range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.pipeline.unread_keys import unread_keys
from inlet_worker.staging import key_runs

KEYS = st.lists(st.lists(st.none() | st.text(max_size=3), max_size=12), max_size=8)


@pytest.fixture(autouse=True)
def small_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_runs, "RUN_BYTES", 200)
        patch.setattr(key_runs, "BLOCK_BYTES", 60)
        yield


@given(KEYS, KEYS)
def test_they_are_those_that_a_set_would_find(
    landed: list[list[str | None]], read: list[list[str | None]]
) -> None:
    unread, count = unread_keys(
        *([pa.array(part, pa.string()) for part in keys] for keys in (landed, read))
    )

    there, came = ({key for part in keys for key in part} for keys in (landed, read))
    assert Counter(unread.to_pylist()) == Counter(there - came)
    assert count == len(there)
