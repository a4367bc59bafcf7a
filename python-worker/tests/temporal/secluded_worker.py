"""A worker's process as the command starts it, for tests that must not be it: starts children on
request.

A line of JSON each way: {"task", "given"} -> {"pid"}; {"wait": pid} -> {"pid", "answer"}, once it
is asked to stop. Its first line: {"worker", "forkServer"}, their process ids.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inlet_worker.config import read_settings
from inlet_worker.temporal.child_process import ChildProcesses
from inlet_worker.temporal.clean_start import (
    HANDED,
    give_up_root,
    read_handed_environment,
    start_again_clean,
)
from inlet_worker.temporal.seclusion import seclude

DEADLINE = datetime(2100, 1, 1, tzinfo=UTC)


def main() -> None:
    seclude()
    if HANDED not in sys.argv:
        start_again_clean()
    read_handed_environment(int(sys.argv[-1]))
    settings = read_settings(os.environ)
    children = ChildProcesses(settings)
    children.warm()
    give_up_root(settings)
    asyncio.run(serve(children))


async def serve(children: ChildProcesses) -> None:
    started = {}
    say(
        {"worker": os.getpid(), "forkServer": int(children_of(os.getpid())[0]), "user": os.getuid()}
    )
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        if "task" in asked:
            given = json.dumps(asked["given"]).encode()
            child = await children.start(asked["task"], given, DEADLINE, {}, asked.get("identity"))
            while not child.progress.rows and asked.get("untilItReports"):
                await asyncio.sleep(0.01)
            started[child.pid] = child
            say({"pid": child.pid})
        else:
            child = started[asked["wait"]]
            child.ask_to_stop()
            answer = await child.outcome()
            await child.end()
            say({"pid": child.pid, "answer": answer["value"]})


def children_of(pid: int) -> list[str]:
    """Also of a process that keeps itself to itself: this one file stays everybody's."""
    return [
        stat.parent.name
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.read_text().rpartition(")")[2].split()[1] == str(pid)
    ]


def say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
