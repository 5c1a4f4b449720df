"""Clients written with the public CloudEvents library work as they are, over any HTTP client."""

import asyncio
import json
import urllib.request
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp
import pytest
import requests
from cloudevents.core.bindings.http import (
    HTTPMessage,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from installation import Installation, event

Install = Callable[..., Installation]
Post = Callable[[str, HTTPMessage, str], tuple[int, Any]]


def made(number: int) -> CloudEvent:
    posted = event(number)
    data = posted.pop("data")
    posted["time"] = datetime.fromisoformat(posted["time"])
    return CloudEvent(attributes=posted, data=data)


def batch(*numbers: int) -> HTTPMessage:
    """The library knows no batches: they are its structured events in an array."""
    events = [json.loads(to_structured_event(made(number)).body) for number in numbers]
    headers = {"content-type": "application/cloudevents-batch+json; charset=utf-8"}
    return HTTPMessage(headers=headers, body=json.dumps(events).encode())


def by_requests(url: str, message: HTTPMessage, key: str) -> tuple[int, Any]:
    headers = {**message.headers, "Authorization": f"Bearer {key}"}
    answer = requests.post(url, headers=headers, data=message.body, timeout=10)
    return answer.status_code, answer.json()


def by_urllib(url: str, message: HTTPMessage, key: str) -> tuple[int, Any]:
    headers = {**message.headers, "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, data=message.body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def by_aiohttp(url: str, message: HTTPMessage, key: str) -> tuple[int, Any]:
    async def post() -> tuple[int, Any]:
        headers = {**message.headers, "Authorization": f"Bearer {key}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=message.body, headers=headers) as answer,
        ):
            return answer.status, await answer.json()

    return asyncio.run(post())


@pytest.fixture
def api(install: Install) -> Installation:
    one = install()
    one.prepare()
    one.start("api")
    return one


@pytest.mark.parametrize("post", [by_requests, by_urllib, by_aiohttp])
def test_every_form_of_a_cloudevent_is_taken_and_means_the_same(
    api: Installation, post: Post
) -> None:
    url, key = f"{api.base_url}/v1/events", api.demo["api_key"]
    status, first = post(url, to_structured_event(made(1)), key)
    assert status == 202
    assert post(url, to_binary_event(made(1)), key) == (200, first)
    status, answer = post(url, batch(1, 2), key)
    assert status == 207
    assert [one["status"] for one in answer["results"]] == [200, 202]
    assert answer["results"][0]["notifications"] == first["notifications"]
