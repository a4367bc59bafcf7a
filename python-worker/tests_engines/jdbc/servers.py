"""Database servers of the tests' own: on a free port, in a temporary folder, stopped at the end."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_worker.sinks.jdbc.login import DatabaseLogin

START_SECONDS = 60
GUARD = EgressGuard(allow_private_networks=True)
LOGIN = DatabaseLogin("inlet", "secret")


@dataclass
class Server:
    """`kill` is SIGKILL of all its processes; `start` begins on what they left."""

    dialect: str
    port: int
    folder: Path
    login: DatabaseLogin
    command: Sequence[str]
    owner: str | None
    process: subprocess.Popen[bytes] | None = field(default=None)

    def config(self, database: str, **changes: Any) -> dict[str, Any]:
        plain = {
            "dialect": self.dialect,
            "host": "127.0.0.1",
            "port": self.port,
            "database": database,
            "tls": "disable",
        }
        return plain | changes

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            as_owner(self.owner, self.command),
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            # Those of PostgreSQL lead sessions of their own, and no next start waits for them.
            pids = [self.process.pid, *_children(self.process.pid)]
            handles = [os.pidfd_open(pid) for pid in pids]
            for handle in handles:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            for handle in handles:
                select.select([handle], [], [])
                os.close(handle)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            if self.dialect == "postgresql":
                # It listens before it has recovered.
                psycopg.connect(self._conninfo).close()
                return True
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return bool(connection.recv(1))
        except (OSError, psycopg.Error):
            return False

    @property
    def _conninfo(self) -> str:
        user = f"user={self.login.user} password={self.login.password}"
        return f"host=127.0.0.1 port={self.port} dbname=postgres {user} connect_timeout=2"


def start_postgres(*options: str) -> Server:
    """PostgreSQL of the system. Its superuser has the password `secret`."""
    folder, owner = _folder("postgres")
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    password = folder / "password"
    password.write_text("secret")
    data = folder / "data"
    subprocess.run(
        as_owner(
            owner,
            [
                f"{binaries}/initdb",
                f"--pgdata={data}",
                "--username=inlet",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
        ),
        check=True,
        capture_output=True,
    )

    port = free_port()
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    chosen = [part for one in (*settings, *options) for part in ("-c", one)]
    command = [f"{binaries}/postgres", "-D", str(data), *chosen]
    server = Server("postgresql", port, folder, LOGIN, command, owner)
    server.start()
    return server


def start_mariadb(*options: str) -> Server:
    """MariaDB of the system. Its user `inlet` has the password `secret`."""
    folder, owner = _folder("mysql")
    data = folder / "data"
    login = folder / "login.sql"
    login.write_text(
        "CREATE USER IF NOT EXISTS 'inlet'@'%' IDENTIFIED BY 'secret';\n"
        "GRANT ALL ON *.* TO 'inlet'@'%';\n"
    )
    login.chmod(0o644)
    subprocess.run(
        as_owner(
            owner,
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
        ),
        check=True,
        capture_output=True,
    )

    port = free_port()
    command = [
        "/usr/sbin/mariadbd",
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={folder}/socket",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--init-file={login}",
        "--skip-name-resolve",
        *options,
    ]
    server = Server("mariadb", port, folder, LOGIN, command, owner)
    server.start()
    return server


def as_owner(owner: str | None, command: Sequence[str]) -> list[str]:
    """Servers refuse to run as root."""
    return (
        ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups", *command]
        if owner
        else list(command)
    )


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _folder(user: str) -> tuple[Path, str | None]:
    folder = Path(tempfile.mkdtemp(prefix="inlet-server-"))
    if os.getuid() != 0:
        return folder, None
    account = pwd.getpwnam(user)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return folder, user
