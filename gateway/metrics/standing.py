"""How things stand: gauges. Most are known to the clock's leader alone, who sets each as a whole;
a process that leads no more forgets them (NaN), so that nobody reads what it knew long ago."""

import math
import time
from collections.abc import Iterable, Mapping
from typing import Literal

from prometheus_client import Gauge

from gateway.domain.alert import Alert

Labels = tuple[str, ...]


_led: "list[LedGauge]" = []


class LedGauge:
    """A gauge with every value it has, by the values of its labels. Whoever is not among them any
    more is `gone`. A process that ended takes its values along."""

    def __init__(self, name: str, text: str, labels: Labels = (), *, gone: float = 0.0) -> None:
        self._gauge = Gauge(name, text, labels, multiprocess_mode="livemostrecent")
        self._gone = gone
        self._seen: set[Labels] = set()
        _led.append(self)

    def set(self, values: Mapping[Labels, float]) -> None:
        self._seen |= values.keys()
        for labels in self._seen:
            self._put(labels, values.get(labels, self._gone))

    def forget(self) -> None:
        for labels in self._seen:
            self._put(labels, math.nan)

    def _put(self, labels: Labels, value: float) -> None:
        (self._gauge.labels(*labels) if labels else self._gauge).set(value)


WAITING = LedGauge("baotin_waiting_rows", "Notifications waiting in a lane.", ("lane",))
OLDEST = LedGauge(
    "baotin_oldest_due_seconds",
    "For how long the oldest due notification of a lane could have left, its channel being open.",
    ("lane",),
)
SHARE = LedGauge(
    "baotin_account_share",
    "Part of its weight that an account keeps in its pool.",
    ("pool", "account"),
)
STOPPED = LedGauge(
    "baotin_account_stopped",
    "1 while nothing is sent through an account for this reason; by_hand: a person wants it so.",
    ("account", "reason"),
)
ALERTS = LedGauge("baotin_alerts", "1 while an alert is open.", ("kind", "subject"))
TOKENS = LedGauge(
    "baotin_account_token_expiry_timestamp_seconds",
    "When the access token of an account ends; 0 where it was lost.",
    ("account",),
    gone=math.nan,
)
BALANCE = LedGauge(
    "baotin_account_balance",
    "What an account has left, as its provider told it last.",
    ("account", "currency"),
)
LEAST_BALANCE = LedGauge(
    "baotin_account_balance_alert_below",
    "Below what an account's balance is alerted; 0 where it is not.",
    ("account", "currency"),
)
UNREAD = LedGauge(
    "baotin_unmatched_receipts_rows",
    "Reports that match no attempt: tried again, or left to people.",
    ("account", "state"),
)
LEDGER_SIZE = LedGauge("baotin_ledger_size_bytes", "What the ledger takes on its disk.")
DISK_FREE = LedGauge(
    "baotin_disk_free_bytes", "Room on the disk of the stores, where they run beside the clock."
)
DISK_SIZE = LedGauge("baotin_disk_size_bytes", "The size of that disk.")
CERTIFICATE = LedGauge(
    "baotin_certificate_expiry_timestamp_seconds",
    "When the certificate of web.external_url ends, as the clock was shown it.",
)

WORKERS = LedGauge("baotin_workers", "Workers that told they are at work within some seconds.")

# The newest of all processes counts, also of one that has died since.
TICK = Gauge(
    "baotin_clock_tick_timestamp_seconds",
    "When a leading clock ended its last round.",
    multiprocess_mode="max",
)
BREAKER = Gauge(
    "baotin_account_breaker_open",
    "Processes that leave an account alone because it answers with faults.",
    ["account"],
    multiprocess_mode="livesum",
)


def record_lanes(waiting: Mapping[str, int], oldest_s: Mapping[str, float]) -> None:
    """What the clock saw in the queues."""
    WAITING.set({(lane,): rows for lane, rows in waiting.items()})
    OLDEST.set({(lane,): age_s for lane, age_s in oldest_s.items()})


def record_shares(kept: Mapping[tuple[str, str], float]) -> None:
    """By pool and account."""
    SHARE.set({(pool, account): share for (pool, account), share in kept.items()})


def record_stops(reasons: Mapping[str, str]) -> None:
    """Why each account that is stopped is so."""
    STOPPED.set(dict.fromkeys(reasons.items(), 1))


def record_alerts(alerts: Iterable[Alert]) -> None:
    """Those that are open now."""
    ALERTS.set({(str(one.kind), one.subject): 1 for one in alerts})


def record_tokens(ends_at: Mapping[str, float]) -> None:
    TOKENS.set({(account,): at for account, at in ends_at.items()})


def record_balances(known: Mapping[tuple[str, str], tuple[float, float]]) -> None:
    """By account and currency: what is left, and below what that is too little."""
    BALANCE.set({key: left for key, (left, _) in known.items()})
    LEAST_BALANCE.set({key: least for key, (_, least) in known.items()})


def record_unmatched(rows: Mapping[tuple[str, Literal["tried_again", "left"]], int]) -> None:
    """By account and by what will become of them."""
    UNREAD.set({key: float(count) for key, count in rows.items()})


def record_ledger_size(size_bytes: int) -> None:
    LEDGER_SIZE.set({(): size_bytes})


def record_disk(free_bytes: int, size_bytes: int) -> None:
    DISK_FREE.set({(): free_bytes})
    DISK_SIZE.set({(): size_bytes})


def record_certificate(ends_at: float) -> None:
    CERTIFICATE.set({(): ends_at})


def record_workers(alive: int) -> None:
    WORKERS.set({(): alive})


def record_tick() -> None:
    TICK.set(time.time())


def record_breaker(account: str, *, is_open: bool) -> None:
    BREAKER.labels(account).set(int(is_open))


def forget_standing() -> None:
    """This process leads no more."""
    for gauge in _led:
        gauge.forget()
