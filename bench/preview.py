"""How long staff wait for a preview while they type: every channel, twelve dossiers, as of p95.

A fresh ledger and a directory of two units; the text changes with every stroke, so that nothing is
found compiled. `python -m bench.preview` ends with status 1 where p95 is above the limit.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from gateway.embedded import EmbeddedPostgres
from gateway.ledger.database import Database
from gateway.ledger.migrate import migrate
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.facts import Surroundings
from gateway.rendering.procedures import Procedures
from gateway.rendering.publication import shipped
from gateway.rendering.samples import load_samples
from gateway.services.desk.examples import Examples
from gateway.services.desk.listing import Listing
from gateway.services.desk.preview import DeskPreview
from gateway.services.desk.proofs import Proofs
from gateway.services.desk.volume import Volume
from gateway.services.live_templates import publish_shipped
from gateway.wiring import CONFIG, TEMPLATES

LIMIT_MS = 100.0
STROKES = 120


async def _measure(url: str) -> dict[str, list[float]]:
    database = await Database.connect(url, size=2, statement_timeout_s=10)
    await publish_shipped(database, TEMPLATES)
    samples = load_samples(TEMPLATES / "samples.toml")
    around: Surroundings = samples[0].around
    proofs = Proofs(
        database=database,
        directory=lambda: around.directory,
        examples=Examples(samples, lambda: around),
        procedures=Procedures.load(CONFIG / "procedures.toml"),
        need_registration=(),
    )
    preview = DeskPreview(proofs, Volume(Listing(database)))
    found = {}
    for version in shipped(TEMPLATES):
        if version.key.kind == "result-ready":
            found[version.key.channel.value] = await _strokes(preview, version.body, version.key)
    await database.close()
    return found


async def _strokes(preview: DeskPreview, body: str, key: object) -> list[float]:
    about = DraftKey(
        kind=key.kind,  # type: ignore[attr-defined]
        channel=key.channel,  # type: ignore[attr-defined]
        language="vi",
        unit="",
    )
    took = []
    for stroke in range(STROKES):
        typed = body.replace("{{ centre }}", "{{ centre }}" + " " * stroke)
        began = time.perf_counter()
        shown = await preview.preview(about, typed)
        took.append((time.perf_counter() - began) * 1000)
        assert shown.shown
    return took


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baotin-preview-") as folder:
        server = EmbeddedPostgres(Path(folder), settings={})
        server.start()
        try:
            url = server.url("postgres")
            migrate(url)
            found = asyncio.run(_measure(url))
        finally:
            server.stop()
    slowest = 0.0
    for channel, took in found.items():
        p95 = statistics.quantiles(took, n=20)[-1]
        slowest = max(slowest, p95)
        print(f"{channel:6} p50 {statistics.median(took):6.1f} ms   p95 {p95:6.1f} ms")
    sys.exit(1 if slowest > LIMIT_MS else 0)


if __name__ == "__main__":
    main()
