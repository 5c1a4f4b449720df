"""Which notices are traced, and that nothing is while nobody wants it."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway import tracing
from gateway.domain.identity import uuid7
from gateway.traced import _Ids, recorder


@pytest.fixture
def kept() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(id_generator=_Ids())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing._record = tracing._of_a_share(recorder(provider), 0.5)
    yield exporter
    tracing._record = None


def _notice(random: int) -> UUID:
    return uuid7(1_700_000_000_000, random)


def test_nothing_is_noted_while_nobody_wants_it() -> None:
    tracing.start("", 1.0, "api")
    assert not tracing.is_on()
    assert tracing.now_ns() == 0
    tracing.record("accept", _notice(1), tracing.now_ns())


def test_a_share_of_notices_is_traced_and_each_of_them_as_a_whole(
    kept: InMemorySpanExporter,
) -> None:
    low, high = _notice(1), _notice((1 << 62) - 1)
    for notice in (low, high):
        for name in ("accept", "claim", "provider_call"):
            tracing.record(name, notice, tracing.now_ns(), step=0)
    spans = kept.get_finished_spans()
    assert [span.name for span in spans] == ["accept", "claim", "provider_call"]
    assert {span.context.trace_id for span in spans} == {low.int}


def test_any_process_finds_the_root_without_being_told(kept: InMemorySpanExporter) -> None:
    """Also before it: spans come in any order."""
    tracing.record("claim", _notice(5), tracing.now_ns())
    tracing.record("accept", _notice(5), tracing.now_ns())
    claim, root = kept.get_finished_spans()
    assert root.parent is None
    assert claim.parent is not None
    assert claim.parent.span_id == root.context.span_id


def test_what_began_untraced_is_not_noted(kept: InMemorySpanExporter) -> None:
    tracing.record("claim", _notice(5), 0)
    assert kept.get_finished_spans() == ()
