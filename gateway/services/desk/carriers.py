"""The accounts that would carry a text: those of the pools on the routes of the units it is for."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.billing import estimate_vnd
from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory, Unit
from gateway.domain.message import Body
from gateway.services.rehearsal import is_rehearsal


def units_of(directory: Directory, channel: Channel, unit: str) -> list[Unit]:
    """Those that may say this text on this channel."""
    wanted = [directory.units[unit]] if unit in directory.units else directory.units.values()
    return [one for one in wanted if any(step.channel is channel for step in one.route)]


def carriers(directory: Directory, channel: Channel, unit: str) -> list[Account]:
    pools = {
        step.pool: None
        for one in units_of(directory, channel, unit)
        for step in one.route
        if step.channel is channel
    }
    codes = (
        code for pool in pools if pool in directory.pools for code in directory.pools[pool].accounts
    )
    return [
        directory.accounts[code]
        for code in dict.fromkeys(codes)
        if code in directory.accounts and not is_rehearsal(code)
    ]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Through the cheapest and through the dearest account that may carry it."""

    least_vnd: int
    most_vnd: int

    def times(self, count: int) -> "Cost":
        return Cost(least_vnd=self.least_vnd * count, most_vnd=self.most_vnd * count)


def cost_of(accounts: Sequence[Account], body: Body) -> Cost | None:
    """As attempts are estimated, too; None where no price is known."""
    prices = [price for one in accounts if (price := estimate_vnd(one, body)) is not None]
    return Cost(least_vnd=min(prices), most_vnd=max(prices)) if prices else None
