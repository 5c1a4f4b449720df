"""What reads the receipts of providers, and asks for those that stay away."""

from gateway.services.account_news import AccountNews
from gateway.services.inquire import Inquire
from gateway.services.receive import Patience, Receive
from gateway.services.understand import Understand
from gateway.wiring.core import Core


def wire_inquire(core: Core) -> Inquire:
    return Inquire(database=core.database, compose=core.compose, hasher=core.hasher)


def wire_receive(core: Core) -> Receive:
    settings = core.settings
    return Receive(
        database=core.database,
        accounts=core.accounts,
        news=AccountNews(core.database, core.accounts, core.alarm),
        understand=Understand(
            database=core.database,
            accounts=core.accounts,
            inquire=wire_inquire(core),
            hours=core.world.hours,
            clock=core.clock,
            health=core.health,
            suppress=core.suppress,
            tallies=core.tallies,
        ),
        sealer=core.sealer,
        clock=core.clock,
        patience=Patience(
            unmatched_retry_s=settings.receipts.unmatched_retry_s,
            keep_s=settings.receipts.unmatched_keep_h * 3600,
        ),
        largest_group=settings.deliver.group_max,
    )
