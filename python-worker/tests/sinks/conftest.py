"""Laws that another class tries on the same code are not tried again: each costs seconds on
Iceberg.
"""

from __future__ import annotations

import pytest

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.sink_laws.fencing import FencingLaws
from inlet_sdk.testing.sink_laws.files import FileLaws
from inlet_sdk.testing.sink_laws.kills import KillLaws
from inlet_sdk.testing.sink_laws.landing import LandingLaws
from inlet_sdk.testing.sink_laws.refusals import RefusalLaws
from inlet_sdk.testing.sink_laws.schemas import SchemaLaws
from inlet_sdk.testing.sink_laws.values import ValueLaws
from inlet_sdk.testing.sink_laws.windows import WindowLaws

TRIED_ELSEWHERE: dict[str, tuple[type, ...]] = {
    # It hands everything on, as `TestCdmThroughFiles` shows; what only Iceberg can do stays.
    "TestCdmThroughIceberg": (
        FencingLaws,
        KillLaws,
        MaintenanceContract,
        SchemaLaws,
        ValueLaws,
        WindowLaws,
    ),
    # How a merge changes files is nothing to columns and configurations.
    "TestByDeletes": (RefusalLaws, ValueLaws),
    # `TestIcebergSink` rewrites, too: small tables always are. Here, in many small ranges.
    "TestByRewrites": (
        FileLaws,
        KillLaws,
        LandingLaws,
        MaintenanceContract,
        RefusalLaws,
        SchemaLaws,
        ValueLaws,
        WindowLaws,
    ),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    repeated = [item for item in items if _is_repeated(item)]
    if repeated:
        config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if not _is_repeated(item)]


def _is_repeated(item: pytest.Item) -> bool:
    suite = getattr(item, "cls", None)
    if suite is None or suite.__name__ not in TRIED_ELSEWHERE:
        return False
    law = getattr(item, "originalname", item.name)
    laws = next((kind for kind in suite.__mro__ if law in vars(kind)), None)
    return laws in TRIED_ELSEWHERE[suite.__name__]
