"""Tools are extras: what is not installed, or offered by no package, is refused with the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import FunctionProgram
from inlet_worker.tools import registry
from inlet_worker.tools.packaged_functions import packaged_function
from inlet_worker.tools.registry import TOOLS, open_tool


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_is_not_installed_is_refused_with_the_line_that_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(registry, "find_spec", asked.append)
    with pytest.raises(FatalError) as refused:
        open_tool(name)
    assert refused.value.code == "CONFIG_INVALID" and asked == [TOOLS[name].module]
    assert f"pip install inlet-worker[{name}]" in refused.value.message


def test_an_unknown_tool_is_refused_by_the_names_that_there_are() -> None:
    with pytest.raises(FatalError, match="duckdb, pandas, spark"):
        open_tool("bash")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that offers one function and holds another."""
    about = tmp_path / "acme_transforms-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-transforms\nVersion: 1.2\n")
    offered = "[inlet.transforms]\nsame = acme_transforms:same\n"
    (about / "entry_points.txt").write_text(offered)
    code = "def same(rows):\n    return rows\n\ndef hidden(rows):\n    return rows\n"
    (tmp_path / "acme_transforms.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "acme_transforms:same"


def test_a_function_that_a_package_offers_is_found_with_its_version(installed: str) -> None:
    program, version = packaged_function(installed)
    assert isinstance(program, FunctionProgram) and program.function("rows") == "rows"
    assert version == "acme-transforms 1.2"


@pytest.mark.parametrize("name", ["acme_transforms:hidden", "os:system", "builtins:eval", "same"])
def test_a_function_that_no_package_offers_is_never_imported(
    installed: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("it was imported")

    monkeypatch.setattr("importlib.metadata.EntryPoint.load", never)
    with pytest.raises(FatalError) as refused:
        packaged_function(name)
    assert refused.value.details["field"] == "policy.transform.function"
    assert installed in refused.value.message
