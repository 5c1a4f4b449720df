"""Gauges that one process sets as a whole."""

import math

from prometheus_client import REGISTRY

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind


def _alert(subject: str) -> float | None:
    labels = {"kind": "pool_shut", "subject": subject}
    return REGISTRY.get_sample_value("baotin_alerts", labels)


def test_what_is_over_is_zero_and_what_never_was_is_not_there() -> None:
    metrics.record_alerts([Alert(kind=AlertKind.POOL_SHUT, subject="first")])
    metrics.record_alerts([Alert(kind=AlertKind.POOL_SHUT, subject="second")])
    assert (_alert("first"), _alert("second"), _alert("third")) == (0, 1, None)


def test_an_account_is_stopped_for_one_reason_at_a_time() -> None:
    def stopped(reason: str) -> float | None:
        labels = {"account": "esms", "reason": reason}
        return REGISTRY.get_sample_value("baotin_account_stopped", labels)

    metrics.record_stops({"esms": "wallet_empty"})
    metrics.record_stops({"esms": "by_hand"})
    assert (stopped("wallet_empty"), stopped("by_hand")) == (0, 1)
    metrics.record_stops({})
    assert (stopped("wallet_empty"), stopped("by_hand")) == (0, 0)


def test_a_process_that_leads_no_more_forgets_what_it_knew() -> None:
    metrics.record_disk(1, 2)
    metrics.record_lanes({"zalo/live": 4}, {})
    metrics.forget_standing()
    free = REGISTRY.get_sample_value("baotin_disk_free_bytes")
    waiting = REGISTRY.get_sample_value("baotin_waiting_rows", {"lane": "zalo/live"})
    assert free is not None
    assert waiting is not None
    assert math.isnan(free)
    assert math.isnan(waiting)
