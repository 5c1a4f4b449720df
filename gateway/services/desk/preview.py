"""What will arrive: a text that is being written, made into messages for several dossiers, with
their parts, their price, and what makes them dear."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gateway.domain.channel import Channel
from gateway.domain.directory import Account
from gateway.domain.message import Body, SmsBody, VoiceBody, ZaloBody
from gateway.domain.text import Placed, segments
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.fields import TEMPLATE, WORDING
from gateway.rendering.grammar import Refused
from gateway.rendering.proof import Example, Made, reworded
from gateway.rendering.remarks import Remark
from gateway.services.desk.carriers import Cost, cost_of
from gateway.services.desk.proofs import Proofed, Proofs
from gateway.services.desk.volume import Volume
from gateway.services.desk.zalo_limits import Registered


@dataclass(frozen=True, kw_only=True)
class SmsForm:
    """A text as plain or as accented SMS. `chosen`: this is how it goes out. `forced_by` are the
    characters that make it cost like an accented one."""

    accented: bool
    chosen: bool
    text: str
    units: int
    parts: int
    left: int
    is_unicode: bool
    forced_by: tuple[Placed, ...]
    cost: Cost | None
    month: Cost | None

    @property
    def runs(self) -> list[tuple[str, bool]]:
        """The text in stretches, each with whether its letters make the message dear."""
        dear = {one.position for one in self.forced_by}
        grouped = groupby(enumerate(self.text), key=lambda one: one[0] in dear)
        return [("".join(letter for _, letter in run), is_dear) for is_dear, run in grouped]


@dataclass(frozen=True, kw_only=True)
class Param:
    """A parameter of a Zalo message. `limits` are what each account takes of it, None unknown."""

    name: str
    text: str
    longest: int
    limits: tuple[tuple[str, int | None], ...]

    @property
    def most(self) -> int:
        known = [limit for _, limit in self.limits if limit is not None]
        return min([self.longest, *known])

    @property
    def fits(self) -> bool:
        return len(self.text) <= self.most


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One dossier's message. `text` "" where none could be made."""

    sample: str
    text: str
    sms: tuple[SmsForm, ...] = ()
    params: tuple[Param, ...] = ()
    said: tuple[str, ...] = ()
    cost: Cost | None = None
    month: Cost | None = None


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """`sent` is how many such messages went out in thirty days."""

    shown: tuple[Shown, ...]
    remarks: tuple[Remark, ...]
    sent: int
    zalo: tuple[Registered, ...]

    @property
    def grave(self) -> tuple[Remark, ...]:
        return tuple(one for one in self.remarks if one.grave)


class DeskPreview:
    def __init__(self, proofs: Proofs, volume: Volume) -> None:
        self._proofs = proofs
        self._volume = volume

    async def preview(self, key: DraftKey, body: str, beside: Sequence[Example] = ()) -> Previewed:
        """For every sample and the dossiers `beside` them, which come first."""
        proofed = await self._proofs.proof(key, body, beside)
        sent = await self._volume.of(key)
        made = proofed.proof.made
        ordered = sorted(made, key=lambda one: one.example not in beside)
        shown = await asyncio.to_thread(
            lambda: tuple(_shown(body, one, proofed, sent) for one in ordered)
        )
        return Previewed(shown=shown, remarks=proofed.remarks, sent=sent, zalo=proofed.zalo)


def _shown(body: str, made: Made, proofed: Proofed, sent: int) -> Shown:
    plain = Shown(sample=made.example.name, text=made.text)
    if made.body is None:
        return plain
    cost = cost_of(proofed.accounts, made.body)
    priced = replace(plain, cost=cost, month=_month(cost, sent))
    match made.body:
        case SmsBody():
            return replace(priced, sms=_forms(body, made, proofed.accounts, sent))
        case ZaloBody():
            return replace(priced, params=_params(proofed, made.body))
        case VoiceBody():
            return replace(priced, said=tuple(made.text.split("\n")))


def _forms(body: str, made: Made, accounts: Sequence[Account], sent: int) -> tuple[SmsForm, ...]:
    """Plain and accented, whichever of them the template or the unit chooses."""
    forms = []
    for accented in (False, True):
        try:
            form = reworded(Channel.SMS, body, made.example, accented=accented)
        except Refused:
            continue
        assert isinstance(form, SmsBody)
        forms.append(_form(form, form == made.body, accounts, sent))
    return tuple(forms)


def _form(form: SmsBody, chosen: bool, accounts: Sequence[Account], sent: int) -> SmsForm:
    measured = segments(form.text)
    cost = cost_of(accounts, form)
    return SmsForm(
        accented=form.accented,
        chosen=chosen,
        text=form.text,
        units=measured.units,
        parts=measured.segments,
        left=measured.units_left_in_segment,
        is_unicode=bool(measured.forced_by),
        forced_by=measured.forced_by,
        cost=cost,
        month=_month(cost, sent),
    )


def _params(proofed: Proofed, body: Body) -> tuple[Param, ...]:
    assert isinstance(body, ZaloBody)
    return tuple(
        Param(
            name=field.name,
            text=body.params.get(field.name, ""),
            longest=field.longest or 0,
            limits=tuple((one.account, one.limit(field.name)) for one in proofed.zalo),
        )
        for field in proofed.proof.taken.fields
        if field.name not in (TEMPLATE, WORDING)
    )


def _month(cost: Cost | None, sent: int) -> Cost | None:
    return cost.times(sent) if cost and sent else None
