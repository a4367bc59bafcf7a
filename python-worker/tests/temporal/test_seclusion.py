"""What a run can learn of, and do to, its worker, the fork server and its neighbours: tried from
inside.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .hostile_tasks import REFUSED
from .nobodys import AS_ONE, AS_ROOT, NOBODYS, PATH, a_python_for_anybody, needs_root
from .settings import ENVIRONMENT

TASKS = "temporal.hostile_tasks:"
CANARIES = {
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/canary-relative",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/canary-full",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "canary-authorization",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/canary-token-file",
    "AWS_PROFILE": "canary-profile",
    "AWS_ACCESS_KEY_ID": "canary-key-id",
    "AWS_SECRET_ACCESS_KEY": "canary-secret-key",
    "AWS_SESSION_TOKEN": "canary-session",
    "INLET_PAYLOAD_KEY": "canary-payload-key",
    "INLET_TEMPORAL_SECRET": "canary-temporal-secret",
    "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/canary-metadata",
    "SOME_PASSWORD": "canary-password",
}
GIVE_UP_SECONDS = 60


class Worker:
    """A worker's process, whose runs have users of their own or, like itself, one user without
    privileges.
    """

    def __init__(self, home: Path, *, own_users: bool) -> None:
        self.own_users = own_users
        environment = {
            **ENVIRONMENT,
            **CANARIES,
            "HOME": str(home),
            "PYTHONPATH": PATH,
            "AWS_REGION": "us-east-1",
        }
        one = {} if own_users else AS_ONE
        python = sys.executable if own_users else a_python_for_anybody()
        self._process = subprocess.Popen(
            [python, "-m", "temporal.secluded_worker"],
            env={**environment, "INLET_USERS": str(NOBODYS)} if own_users else environment,
            cwd="/",
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **one,
        )
        first = self._read()
        self.pid, self.fork_server, self.user = first["worker"], first["forkServer"], first["user"]

    def start(self, task: str, *, until_it_reports: bool = False, **given: Any) -> int:
        pid: int = self._ask(
            {"task": TASKS + task, "given": given, "untilItReports": until_it_reports}
        )["pid"]
        return pid

    def wait(self, pid: int) -> Any:
        return self._ask({"wait": pid})["answer"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(GIVE_UP_SECONDS)
        finally:
            self._process.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(GIVE_UP_SECONDS)

    def _ask(self, question: dict[str, Any]) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        assert select.select([self._process.stdout], [], [], GIVE_UP_SECONDS)[0], (
            "the worker does not answer"
        )
        line = self._process.stdout.readline()
        assert line, "the worker ended; its words are above"
        return json.loads(line)


WAYS = [pytest.param(True, marks=needs_root, id="own-users"), pytest.param(False, id="one-user")]


@pytest.fixture(scope="module", params=WAYS)
def worker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = canary-file\naws_secret_access_key = x\n"
    )
    for place in (home, home / ".aws", home / ".aws/credentials"):
        place.chmod(0o755)
    worker = Worker(home, own_users=request.param)
    yield worker
    worker.close()


@pytest.fixture
def own_users(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path, own_users=True)
    yield worker
    worker.kill()


def test_a_run_knows_nothing_of_who_the_worker_is(worker: Worker) -> None:
    seen = worker.wait(worker.start("look_around"))
    assert "canary" not in json.dumps(seen)
    assert seen["environ"]["AWS_REGION"] == "us-east-1"  # the control: what it may know is there
    assert not seen["credentials"]
    assert set(seen["settings"]) == {
        *(
            "environment",
            "control_table",
            "hot_table",
            "rate_limit",
            "staging_bucket",
            "lake_bucket",
        ),
        *("lake_catalog", "allow_private_networks", "sink_networks", "run_memory_bytes"),
        *("spark", "broker_function"),
    }


def test_a_run_has_three_standard_descriptors_and_its_pipe(worker: Worker) -> None:
    assert worker.wait(worker.start("look_around"))["descriptors"] == [0, 1, 2, 3]


def test_a_run_has_no_privileges_and_gets_none(worker: Worker) -> None:
    seen = worker.wait(worker.start("look_around"))
    assert (seen["dumpable"], seen["noNewPrivileges"], seen["becomesRoot"], seen["first"]) == (
        0,
        1,
        REFUSED,
        REFUSED,
    )
    assert seen["capabilities"] == ["0000000000000000"] * 4
    assert seen["modes"] == [0o700, 0o600]
    if AS_ROOT:
        slot = seen["user"][0]
        assert seen["user"] == [slot] * 6 and seen["groups"] == []
        assert worker.user == NOBODYS and (slot > NOBODYS if worker.own_users else slot == NOBODYS)


def test_nothing_of_worker_fork_server_and_neighbour_can_be_read(worker: Worker) -> None:
    neighbour = worker.start("linger", until_it_reports=True)
    processes = {"worker": worker.pid, "forkServer": worker.fork_server, "neighbour": neighbour}
    found = worker.wait(worker.start("attack", processes=processes, directory="/nowhere"))
    for name, attempts in found["processes"].items():
        signal_ = attempts.pop("signal")
        assert set(attempts.values()) == {REFUSED}, (name, attempts)
        assert signal_ == (REFUSED if worker.own_users else None), name
    assert found["anywhere"]["environment"] == []
    worker.wait(neighbour)


@needs_root
def test_the_control_what_is_refused_to_a_run_works_for_root(worker: Worker) -> None:
    neighbour = worker.start("linger", until_it_reports=True)
    program = (
        f"from temporal.hostile_tasks import attack_process; print(attack_process({neighbour}))"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    found = subprocess.check_output(
        [sys.executable, "-c", program], env=path, text=True, timeout=GIVE_UP_SECONDS
    )
    assert "attached" in found and "stolen" in found and REFUSED not in found
    worker.wait(neighbour)


@needs_root
def test_a_neighbours_files_are_out_of_reach(own_users: Worker) -> None:
    neighbour = own_users.start("linger", until_it_reports=True)
    directory = str(Path(f"/proc/{neighbour}/cwd").readlink())
    found = own_users.wait(own_users.start("attack", processes={}, directory=directory))["anywhere"]
    assert {found[name] for name in ("directory", "file", "neighbours", "planted")} == {REFUSED}
    assert own_users.wait(neighbour) == directory


@needs_root
def test_no_memory_holds_what_the_worker_was_told(worker: Worker) -> None:
    """As root, who may look: the words are in the memory of the worker and of nobody else."""
    run = worker.start("linger", until_it_reports=True)
    for pid in (run, worker.fork_server):
        assert find_in_memory(pid, b"canary-") == 0
    assert find_in_memory(worker.pid, b"canary-relative") > 0  # the control: what is there is found
    assert "canary" not in Path(f"/proc/{worker.pid}/environ").read_text()
    worker.wait(run)


@needs_root
def test_what_a_run_left_goes_with_it(own_users: Worker, tmp_path: Path) -> None:
    shared = Path(f"/dev/shm/inlet-test-{os.getpid()}")  # noqa: S108
    left = own_users.wait(own_users.start("litter", shared=str(shared)))
    assert not Path(left["directory"]).exists() and not shared.exists()
    assert not Path(f"/proc/{left['left']}").exists()
    assert Path("/etc/passwd").exists()  # where a link led


def test_a_runs_directory_goes_with_it(worker: Worker) -> None:
    directory = worker.wait(worker.start("linger", until_it_reports=True))
    assert not Path(directory).exists()


@needs_root
def test_a_slot_is_used_again_once_it_is_clean(own_users: Worker) -> None:
    users = {own_users.wait(own_users.start("look_around"))["user"][0] for _ in range(3)}
    assert users == {NOBODYS + 1}
    first, second = (own_users.start("linger", until_it_reports=True) for _ in range(2))
    assert [uid_of(pid) for pid in (first, second)] == [NOBODYS + 1, NOBODYS + 2]
    for pid in (first, second):
        own_users.wait(pid)


@needs_root
@pytest.mark.parametrize("victim", ["worker", "fork server"])
def test_no_run_of_another_user_outlives_worker_or_fork_server(
    own_users: Worker, victim: str
) -> None:
    run = os.pidfd_open(own_users.start("linger", until_it_reports=True))
    os.kill(own_users.pid if victim == "worker" else own_users.fork_server, 9)
    ended, _, _ = select.select([run], [], [], GIVE_UP_SECONDS)
    assert ended


def uid_of(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Uid:"))


def find_in_memory(pid: int, word: bytes) -> int:
    found = 0
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if "r" not in line.split()[1] or "[v" in line:
                continue
            try:
                memory.seek(start)
                found += memory.read(end - start).count(word)
            except (OSError, ValueError, OverflowError):
                continue
    return found
