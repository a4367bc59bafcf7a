"""`docs/suites.md`, which `npm run suites` makes of what ran, has all of the registries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from inlet_sdk.testing.contract_staging import StagingContract
from inlet_sdk.testing.contract_tool import ToolContract
from inlet_worker.sinks.registry import SINKS
from inlet_worker.staging.registry import PROVIDERS
from inlet_worker.tools.registry import TOOLS

PAGE = (Path(__file__).parents[2] / "docs/suites.md").read_text("utf-8")


def table(title: str) -> list[list[str]]:
    """The cells of a section's table, its head first."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return [re.split(r" ?\| ?", row)[1:-1] for row in rows if not row.startswith("| ---")]


def first_words(cells: Iterable[str]) -> set[str]:
    return {cell.split()[0] for cell in cells}


@pytest.mark.parametrize("title", ["Sinks", "Kills"])
def test_the_page_has_a_row_for_every_sink(title: str) -> None:
    _, *rows = table(title)
    assert first_words(row[0] for row in rows) == set(SINKS)


@pytest.mark.parametrize(
    ("title", "registry", "contract"),
    [
        ("Execution tools", TOOLS, ToolContract),
        ("Staging providers", PROVIDERS, StagingContract),
    ],
)
def test_the_page_has_a_column_for_every_tool_and_provider_and_a_row_for_every_law(
    title: str, registry: Iterable[str], contract: type
) -> None:
    head, *rows = table(title)
    laws = [law for law in vars(contract) if law.startswith("test_")]
    assert first_words(head[1:]) == set(registry)
    assert [f"test_{row[0].replace(' ', '_')}" for row in rows] == laws
