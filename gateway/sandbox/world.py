"""What all simulators of one sandbox share, and the one way a submission goes through it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from aiohttp import web

from gateway.sandbox.archive import Archive
from gateway.sandbox.books import Books, Entry, Row
from gateway.sandbox.call import Call
from gateway.sandbox.conduct import Account
from gateway.sandbox.config import SandboxConfig
from gateway.sandbox.course import Course, Notice, course, reaches_handset
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import Handset, Handsets, Item
from gateway.sandbox.postman import Letter, Postman
from gateway.sandbox.switchboard import Switchboard
from gateway.sandbox.wire import UNTAKEN, Answer, Wire


class Submission(Protocol):
    """A well-formed request to send something, at one provider."""

    entry: Entry

    def refuse(self, fault: Fault) -> Answer | None:
        """The provider's own words for a fault that is a refusal, or for what was taken before;
        None where the message is to be taken."""
        ...

    def refuse_with(self, code: str) -> Answer:
        """The provider's refusal with this code of its own."""
        ...

    async def take(self, fault: Fault, row: Row) -> Answer:
        """Takes the message and sets everything going that follows from it."""
        ...


class World:
    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.books = Books()
        self.handsets = Handsets(config.shown)
        self.postman = Postman(config.http)
        self.wire = Wire(config.timing)
        self.accounts: dict[str, Account[Any]] = {}
        self.switchboards: dict[str, Switchboard] = {}
        self.calls: Archive[Call] = Archive(config.shown)

    async def serve(
        self, request: web.Request, account: Account[Any], submission: Submission
    ) -> web.StreamResponse:
        fault = account.fault_for(submission.entry.phone)
        await asyncio.sleep(account.conduct.latency_ms / 1000)
        row = self.books.submitted(submission.entry)
        if account.conduct.refuse_with:
            return submission.refuse_with(account.conduct.refuse_with).response()
        if refusal := submission.refuse(fault):
            return refusal.response()
        if fault in UNTAKEN:
            return await self.wire.untaken(request, fault)
        row.taken += 1
        return await self.wire.answer(request, await submission.take(fault, row), fault)

    def course(self, account: Account[Any], fault: Fault) -> Course:
        delay_s = max(1, account.conduct.receipt_delay_ms) / 1000
        return course(fault, delay_s, self.config.timing.late_receipt_s)

    def hand_over(self, row: Row, phone: str, notices: Course, item: Item) -> None:
        """Shows the message on the phone, where it ever gets there."""
        if reaches_handset(notices):
            row.delivered += 1
            self.handsets.show(phone, item)

    def rings_at(self, call: Call) -> Handset:
        """The phone of the call's person, where it is shown from now on."""
        self.calls.add(call)
        return self.handsets.show(call.phone, call.screen)

    async def report(
        self,
        account: Account[Any],
        notices: Sequence[Notice],
        write: Callable[[Notice], Letter | None],
    ) -> None:
        """Posts what is to be told of these notices; one without delay arrives before we return."""
        if not account.conduct.send_receipts:
            return
        for notice in notices:
            if not notice.told:
                continue
            if notice.after_s:
                self.postman.post(notice.after_s, partial(write, notice))
            elif letter := write(notice):
                await self.postman.deliver(letter)


def now() -> datetime:
    return datetime.now(UTC)
