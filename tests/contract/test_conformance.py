"""Every provider is held to the same contract, through its simulator."""

from dataclasses import replace

import pytest
from conformance import CHECKS, bench, failing
from kits import NAMES, kit_of
from kits.kit import ENDINGS, QUERIES, REPORTS
from simulated import Simulated

from gateway.domain.message import Submission
from gateway.domain.outcome import Accepted, Outcome, Unknown
from gateway.providers.contract import AccountAccess, Provider
from gateway.providers.esms import Esms


@pytest.mark.parametrize("title", CHECKS)
@pytest.mark.parametrize("name", NAMES)
async def test_a_provider_keeps_the_contract(name: str, title: str) -> None:
    async with bench(name) as on:
        await CHECKS[title](on)


@pytest.mark.parametrize("name", NAMES)
def test_a_kit_has_an_entry_for_every_behaviour(name: str) -> None:
    kit = kit_of(name)
    assert set(kit.endings) == set(ENDINGS)
    assert set(kit.reports) == set(REPORTS)
    assert set(kit.queries) == set(QUERIES)
    assert kit.codes


class SendsTwice(Esms):
    """Tries again by itself, as a well-meant retry would."""

    async def send(self, submission: Submission) -> Outcome:
        await super().send(submission)
        return await super().send(submission)


class BelievesEvery200(Esms):
    """Takes an error that is wrapped in a 200 for success."""

    async def send(self, submission: Submission) -> Outcome:
        ended = await super().send(submission)
        return ended if isinstance(ended, Unknown) else Accepted(code=ended.code)


BROKEN = {
    "sends twice": (SendsTwice, {"ends: none", "ends: wallet-empty"}),
    "takes an error in a 200 for success": (
        BelievesEvery200,
        {"ends: wallet-empty", "ends: blocked", "documented codes"},
    ),
}


@pytest.mark.parametrize(("kind", "caught_by"), BROKEN.values(), ids=BROKEN.keys())
async def test_the_suite_catches_a_provider_that_is_wrong(
    kind: type[Esms], caught_by: set[str]
) -> None:
    def make(access: AccountAccess, simulated: Simulated) -> Provider:
        return kind(access, simulated.door)

    assert caught_by <= set(await failing("esms", make))


async def test_a_kit_that_says_nothing_of_a_behaviour_fails_the_suite() -> None:
    async with bench("esms") as on:
        endings = {fault: word for fault, word in on.kit.endings.items() if fault != "slow-drip"}
        on.kit = replace(on.kit, endings=endings)
        with pytest.raises(KeyError):
            await CHECKS["ends: slow-drip"](on)
