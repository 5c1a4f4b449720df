"""A ledger as a province has it after some months: millions of notifications with all that belongs
to them, skewed as life is, and every sealed payload one that a page can open.

Notifications are made here, day by day, because only keys can seal and hash; attempts, history,
reports and keys of events follow from them in SQL. Indexes that are costly to keep are built once.
"""

import asyncio
import bisect
import itertools
import json
import math
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from bench.rig.province_sql import COLLECTED, DERIVED, DUE, WATCHES
from gateway.domain.dossier import Details, DossierEvent, EventKind, Party, Pickup, ReturnBy
from gateway.domain.identity import uuid7_floor
from gateway.domain.recipient import Phone, PhoneKind
from gateway.domain.text import index_words
from gateway.ledger import counting
from gateway.ledger.partitions import keep_partitions_ahead
from gateway.sealing import Hasher, Keyring, Sealer
from gateway.services import payload
from gateway.services.payload import Payload

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = 200
BIG_UNIT = "H10.12"
_PIECE = 10_000
_COLUMNS = (
    *("id", "event_id", "source", "unit", "kind", "class", "mode", "publication", "state"),
    *("reason", "revision", "step", "tries", "steps", "accepted_at", "latest_send_at", "ended_at"),
    *("reference_seed", "tokens", "hash_key", "sealed", "seal_key"),
)
_LATE_INDEXES = (
    *("notification_tokens", "notification_check", "attempt_reference", "attempt_provider_id"),
    *("history_at", "dossier_updated"),
)

_SURNAMES = "Nguyễn 38 Trần 11 Lê 9.5 Phạm 7 Huỳnh 5 Phan 4.5 Võ 3.9 Đặng 2.1 Bùi 2 Đỗ 1.4 Hồ 1.3"
_SURNAMES += " Ngô 1.3 Dương 1 Lý 0.5 Điểu 4 Thị 1.5 Trịnh 1 Đinh 1 Mai 1 Lâm 1"
_MIDDLE = "Văn 20 Thị 30 Minh 6 Ngọc 6 Hữu 4 Thanh 6 Đức 5 Kim 4 Xuân 3 Quốc 4 Thùy 4 Hồng 4 Bảo 4"
_GIVEN_NAMES = """
Anh Ánh Bình Châu Chi Cường Dung Dũng Duy Đạt Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hòa Hoàng
Hùng Hương Huy Khang Khánh Kiên Lan Liên Linh Loan Long Lộc Mai Mạnh My Nam Nga Ngân Nhung Oanh
Phát Phong Phúc Phương Quân Quang Quyên Sơn Tài Tâm Thảo Thắng Thịnh Thu Thủy Trang Trí Trinh
Trung Tú Tuấn Tùng Tuyết Vân Việt Vinh Vy Yến
"""
_GIVEN = _GIVEN_NAMES.split()

KINDS = {"result-ready": 70, "received": 14, "supplement-required": 8, "fee-due": 5, "refused": 3}


@dataclass(frozen=True, kw_only=True)
class Fate:
    """How a notice went: its state, the step and try it stands at, how many moves that took, and
    how long in seconds (a median, and how it is spread)."""

    share: float
    state: str
    reason: str | None
    step: int
    tries: int
    revision: int
    median_s: float = 0.0
    spread: float = 1.0


# On a route Zalo, SMS, call.
FATES = (
    Fate(share=58, state="delivered", reason=None, step=0, tries=1, revision=4, median_s=20),
    Fate(share=5, state="acknowledged", reason=None, step=0, tries=1, revision=5, median_s=900),
    Fate(share=21, state="delivered", reason=None, step=1, tries=1, revision=6, median_s=90),
    Fate(
        share=2.5,
        state="acknowledged",
        reason=None,
        step=2,
        tries=1,
        revision=9,
        median_s=7_000,
        spread=0.7,
    ),
    Fate(
        share=4,
        state="unconfirmed",
        reason="receipt_missing",
        step=1,
        tries=1,
        revision=6,
        median_s=86_400,
        spread=0.01,
    ),
    Fate(
        share=2.4,
        state="failed",
        reason="carrier_rejected",
        step=1,
        tries=1,
        revision=6,
        median_s=300,
    ),
    Fate(share=1.6, state="failed", reason="no_usable_phone", step=-1, tries=0, revision=1),
    Fate(share=2.2, state="cancelled", reason="duplicate", step=0, tries=0, revision=1),
    Fate(share=1.5, state="cancelled", reason="overtaken", step=0, tries=0, revision=1),
    Fate(
        share=0.6,
        state="expired",
        reason="latest_time_passed",
        step=0,
        tries=0,
        revision=2,
        median_s=200_000,
        spread=0.1,
    ),
    Fate(
        share=0.4,
        state="suppressed",
        reason="suppressed",
        step=0,
        tries=0,
        revision=3,
        median_s=2,
    ),
    Fate(
        share=0.8,
        state="unconfirmed",
        reason="unknown_outcome",
        step=0,
        tries=1,
        revision=4,
        median_s=90_000,
        spread=0.01,
    ),
)
_WAITS = Fate(share=0, state="waiting", reason="next_step", step=1, tries=0, revision=3)
_SENT = Fate(share=0, state="sent", reason=None, step=0, tries=1, revision=3, median_s=5)


class Weighted:
    """Chooses by weight, with one random number."""

    def __init__(self, choices: Sequence[Any], weights: Sequence[float]) -> None:
        self._choices = choices
        self._sums = list(itertools.accumulate(weights))

    def at(self, chance: float) -> Any:
        return self._choices[bisect.bisect_left(self._sums, chance * self._sums[-1])]


def _weighted(text: str) -> Weighted:
    words = text.split()
    return Weighted(words[::2], [float(one) for one in words[1::2]])


def unit_codes() -> list[str]:
    return [BIG_UNIT, *(f"H10.{number:03}" for number in range(100, 99 + UNITS))]


def _units() -> Weighted:
    """One has 30 %; the others share the rest as cities and villages do."""
    codes = unit_codes()
    rest = [1 / (rank + 3) for rank in range(len(codes) - 1)]
    return Weighted(codes, [0.3 * sum(rest) / 0.7, *rest])


class _Maker:
    """Makes the notifications of one day; the same for the same seed."""

    def __init__(self, keyring: Keyring, seed: int, now: datetime) -> None:
        self.dice, self.now = random.Random(seed), now
        self.sealer, self.hasher = Sealer(keyring), Hasher(keyring)
        self.surnames, self.middle, self.units = _weighted(_SURNAMES), _weighted(_MIDDLE), _units()
        self.kinds = Weighted(list(KINDS), list(KINDS.values()))
        self.fates = Weighted(FATES, [fate.share for fate in FATES])
        self.words: dict[str, int] = {}
        self.patterns: dict[tuple[str, str], list[bytes]] = {}

    def moments(self, day: date, count: int) -> list[int]:
        """Milliseconds of acceptance: two humps of office hours, sorted."""
        midnight = datetime.combine(day, time(), HANOI).timestamp()
        humps = ((9.4, 1.1), (14.9, 1.0))
        found = sorted(
            midnight + 3600 * min(max(self.dice.gauss(*humps[n % 2]), 0.01), 23.98)
            for n in range(count)
        )
        ends = self.now.timestamp()
        return [int(1000 * one) for one in found if one < ends]

    def rows(self, day: date, count: int, first: int) -> Iterator[tuple[Any, ...]]:
        for place, at_ms in enumerate(self.moments(day, count)):
            yield self.row(at_ms, first + place)

    def row(self, at_ms: int, number: int) -> tuple[Any, ...]:
        dice = self.dice
        accepted = datetime.fromtimestamp(at_ms / 1000, UTC)
        unit, kind = self.units.at(dice.random()), self.kinds.at(dice.random())
        given = _GIVEN[int(len(_GIVEN) * dice.random())]
        name = f"{self.surnames.at(dice.random())} {self.middle.at(dice.random())} {given}"
        phone = f"+849{int(dice.random() ** 2 * 60_000_000) + 10_000_000}"
        code = f"000.00.{unit[4:].zfill(3)}.H10-{accepted:%y%m%d}-{number % 100_000_000:08}"
        fate, ended = self.fate(accepted)
        bits = dice.getrandbits(74)
        one = uuid.UUID(int=(at_ms << 80) | (7 << 76) | (bits >> 62) << 64 | (2 << 62) | bits & _62)
        plain = self.plain(unit, kind, name, code, phone)
        sealed, seal_key = self.sealer.seal(plain, one.bytes)
        steps = "[]" if fate.step < 0 else _STEPS % ((self.hasher.phone(phone).hex(),) * 3)
        tokens = [self.hasher.token("dossier", code.lower()), self.hasher.token("phone", phone)]
        tokens += [self.word(word) for word in index_words(name)]
        return (
            *(one, uuid.UUID(int=dice.getrandbits(128)), "igate", unit, kind, "live", "live", 1),
            *(fate.state, fate.reason, fate.revision, max(fate.step, 0), fate.tries, steps),
            *(accepted, accepted + _WINDOW, ended, dice.randbytes(32), tokens),
            *(self.hasher.primary, sealed, seal_key),
        )

    def fate(self, accepted: datetime) -> tuple[Fate, datetime | None]:
        """What becomes of it, and when it ended; what would end later stands under way."""
        fate = self.fates.at(self.dice.random())
        if not fate.median_s:
            return fate, accepted
        seconds = fate.median_s * math.exp(fate.spread * self.dice.gauss(0, 1))
        ended = accepted + timedelta(seconds=seconds)
        if ended < self.now:
            return fate, ended
        return (_WAITS if fate.revision == 9 else _SENT), None

    def plain(self, unit: str, kind: str, name: str, code: str, phone: str) -> bytes:
        pieces = self.patterns.get((unit, kind)) or self.pattern(unit, kind)
        values = {_NAME: name.encode(), _CODE: code.encode(), _PHONE: phone.encode()}
        return b"".join(values.get(piece, piece) for piece in pieces)

    def pattern(self, unit: str, kind: str) -> list[bytes]:
        """The payload in pieces, between which the person stands."""
        party = Party(name=_NAME.decode(), phones=(_PHONE.decode(),))
        event = DossierEvent(
            event_id=f"{_CODE.decode()}-9",
            source_uri="/h10/bu-dop/igate",
            kind=EventKind(kind),
            occurred_at=self.now,
            dossier_code=_CODE.decode(),
            procedure_code="1.002835",
            procedure_name="Đổi giấy phép lái xe",
            received_at=None,
            due_at=None,
            applicant=party,
            authorised=None,
            unit=unit,
            pickup=Pickup(point="bu-dop"),
            return_by=ReturnBy.DESK,
            language="vi",
            details=Details(),
            again=False,
        )
        phones = (Phone(e164=_PHONE.decode(), kind=PhoneKind.MOBILE),)
        text = payload.write(Payload(event=event, recipient=party, phones=phones))
        pieces = [text]
        for mark in (_NAME, _CODE, _PHONE):
            pieces = [part for one in pieces for part in _split(one, mark)]
        self.patterns[unit, kind] = pieces
        return pieces

    def word(self, word: str) -> int:
        if word not in self.words:
            self.words[word] = self.hasher.token("word", word)
        return self.words[word]


_NAME, _CODE, _PHONE = b"<name>", b"<code>", b"<phone>"
_62 = (1 << 62) - 1
_WINDOW = timedelta(days=3)
_STEP = '{"channel":"%s","phone":0,"phone_key":"%%s","pool":"%s","tries_s":[0,30,120],'
_STEP += '"window_s":86400,"silence":false}'
_STEPS = "[" + ",".join(_STEP % (one, one) for one in ("zalo", "sms", "voice")) + "]"


def _split(text: bytes, mark: bytes) -> Iterator[bytes]:
    for number, part in enumerate(text.split(mark)):
        if number:
            yield mark
        yield part


def days_of(count: int, over_days: int, last: date) -> list[tuple[date, int]]:
    """How many were accepted on each day: few at weekends, more on Mondays."""
    weights = (1.25, 1.05, 1.0, 1.0, 1.05, 0.3, 0.08)
    days = [last - timedelta(days=back) for back in range(over_days)][::-1]
    whole = sum(weights[day.weekday()] for day in days)
    return [(day, round(count * weights[day.weekday()] / whole)) for day in days]


async def fill(
    url: str,
    keyring_file: Path,
    count: int,
    over_days: int = 180,
    tell: Callable[[str], None] = lambda _done: None,
) -> None:
    """About `count` notifications that were accepted in the last so many days, counted. `tell` is
    called after each part of the work."""
    connection = await asyncpg.connect(url, command_timeout=7200)
    now: datetime = await connection.fetchval("SELECT now()")
    for months in range(over_days // 28 + 1, -1, -1):
        await keep_partitions_ahead(connection, now - timedelta(days=28 * months))
    await _pack(connection)
    indexes = await _without_indexes(connection)
    days = days_of(count, over_days, now.astimezone(HANOI).date())
    firsts = itertools.accumulate((many for _, many in days), initial=0)
    jobs = [
        (url, str(keyring_file), now, *day, first) for day, first in zip(days, firsts, strict=False)
    ]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, _make_day, job) for job in jobs))
        tell("written")
        await connection.execute("SET maintenance_work_mem = '1GB'")
        for index in indexes:
            await connection.execute(index.replace(" ON ONLY ", " ON "))
        await connection.execute("ANALYZE")
        tell("indexed")
        await asyncio.gather(*(loop.run_in_executor(pool, _count_day, job) for job in jobs))
        tell("counted")
    await connection.execute(DUE)
    await connection.execute(WATCHES)
    await connection.execute("UPDATE count_head SET since = now(), filled_to = NULL")
    await connection.execute("VACUUM ANALYZE")
    tell("vacuumed")
    await connection.close()


async def _pack(connection: asyncpg.Connection) -> None:
    """No room is left for changes of what is long over: 10 million take 36 GB without it."""
    for table in ("notification", "attempt"):
        for row in await connection.fetch(_MONTHS, table):
            await connection.execute(f"ALTER TABLE {row['relname']} SET (fillfactor = 100)")


_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass
"""


async def _without_indexes(connection: asyncpg.Connection) -> list[str]:
    """Drop those that are built once at the end, and answer how."""
    made = []
    for name in _LATE_INDEXES:
        made.append(await connection.fetchval("SELECT pg_get_indexdef($1::text::regclass)", name))
        await connection.execute(f"DROP INDEX {name}")
    return made


def _make_day(job: tuple[Any, ...]) -> None:
    asyncio.run(_make(*job))


def _count_day(job: tuple[Any, ...]) -> None:
    asyncio.run(_count(job[0], job[3]))


async def _make(
    url: str, keyring_file: str, now: datetime, day: date, count: int, first: int
) -> None:
    maker = _Maker(Keyring.load(Path(keyring_file)), day.toordinal(), now)
    connection = await _loader(url)
    rows = maker.rows(day, count, first)
    async with connection.transaction():
        while piece := list(itertools.islice(rows, _PIECE)):
            await connection.copy_records_to_table("notification", records=piece, columns=_COLUMNS)
        for statement in DERIVED:
            await connection.execute(statement, *_ids_of(day))
    await connection.close()


async def _count(url: str, day: date) -> None:
    connection = await _loader(url)
    await connection.fetchval(counting.count(COLLECTED), *_ids_of(day))
    await connection.close()


async def _loader(url: str) -> asyncpg.Connection:
    """What is lost in a crash is made again."""
    settings = {"synchronous_commit": "off", "work_mem": "128MB", "jit": "off"}
    return await asyncpg.connect(url, command_timeout=7200, server_settings=settings)


def _ids_of(day: date) -> tuple[uuid.UUID, uuid.UUID]:
    begin = datetime.combine(day, time(), HANOI)
    return uuid7_floor(begin), uuid7_floor(begin + timedelta(days=1))


def directory_of_units(example: str) -> str:
    """The directory of the demo with all units of the province beside its own."""
    entries = [example]
    for code in unit_codes()[1:]:
        route = [{"channel": one, "pool": one} for one in ("zalo", "sms", "voice")]
        tables = "\n".join(
            "[[unit.route]]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in one.items())
            for one in route
        )
        entries.append(
            f'[[unit]]\ncode = "{code}"\nname = "Trung tâm Phục vụ hành chính công {code[4:]}"\n'
            f'verify_phone = "0271 1022"\npickup_point = "bu-dop"\n{tables}\n'
        )
    return "\n".join(entries)
