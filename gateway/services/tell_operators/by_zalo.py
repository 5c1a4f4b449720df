"""Alerts in a Zalo group of the operators, written by one of our official accounts."""

from collections.abc import Callable, Sequence

from gateway.ledger.alert_news import News
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.providers.zalo_client import Refused, Withheld
from gateway.providers.zalo_group import ZaloGroup
from gateway.services.tell_operators.words import NotTold, Place, letter


class ByZalo:
    """`group` is None while the account that writes is not in the directory."""

    name = "zalo"
    # A text there has 2,000 characters at most.
    at_once = 4

    def __init__(self, *, group: Callable[[], ZaloGroup | None], place: Place) -> None:
        self._group = group
        self._place = place

    async def tell(self, news: Sequence[News]) -> None:
        group = self._group()
        if group is None:
            raise NotTold("no_account")
        try:
            await group.post(letter(news, self._place))
        except Refused as error:
            raise NotTold(error.code) from None
        except Withheld as error:
            raise NotTold(error.ending.code) from None
        except NotSent as error:
            raise NotTold(error.cause) from None
        except MaybeSent as error:
            raise NotTold(str(error.reason)) from None

    async def close(self) -> None:
        """The door is everybody's."""
