"""The process that runs are forked from: started by `exec` with an environment of its own and one
descriptor, before the worker knows a secret. It loads the heavy modules once, never speaks to the
network, and sees no input of a run.

worker -> server   over the control socket: a slot's number, with two descriptors: the run's pipe,
                   and its leash
server -> worker   over the leash: the run's pid; once it is over, its exit code and whether all of
                   it is gone
worker -> server   over the leash: anything, or its end: kill the run

In a container it stays root, to give each slot a user of its own: a run can neither signal nor read
another's.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import selectors
import shutil
import signal
import socket
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from inlet_worker.temporal.seclusion import adopt_orphans, become, die_with, seclude

SLOT = struct.Struct("!i")
STARTED = struct.Struct("!i")
ENDED = struct.Struct("!i?")
RUN = "inlet_worker.temporal.child_main"
PIPE = 3
"""The run's end of its pipe. Beside it a run inherits what standard input, output and error are,
and nothing else.
"""
MAX_DESCRIPTORS = 4096
TIDY_SECONDS = 60
SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108
"""Where everybody may write. A run has a directory of its own and no need to."""


@dataclass
class _Run:
    pid: int
    slot: int
    directory: Path
    leash: socket.socket
    exit_code: int = 0


class ForkServer:
    """`first_user`: the user of slot 0, the others' follow. None: every run is our own user,
    without privileges.
    """

    def __init__(self, control: socket.socket, first_user: int | None) -> None:
        self._control = control
        self._first_user = first_user
        self._pid = os.getpid()
        self._home = Path(tempfile.mkdtemp(prefix="inlet-runs-"))
        self._home.chmod(0o711)
        self._runs: dict[int, _Run] = {}
        self._tidying: dict[int, _Run] = {}
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Returns when the worker is gone, with every run killed and tidied away."""
        awake, wakes = socket.socketpair()
        for end in (awake, wakes):
            end.setblocking(False)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the wake-up is all we want of it
        self._selector.register(self._control, selectors.EVENT_READ, self._take_order)
        self._selector.register(awake, selectors.EVENT_READ, lambda: self._reap(awake))
        while self._control.fileno() >= 0 or self._runs or self._tidying:
            for key, _ in self._selector.select():
                key.data()
        shutil.rmtree(self._home, ignore_errors=True)

    def _take_order(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._control, SLOT.size, 2)
        if not data:
            self._selector.unregister(self._control)
            self._control.close()
            for run in self._runs.values():
                os.kill(run.pid, signal.SIGKILL)
            return

        pipe, leash = descriptors[0], socket.socket(fileno=descriptors[1])
        try:
            self._start(SLOT.unpack(data)[0], pipe, leash)
        except OSError:  # no room for a directory or a process: the worker sees its leash end
            traceback.print_exc()
            leash.close()
        finally:
            os.close(pipe)

    def _start(self, slot: int, pipe: int, leash: socket.socket) -> None:
        user = self._user(slot)
        directory = Path(tempfile.mkdtemp(dir=self._home))  # of mode 700
        try:
            if user is not None:
                os.chown(directory, user, user)
            pid = self._fork(lambda: _be_run(pipe, directory, user, self._pid))
        except OSError:
            directory.rmdir()
            raise

        run = self._runs[pid] = _Run(pid, slot, directory, leash)
        self._selector.register(leash, selectors.EVENT_READ, lambda: self._pull(run))
        _tell(leash, STARTED.pack(pid))

    def _pull(self, run: _Run) -> None:
        with contextlib.suppress(OSError):
            if not run.leash.recv(1):
                self._selector.unregister(run.leash)
        if run.pid in self._runs:  # not yet waited for: the number is still its
            os.kill(run.pid, signal.SIGKILL)

    def _reap(self, awake: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            awake.recv(4096)
        while (pid := _dead_child()) is not None:
            if pid in self._runs:
                _kill_group(pid)  # before it is waited for: until then the number is nobody else's
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if run := self._runs.pop(pid, None):
                run.exit_code = code
                self._tidy(run)
            elif run := self._tidying.pop(pid, None):
                self._finish(run, tidy=code == 0)

    def _tidy(self, run: _Run) -> None:
        try:
            pid = self._fork(lambda: _be_tidier(run.directory, self._user(run.slot)))
        except OSError:
            self._finish(run, tidy=False)
        else:
            self._tidying[pid] = run

    def _finish(self, run: _Run, *, tidy: bool) -> None:
        try:
            run.directory.rmdir()
        except OSError:
            tidy = False
        _tell(run.leash, ENDED.pack(run.exit_code, tidy))
        with contextlib.suppress(KeyError):
            self._selector.unregister(run.leash)
        run.leash.close()

    def _user(self, slot: int) -> int | None:
        return None if self._first_user is None else self._first_user + slot

    def _fork(self, be: Callable[[], None]) -> int:
        pid = os.fork()
        if pid:
            return pid

        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            be()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _be_run(pipe: int, directory: Path, user: int | None, server: int) -> None:
    os.setsid()  # no terminal, and a group of its own to be killed with
    os.dup2(pipe, PIPE, inheritable=False)
    os.closerange(PIPE + 1, MAX_DESCRIPTORS)
    if user is not None:
        become(user)
    seclude()
    die_with(server)
    os.umask(0o077)
    os.chdir(directory)
    importlib.import_module(RUN).main(Connection(PIPE), directory)


def _be_tidier(directory: Path, user: int | None) -> None:
    """As the run's own user: what a run left may lead us astray, but nowhere where the run could
    not have gone.
    """
    os.closerange(PIPE, MAX_DESCRIPTORS)
    signal.alarm(TIDY_SECONDS)
    leftovers = list[Path]()
    if user is not None:
        become(user)
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # all of that user but us
        leftovers = [
            entry
            for place in SHARED
            if place.is_dir()
            for entry in place.iterdir()
            if _owned(entry, user)
        ]

    seclude()
    for entry in [*directory.iterdir(), *leftovers]:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _owned(entry: Path, user: int) -> bool:
    try:
        return entry.lstat().st_uid == user
    except OSError:  # just gone
        return False


def _dead_child() -> int | None:
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found.si_pid if found else None


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _tell(leash: socket.socket, message: bytes) -> None:
    with contextlib.suppress(OSError):  # the worker no longer asks
        leash.sendall(message)


def main(control: int, first_user: int | None, preload: list[str]) -> None:
    """Serves the worker at the other end of `control` until it is gone."""
    for number in (
        signal.SIGTERM,
        signal.SIGINT,
    ):  # to the whole group: the worker's to handle, and we end with it
        signal.signal(number, signal.SIG_IGN)
    seclude()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MAX_DESCRIPTORS, most), most))
    if first_user is not None:
        adopt_orphans()

    for module in [RUN, *preload]:
        importlib.import_module(module)
    ForkServer(socket.socket(fileno=control), first_user).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2] != "-" else None, sys.argv[3:])
