"""All metrics in the Prometheus text format: of this process, or of all that share a folder.

With PROMETHEUS_MULTIPROC_DIR set every process writes its values into that folder and any of them
answers for all. Counters of processes that ended stay and are added up, so that none goes back;
gauges that only the living can vouch for go with their process, also with one that was killed.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

import psutil
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Metric,
    generate_latest,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_OF_THE_LIVING = re.compile(r"gauge_live[a-z]+_(\d+)\.db")


class _AllProcesses(MultiProcessCollector):
    def collect(self) -> Iterable[Metric]:
        _bury_the_dead(Path(os.environ[_FOLDER]))
        found: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return found


def exposition() -> bytes:
    return generate_latest(_registry())


def listen(host: str, port: int) -> None:
    """Answer on a port of this process, in a thread, for as long as it lives. For processes that
    have no API and no folder shared with one that has."""
    start_http_server(port, addr=host, registry=_registry())


def _registry() -> CollectorRegistry:
    if _FOLDER not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    _AllProcesses(registry)  # type: ignore[no-untyped-call]
    return registry


def _bury_the_dead(folder: Path) -> None:
    for file in folder.glob("gauge_live*.db"):
        found = _OF_THE_LIVING.fullmatch(file.name)
        if found and not psutil.pid_exists(int(found[1])):
            mark_process_dead(int(found[1]), str(folder))  # type: ignore[no-untyped-call]
