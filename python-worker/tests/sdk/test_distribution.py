"""`inlet_sdk` is built as a wheel of its own and used without the worker beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
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
