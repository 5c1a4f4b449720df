"""What may be sent once more, judged by what was looked up: the same for one that is sent and for
many that somebody asks about first. Raises RequestRefused with what is in the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from gateway.domain.channel import Channel
from gateway.domain.directory import Source, Unit
from gateway.domain.hours import local
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.route import Step
from gateway.intake.problems import FieldProblem, Refusal, RequestRefused
from gateway.ledger.reading import Found
from gateway.ledger.resends import LastReport
from gateway.sealing import KeyVersionError, SealError
from gateway.services.compose import Compose
from gateway.services.live_directory import LiveDirectory
from gateway.services.owing import Owing
from gateway.services.payload import Payload
from gateway.services.rehearsal import MODE_TEST
from gateway.services.still_due import StillDue

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How it is to be sent again. `reason` is a word code; `phone` replaces all phones known."""

    reason: str | None = None
    channel: Channel | None = None
    phone: str | None = None
    force: bool = False


def mode_of(found: Found, asked: str) -> str:
    """What is tried stays a trial, and so does what is asked for with a test key."""
    return MODE_TEST if MODE_TEST in (asked, found.mode) else found.mode


class ResendCheck:
    def __init__(
        self,
        *,
        directory: LiveDirectory,
        compose: Compose,
        owing: Owing,
        still_due: StillDue,
        now: Callable[[], datetime],
    ) -> None:
        self._directory = directory
        self._compose = compose
        self._owing = owing
        self._still_due = still_due
        self.now = now

    def content(self, found: Found, source: Source, wish: Wish) -> Payload:
        """What was sealed for the first one, with the phone corrected and the reason noted."""
        if found.source != source.code:
            raise refused(404, "no_such_notification", NO_SUCH)
        if found.sealed is None or found.seal_key is None:
            raise refused(409, "erased", _ERASED)
        try:
            before = self._compose.payload(found.id, found.sealed, found.seal_key)
        except (SealError, KeyVersionError):
            log.error("row_not_opened", notification_id=show(NOTIFICATION, found.id))
            raise refused(409, "unreadable", _UNREADABLE) from None
        phones = before.phones if wish.phone is None else read_phones([wish.phone]).phones
        if not phones:
            raise refused(422, "no_usable_phone", _NO_PHONE, "/phone")
        notes = [*before.notes, f"resent:{wish.reason}"] if wish.reason else before.notes
        forced = wish.force or wish.phone is not None
        return replace(before, phones=phones, notes=tuple(notes), forced=forced)

    def dossier_keys(self, found: Found, content: Payload, source: Source) -> list[bytes]:
        return self._still_due.keys(found, content, source.namespace)

    def once_keys(self, found: Found, content: Payload, source: Source) -> list[bytes]:
        return self._still_due.once_keys(found, content, source.namespace)

    def require_unreached(self, *, may_reach_somebody: bool) -> None:
        """Of its family: the first one, its resends, and theirs."""
        if may_reach_somebody:
            raise refused(409, "needs_force", _NEEDS_FORCE, "/force")

    def require_due(
        self, found: Found, content: Payload, last: LastReport | None, *, was_said: bool
    ) -> None:
        """`was_said`: by a notice of another event, which reached somebody or still may."""
        if was_said or not self._still_due(found, content, last):
            raise refused(409, "no_longer_due", _NO_LONGER_DUE, "/force")

    def route(
        self, found: Found, content: Payload, source: Source, wish: Wish, now: datetime
    ) -> tuple[Unit, tuple[Step, ...]]:
        """In whose name, and by which steps."""
        unit = self._directory.now.unit(found.unit, local(now).date())
        if unit is None or unit.code not in source.units:
            raise refused(403, "unit_not_yours", _NO_UNIT)
        return unit, self._steps(unit, content.phones, wish)

    def _steps(self, unit: Unit, phones: tuple[Phone, ...], wish: Wish) -> tuple[Step, ...]:
        route = self._owing.route(unit, phones)
        steps = tuple(step for step in route if wish.channel in (None, step.channel))
        if not steps:
            raise refused(422, "no_such_step", _NO_STEP, "/channel")
        return steps


NO_SUCH = "There is no notification of yours with this id."
_ERASED = "The person's data were erased; post a new event instead."
_UNREADABLE = "The person's data cannot be opened here: a key is missing, or they were altered."
_NO_PHONE = "No number here can be written to or called; give a corrected phone."
_NEEDS_FORCE = (
    "This notice, or an earlier resend of it, may have reached somebody or still may. Set force to"
    " send another one all the same."
)
_NO_LONGER_DUE = (
    "What this notice says was told by another one, or its dossier has moved on since. Set force to"
    " send it all the same."
)
_NO_UNIT = "You may no longer write in the name of this notification's unit."
_NO_STEP = (
    "The unit's route has no step over this channel that these numbers can take; choose another"
    " channel or give another phone."
)


def refused(status: int, code: str, detail: str, pointer: str | None = None) -> RequestRefused:
    errors = (FieldProblem(pointer=pointer, code=code, detail=detail),) if pointer else ()
    return RequestRefused(Refusal(status=status, code=code, detail=detail, errors=errors))
