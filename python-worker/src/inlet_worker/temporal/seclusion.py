"""What keeps a process to itself: from others of its user, from privileges, from outliving its
parent.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from inlet_sdk.errors import FatalError
from inlet_worker.config import LOWEST_USER
from inlet_worker.contracts import names

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


def seclude() -> None:
    """From now on no process of this user may read our memory, environment or descriptors, or trace
    us, and no program that we start gains a privilege. `exec` and a change of user undo the first:
    call this again after either.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(PR_SET_DUMPABLE, 0)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def become(user: int) -> None:
    """From now on this process is the user and the group of that number, in no other group, and
    never anybody else. Raises OSError or ValueError with nothing, or not all of it, done: end the
    process then.
    """
    if user < LOWEST_USER:
        raise ValueError(f"{user} is a number of the system's own users")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if os.getresuid() != (user,) * 3 or os.getresgid() != (user,) * 3 or os.getgroups():
        raise OSError("the system left us another user")


def die_with(parent: int) -> None:
    """Linux kills us with our parent from now on. A change of user undoes it. Elsewhere nothing
    happens.
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        os._exit(1)


def adopt_orphans() -> None:
    """Descendants whose parent ends become our children, where Linux knows how: to be waited for by
    us.
    """
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def needs_root() -> FatalError:
    """Why users of their own cannot be given."""
    return FatalError(
        "CONFIG_INVALID",
        f"{names.ENV_USERS} gives the worker and its runs users of their own, "
        "which takes root at the start. "
        f"Start the container as root, or leave {names.ENV_USERS} out.",
    )


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "prctl"):  # no Linux: a developer's machine
        return
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), f"prctl {option}")
