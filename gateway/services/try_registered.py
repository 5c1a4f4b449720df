"""Every published SMS on invented events, held against what accounts have registered for it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory, Unit
from gateway.domain.message import Registered, SmsBody
from gateway.domain.registration import find
from gateway.errors import RenderError
from gateway.rendering.publication import TemplateKey, TemplateVersion
from gateway.rendering.renderer import Renderer, render
from gateway.rendering.samples import Sample


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One template as one unit says it through one account. `sample` is the first event that shows
    what is wrong; `wrong` False with a `finding` other than ok: it goes out as free text."""

    account: str
    unit: str
    template: TemplateKey
    finding: str = "ok"
    sample: str = ""
    wrong: bool = False

    def __str__(self) -> str:
        seen = f" ({self.sample})" if self.sample else ""
        return f"{self.account}  {self.unit}  {self.template}  {self.finding}{seen}"


def trials(
    directory: Directory,
    renderer: Renderer,
    samples: Sequence[Sample],
    need_registration: Collection[str],
) -> list[Trial]:
    """For each account that has registrations, or whose provider is one of `need_registration`, and
    each unit that may write through it."""
    return [
        _trial(account, unit, version, renderer, _of_unit(samples, unit, directory), needed)
        for account in directory.accounts.values()
        if (needed := account.provider in need_registration) or account.registered
        for unit in _units(directory, account)
        for version in _said_by(unit, renderer)
    ]


def _units(directory: Directory, account: Account) -> list[Unit]:
    pools = {pool.code for pool in directory.pools.values() if account.code in pool.accounts}
    return [
        unit
        for unit in directory.units.values()
        if any(step.channel is Channel.SMS and step.pool in pools for step in unit.route)
    ]


def _said_by(unit: Unit, renderer: Renderer) -> Iterator[TemplateVersion]:
    """The unit's own templates, and the common ones that it has none of its own for."""
    published = renderer.publication.templates
    for key, version in published.items():
        own = replace(key, unit=unit.code)
        if key.channel is Channel.SMS and key.unit in (None, unit.code):
            if key.unit is None and own in published:
                continue
            yield version


def _of_unit(samples: Sequence[Sample], unit: Unit, directory: Directory) -> list[Sample]:
    return [
        replace(
            sample,
            event={**sample.event, "unit": unit.code},
            around=replace(sample.around, directory=directory),
        )
        for sample in samples
    ]


def _trial(
    account: Account,
    unit: Unit,
    version: TemplateVersion,
    renderer: Renderer,
    samples: Sequence[Sample],
    needed: bool,
) -> Trial:
    kind = version.key.kind
    trial = Trial(account=account.code, unit=unit.code, template=version.key)
    for sample in samples:
        try:
            body = render(version, renderer.prepared(version), sample.facts(kind))
        except RenderError as error:
            return replace(trial, finding=str(error), sample=sample.name, wrong=True)
        assert isinstance(body, SmsBody)
        match find(account.registered, kind, body.text, needed=needed):
            case Registered():
                continue
            case None:
                return replace(trial, finding=f"nothing registered for {kind}")
            case found:
                return replace(trial, finding=str(found), sample=sample.name, wrong=True)
    return trial
