"""The operations of HDFS that a sink needs, each of which may be asked again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from inlet_worker.sinks.hdfs_parquet.answers import Answer, Unanswered, check, json_of
from inlet_worker.sinks.hdfs_parquet.connection import HdfsConnection

WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further attempt; a NameNode that starts again takes a while."""
NOT_EMPTY = "PathIsNotEmptyDirectoryException"
TAKEN = "FileAlreadyExistsException"
Moved = Literal["moved", "taken", "absent"]


@dataclass(frozen=True)
class Entry:
    """A file or folder in a folder; `modified`: ms since 1970, by the NameNode's clock."""

    name: str
    is_folder: bool
    modified: int


class WebHdfs:
    """Paths are absolute. Raises FatalError for what is refused, RetryableError
    `SINK_UNAVAILABLE` where no answer comes, FileNotFoundError for a path that is not there.
    """

    def __init__(
        self, connection: HdfsConnection, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._connection = connection
        self._wait = wait

    def make_folder(self, path: str) -> None:
        """With those above it; one that is there stays as it is."""
        self._ask("PUT", path, {"op": "MKDIRS"})

    def put(self, path: str, body: bytes) -> None:
        """The file, closed, in place of another. Only one writer may have this path."""
        self._ask("PUT", path, {"op": "CREATE", "overwrite": "true"}, body)

    def get(self, path: str) -> bytes:
        """The whole file."""
        return self._ask("GET", path, {"op": "OPEN"}).body

    def entries(self, path: str) -> list[Entry]:
        """What is in a folder; nothing for one that is not there."""
        try:
            answer = self._ask("GET", path, {"op": "LISTSTATUS"})
        except FileNotFoundError:
            return []
        return [
            Entry(one["pathSuffix"], one["type"] == "DIRECTORY", int(one["modificationTime"]))
            for one in json_of(answer)["FileStatuses"]["FileStatus"]
        ]

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        try:
            self._ask("GET", path, {"op": "GETFILESTATUS"})
        except FileNotFoundError:
            return False
        return True

    def move(self, path: str, to: str) -> Moved:
        """The strict rename: one step in the NameNode, never onto or into what is there. `absent`:
        nothing is at `path`, which an earlier attempt, whose answer was lost, may have moved.
        """
        asked = {"op": "RENAME", "destination": to, "renameoptions": "NONE"}
        try:
            answer = self._ask("PUT", path, asked, allowed=(TAKEN,))
        except FileNotFoundError:
            return "absent"

        if answer.status >= 300:
            return "taken"
        if answer.body and not json_of(answer)["boolean"]:
            # A gateway that knows no strict rename says no more than this.
            return "taken" if self.exists(path) else "absent"
        return "moved"

    def delete(self, path: str) -> None:
        """With all that is below; one that is not there is deleted."""
        self._ask("DELETE", path, {"op": "DELETE", "recursive": "true"})

    def delete_if_empty(self, path: str) -> None:
        """A folder in which nothing is; another stays."""
        asked = {"op": "DELETE", "recursive": "false"}
        self._ask("DELETE", path, asked, allowed=(NOT_EMPTY,))

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None = None,
        allowed: tuple[str, ...] = (),
    ) -> Answer:
        """Asks again where no answer came, or one that says that the NameNode is not ready."""
        for wait in (*WAITS, None):
            try:
                answer = self._connection.ask(method, path, query, body)
                check(answer, query["op"], allowed)
            except Unanswered:
                if wait is None:
                    raise
                self._wait(wait * random.uniform(0.5, 1.5))
            else:
                return answer
        raise AssertionError("the last attempt returns or raises")
