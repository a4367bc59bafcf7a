"""Functions of installed packages that a policy may name: those that their package offers as entry
points of the group `inlet.transforms`. A dotted path that no package offers is never imported.
"""

from __future__ import annotations

from importlib.metadata import entry_points

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import FunctionProgram

GROUP = "inlet.transforms"


def packaged_function(name: str) -> tuple[FunctionProgram, str]:
    """The function and the version of its package. Raises FatalError `CONFIG_INVALID` for one that
    no package of this worker offers.
    """
    offered = {point.value: point for point in entry_points(group=GROUP)}
    if name not in offered:
        known = ", ".join(sorted(offered)) or "none"
        raise FatalError(
            "CONFIG_INVALID",
            f"No installed package offers that transform. Offered are: {known}. Name one of them, "
            f"or install a package with an entry point of the group {GROUP}.",
            details={"field": "policy.transform.function"},
        )

    point = offered[name]
    version = f"{point.dist.name} {point.dist.version}" if point.dist else ""
    return FunctionProgram(point.load()), version
