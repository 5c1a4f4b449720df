"""What stands in the way of a registered Zalo template that we use, in words for an alert."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger.zalo_catalogue import KnownStanding, KnownTemplate

IN_FORCE, POOR = "ENABLE", "LOW"

# Our parameters of one text, each with the most characters it can have.
OurParams = Mapping[str, int]


def of_template(
    subject: str, found: KnownTemplate | None, ours: Sequence[OurParams], standing: KnownStanding
) -> list[Alert]:
    """`ours` are all texts in force that are sent with it; `found` None: it was never listed."""
    if found is None or found.gone_at is not None:
        return [_alert(AlertKind.TEMPLATE_CHANGED, subject, ["is not among the account's"])]
    alerts = [_alert(AlertKind.TEMPLATE_CHANGED, subject, _changes(found, ours, standing))]
    if found.quality == POOR:
        alerts.append(_alert(AlertKind.TEMPLATE_QUALITY, subject, [f"quality {POOR}"]))
    return [alert for alert in alerts if alert.detail]


def _changes(found: KnownTemplate, ours: Sequence[OurParams], standing: KnownStanding) -> list[str]:
    problems = [] if found.status == IN_FORCE else [f"is {found.status or 'without status'}"]
    if found.tag in set(standing.tags_had) - set(standing.tags):
        problems.append(f"content type {found.tag} may not be sent any more")
    if found.params is not None:
        registered = {str(one["name"]): one for one in found.params}
        problems += sorted({one for params in ours for one in _misfits(registered, params)})
    return problems


def _misfits(registered: Mapping[str, Mapping[str, object]], ours: OurParams) -> Iterable[str]:
    for name, longest in ours.items():
        if name not in registered:
            yield f"does not know parameter {name}"
            continue
        most = registered[name]["max"]
        if isinstance(most, int) and most < longest:
            yield f"takes {most} characters of {name}, ours may have {longest}"
    for name, one in registered.items():
        if one["required"] and name not in ours:
            yield f"wants parameter {name}, which ours does not have"


def of_account(account: str, before: KnownStanding, now: KnownStanding) -> list[Alert]:
    """What is worse than when it was read before, and poor quality."""
    alerts = []
    if now.daily_quota is not None and now.daily_quota < (before.daily_quota or 0):
        fall = f"daily quota {before.daily_quota} to {now.daily_quota}"
        alerts.append(_alert(AlertKind.QUOTA_CHANGED, account, [fall]))
    if POOR in (now.quality, now.quality_week):
        told = f"48 hours {now.quality or '?'}, 7 days {now.quality_week or '?'}"
        alerts.append(_alert(AlertKind.ACCOUNT_QUALITY, account, [told]))
    return alerts


def _alert(kind: AlertKind, subject: str, problems: Sequence[str]) -> Alert:
    return Alert(kind=kind, subject=subject, detail="; ".join(problems))
