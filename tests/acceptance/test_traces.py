"""The trace of a notice, as a collector receives it from all processes together."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import UUID

import aiohttp
from aiohttp import web
from installation import Installation, event
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Install = Callable[..., Installation]
ALL = ("api", "worker-1", "clock", "sandbox")


class Collector:
    """Takes spans over OTLP/HTTP."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.url = ""

    async def __aenter__(self) -> "Collector":
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1/traces"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        encoded = await request.read()
        self.bodies.append(encoded)
        return web.Response(content_type="application/x-protobuf")

    def spans(self) -> Iterator[tuple[str, Span]]:
        """Each with the process that it is from."""
        for body in self.bodies:
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                told = {one.key: one.value.string_value for one in group.resource.attributes}
                for scope in group.scope_spans:
                    for span in scope.spans:
                        yield told["baotin.process"], span


async def test_a_notice_is_one_trace_from_post_to_report_over_all_processes(
    install: Install, session: aiohttp.ClientSession
) -> None:
    async with Collector() as collector:
        one = install(BAOTIN_TRACES_ENDPOINT=collector.url)
        one.prepare()
        one.start(*ALL)
        status, answer = await one.post(session, event(1))
        assert status == 202
        shown = answer["notifications"][0]["id"]
        ended = await one.ended(session, shown)
        # A process that ends hands over what it has.
        await asyncio.to_thread(one.stop)
        spans = list(collector.spans())
        sent = b"".join(collector.bodies)
    assert ended["state"] == "delivered"
    trace = UUID(hex=shown.removeprefix("ntf_")).bytes
    assert {span.trace_id for _, span in spans} == {trace}
    named = {span.name: (process, span) for process, span in spans}
    assert set(named) == {"accept", "claim", "provider_call", "receipt"}
    assert {name: process for name, (process, _) in named.items()} | {"receipt": "api"} == {
        "accept": "api",
        "claim": "worker",
        "provider_call": "worker",
        "receipt": "api",
    }
    root = named["accept"][1]
    assert root.parent_span_id == b""
    assert {span.parent_span_id for _, span in spans if span.name != "accept"} == {root.span_id}
    call = {one.key: one.value.string_value for one in named["provider_call"][1].attributes}
    assert (call["baotin.channel"], call["baotin.outcome"]) == ("zalo", "accepted")
    assert root.start_time_unix_nano < named["provider_call"][1].start_time_unix_nano
    for person in ("ÁNH", "0984", "84984765321", "000.00.12.H10"):
        assert person.encode() not in sent


_WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from gateway import tracing
tracing.start("http://127.0.0.1:1", 1.0, "api")
"""


def test_without_the_packages_the_start_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True)
    assert "ConfigurationError: traces.endpoint: install what it needs with" in done.stderr
