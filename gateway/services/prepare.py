"""From a claimed notification to a message that may be handed to its account; or to what becomes of
one that cannot be: passed over, given back, not rendered, not the text that is registered."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gateway import metrics
from gateway.domain import registration
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.channel import Channel
from gateway.domain.hours import SendingHours
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.language import serving
from gateway.domain.message import Body, Registered, SmsBody, Submission, VoiceBody
from gateway.domain.notification import AttemptResult, Change, Claimed, Skip
from gateway.domain.outcome import Reason, Unknown
from gateway.domain.registration import Difference, Unfit, Unregistered
from gateway.domain.retry import (
    AskAgain,
    Decision,
    End,
    NextStep,
    Situation,
    TryAgain,
    decide,
    may_ask_again,
)
from gateway.domain.status import State
from gateway.errors import BaotinError, DoesNotFit, LedgerUnavailable, RenderError
from gateway.ledger import resends
from gateway.ledger.database import Database
from gateway.sealing import KeyVersionError
from gateway.services.accounts import OpenAccount
from gateway.services.addresses import Addresses
from gateway.services.advance import Standing, change_of, situation, without_account
from gateway.services.alarm import Alarm
from gateway.services.compose import Compose
from gateway.services.database_clock import DatabaseClock
from gateway.services.payload import Payload

log = structlog.get_logger()

LEDGER_BACK_AFTER_S = 0.5
_KEY_COMES_IN_S = 30.0
_Misfit = Difference | Unregistered | Unfit
_NOT_ASKED = Unknown(reason=Reason.UNKNOWN_OUTCOME)
_STILL_UNKNOWN = AttemptResult(outcome="unknown", reason=Reason.UNKNOWN_OUTCOME)
_GONE = AttemptResult(outcome="rejected", reason=Reason.NO_ACCOUNT)
_NOT_OPENED = AttemptResult(outcome="deferred", reason=Reason.GIVEN_BACK)
_NOT_RENDERED = AttemptResult(outcome="rejected", reason=Reason.RENDER_FAILED)
_NOT_FITTING = AttemptResult(outcome="rejected", reason=Reason.CONTENT_REFUSED, code="unfit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A message for `found`, its words, and the language that was wished for."""

    found: OpenAccount
    message: Submission
    language: str

    @property
    def body(self) -> Body:
        return self.message.body


class Prepare:
    def __init__(
        self,
        *,
        database: Database,
        compose: Compose,
        addresses: Addresses,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        alarm: Alarm,
    ) -> None:
        self._database = database
        self._compose = compose
        self._addresses = addresses
        self._hours = hours
        self._clock = clock
        self._alarm = alarm

    async def ready(self, claimed: Claimed, found: OpenAccount | None) -> Ready | Change:
        """The message, or the change of a notification that is not sent now."""
        if claimed.skip is not None:
            return self._passed_over(claimed, claimed.skip)
        if found is None:
            return self._without_account(claimed)
        composed = await self._composed(claimed)
        if isinstance(composed, Change):
            return composed
        payload, body = composed
        registered = _registered(found, claimed.kind, body)
        if claimed.times_asked > 1:
            # The text may be registered otherwise by now: that says nothing of the earlier call.
            at = self.situation(claimed, found)
            if not may_ask_again(at) or isinstance(registered, _Misfit):
                return self.change(claimed, decide(_NOT_ASKED, at), _STILL_UNKNOWN)
        if isinstance(registered, _Misfit):
            return self._not_taken(claimed, found, body, registered)
        return Ready(
            found=found,
            message=self._message(claimed, found, payload, body, registered),
            language=payload.event.language,
        )

    async def _composed(self, claimed: Claimed) -> tuple[Payload, Body] | Change:
        """What was posted and the words made of it, unless they are not to be had or not wanted."""
        try:
            payload, body = await self._compose.message(claimed)
            is_told = await self._is_told(claimed, payload)
        except KeyVersionError:
            log.error(
                "key_missing",
                notification_id=show(NOTIFICATION, claimed.id),
                seal_key=claimed.seal_key,
            )
            return self.given_back(claimed, _KEY_COMES_IN_S)
        except LedgerUnavailable:
            # An absent ledger is nobody's wrong template.
            log.warning("not_prepared", notification_id=show(NOTIFICATION, claimed.id))
            return self.given_back(claimed, LEDGER_BACK_AFTER_S)
        except BaotinError as error:
            return self._not_rendered(claimed, error)
        if is_told:
            ends = End(state=State.CANCELLED, reason=Reason.DUPLICATE)
            return self.change(claimed, ends, _NOT_OPENED)
        return payload, body

    def _without_account(self, claimed: Claimed) -> Change:
        if claimed.times_asked > 1:
            return self.change(claimed, without_account(claimed.current), _STILL_UNKNOWN)
        return self.change(claimed, NextStep(reason=Reason.NO_ACCOUNT), _GONE)

    async def _is_told(self, claimed: Claimed, payload: Payload) -> bool:
        """Whether the first one of a resend reached its person while this one waited."""
        if claimed.resend_of is None or payload.forced or claimed.times_asked > 1:
            return False
        async with self._database.connection() as connection:
            return await resends.reached_before(connection, claimed.id)

    def situation(self, claimed: Claimed, found: OpenAccount) -> Situation:
        return situation(
            Standing.of_claimed(claimed),
            found.provider.terms,
            found.account,
            self._clock(),
            self._hours(),
        )

    def change(self, claimed: Claimed, decision: Decision, result: AttemptResult | None) -> Change:
        return change_of(
            Standing.of_claimed(claimed),
            decision,
            now=self._clock(),
            hours=self._hours(),
            result=result,
        )

    def _message(
        self,
        claimed: Claimed,
        found: OpenAccount,
        payload: Payload,
        body: Body,
        registered: Registered | None,
    ) -> Submission:
        self._note_language(payload, body)
        return Submission(
            reference=claimed.reference,
            phone=payload.phones[claimed.current.phone],
            body=body,
            callback_url=self._addresses.receipts(found.access),
            voice_url=self._addresses.call(found.account.code, claimed.reference),
            registered=registered,
            times_asked=claimed.times_asked,
        )

    def _note_language(self, payload: Payload, body: Body) -> None:
        """That somebody is called in Vietnamese who wished for another language. Which one is not
        told: the time of an alert tells whose wish it was."""
        if not isinstance(body, VoiceBody):
            return
        metrics.record_unrecorded(body.unrecorded)
        if body.language not in serving(payload.event.language):
            self._alarm.note(Alert(kind=AlertKind.LANGUAGE_MISSING, subject=str(Channel.VOICE)))

    def _passed_over(self, claimed: Claimed, skip: Skip) -> Change:
        is_last = claimed.step + 1 == len(claimed.steps)
        match skip:
            case Skip.LATE:
                ends: Decision = End(state=State.EXPIRED, reason=Reason.LATEST_TIME_PASSED)
            case Skip.SUPPRESSED if is_last:
                ends = End(state=State.SUPPRESSED, reason=Reason.SUPPRESSED)
            case Skip.SUPPRESSED:
                ends = NextStep(reason=Reason.SUPPRESSED)
            case Skip.NO_ZALO:
                ends = NextStep(reason=Reason.NO_ZALO_ACCOUNT)
        return self.change(claimed, ends, None)

    def given_back(self, claimed: Claimed, delay_s: float) -> Change:
        """What it takes to send it is not at hand now; the provider was not called."""
        again: Decision = AskAgain(delay_s=delay_s)
        if claimed.times_asked == 1:
            again = TryAgain(delay_s=delay_s, reason=Reason.GIVEN_BACK, spends_try=False)
        return self.change(claimed, again, _NOT_OPENED)

    def _not_rendered(self, claimed: Claimed, error: BaotinError) -> Change:
        """A broken text is nobody's next step: staff must see it, and the lane goes on. One that is
        too long for this channel says nothing against the next."""
        channel = claimed.current.channel
        metrics.record_render_failure(claimed.kind, channel)
        log.error(
            "render_failed",
            notification_id=show(NOTIFICATION, claimed.id),
            kind=claimed.kind,
            channel=channel,
            problem=str(error) if isinstance(error, RenderError) else type(error).__name__,
        )
        if isinstance(error, DoesNotFit):
            return self.change(claimed, NextStep(reason=Reason.CONTENT_REFUSED), _NOT_FITTING)
        return self.change(
            claimed, End(state=State.FAILED, reason=Reason.RENDER_FAILED), _NOT_RENDERED
        )

    def _not_taken(
        self,
        claimed: Claimed,
        found: OpenAccount,
        body: Body,
        why: Difference | Unregistered | Unfit,
    ) -> Change:
        """The operators would refuse it. Where and why is kept with the text, sealed like it."""
        code = found.account.code
        self._alarm.note(
            Alert(kind=AlertKind.TEXT_NOT_REGISTERED, subject=f"{code}/{claimed.kind}")
        )
        log.error("text_not_taken", notification_id=show(NOTIFICATION, claimed.id), account=code)
        sealed, seal_key = self._compose.sealed_text(claimed, body, str(why))
        result = AttemptResult(
            outcome="rejected",
            reason=Reason.CONTENT_REFUSED if isinstance(why, Unfit) else Reason.TEMPLATE_REFUSED,
            code="unfit" if isinstance(why, Unfit) else "not_registered",
            sealed=sealed,
            seal_key=seal_key,
        )
        assert result.reason is not None
        return self.change(claimed, NextStep(reason=result.reason), result)


def _registered(found: OpenAccount, kind: str, body: Body) -> Registered | _Misfit | None:
    if not isinstance(body, SmsBody):
        return None
    terms = found.provider.terms
    return registration.unfit(
        body.text, terms.longest_text, terms.refused_characters
    ) or registration.find(
        found.account.registered, kind, body.text, needed=terms.needs_registration
    )
