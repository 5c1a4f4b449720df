"""Whether what a notice says is still owed, so that it may be sent once more without anybody
insisting."""

from collections.abc import Mapping, Sequence

from gateway.domain.dossier import EventKind
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger.reading import Found
from gateway.ledger.resends import LastReport
from gateway.sealing import Hasher
from gateway.services.addressing import recipient_of
from gateway.services.booking import dossier_keys, once_keys
from gateway.services.payload import Payload

# Cancelled for these, it was told by another notice or became pointless.
_NOT_OWED = frozenset(
    {Reason.DUPLICATE, Reason.OVERTAKEN, Reason.COLLECTED, Reason.NOTHING_TO_CORRECT}
)


class StillDue:
    """`supersedes`: which kinds an event of a kind makes pointless for its dossier."""

    def __init__(self, hasher: Hasher, supersedes: Mapping[EventKind, Sequence[EventKind]]) -> None:
        self._hasher = hasher
        self._supersedes = supersedes

    def keys(self, found: Found, content: Payload, namespace: str) -> list[bytes]:
        """Those of its dossier, under which the last report about it is found."""
        return dossier_keys(self._hasher, namespace, content.event.dossier_code, found.mode)

    def once_keys(self, found: Found, content: Payload, namespace: str) -> list[bytes]:
        """Under which another notice that says the same to the same numbers is known: those it was
        posted with, and those it is sent to."""
        dossier = self.keys(found, content, namespace)
        _, posted, _ = recipient_of(content.event)
        return [
            key
            for phones in dict.fromkeys((posted, content.phones))
            for key in once_keys(self._hasher, content.event, phones, dossier)
        ]

    def __call__(self, found: Found, content: Payload, last: LastReport | None) -> bool:
        """`last`: what was reported last about its dossier."""
        if found.state == State.CANCELLED and found.reason in _NOT_OWED:
            return False
        if last is None or last.kind not in set(EventKind):
            return True
        event = content.event
        is_newer = last.at > (event.occurred_at or found.accepted_at)
        return not (is_newer and event.kind in self._supersedes.get(EventKind(last.kind), ()))
