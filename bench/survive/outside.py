"""Providers and sources that misbehave."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bench.survive.books import Verdict
from bench.survive.case import Case, Events, Struck, one_each
from bench.survive.crowd import Heard
from bench.survive.processes import sms_only, zalo_first
from bench.survive.stage import Stage
from tests.installation import event, free_port

# What a provider can do wrong, as the sandbox names it; each for a moment, to half of the calls.
_ON_THE_WAY = (
    *("silent-untaken", "silent-taken", "answered-late", "reset-untaken", "reset-taken"),
    *("slow-drip", "error-in-200", "empty-200", "html-200", "wrong-content-type", "throttled"),
    *("throttled-retry-after", "error-500-once", "error-500"),
)
_REFUSALS = ("wallet-empty", "credentials", "blocked", "refuses", "quota", "token-expired")
_REPORTS = (
    *("no-receipt", "receipt-lost", "receipt-first", "receipt-twice", "receipts-swapped"),
    *("receipt-respelled", "receipt-unknown", "receipt-late", "receipt-forged", "failed"),
    "failed-then-delivered",
)
_EACH_S = 1.5
_SHARE = 0.5
_AWAY_S = 10.0


def _impatient(config: dict[str, Any]) -> None:
    """What takes minutes outside takes seconds here."""
    config["timing"] |= {"late_answer_s": 6, "silence_s": 20, "late_receipt_s": 12, "drip_s": 0.1}


def _misbehaving(account: str, faults: tuple[str, ...]) -> Callable[[Stage], Awaitable[Struck]]:
    async def strike(stage: Stage) -> Struck:
        met = 0
        for fault in faults:
            before = await _submissions(stage, account)
            await stage.control(account=account, fault=fault, share=_SHARE)
            await asyncio.sleep(_EACH_S)
            met += await _submissions(stage, account) > before
        await stage.control(account=account, fault="none")
        return Struck(
            proof=f"{met} of {len(faults)} faults met by half the calls", hit=met == len(faults)
        )

    return strike


async def _submissions(stage: Stage, account: str) -> int:
    async with stage.session.get(f"{stage.one.sandbox_url}/books?summary=1") as answer:
        accounts = (await answer.json())["accounts"]
    return int(accounts.get(account, {}).get("submissions", 0))


async def _quick_sms(stage: Stage) -> None:
    await stage.one.route_only("sms", tries_s=[0, 2, 5, 10], window_s=25)
    await stage.one.retune_accounts(timeout_s=3.0, rate_per_s=2_000)


async def _quick_zalo(stage: Stage) -> None:
    await stage.one.retune("zalo", tries_s=[0, 2, 5, 10], window_s=25)
    await stage.one.retune("sms", tries_s=[0, 2, 5, 10], window_s=25)
    await stage.one.drop_channel("voice")
    await stage.one.retune_accounts(timeout_s=3.0)


def _for_twilio(count: int) -> Events:
    return [event(number, f"0912{number:06d}", unit="H10.13") for number in range(count)]


async def _no_tls(stage: Stage) -> Struck:
    """The address is an https one, and what answers there speaks no TLS."""
    plain = f"{stage.one.sandbox_url}/esms"
    failed = await _moved_away(stage, plain.replace("http://", "https://"), "tls")
    return Struck(proof=f"{failed} handshakes failed", hit=failed > 100, in_doubt=0)


async def _nobody_listens(stage: Stage) -> Struck:
    failed = await _moved_away(stage, f"http://127.0.0.1:{free_port()}", "connect")
    return Struck(proof=f"{failed} connections refused", hit=failed > 100, in_doubt=0)


async def _moved_away(stage: Stage, address: str, code: str) -> int:
    """The account has the wrong address for a while; how many attempts ended with this code."""
    await stage.one.retune_accounts(base_url=address)
    await asyncio.sleep(_AWAY_S)
    failed = await stage.number("SELECT count(*) FROM attempt WHERE code = $1", code)
    await stage.one.retune_accounts(base_url=f"{stage.one.sandbox_url}/esms")
    return failed


async def _reports_without_ledger(stage: Stage) -> Struck:
    waiting = await stage.number("SELECT count(*) FROM notification WHERE state = 'sent'")
    await asyncio.to_thread(stage.site.postgres.stop)
    await asyncio.sleep(_AWAY_S)
    await stage.postgres_back()
    return Struck(
        proof=f"{_AWAY_S:.0f} s without ledger, {waiting} reports on their way", hit=waiting > 100
    )


async def _slow_reports(stage: Stage) -> None:
    await zalo_first(stage)
    await stage.control(receipt_delay_ms=4_000, latency_ms=0)


async def _nothing_breaks(stage: Stage) -> Struck:
    await asyncio.sleep(1)
    posted = sum(stage.crowd.heard.answers.values()) if stage.crowd else 0
    return Struck(proof=f"{posted} answers in the first seconds", hit=posted > 300, in_doubt=0)


def _each_once(verdict: Verdict, heard: Heard) -> list[str]:
    """Of three posts one is new, and all three promise the same notice."""
    new, seen = heard.answers["202"], heard.answers["200"]
    if (new, seen) != (verdict.accepted, 2 * verdict.accepted):
        return [f"{new} answers were new and {seen} seen, of {verdict.accepted} events"]
    return []


_POISON_EVERY, _NUL_EVERY = 10, 15


def _poisoned(count: int) -> Events:
    """Every tenth event meets a broken text, every fifteenth holds what no ledger can store."""
    events = list(one_each(count))
    for number, one in enumerate(events):
        if number % _POISON_EVERY == 0:
            one["data"]["unit"] = "H10.13"
        if number % _NUL_EVERY == 1:
            one["data"]["applicant"]["name"] = "Nguyễn\0Văn \ud800"
    return events


async def _broken_text(stage: Stage) -> None:
    await sms_only(stage)
    await stage.one.publish("result-ready", "sms", "H10.13", "{{ nothing_of_this_name }}")


def _only_the_poison(verdict: Verdict, heard: Heard) -> list[str]:
    total = verdict.accepted + len(heard.refused)
    broken = sum(1 for n in range(total) if n % _POISON_EVERY == 0 and n % _NUL_EVERY != 1)
    unstorable = sum(1 for n in range(total) if n % _NUL_EVERY == 1)
    found = (verdict.states["failed: render_failed"], len(heard.refused))
    if found != (broken, unstorable):
        return [f"{found} failed and refused instead of {(broken, unstorable)}"]
    return []


_IN_DOUBT = frozenset({"unconfirmed: unknown_outcome", "unconfirmed: receipt_missing"})
_REFUSED = frozenset(
    f"failed: {reason}"
    for reason in (
        *("wallet_empty", "credentials", "rate_limited", "provider_unavailable", "not_sent"),
        *("recipient_refused", "recipient_unavailable", "carrier_rejected", "quota"),
    )
)
_TOLD = frozenset({"delivered"})

CASES = [
    *(
        Case(
            name=f"{kind}-esms",
            what=f"eSMS {what}",
            before=_quick_sms,
            strike=_misbehaving("esms-main", faults),
            count=4_500,
            tune=_impatient,
            ends_as=_TOLD | _IN_DOUBT | _REFUSED,
        )
        for kind, what, faults in (
            ("wire", "goes wrong on the wire in every way", _ON_THE_WAY),
            ("refusals", "refuses for every reason", _REFUSALS[:3]),
            ("reports", "reports in every wrong way", _REPORTS),
        )
    ),
    *(
        Case(
            name=f"{kind}-zalo",
            what=f"Zalo {what}",
            before=_quick_zalo,
            strike=_misbehaving("zalo-oa", faults),
            may_wait=frozenset({"quota"}),
            count=4_500,
            tune=_impatient,
            ends_as=_TOLD | _IN_DOUBT | _REFUSED,
        )
        for kind, what, faults in (
            ("wire", "goes wrong on the wire in every way", _ON_THE_WAY),
            ("refusals", "refuses for every reason, its tokens end", (*_REFUSALS, "no-zalo")),
            ("reports", "reports in every wrong way", _REPORTS),
        )
    ),
    *(
        Case(
            name=f"{kind}-twilio",
            what=f"Twilio {what}",
            before=_quick_sms,
            strike=_misbehaving("twilio-sms", faults),
            events=_for_twilio,
            count=4_500,
            tune=_impatient,
            ends_as=_TOLD | _IN_DOUBT | _REFUSED,
        )
        for kind, what, faults in (
            ("wire", "goes wrong on the wire in every way", _ON_THE_WAY),
            ("reports", "reports in every wrong way", _REPORTS),
        )
    ),
    Case(
        name="tls-failure",
        what="the provider's TLS fails for 10 s",
        before=_quick_sms,
        strike=_no_tls,
    ),
    Case(
        name="connections-refused",
        what="nobody listens at the provider's address for 10 s",
        before=_quick_sms,
        strike=_nobody_listens,
    ),
    Case(
        name="reports-without-ledger",
        what="reports come while PostgreSQL is away for 10 s",
        before=_slow_reports,
        strike=_reports_without_ledger,
        count=4_500,
    ),
    Case(
        name="posted-thrice",
        what="a source posts everything three times at once",
        before=sms_only,
        strike=_nothing_breaks,
        copies=3,
        rate_per_s=110,
        also=_each_once,
    ),
    Case(
        name="poison",
        what="broken texts and unstorable events among good ones",
        before=_broken_text,
        strike=_nothing_breaks,
        events=_poisoned,
        ends_as=_TOLD | {"failed: render_failed"},
        also=_only_the_poison,
    ),
]
