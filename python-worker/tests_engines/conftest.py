"""Fixtures of all engines. `npm run test:engines` installs what they need."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("inlet_sdk.testing")

# A busy machine breaks no law.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

JARS = Path(__file__).parents[2] / ".local/engines/jars"


@pytest.fixture(scope="session")
def spark_jars() -> list[Path]:
    """Archives that Spark needs to read and write our tables."""
    return _jars("spark")


@pytest.fixture(scope="session")
def hdfs_jars() -> list[Path]:
    """Archives of a NameNode and a DataNode."""
    return _jars("hdfs")


def _jars(engine: str) -> list[Path]:
    found = sorted((JARS / engine).glob("*.jar"))
    assert found, f"No archives of {engine} are here: run `npm run test:engines` once."
    return found
