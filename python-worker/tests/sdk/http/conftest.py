from __future__ import annotations

from collections.abc import Iterator

import pytest

from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import FakeSite, json_answer


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with FakeSite() as site:
        site.route(
            "GET", "/thing", lambda asked: json_answer({"auth": asked.headers.get("Authorization")})
        )
        yield site


@pytest.fixture
def time() -> FakeClock:
    return FakeClock()
