"""A server that takes LOAD DATA, and one that does not, as MySQL does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import SinkContract

from .servers import Server
from .suite import JdbcSubject


class TestJdbcSinkOnMariadb(JdbcSubject, SinkContract, MaintenanceContract):
    subject = "jdbc on MariaDB"

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, server_of: Callable[..., Server]) -> Server:
        return server_of("mariadb", "--local-infile=1", "--max-allowed-packet=16M")


class TestJdbcSinkOnMariadbByInsert(JdbcSubject, SinkContract, MaintenanceContract):
    subject = "jdbc on MariaDB by INSERT"

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, server_of: Callable[..., Server]) -> Server:
        # A row cannot be larger than a packet, of which MySQL has 64 MB.
        return server_of("mariadb", "--local-infile=0", "--max-allowed-packet=64M")
