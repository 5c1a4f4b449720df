"""Plain RQ, one job per message: the producer, and a worker that forks or does not.

python -m bench.peers.rq_peer produce COUNT
python -m bench.peers.rq_peer work Worker|SimpleWorker
"""

import os
import sys
import uuid

import redis
import rq

from bench.peers import work


def main() -> None:
    connection = redis.Redis.from_url(os.environ["PEER_REDIS"])
    queue = rq.Queue("peer", connection=connection)
    if sys.argv[1] == "produce":
        for number in range(int(sys.argv[2])):
            message_id, phone = str(uuid.uuid4()), f"0912{number:06d}"
            work.write(message_id, phone)
            queue.enqueue(
                work.send, message_id, phone, work.facts(number), result_ttl=0, failure_ttl=60
            )
        return
    # Opened before a fork, so that the jobs of a forking worker need not connect each time.
    work.database()
    work.provider()
    worker = {"Worker": rq.Worker, "SimpleWorker": rq.SimpleWorker}[sys.argv[2]]
    worker([queue], connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
