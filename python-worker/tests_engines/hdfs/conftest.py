from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, hdfs_jars: list[Path]) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("hdfs"), hdfs_jars)
    yield started
    started.kill()
