"""`cdm` in the registry of sinks. It has no place of its own: `temporal/endpoints.py` opens the
sink that it is written through.
"""

from __future__ import annotations

from typing import Any, NoReturn

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.cdm.descriptor import DESCRIPTOR
from inlet_worker.sinks.sink_type import SinkAccess, SinkType


def _open(_: dict[str, Any], __: SinkAccess) -> NoReturn:
    raise FatalError(
        "CONFIG_INVALID",
        "Sink cdm: config.through must name a sink of the tenant. Correct it.",
        details={"field": "config.through"},
    )


CDM = SinkType(DESCRIPTOR, _open)
