"""`docs/cdm.md` is what the code says. To make it anew: `python tests/test_cdm_page.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inlet_sdk.ports.common_data import ENTITIES
from inlet_worker.sources.registry import SOURCES

PAGE = Path(__file__).parents[2] / "docs/cdm.md"
HEAD = (
    "# The Common Data Model\n\n"
    "What a sink of type `cdm` lands ([sinks](sinks.md#the-common-data-model)): one table for "
    "each entity, in the endpoint's namespace, keyed by `id`. Over all endpoints, "
    "(`source_endpoint`, `id`) is the key. Beside the fields there are the columns of [every "
    "landed table](design/landing.md), `_raw` among them: the vendor's own record. The "
    "schemas are closed; a release may add a field at the end, and changes none. This page is "
    "made from the code, and a test holds it."
    "\n"
)


def page() -> str:
    return "\n".join([HEAD, *entities(), *mappings()])


def entities() -> Iterator[str]:
    for entity, fields in ENTITIES.items():
        yield f"## `{entity}`\n\n| field | type | is |\n| --- | --- | --- |"
        for field in fields:
            yield f"| `{field.name}` | {field.type} | {field.description} |"
        yield ""


def mappings() -> Iterator[str]:
    yield "## What is mapped\n"
    yield "A field of `made of` is made by a function of its mapping, the others are as they are.\n"
    yield "| unit | entity | version | fields |\n| --- | --- | --- | --- |"
    for source in SOURCES.values():
        for unit in source.descriptor.units:
            if mapping := source.common_map(unit.unit_id):
                told = ", ".join(
                    f"`{name}` {'made of' if one.make else 'is'} `{one.column}`"
                    for name, one in mapping.sources.items()
                )
                row = (f"`{unit.unit_id}`", f"`{mapping.entity}`", str(mapping.version), told)
                yield f"| {' | '.join(row)} |"
    yield ""


def test_the_page_says_what_the_code_does() -> None:
    assert PAGE.read_text("utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
