"""The extras are here, and here only."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / ".venv/bin/python"
EXTRAS = ["pandas", "duckdb", "pyspark"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_installed_here_and_not_where_the_core_tests_run(extra: str) -> None:
    asked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({extra!r}) is not None)"

    assert importlib.util.find_spec(extra) is not None
    assert subprocess.run([CORE, "-c", asked], check=False).returncode == 0


def test_archives_of_the_engines_are_there(spark_jars: list[Path], hdfs_jars: list[Path]) -> None:
    assert any(jar.name.startswith("iceberg-spark-runtime-") for jar in spark_jars)
    assert any(jar.name.startswith("hadoop-hdfs-3") for jar in hdfs_jars)
