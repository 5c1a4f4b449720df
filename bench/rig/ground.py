"""The machine under a measurement: what it is, and whether its disk keeps what it says it keeps."""

import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

_TRIES = 200
_LOOPS = 200_000
_BLOCK = b"\0" * 8192
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


class UnfitGround(Exception):
    """The data folder would make the figures lie."""


def describe(folder: Path) -> dict[str, Any]:
    """The machine, and how long one 8 kB write takes to be on disk in `folder`, in milliseconds.

    Raises UnfitGround for a folder in memory, where durability costs nothing.
    """
    kind = file_system(folder)
    if kind in _IN_MEMORY:
        raise UnfitGround(
            f"{folder} lies on {kind}, where a commit costs nothing; name a folder on a disk in"
            " BENCH_DIR"
        )
    waits = sorted(_fsync_ms(folder))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "python_speed": python_speed(),
        "file_system": kind,
        "fsync_ms": {
            "p50": round(statistics.median(waits), 3),
            "p99": round(waits[int(len(waits) * 0.99)], 3),
        },
    }


def file_system(folder: Path) -> str:
    """The type of the file system that holds the folder."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, point, found, *_ = line.split()
        point = point.encode().decode("unicode_escape")
        inside = folder.resolve().is_relative_to(point)
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def _fsync_ms(folder: Path) -> list[float]:
    path = folder / "fsync-probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        # As PostgreSQL's log: the file has its length before, so that only data are flushed.
        os.write(descriptor, _BLOCK * _TRIES)
        os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        waits = []
        for _ in range(_TRIES):
            began = time.perf_counter()
            os.write(descriptor, _BLOCK)
            os.fdatasync(descriptor)
            waits.append((time.perf_counter() - began) * 1000)
        return waits
    finally:
        os.close(descriptor)
        path.unlink()


def python_speed() -> int:
    """How often a second this interpreter runs a loop of ordinary work, at its best of five: some
    builds of Python take two thirds longer than others, and a busy neighbour costs as much."""
    best = min(_timed_loops() for _ in range(5))
    return round(_LOOPS / best)


def _timed_loops() -> float:
    began = time.process_time()
    total = 0
    for number in range(_LOOPS):
        total += len({"number": str(number), "half": [number // 2, number]}["number"])
    return time.process_time() - began


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
