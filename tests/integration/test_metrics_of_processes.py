"""What processes measured together: that live, that were killed, and one that listens."""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from installation import free_port
from prometheus_client.parser import text_string_to_metric_families

_RECORD = """
import sys
from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
{does}
print("done", flush=True)
sys.stdin.read()
"""
_SHOW = "from gateway import metrics; print(metrics.exposition().decode())"


class Processes:
    """Python processes that share a folder and end with the test."""

    def __init__(self, folder: Path) -> None:
        self._env = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
        self._running: list[subprocess.Popen[str]] = []

    def start(self, *does: str) -> subprocess.Popen[str]:
        """One that has done this and lives on."""
        code = _RECORD.format(does="\n".join(does))
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running.append(process)
        assert process.stdout
        assert process.stdout.readline() == "done\n"
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.communicate()
        self._running.remove(process)

    def stop(self) -> None:
        for process in list(self._running):
            self.kill(process)

    def samples(self, name: str) -> dict[tuple[str, ...], float]:
        """What a further process shows, by the values of the labels."""
        command = [sys.executable, "-c", _SHOW]
        shown = subprocess.run(
            command, env=self._env, capture_output=True, text=True, check=True
        ).stdout
        return samples_of(shown, name)


def samples_of(text: str, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


@pytest.fixture
def processes(tmp_path: Path):
    started = Processes(tmp_path)
    yield started
    started.stop()


def test_counters_of_all_are_added_up_and_never_go_back(processes: Processes) -> None:
    one = processes.start('metrics.record_rescue("sms")', 'metrics.record_rescue("sms")')
    processes.start('metrics.record_rescue("sms")')
    assert processes.samples("baotin_leases_rescued_total") == {("sms",): 3}
    processes.kill(one)
    processes.start('metrics.record_rescue("sms")')
    assert processes.samples("baotin_leases_rescued_total") == {("sms",): 4}


def test_what_a_killed_process_vouched_for_goes_with_it(processes: Processes) -> None:
    worker = processes.start('metrics.record_breaker("esms", is_open=True)')
    processes.start('metrics.record_breaker("esms", is_open=True)')
    assert processes.samples("baotin_account_breaker_open") == {("esms",): 2}
    processes.kill(worker)
    assert processes.samples("baotin_account_breaker_open") == {("esms",): 1}


def test_a_dead_leader_leaves_nothing_but_the_time_of_its_last_round(processes: Processes) -> None:
    leader = processes.start(
        'metrics.record_lanes({"sms/live": 7}, {"sms/live": 70.0})', "metrics.record_tick()"
    )
    processes.start("pass")
    assert processes.samples("baotin_waiting_rows") == {("sms/live",): 7}
    [ticked] = processes.samples("baotin_clock_tick_timestamp_seconds").values()
    processes.kill(leader)
    assert processes.samples("baotin_waiting_rows") == {}
    assert processes.samples("baotin_clock_tick_timestamp_seconds") == {(): ticked}


def test_the_one_that_leads_now_is_believed(processes: Processes) -> None:
    processes.start('metrics.record_lanes({"sms/live": 7}, {})', "metrics.forget_standing()")
    processes.start('metrics.record_lanes({"sms/live": 3}, {})')
    assert processes.samples("baotin_waiting_rows") == {("sms/live",): 3}


def test_a_process_without_an_api_answers_on_a_port_of_its_own(processes: Processes) -> None:
    port = free_port()
    processes.start('metrics.record_rescue("voice")', f'metrics.listen("127.0.0.1", {port})')
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        shown = answer.read().decode()
    assert samples_of(shown, "baotin_leases_rescued_total") == {("voice",): 1}
