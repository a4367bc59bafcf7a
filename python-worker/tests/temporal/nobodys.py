"""Users that nobody is, for tests of what a user without privileges may do."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

AS_ROOT = os.geteuid() == 0
NOBODYS = 1_000_000 + os.getpid() * 64
"""The first of this test's: no other test's on this machine, since what is theirs is killed at a
run's end.
"""
AS_ONE: dict[str, Any] = {"user": NOBODYS, "group": NOBODYS, "extra_groups": []} if AS_ROOT else {}
"""Arguments of `subprocess` for one user without privileges: one of these, or who the tests run as.
"""
SOURCE = Path(__file__).parents[2]
PATH = os.pathsep.join([str(SOURCE / "src"), str(SOURCE / "tests"), sysconfig.get_path("purelib")])

needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can give users")


def a_python_for_anybody() -> str:
    """Our own, or the system's of the same version: ours may lie in a home that is root's alone."""
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    program = "import pyarrow, pydantic"
    for candidate in (sys.executable, system):
        try:
            subprocess.run(
                [candidate, "-c", program], env={"PYTHONPATH": PATH}, check=True, cwd="/", **AS_ONE
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    pytest.skip("no Python that a user without privileges may start")
