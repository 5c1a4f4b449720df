"""What every provider is held to, through its simulator. Each check is a function that raises
AssertionError, so that the suite can also be shown to fail for a provider that is wrong."""

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from hashlib import sha256
from io import StringIO

from aiohttp.test_utils import TestServer
from kits import kit_of
from kits.kit import E164, ENDINGS, QUERIES, REPORTS, TEXT, Absent, Kit, word
from simulated import Inbox, Simulated, started_inbox, started_sandbox

from gateway.domain.balance import Balance
from gateway.domain.message import SentMessage
from gateway.domain.outcome import Accepted, Deferred, Outcome, Reason, Receipt, Unknown, Verdict
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import (
    AccountAccess,
    NotAReceipt,
    Provider,
    ReceiptRequest,
    TellsBalance,
)
from gateway.providers.outbound import Door, Limits, MaybeSent, NotSent
from gateway.sandbox.faults import BEHAVIOURS, Fault

Make = Callable[[AccountAccess, Simulated], Provider]

_QUIET_S = 0.4
_LOST = Unknown(reason=Reason.TIMEOUT)
_TIMEOUTS = (Fault.SILENT_TAKEN, Fault.ANSWERED_LATE, Fault.RESET_TAKEN, Fault.SLOW_DRIP)


def phone_of(fault: Fault) -> str:
    """The number that asks the simulator for this behaviour; an ordinary person's for none."""
    numbers = [number for number, one in BEHAVIOURS.items() if one.fault is fault]
    return f"+84900000{numbers[0]}" if numbers else E164


def reference_of(fault: Fault) -> str:
    return sha256(fault.encode()).hexdigest()[:32]


@dataclass(kw_only=True)
class Bench:
    """One provider, its kit and its simulator."""

    name: str
    kit: Kit
    simulated: Simulated
    provider: Provider
    told: StringIO = field(default_factory=StringIO)

    async def submit(self, fault: Fault = Fault.NONE) -> Outcome:
        """Under a reference that is the behaviour's own, the same at every call."""
        return await self.simulated.submit(
            self.name, phone_of(fault), self.provider, reference=reference_of(fault)
        )

    async def control(self, **wishes: object) -> None:
        code = self.kit.simulator("")["code"]
        await self.simulated.control(account=code, **wishes)

    async def ask(self, fault: Fault, ended: Outcome, at_s: float) -> str:
        provider_id = ended.provider_id if isinstance(ended, Accepted) else None
        sent = SentMessage(
            reference=reference_of(fault),
            phone=Phone(e164=phone_of(fault), kind=PhoneKind.MOBILE),
            provider_id=provider_id,
            sent_at_s=at_s,
        )
        return word(await self.provider.query(sent))


@asynccontextmanager
async def bench(name: str, make: Make | None = None) -> AsyncIterator[Bench]:
    """A sandbox with this provider's simulator alone. `make` builds what stands in its place."""
    inbox = Inbox()
    inbox_server = await started_inbox(inbox)
    sandbox = await started_sandbox(inbox, (name,))
    try:
        async with Door(Limits(connect_timeout_s=1.0)) as door:
            simulated = Simulated(sandbox=sandbox, inbox=inbox, door=door)
            access = simulated.access(name)
            provider = make(access, simulated) if make else simulated.built(access, name)
            if hasattr(provider, "speak"):
                inbox.voice = provider  # type: ignore[assignment]
            yield Bench(name=name, kit=kit_of(name), simulated=simulated, provider=provider)
    finally:
        await _stopped(sandbox, inbox_server)


async def _stopped(*servers: TestServer) -> None:
    for server in servers:
        await server.close()


async def ends_as_the_kit_says(fault: Fault, on: Bench) -> None:
    """And the provider is called once whatever happens: who retries is not the provider."""
    expected = on.kit.endings[fault]
    if isinstance(expected, Absent):
        return
    ended = await on.submit(fault)
    assert word(ended) == expected
    assert (await on.simulated.books())["submissions"] == 1


async def each_documented_code_ends_as_the_kit_says(on: Bench) -> None:
    for code, expected in on.kit.codes.items():
        await on.control(refuse_with=code)
        ended = await on.submit()
        assert (code, word(ended)) == (code, expected)
        assert not isinstance(ended, Accepted)
        assert ended.code, f"the raw code of {code} is kept"


async def an_unlisted_code_is_kept_raw(on: Bench) -> None:
    if isinstance(on.kit.unlisted, Absent):
        return
    code, expected = on.kit.unlisted
    await on.control(refuse_with=code)
    ended = await on.submit()
    assert isinstance(ended, Deferred | Unknown), "what nobody documented is never final"
    assert (word(ended), ended.code) == (expected, code)


async def throttling_spends_no_try_and_heeds_retry_after(on: Bench) -> None:
    ended = await on.submit(Fault.THROTTLED_RETRY_AFTER)
    assert isinstance(ended, Deferred)
    assert (ended.spends_try, ended.retry_after_s) == (False, 2.0)


async def a_breakdown_is_over_at_the_next_try(on: Bench) -> None:
    assert word(await on.submit(Fault.ERROR_500_ONCE)).startswith("unknown")
    assert isinstance(await on.submit(Fault.ERROR_500_ONCE), Accepted)


async def a_lost_answer_is_resolved_as_the_terms_promise(on: Bench) -> None:
    """Asked again under the same reference nothing is sent twice; or a query finds it."""
    for fault in _TIMEOUTS:
        at_s = time.time()
        assert isinstance(await on.submit(fault), Unknown)
        taken_before = (await on.simulated.books())["taken"]
        match on.kit.lost:
            case "asked again":
                assert on.provider.terms.dedupe_window_s > 0
                assert word(await on.submit(fault)) == "accepted"
                assert (await on.simulated.books())["taken"] == taken_before
            case "queried":
                assert await _found(on, fault, at_s)
            case _:
                assert on.kit.lost == "silence"
                assert on.provider.terms.dedupe_window_s == 0
                assert await on.ask(fault, _LOST, at_s) == "no answer"


async def _found(on: Bench, fault: Fault, at_s: float) -> bool:
    said = await on.ask(fault, _LOST, at_s)
    return said not in ("missing", "no answer")


async def what_was_never_taken_is_missing(on: Bench) -> None:
    """Only where an account can be asked by our reference or by recipient."""
    if on.kit.lost != "queried":
        return
    at_s = time.time()
    assert isinstance(await on.submit(Fault.RESET_UNTAKEN), Unknown)
    assert await on.ask(Fault.RESET_UNTAKEN, _LOST, at_s) == "missing"


async def a_query_tells_what_the_kit_says(fault: Fault, on: Bench) -> None:
    expected = on.kit.queries[fault]
    if isinstance(expected, Absent):
        return
    at_s = time.time()
    ended = await on.submit(fault)
    assert isinstance(ended, Accepted)
    said = ""
    async with asyncio.timeout(5):
        while said != expected:
            said = await on.ask(fault, ended, at_s)
            await asyncio.sleep(0.05)


async def a_report_is_what_the_kit_says(fault: Fault, on: Bench) -> None:
    expected = on.kit.reports[fault]
    await on.submit(fault)
    if isinstance(expected, Absent):
        with suppress(TimeoutError):
            request = await on.simulated.inbox.next(_QUIET_S)
            told = [] if not on.provider.verify_receipt(request) else _receipts(on, request)
            assert [one for one in told if one.verdict is not Verdict.PROGRESS] == []
        return
    if expected == "refused":
        assert not on.provider.verify_receipt(await on.simulated.inbox.next())
        return
    receipts = await _told_until(on, expected)
    ours = [one for one in receipts if one.reference in (reference_of(fault), None)]
    assert word(receipts[-1]) == expected
    if fault is Fault.RECEIPT_UNKNOWN:
        assert any(one not in ours or one.provider_id for one in receipts)
        assert len(await _told_until(on, expected)) >= 1
    elif fault is Fault.RECEIPT_TWICE:
        again = (await _told_until(on, expected))[-1]
        first = receipts[-1]
        assert (again.reference, again.provider_id) == (first.reference, first.provider_id)
    else:
        assert ours == receipts


def _receipts(on: Bench, request: ReceiptRequest) -> list[Receipt]:
    try:
        return list(on.provider.parse_receipts(request))
    except NotAReceipt:
        return []


async def _told_until(on: Bench, expected: str) -> list[Receipt]:
    """The reports up to and including the first in these words."""
    receipts: list[Receipt] = []
    async with asyncio.timeout(5):
        while not receipts or word(receipts[-1]) != expected:
            request = await on.simulated.inbox.next(5)
            assert on.provider.verify_receipt(request)
            receipts += on.provider.parse_receipts(request)
    return receipts


async def a_report_of_anybody_else_is_refused(on: Bench) -> None:
    """A request that carries nothing of what authenticates a report."""
    request = ReceiptRequest(
        method="POST",
        url=f"{on.simulated.inbox.url}/receipts/x",
        path_token="x",
        headers={"Content-Type": "application/json"},
        query={},
        body=b"{}",
    )
    assert not on.provider.verify_receipt(request)


async def its_balance_is_what_the_account_has(on: Bench) -> None:
    """Where it can be asked: to the cent, less after a message, and nothing made up."""
    if on.kit.balance is None:
        assert not isinstance(on.provider, TellsBalance)
        return
    assert isinstance(on.provider, TellsBalance)
    amount, currency = on.kit.balance
    assert await on.provider.balance() == Balance(amount=Decimal(amount), currency=currency)
    for left in (0.05, 0, -12.5, 123_456_789):
        await on.control(balance=left)
        found = await on.provider.balance()
        assert found is not None
        assert (found.amount, found.currency) == (Decimal(str(left)), currency)


async def a_stranger_is_told_no_balance(on: Bench) -> None:
    if on.kit.balance is None:
        return
    wrong = dict.fromkeys(on.kit.account["secrets"], "wrong")
    stranger = on.simulated.provider(on.name, secrets=wrong)
    assert isinstance(stranger, TellsBalance)
    assert await stranger.balance() is None


async def nothing_private_is_told_to_logs_or_errors(on: Bench) -> None:
    with _listening(on.told):
        for fault in ENDINGS:
            try:
                sent = on.provider.send(on.kit.submission(on.simulated.inbox.url, phone_of(fault)))
                on.told.write(repr(await sent))
            except (NotSent, MaybeSent) as error:
                on.told.write("".join(traceback.format_exception(error)) + repr(error))
    told = on.told.getvalue()
    private = [*(phone_of(fault)[3:] for fault in ENDINGS), "Ket qua ho so", "Văn Thu", TEXT]
    private += list(on.kit.account.get("secrets", {}).values())
    assert [one for one in private if one in told] == []
    assert not any(one in repr(on.provider) for one in private)


@contextmanager
def _listening(told: StringIO) -> Iterator[None]:
    handler, root = logging.StreamHandler(told), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


Check = Callable[[Bench], Awaitable[None]]

CHECKS: Mapping[str, Check] = {
    **{f"ends: {fault}": partial(ends_as_the_kit_says, fault) for fault in ENDINGS},
    **{f"reports: {fault}": partial(a_report_is_what_the_kit_says, fault) for fault in REPORTS},
    **{f"queries: {fault}": partial(a_query_tells_what_the_kit_says, fault) for fault in QUERIES},
    "documented codes": each_documented_code_ends_as_the_kit_says,
    "an unlisted code": an_unlisted_code_is_kept_raw,
    "throttling": throttling_spends_no_try_and_heeds_retry_after,
    "a breakdown": a_breakdown_is_over_at_the_next_try,
    "a lost answer": a_lost_answer_is_resolved_as_the_terms_promise,
    "never taken": what_was_never_taken_is_missing,
    "an unauthenticated report": a_report_of_anybody_else_is_refused,
    "a balance": its_balance_is_what_the_account_has,
    "a stranger's balance": a_stranger_is_told_no_balance,
    "privacy": nothing_private_is_told_to_logs_or_errors,
}


async def failing(name: str, make: Make | None = None) -> dict[str, str]:
    """The checks that this provider does not pass, each with what was wrong."""
    found = {}
    for title, check in CHECKS.items():
        async with bench(name, make) as on:
            try:
                await check(on)
            except (AssertionError, TimeoutError) as error:
                found[title] = str(error) or type(error).__name__
    return found
