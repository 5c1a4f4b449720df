"""What stands in Redis wakes workers and can do nothing else, whoever has put it there."""

import os
from pathlib import Path
from typing import Any

import pytest
import redis
from rq import Callback, Queue
from rq.job import Job, JobStatus
from rq.serializers import DefaultSerializer, JSONSerializer

from gateway.domain.notification import Lane
from workers.bells import DELIVER, SERIALIZER, SERVE_DESK, SERVE_LANE, Bells, is_bell
from workers.worker import OnlyBells


class Planted:
    """Runs a command where it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.file),)


@pytest.mark.parametrize("serializer", [JSONSerializer, DefaultSerializer], ids=["json", "pickle"])
def test_a_strange_job_is_not_run(redis_url: str, tmp_path: Path, serializer: Any) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        queue = Queue(DELIVER, connection=connection, serializer=serializer)
        pickled = (Planted(tmp_path / "unpickled"),) if serializer is DefaultSerializer else ()
        job = queue.enqueue("os.mkdir", str(tmp_path / "run"), *pickled)
        after = queue.enqueue(SERVE_DESK, "token", on_failure=Callback(_callback))
        work(connection)
        for one in (job, after):
            status = Job.fetch(one.id, connection=connection, serializer=serializer).get_status()
            assert status is JobStatus.FAILED
        assert connection.llen(queue.intermediate_queue_key) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_bell_is_one(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        assert Bells(connection, 2).ring(Lane(pool="sms"))
        [job] = Queue(DELIVER, connection=connection, serializer=SERIALIZER).jobs
        assert job.func_name == SERVE_LANE
        assert is_bell(job)


def work(connection: redis.Redis) -> None:
    queue = Queue(DELIVER, connection=connection)
    OnlyBells([queue], connection=connection, serializer=SERIALIZER).work(burst=True)


def _callback(*_: object) -> None:
    raise AssertionError("a callback of a strange job was called")
