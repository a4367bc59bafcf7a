"""What a sink cannot do, it says in its descriptor, and refuses before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from inlet_sdk.ports.described_endpoint import Mode
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.subject import TARGET, SinkUnderTest, a_commit, refused


class RefusalLaws(SinkUnderTest):
    @pytest.mark.parametrize("mode", get_args(Mode))
    def test_a_mode_lands_or_is_refused_as_the_descriptor_says(
        self, tmp_path: Path, mode: Any
    ) -> None:
        sink = self.open_sink(tmp_path)
        if mode in sink.descriptor.modes:
            assert self.land(sink, [a_row(1)], a_commit(mode=mode)).landed == 1
            return
        error = refused("CONFIG_INVALID", lambda: self.land(sink, [a_row(1)], a_commit(mode=mode)))
        assert mode in error.message and sink.landed_target(TARGET) is None

    def test_its_descriptor_says_what_it_can_do(self, tmp_path: Path) -> None:
        able = self.open_sink(tmp_path).descriptor
        assert able.kind == "sink" and able.capabilities and able.sweeps_after_days > 0
        assert {"FULL", "INCREMENTAL"} <= set(able.modes)
        assert ("SCD1" in able.modes) == able.compares_versions
        assert not able.deletes or able.compares_versions
        assert able.config_schema["additionalProperties"] is False
