"""Files of one place. pyiceberg takes a table's own properties over the catalogue's, `py-io-impl`
(a class to import) and `s3.endpoint` among them, and opens whatever a table's metadata points to.
Whoever owns a table writes both, so a sink opens its files with the properties that we made, and
below its own warehouse only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pyarrow.fs import FileSystem
from pyiceberg.io import WAREHOUSE, InputFile, OutputFile
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.typedef import EMPTY_DICT, Properties

from inlet_sdk.errors import FatalError

_ONE_SLASH = re.compile(r"^file:/(?!/)")


class PlaceIO(PyArrowFileIO):
    """Of the warehouse that the properties name. Raises FatalError `SINK_REJECTED` for a file
    outside it.
    """

    def __init__(self, properties: Properties = EMPTY_DICT) -> None:
        super().__init__(properties)
        self._root = f"{properties[WAREHOUSE].rstrip('/')}/"
        scheme, netloc, _ = self.parse_location(self._root)
        self.fs_by_scheme = _only(scheme, netloc, self.fs_by_scheme)

    def within(self, location: str) -> str:
        """The location, if it is below the warehouse. Spark writes `file:/` for `file:///`."""
        location = _ONE_SLASH.sub("file:///", location)
        if location.startswith(self._root) and ".." not in location.split("/"):
            return location
        raise _outside()

    def new_input(self, location: str) -> PyArrowFile:
        return super().new_input(self.within(location))

    def new_output(self, location: str) -> PyArrowFile:
        return super().new_output(self.within(location))

    def delete(self, location: str | InputFile | OutputFile) -> None:
        super().delete(self.within(location if isinstance(location, str) else location.location))


def _only(
    scheme: str, netloc: str, opened: Callable[[str, str | None], FileSystem]
) -> Callable[[str, str | None], FileSystem]:
    def checked(asked: str, host: str | None = None) -> Any:
        if (asked, host or "") != (scheme, netloc):
            raise _outside()
        return opened(asked, host)

    return checked


def _outside() -> FatalError:
    return FatalError(
        "SINK_REJECTED",
        "The table's metadata points outside the sink's warehouse: move the table's files there, "
        "or drop the table so that the next run makes it anew.",
    )
