"""What a tenant may write into a sink's config, checked before any library sees it. The API has
checked the same (`core/sink-config.ts`); a config that was stored before a rule existed is refused
here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import jsonschema
from pydantic import BaseModel, ValidationError

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import PLACE, EndpointDescriptor
from inlet_worker.sinks.places import MESSAGES, Surroundings, place_fault

LARGEST_CONFIG = 8_000
"""Characters of JSON: lists of sinks and the audit hold configs whole."""
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
LOCAL = "x-local"
"""Keyword of a sink's schema: this key is for the local environment."""
LINES = "x-lines"
"""Keyword of a sink's schema: this text may hold line breaks."""
Place = TypeVar("Place", bound=BaseModel)


def check_sink_config(
    descriptor: EndpointDescriptor, config: dict[str, Any], around: Surroundings
) -> None:
    """Raises FatalError `CONFIG_INVALID` naming the first key that is off its schema, or a place it
    may not be.
    """
    for path, message in _faults(descriptor.config_schema, config, around):
        raise config_invalid(descriptor.name, path, message)


def typed_place(model: type[Place], sink: str, config: dict[str, Any]) -> Place:
    """The config as the sink's own type, which has no key for anything else. Raises FatalError
    `CONFIG_INVALID`.
    """
    try:
        return model.model_validate(config)
    except ValidationError as e:
        error = e.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in error["loc"])
        raise config_invalid(sink, path, error["msg"]) from None


def config_invalid(sink: str, path: str, message: str) -> FatalError:
    field = f"config.{path}" if path else "config"
    return FatalError(
        "CONFIG_INVALID", f"Sink {sink}: {field} {message}. Correct it.", details={"field": field}
    )


def _faults(
    schema: dict[str, Any], config: dict[str, Any], around: Surroundings
) -> Iterator[tuple[str, str]]:
    if len(json.dumps(config)) > LARGEST_CONFIG:
        yield "", f"is larger than {LARGEST_CONFIG // 1000} kB"
        return

    lines = {name for name, described in schema["properties"].items() if described.get(LINES)}
    for path, text in _texts(config, ""):
        if CONTROL.search(text.replace("\n", "") if path in lines else text):
            yield path, "must not hold control characters"
    for error in jsonschema.Draft202012Validator(schema).iter_errors(config):
        yield (
            ".".join(str(part) for part in error.absolute_path),
            f"does not fit the schema ({error.validator})",
        )

    for name, described in schema["properties"].items():
        if name not in config:
            continue
        if described.get(LOCAL) and not around.local:
            yield name, "is for the local environment. Leave it out"
        fault = place_fault(config[name], around) if described.get(PLACE) else None
        if fault:
            yield name, MESSAGES[fault]


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield path, str(name)
            yield from _texts(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, path)
