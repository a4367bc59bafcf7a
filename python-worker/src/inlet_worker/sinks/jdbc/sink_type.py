"""What the registry knows of `jdbc`. It loads no driver."""

from __future__ import annotations

from typing import Any

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.sinks.jdbc.descriptor import DESCRIPTOR
from inlet_worker.sinks.jdbc.login import login_of
from inlet_worker.sinks.sink_type import SinkAccess, SinkType


def _open(place: dict[str, Any], access: SinkAccess) -> SinkEndpoint:
    from inlet_worker.sinks.jdbc.endpoint import JdbcSink

    return JdbcSink(place, access.guard, login_of(access.credential))


JDBC = SinkType(descriptor=DESCRIPTOR, open=_open)
