"""Dashboards: every panel's question is PromQL about series and labels that exist; and what a
live installation exposes is what rules and dashboards ask for."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml
from installation import Installation, event
from prometheus_client.parser import text_string_to_metric_families
from promtool import check_expressions, needs_promtool, promtool
from vocabulary import CONFIG, measured, recorded, rules, spoken_of, unknown_words

from gateway.embedded import EmbeddedRedis

_GRAFANA = CONFIG / "grafana"
_BOARDS = {
    file.stem: json.loads(file.read_text())
    for file in sorted((_GRAFANA / "dashboards").glob("*.json"))
}
_PANELS = [(name, panel) for name, board in _BOARDS.items() for panel in board["panels"]]
_VARIABLE = re.compile(r"\$(\w+)")


def _questions() -> Iterator[tuple[str, str]]:
    """Every expression of rules and panels, by where it stands."""
    for rule in rules():
        yield rule.get("alert") or rule["record"], rule["expr"]
    for board, panel in _PANELS:
        for target in panel["targets"]:
            where = f"{board}/{panel['title']}/{target['refId']}"
            yield where, target["expr"].replace("$__rate_interval", "1m")


_QUESTIONS = dict(_questions())


@pytest.mark.parametrize("where", _QUESTIONS)
def test_every_question_is_about_series_and_labels_that_exist(where: str) -> None:
    assert spoken_of(_QUESTIONS[where])
    assert unknown_words(_QUESTIONS[where]) == set()


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("sum(baotin_nothing_total)", {"baotin_nothing_total"}),
        ('baotin_alerts{person="x"}', {"baotin_alerts{person}"}),
        ("sum by (kind, unit) (baotin_alerts)", {"by (unit)"}),
        ("rate(baotin_events_total[1m]) / up", set()),
    ],
)
def test_a_mistake_would_be_seen(expression: str, wrong: set[str]) -> None:
    assert unknown_words(expression) == wrong


@needs_promtool
def test_every_question_of_a_panel_is_promql(tmp_path: Path) -> None:
    panels = [text for where, text in _QUESTIONS.items() if "/" in where]
    plain = [_VARIABLE.sub("all", text) for text in panels]
    check_expressions({f"panel_{n}": text for n, text in enumerate(plain)}, tmp_path)


@pytest.mark.parametrize(
    "rule", [one for one in rules() if "record" in one], ids=lambda r: r["record"]
)
def test_a_recorded_series_is_named_for_the_labels_it_keeps(rule: dict[str, Any]) -> None:
    kept = re.findall(r"\bby \(([^)]*)\)", rule["expr"])
    labels = {label.strip() for group in kept for label in group.split(",") if label}
    assert labels == recorded()[rule["record"]]


@pytest.mark.parametrize("board", _BOARDS.values(), ids=_BOARDS.keys())
def test_a_dashboard_asks_one_source_and_names_its_panels(board: dict[str, Any]) -> None:
    source = yaml.safe_load((_GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    [uid] = [one["uid"] for one in source["datasources"]]
    panels = board["panels"]
    asked = {target["datasource"]["uid"] for panel in panels for target in panel["targets"]}
    assert asked == {uid}
    assert (
        len({panel["title"] for panel in panels}) == len({p["id"] for p in panels}) == len(panels)
    )
    variables = {one["name"] for one in board["templating"]["list"]}
    used = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in _VARIABLE.findall(target["expr"])
    }
    assert used - {"__rate_interval"} == variables


def test_no_two_dashboards_have_one_address() -> None:
    assert len({board["uid"] for board in _BOARDS.values()}) == len(_BOARDS) == 4


# Of what rules and dashboards ask for, this does not happen in the run below.
_NOT_HERE = {
    *("baotin_render_failures_total", "baotin_callbacks_total", "baotin_prompts_missing_total"),
    *("baotin_enquiries_total", "baotin_texts_total", "baotin_leases_rescued_total"),
    *("baotin_clock_chore_failures_total", "baotin_certificate_expiry_timestamp_seconds"),
    *("baotin_disk_free_bytes", "baotin_disk_size_bytes", "baotin_unmatched_receipts_rows"),
}


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, module_database_url: str, redis_server: EmbeddedRedis
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("monitored")
    one = Installation(folder, module_database_url, redis_server.url(), {})
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    yield one
    one.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exposed(running: Installation) -> str:
    """What /metrics answers once notices went over every channel, one account ran out of money,
    and the clock has looked at everything."""
    wanted = {name for text in _QUESTIONS.values() for name in spoken_of(text)}
    wanted = {name for name in wanted if name in measured()} - _NOT_HERE
    async with aiohttp.ClientSession() as session:
        for number, phone in enumerate(("0984765321", "0900000043", "02713568123")):
            status, answer = await running.post(session, event(number, phone))
            assert status == 202
            await running.ended(session, answer["notifications"][0]["id"])
        # The last one finds an empty wallet.
        status, _ = await running.post(session, event(9, "0900000040"))
        assert status == 202
        for _ in range(300):
            async with session.get(f"{running.base_url}/metrics") as answer:
                text = await answer.text()
            if wanted <= set(_series(text)):
                return text
            await asyncio.sleep(0.2)
    raise AssertionError(f"never exposed: {wanted - set(_series(text))}\n{running.logs()[-3000:]}")


def _series(text: str) -> dict[str, set[frozenset[str]]]:
    found: dict[str, set[frozenset[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).add(frozenset(sample.labels))
    return found


@needs_promtool
def test_a_live_exposition_follows_the_conventions(exposed: str) -> None:
    assert promtool("check", "metrics", text=exposed) == ""


def test_a_live_installation_exposes_what_is_defined_with_the_same_labels(exposed: str) -> None:
    known = {name: {labels} for name, labels in measured().items()}
    assert {n: labels for n, labels in _series(exposed).items() if labels != known.get(n)} == {}


def test_no_person_stands_in_what_is_exposed(exposed: str) -> None:
    values = {
        value
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
        for value in sample.labels.values()
    }
    assert [one for one in values if re.search(r"\d{8,}|000\.00|[À-ỹ]", one)] == []
    assert len(values) < 200
