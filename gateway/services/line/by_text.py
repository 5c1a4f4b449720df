"""The two questions of the line asked by a text message, each answered by one short reply."""

from collections.abc import Callable, Sequence

from gateway import metrics
from gateway.domain.channel import Channel
from gateway.domain.directory import Directory
from gateway.domain.enquiry import CheckEnquiry, StatusEnquiry, help_text, read_enquiry
from gateway.domain.line import Answer, Asked
from gateway.services.line.enquiry import Enquiry
from gateway.services.line.guard import Guard
from gateway.services.line.speak import LineWords
from gateway.services.search_tokens import digits_of
from gateway.services.text_line import centre_phone


class WrittenLine:
    """A `TextLine` that answers for the unit whose line the account's number is; for another
    account it tells how to ask, and whom to ring."""

    def __init__(
        self,
        *,
        directory: Callable[[], Directory],
        enquiry: Enquiry,
        guard: Guard,
        words: LineWords,
    ) -> None:
        self._directory = directory
        self._enquiry = enquiry
        self._guard = guard
        self._words = words

    async def reply(self, account: str, sender: str, text: str) -> str | None:
        directory, asked = self._directory(), read_enquiry(text)
        known = directory.accounts.get(account)
        unit = known.line_unit if known else None
        if unit and isinstance(asked, StatusEnquiry):
            return await self._status(account, unit, sender, asked)
        if unit and isinstance(asked, CheckEnquiry):
            return await self._check(account, unit, sender, asked)
        return help_text(self._words.phone(unit) if unit else centre_phone(directory, account))

    async def _status(self, account: str, unit: str, sender: str, asked: StatusEnquiry) -> str:
        digits = digits_of(asked.code)
        tried = await self._guard.let_try(account, sender, digits)
        if tried is None:
            return self._said(Asked.DOSSIER, Answer.TOO_MANY, "too_many", unit)
        found = await self._enquiry.dossier(digits, asked.secret)
        if found is None:
            return self._said(Asked.DOSSIER, Answer.NO, "not_found", unit)
        await self._right(tried, Asked.DOSSIER)
        return self._words.dossier_in_writing(found, unit)

    async def _check(self, account: str, unit: str, sender: str, asked: CheckEnquiry) -> str:
        tried = await self._guard.let_try(account, sender, "")
        if tried is None:
            return self._said(Asked.GENUINE, Answer.TOO_MANY, "too_many", unit)
        found = await self._enquiry.genuine(asked.code)
        if not found:
            return self._said(Asked.GENUINE, Answer.NO, "not_genuine", unit)
        await self._right(tried, Asked.GENUINE)
        return self._words.genuine_in_writing(found, unit)

    async def _right(self, tried: Sequence[int], asked: Asked) -> None:
        metrics.record_enquiry(Channel.SMS, asked, Answer.YES)
        await self._guard.was_right(tried)

    def _said(self, asked: Asked, answer: Answer, name: str, unit: str) -> str:
        metrics.record_enquiry(Channel.SMS, asked, answer)
        return self._words.in_writing(name, unit)
