from __future__ import annotations

from tests.sinks.cdm_subjects import CdmThroughFiles, CdmThroughIceberg

from . import openings
from .local_sinks import FilesInterruptions, IcebergInterruptions, SqliteInterruptions


class TestIcebergInterruptions(IcebergInterruptions):
    pass


class TestFilesInterruptions(FilesInterruptions):
    pass


class TestSqliteInterruptions(SqliteInterruptions):
    pass


class TestCdmThroughIcebergInterruptions(CdmThroughIceberg, IcebergInterruptions):
    opening = openings.CDM_THROUGH_ICEBERG


class TestCdmThroughFilesInterruptions(CdmThroughFiles, FilesInterruptions):
    opening = openings.CDM_THROUGH_FILES
