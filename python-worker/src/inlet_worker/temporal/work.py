"""What an activity's code is given in its child process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.config import RunSettings
from inlet_worker.host.aws import Aws
from inlet_worker.host.broker import CredentialBroker
from inlet_worker.host.credentials import RunCredentials


@dataclass
class Work:
    """`deadline` is when the work must have sealed what it has. `stopping` is set by a cancel, a
    shutdown of the worker or a fence. `watchers` see the progress about once a second, from another
    thread.
    """

    settings: RunSettings
    deadline: datetime
    aws: Aws = field(default_factory=Aws)
    progress: Progress = field(default_factory=Progress)
    stopping: threading.Event = field(default_factory=threading.Event)
    watchers: list[Callable[[Progress], None]] = field(default_factory=list)

    @cached_property
    def credentials(self) -> RunCredentials:
        return RunCredentials(CredentialBroker(self.aws.functions, self.settings.broker_function))


Task = Callable[[Any, Work], BaseModel | None]
"""An activity's code: takes its input's JSON object, returns its result's model."""
