"""The golden examples of `schemas/examples/`, read by the generated models as TypeScript reads them
by zod.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from inlet_worker.contracts import models

EXAMPLES = Path(__file__).parents[3] / "schemas/examples"

# Nouns that TypeScript alone handles have examples, but no Python model.
MODELS: dict[str, type[BaseModel]] = {
    name: model
    for name, model in vars(models).items()
    if isinstance(model, type) and issubclass(model, BaseModel) and (EXAMPLES / name).is_dir()
}


def examples(kind: str) -> list[Any]:
    return [
        pytest.param(model, json.loads(path.read_text()), id=f"{name}/{path.stem}")
        for name, model in sorted(MODELS.items())
        for path in sorted((EXAMPLES / name / kind).glob("*.json"))
    ]


@pytest.mark.parametrize(("model", "value"), examples("valid"))
def test_a_valid_example_is_accepted_and_nothing_of_it_is_lost(
    model: type[BaseModel], value: Any
) -> None:
    read = model.model_validate(value)
    written = read.model_dump_json(
        by_alias=True, exclude_unset=True
    )  # what may be left out was left out
    assert model.model_validate_json(written) == read
    assert names(json.loads(written)) == names(value)


def names(value: Any) -> Any:
    """What is called what. Instants, addresses and whole floats may be spelt in another way."""
    if isinstance(value, dict):
        return {name: names(inner) for name, inner in value.items()}
    return [names(inner) for inner in value] if isinstance(value, list) else (value is None)


@pytest.mark.parametrize(("model", "value"), examples("invalid"))
def test_an_invalid_example_is_refused(model: type[BaseModel], value: Any) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(value)


def test_every_contract_of_the_workers_has_examples() -> None:
    assert {
        "RunUnitInput",
        "RunUnitResult",
        "CollectResult",
        "RunProbeInput",
        "ConnectorManifest",
    } <= MODELS.keys()
