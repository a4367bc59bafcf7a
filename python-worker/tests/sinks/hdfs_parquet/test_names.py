from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_worker.sinks.hdfs_parquet.folders import folder_name, is_snapshot, number_of
from inlet_worker.sinks.hdfs_parquet.place import file_name

TEXTS = st.text(min_size=1, max_size=40)


@given(text=TEXTS)
def test_every_name_is_one_that_hdfs_and_gateways_take_as_it_is(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_=~-][A-Za-z0-9_=.~-]*", file_name(text))


@given(texts=st.lists(TEXTS, min_size=2, max_size=2, unique=True))
def test_two_texts_have_two_names(texts: list[str]) -> None:
    assert file_name(texts[0]) != file_name(texts[1])


@pytest.mark.parametrize("text", [".", "..", "~2E", "%2E", ".."])
def test_nothing_climbs(text: str) -> None:
    assert "/" not in file_name(text) and not file_name(text).startswith(".")


@given(run=TEXTS, number=st.integers(1, 10**14), hides=st.booleans())
def test_a_folder_tells_its_number_and_whether_it_hides(run: str, number: int, hides: bool) -> None:
    name = folder_name(f"{run}/0", number, hides_before=hides)
    assert (number_of(name), is_snapshot(name)) == (number, hides)


@pytest.mark.parametrize(
    "name", ["_log", "_tmp", "commit=1", "commit=x-r", "snapshots=000000000001-r"]
)
def test_other_folders_have_none(name: str) -> None:
    assert (number_of(name), is_snapshot(name)) == (-1, False)
