"""Alert rules, tried by promtool on made-up series: each fires when it should, and only then."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from promtool import needs_promtool, promtool, try_rules

from gateway.domain.alert import AlertKind

_ROOT = Path(__file__).parents[3]
_PROMETHEUS = _ROOT / "config" / "prometheus"
_RULES = sorted((_PROMETHEUS / "rules").glob("*.yml"))
_ALERTS = {
    rule["alert"]: rule
    for group in yaml.safe_load((_PROMETHEUS / "rules" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
_HOUR, _DAY = 60, 24 * 60


@dataclass(frozen=True, kw_only=True)
class Case:
    """`series` by name with labels, in promtool's notation, one value every `every` minutes.
    `labels` are those of the alert that fires `at` so many minutes; None where none may."""

    name: str
    series: dict[str, str]
    at: int
    labels: dict[str, str] | None
    every: int = 1

    @property
    def alert(self) -> str:
        return self.name.partition(":")[0]

    def as_test(self) -> dict[str, Any]:
        firing = {"alertname": self.alert, "alertstate": "firing"}
        severity = {"severity": _ALERTS[self.alert]["labels"]["severity"]}
        labels = [] if self.labels is None else [firing | severity | self.labels]
        quoted = [{name: f'"{value}"' for name, value in one.items()} for one in labels]
        samples = [
            {"labels": f"ALERTS{{{','.join(f'{n}={v}' for n, v in one.items())}}}", "value": 1}
            for one in quoted
        ]
        selector = f'ALERTS{{alertname="{self.alert}",alertstate="firing"}}'
        return {
            "name": self.name,
            "interval": f"{self.every}m",
            "input_series": [{"series": s, "values": v} for s, v in self.series.items()],
            "promql_expr_test": [
                {"expr": selector, "eval_time": f"{self.at}m", "exp_samples": samples}
            ],
        }


def fires(name: str, labels: dict[str, str], at: int, every: int = 1, **series: str) -> Case:
    return Case(name=name, series=_named(series), at=at, labels=labels, every=every)


def silent(name: str, at: int, every: int = 1, **series: str) -> Case:
    return Case(name=name, series=_named(series), at=at, labels=None, every=every)


def _named(series: dict[str, str]) -> dict[str, str]:
    """Each `name{labels} = values`."""
    return dict(one.rsplit(" = ", 1) for one in series.values())


def _ended(channel: str, state: str, values: str, reason: str = "", provider: str = "p") -> str:
    labels = f'channel="{channel}",provider="{provider}",reason="{reason}",state="{state}"'
    return f"baotin_notifications_ended_total{{{labels}}} = {values}"


def _open(kind: str, value: int = 1) -> str:
    return f'baotin_alerts{{kind="{kind}",subject="s"}} = {value}x30'


def _sent(outcome: str, values: str) -> str:
    return f'baotin_submissions_total{{account="esms",outcome="{outcome}"}} = {values}'


_CALLS = 'baotin_provider_call_seconds_count{account="esms",provider="esms"} = '
_FAULTS = 'baotin_account_faults_total{account="esms"} = '
_OLDEST = 'baotin_oldest_due_seconds{lane="sms/live"} = '
_TICK = "baotin_clock_tick_timestamp_seconds = "
_WEEK = 7 * _DAY
_RENDER = 'baotin_render_failures_total{kind="returned",channel="sms"} = '
_GIVEN_UP = 'baotin_callbacks_total{source="igate",ending="given_up"} = '
_TOKEN = 'baotin_account_token_expiry_timestamp_seconds{account="oa"} = '
_UNREAD = 'baotin_unmatched_receipts_rows{account="esms",state='
_REFUSED = 'baotin_receipts_total{account="esms",fate="refused"} = '
_LEFT = 'baotin_account_balance{account="esms",currency='
_LEAST = 'baotin_account_balance_alert_below{account="esms",currency='
_STOPPED = 'baotin_account_stopped{account="esms",reason='

CASES = [
    fires(
        "BaotinProcessDown",
        {"job": "baotin", "instance": "w:1"},
        at=5,
        a='up{job="baotin",instance="w:1"} = 0x9',
    ),
    fires(
        "BaotinProcessDown: none is even found", {"job": "baotin"}, at=5, a='up{job="node"} = 1x9'
    ),
    silent("BaotinProcessDown: a restart", at=5, a='up{job="baotin"} = 1 1 1 0 1 1 1'),
    silent(
        "BaotinProcessDown: of others",
        at=5,
        a='up{job="node"} = 0x9',
        b='up{job="baotin",instance="w:1"} = 1x9',
    ),
    fires("BaotinNoWorker", {}, at=5, a="baotin_workers = 0x9"),
    silent("BaotinNoWorker: a restart", at=5, a="baotin_workers = 2 2 0 2 2 2 2"),
    silent(
        "BaotinNoWorker: a standby knows of none",
        at=5,
        a='baotin_workers{instance="a"} = NaN NaN NaN NaN NaN NaN',
        b='baotin_workers{instance="b"} = 1x9',
    ),
    # A round at 0 s, 60 s, 120 s … and then none.
    fires("BaotinClockNotTicking", {}, at=9, a=_TICK + "0+60x4 240x9"),
    fires("BaotinClockNotTicking: never", {}, at=9, a="up = 1x9"),
    silent("BaotinClockNotTicking: well", at=9, a=_TICK + "0+60x9"),
    silent(
        "BaotinClockNotTicking: a standby took over",
        at=9,
        a='baotin_clock_tick_timestamp_seconds{instance="a"} = 0+60x3 180x9',
        b='baotin_clock_tick_timestamp_seconds{instance="b"} = 0+60x9',
    ),
    fires(
        "BaotinChoreFailing",
        {"chore": "expire"},
        at=15,
        a='baotin_clock_chore_failures_total{chore="expire"} = 0+1x20',
    ),
    silent(
        "BaotinChoreFailing: once",
        at=15,
        a='baotin_clock_chore_failures_total{chore="expire"} = 0x5 1x20',
    ),
    fires(
        "BaotinCertificateEnding",
        {},
        at=5,
        a=f"baotin_certificate_expiry_timestamp_seconds = {13 * 86_400}x9",
    ),
    silent(
        "BaotinCertificateEnding: a month left",
        at=5,
        a=f"baotin_certificate_expiry_timestamp_seconds = {30 * 86_400}x9",
    ),
    silent(
        "BaotinCertificateEnding: not seen by a standby",
        at=5,
        a="baotin_certificate_expiry_timestamp_seconds = NaN NaN NaN NaN NaN NaN",
    ),
    fires(
        "BaotinDiskLow",
        {},
        at=9,
        a="baotin_disk_free_bytes = 9x9",
        b="baotin_disk_size_bytes = 100x9",
    ),
    fires(
        "BaotinDiskLow: by the node exporter",
        {"instance": "n", "mountpoint": "/"},
        at=9,
        a='node_filesystem_avail_bytes{job="node",instance="n",mountpoint="/",fstype="ext4"} = 9x9',
        b='node_filesystem_size_bytes{job="node",instance="n",mountpoint="/",fstype="ext4"}'
        " = 100x9",
    ),
    silent(
        "BaotinDiskLow: room",
        at=9,
        a="baotin_disk_free_bytes = 20x9",
        b="baotin_disk_size_bytes = 100x9",
    ),
    silent(
        "BaotinDiskLow: a standby",
        at=9,
        a="baotin_disk_free_bytes = NaN NaN NaN NaN NaN NaN",
        b="baotin_disk_size_bytes = NaN NaN NaN NaN NaN NaN",
    ),
    fires("BaotinBacklogOld", {"lane": "sms/live"}, at=20, a=_OLDEST + "0+60x30"),
    silent("BaotinBacklogOld: a short queue", at=20, a=_OLDEST + "300x30"),
    silent(
        "BaotinBacklogOld: bulk waits",
        at=20,
        a='baotin_oldest_due_seconds{lane="s/bulk"} = 9000x30',
    ),
    fires(
        "BaotinDeliveryShareFalling",
        {"channel": "sms"},
        at=_WEEK + 3 * _HOUR,
        every=10,
        a=_ended("sms", "delivered", f"0+50x{_WEEK // 10} 50400+25x20"),
        b=_ended("sms", "failed", f"0+5x{_WEEK // 10} 5040+30x20"),
    ),
    silent(
        "BaotinDeliveryShareFalling: a holiday, when only the silent ones of the day before end",
        at=_WEEK + 3 * _HOUR,
        every=10,
        a=_ended("sms", "delivered", f"0+50x{_WEEK // 10} 50400+0x20"),
        b=_ended("sms", "unconfirmed", f"0+15x{_WEEK // 10 + 20}", reason="receipt_missing"),
    ),
    silent(
        "BaotinDeliveryShareFalling: as a week ago",
        at=_WEEK + 3 * _HOUR,
        every=10,
        a=_ended("sms", "delivered", f"0+50x{_WEEK // 10 + 20}"),
        b=_ended("sms", "unconfirmed", f"0+20x{_WEEK // 10 + 20}"),
    ),
    silent(
        "BaotinDeliveryShareFalling: of a handful",
        at=_WEEK + 3 * _HOUR,
        every=10,
        a=_ended("sms", "delivered", f"0+3x{_WEEK // 10} 3024+1x20"),
        b=_ended("sms", "unconfirmed", f"0+0x{_WEEK // 10} 0+2x20"),
    ),
    fires(
        "BaotinFallbackShareHigh",
        {},
        at=120,
        a='baotin_fallbacks_total{before="zalo",after="sms"} = 0+5x150',
        b=_ended("sms", "delivered", "0+10x150"),
    ),
    silent(
        "BaotinFallbackShareHigh: as usual",
        at=120,
        a='baotin_fallbacks_total{before="zalo",after="sms"} = 0+2x150',
        b=_ended("sms", "delivered", "0+10x150"),
    ),
    fires(
        "BaotinOutcomesUnknown",
        {"account": "esms"},
        at=60,
        a=_sent("unknown", "0+1x90"),
        b=_sent("accepted", "0+20x90"),
    ),
    silent(
        "BaotinOutcomesUnknown: one in a hundred",
        at=60,
        a=_sent("unknown", "0+1x90"),
        b=_sent("accepted", "0+99x90"),
    ),
    fires(
        "BaotinReceiptsMissing",
        {"channel": "sms", "provider": "p"},
        at=180,
        a=_ended("sms", "unconfirmed", "0+3x200", reason="receipt_missing"),
        b=_ended("sms", "delivered", "0+7x200"),
    ),
    silent(
        "BaotinReceiptsMissing: only the silent ones of the day before end",
        at=_DAY + 180,
        every=10,
        a=_ended("sms", "unconfirmed", f"0+10x{_DAY // 10 + 20}", reason="receipt_missing"),
        b=_ended("sms", "delivered", f"0+90x{_DAY // 10} 12960+0x20"),
    ),
    silent(
        "BaotinReceiptsMissing: few",
        at=180,
        a=_ended("sms", "unconfirmed", "0+1x200", reason="receipt_missing"),
        b=_ended("sms", "delivered", "0+9x200"),
    ),
    silent(
        "BaotinReceiptsMissing: none are given",
        at=180,
        a=_ended("sms", "unconfirmed", "0+9x200", reason="no_receipts"),
    ),
    fires(
        "BaotinReceiptsUnmatched", {"account": "esms"}, at=15, a=_UNREAD + '"tried_again"} = 21x20'
    ),
    fires(
        "BaotinReceiptsUnmatched: more are left",
        {"account": "esms"},
        at=80,
        a=_UNREAD + '"left"} = 0+1x90',
    ),
    silent("BaotinReceiptsUnmatched: old ones", at=80, a=_UNREAD + '"left"} = 400x90'),
    silent("BaotinReceiptsUnmatched: some are early", at=15, a=_UNREAD + '"tried_again"} = 9x20'),
    fires("BaotinReceiptsRefused", {"account": "esms"}, at=40, a=_REFUSED + "0+1x60"),
    silent("BaotinReceiptsRefused: a scanner", at=40, a=_REFUSED + "0 0 3x60"),
    silent(
        "BaotinReceiptsRefused: to no account",
        at=40,
        a='baotin_receipts_total{account="unknown",fate="refused"} = 0+9x60',
    ),
    fires(
        "BaotinTemplateFailing", {"kind": "returned", "channel": "sms"}, at=5, a=_RENDER + "_x3 1x9"
    ),
    fires(
        "BaotinTemplateFailing: again",
        {"kind": "returned", "channel": "sms"},
        at=200,
        a=_RENDER + "1x190 4x30",
    ),
    silent("BaotinTemplateFailing: long ago", at=200, a=_RENDER + "_x3 1x220"),
    fires("BaotinSourceNotTold", {"source": "igate"}, at=5, a=_GIVEN_UP + "_x3 1x9"),
    silent("BaotinSourceNotTold: long ago", at=200, a=_GIVEN_UP + "_x3 1x220"),
    fires(
        "BaotinAccountFailing",
        {"account": "esms"},
        at=20,
        a=_FAULTS + "0+2x30",
        b=_CALLS + "0+9x30",
    ),
    silent("BaotinAccountFailing: well", at=20, a=_FAULTS + "0x30", b=_CALLS + "0+9x30"),
    silent("BaotinAccountFailing: hardly used", at=20, a=_FAULTS + "0+1x30", b=_CALLS + "0+1x30"),
    fires("BaotinWalletEmpty", {"account": "esms"}, at=1, a=_STOPPED + '"wallet_empty"} = 1x9'),
    fires(
        "BaotinWalletLow",
        {"account": "esms", "currency": "VND"},
        at=1,
        a=_LEFT + '"VND"} = 250000x9',
        b=_LEAST + '"VND"} = 300000x9',
    ),
    silent(
        "BaotinWalletLow: paid",
        at=5,
        a=_LEFT + '"VND"} = 1 1 300000x9',
        b=_LEAST + '"VND"} = 300000x12',
    ),
    silent(
        "BaotinWalletLow: no limit, and an account that is gone",
        at=5,
        a=_LEFT + '"VND"} = 250000x9',
        b=_LEAST + '"VND"} = 0x9',
        c=_LEFT + '"USD"} = 0x9',
        d=_LEAST + '"USD"} = 0x9',
    ),
    silent(
        "BaotinWalletLow: told by who leads no more",
        at=5,
        a=_LEFT + '"VND"} = NaN NaN NaN NaN NaN NaN NaN',
        b=_LEAST + '"VND"} = NaN NaN NaN NaN NaN NaN NaN',
    ),
    silent("BaotinWalletEmpty: paid", at=5, a=_STOPPED + '"wallet_empty"} = 1 1 0x9'),
    fires(
        "BaotinAccountStopped",
        {"account": "esms", "reason": "credentials"},
        at=1,
        a=_STOPPED + '"credentials"} = 1x9',
    ),
    silent("BaotinAccountStopped: by hand", at=1, a=_STOPPED + '"by_hand"} = 1x9'),
    fires("BaotinTokenEnding", {"account": "oa"}, at=12, a=_TOKEN + "800x20"),
    fires("BaotinTokenEnding: lost", {"account": "oa"}, at=9, a=_TOKEN + "0x9"),
    silent("BaotinTokenEnding: fresh", at=9, a=_TOKEN + "90000x9"),
    *(
        case
        for alert, kind in {
            "BaotinFallbackUsed": "fallback_used",
            "BaotinGuessing": "guessing",
            "BaotinPoolShut": "pool_shut",
        }.items()
        for case in (
            fires(alert, {"kind": kind, "subject": "s"}, at=3, a=_open(kind)),
            silent(f"{alert}: over", at=3, a=_open(kind, 0)),
        )
    ),
    *(
        fires(f"BaotinAlertOpen: {kind}", {"kind": kind, "subject": "s"}, at=3, a=_open(kind))
        for kind in AlertKind
        if kind
        not in {
            *(AlertKind.ACCOUNT_STOPPED, AlertKind.POOL_SHUT, AlertKind.FALLBACK_USED),
            *(AlertKind.GUESSING, AlertKind.BACKLOG, AlertKind.DISK_LOW),
            *(AlertKind.CERTIFICATE_ENDING, AlertKind.CLOCK_STOPPED, AlertKind.NO_WORKER),
            *(AlertKind.DELIVERY_FALLING, AlertKind.RECEIPTS_MISSING),
        }
    ),
    silent("BaotinAlertOpen: over", at=3, a=_open("token_lost", 0)),
    *(
        silent(f"BaotinAlertOpen: {kind} has a rule of its own", at=3, a=_open(kind))
        for kind in (
            *("account_stopped", "backlog", "disk_low", "certificate_ending"),
            *("clock_stopped", "delivery_falling", "no_worker", "receipts_missing"),
        )
    ),
]


@needs_promtool
def test_all_rules_and_the_configuration_are_well_formed() -> None:
    promtool("check", "rules", *_RULES)
    promtool("check", "config", "--syntax-only", _PROMETHEUS / "prometheus.yml")


@needs_promtool
@pytest.mark.parametrize("every", [1, 10], ids=["minute by minute", "over a week"])
def test_each_alert_fires_when_it_should_and_only_then(every: int, tmp_path: Path) -> None:
    cases = [case.as_test() for case in CASES if case.every == every]
    try_rules(cases, _RULES, tmp_path, every)


def test_each_alert_is_tried_both_ways() -> None:
    assert {case.alert for case in CASES if case.labels is not None} == set(_ALERTS)
    assert {case.alert for case in CASES if case.labels is None} == set(_ALERTS)


@pytest.mark.parametrize("alert", _ALERTS)
def test_an_alert_says_what_it_means_in_both_languages_and_where_to_read_on(alert: str) -> None:
    notes = _ALERTS[alert]["annotations"]
    assert set(notes) == {"summary", "summary_vi", "runbook_url"}
    assert re.search(r"[ạ-ỹđáàéèíóòúù]", notes["summary_vi"])
    page, _, entry = notes["runbook_url"].partition("#")
    assert page == "{{ $externalLabels.runbook }}"
    assert entry in (alert.lower(), "{{ $labels.kind }}")


def test_prometheus_knows_where_the_runbook_is() -> None:
    config = yaml.safe_load((_PROMETHEUS / "prometheus.yml").read_text())
    assert config["global"]["external_labels"]["runbook"].endswith("runbook.md")


@pytest.mark.parametrize("name", [*_ALERTS, *AlertKind])
def test_the_runbook_says_what_to_do(name: str) -> None:
    if name == "BaotinAlertOpen":
        return
    page = (_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    [entry] = re.findall(rf"^### {name}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    parts = re.findall(r"^\*\*(Meaning|Look at|Do)\.\*\* \S", entry, re.MULTILINE)
    assert parts == ["Meaning", "Look at", "Do"]
