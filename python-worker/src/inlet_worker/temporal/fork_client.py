"""The worker's side of its fork server: starts it, asks it for runs, holds their leashes."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from inlet_sdk.errors import RetryableError
from inlet_worker.memory import ENVIRONMENT
from inlet_worker.temporal import fork_server
from inlet_worker.temporal.seclusion import needs_root

SOURCE = str(Path(__file__).parents[2])
KILLED = -9
KEPT = ("LANG", "LC_ALL", "PYTHONDONTWRITEBYTECODE", "TMPDIR")
"""All that the fork server, and so the first memory of every run, gets of the worker's
environment.
"""


class ForkedRun:
    """A run's process. The server kills it when we let go of the leash."""

    def __init__(self, leash: socket.socket, pid: int, slots: _Slots, slot: int) -> None:
        self.pid = pid
        self.exit_code: int | None = None
        self._leash = leash
        self._over = threading.Event()
        threading.Thread(
            target=self._await_end, args=(slots, slot), name=f"run-{pid}", daemon=True
        ).start()

    def kill(self) -> None:
        """SIGKILL, by the server: the process may be another user's."""
        try:
            self._leash.send(b"k")
        except OSError:
            return  # it is gone

    def join(self) -> int:
        """The exit code, negative for a signal, once the process is gone and what it left is
        removed.
        """
        self._over.wait()
        return KILLED if self.exit_code is None else self.exit_code

    def _await_end(self, slots: _Slots, slot: int) -> None:
        ended = _receive(self._leash, fork_server.ENDED.size)
        self._leash.close()
        self.exit_code, tidy = fork_server.ENDED.unpack(ended) if ended else (KILLED, False)
        if tidy:
            slots.give_back(slot)
        self._over.set()


class ForkServer:
    """One for each worker's process: `preload` names modules that every run needs. `first_user` is
    the Unix user of its first run, the ones after it are the others'; None leaves all of them our
    own.
    """

    def __init__(self, preload: Sequence[str], first_user: int | None) -> None:
        self._preload = list(preload)
        self._first_user = first_user
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._slots = _Slots()

    def ensure_running(self) -> None:
        """Starts the server where there is none. Raises FatalError when that takes privileges that
        we gave up.
        """
        with self._lock:
            self._ensure()

    @property
    def is_lost(self) -> bool:
        """Whether it died and we cannot start another."""
        dead = self._process is not None and self._process.poll() is not None
        return dead and self._first_user is not None and os.geteuid() != 0

    def start(self, pipe: Connection) -> ForkedRun:
        """A run at the other end of `pipe`, which stays open here. Raises RetryableError when there
        is no room.
        """
        leash, theirs = socket.socketpair()
        slot = self._slots.take()
        with theirs, self._lock:
            control = self._ensure()
            with contextlib.suppress(OSError):  # it just died: so the leash ends at once
                socket.send_fds(
                    control, [fork_server.SLOT.pack(slot)], [pipe.fileno(), theirs.fileno()]
                )

        started = _receive(leash, fork_server.STARTED.size)
        if started is None:
            leash.close()
            raise RetryableError(
                "INTERNAL", "The worker could not start a process for the run. Try again later."
            )

        (pid,) = fork_server.STARTED.unpack(started)
        return ForkedRun(leash, pid, self._slots, slot)

    def _ensure(self) -> socket.socket:
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        if self._first_user is not None and os.geteuid() != 0:
            raise needs_root()
        if self._control is not None:
            self._control.close()

        self._control, theirs = socket.socketpair()
        user = "-" if self._first_user is None else str(self._first_user)
        with theirs:
            number = str(theirs.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", fork_server.__name__, number, user, *self._preload],
                env=_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        return self._control


class _Slots:
    """Numbers of runs that are alive: the lowest free one first. A slot that could not be tidied is
    not used again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()

    def take(self) -> int:
        with self._lock:
            slot = next(
                number for number in range(len(self._taken) + 1) if number not in self._taken
            )
            self._taken.add(slot)
            return slot

    def give_back(self, slot: int) -> None:
        with self._lock:
            self._taken.discard(slot)


def _environment() -> dict[str, str]:
    # `-m` finds our code in no installed place when we run from a source tree.
    paths = os.pathsep.join(dict.fromkeys([SOURCE, *filter(None, sys.path)]))
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **ENVIRONMENT,
        "PYTHONPATH": paths,
    }


def _receive(leash: socket.socket, size: int) -> bytes | None:
    """Exactly that many bytes; None when the other end is gone before."""
    found = b""
    try:
        while len(found) < size:
            piece = leash.recv(size - len(found))
            if not piece:
                return None
            found += piece
    except OSError:
        return None
    return found
