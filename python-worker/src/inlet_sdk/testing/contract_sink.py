"""What every sink promises. A sink's test subclasses this and gives `open_sink`, `rows_of`,
`days_later`, the names of its `steps`, and the staging that its rows come from.
"""

from __future__ import annotations

from inlet_sdk.testing.sink_laws.fencing import FencingLaws
from inlet_sdk.testing.sink_laws.files import FileLaws
from inlet_sdk.testing.sink_laws.kills import KillLaws
from inlet_sdk.testing.sink_laws.landing import LandingLaws
from inlet_sdk.testing.sink_laws.merging import MergingLaws
from inlet_sdk.testing.sink_laws.refusals import RefusalLaws
from inlet_sdk.testing.sink_laws.schemas import SchemaLaws
from inlet_sdk.testing.sink_laws.subject import TARGET, Killed, a_commit, keys_of, killed_at, staged
from inlet_sdk.testing.sink_laws.tombstones import TombstoneLaws
from inlet_sdk.testing.sink_laws.values import ValueLaws
from inlet_sdk.testing.sink_laws.whole import WholeLaws
from inlet_sdk.testing.sink_laws.windows import WindowLaws

__all__ = ["TARGET", "Killed", "SinkContract", "a_commit", "keys_of", "killed_at", "staged"]


class SinkContract(
    LandingLaws,
    FencingLaws,
    KillLaws,
    WholeLaws,
    MergingLaws,
    TombstoneLaws,
    SchemaLaws,
    ValueLaws,
    FileLaws,
    RefusalLaws,
    WindowLaws,
):
    """All laws. What a sink cannot do, it must refuse."""
