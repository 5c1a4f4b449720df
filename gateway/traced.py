"""Spans by OpenTelemetry's SDK. Needs the extra `otel`; only `tracing` knows this module."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from uuid import UUID

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    set_span_in_context,
)

from gateway import __version__

Attributes = Mapping[str, str | int]
# The name of a span, its notification, when it began, and what it says.
Record = Callable[[str, UUID, int, Attributes], None]

ROOT = "accept"
_KINDS = {ROOT: SpanKind.SERVER, "provider_call": SpanKind.CLIENT, "receipt": SpanKind.SERVER}
_ROOT_OF: ContextVar[UUID | None] = ContextVar("root_of", default=None)


class _Ids(RandomIdGenerator):
    """Those of a root are made of its notification's id."""

    def generate_trace_id(self) -> int:
        root = _ROOT_OF.get()
        return super().generate_trace_id() if root is None else root.int

    def generate_span_id(self) -> int:
        root = _ROOT_OF.get()
        return super().generate_span_id() if root is None else _root_span(root)


def provider_to(endpoint: str, process: str) -> TracerProvider:
    provider = TracerProvider(
        resource=Resource.create(
            {
                "service.name": "baotin",
                "service.version": __version__,
                "baotin.process": process,
            }
        ),
        id_generator=_Ids(),
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider


def recorder(provider: TracerProvider) -> Record:
    tracer = provider.get_tracer("baotin")

    def record(name: str, notification: UUID, began_ns: int, attributes: Attributes) -> None:
        token = _ROOT_OF.set(notification if name == ROOT else None)
        try:
            tracer.start_span(
                name,
                context=set_span_in_context(_parent(name, notification)),
                kind=_KINDS.get(name, SpanKind.INTERNAL),
                attributes={f"baotin.{key}": value for key, value in attributes.items()},
                start_time=began_ns,
            ).end()
        finally:
            _ROOT_OF.reset(token)

    return record


def _parent(name: str, notification: UUID) -> NonRecordingSpan:
    """Nobody's child is the root; all others are its."""
    span = 0 if name == ROOT else _root_span(notification)
    return NonRecordingSpan(
        SpanContext(
            trace_id=notification.int if span else 0,
            span_id=span,
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
    )


def _root_span(notification: UUID) -> int:
    """The random half of the id: never 0, and another for each notice of a millisecond."""
    return notification.int & ((1 << 64) - 1)
