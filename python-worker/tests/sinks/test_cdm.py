"""`cdm` keeps the contract of the sink that it is written through, whichever that is."""

from __future__ import annotations

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import SinkContract

from .cdm_subjects import CdmThroughFiles, CdmThroughIceberg, CdmThroughSqlite


class TestCdmThroughFiles(CdmThroughFiles, SinkContract, MaintenanceContract):
    pass


class TestCdmThroughIceberg(CdmThroughIceberg, SinkContract, MaintenanceContract):
    pass


class TestCdmThroughSqlite(CdmThroughSqlite, SinkContract, MaintenanceContract):
    pass
