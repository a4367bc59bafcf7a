"""How the worker begins: nothing of its environment stays where other processes can read it, and
root is given up.

What the kernel shows as `/proc/<pid>/environ` is the memory that `exec` filled; changing variables
later changes it in no way. So the worker starts itself again with an empty environment, and is
handed the real one as a file in memory.
"""

from __future__ import annotations

import json
import os
import sys

from inlet_worker.config import Settings
from inlet_worker.temporal.seclusion import become, needs_root, seclude

KEPT = ("LANG", "LC_ALL", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONUNBUFFERED", "TMPDIR")
"""What Python itself needs at its start."""
HANDED = "--environment-at"
NO_HOME = "/nonexistent"


def read_handed_environment(descriptor: int) -> None:
    """Takes over what the process before `exec` put there."""
    with os.fdopen(descriptor, "rb") as handed:
        handed.seek(0)
        given = json.load(handed)
    os.environ.clear()
    os.environ.update(given)


def start_again_clean() -> None:
    """Does not return, where the system has files in memory: the same command goes on in
    `read_handed_environment`.
    """
    if not hasattr(os, "memfd_create"):
        return
    descriptor = os.memfd_create("environment", 0)
    with os.fdopen(os.dup(descriptor), "wb") as handed:
        handed.write(json.dumps(dict(os.environ)).encode())
    command = [sys.executable, *sys.orig_argv[1:], HANDED, str(descriptor)]
    os.execve(
        sys.executable, command, {name: os.environ[name] for name in KEPT if name in os.environ}
    )


def give_up_root(settings: Settings) -> None:
    """Becomes the user that the configuration names, after the fork server was started. Raises
    FatalError `CONFIG_INVALID` where that takes privileges that we do not have.
    """
    if settings.users is not None:
        try:
            become(settings.users)
        except OSError:
            raise needs_root() from None
        os.environ["HOME"] = NO_HOME
    seclude()
