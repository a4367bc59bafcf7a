from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from inlet_worker.config import Settings
from sandbox_server import SandboxServer, sandbox_server

from .broker_server import BrokerServer, broker_server
from .local_aws import local_aws
from .settings import settings_with
from .stage import Stage


@pytest.fixture(scope="package", autouse=True)
def aws(broker: BrokerServer) -> Iterator[dict[str, str]]:
    """For all tests here: the fork server keeps the environment that it was started with."""
    with local_aws() as variables:
        os.environ["AWS_ENDPOINT_URL_LAMBDA"] = broker.url
        yield variables


@pytest.fixture(scope="package")
def broker() -> Iterator[BrokerServer]:
    with broker_server() as server:
        yield server


@pytest.fixture(scope="package")
def sandbox() -> Iterator[SandboxServer]:
    with sandbox_server("--issues", "60", "--seed", "3") as server:
        yield server


@pytest.fixture(scope="package")
def catalog(sandbox: SandboxServer) -> dict[str, list[dict[str, Any]]]:
    """What the first test that plans a run collects: no test changes a dataset of the site."""
    return {}


@pytest.fixture
def stage(
    settings: Settings,
    sandbox: SandboxServer,
    broker: BrokerServer,
    catalog: dict[str, list[dict[str, Any]]],
) -> Stage:
    return Stage(settings, sandbox, broker, catalog)


@pytest.fixture
def lake_folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def settings(aws: dict[str, str], lake_folder: Path) -> Settings:
    """The environment `local`: a SQLite catalogue for each tenant, tables in the lake's bucket."""
    catalog = {
        "type": "sql",
        "uri": f"sqlite:///{lake_folder}/{{tenantId}}.db",
        "warehouse": "s3://lake/lake",
        "s3.endpoint": aws["AWS_ENDPOINT_URL"],
    }
    return settings_with(INLET_LAKE_CATALOG=orjson.dumps(catalog).decode())
