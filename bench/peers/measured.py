"""Runs a command to its end and says what its whole process tree took.

    python bench/peers/measured.py COMMAND …

Prints a JSON line: seconds; cpuSeconds, user and system, of all processes of the tree, whoever they
belong to by the end; peakPssMb, the highest sum of the tree's proportional set sizes that was seen
(looked at every half second); result, which is the last line that the command printed, as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

EVERY_SECONDS = 0.5
"""Counting the pages of a process holds it up, and the larger it is, the longer."""
TICKS = os.sysconf("SC_CLK_TCK")
MARK = "INLET_BENCH_MARK"
"""Set for the command, so that its processes are found also where they left their parents."""


class Tree:
    """The processes of one command. CPU of a process is what was seen of it last; what it waited
    for is in its own figure.
    """

    def __init__(self, mark: str) -> None:
        self._mark = f"{MARK}={mark}".encode()
        self._others = set(_processes())
        self._ours: set[int] = set()
        self.cpu: dict[int, float] = {}
        self.peak_pss_kb = 0

    def look(self) -> None:
        total = 0
        for pid in _processes():
            process = Path(f"/proc/{pid}")
            if pid in self._others or not self._is_ours(pid, process):
                continue
            try:
                fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
                rollup = (process / "smaps_rollup").read_text()
            except (OSError, IndexError):
                continue
            # Its own, without the children it waited for: those are here by themselves.
            self.cpu[pid] = (int(fields[11]) + int(fields[12])) / TICKS
            total += next(int(line.split()[1]) for line in rollup.splitlines() if "Pss:" in line)
        self.peak_pss_kb = max(self.peak_pss_kb, total)

    def _is_ours(self, pid: int, process: Path) -> bool:
        if pid in self._ours:
            return True
        try:
            is_ours = self._mark in (process / "environ").read_bytes().split(b"\0")
        except OSError:
            return False
        if is_ours:
            self._ours.add(pid)
        return is_ours


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


def measured(command: list[str]) -> dict[str, Any]:
    """What the command took. Raises CalledProcessError where it fails."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    tree, over = Tree(mark), threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_SECONDS):
            tree.look()

    before, started = os.times(), time.perf_counter()
    watcher = threading.Thread(target=watch)
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env={**os.environ, MARK: mark})
        watcher.start()
        status = process.wait()
        seconds = time.perf_counter() - started
        over.set()
        watcher.join()
        out.seek(0)
        printed = out.read().strip().splitlines()
    if status != 0:
        raise subprocess.CalledProcessError(status, command)

    after = os.times()
    waited = after.children_user + after.children_system
    waited -= before.children_user + before.children_system
    return {
        "seconds": round(seconds, 2),
        "cpuSeconds": round(max(waited, sum(tree.cpu.values())), 2),
        "peakPssMb": round(tree.peak_pss_kb / 1024),
        "result": json.loads(printed[-1]),
    }


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1:])))
