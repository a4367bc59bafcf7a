"""Checkpoints and continuations that were stored before are read, and are written as they were."""

from __future__ import annotations

from typing import Any

import pytest

from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .stored_states import as_json, batches_of, census_of, site_of, stored


def of_unit(stored: dict[str, Any]) -> str:
    return f"{stored['unit']}-{stored['name']}"


@pytest.mark.parametrize("reading", stored("readings"), ids=of_unit)
def test_a_reading_goes_on_from_what_was_stored(reading: dict[str, Any], time: FakeClock) -> None:
    with site_of(reading["scene"]) as site:
        jira = JiraEndpoint(
            {"baseUrl": site.url}, LOGIN, allow_private_networks=True, clock=time.clock()
        )
        assert as_json(batches_of(jira, reading), reading["unit"]) == reading["batches"]
        for batch, rest in zip(reading["batches"], reading["rests"], strict=True):
            again = batches_of(jira, reading, batch["resume"])
            assert as_json(again, reading["unit"]) == rest
        jira.close()


@pytest.mark.parametrize("taken", stored("censuses"), ids=of_unit)
def test_a_census_goes_on_from_what_was_stored(taken: dict[str, Any], time: FakeClock) -> None:
    with site_of(taken["scene"]) as site:
        jira = JiraEndpoint(
            {"baseUrl": site.url}, LOGIN, allow_private_networks=True, clock=time.clock()
        )
        report, before = census_of(site, jira, taken), taken["report"]
        assert report["compared"] == before["compared"]
        # Older censuses said OK beside what speaks against it, and kept less of a comparison.
        assert set(report["codes"]) | {"CENSUS_OK"} == set(before["codes"]) | {"CENSUS_OK"}
        assert before["state"].items() <= report["state"].items()
        jira.close()
