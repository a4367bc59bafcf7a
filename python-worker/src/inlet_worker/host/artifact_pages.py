"""What a run landed, file by file, kept in pages beside the run: in a bucket or a local folder,
whichever the store is. A page is an object, so a commit of any number of files is no item that
grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import obstore

from inlet_sdk.ports.landed_files import LandedFile
from inlet_worker.contracts import models, names

PAGE_FILES = 500


def keep_files(store: Any, prefix: str, files: Iterable[LandedFile]) -> int:
    """Writes the pages `<prefix>/<number>.json`, and returns the number of files. A retry, which
    has the same files, writes the same pages.
    """
    count = 0
    waiting: list[LandedFile] | None = None
    for number, page in enumerate(_pages(files)):
        if waiting is not None:
            _put(store, prefix, number - 1, waiting, more=True)
        waiting = page
        count += len(page)

    if waiting is not None:
        _put(store, prefix, (count - 1) // PAGE_FILES, waiting, more=False)
    return count


def pages_of(tenant_id: str, endpoint_id: str, commit_id: str) -> str:
    """Where the pages of a commit are; the tenant comes first, as in every key."""
    return f"{names.PREFIX_ARTIFACTS}/{tenant_id}/{endpoint_id}/{commit_id}"


def _pages(files: Iterable[LandedFile]) -> Iterator[list[LandedFile]]:
    left = iter(files)
    while page := list(islice(left, PAGE_FILES)):
        yield page


def _put(store: Any, prefix: str, number: int, files: list[LandedFile], *, more: bool) -> None:
    page = models.ArtifactPage(
        files=[
            models.ArtifactFile(
                location=one.location, rows=one.rows, bytes=one.bytes, sha256=one.sha256
            )
            for one in files
        ],
        more=more,
    )
    body = page.model_dump_json(by_alias=True).encode()
    obstore.put(store, f"{prefix}/{number:06}.json", body)
