"""The whole contract of sinks, and of their upkeep, in a real HDFS."""

from __future__ import annotations

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import SinkContract

from .subject import HdfsSubject


class TestHdfsParquetSink(HdfsSubject, SinkContract, MaintenanceContract):
    pass
