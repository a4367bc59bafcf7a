"""The project's Jira sandbox as a child process of a test."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "node_modules/.bin/node"
MAIN = ROOT / "local/sandbox/jira/main.ts"
ANNOUNCEMENT = "listening on "
STOP_SECONDS = 10


@dataclass(frozen=True)
class SandboxServer:
    """A running sandbox and the one account that it knows."""

    url: str
    user: str = "sandbox@example.com"
    token: str = "sandbox-token"  # noqa: S105 - the sandbox's own, good for nothing else

    def control(self, action: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Calls `/__control/<action>`: GET without a body, POST with one. Raises HTTPError if the
        sandbox refuses.
        """
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/__control/{action}", data=data)
        with urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer

    def truth(self, unit: str) -> dict[str, str]:
        """The sha256 of every record of a unit, by id."""
        return {row["id"]: row["sha256"] for row in self.control(f"truth?unit={unit}")["values"]}


@contextmanager
def sandbox_server(*flags: str) -> Iterator[SandboxServer]:
    """Runs a sandbox on a free port until the block ends, e.g. `sandbox_server("--issues", "300",
    "--rate", "20")`.

    Raises RuntimeError if it ends before it listens; what it printed on stderr is on the test's.
    """
    if not NODE.exists():
        raise RuntimeError(
            "This checkout has no Node of its own: run `npm ci`, then the tests again."
        )
    command = [str(NODE), str(MAIN), "--port", "0", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(ANNOUNCEMENT):
                raise RuntimeError(
                    f"The sandbox did not start; try it by hand: {' '.join(command)}"
                )
            yield SandboxServer(url=line.removeprefix(ANNOUNCEMENT).strip())
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
