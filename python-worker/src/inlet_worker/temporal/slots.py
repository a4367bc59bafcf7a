"""Who has the slots of a worker's queue. No site and no tenant may have all of them: what holds a
slot without getting further, a site that does not answer, must leave one for everybody else
(docs/adr/0022).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SILENT_SECONDS = 600.0
"""How long a site that did not answer is taken for silent; one answer ends it."""


class NoSlotError(Exception):
    """All that this one may have are taken. The message says by whom."""


@dataclass(frozen=True)
class Owner:
    """Whose slot it is. A site is one tenant's: what one tenant's site does is no reason to hold
    another's.
    """

    tenant_id: str
    site: str


@dataclass
class Slots:
    """The `total` slots of one queue, to be used from one thread. A tenant, and so each site, may
    have all but one of them; a site that is silent may have one, and all silent sites together all
    but one.
    """

    total: int
    monotonic: Callable[[], float] = time.monotonic
    _held: list[Owner] = field(default_factory=list)
    _silent: dict[Owner, float] = field(default_factory=dict)

    @contextmanager
    def held(self, owner: Owner) -> Iterator[None]:
        """Raises NoSlotError, at once, where the owner has as many as it may have."""
        if reason := self._refusal(owner):
            raise NoSlotError(reason)
        self._held.append(owner)
        try:
            yield
        finally:
            self._held.remove(owner)

    def saw(self, owner: Owner, *, silent: bool) -> None:
        """How the site behaved in the slot that it had."""
        if silent:
            self._silent[owner] = self.monotonic() + SILENT_SECONDS
        else:
            self._silent.pop(owner, None)

    def _refusal(self, owner: Owner) -> str | None:
        now = self.monotonic()
        self._silent = {one: until for one, until in self._silent.items() if until > now}
        all_but_one = max(1, self.total - 1)
        by_owner = Counter(self._held)

        if owner in self._silent:
            if by_owner[owner]:
                return "The site did not answer a moment ago, and another call is trying it."
            if sum(by_owner[one] for one in self._silent) >= all_but_one:
                return (
                    "The site did not answer a moment ago, and other silent sites are tried first."
                )

        if (
            sum(count for one, count in by_owner.items() if one.tenant_id == owner.tenant_id)
            >= all_but_one
        ):
            return "The tenant already uses all worker slots that one tenant may have."
        return None
