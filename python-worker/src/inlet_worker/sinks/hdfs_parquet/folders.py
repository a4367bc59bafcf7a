"""The names of a target's folders: `snapshot=<number>-…` and `commit=<number>-…`."""

from __future__ import annotations

import re

from inlet_worker.sinks.hdfs_parquet.commit_log import DIGITS
from inlet_worker.sinks.hdfs_parquet.place import file_name

_FOLDER = re.compile(rf"(snapshot|commit)=([0-9]{{{DIGITS},}})-.+")


def folder_name(commit_id: str, number: int, *, hides_before: bool) -> str:
    """Of a commit; `hides_before`: what has a lower number does not count any more."""
    kind = "snapshot" if hides_before else "commit"
    return f"{kind}={number:0{DIGITS}}-{file_name(commit_id.replace('/', '-'))}"


def number_of(name: str) -> int:
    """The number of a folder of rows; -1 for anything else."""
    found = _FOLDER.fullmatch(name)
    return int(found[2]) if found else -1


def is_snapshot(name: str) -> bool:
    """Whether the folder hides those of lower numbers."""
    found = _FOLDER.fullmatch(name)
    return found is not None and found[1] == "snapshot"
