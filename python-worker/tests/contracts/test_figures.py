"""What is typed by hand for speed is what the contract says."""

from __future__ import annotations

from typing import get_type_hints

from inlet_sdk.ports.results import RecordError
from inlet_sdk.ports.run_stats import RunStats
from inlet_worker.contracts import models
from inlet_worker.pipeline.run_stats import NOTHING


def names_of(model: type[models.BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_run_stats_have_the_figures_of_the_contract() -> None:
    assert set(get_type_hints(RunStats)) == names_of(models.RunStats) == set(NOTHING)


def test_record_errors_have_the_members_of_the_contract() -> None:
    assert set(get_type_hints(RecordError)) == names_of(models.RecordError)
