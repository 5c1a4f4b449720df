"""Which series there are and which labels each has; and which of them an expression speaks of."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from gateway.metrics import counted, standing

CONFIG = Path(__file__).parents[3] / "config"
RULES = sorted((CONFIG / "prometheus" / "rules").glob("*.yml"))
# Every scrape adds these; `le` stands in buckets only.
_SCRAPED = frozenset({"job", "instance"})
_OF_OTHERS: Mapping[str, frozenset[str]] = {
    "up": _SCRAPED,
    "process_cpu_seconds_total": _SCRAPED,
    "process_resident_memory_bytes": _SCRAPED,
    "node_filesystem_avail_bytes": _SCRAPED | {"mountpoint", "fstype", "device"},
    "node_filesystem_size_bytes": _SCRAPED | {"mountpoint", "fstype", "device"},
}
_SERIES = re.compile(r"(?<![\w:$])((?:\w+:)?baotin[_:][\w:]+|up|node_\w+|process_\w+)(\{[^}]*\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")
_GROUPED = re.compile(r"\b(?:by|on|without|ignoring) \(([^)]*)\)")


def measured() -> dict[str, frozenset[str]]:
    """The series that the gateway can expose, with the labels of each."""
    found: dict[str, frozenset[str]] = {}
    for value in [*vars(counted).values(), *vars(standing).values()]:
        metric = value._gauge if isinstance(value, standing.LedGauge) else value
        if isinstance(metric, MetricWrapperBase):
            labels = frozenset(metric._labelnames)
            found |= {name: labels | more for name, more in _names(metric)}
    return found


def _names(metric: MetricWrapperBase) -> Iterator[tuple[str, frozenset[str]]]:
    match metric:
        case Counter():
            yield f"{metric._name}_total", frozenset()
        case Histogram():
            yield f"{metric._name}_bucket", frozenset({"le"})
            yield f"{metric._name}_count", frozenset()
            yield f"{metric._name}_sum", frozenset()
        case _:
            yield metric._name, frozenset()


def rules() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def recorded() -> dict[str, frozenset[str]]:
    """The series that recording rules make; the first part of a name lists the labels."""
    names = [rule["record"] for rule in rules() if "record" in rule]
    return {
        name: frozenset() if level == "baotin" else frozenset(level.split("_"))
        for name in names
        for level in [name.partition(":")[0]]
    }


def spoken_of(expression: str) -> dict[str, set[str]]:
    """The series of an expression, each with the labels that it is asked for by."""
    found: dict[str, set[str]] = {}
    for name, braces in _SERIES.findall(expression):
        found.setdefault(name, set()).update(_MATCHER.findall(braces))
    return found


def unknown_words(expression: str) -> set[str]:
    """Series and labels of an expression that do not exist."""
    known = {name: labels | _SCRAPED for name, labels in measured().items()}
    known |= recorded() | _OF_OTHERS
    wrong = set()
    labels: set[str] = set()
    for name, asked in spoken_of(expression).items():
        wrong |= {f"{name}{{{label}}}" for label in asked - known.get(name, frozenset())}
        wrong |= set() if name in known else {name}
        labels |= known.get(name, frozenset())
    grouped = {one.strip() for group in _GROUPED.findall(expression) for one in group.split(",")}
    return wrong | {f"by ({label})" for label in grouped - labels}
