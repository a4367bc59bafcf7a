"""The worker's side of a child process: started from a fork server with the heavy modules loaded,
watched, ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.config import Settings
from inlet_worker.host import logs
from inlet_worker.temporal import child_main
from inlet_worker.temporal.failures import application_error, internal, out_of_memory
from inlet_worker.temporal.fork_client import ForkedRun, ForkServer

PRELOAD = ("inlet_worker.temporal.preload",)
GRACE_SECONDS = 4.0  # of the 10 s in which a cancel must arrive; a heartbeat takes up to 5
NEARLY_ALL = 0.9
MAX_MESSAGE_BYTES = 32 * 2**20
"""Of a child's message: a child whose code is not ours any more must not fill the worker's memory.
"""
_servers: dict[tuple[tuple[str, ...], int | None], ForkServer] = {}
"""One of a kind for the whole process: loading the modules takes a second."""


@dataclass(frozen=True)
class Sample:
    """What the kernel says of a live process: seconds of processor time."""

    cpu_seconds: float


class ChildProcess:
    """One running child. `progress` is its last word; `outcome` waits for its end."""

    def __init__(self, process: ForkedRun, pipe: Connection, limit_bytes: int) -> None:
        self.progress = Progress()
        self.pid = process.pid
        self._process = process
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._peak_bytes = 0
        self._loop = asyncio.get_running_loop()
        self._last: asyncio.Future[dict[str, Any] | None] = self._loop.create_future()
        threading.Thread(target=self._read, name=f"child-{self.pid}", daemon=True).start()

    async def outcome(self) -> Any:
        """The result's JSON. Raises the child's failure as an ApplicationError, and a sudden death
        as one, too.
        """
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
        self._process.kill()

    def sample(self) -> Sample | None:
        """None once the process is gone."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return None
        data = next(
            (
                int(line.split()[1]) * 1024
                for line in status.splitlines()
                if line.startswith("VmData:")
            ),
            0,
        )

        self._peak_bytes = max(self._peak_bytes, data)
        return Sample((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))

    def _read(self) -> None:
        """In a thread of its own: a child that is stopped in the middle of a message stops nobody
        else.
        """
        last: dict[str, Any] | None = None
        try:
            while last is None:
                message = orjson.loads(self._pipe.recv_bytes(MAX_MESSAGE_BYTES))
                self.progress = Progress(**message["progress"])
                last = message if "result" in message or "failure" in message else None
        except (EOFError, OSError):
            pass
        except (
            ValueError,
            TypeError,
            LookupError,
        ):  # not our code's words: nothing more is listened to
            self.kill()

        self._loop.call_soon_threadsafe(self._settle, last)

    def _settle(self, last: dict[str, Any] | None) -> None:
        if not self._last.done():
            self._last.set_result(last)

    async def _wait_exit(self) -> int:
        return await asyncio.to_thread(self._process.join)

    def _cause_of_death(self, exit_code: int) -> dict[str, Any]:
        """A child that dies of its limit in native code aborts; the kernel's own killer uses
        SIGKILL, as people do.
        """
        if (
            exit_code in (-signal.SIGKILL, -signal.SIGABRT)
            and self._peak_bytes > NEARLY_ALL * self._limit_bytes
        ):
            return out_of_memory()
        how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
        return internal(
            f"The process of this run ended with {how}. The run goes on with another one."
        )


class ChildProcesses:
    """Starts children, all of one worker."""

    def __init__(self, settings: Settings, preload: Sequence[str] = PRELOAD) -> None:
        self._settings = settings
        first_user = None if settings.users is None else settings.users + 1
        kind = (tuple(preload), first_user)
        self._server = _servers.setdefault(kind, ForkServer(preload, first_user))

    def warm(self) -> None:
        """Starts the fork server, so that the first run need not wait for its imports."""
        self._server.ensure_running()

    @property
    def are_lost(self) -> bool:
        """Whether no child can be started any more."""
        return self._server.is_lost

    async def start(
        self,
        task: str,
        given: bytes,
        deadline: datetime,
        fields: Mapping[str, str],
        identity: Mapping[str, str] | None = None,
    ) -> ChildProcess:
        """Starts `task` (`module:function`) on its input's JSON; `fields` are bound to the child's
        log lines. To AWS it is who the environment variables of `identity` say; without any,
        nobody.
        """
        order = child_main.Order(
            task=task,
            given=given,
            settings=self._settings.of_a_run(fields.get("tenantId")),
            deadline=deadline,
            fields=dict(fields),
            identity=dict(identity or {}),
            environment=child_main.environment_of_a_run(os.environ),
        )

        process, pipe = await asyncio.to_thread(self._start, order)
        return ChildProcess(process, pipe, self._settings.run_memory_bytes)

    def _start(self, order: child_main.Order) -> tuple[ForkedRun, Connection]:
        ours, theirs = Pipe(duplex=True)
        try:
            process = self._server.start(theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        with contextlib.suppress(OSError):  # it died at once, which its end tells
            ours.send_bytes(order.model_dump_json(by_alias=True).encode())
        return process, ours
