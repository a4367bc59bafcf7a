from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.deletion_guard import may_go

ROWS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("count", "landed", "may"),
    [
        (0, 0, True),
        (100, 100, True),
        (101, 101, False),
        (101, 2020, True),
        (102, 2020, False),
        (3, 3, True),
    ],
)
def test_the_greater_of_a_hundred_and_five_per_cent_may_go(
    count: int, landed: int, may: bool
) -> None:
    assert may_go(count, landed, approved=False) is may
    assert may_go(count, landed, approved=True)


@given(count=ROWS, landed=ROWS)
def test_no_more_goes_unasked_whatever_has_landed(count: int, landed: int) -> None:
    if may_go(count, landed, approved=False):
        assert count <= 100 or count * 20 <= landed
