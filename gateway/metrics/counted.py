"""What happened: counters and histograms. Each has one `record_*` function; labels are enums,
codes of the directory or words of our own, never people or free text."""

from collections import Counter as Tally
from collections.abc import Iterable
from functools import cache
from typing import Protocol, TypeVar

from prometheus_client import Counter, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

Metric = TypeVar("Metric", Counter, Histogram)

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
    "Notifications that reached a terminal state; delivered and then acknowledged is once.",
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
RESCUED = Counter("baotin_leases_rescued", "Attempts whose worker never came back.", ["channel"])

FAULTS = Counter(
    "baotin_account_faults",
    "Answers that never came, came late, or said that the provider or the account is unwell.",
    ["account"],
)
ALERTS_TOLD = Counter(
    "baotin_alerts_told", "Alerts told to operators, by way out and ending.", ["way", "ending"]
)
CHORE_FAILURES = Counter(
    "baotin_clock_chore_failures", "Rounds of the clock's chores that failed.", ["chore"]
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


def record_fault(account: str, count: int = 1) -> None:
    """With a count of 0, the account's faults are known to be none so far."""
    _of(FAULTS, account).inc(count)


def record_alerts_told(way: str, ending: str, count: int) -> None:
    _of(ALERTS_TOLD, way, ending).inc(count)


def record_chore_failure(chore: str) -> None:
    _of(CHORE_FAILURES, chore).inc()
