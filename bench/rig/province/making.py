"""Making notifications whose sealed payloads every page can open: only keys can seal and hash."""

import math
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench.rig.province.fates import FATES, SENT, WAITS, Fate
from bench.rig.province.skew import (
    GIVEN,
    Weighted,
    kinds,
    middle_names,
    moments,
    surnames,
    units,
)
from gateway.domain.dossier import Details, DossierEvent, EventKind, Party, Pickup, ReturnBy
from gateway.domain.recipient import Phone, PhoneKind
from gateway.domain.text import index_words
from gateway.sealing import Hasher, Keyring, Sealer
from gateway.services import payload
from gateway.services.payload import Payload

# The values of a row, as `Maker.row` has them.
COLUMNS = (
    *("id", "event_id", "source", "unit", "kind", "class", "mode", "publication", "state"),
    *("reason", "revision", "step", "tries", "steps", "accepted_at", "latest_send_at", "ended_at"),
    *("reference_seed", "tokens", "hash_key", "sealed", "seal_key"),
)
_NAME, _CODE, _PHONE = b"<name>", b"<code>", b"<phone>"
_62 = (1 << 62) - 1
_WINDOW = timedelta(days=3)
_STEP = '{"channel":"%s","phone":0,"phone_key":"%%s","pool":"%s","tries_s":[0,30,120],'
_STEP += '"window_s":86400,"silence":false}'
_STEPS = "[" + ",".join(_STEP % (one, one) for one in ("zalo", "sms", "voice")) + "]"


class Maker:
    """Makes the notifications of one day; the same for the same seed."""

    def __init__(self, keyring: Keyring, seed: int, now: datetime) -> None:
        self.dice, self.now = random.Random(seed), now
        self.sealer, self.hasher = Sealer(keyring), Hasher(keyring)
        self.surnames, self.middle, self.units = surnames(), middle_names(), units()
        self.kinds = kinds()
        self.fates = Weighted(FATES, [fate.share for fate in FATES])
        self.words: dict[str, int] = {}
        self.patterns: dict[tuple[str, str], list[bytes]] = {}

    def rows(self, day: date, count: int, first: int) -> Iterator[tuple[Any, ...]]:
        for place, at_ms in enumerate(moments(self.dice, day, count, self.now)):
            yield self.row(at_ms, first + place)

    def row(self, at_ms: int, number: int) -> tuple[Any, ...]:
        dice = self.dice
        accepted = datetime.fromtimestamp(at_ms / 1000, UTC)
        unit, kind = self.units.at(dice.random()), self.kinds.at(dice.random())
        given = GIVEN[int(len(GIVEN) * dice.random())]
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
        return (WAITS if fate.revision == 9 else SENT), None

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


def _split(text: bytes, mark: bytes) -> Iterator[bytes]:
    for number, part in enumerate(text.split(mark)):
        if number:
            yield mark
        yield part
