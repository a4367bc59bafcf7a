"""A real NameNode and DataNode with WebHDFS, on free ports of this machine. Killed, it starts again
on the same folder and ports.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
JAVA = (
    "java",
    "--add-opens",
    "java.base/java.lang=ALL-UNNAMED",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
)
SUPERUSER = os.environ.get("USER") or subprocess.getoutput("whoami")


class Cluster:
    """Started when it is made. `user` may write below `/data` only."""

    user = "inlet"

    def __init__(self, folder: Path, jars: list[Path]) -> None:
        self._folder = folder
        self._jars = jars
        self._ports = _free_ports(2)
        self._process = self._started("new")
        self._ask("PUT", "/data", "op=MKDIRS")
        self._ask("PUT", "/data", f"op=SETOWNER&owner={self.user}")

    @property
    def port(self) -> int:
        """Of WebHDFS at the NameNode."""
        return self._ports[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """SIGKILL."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def start_again(self) -> None:
        """On what is in the folder."""
        self._process = self._started("again")

    def names_in(self, path: str) -> list[str]:
        """What is in a folder, by a client that is not ours."""
        listed = self._ask("GET", path, "op=LISTSTATUS")["FileStatuses"]["FileStatus"]
        return sorted(one["pathSuffix"] for one in listed)

    def _started(self, how: str) -> subprocess.Popen[str]:
        path = ":".join(str(jar) for jar in self._jars)
        numbers = [str(port) for port in self._ports]
        process = subprocess.Popen(
            [*JAVA, "-cp", path, str(HERE / "Mini.java"), str(self._folder), *numbers, how],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        assert any(line == "ready\n" for line in iter(process.stdout.readline, "")), (
            "the NameNode did not start"
        )
        return process

    def _ask(self, method: str, path: str, query: str) -> dict:  # type: ignore[type-arg]
        url = f"{self.url}/webhdfs/v1{path}?{query}&user.name={SUPERUSER}"
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
            text = answer.read()
        return json.loads(text) if text else {}


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
