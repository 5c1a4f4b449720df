"""What `baotin up` runs: stores, API, clock, workers and the sandbox of this machine."""

import asyncio
import shutil
import sys

from gateway.demo import Demo, rehearsal_accounts
from gateway.sandbox.__main__ import serve as serve_sandbox
from gateway.sandbox.simulators import config_from
from gateway.settings import Settings
from gateway.supervisor import Child, Stage, StoreUrls
from gateway.supervisor import run as supervise
from gateway.wiring import keyring_of

# A worker waits for the calls it has open, whose longest limit is a minute.
_WORKER_PATIENCE_S = 75.0


def run(settings: Settings) -> None:
    demo = Demo(settings)
    metrics_dir = settings.metrics.dir or settings.embedded.data_dir / "metrics"

    def prepare(urls: StoreUrls) -> dict[str, str]:
        # Counters of processes that are gone would otherwise be added up for ever.
        shutil.rmtree(metrics_dir, ignore_errors=True)
        metrics_dir.mkdir(parents=True)
        environment = demo.prepare(urls.database)
        return {
            **environment,
            "PROMETHEUS_MULTIPROC_DIR": str(metrics_dir.resolve()),
            # The API answers for all.
            "BAOTIN_METRICS_PORT": "0",
        }

    supervise(settings, _children(settings, demo), prepare)


def run_sandbox(settings: Settings) -> None:
    """The sandbox alone, for test keys of an installation that is no demo."""
    accounts = rehearsal_accounts(settings, keyring_of(settings))
    config = config_from({"account": accounts})
    asyncio.run(serve_sandbox(config, settings.sandbox.host, settings.sandbox.port))


def _children(settings: Settings, demo: Demo) -> list[Child]:
    apis = [
        Child(
            name=f"api-{number}",
            argv=_baotin("serve"),
            stage=Stage.API,
            ready_url=f"{settings.web.base_url}/readyz",
        )
        for number in range(1, settings.web.processes + 1)
    ]
    workers = [
        Child(
            name=f"worker-{number}",
            argv=_baotin("work"),
            stage=Stage.WORKERS,
            patience_s=_WORKER_PATIENCE_S,
        )
        for number in range(1, settings.deliver.processes + 1)
    ]
    clock = Child(name="clock", argv=_baotin("clock"), stage=Stage.CLOCK)
    return [*apis, clock, *workers, _sandbox(settings, demo)]


def _sandbox(settings: Settings, demo: Demo) -> Child:
    return Child(
        name="sandbox",
        argv=[
            *(sys.executable, "-m", "gateway.sandbox"),
            *("--config", str(demo.sandbox_file)),
            *("--host", settings.sandbox.host, "--port", str(settings.sandbox.port)),
        ],
        stage=Stage.SANDBOX,
        env={"PYTHONUNBUFFERED": "1"},
        ready_url=settings.sandbox.base_url,
    )


def _baotin(command: str) -> list[str]:
    return [sys.executable, "-m", "gateway", command]
