"""`inlet_sdk` is built as a wheel of its own and used without the worker beside it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

SDK = Path(__file__).parents[2] / "sdk"
EVERYTHING = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import inlet_sdk
names = [found.name for found in pkgutil.walk_packages(inlet_sdk.__path__, "inlet_sdk.")]
for name in names:
    importlib.import_module(name)
beside = [name for name in sys.modules if name.split(".")[0] in ("inlet_worker", "boto3")]
print(len(names), inlet_sdk.__file__, beside)
"""


def test_the_wheel_holds_the_sdk_alone_and_all_of_it_can_be_imported(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=SDK, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("inlet_sdk-*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)

    # Isolated: neither PYTHONPATH nor the folder of the tests is searched.
    command = [sys.executable, "-I", "-c", EVERYTHING, str(unpacked)]
    seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    count, file, beside = seen.split(maxsplit=2)
    assert int(count) > 30 and Path(file).is_relative_to(unpacked)
    assert beside.strip() == "[]"
    assert {path.name for path in unpacked.iterdir() if path.suffix != ".dist-info"} == {
        "inlet_sdk"
    }


def test_whoever_installs_the_sdk_has_all_that_it_imports() -> None:
    project = tomllib.loads((SDK / "pyproject.toml").read_text())["project"]
    needed = names_of(project["dependencies"])
    beside = needed | names_of(project["optional-dependencies"]["testing"])

    code = SDK.parent / "src/inlet_sdk"
    suites = set((code / "testing").rglob("*.py"))
    assert imported_by(set(code.rglob("*.py")) - suites) <= needed
    assert imported_by(suites) <= beside


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", one)[0] for one in requirements}


def imported_by(files: set[Path]) -> set[str]:
    """The packages of others that the files import, wherever in them."""
    found = {
        name.split(".")[0] for file in files for name in modules_in(ast.parse(file.read_text()))
    }
    return found - sys.stdlib_module_names - {"inlet_sdk"}


def modules_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
