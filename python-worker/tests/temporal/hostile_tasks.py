"""What code that took over a run would try, named as `temporal.hostile_tasks:<function>`. Every
attempt says what it got, or that it was refused.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from inlet_worker.temporal.work import Work

from .child_tasks import Answer

REFUSED = "refused"
PTRACE_SEIZE = 0x4206
PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS = 3, 39
PIDFD_GETFD = 438
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def linger(given: Any, work: Work) -> Answer:
    """A neighbour: has a file, and waits."""
    Path("rows").write_text("of another tenant")
    work.progress.rows = os.getpid()
    work.stopping.wait()
    return Answer(value=str(Path.cwd()))


def litter(given: Any, work: Work) -> Answer:
    """Leaves files everywhere, and a process that no longer belongs to the run."""
    deep = Path("a/b")
    deep.mkdir(parents=True)
    (deep / "rows").write_text("left")
    Path("link").symlink_to("/etc")
    shared = Path(given["shared"])
    shared.write_text("left")
    if (pid := os.fork()) == 0:
        os.setsid()
        signal.pause()
    return Answer(value={"directory": str(Path.cwd()), "left": pid})


def look_around(given: Any, work: Work) -> Answer:
    """Everything that a run can learn of itself."""
    return Answer(
        value={
            "environ": dict(os.environ),
            "first": attempt(lambda: Path("/proc/self/environ").read_text()),
            "descriptors": open_descriptors(),
            "user": [*os.getresuid(), *os.getresgid()],
            "groups": os.getgroups(),
            "dumpable": LIBC.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
            "noNewPrivileges": LIBC.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
            "capabilities": capabilities(),
            "modes": [stat.S_IMODE(Path.cwd().stat().st_mode), mode_of_a_new_file()],
            "credentials": boto3.Session().get_credentials() is not None,
            "settings": work.settings.model_dump(mode="json"),
            "becomesRoot": attempt(lambda: os.setuid(0)) if os.getuid() else REFUSED,
        }
    )


def attack(given: Any, work: Work) -> Answer:
    """Of each process that is named: everything that the kernel might tell of it or do to it."""
    got = {name: attack_process(pid) for name, pid in given["processes"].items()}
    anywhere = {
        "environment": [
            pid
            for pid in every_process()
            if attempt(lambda pid=pid: environ_of(pid)) not in (REFUSED, "")
        ],
        "directory": attempt(lambda: names_in(given["directory"])),
        "file": attempt(lambda: Path(given["directory"], "rows").read_text()),
        "neighbours": attempt(lambda: names_in("..")),
        "planted": attempt(lambda: Path(given["directory"], "planted").write_text("x")),
    }
    return Answer(value={"processes": got, "anywhere": anywhere})


def attack_process(pid: int) -> dict[str, Any]:
    return {
        "environ": attempt(lambda: environ_of(pid)),
        "memory": attempt(lambda: Path(f"/proc/{pid}/mem").open("rb").close()),
        "maps": attempt(lambda: Path(f"/proc/{pid}/maps").read_text()),
        "descriptors": attempt(lambda: names_in(f"/proc/{pid}/fd")),
        "place": attempt(lambda: str(Path(f"/proc/{pid}/cwd").readlink())),
        "trace": attempt(lambda: trace(pid)),
        "peek": attempt(lambda: peek(pid)),
        "steal": attempt(lambda: steal_descriptor(pid)),
        "signal": attempt(lambda: os.kill(pid, signal.SIGCONT)),
    }


def attempt(what: Callable[[], Any]) -> Any:
    try:
        return what()
    except (PermissionError, ProcessLookupError):
        return REFUSED
    except OSError as e:
        return f"{type(e).__name__} {e.errno}"


def environ_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


def every_process() -> list[int]:
    return [
        int(name) for name in names_in("/proc") if name.isdecimal() and int(name) != os.getpid()
    ]


def names_in(directory: str) -> list[str]:
    return sorted(entry.name for entry in Path(directory).iterdir())


def trace(pid: int) -> str:
    """Until this process ends."""
    _checked(LIBC.ptrace(PTRACE_SEIZE, pid, None, None))
    return "attached"


def peek(pid: int) -> str:
    """A byte of its memory, at an address that all of one fork server's processes have something
    at.
    """
    buffer = ctypes.create_string_buffer(8)
    there = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.c_int.in_dll(LIBC, "opterr")), 4)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 4)
    _checked(LIBC.process_vm_readv(pid, here, 1, there, 1, 0))
    return buffer.raw.hex()


def steal_descriptor(pid: int) -> str:
    _checked(LIBC.syscall(PIDFD_GETFD, os.pidfd_open(pid), 2, 0))
    return "stolen"


def _checked(answer: int) -> None:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def open_descriptors() -> list[int]:
    found = []
    for number in range(4096):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def capabilities() -> list[str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return [
        line.split()[1]
        for line in lines
        if line.startswith(("CapPrm", "CapEff", "CapInh", "CapAmb"))
    ]


def mode_of_a_new_file() -> int:
    Path("new").write_text("")
    return stat.S_IMODE(Path("new").stat().st_mode)
