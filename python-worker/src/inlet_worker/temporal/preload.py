"""Imported once by the fork server: what every child needs, so that a child starts in milliseconds.
Starts no thread and opens nothing, which would not survive the fork.
"""

from __future__ import annotations

import boto3
import botocore.config
import obstore.store
import pyarrow.compute
import pyarrow.parquet
import pyiceberg.catalog.sql
import pyiceberg.io.pyarrow

import inlet_worker.temporal.child_main
import inlet_worker.temporal.run_ingestion_unit_activity

__all__ = ["boto3", "botocore", "inlet_worker", "obstore", "pyarrow", "pyiceberg"]
