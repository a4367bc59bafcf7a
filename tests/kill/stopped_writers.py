"""Processes write to one SQLite catalogue, and one after another is stopped at a random instant:
the others go on.

    python stopped_writers.py FOLDER ROUNDS SEED   # the attack; prints {"rows", "commits",
    "faults"}
    python stopped_writers.py FOLDER write NAME    # one writer: says how often it has written

A write is a namespace, the smallest there is. No other part of a commit takes a lock, and a process
that only writes, and opens the catalogue anew each time, is often hit in the middle of it. A stop
ends when each other writer has written meanwhile.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from inlet_worker.sinks.iceberg.catalog import open_catalog
from inlet_worker.sinks.iceberg.place import IcebergPlace
from pyiceberg.catalog import Catalog

WRITERS = ("ann", "bob", "cid", "dee")
START_SECONDS = 300
HUNG_SECONDS = 60
PAUSE_SECONDS = 0.25


def open_lake(folder: Path) -> Catalog:
    return open_catalog(
        IcebergPlace(
            catalog="sql", uri=f"sqlite:///{folder}/lake.db", warehouse=f"file://{folder}/lake"
        )
    )


def write(folder: Path, name: str) -> None:
    """Until the pipe ends."""
    written = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        open_lake(folder).create_namespace((name, str(written)))
        written += 1
        print(written, flush=True)


class Writer:
    """One writing process and how often it says it has written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.written = 0
        command = [sys.executable, __file__, str(folder), "write", name]
        # A group of its own: a stop reaches it and all below it, as it reaches a worker.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
        )

    def signal(self, number: int) -> None:
        os.killpg(self._process.pid, number)

    def writes_again(self, within_seconds: float = HUNG_SECONDS) -> bool:
        """Waits for its next write. False when it does not come, or has ended."""
        if not select.select([self._process.stdout], [], [], within_seconds)[0]:
            return False
        return self._hear(os.read(self._process.stdout.fileno(), 65_536))

    def forget_what_was_said(self) -> None:
        while self.writes_again(within_seconds=0):
            pass

    def end(self) -> None:
        rest, _ = self._process.communicate()
        self._hear(rest)

    def _hear(self, lines: bytes) -> bool:
        self.written = int((lines.split() or [self.written])[-1])
        return bool(lines)


def attack(folder: Path, rounds: int, seed: int) -> dict[str, object]:
    chance = random.Random(seed)
    writers = [Writer(folder, name) for name in WRITERS]
    faults = [
        f"{each.name} did not start" for each in writers if not each.writes_again(START_SECONDS)
    ]
    for number in range(0 if faults else rounds):
        time.sleep(chance.uniform(0, PAUSE_SECONDS))
        victim = chance.choice(writers)
        victim.signal(signal.SIGSTOP)
        others = [each for each in writers if each is not victim]
        for each in others:
            each.forget_what_was_said()
        hung = [each.name for each in others if not each.writes_again()]
        victim.signal(signal.SIGCONT)
        if hung:
            faults.append(
                f"{' and '.join(hung)} hung while {victim.name} was stopped "
                f"(round {number}, seed {seed})"
            )
            break
    for each in writers:
        each.end()
    return {"commits": sum(each.written for each in writers), **compare(folder, writers, faults)}


def compare(folder: Path, writers: list[Writer], faults: list[str]) -> dict[str, object]:
    catalog, rows = open_lake(folder), 0
    for each in writers:
        found = len(catalog.list_namespaces(each.name))
        rows += found
        if found != each.written:
            faults.append(
                f"{each.name} wrote {each.written} times, but the catalogue holds {found}"
            )
    return {"rows": rows, "faults": faults}


if __name__ == "__main__":
    if sys.argv[2] == "write":
        write(Path(sys.argv[1]), sys.argv[3])
    else:
        print(json.dumps(attack(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
