from __future__ import annotations

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import SinkContract

from .subjects import SqliteSubject


class TestJdbcSinkOnSqlite(SqliteSubject, SinkContract, MaintenanceContract):
    pass
