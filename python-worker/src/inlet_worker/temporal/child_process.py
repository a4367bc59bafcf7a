"""The worker's side of a child process: started from a fork server with the heavy modules loaded, watched, ended."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from inlet_worker import logs
from inlet_worker.config import Settings
from inlet_worker.context import Progress
from inlet_worker.memory import ENVIRONMENT
from inlet_worker.temporal import child_main
from inlet_worker.temporal.failures import application_error, internal, out_of_memory

PRELOAD = ("inlet_worker.temporal.preload",)
GRACE_SECONDS = 4.0  # of the 10 s in which a cancel must arrive; a heartbeat takes up to 5
NEARLY_ALL = 0.9
_SOURCE = str(Path(__file__).parents[2])


@dataclass(frozen=True)
class Sample:
    """What the kernel says of a live process: seconds of processor time, bytes of memory that count for the limit."""

    cpu_seconds: float
    data_bytes: int


class ChildProcess:
    """One running child. `progress` is its last word; `outcome` waits for its end."""

    def __init__(self, process: Any, pipe: Connection, limit_bytes: int) -> None:
        self.progress = Progress()
        self.pid: int = process.pid
        self._process = process
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._peak_bytes = 0
        self._loop = asyncio.get_running_loop()
        self._last: asyncio.Future[dict[str, Any] | None] = self._loop.create_future()
        threading.Thread(target=self._read, name=f"child-{self.pid}", daemon=True).start()

    async def outcome(self) -> Any:
        """The result's JSON. Raises the child's failure as an ApplicationError, and a sudden death as one, too."""
        last = await asyncio.shield(self._last)
        if last is None:
            code = await self._wait_exit()
            sizes = {"peakBytes": self._peak_bytes, "limitBytes": self._limit_bytes}
            logs.get_logger(__name__).warning("run died", pid=self.pid, exitCode=code, **sizes)
            raise application_error(self._cause_of_death(code))
        if "failure" in last:
            raise application_error(last["failure"])
        return last["result"]

    def ask_to_stop(self) -> None:
        """Tells the child to seal what it has. It may take its time, up to its deadline."""
        with contextlib.suppress(OSError):  # it may have ended by itself
            self._pipe.send_bytes(child_main.STOP)

    async def end(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Returns when the process is gone: by itself, once asked, or killed after the grace."""
        if not self._last.done():
            self.ask_to_stop()
            await asyncio.wait([self._last], timeout=grace_seconds)
        self.kill()
        await self._wait_exit()
        self._pipe.close()

    def kill(self) -> None:
        if self._process.exitcode is None:
            self._process.kill()

    def sample(self) -> Sample | None:
        """None once the process is gone."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return None
        data = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:")), 0)
        self._peak_bytes = max(self._peak_bytes, data)
        return Sample((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), data)

    def _read(self) -> None:
        """In a thread of its own: a child that is stopped in the middle of a message stops nobody else."""
        last: dict[str, Any] | None = None
        try:
            while last is None:
                message = orjson.loads(self._pipe.recv_bytes())
                self.progress = Progress(**message["progress"])
                last = message if "result" in message or "failure" in message else None
        except (EOFError, OSError):
            pass
        self._loop.call_soon_threadsafe(self._settle, last)

    def _settle(self, last: dict[str, Any] | None) -> None:
        if not self._last.done():
            self._last.set_result(last)

    async def _wait_exit(self) -> int:
        await asyncio.to_thread(self._process.join)
        code: int = self._process.exitcode
        return code

    def _cause_of_death(self, exit_code: int) -> dict[str, Any]:
        """A child that dies of its limit in native code aborts; the kernel's own killer uses SIGKILL, as people do."""
        if exit_code in (-signal.SIGKILL, -signal.SIGABRT) and self._peak_bytes > NEARLY_ALL * self._limit_bytes:
            return out_of_memory()
        how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
        return internal(f"The process of this run ended with {how}. The run goes on with another one.")


class ChildProcesses:
    """Starts children, all of one worker."""

    def __init__(self, settings: Settings, preload: Sequence[str] = PRELOAD) -> None:
        # A run needs neither the payload key nor Temporal.
        self._settings = settings.model_copy(update={"payload_key": "", "temporal_secret": ""})
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        # The fork server is given no sys.path before Python 3.15: without this it preloads nothing from a source tree.
        paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if _SOURCE not in paths:
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_SOURCE, *paths]))
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)

    def warm(self) -> None:
        """Starts the fork server, so that the first run need not wait for its imports."""
        from multiprocessing import forkserver

        forkserver.ensure_running()

    async def start(
        self,
        task: str,
        given: bytes,
        deadline: datetime,
        fields: Mapping[str, str],
        identity: Mapping[str, str] | None = None,
    ) -> ChildProcess:
        """Starts `task` (`module:function`) on its input's JSON; `fields` are bound to the child's log lines. To AWS it
        is who the environment variables of `identity` say; without any, the worker itself."""
        ours, theirs = self._context.Pipe(duplex=True)
        told = (theirs, task, given, self._settings, deadline, dict(fields), dict(identity or {}))
        process = self._context.Process(target=child_main.main, args=told, daemon=True)
        try:
            await asyncio.to_thread(process.start)
        finally:
            theirs.close()
        return ChildProcess(process, ours, self._settings.run_memory_bytes)
