"""What each group of processes costs: CPU time and memory of its own, read from /proc."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Spent:
    """CPU seconds by group since a machine started."""

    by_group: Mapping[str, float]

    def since(self, before: "Spent") -> dict[str, float]:
        return {
            group: seconds - before.by_group.get(group, 0.0)
            for group, seconds in self.by_group.items()
        }


def spent(groups: Mapping[str, Iterable[int]]) -> Spent:
    """`groups` names process ids; children count with their parents, also those that ended."""
    return Spent({group: sum(map(_seconds, pids)) for group, pids in groups.items()})


def _seconds(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for one in family:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def uss_mib(pid: int) -> float:
    """Memory that only this process holds."""
    return float(psutil.Process(pid).memory_full_info().uss) / 2**20
