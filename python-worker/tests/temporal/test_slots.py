"""Who may have a worker's slots."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from inlet_worker.contracts import models
from inlet_worker.temporal.activities import site_of
from inlet_worker.temporal.slots import SILENT_SECONDS, NoSlotError, Owner, Slots


class Hands:
    """Takes slots, and remembers what was refused."""

    def __init__(self, total: int) -> None:
        self.now = 0.0
        self.slots = Slots(total, monotonic=lambda: self.now)
        self._stack = ExitStack()

    def take(self, tenant: str, site: str) -> bool:
        try:
            self._stack.enter_context(self.slots.held(Owner(tenant, site)))
        except NoSlotError:
            return False
        return True

    def let_go(self) -> None:
        self._stack.close()


@pytest.mark.parametrize("total", [2, 3, 4, 16])
def test_no_tenant_has_all_slots_however_many_sites_it_has(total: int) -> None:
    hands = Hands(total)
    taken = [hands.take("noisy", f"site{n}") for n in range(100)]
    assert taken.count(True) == total - 1
    assert hands.take("other", "site")


@pytest.mark.parametrize("total", [2, 3, 16])
def test_a_silent_site_has_one_slot_and_silent_sites_of_all_tenants_leave_one(total: int) -> None:
    hands = Hands(total)
    for tenant in range(100):
        hands.slots.saw(Owner(f"tenant{tenant}", "dead"), silent=True)
    assert [hands.take("tenant0", "dead") for _ in range(3)] == [True, False, False]
    silent = 1 + [hands.take(f"tenant{tenant}", "dead") for tenant in range(1, 100)].count(True)
    assert silent == max(1, total - 1)
    assert hands.take("alive", "site")


def test_a_site_is_silent_until_it_answers_or_is_forgotten() -> None:
    hands = Hands(4)
    site = Owner("acme", "slow")
    hands.slots.saw(site, silent=True)
    hands.slots.saw(Owner("other", "slow"), silent=False)
    assert [hands.take("acme", "slow"), hands.take("acme", "slow")] == [True, False]
    hands.let_go()
    hands.slots.saw(site, silent=False)
    assert [hands.take("acme", "slow"), hands.take("acme", "slow")] == [True, True]
    hands.let_go()
    hands.slots.saw(site, silent=True)
    hands.now = SILENT_SECONDS + 1
    assert [hands.take("acme", "slow"), hands.take("acme", "slow")] == [True, True]


def test_what_is_given_back_can_be_had_again() -> None:
    hands = Hands(2)
    assert [hands.take("acme", "a"), hands.take("acme", "a")] == [True, False]
    hands.let_go()
    assert hands.take("acme", "b")


SPELLINGS = [
    "https://a.example",
    "https://A.example:443/",
    "HTTPS://a.EXAMPLE/jira",
    "https://a.example:443",
]


def test_a_site_is_one_however_its_endpoints_spell_it() -> None:
    of = {"endpointId": "ep_1", "slug": "a", "connector": "jira", "connectorVersion": "1.0.0"}
    bare = {**of, "authType": None, "credential": None}
    sources = [
        models.SourceRef.model_validate({**bare, "config": {"baseUrl": url}}) for url in SPELLINGS
    ]
    assert {site_of(source) for source in sources} == {"a.example:443"}
    for config in ({}, {"baseUrl": "https://[x"}, {"baseUrl": 7}):
        assert site_of(models.SourceRef.model_validate({**bare, "config": config})) == "ep_1"
