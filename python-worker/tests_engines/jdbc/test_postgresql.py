from __future__ import annotations

from collections.abc import Callable

import pytest

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import SinkContract

from .servers import Server
from .suite import JdbcSubject


@pytest.fixture(scope="module")
def server(server_of: Callable[..., Server]) -> Server:
    return server_of("postgresql")


class TestJdbcSinkOnPostgresql(JdbcSubject, SinkContract, MaintenanceContract):
    subject = "jdbc on PostgreSQL"
