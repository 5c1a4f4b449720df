"""What is measured. Everything is recorded through the `record_*` functions; labels are enums,
codes of the directory or words of our own, never people or free text.

With PROMETHEUS_MULTIPROC_DIR set (as `baotin up` and the container do), every process writes its
values into that folder and any of them can answer for all, also for those that were restarted.
"""

import os
from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Protocol, TypeVar

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)

from gateway.domain.alert import Alert

disable_created_metrics()  # type: ignore[no-untyped-call]

Metric = TypeVar("Metric", Counter, Gauge, Histogram)

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400)
_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

EVENTS = Counter("baotin_events", "Events answered, by answer.", ["source", "answer"])
SENT = Counter(
    "baotin_submissions",
    "Submissions to providers, by how they ended.",
    ["channel", "provider", "account", "outcome", "reason"],
)
ENDED = Counter(
    "baotin_notifications_ended",
    "Notifications that reached a terminal state.",
    ["state", "reason", "channel", "provider"],
)
TO_PROVIDER = Histogram(
    "baotin_accept_to_provider_seconds",
    "From accepting an event to its first submission.",
    ["channel"],
    buckets=_SECONDS,
)
TO_DELIVERY = Histogram(
    "baotin_accept_to_delivery_seconds",
    "From accepting an event to a report that it was delivered.",
    ["channel"],
    buckets=_SECONDS,
)
CALL = Histogram(
    "baotin_provider_call_seconds",
    "How long a provider took to answer.",
    ["provider", "account"],
    buckets=_SECONDS,
)
GROUP = Histogram(
    "baotin_commit_group_rows", "Rows written by one transaction.", ["what"], buckets=_ROWS
)
RECEIPTS = Counter(
    "baotin_receipts", "Reports from providers, by what became of them.", ["account", "fate"]
)
TEXTS = Counter(
    "baotin_texts",
    "Texts that people sent to accounts, by what became of them.",
    ["account", "fate"],
)
CALLBACKS = Counter(
    "baotin_callbacks", "Tries to tell sources of endings, by how they ended.", ["source", "ending"]
)
ENQUIRIES = Counter(
    "baotin_enquiries",
    "Questions put to the line, by how they were answered.",
    ["channel", "asked", "answer"],
)
RENDER_FAILURES = Counter(
    "baotin_render_failures", "Templates that failed while rendering.", ["kind", "channel"]
)
PROMPTS_MISSING = Counter(
    "baotin_prompts_missing",
    "Calls placed with a prompt in Vietnamese that was not recorded in the language of the text.",
    ["prompt"],
)
FALLBACKS = Counter(
    "baotin_fallbacks", "Notifications that moved on to another channel.", ["before", "after"]
)
WAITING = Gauge(
    "baotin_waiting_rows",
    "Notifications waiting in a lane.",
    ["lane"],
    multiprocess_mode="mostrecent",
)
OLDEST = Gauge(
    "baotin_oldest_due_seconds",
    "Age of the oldest due notification of a lane.",
    ["lane"],
    multiprocess_mode="mostrecent",
)
RESCUED = Counter("baotin_leases_rescued", "Attempts whose worker never came back.", ["channel"])

SHARE = Gauge(
    "baotin_account_share",
    "Part of its weight that an account keeps in its pool.",
    ["pool", "account"],
    multiprocess_mode="mostrecent",
)
STOPPED = Gauge(
    "baotin_account_stopped",
    "1 while nothing is sent through an account.",
    ["account"],
    multiprocess_mode="mostrecent",
)
BREAKER = Gauge(
    "baotin_account_breaker_open",
    "Processes that leave an account alone because it answers with faults.",
    ["account"],
    multiprocess_mode="livesum",
)
ALERTS = Gauge(
    "baotin_alerts",
    "Open alerts.",
    ["kind", "subject"],
    multiprocess_mode="mostrecent",
)


@cache
def _of(metric: Metric, *labels: str) -> Metric:
    """The metric under these labels. There are only as many as accounts, outcomes and the like."""
    return metric.labels(*labels)


class _Answered(Protocol):
    @property
    def answer(self) -> str: ...


def record_accepted(source: str, answers: Iterable[_Answered]) -> None:
    for answer, count in Tally(one.answer for one in answers).items():
        _of(EVENTS, source, answer).inc(count)


def record_group(what: str, size: int) -> None:
    _of(GROUP, what).observe(size)


def record_call(provider: str, account: str, seconds: float) -> None:
    _of(CALL, provider, account).observe(seconds)


def record_outcome(
    channel: str, provider: str, account: str, outcome: str, reason: str | None
) -> None:
    _of(SENT, channel, provider, account, outcome, reason or "").inc()


def record_first_submission(channel: str, age_s: float) -> None:
    _of(TO_PROVIDER, channel).observe(age_s)


def record_ended(state: str, reason: str | None, channel: str, provider: str) -> None:
    _of(ENDED, state, reason or "", channel, provider).inc()


def record_delivery(channel: str, age_s: float) -> None:
    _of(TO_DELIVERY, channel).observe(age_s)


def record_receipt(account: str, fate: str, count: int = 1) -> None:
    _of(RECEIPTS, account, fate).inc(count)


def record_text(account: str, fate: str) -> None:
    _of(TEXTS, account, fate).inc()


def record_callback(source: str, ending: str, count: int = 1) -> None:
    _of(CALLBACKS, source, ending).inc(count)


def record_enquiry(channel: str, asked: str, answer: str) -> None:
    _of(ENQUIRIES, channel, asked, answer).inc()


def record_render_failure(kind: str, channel: str) -> None:
    _of(RENDER_FAILURES, kind, channel).inc()


def record_unrecorded(prompts: Iterable[str]) -> None:
    """Never with the language: together with the time it would tell who wished for it."""
    for prompt in prompts:
        _of(PROMPTS_MISSING, prompt).inc()


def record_fallback(before: str, after: str) -> None:
    _of(FALLBACKS, before, after).inc()


def record_rescue(channel: str) -> None:
    _of(RESCUED, channel).inc()


def record_lanes(waiting: Mapping[str, int], oldest_s: Mapping[str, float]) -> None:
    """What the clock saw in the queues; lanes that are empty now are set to zero."""
    for lane in {*waiting, *oldest_s, *_seen_lanes}:
        _of(WAITING, lane).set(waiting.get(lane, 0))
        _of(OLDEST, lane).set(oldest_s.get(lane, 0.0))
        _seen_lanes.add(lane)


_seen_lanes: set[str] = set()


def record_share(pool: str, account: str, kept: float) -> None:
    _of(SHARE, pool, account).set(kept)


def record_stopped(account: str, *, stopped: bool) -> None:
    _of(STOPPED, account).set(int(stopped))


def record_breaker(account: str, *, is_open: bool) -> None:
    _of(BREAKER, account).set(int(is_open))


def record_alerts(alerts: Iterable[Alert]) -> None:
    """Those that are open now; all others are set to zero."""
    now = {(str(one.kind), one.subject) for one in alerts}
    for kind, subject in {*now, *_seen_alerts}:
        _of(ALERTS, kind, subject).set(int((kind, subject) in now))
        _seen_alerts.add((kind, subject))


_seen_alerts: set[tuple[str, str]] = set()


def exposition() -> bytes:
    """All metrics of all processes in the Prometheus text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
