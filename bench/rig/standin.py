"""A lean stand-in for providers: answers after a fixed time, reports back if told to, counts.

Run as a process of its own on the sandbox's port, with the sandbox's configuration: it speaks the
wire of eSMS and of Zalo (and their token and template calls) as far as the gateway uses it, and
takes a source's callbacks. It checks nothing; the sandbox is there for that.
"""

import argparse
import asyncio
import json
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvloop

from bench.rig.http1 import Answer, Client, ServerSide, header, reply

_TOKEN = b"standin"


class Standin:
    """`told` maps a reference to its message, once taken. Times are monotonic seconds, which all
    processes of a machine share."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._zalo = next(one for one in config["account"] if one["provider"] == "zalo")
        self._templates = {
            template["id"]: _described(template)
            for account in config["account"]
            for template in account.get("template", ())
        }
        self.latency_s = 0.05
        self.receipts = False
        self.receipt_delay_s = 0.2
        self._clients: dict[str, Client] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._routes: dict[bytes, Callable[[bytes, bytes], bytes | None]] = {
            b"/zalo/message/template": self._zalo_send,
            b"/zalo/template/info/v2": self._zalo_template,
            b"/zalo/message/status": self._zalo_status,
            b"/zalo-oauth/v4/oa/access_token": self._zalo_token,
            b"/esms/MainService.svc/json/SendMultipleMessage_V4_post_json/": self._esms_send,
            b"/esms/MainService.svc/json/GetSendStatus": self._esms_status,
            b"/callback": self._callback,
            b"/standin/set": self._set,
            b"/standin/stats": self._stats,
            b"/standin/arrivals": self._arrivals,
            b"/standin/books": self._books,
            b"/standin/empty": self._empty,
        }
        self._slow = {b"/zalo/message/template"} | {
            path for path in self._routes if b"Send" in path
        }
        self._forget()

    def _forget(self) -> None:
        self.taken: dict[str, int] = defaultdict(int)
        self.arrived: dict[str, float] = {}
        self.calls = self.queries = self.callbacks = self.reported = self.refused = 0
        self.last_at = self.reported_at = self.told_at = 0.0

    def handle(self, head: bytes, body: bytes, answer: Answer) -> None:
        target = head.split(b" ", 2)[1]
        path, _, query = target.partition(b"?")
        route = self._routes.get(path)
        if route is None:
            answer(reply(b"{}", b"404 Not Found"))
            return
        told = route(body or query, head)
        wire = reply(b"", b"204 No Content") if told is None else reply(told)
        if path in self._slow:
            asyncio.get_running_loop().call_later(self.latency_s, answer, wire)
        else:
            answer(wire)

    def _took(self, reference: str, phone: str) -> None:
        self.taken[reference] += 1
        self.calls += 1
        self.last_at = self.arrived[phone[-9:]] = time.monotonic()

    def _zalo_send(self, body: bytes, head: bytes) -> bytes:
        if header(head, b"access_token") != _TOKEN:
            return b'{"error":-124,"message":"Access token invalid"}'
        fields = json.loads(body)
        self._took(fields["tracking_id"], fields["phone"])
        if self.receipts:
            self._later(lambda: self._report_zalo(fields["tracking_id"], fields["phone"]))
        return (
            b'{"error":0,"message":"Success","data":{"msg_id":"%s","sent_time":"1","quota":'
            b'{"dailyQuota":"500000","remainingQuota":"400000"}}}' % fields["tracking_id"].encode()
        )

    def _zalo_template(self, query: bytes, _head: bytes) -> bytes:
        wanted = dict(parse_qsl(query.decode()))["template_id"]
        data = self._templates.get(wanted)
        return json.dumps({"error": 0 if data else -109, "data": data or {}}).encode()

    def _zalo_status(self, _query: bytes, _head: bytes) -> bytes:
        return b'{"error":0,"data":{"status":1,"delivery_time":"1764000000000"}}'

    def _zalo_token(self, _body: bytes, _head: bytes) -> bytes:
        return b'{"access_token":"%s","refresh_token":"next","expires_in":"90000"}' % _TOKEN

    def _esms_send(self, body: bytes, _head: bytes) -> bytes:
        fields = json.loads(body)
        self._took(fields["RequestId"], fields["Phone"])
        if self.receipts:
            self._later(lambda: self._report_esms(fields["RequestId"], fields["CallbackUrl"]))
        return b'{"CodeResult":"100","CountRegenerate":"0","SMSID":"%s"}' % (
            fields["RequestId"].encode()
        )

    def _esms_status(self, query: bytes, _head: bytes) -> bytes:
        self.queries += 1
        asked = dict(parse_qsl(query.decode()))["RefId"]
        return (
            b'{"CodeResponse":"100","SMSID":"%s","SendStatus":5,"SendSuccess":1,"SendFailed":0,'
            b'"TotalReceiver":1,"TotalSent":1,"TotalPrice":800}' % asked.encode()
        )

    def _callback(self, _body: bytes, _head: bytes) -> None:
        self.callbacks += 1
        self.told_at = time.monotonic()

    def _set(self, body: bytes, _head: bytes) -> bytes:
        wishes = json.loads(body)
        self.latency_s = wishes.get("latency_ms", self.latency_s * 1000) / 1000
        self.receipts = wishes.get("receipts", self.receipts)
        self.receipt_delay_s = wishes.get("receipt_delay_ms", self.receipt_delay_s * 1000) / 1000
        return b"{}"

    def _stats(self, _body: bytes, _head: bytes) -> bytes:
        return json.dumps(
            {
                "calls": self.calls,
                "messages": len(self.taken),
                "doubled": sum(count > 1 for count in self.taken.values()),
                "queries": self.queries,
                "callbacks": self.callbacks,
                "reported": self.reported,
                "refused": self.refused,
                "last_at": self.last_at,
                "reported_at": self.reported_at,
                "told_at": self.told_at,
            }
        ).encode()

    def _arrivals(self, _body: bytes, _head: bytes) -> bytes:
        return json.dumps(self.arrived).encode()

    def _books(self, _body: bytes, _head: bytes) -> bytes:
        return json.dumps(self.taken).encode()

    def _empty(self, _body: bytes, _head: bytes) -> bytes:
        self._forget()
        return b"{}"

    def _later(self, report: Callable[[], Any]) -> None:
        def start() -> None:
            task = asyncio.get_running_loop().create_task(report())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        asyncio.get_running_loop().call_later(self.receipt_delay_s, start)

    async def _report_zalo(self, reference: str, phone: str) -> None:
        stamp = str(time.time_ns() // 1_000_000)
        body = json.dumps(
            {
                "event_name": "user_received_message",
                "app_id": self._zalo["app_id"],
                "sender": {"id": self._zalo["oa_id"]},
                "recipient": {"id": phone},
                "message": {"delivery_time": stamp, "msg_id": reference, "tracking_id": reference},
                "timestamp": stamp,
            }
        ).encode()
        app_id, secret = self._zalo["app_id"], self._zalo["oa_secret_key"]
        mac = sha256(app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()
        headers = (
            b"Content-Type: application/json\r\nX-ZEvent-Server: ZNS\r\n"
            b"X-ZEvent-Signature: mac=%s\r\n" % mac.encode()
        )
        await self._post(b"POST", self._zalo["webhook_url"], headers, body)

    async def _report_esms(self, reference: str, url: str) -> None:
        report = {
            "SMSID": reference,
            "SendStatus": "5",
            "SendSuccess": "1",
            "SendFailed": "0",
            "TotalPrice": "800",
            "RequestId": reference,
        }
        await self._post(b"GET", f"{url}?{urlencode(report)}", b"", b"")

    async def _post(self, method: bytes, url: str, headers: bytes, body: bytes) -> None:
        parts = urlsplit(url)
        client = self._clients.setdefault(parts.netloc, Client(url, limit=64))
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            status, _ = await client.request(method, target.encode(), headers, body)
        except OSError:
            status = 0
        if status == 200:
            self.reported += 1
            self.reported_at = time.monotonic()
        else:
            self.refused += 1


def _described(template: dict[str, Any]) -> dict[str, Any]:
    return {
        "templateId": template["id"],
        "templateName": template["name"],
        "status": "ENABLE",
        "timeout": 7_200_000,
        "listParams": [
            {
                "name": param["name"],
                "require": True,
                "type": "STRING",
                "minLength": 0,
                "maxLength": param["max_length"],
                "acceptNull": False,
            }
            for param in template["params"]
        ],
    }


async def _serve(standin: Standin, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: ServerSide(standin.handle), "127.0.0.1", port, backlog=1024
    )
    async with server:
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rig.standin")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    chosen = parser.parse_args()
    uvloop.run(_serve(Standin(json.loads(chosen.config.read_text())), chosen.port))


if __name__ == "__main__":
    main()
