"""Proof-reading with what the directory and the accounts say: registered texts, Zalo's limits."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory
from gateway.domain.dossier import EventKind
from gateway.domain.message import SmsBody
from gateway.domain.registration import Difference, Unregistered, find
from gateway.ledger.database import Database
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.aloud import Aloud
from gateway.rendering.fields import TEMPLATE, Taken
from gateway.rendering.procedures import Procedures
from gateway.rendering.proof import Example, Made, Proof, proof_read
from gateway.rendering.remarks import Remark, remark
from gateway.services.desk.carriers import carriers, units_of
from gateway.services.desk.examples import Examples
from gateway.services.desk.zalo_limits import Registered, registered, remarks_of

_KEPT_S = 5.0
_UNITS_TRIED = 3


@dataclass(frozen=True, kw_only=True)
class Proofed:
    """A proof with the accounts that would carry the text. `zalo` is what they say of it."""

    proof: Proof
    accounts: tuple[Account, ...]
    zalo: tuple[Registered, ...] = ()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return self.proof.remarks

    @property
    def grave(self) -> tuple[Remark, ...]:
        return self.proof.grave


class Proofs:
    """Accounts of the providers that `need_registration` take registered texts only."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Callable[[], Directory],
        examples: Examples,
        procedures: Procedures,
        need_registration: Collection[str],
        aloud: Aloud | None = None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._examples = examples
        self._procedures = procedures
        self._need_registration = need_registration
        self._aloud = aloud or Aloud()
        self._zalo: dict[tuple[str, ...], tuple[float, list[Registered]]] = {}

    async def proof(self, key: DraftKey, body: str, beside: Sequence[Example] = ()) -> Proofed:
        """`beside` are further dossiers to try the text on. Whoever else is served by this process
        does not wait for it."""
        examples = (*self._examples.of(EventKind(key.kind), key.unit), *beside)
        proofed = await asyncio.to_thread(self._tried, key, body, examples)
        template = _template(proofed.proof.taken)
        if Channel(key.channel) is not Channel.ZALO or not template:
            return proofed
        zalo = await self._registered(proofed.accounts, template)
        more = remarks_of(proofed.proof.taken, zalo)
        proof = replace(proofed.proof, remarks=(*proofed.remarks, *more))
        return replace(proofed, proof=proof, zalo=tuple(zalo))

    def _tried(self, key: DraftKey, body: str, examples: Sequence[Example]) -> Proofed:
        kind, channel = EventKind(key.kind), Channel(key.channel)
        proof = proof_read(
            kind, channel, body, examples, self._procedures, key.language, self._aloud
        )
        accounts = carriers(self._directory(), channel, key.unit)
        if channel is Channel.SMS:
            differing = self._differing(key, body, accounts, proof.made)
            proof = replace(proof, remarks=(*proof.remarks, *differing))
        return Proofed(proof=proof, accounts=tuple(accounts))

    async def _registered(self, accounts: Sequence[Account], template: str) -> list[Registered]:
        """Looked up once for a while: a text is proofed at every stroke."""
        key = (template, *(one.code for one in accounts))
        kept = self._zalo.get(key)
        if kept is None or time.monotonic() - kept[0] > _KEPT_S:
            if len(self._zalo) > 100:
                self._zalo.clear()
            kept = time.monotonic(), await registered(self._database, accounts, template)
            self._zalo[key] = kept
        return kept[1]

    def _differing(
        self, key: DraftKey, body: str, accounts: Sequence[Account], made: Sequence[Made]
    ) -> Iterator[Remark]:
        """Once for each account with texts on file: the first dossier with other words."""
        strict = [
            one for one in accounts if one.registered or one.provider in self._need_registration
        ]
        if not strict:
            return
        tried = made if key.unit else [*self._by_units(key, body)]
        for account in strict:
            needed = account.provider in self._need_registration
            for one in tried:
                assert isinstance(one.body, SmsBody | None)
                if one.body is None:
                    continue
                found = find(account.registered, key.kind, one.body.text, needed=needed)
                if isinstance(found, Difference | Unregistered):
                    yield _differs(account, found, one.example.name)
                    break

    def _by_units(self, key: DraftKey, body: str) -> Iterator[Made]:
        """A common text as some units say it: a centre's name is part of what is registered."""
        kind, channel = EventKind(key.kind), Channel(key.channel)
        for unit in units_of(self._directory(), channel, "")[:_UNITS_TRIED]:
            examples = self._examples.of(kind, unit.code)
            yield from proof_read(kind, channel, body, examples, self._procedures).made


def _template(taken: Taken) -> str:
    field = taken.field(TEMPLATE)
    return field.text.strip() if field else ""


def _differs(account: Account, found: Difference | Unregistered, sample: str) -> Remark:
    if isinstance(found, Unregistered):
        return remark(
            "registered",
            f"Tài khoản {account.code} chỉ gửi tin đã đăng ký với nhà mạng, mà loại tin này chưa"
            " đăng ký. Hãy đăng ký trước khi phát hành.",
            f"Account {account.code} takes registered texts only, and none is on file for this"
            " kind. Have it registered before it is released.",
            sample=sample,
        )
    expected, seen = found.expected, found.found
    return remark(
        "registered",
        f"Khác với tin {found.registration} đã đăng ký với nhà mạng ở tài khoản {account.code}:"
        f" phải là “{expected}”, ở đây là “{seen}”. Nhà mạng sẽ từ chối; hãy viết đúng như đã"
        " đăng ký, hoặc đăng ký thêm tin này trước.",
        f"Differs from text {found.registration} registered with account {account.code}: it has"
        f" “{expected}” where “{seen}” stands here. Operators would refuse it; write it as it is"
        " registered, or have this one registered first.",
        sample=sample,
    )
