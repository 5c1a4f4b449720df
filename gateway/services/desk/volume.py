"""How many messages a month a text is for, remembered for a moment: it is asked at every stroke."""

import time

from gateway.ledger.template_drafts import DraftKey
from gateway.services.desk.listing import Listing

_KEPT_S = 60.0
_MOST_KEPT = 1000


class Volume:
    def __init__(self, listing: Listing) -> None:
        self._listing = listing
        self._kept: dict[DraftKey, tuple[float, int]] = {}

    async def of(self, key: DraftKey) -> int:
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept[0] > _KEPT_S:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = time.monotonic(), await self._listing.sent_lately(key)
        return kept[1]
