"""Traces of notices, from POST to provider and report, for those who collect OpenTelemetry.

Off unless `traces.endpoint` names a collector (`pip install 'baotin[otel]'`); until then it costs a
comparison. The trace of a notice has the id of the notice, so every process finds it without
anything being stored or passed on: accepting it is the root, whose number is made of the id, too.
No span names a person, and providers are sent no trace headers.
"""

import time
from typing import TYPE_CHECKING
from uuid import UUID

from gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from gateway.traced import Attributes, Record

# The random part of a UUIDv7 decides whether its notice is among those that are traced.
_RANDOM = (1 << 62) - 1

_record: "Record | None" = None
_provider: "TracerProvider | None" = None


def start(endpoint: str, share: float, process: str) -> None:
    """Trace this share of notices from now on. Raises ConfigurationError without the packages."""
    global _record, _provider
    if not endpoint:
        return
    try:
        from gateway.traced import provider_to, recorder
    except ImportError:
        raise ConfigurationError(
            "traces.endpoint: install what it needs with `pip install 'baotin[otel]'`"
        ) from None
    _provider = provider_to(endpoint, process)
    _record = _of_a_share(recorder(_provider), share)


def stop() -> None:
    """Hand over what was recorded last."""
    global _record, _provider
    if _provider is not None:
        _provider.shutdown()
    _record = _provider = None


def is_on() -> bool:
    return _record is not None


def now_ns() -> int:
    """When something began, for `record`; 0 while nothing is traced."""
    return time.time_ns() if _record is not None else 0


def record(name: str, notification: UUID, began_ns: int, **attributes: str | int) -> None:
    """A span that ends now. Without a beginning there is none: tracing began in between."""
    if _record is not None and began_ns:
        _record(name, notification, began_ns, attributes)


def _of_a_share(whole: "Record", share: float) -> "Record":
    limit = int(share * (_RANDOM + 1))

    def part(name: str, notification: UUID, began_ns: int, attributes: "Attributes") -> None:
        if notification.int & _RANDOM < limit:
            whole(name, notification, began_ns, attributes)

    return part
