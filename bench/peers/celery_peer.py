"""Celery over Redis, one task per message.

python -m bench.peers.celery_peer COUNT                       # the producer
celery -A bench.peers.celery_peer worker -P prefork -c 4      # the workers
"""

import os
import sys
import uuid
from typing import Any

from celery import Celery

from bench.peers import work

app = Celery("peer", broker=os.environ["PEER_BROKER"])
app.conf.update(
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_send_task_events=False,
    # Two each in hand, so that no process waits for Redis between two messages.
    worker_prefetch_multiplier=2,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="send")  # type: ignore[untyped-decorator]
def send(message_id: str, phone: str, known: dict[str, Any]) -> None:
    work.send(message_id, phone, known)


def main() -> None:
    for number in range(int(sys.argv[1])):
        message_id, phone = str(uuid.uuid4()), f"0912{number:06d}"
        work.write(message_id, phone)
        send.delay(message_id, phone, work.facts(number))


if __name__ == "__main__":
    main()
