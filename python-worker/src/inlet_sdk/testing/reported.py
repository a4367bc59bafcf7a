"""What a suite tells the report of a test run."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest


class Reported:
    """`subject`: what is held to the laws of this suite, as a reader calls it."""

    subject: ClassVar[str]
    _record: Callable[[str, object], None]

    @pytest.fixture(autouse=True)
    def _tell_the_report(
        self,
        request: pytest.FixtureRequest,
        record_property: Callable[[str, object], None],
    ) -> None:
        law = request.node.originalname
        laws = next(kind for kind in type(self).__mro__ if law in vars(kind))
        self._record = record_property
        record_property("subject", self.subject)
        record_property("laws", laws.__name__)

    def passes_over(self, reason: str) -> None:
        """The law asks nothing of this subject, for this reason."""
        self._record("passesOver", reason)
